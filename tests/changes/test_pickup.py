"""Parts of a company under equity pick-up sold, and more of it bought: nothing of it remains."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from monthclose.consolidation.pickup_months import PickupChanged
from monthclose.ledger.changes import ChangeKind
from tests.changes.chain import closed, under, wrong
from tests.changes.pickup import RESERVE, PickupTale
from tests.changes.tale import GAIN, MONTHS, Deal, Tale
from tests.consolidation.groups import engine

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
    "all": Life(
        [Deal(ALL, "2025-12-31", "80", "1500.00", "1000.00")],
        {"2025-01-01": "80", "2025-12-31": "0"},
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


def moved_by(owner: str, owned: str) -> Sequence[int]:
    """A holder in another currency has a reserve, which a company sold whole takes along."""
    return () if owner == owned else MOVED


@pytest.mark.parametrize("chained", [False, True], ids=["P on top", "T over P"])
@pytest.mark.parametrize(("owner", "owned"), PAIRS)
@pytest.mark.parametrize("life", LIVES)
def test_every_month_is_proved_and_opens_as_it_was_closed(
    life: str, owner: str, owned: str, chained: bool
):
    tale = LIVES[life].under_pickup(owner, owned, moved_by(owner, owned))
    books = closed(*under(tale.group, tale.books())) if chained else tale.close()
    assert wrong(books) == []


@pytest.mark.parametrize(("owner", "owned"), PAIRS)
@pytest.mark.parametrize("life", LIVES)
def test_the_group_is_what_it_is_with_the_company_at_cost(life: str, owner: str, owned: str):
    """Another road: the same group, P's books at cost. Pick-up is P's own view of S."""
    tale = LIVES[life].under_pickup(owner, owned, moved_by(owner, owned))
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


def test_a_reserve_goes_to_the_result_and_the_groups_own_cta_takes_its_place():
    """
    P's reserve of seven months and August is 3.00 - 1.20 + 0.77 + 0.40 + 0.05 - 0.09 + 0.60 + 0.31.

    Its books show 3.84 more of gain, which the group undoes: its own gain and CTA are what
    they are with S at cost.
    """
    life = LIVES["a part, then all"]
    august = life.under_pickup("USD", "EUR", MOVED).close(MONTHS[7:8])[0]
    (purchase,) = [each for each in august.facts.acquisitions if each.pickup]
    assert purchase.pickup is not None
    assert (purchase.pickup.recycled, purchase.pickup.recycled_account) == (3_84, GAIN)
    (undone,) = [each for each in august.entries if each.kind == "equity_pickup"]
    assert sum(each.amount for each in undone.lines if each.account == GAIN) == 3_84
    assert august.figure(RESERVE) == 0
    other = life.at_cost("USD", "EUR").close(MONTHS[7:8])[0]
    assert august.figure(GAIN) == other.figure(GAIN)


def test_a_part_that_is_kept_is_refused():
    """As an associate it would go on in the same books from another amount."""
    tale = LIVES["a part"].under_pickup("USD", "EUR", MOVED)
    (change,) = tale.changes
    kept = replace(
        change, kind=ALL, retained_fair_value=100_00, retained_cost=90_00, retained_account="1010"
    )
    refused = engine(replace(tale.group, changes=(kept,)), *tale.books())
    with pytest.raises(PickupChanged, match="2025-06-30"):
        refused.consolidate("2025-06")
