"""Entries beside the books of a company that is sold, whole or in part."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.manual import ManualShareChanged
from monthclose.ledger.adjustments import Adjustment, AdjustmentStands
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName
from monthclose.ledger.reconciliation import Effect
from tests.consolidation.groups import CODES, engine, holds, lived
from tests.consolidation.test_policy import DEVELOPMENT, RATES, described, entry

DAY = date(2026, 1, 31)
OWN = {"capital": -1000_00, "revenue": -100_00, "expenses": 300_00}


def sold(kind: ChangeKind, percent: int, *adjustments: Adjustment) -> Group:
    """On 31 January P sells so much of the 70 % it has of S, 40.00 above what it carries."""
    group = described(*adjustments)
    cost = 175_00 * percent // 70
    change = OwnershipChange(
        entity="S",
        holder="P",
        kind=kind,
        on=DAY,
        share=Fraction(percent, 100),
        proceeds=cost + 40_00,
        cost=cost,
        gain=40_00,
        investment_account=CODES["investment"][0],
        gain_account=CODES["revenue"][0],
    )
    left = holds("P", "S", str(70 - percent), since=str(DAY))
    return replace(group, interests=(*group.interests, left), changes=(change,))


def books(percent: int, posted: int = 0) -> list[TrialBalance]:
    """The books of both, of S until it is sold; *posted*: what it capitalised itself."""
    cost = 175_00 * percent // 70
    held = [{"capital": -175_00, "investment": 175_00}, {}]
    held += [{"investment": -cost, "revenue": -40_00}, {}]
    own = [OWN | ({"receivables": posted, "expenses": 300_00 - posted} if posted else {})]
    theirs = [*own, {}, {}] if percent == 70 else [*own, {}, {}, {}]
    return [*lived("P", held, "2025-11", "USD"), *lived("S", theirs, "2025-11")]


def closed(group: Group, balances: list[TrialBalance]) -> dict[str, Book]:
    """Every month's book, each seen to be without a blocking finding."""
    made, found, last = engine(group, *balances), dict[str, Book](), None
    for period in RATES:
        found[period] = made.consolidate(period)
        assert validate(found[period], last).blocking == ()
        last = found[period].left()
    return found


@pytest.mark.parametrize(
    ("kind", "percent"), [(ChangeKind.PARTIAL_DISPOSAL, 10), (ChangeKind.DISPOSAL, 70)]
)
class TestPolicy:
    def test_what_stands_beside_the_books_is_sold_with_them(self, kind, percent):
        """Net assets of the day, gain and CTA are those of a company that booked it itself."""
        beside = closed(sold(kind, percent, DEVELOPMENT[0]), books(percent))
        inside = closed(sold(kind, percent), books(percent, posted=120_00))
        for period, book in beside.items():
            assert book.totals == inside[period].totals
            assert book.changes == inside[period].changes
        assert len(beside["2026-01"].changes) == 1


class TestManual:
    MANUAL = tuple(replace(each, layer=LayerName.MANUAL) for each in DEVELOPMENT)

    def test_an_entry_that_stands_while_a_part_is_sold_is_refused(self):
        with pytest.raises(ManualShareChanged) as error:
            closed(sold(ChangeKind.PARTIAL_DISPOSAL, 10, *self.MANUAL), books(10))
        assert (error.value.entry, error.value.on) == ("2025-11 D-1", "2026-01-31")

    def test_one_that_is_made_afterwards_is_shared_as_it_is_owned_then(self):
        """50.00 of February at 0.40: 20.00 of loss, of which outsiders have 40 %."""
        late = entry("D-9", "2026-02", LayerName.MANUAL, payables="-50.00", expenses="50.00")
        with_it = closed(sold(ChangeKind.PARTIAL_DISPOSAL, 10, late), books(10))["2026-02"]
        without = closed(sold(ChangeKind.PARTIAL_DISPOSAL, 10), books(10))["2026-02"]
        apart = with_it.totals.net_income_nci - without.totals.net_income_nci
        assert (apart, with_it.totals.net_income - without.totals.net_income) == (-8_00, -20_00)

    def test_of_a_company_that_is_sold_it_has_to_be_reversed(self):
        group = sold(ChangeKind.DISPOSAL, 70, *self.MANUAL)
        with pytest.raises(AdjustmentStands):
            closed(group, books(70))
        gone = entry("D-4", "2026-01", LayerName.MANUAL, receivables="-80.00", expenses="80.00")
        reversed_ = replace(group, adjustments=(*group.adjustments, gone))
        book = closed(reversed_, books(70))["2026-02"]
        assert book.figure(CODES["receivables"][0]) == 0


def test_of_a_company_sold_what_leads_to_the_other_framework_is_reversed():
    """
    120.00 were expensed by US GAAP in November: -24.00 at 0.20, -19.20 as 2025 ended.

    They come back at January's average with the company: 120.00 x 0.20 = 24.00, and what is
    left of the change is translation: 19.20 - 24.00.
    """
    lines = {"receivables": "-120.00", "expenses": "120.00"}
    made = entry("G-1", "2025-11", LayerName.GAAP, **lines)
    group = sold(ChangeKind.DISPOSAL, 70, made)
    with pytest.raises(AdjustmentStands):
        closed(group, books(70))
    back = entry("G-2", "2026-01", LayerName.GAAP, receivables="120.00", expenses="-120.00")
    months = closed(replace(group, adjustments=(made, back)), books(70))
    for period in ("2026-01", "2026-02"):
        found = months[period].reconciliation
        assert found is not None
        assert found.whole == Effect(opening=-19_20, profit=24_00, cta=-4_80)
        assert found.outside.closing == 0
