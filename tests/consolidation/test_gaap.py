"""From IFRS to US GAAP: entries translated, attributed, and held against a second road."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monthclose.analysis.validation import validate
from monthclose.consolidation.gaap import reconcile
from monthclose.consolidation.policy import AdjustmentAccount
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import NciMethod
from monthclose.ledger.adjustments import Adjustment, AdjustmentStands, Topic
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName
from monthclose.ledger.rates import MissingRate
from monthclose.ledger.reconciliation import Effect, ReconciledItem
from tests.consolidation.groups import CHART, CODES, balance, bought, cents, engine, holds, lived
from tests.consolidation.test_policy import RATES, books, described

TAX, DEFERRED, ASSET, MEASURED = "6910", "2500", CODES["receivables"][0], "1600"
EXPENSES, COSTS = CODES["expenses"][0], CODES["costs"][0]
CHART_WITH_TAX = chart_of(
    (
        *CHART.accounts,
        Account(TAX, "Deferred tax", AccountClass.EXPENSE, deferred_tax=True),
        Account(DEFERRED, "Deferred tax", AccountClass.LIABILITY, deferred_tax=True),
    )
)


def entry(
    id: str,
    period: str,
    lines: Mapping[str, str],
    topic: Topic = Topic.DEVELOPMENT_COST,
    entity: str = "S",
) -> Adjustment:
    """An entry to the other framework by account, debit positive."""
    amounts = {account: cents(text) for account, text in lines.items()}
    return Adjustment(id, period, LayerName.GAAP, entity, amounts, f"because of {id}", topic)


def group_with(*adjustments: Adjustment) -> Group:
    """A parent in dollars and 70 percent of a company in reais, with deferred tax."""
    return replace(described(*adjustments), chart=CHART_WITH_TAX)


def closed(group: Group, balances: Sequence[TrialBalance] | None = None) -> dict[str, Book]:
    """Every month's book, each seen to be without a blocking finding."""
    made, found, last = engine(group, *(balances or books())), dict[str, Book](), None
    for period in RATES:
        found[period] = made.consolidate(period)
        assert validate(found[period], last).blocking == ()
        last = found[period].left()
    return found


def only(book: Book) -> ReconciledItem:
    """The one item of a reconciliation."""
    assert book.reconciliation is not None
    (item,) = book.reconciliation.items
    return item


OVER_THE_MONTH = {ASSET: "20.00", EXPENSES: "-20.00", DEFERRED: "-6.80", TAX: "6.80"}
DEVELOPMENT = (
    entry(
        "G-1",
        "2025-11",
        {ASSET: "-120.00", EXPENSES: "120.00", DEFERRED: "40.80", TAX: "-40.80"},
    ),
    entry("G-2", "2025-12", OVER_THE_MONTH),
    entry("G-3", "2026-01", OVER_THE_MONTH),
)
"""Development cost of 120.00 that the books capitalised and write off over six months."""


