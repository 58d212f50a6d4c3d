"""What a close reads is what was stored, whole, or not at all."""

from dataclasses import replace

import pytest

from monthclose.close.runner import Closer
from monthclose.close.steps import inputs_hash, records_hash
from monthclose.ledger.periods import NotAPeriod
from monthclose.ledger.runs import CloseInputs
from monthclose.store.errors import NotGranted
from monthclose.store.records import MonthEmpty
from tests.store.office import Office
from tests.store.sample import balance, large
from tests.store.test_runs import Paperless

pytestmark = pytest.mark.server

MAY, JUNE = "2025-05", "2025-06"


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
