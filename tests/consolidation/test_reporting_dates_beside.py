"""Records beside the books of a company with an earlier date: at the rates of its own months."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from monthclose.consolidation.reporting_dates import ReportingLagRefused, check_reporting_dates
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName
from monthclose.ledger.loans import ExchangeDifference, Loan
from monthclose.ledger.pickups import PickupMonth
from monthclose.ledger.profits import AssetSale, Unrealised
from monthclose.ledger.rates import RateTable
from tests.consolidation.groups import CODES, engine, on
from tests.consolidation.test_reporting_dates import (
    EVENTS,
    MONTHS,
    closed,
    described,
    of_p,
    of_s,
    of_twin,
    shifted,
)

REVENUE, COSTS = CODES["revenue"][0], CODES["costs"][0]
SOLD = date(2024, 11, 20)
STOCK = CODES["receivables"][0]


def with_records(group: Group) -> Group:
    """Profit in stock both ways over a year's end, a manual entry, a designated loan of S."""
    stock = [
        Unrealised(
            name, str(month), seller, buyer, STOCK, COSTS, amount, currency,
            "2024-11", theirs, turnover=turnover, revenue_account=REVENUE,
        )
        for month in MONTHS[7:16]
        for name, seller, buyer, amount, currency, theirs, turnover in (
            ("UP", "S", "P", 30_00, "BRL", 6_00, 10_00), ("DOWN", "P", "S", 4_00, "USD", 21_00, 0),
        )
    ]  # fmt: skip
    end = str(MONTHS[16])
    gone = [replace(each, period=end, amount=0, buyer_amount=0, turnover=0) for each in stock[-2:]]
    manual = Adjustment(
        "1", "2024-10", LayerName.MANUAL, "S",
        {COSTS: 12_00, CODES["payables"][0]: -12_00}, "late invoice",
    )  # fmt: skip
    loan = Loan("L", "S", "P", COSTS, date(2024, 9, 1))
    exchange = tuple(
        ExchangeDifference("L", "S", str(month), 3_00 + place)
        for place, month in enumerate(MONTHS[5:])
    )
    sales = (
        AssetSale(
            "MADE", SOLD, "S", "P", 24_00, "BRL", 5_00, 12, REVENUE, STOCK, STOCK, COSTS
        ),
        AssetSale("GOT", SOLD, "P", "S", 2_00, "USD", 9_00, 12, REVENUE, STOCK, STOCK, COSTS),
    )  # fmt: skip
    group = replace(group, rates=RateTable((*group.rates.quotes, on(str(SOLD), "0.2125"))))
    return replace(
        group,
        asset_sales=sales,
        unrealised=(*stock, *gone),
        adjustments=(manual,),
        loans=(loan,),
        exchange=exchange,
    )


@pytest.mark.parametrize(("lag", "year_end"), [(1, 0), (3, 9)])
def test_they_are_those_of_a_company_with_the_groups_date(lag: int, year_end: int):
    late = with_records(described(lag, year_end))
    twin = with_records(described(0, 0, shifted(lag)))
    events = [*EVENTS, (SOLD, "revenue", -24_00)]
    first = closed(engine(late, *of_s(lag, year_end, events), *of_p()))
    other = closed(engine(twin, *of_twin(lag, events), *of_p()))
    for book, same in zip(first, other, strict=True):
        assert (book.layers == same.layers).all(), book.period
        assert (book.nci, book.equity, book.totals) == (same.nci, same.equity, same.totals)
    assert any(book.facts.profits and book.facts.loans and book.manual for book in first)


class TestRefused:
    def test_a_company_whose_shares_change_hands(self):
        sale = OwnershipChange(
            "S", "P", ChangeKind.PARTIAL_DISPOSAL, date(2025, 5, 31), Fraction(1, 10), 1_00, 1_00
        )
        with pytest.raises(ReportingLagRefused) as refused:
            check_reporting_dates(replace(described(1), changes=(sale,)))
        assert refused.value.facts["reason"] == "reporting-lag-change"
        assert "2025-05-31" in refused.value.message("en")

    def test_equity_pickup(self):
        booked = PickupMonth("P", "ACQ-S", "2025-05", 1_00)
        with pytest.raises(ReportingLagRefused) as refused:
            check_reporting_dates(replace(described(1), pickups=(booked,)))
        assert refused.value.facts["reason"] == "reporting-lag-pickup"

    @pytest.mark.parametrize("lag", [-1, 4])
    def test_a_lag_that_no_standard_allows(self, lag):
        with pytest.raises(ReportingLagRefused) as refused:
            check_reporting_dates(described(lag))
        assert refused.value.facts["reason"] == "reporting-lag-months"

    def test_the_same_records_stand_without_a_lag(self):
        check_reporting_dates(replace(described(0), pickups=(PickupMonth("P", "ACQ-S", "x", 1),)))