class TestDevelopmentCost:
    """
    An expense by ASC 730, over two fiscal years, tax at 34 %, outsiders at 30 %.

    November: 120.00 at 0.25 are 30.00, tax of 40.80 is 10.20. What stands, -120.00 + 40.80,
    is -24.00 + 8.16 = -15.84 at 0.20; CTA -15.84 + 30.00 - 10.20 = 3.96, which is
    -79.20 x (0.20 - 0.25).

    December: 20.00 come back at 0.20: profit -26.00, tax 10.20 - 1.36 = 8.84. What stands,
    -100.00 + 34.00 at 0.16, is -10.56; CTA -10.56 + 26.00 - 8.84 = 6.60, which is
    -79.20 x (0.16 - 0.25) + 13.20 x (0.16 - 0.20) = 7.128 - 0.528.

    January: opens at -10.56; profit 4.00, tax -1.36; what stands, -80.00 + 27.20 at 0.25, is
    -13.20; CTA -13.20 + 10.56 - 2.64 = -5.28: -66.00 x (0.25 - 0.16) + 13.20 x 0.05.
    """

    def test_moves_profit_tax_cta_and_equity(self):
        found = [only(book).whole for book in closed(group_with(*DEVELOPMENT)).values()][:3]
        assert found == [
            Effect(profit=-30_00, tax=10_20, cta=3_96),
            Effect(profit=-26_00, tax=8_84, cta=6_60),
            Effect(opening=-10_56, profit=4_00, tax=-1_36, cta=-5_28),
        ]
        assert [each.closing for each in found] == [-15_84, -10_56, -13_20]

    def test_its_cta_is_proved_from_other_data(self):
        for book in closed(group_with(*DEVELOPMENT)).values():
            item = only(book)
            assert item.whole.cta == item.proof
            assert item.whole.closing == item.net_assets

    def test_outsiders_have_their_part(self):
        """
        Of each part 30 %.

        November -9.00, 3.06 and 1.188; December -7.80, 2.652 and 1.98; January opens at
        -3.168 and moves by 1.20, -0.408 and -1.584.
        """
        found = [only(book).outside for book in closed(group_with(*DEVELOPMENT)).values()][:3]
        assert found == [
            Effect(profit=-9_00, tax=3_06, cta=1_19),
            Effect(profit=-7_80, tax=2_65, cta=1_98),
            Effect(opening=-3_17, profit=1_20, tax=-41, cta=-1_58),
        ]

    def test_leaves_the_figures_of_the_book_and_leads_to_the_others(self):
        """The books lose 200.00 at 0.25 in November: 50.00, by US GAAP 69.80."""
        plain, book = closed(group_with())["2025-11"], closed(group_with(*DEVELOPMENT))["2025-11"]
        assert book.consolidated.tolist() == plain.consolidated.tolist()
        assert plain.reconciliation is None
        assert book.reconciliation is not None
        start, end = book.reconciliation.start, book.reconciliation.end
        assert (start.framework, end.framework) == ("IFRS", "US GAAP")
        assert (start.net_income, end.net_income) == (-50_00, -69_80)
        assert end.net_income_parent == -35_00 - 13_86
        assert end.equity == start.equity - 15_84
        assert end.equity_parent == start.equity_parent - 15_84 + 4_75

    def test_leads_the_other_way_when_the_group_reports_by_us_gaap(self):
        group = replace(group_with(*DEVELOPMENT), framework="US GAAP")
        book = closed(group)["2025-11"]
        assert book.reconciliation is not None
        assert book.reconciliation.start.framework == "US GAAP"
        assert book.reconciliation.target == "IFRS"

    def test_its_figures_are_of_the_book(self):
        """Another entry is another book, though no figure of its own framework moves."""
        one = closed(group_with(*DEVELOPMENT))["2026-01"]
        other = closed(group_with(*DEVELOPMENT[:2]))["2026-01"]
        assert one.digest != other.digest


LEASE = entry(
    "L-1",
    "2025-12",
    {EXPENSES: "-13.00", COSTS: "12.00", ASSET: "1.00", TAX: "0.34", DEFERRED: "-0.34"},
    Topic.LEASES,
)
"""A month of an operating lease: straight line in the place of depreciation and interest."""


class TestLease:
    """
    An operating lease by ASC 842: 10.00 of depreciation and 3.00 of interest become 12.00.

    December at 0.20: profit 1.00 x 0.20 = 0.20, tax 0.34 x 0.20 = 0.068. What stands,
    1.00 - 0.34 at 0.16, is 0.16 - 0.05 (0.0544) = 0.11; CTA 0.11 - 0.20 + 0.07 = -0.02:
    0.66 x (0.16 - 0.20) = -0.0264, and cents of four lines.
    """

    def test_is_a_topic_of_its_own(self):
        book = closed(group_with(*DEVELOPMENT, LEASE))["2025-12"]
        assert book.reconciliation is not None
        assert book.reconciliation.topics == (Topic.DEVELOPMENT_COST, Topic.LEASES)
        whole, outside = book.reconciliation.of_topic(Topic.LEASES)
        assert whole == Effect(profit=20, tax=-7, cta=-2)
        assert outside == Effect(profit=6, tax=-2, cta=-1)
        assert book.reconciliation.whole == Effect(profit=-25_80, tax=8_77, cta=6_58)

    def test_moves_operating_cost_by_the_whole(self):
        """Depreciation and interest of 13.00 go at 0.20, cost of 12.00 comes: EBITDA falls."""
        item = only(closed(group_with(LEASE))["2025-12"])
        assert (item.lines[EXPENSES], item.lines[COSTS]) == (-2_60, 2_40)


