"""Changes of ownership worked by hand, month by month and across a fiscal year's end."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.day import DayDiffers
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.consolidation.months import BalanceAfterSale
from monthclose.consolidation.ownership import ChangeDiffers
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.events import Derecognition, Reattribution
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item, ItemKind
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.rates import MissingRate, Quote, RateTable
from tests.consolidation.groups import (
    CHART,
    CODES,
    balance,
    cents,
    founded,
    holds,
    monthly,
    on,
    parent,
    subsidiary,
)

GAIN = "4510"
RATES = {"2025-01": ("0.22", "0.20"), "2025-02": ("0.25", "0.24"), "2025-03": ("0.27", "0.26")}


def group(*changes: OwnershipChange, left: str, quotes: tuple[Quote, ...] = ()) -> Group:
    """P founds S with 1,000.00 reais at 0.20; fiscal years end in February."""
    chart = chart_of((*CHART.accounts, Account(GAIN, "Sales", AccountClass.INCOME)))
    day = changes[0].on.isoformat()
    return Group(
        "G",
        "Group",
        "USD",
        chart,
        (parent(), subsidiary(first_period="2025-01")),
        interests=(holds("P", "S", "100", "2025-01-01"), holds("P", "S", left, day)),
        rates=RateTable((*monthly(RATES), on("2025-01-01", "0.20"), *quotes)),
        acquisitions=(founded(paid="1000.00", carried="200.00", capital="-1000.00"),),
        changes=changes,
        fiscal_year=FiscalYear(2),
        first_period="2025-01",
    )


def sale(kind: str, day: str, percent: str, proceeds: str, cost: str) -> OwnershipChange:
    """A sale by P, whose gain is what is left."""
    return OwnershipChange(
        "S",
        "P",
        ChangeKind(kind),
        date.fromisoformat(day),
        Fraction(percent) / 100,
        cents(proceeds),
        cents(cost),
        cents(proceeds) - cents(cost),
        CODES["investment"][0],
        GAIN,
    )


def holder(
    month: str, cash: str, investment: str, gain: str, retained: str = "0.00"
) -> TrialBalance:
    """P: capital of 500.00, and what it made of selling."""
    lines = {"cash": cash, "investment": investment, "capital": "-500.00", "retained": retained}
    made = balance("P", month, "USD", **lines, revenue=f"-{gain}")
    return replace(made, accounts=(*made.accounts[:-1], GAIN))


def owned(month: str, cash: str, result: str, retained: str = "0.00") -> TrialBalance:
    """S: capital of 1,000.00 and its result of the year."""
    return balance(
        "S", month, cash=cash, capital="-1000.00", retained=retained, revenue=f"-{result}"
    )


def engine(described: Group, *balances: TrialBalance) -> ConsolidationEngine:
    """An engine with its balances."""
    made = ConsolidationEngine(described)
    for each in balances:
        made.load_trial_balance(each)
    return made


class TestSold:
    """
    All of S is sold on 14 February for 300.00, at 0.26 for a real; P carried it at 200.00.

    S earns 100.00 in January at 0.20 and 50.00 up to the day at February's 0.24.
    """

    SALE = sale("disposal", "2025-02-14", "100", "300.00", "200.00")

    def engine(
        self, *more: TrialBalance, quotes: tuple[Quote, ...] = (on("2025-02-14", "0.26"),)
    ) -> ConsolidationEngine:
        """January, February with the day of S, March of P alone."""
        return engine(
            group(self.SALE, left="0", quotes=quotes),
            holder("2025-01", "300.00", "200.00", "0.00"),
            owned("2025-01", "1100.00", "100.00"),
            holder("2025-02", "600.00", "0.00", "100.00"),
            owned("2025-02", "1150.00", "150.00"),
            holder("2025-03", "600.00", "0.00", "0.00", retained="-100.00"),
            *more,
        )

    def test_the_gain_has_its_parts(self):
        """
        Net assets 1,150.00 x 0.26 = 299.00; result 100.00 x 0.20 + 50.00 x 0.24 = 32.00.

        CTA 299.00 - 200.00 - 32.00 = 67.00. Gain 300.00 - 299.00 + 67.00 = 68.00: what P
        booked, 100.00, less the 32.00 that the group had counted already.
        """
        book = self.engine().consolidate("2025-02")
        assert book.changes == (Derecognition("S", 300_00, 299_00, 0, 0, 67_00),)
        assert book.figure(GAIN) == -68_00
        assert book.totals.net_income == 100_00
        assert book.totals.reclassified == -67_00
        assert book.of_kind(AccountClass.ASSET) == 600_00
        assert book.of_kind(AccountClass.CTA) == 0

    def test_in_march_a_new_year_knows_nothing_of_it(self):
        book = self.engine().consolidate("2025-03")
        assert [each.entity for each in book.translations] == ["P"]
        assert book.equity is not None
        assert book.equity.retained_opening == 100_00
        assert (book.entries, book.changes) == ((), ())

    def test_no_balance_is_due_later_in_the_year(self):
        """With a year that ends in March, March shows February's figures again."""
        described = replace(self.engine().group, fiscal_year=FiscalYear(3))
        books = engine(
            described,
            holder("2025-01", "300.00", "200.00", "0.00"),
            owned("2025-01", "1100.00", "100.00"),
            holder("2025-02", "600.00", "0.00", "100.00"),
            owned("2025-02", "1150.00", "150.00"),
            holder("2025-03", "600.00", "0.00", "100.00"),
        )
        february, march = books.consolidate("2025-02"), books.consolidate("2025-03")
        assert march.changes == february.changes
        assert march.totals == february.totals
        assert [each.period for each in march.translations] == ["2025-03", "2025-02"]

    def test_what_it_owes_the_group_is_owed_by_a_stranger_then(self):
        """
        S owes P 40.00, which P carries at 10.00: a receivable from outside, and no mistake.

        The invoice of February within the group is cancelled all the same: 5.00 of income
        against 20.83 x 0.24 = 5.00 of expense.
        """
        ar, ap = CODES["due_from"][0], CODES["due_to"][0]
        income, expense = CODES["revenue"][0], CODES["expenses"][0]
        described = replace(
            group(self.SALE, left="0", quotes=(on("2025-02-14", "0.26"),)),
            items=(
                Item("1", "P", "S", ItemKind.RECEIVABLE, ar, 10_00, "N1", period="2025-02"),
                Item("2", "S", "P", ItemKind.PAYABLE, ap, -40_00, "N1", period="2025-02"),
                Item("3", "P", "S", ItemKind.REVENUE, income, -5_00, "N2", period="2025-02"),
                Item("4", "S", "P", ItemKind.EXPENSE, expense, 20_83, "N2", period="2025-02"),
            ),
        )
        sold = holder("2025-02", "600.00", "0.00", "100.00")
        accounts = (*sold.accounts, ar, income)
        amounts = np.append(sold.amounts, np.array([10_00, -5_00], dtype=np.int64))
        amounts[0] -= 5_00  # paid out ten, received five
        book = engine(
            described,
            holder("2025-01", "300.00", "200.00", "0.00"),
            owned("2025-01", "1100.00", "100.00"),
            replace(sold, accounts=accounts, amounts=amounts),
            balance(
                "S",
                "2025-02",
                cash="1190.00",
                due_to="-40.00",
                capital="-1000.00",
                revenue="-170.83",
                expenses="20.83",
            ),
        ).consolidate("2025-02")
        assert (book.figure(ar), book.figure(ap)) == (10_00, 0)
        assert book.figure(expense) == 0
        assert len(book.matches) == 1
        assert book.unmatched == ()
        assert validate(book).blocking == ()
        (lost,) = book.changes
        assert sum(lost.parts.values()) == 68_00

    def test_a_balance_after_the_day_is_refused(self):
        with pytest.raises(BalanceAfterSale) as refused:
            self.engine(owned("2025-03", "1150.00", "0.00", retained="-150.00"))
        assert "2025-02-14" in str(refused.value)

    def test_the_rate_of_the_day_has_to_be_there(self):
        with pytest.raises(MissingRate) as refused:
            self.engine(quotes=()).consolidate("2025-02")
        assert "2025-02-14" in str(refused.value)

    def test_the_interests_have_to_end_on_the_day(self):
        described = group(self.SALE, left="0", quotes=(on("2025-02-14", "0.26"),))
        late = (described.interests[0], holds("P", "S", "0", "2025-02-15"))
        with pytest.raises(ChangeDiffers) as refused:
            engine(
                replace(described, interests=late),
                holder("2025-02", "600.00", "0.00", "100.00"),
                owned("2025-02", "1150.00", "150.00"),
                holder("2025-01", "300.00", "200.00", "0.00"),
                owned("2025-01", "1100.00", "100.00"),
            ).consolidate("2025-02")
        assert "100 % are unexplained" in str(refused.value)


