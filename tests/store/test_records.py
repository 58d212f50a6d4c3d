"""What a close reads is what was stored, whole, or not at all."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from monthclose.close.runner import Closer
from monthclose.close.steps import balance_hash, inputs_hash, records_hash
from monthclose.ledger.adjustments import Adjustment, Topic
from monthclose.ledger.intercompany import Item, ItemKind
from monthclose.ledger.journal import LayerName
from monthclose.ledger.periods import NotAPeriod
from monthclose.ledger.runs import CloseInputs, Step, StepStatus
from monthclose.store.errors import NotGranted, PeriodClosed
from monthclose.store.records import MonthEmpty
from tests.store.office import Office
from tests.store.sample import balance, large
from tests.store.test_runs import Paperless

pytestmark = pytest.mark.server

MAY, JUNE = "2025-05", "2025-06"
ITEMS = (
    Item("s-ap", "SUB", "TOP", ItemKind.PAYABLE, "2000", -30_00, "NF-1", "USD", -5_00, period=MAY),
    Item("t-ar", "TOP", "SUB", ItemKind.RECEIVABLE, "1100", 5_00, "NF-1", "USD", 5_00, period=MAY),
    Item("j-exp", "JP", "TOP", ItemKind.EXPENSE, "5000", 7, together="P", period=MAY),
)
"""What SUB owes the parent, and a cost of JP's in whole yen that the parent does not know."""

ENTRIES = (
    Adjustment("P-1", MAY, LayerName.POLICY, "JP", {"1000": 7, "5000": -7}, "in whole yen"),
    Adjustment("G-1", MAY, LayerName.GAAP, "SUB", {"1100": 5, "5000": -5}, "a lease", Topic.LEASES),
)


@pytest.fixture
def office(app, database):
    return Office(app, database)


class TestInputs:
    def test_stored_or_not_a_close_reads_the_same(self, office):
        sample = office.small()
        office.load(sample)
        stored = office.records().inputs(MAY)
        given = CloseInputs(sample.group, sample.balances)
        assert inputs_hash(stored, MAY, "1") == inputs_hash(given, MAY, "1")
        assert stored.last is None

    def test_intercompany_items_and_their_tolerance_come_back(self, office):
        """A yen of JP is a hundred hundredths in the table, and one in the noun."""
        sample = office.small().saying(items=ITEMS, tolerance=Fraction(1, 200))
        office.load(sample)
        assert office.load(sample).unchanged
        stored = office.records().inputs(MAY)
        given = CloseInputs(sample.group, sample.balances)
        assert inputs_hash(stored, MAY, "1") == inputs_hash(given, MAY, "1")
        assert set(stored.group.items) == set(ITEMS)
        assert stored.group.tolerance == Fraction(1, 200)

    def test_an_item_that_is_no_longer_sent_is_withdrawn(self, office):
        office.load(office.small().saying(items=ITEMS))
        corrected = (replace(ITEMS[0], amount=-29_00), *ITEMS[1:2])
        office.load(office.small().saying(items=corrected))
        assert set(office.records().group().items) == set(corrected)

    def test_entries_beside_the_books_come_back_until_they_are_withdrawn(self, office):
        sample = office.small().saying(adjustments=ENTRIES)
        office.load(sample)
        assert office.load(sample).unchanged
        stored = office.records().inputs(MAY)
        given = CloseInputs(sample.group, sample.balances)
        assert inputs_hash(stored, MAY, "1") == inputs_hash(given, MAY, "1")
        assert stored.group.adjustments == ENTRIES
        office.load(office.small().saying(adjustments=ENTRIES[:1]))
        assert office.records().group().adjustments == ENTRIES[:1]

    def test_an_entry_from_before_the_first_month_is_loaded(self, office):
        before = replace(ENTRIES[1], period="2024-12")
        office.load(office.small().saying(adjustments=(before,)))
        assert office.records().group().adjustments == (before,)

    def test_a_closed_month_takes_no_entry(self, office):
        office.load(office.small())
        office.lock(MAY)
        with pytest.raises(PeriodClosed, match=MAY):
            office.load(office.small().saying(adjustments=ENTRIES))
        assert office.records().group().adjustments == ()

    def test_companies_keep_the_order_of_the_group(self, office):
        sample = office.small()
        office.load(sample)
        stored = office.records().group()
        assert stored.entities == sample.group.entities
        assert stored.chart.accounts == sample.group.chart.accounts
        assert stored.chart.roles == sample.group.chart.roles

    def test_later_months_are_left_out(self, office):
        sample = office.small()
        june = [replace(raw, period=JUNE) for raw in sample.balances]
        office.load(replace(sample, balances=(*sample.balances, *june)))
        assert {raw.period for raw in office.records().inputs(MAY).balances} == {MAY}
        assert {raw.period for raw in office.records().inputs(JUNE).balances} == {MAY, JUNE}

    def test_accounts_and_partners_are_those_of_each_month(self, office):
        """The list of the month before is not sent again; another one is, and partners are."""
        sample = office.small()
        plain = sample.of("TOP", MAY)
        zeros = np.zeros(2, dtype=np.int64)
        months = [
            replace(plain, period="2025-06"),
            replace(plain, period="2025-07", accounts=plain.accounts[:2], amounts=zeros),
            replace(
                plain, period="2025-08", accounts=plain.accounts[:2], amounts=zeros,
                partners=("", "SUB"),
            ),
            replace(plain, period="2025-09"),
        ]  # fmt: skip
        office.load(replace(sample, balances=(*sample.balances, *months)))
        stored = office.records().inputs("2025-09").balances
        found = [each for each in stored if each.entity == "TOP"]
        assert [balance_hash(each) for each in found] == [
            balance_hash(each) for each in (plain, *months)
        ]

    def test_a_month_without_balances_is_said(self, office):
        office.load(office.small())
        with pytest.raises(MonthEmpty, match=JUNE):
            office.records().inputs(JUNE)

    def test_a_month_that_is_none_is_refused(self, office):
        office.load(office.small())
        with pytest.raises(NotAPeriod):
            office.records().inputs("2025-13")

    def test_months_of_the_same_accounts_share_their_list(self, office):
        office.load(large(office.code, entities=2, accounts=5, months=2))
        found = [raw for raw in office.records().inputs("2025-02").balances if raw.entity != "TOP"]
        assert found[0].accounts is found[1].accounts

    def test_an_empty_balance_is_one(self, office):
        sample = office.small()
        office.load(sample.having(balance("JP", MAY, "JPY")))
        stored = next(r for r in office.records().inputs(MAY).balances if r.entity == "JP")
        assert (stored.accounts, stored.amounts.tolist()) == ((), [])

    @pytest.mark.parametrize("companies", [("SUB",), ("SUB", "JP")])
    def test_who_does_not_see_every_company_gets_no_part_of_the_group(self, office, companies):
        office.load(office.small())
        office.add("second", "manager", *companies, write=True)
        with pytest.raises(NotGranted):
            office.records("second").inputs(MAY)

    def test_who_sees_every_company_reads_what_the_manager_reads(self, office):
        office.load(office.small())
        office.add("reader", "read-only")
        groups = [office.records(name).group() for name in ("reader", "manager")]
        assert records_hash(groups[0]) == records_hash(groups[1])