def test_other_comprehensive_income_and_capital_have_their_columns():
    """
    A revaluation of 100.00 goes out of reserves, and 50.00 of share-based cost more.

    December at 0.20: OCI -20.00 + 6.80; profit -10.00 and capital 10.00. What stands,
    -100.00 + 34.00 at 0.16, is -10.56; CTA -10.56 + 13.20 = 2.64.
    """
    revalued = entry(
        "R-1",
        "2025-12",
        {ASSET: "-100.00", CODES["reserve"][0]: "66.00", DEFERRED: "34.00"},
        Topic.PPE_REVALUATION,
    )
    shares = entry(
        "S-1",
        "2025-12",
        {EXPENSES: "50.00", CODES["premium"][0]: "-50.00"},
        Topic.SHARE_BASED,
    )
    book = closed(group_with(revalued, shares))["2025-12"]
    assert book.reconciliation is not None
    of_topic = book.reconciliation.of_topic
    assert of_topic(Topic.PPE_REVALUATION)[0] == Effect(oci=-13_20, cta=2_64)
    assert of_topic(Topic.SHARE_BASED)[0] == Effect(profit=-10_00, capital=10_00)
    assert book.reconciliation.whole.closing == -10_56


def test_full_goodwill_is_measured_for_outsiders_alone():
    """
    Goodwill of 100.00 for outsiders in November at 0.25 is theirs, 25.00.

    So is what becomes of it: 20.00 at 0.20, 16.00 as January opens, 25.00 at 0.25.
    """
    full = entry("N-1", "2025-11", {MEASURED: "100.00", "3900": "-100.00"}, Topic.NCI_MEASUREMENT)
    months = closed(group_with(full))
    first, later = only(months["2025-11"]), only(months["2026-01"])
    assert first.whole == Effect(capital=25_00, cta=-5_00)
    assert first.outside == first.whole
    assert later.whole == Effect(opening=16_00, cta=9_00)
    assert later.outside == later.whole


class TestMeasurement:
    def test_partial_goodwill_and_its_gross_up_are_full_goodwill(self):
        """
        70 % for 910.00 of net assets of 1,000.00; outsiders at 300.00, or at 390.00.

        Goodwill is 210.00 or 300.00: the 90.00 between them, 30 % of it, are outsiders' alone,
        at 0.25 on the day. What the rates make of full goodwill is shared: 30 % is of the 90.00.
        """
        full = entry("N-1", "2025-11", {MEASURED: "90.00", "3900": "-90.00"}, Topic.NCI_MEASUREMENT)
        paid = bought(
            day="2025-11-01", paid="910.00", carried="227.50", nci="30", capital="-1000.00"
        )
        fair = replace(
            paid, nci_method=NciMethod.FAIR_VALUE, nci_share=Fraction(0), nci_amount=390_00
        )
        held = lived(
            "P", [{"capital": -227_50, "investment": 227_50}, {}, {}, {}], "2025-11", "USD"
        )
        before = balance("S", "2025-10", cash="1000.00", capital="-1000.00")
        own = [before, *(each for each in books() if each.entity == "S")]
        group = group_with(full)
        one = closed(replace(group, acquisitions=(paid,)), [*held, *own])
        other = closed(replace(group, adjustments=(), acquisitions=(fair,)), [*held, *own])
        for period, book in one.items():
            assert book.reconciliation is not None
            end, wanted = book.reconciliation.end, other[period].totals
            assert end.equity == wanted.total_equity
            assert abs(end.equity_parent - wanted.equity_attributable_to_parent) <= 1
            assert end.net_income_parent == wanted.net_income_parent