class TestPartSold:
    """A quarter of S, which cost 50.00, is sold for 80.00 on 31 January, at its closing rate."""

    SALE = sale("partial_disposal", "2025-01-31", "25", "80.00", "50.00")

    def engine(self, change: OwnershipChange) -> ConsolidationEngine:
        """S earns 100.00, 50.00 and, in the new year, 60.00."""
        return engine(
            group(change, left="75"),
            holder("2025-01", "380.00", "150.00", "30.00"),
            owned("2025-01", "1100.00", "100.00"),
            holder("2025-02", "380.00", "150.00", "30.00"),
            owned("2025-02", "1150.00", "150.00"),
            holder("2025-03", "380.00", "150.00", "0.00", retained="-30.00"),
            owned("2025-03", "1210.00", "60.00", retained="-150.00"),
        )

    def test_the_day(self):
        """
        Net assets 1,100.00 x 0.22 = 242.00; CTA 242.00 - 200.00 - 20.00 = 22.00.

        Outsiders get 60.50, with 5.50 of the CTA; the owners' equity 80.00 - 60.50 = 19.50,
        and 5.50 for the CTA that went. No result: P's 30.00 are undone.
        """
        book = self.engine(self.SALE).consolidate("2025-01")
        assert book.changes == (Reattribution("S", 80_00, 242_00, 22_00, 60_50, 5_50),)
        assert book.figure(GAIN) == 0
        assert book.equity is not None
        assert book.equity.transactions_parent == 25_00
        assert book.nci["S"].closing == 60_50

    def test_the_month_after(self):
        """
        Profit 50.00 x 0.24 = 12.00, a quarter 3.00. CTA 1,150.00 x 0.25 - 232.00 = 55.50.

        A quarter of the 33.50 since the day is 8.375: outsiders have 71.88.
        """
        rolled = self.engine(self.SALE).consolidate("2025-02").nci["S"]
        assert (rolled.opening, rolled.recognised) == (0, 60_50)
        assert (rolled.share_of_profit, rolled.share_of_cta) == (3_00, 8_38)
        assert rolled.closing == 71_88

    def test_the_year_after(self):
        """
        They open with the 71.88 they had, not with a quarter of all that S earned before.

        Profit 60.00 x 0.26 = 15.60, a quarter 3.90; CTA 1,210.00 x 0.27 - 287.50 - 15.60 =
        23.60, a quarter 5.90. 81.68 is a quarter of 326.70.
        """
        book = self.engine(self.SALE).consolidate("2025-03")
        rolled = book.nci["S"]
        assert rolled.opening == 71_88
        assert (rolled.share_of_profit, rolled.share_of_cta, rolled.closing) == (3_90, 5_90, 81_68)
        assert book.figure(CODES["investment"][0]) == 0
        before = self.engine(self.SALE).consolidate("2025-02").equity
        assert book.equity is not None
        assert before is not None
        assert book.equity.retained_opening == before.retained_closing
        assert book.equity.cta_parent.opening == before.cta_parent.closing

    def test_net_assets_stated_for_a_month_s_end_are_those_of_the_books(self):
        with pytest.raises(DayDiffers) as refused:
            self.engine(replace(self.SALE, net_assets=1090_00)).consolidate("2025-01")
        assert "10.00 apart" in str(refused.value)


