"""In the month a company is sold: dividends, interest on equity, stock, losses of goodwill."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.acquisitions import Dividend, GoodwillLoss, NciMethod, Received
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.events import Derecognition, Reattribution
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.profits import Unrealised
from tests.changes.test_by_hand import GAIN, engine, group, holder, owned, sale
from tests.consolidation.groups import CODES, balance, bought, cents, holds, on

SOLD = sale("disposal", "2025-02-14", "100", "300.00", "200.00")
DAYS = (on("2025-02-14", "0.26"), on("2025-02-10", "0.25"))
INCOME = CODES["dividend_income"][0]


def plus(made: TrialBalance, **lines: str) -> TrialBalance:
    """A balance with more lines, which balance among themselves."""
    found = dict(zip(made.accounts, made.amounts.tolist(), strict=True))
    for name, text in lines.items():
        code = CODES[name][0]
        found[code] = found.get(code, 0) + cents(text)
    amounts = balance(made.entity, made.period, made.currency).amounts
    amounts = type(amounts)((len(found),), dtype=amounts.dtype)
    amounts[:] = list(found.values())
    return replace(made, accounts=tuple(found), amounts=amounts)


def clean(made: ConsolidationEngine, *months: str) -> list[Book]:
    """Books of months in a row; nothing blocks."""
    books, last = [], None
    for month in months:
        book = made.consolidate(month)
        assert [str(each) for each in validate(book, last).blocking] == [], month
        books.append(book)
        last = book.left()
    return books


class TestPaidBeforeItsSale:
    """
    S, sold on 14 February, declares 50.00 on the 10th at 0.25: 12.50 of P.

    Net assets 1,100.00 x 0.26 = 286.00; CTA 286.00 - 200.00 - 32.00 + 12.50 = 66.50. The gain
    is 300.00 - 286.00 + 66.50 = 80.50. With the 32.00 that S earned that is all that P made:
    100.00 and 12.50.
    """

    def engine(self, account: str) -> ConsolidationEngine:
        """With the account that S booked it on; empty: on dividends."""
        part = Received("P", 12_50, None, INCOME)
        paid = Dividend("S", 50_00, None, date(2025, 2, 10), (part,), account=account)
        where = "expenses" if account else "dividends"
        described = replace(group(SOLD, left="0", quotes=DAYS), dividends=(paid,))
        return engine(
            described,
            holder("2025-01", "300.00", "200.00", "0.00"),
            owned("2025-01", "1100.00", "100.00"),
            plus(
                holder("2025-02", "600.00", "0.00", "100.00"),
                cash="12.50",
                dividend_income="-12.50",
            ),
            plus(owned("2025-02", "1150.00", "150.00"), cash="-50.00", **{where: "50.00"}),
            holder("2025-03", "612.50", "0.00", "0.00", retained="-112.50"),
        )

    @pytest.mark.parametrize("account", ["", CODES["expenses"][0]], ids=["dividend", "interest"])
    def test_the_gain_has_its_parts(self, account: str):
        _, february, march = clean(self.engine(account), "2025-01", "2025-02", "2025-03")
        assert february.changes == (Derecognition("S", 300_00, 286_00, 0, 0, 66_50),)
        assert february.figure(GAIN) == -80_50
        assert february.totals.net_income == 112_50
        assert february.figure(INCOME) == february.figure(CODES["expenses"][0]) == 0
        assert march.equity is not None
        assert march.equity.retained_opening == 112_50


class TestStockOfACompanySold:
    """
    S sells P for 10.00 dollars what cost 6.00, in January; P still has it when S is sold.

    Of January's profit 4.00 are not made. S is a stranger from 14 February on, and P's stock
    is worth what it paid: the group has earned what P earned, 100.00.
    """

    def test_its_profit_is_made_when_it_leaves(self):
        stock = [
            Unrealised(
                "LOT", month, "S", "P", CODES["receivables"][0], CODES["costs"][0], profit,
                "USD", "2025-01-31", profit,
            )
            for month, profit in (("2025-01", 4_00),)
        ]  # fmt: skip
        described = replace(group(SOLD, left="0", quotes=DAYS), unrealised=tuple(stock))
        made = engine(
            described,
            plus(holder("2025-01", "300.00", "200.00", "0.00"), cash="-10.00", receivables="10.00"),
            owned("2025-01", "1100.00", "100.00"),
            plus(holder("2025-02", "600.00", "0.00", "100.00"), cash="-10.00", receivables="10.00"),
            owned("2025-02", "1150.00", "150.00"),
            plus(
                holder("2025-03", "600.00", "0.00", "0.00", retained="-100.00"),
                cash="-10.00", receivables="10.00",
            ),
        )  # fmt: skip
        january, february, march = clean(made, "2025-01", "2025-02", "2025-03")
        assert january.totals.net_income == 16_00
        assert february.totals.net_income == 100_00
        assert february.figure(CODES["receivables"][0]) == 10_00
        assert march.equity is not None
        assert march.equity.retained_opening == 100_00


class TestGoodwillLostInTheMonthOfASale:
    """
    P buys 80 % of S for 1,000.00, all in dollars; outsiders, at fair value, are 240.00.

    Goodwill is 240.00. S earns 100.00 in January and 56.00 in February, 40.00 of it up to the
    20th, when P sells a tenth of S for 150.00. February loses 40.00 of goodwill on a day.
    March brings 4.00 more, of which outsiders have 1.20.
    """

    def books(self, day: str, *months: str) -> list[Book]:
        sold = sale("partial_disposal", "2025-02-20", "10", "150.00", "125.00")
        purchase = replace(
            bought(paid="1000.00", capital="-1000.00"),
            nci_method=NciMethod.FAIR_VALUE,
            nci_share=Fraction(0),
            nci_amount=240_00,
        )
        base = group(sold, left="70")
        roles = replace(base.chart.roles, goodwill_impairment=CODES["costs"][0])
        described = replace(
            base,
            chart=replace(base.chart, roles=roles),
            entities=(base.entities[0], replace(base.entities[1], currency="USD")),
            interests=(holds("P", "S", "80", "2025-01-01"), holds("P", "S", "70", "2025-02-20")),
            acquisitions=(purchase,),
            impairments=(GoodwillLoss("ACQ-S", "S", 40_00, date.fromisoformat(day)),),
            fiscal_year=FiscalYear(),
        )

        def own(month: str, cash: str, result: str) -> TrialBalance:
            return replace(owned(month, cash, result), currency="USD")

        def of_p(month: str, cost: str, gain: str = "0.00") -> TrialBalance:
            at_cost = cost == "1000.00"
            return plus(
                holder(month, "500.00" if at_cost else "525.00", "0.00", gain),
                cash="-300.00" if at_cost else "-175.00",
                investment=cost,
                capital="-700.00",
            )

        made = engine(
            described,
            of_p("2025-01", "1000.00"),
            own("2025-01", "1100.00", "100.00"),
            of_p("2025-02", "875.00", "25.00"),
            own("2025-02", "1156.00", "156.00"),
            of_p("2025-03", "875.00", "25.00"),
            own("2025-03", "1160.00", "160.00"),
        )
        return clean(made, *months)

    def test_before_the_day_outsiders_buy_what_it_left(self):
        """
        Net assets of the day 1,140.00 and goodwill of 200.00: a tenth is 134.00.

        Outsiders: 240.00 + 20 % of 140.00 - 40.00 + 134.00 + 30 % of 16.00 = 398.80.
        """
        _, february, march = self.books("2025-02-10", "2025-01", "2025-02", "2025-03")
        (moved,) = february.changes
        assert isinstance(moved, Reattribution)
        assert (moved.net_assets, moved.nci) == (1340_00, 134_00)
        assert february.nci["S"].share_of_profit == 24_80
        assert (february.nci["S"].closing, march.nci["S"].closing) == (398_80, 400_00)

    def test_after_the_day_they_bear_their_new_share_of_it(self):
        """1,380.00: 138.00; 240.00 + 28.00 + 138.00 + 30 % of 16.00 - 40.00 = 398.80."""
        _, february, march = self.books("2025-02-21", "2025-01", "2025-02", "2025-03")
        (moved,) = february.changes
        assert isinstance(moved, Reattribution)
        assert (moved.net_assets, moved.nci) == (1380_00, 138_00)
        assert february.nci["S"].share_of_profit == 20_80
        assert (february.nci["S"].closing, march.nci["S"].closing) == (398_80, 400_00)