class TestLastClose:
    def test_a_month_opens_with_what_the_close_before_left(self, office):
        sample = large(office.code, entities=4, accounts=10, months=3)
        office.load(sample)
        closer = Closer(office.records(), office.runs(), Paperless(), "1", lambda: 0.0)
        left = {}
        for period in ("2025-01", "2025-02"):
            book = closer.run(period).book
            assert book is not None
            left[period] = book.left()
        assert office.records().inputs("2025-01").last is None
        assert office.records().inputs("2025-02").last == left["2025-01"]
        assert office.records().inputs("2025-03").last == left["2025-02"]
        assert any(each.cta.movement for each in left["2025-02"].positions)


class TestItems:
    def test_a_close_matches_what_was_stored(self, office):
        """
        SUB owes 30.00 reais, at 6.25 4.80 dollars; both sides say 5.00 of NF-1.

        The parent's 5.00 less 4.80 leave 0.20; nothing faces the cost of JP.
        """
        office.load(office.small().saying(items=ITEMS))
        runs = office.runs()
        outcome = Closer(office.records(), runs, Paperless(), "1", lambda: 0.0).run(MAY)
        assert outcome.book is not None
        assert outcome.validation is not None
        assert [match.residual for match in outcome.book.matches] == [20]
        assert [(f.code, f.subject) for f in outcome.validation.blocking] == [
            ("intercompany-unmatched", "j-exp")
        ]
        done = {step.step: step for step in runs.latest(MAY).steps if not step.entity}
        assert done[Step.INTERCOMPANY].status is StepStatus.DONE
        assert done[Step.INTERCOMPANY].rows == len(ITEMS)


class TestEntries:
    def test_a_version_keeps_the_layers_they_make(self, office):
        """Policy beside the books of JP; by hand 9.00 of TOP; to the other framework of SUB."""
        manual = Adjustment(
            "M-1", MAY, LayerName.MANUAL, "TOP", {"2000": -9_00, "5000": 9_00}, "by hand"
        )
        office.load(office.small().saying(adjustments=(*ENTRIES, manual)))
        outcome = Closer(office.records(), office.runs(), Paperless(), "1", lambda: 0.0).run(MAY)
        assert outcome.book is not None
        assert outcome.book.reconciliation is not None
        policy = office.ask(
            "select c.code, l.currency, l.net, l.lineage->'entries' from entity_layers l"
            " join portfolio_entities c on c.id = l.entity_id"
            " where l.tenant_id = %(t)s and l.layer = 'policy'"
        )
        assert policy == [("JP", "JPY", [7, -7], ["2025-05 P-1"])]
        by_hand = office.ask(
            "select net from group_layers where tenant_id = %(t)s and layer = 'manual'"
        )
        assert sorted(by_hand[0][0]) == [-9_00, 9_00]
        entries = office.ask(
            "select code, lineage->>'reference' from journal_entries"
            " where tenant_id = %(t)s and layer = 'manual'"
        )
        assert entries == [("MAN-TOP-2025-05-M-1", "2025-05 M-1")]
