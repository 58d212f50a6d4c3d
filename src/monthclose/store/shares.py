"""Shares as the database keeps them: fractions with eight decimals."""

from fractions import Fraction

from monthclose.ledger.entities import SHARE_UNIT
from monthclose.ledger.errors import CloseError
from monthclose.store.lookup import decimal


class ShareTooFine(CloseError):
    """A share with more than eight decimals as a fraction."""

    code = "import-share-too-fine"

    def __init__(self, subject: str, share: Fraction) -> None:
        super().__init__(subject=subject, share=str(share))


def share_text(share: Fraction, subject: str) -> str:
    """
    A share as a fraction of eight decimals.

    Raises:
        ShareTooFine: it has more, and would have to be rounded.
    """
    units = share * SHARE_UNIT
    if units.denominator != 1:
        raise ShareTooFine(subject, share)
    return decimal(units.numerator, 8)