class TestDividends:
    """S declares 40.00 on 20 January, all P's, and 80.00 on 20 February, a quarter outsiders'."""

    def test_outsiders_get_what_they_hold_on_the_day(self):
        """80.00 x 0.24 = 19.20, of which 14.40 are P's and 4.80 theirs: no warning."""
        income = CODES["dividend_income"][0]

        def declared(day: str, whole: str, received: str) -> Dividend:
            part = Received("P", cents(received), None, income)
            return Dividend("S", cents(whole), None, date.fromisoformat(day), (part,))

        described = replace(
            group(
                TestPartSold.SALE,
                left="75",
                quotes=(on("2025-01-20", "0.21"), on("2025-02-20", "0.24")),
            ),
            dividends=(
                declared("2025-01-20", "40.00", "8.40"),
                declared("2025-02-20", "80.00", "14.40"),
            ),
        )

        def paid(made: TrialBalance, amount: str) -> TrialBalance:
            """P with dividends received: cash and income."""
            amounts = made.amounts.copy()
            amounts[0] += cents(amount)
            amounts = np.append(amounts, np.array([-cents(amount)], dtype=np.int64))
            return replace(made, accounts=(*made.accounts, income), amounts=amounts)

        books = engine(
            described,
            paid(holder("2025-01", "380.00", "150.00", "30.00"), "8.40"),
            balance(
                "S",
                "2025-01",
                cash="1060.00",
                capital="-1000.00",
                dividends="40.00",
                revenue="-100.00",
            ),
            paid(holder("2025-02", "380.00", "150.00", "30.00"), "22.80"),
            balance(
                "S",
                "2025-02",
                cash="1030.00",
                capital="-1000.00",
                dividends="120.00",
                revenue="-150.00",
            ),
        )
        book = books.consolidate("2025-02")
        assert book.nci["S"].dividends == -4_80
        assert book.nci["S"].closing == 64_38
        assert [each.code for each in validate(book).findings if each.check == "W5"] == []
        assert validate(book).blocking == ()