class TestWhenOwnersSell:
    """
    Outsiders go from 30 % to 40 % on 15 January: 10 % of what stood passes to them.

    December leaves -10.56: -1.056 pass. January is theirs at 40 %: 1.60, -0.544, -2.112.
    """

    def test_what_stood_passes_to_outsiders(self):
        sold = holds("P", "S", "60", since="2026-01-15")
        group = group_with(*DEVELOPMENT)
        group = replace(group, interests=(*group.interests, sold))
        totals = closed(group_with())["2026-01"].totals
        (item,) = reconcile(group, "2026-01", totals).items
        assert item.outside == Effect(opening=-3_17, profit=1_60, tax=-54, cta=-2_11, changed=-1_06)
        assert item.whole.changed == 0

    def test_entries_of_a_company_that_left_must_be_reversed(self):
        gone = holds("P", "S", "0", since="2026-01-15")
        group = group_with(*DEVELOPMENT)
        group = replace(group, interests=(*group.interests, gone))
        totals = closed(group_with())["2026-01"].totals
        with pytest.raises(AdjustmentStands):
            reconcile(group, "2026-01", totals)
        away = entry(
            "G-4",
            "2026-01",
            {ASSET: "80.00", EXPENSES: "-80.00", DEFERRED: "-27.20", TAX: "27.20"},
        )
        reversed_ = replace(group, adjustments=(*group.adjustments, away))
        (item,) = reconcile(reversed_, "2026-02", totals).items
        assert item.net_assets == 0


class TestRefused:
    def test_outsiders_are_measured_by_their_own_topic_alone(self):
        odd = entry("N-1", "2025-11", {MEASURED: "1.00", "3900": "-1.00"}, Topic.GOODWILL)
        with pytest.raises(AdjustmentAccount):
            closed(group_with(odd))

    def test_an_entry_of_a_month_without_a_rate(self):
        early = entry("G-0", "2025-10", {ASSET: "-1.00", EXPENSES: "1.00"})
        with pytest.raises(MissingRate) as error:
            closed(group_with(early))
        assert "2025-10" in str(error.value)

    def test_a_closed_year_is_not_changed_behind_its_back(self):
        """Without G-2, December would have left -12.67; January opens at what it left."""
        made = engine(group_with(*DEVELOPMENT), *books())
        left = made.consolidate("2025-12").left()
        other = engine(group_with(DEVELOPMENT[0]), *books()).consolidate("2026-01")
        findings = validate(other, left).blocking
        assert [(each.code, each.subject) for each in findings] == [
            ("opening-beside-differs", "S development_cost")
        ]


AMOUNTS = st.integers(-10_000_00, 10_000_00)
MOVED = st.sampled_from([(ASSET, EXPENSES), (DEFERRED, TAX), (ASSET, DEFERRED), (EXPENSES, COSTS)])
DRAWN = st.tuples(st.sampled_from(list(RATES)), MOVED, AMOUNTS, st.sampled_from("SP"))


class TestSecondRoad:
    @settings(max_examples=30)
    @given(st.lists(DRAWN, max_size=6))
    def test_the_same_entries_as_policy_give_the_same_figures(self, drawn):
        """A consolidation by US GAAP is what the reconciliation says, cents of lines apart."""
        entries = tuple(
            Adjustment(
                f"E-{number}",
                period,
                LayerName.GAAP,
                entity,
                {one: amount, other: -amount},
                "drawn",
            )
            for number, (period, (one, other), amount, entity) in enumerate(drawn)
        )
        beside = closed(group_with(*entries))
        inside = closed(group_with(*(replace(e, layer=LayerName.POLICY) for e in entries)))
        for period, book in beside.items():
            made, totals = book.reconciliation, inside[period].totals
            if made is None:
                continue
            lines = 2 * sum(each.rounded_lines for each in made.items) + 4
            for said, found in (
                (made.end.net_income, totals.net_income),
                (made.end.net_income_parent, totals.net_income_parent),
                (made.end.equity, totals.total_equity),
                (made.end.equity_parent, totals.equity_attributable_to_parent),
            ):
                assert 2 * abs(said - found) <= lines
