"""Parts of a company under equity pick-up sold, and more of it bought: nothing of it remains."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from monthclose.consolidation.pickup_months import PickupChanged
from monthclose.ledger.changes import ChangeKind
from tests.changes.chain import closed, under, wrong
from tests.changes.pickup import PickupTale
from tests.changes.tale import MONTHS, Deal, Tale

SOLD, MORE, ALL = ChangeKind.PARTIAL_DISPOSAL, ChangeKind.INCREASE, ChangeKind.DISPOSAL
MOVED = [300, -120, 77, 40, 5, -9, 60, 31, 22, -13, 44, 18, 3, 7, -5, 9]
"""What rates did to P's own reserve, month by month."""


@dataclass(frozen=True)
class Life:
    """Deals, and what P owns of S from which day."""

    deals: Sequence[Deal]
    shares: dict[str, str]

    def under_pickup(self, owner: str, owned: str, moved: Sequence[int] = ()) -> PickupTale:
        """With P's books under equity pick-up."""
        return PickupTale(self.deals, owner=owner, owned=owned, shares=self.shares, moved=moved)

    def at_cost(self, owner: str, owned: str) -> Tale:
        """With S at cost in P's books."""
        return Tale(self.deals, owner=owner, owned=owned, shares=self.shares)


LIVES = {
    "a part": Life(
        [Deal(SOLD, "2025-06-30", "20", "500.00", "1.00")],
        {"2025-01-01": "80", "2025-06-30": "60"},
    ),
    "more": Life(
        [Deal(MORE, "2025-12-31", "10", "300.00", "300.00")],
        {"2025-01-01": "80", "2025-12-31": "90"},
    ),
    "thrice": Life(
        [
            Deal(MORE, "2025-04-30", "10", "300.00", "300.00"),
            Deal(SOLD, "2025-09-30", "30", "700.00", "1.00"),
            Deal(SOLD, "2026-01-31", "5", "90.00", "1.00"),
        ],
        {"2025-01-01": "80", "2025-04-30": "90", "2025-09-30": "60", "2026-01-31": "55"},
    ),
    "a part, then all": Life(
        [
            Deal(SOLD, "2025-03-31", "20", "500.00", "1.00"),
            Deal(ALL, "2025-08-31", "60", "1500.00", "999.00"),
        ],
        {"2025-01-01": "80", "2025-03-31": "60", "2025-08-31": "0"},
    ),
}
PAIRS = [("BRL", "BRL"), ("USD", "USD"), ("USD", "EUR"), ("BRL", "EUR")]


def moved_by(life: str, owner: str, owned: str) -> Sequence[int]:
    """The reserve of a holder in another currency, but for a company that is sold whole."""
    return () if owner == owned or life == "a part, then all" else MOVED


@pytest.mark.parametrize("chained", [False, True], ids=["P on top", "T over P"])
@pytest.mark.parametrize(("owner", "owned"), PAIRS)
@pytest.mark.parametrize("life", LIVES)
def test_every_month_is_proved_and_opens_as_it_was_closed(
    life: str, owner: str, owned: str, chained: bool
):
    tale = LIVES[life].under_pickup(owner, owned, moved_by(life, owner, owned))
    books = closed(*under(tale.group, tale.books())) if chained else tale.close()
    assert wrong(books) == []


@pytest.mark.parametrize(("owner", "owned"), PAIRS)
@pytest.mark.parametrize("life", LIVES)
def test_the_group_is_what_it_is_with_the_company_at_cost(life: str, owner: str, owned: str):
    """Another road: the same group, P's books at cost. Pick-up is P's own view of S."""
    tale = LIVES[life].under_pickup(owner, owned, moved_by(life, owner, owned))
    at_cost = LIVES[life].at_cost(owner, owned).close()
    bound = 0 if owner == "USD" else 4 * len(MONTHS)
    for one, other in zip(tale.close(), at_cost, strict=True):
        for name in (
            "total_assets",
            "total_equity",
            "net_income",
            "net_income_nci",
            "non_controlling_interests",
        ):
            apart = getattr(one.totals, name) - getattr(other.totals, name)
            assert abs(apart) <= bound, (one.period, name)
        for made, known in zip(one.changes, other.changes, strict=True):
            assert abs(made.adjustment - known.adjustment) <= bound
            assert abs(made.cta_recycled - known.cta_recycled) <= bound


def test_a_company_sold_whole_with_a_translation_reserve_is_refused():
    """Its reserve leaves P's books for the result, which no record of pick-up says."""
    life = Life([Deal(ALL, "2025-08-31", "80", "1500.00", "1.00")],
                {"2025-01-01": "80", "2025-08-31": "0"})  # fmt: skip
    tale = life.under_pickup("USD", "EUR", MOVED)
    with pytest.raises(PickupChanged, match="translation reserve"):
        tale.close()
