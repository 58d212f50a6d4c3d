"""What corrections of prior periods did to an opening."""

from dataclasses import dataclass


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
    """

    entity: str
    retained: int
    retained_nci: int
    cta_reported: int
    cta_restated: int
    cta_nci: int = 0

    @property
    def retained_parent(self) -> int:
        """The owners' part of what retained earnings open with."""
        return self.retained - self.retained_nci

    @property
    def cta(self) -> int:
        """What the CTA opens with beyond what was reported."""
        return self.cta_restated - self.cta_reported
