"""Corrections of prior periods, and what they did to an opening."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Correction:
    """
    A material error of an earlier fiscal year, corrected in the opening of a later one.

    Attributes:
        entity: Short code.
        account: Equity account that opened wrongly, standard chart.
        amount: Minor units of the company's currency, debit positive: what the account
            opens with beyond what the close before left.
        origin: The month the error belongs to (`2023-11`), or the fiscal year (`2023`).
        since: First month whose books hold the correction.
        reference: Tells two of one account apart.
        reason: What was wrong.

    Source:
        IAS 8.42; ASC 250-10-45-23.
    """

    entity: str
    account: str
    amount: int
    origin: str
    since: str
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Restatement:
    """
    One entity's opening, restated; presentation currency, credit positive.

    Attributes:
        entity: Short code.
        retained: What retained earnings open with beyond what was reported.
        retained_nci: The outsiders' part of it.
        cta_reported: CTA as the last close left it.
        cta_restated: CTA as it opens.
        cta_nci: The outsiders' part of the difference.
        reserves: Of *retained*, what accounts beside that of retained earnings open with.
    """

    entity: str
    retained: int
    retained_nci: int
    cta_reported: int
    cta_restated: int
    cta_nci: int = 0
    reserves: int = 0

    @property
    def retained_parent(self) -> int:
        """The owners' part of what retained earnings open with."""
        return self.retained - self.retained_nci

    @property
    def cta(self) -> int:
        """What the CTA opens with beyond what was reported."""
        return self.cta_restated - self.cta_reported