class TestWithinAMonth:
    """Half of S is sold on 14 February at 0.26, when 14 of 28 days have earned 25.00."""

    SALE = sale("partial_disposal", "2025-02-14", "50", "200.00", "100.00")

    def day(self, change: OwnershipChange) -> Reattribution:
        """What the day moved."""
        books = engine(
            group(change, left="50", quotes=(on("2025-02-14", "0.26"),)),
            holder("2025-01", "300.00", "200.00", "0.00"),
            owned("2025-01", "1100.00", "100.00"),
            holder("2025-02", "500.00", "100.00", "100.00"),
            owned("2025-02", "1150.00", "150.00"),
        )
        (moved,) = books.consolidate("2025-02").changes
        assert isinstance(moved, Reattribution)
        return moved

    def test_the_result_of_the_month_counts_by_its_days(self):
        """1,125.00 x 0.26 = 292.50; equity 200.00 + 20.00 + 25.00 x 0.24 = 226.00; CTA 66.50."""
        moved = self.day(self.SALE)
        assert (moved.net_assets, moved.cta, moved.nci) == (292_50, 66_50, 146_25)

    def test_or_follows_from_net_assets_that_are_stated(self):
        """1,140.00 x 0.26 = 296.40; equity 200.00 + 20.00 + 40.00 x 0.24 = 229.60; CTA 66.80."""
        moved = self.day(replace(self.SALE, net_assets=1140_00))
        assert (moved.net_assets, moved.cta, moved.nci) == (296_40, 66_80, 148_20)
