"""
IAS 29 by hand, and by two roads.

A company in liras; index 80 in June 2023, 100 at the end of 2024, then 120 in March, 125 in June,
150 in September, 160 in December 2025. It opened with cash 600.00, equipment 400.00 of June 2023
and capital 800.00 of June 2023. It sold 300.00 in March, took 40.00 of depreciation of that
equipment in June, and bought stock for 150.00 in September.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.hyperinflation import (
    MonetaryResultUnproved,
    VintagesIncomplete,
    prove_monetary_result,
    restate,
    translate_restated,
)
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.hyperinflation import IndexMissing, Past, PriceIndex, Vintage
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, parse_rate

CHART = chart_of(
    (
        Account("1010", "Cash", AccountClass.ASSET, monetary=True),
        Account("1200", "Stock", AccountClass.ASSET),
        Account("1400", "Equipment", AccountClass.ASSET),
        Account("2010", "Payables", AccountClass.LIABILITY, monetary=True),
        Account("3000", "Capital", AccountClass.SHARE_CAPITAL),
        Account("4000", "Revenue", AccountClass.INCOME),
        Account("4350", "Net monetary result", AccountClass.INCOME),
        Account("6200", "Depreciation", AccountClass.EXPENSE),
    )
)
BOUGHT, LAST = Period(2023, 6), Period(2024, 12)
YEAR = [Period(2025, month) for month in range(1, 13)]
LEVELS = {1: 110, 3: 120, 6: 125, 9: 150, 12: 160}


def index() -> PriceIndex:
    """Levels of every month; where none is named, that of the month before."""
    levels, level = {BOUGHT: 80 * 10**10, LAST: 100 * 10**10}, 100
    for month in YEAR:
        level = LEVELS.get(month.month, level)
        levels[month] = level * 10**10
    return PriceIndex("CPI", levels)


def month(period: Period, **lines: int) -> TrialBalance:
    """A balance by account, minor units."""
    held = {name[1:]: amount for name, amount in lines.items() if amount}
    amounts = np.array(list(held.values()), dtype=np.int64)
    return TrialBalance("T", str(period), "TRY", tuple(held), amounts)


def year() -> list[TrialBalance]:
    """The year as booked."""
    made = []
    for each in YEAR:
        sold, used, bought = each.month >= 3, each.month >= 6, each.month >= 9
        made.append(
            month(
                each,
                a1010=600_00 + sold * 300_00 - bought * 150_00,
                a1200=bought * 150_00,
                a1400=400_00 - used * 40_00,
                a3000=-800_00,
                a3300=-200_00,
                a4000=-sold * 300_00,
                a6200=used * 40_00,
            )
        )
    return made


PAST = Past(
    vintages={
        "1200": (Vintage(Period(2025, 9), 150_00),),
        "1400": (Vintage(BOUGHT, 360_00),),
        "3000": (Vintage(BOUGHT, -800_00),),
        "6200": (Vintage(BOUGHT, 40_00),),
    },
    opened=LAST,
    equity={"3300": -100_00},
    monetary=600_00,
)
"""Restated to the end of 2024: 600 + 400 x 100/80 - 800 x 100/80 = 100 of retained earnings."""


class TestByHand:
    def test_every_line_is_in_december_s_purchasing_power(self):
        """360 x 160/80, 150 x 160/150, 800 x 160/80, 100 x 160/100, 300 x 160/120, 40 x 160/80."""
        made = restate(year(), CHART, index(), PAST, "4350")
        assert dict(zip(made.accounts, made.amounts.tolist(), strict=True)) == {
            "1010": 750_00,
            "1200": 160_00,
            "1400": 720_00,
            "3000": -1600_00,
            "3300": -160_00,
            "4000": -400_00,
            "6200": 80_00,
            "4350": 450_00,
        }
        assert made.monetary_result == -450_00
        assert made.opening_net_assets == 1760_00  # 1,100 x 160/100

    def test_holding_money_lost_the_same_by_the_other_road(self):
        """600 x 60/100 + 300 x 40/120 - 150 x 10/150 = 360 + 100 - 10 = 450."""
        assert prove_monetary_result(year(), CHART, index(), PAST) == -450_00

    def test_everything_takes_the_closing_rate(self):
        """
        At 0.05: net assets 1,630 are 81.50, the result -130 is -6.50.

        Opening equity was published as 1,100 x 0.07 = 77.00; it is 1,760 x 0.05 = 88.00 now.
        """
        made = restate(year(), CHART, index(), PAST, "4350")
        quote = Quote("TRY", "USD", parse_rate("0.05"))
        shown = translate_restated(made, CHART, quote, "USD", 77_00)
        assert (shown.net_assets, shown.net_income) == (81_50, -6_50)
        assert shown.effect == shown.proved == 11_00
        assert shown.net_assets == 77_00 + shown.net_income + shown.effect


LEVEL = st.integers(10**10, 10**13)
AMOUNT = st.integers(-(10**9), 10**9)


class TestTwoRoads:
    @given(st.lists(LEVEL, min_size=14, max_size=14), st.lists(AMOUNT, min_size=48, max_size=48))
    def test_what_is_left_is_what_the_monetary_position_lost(self, levels, drawn):
        """Sales, purchases of stock and payables in every month, whatever prices do."""
        prices = PriceIndex("drawn", dict(zip((BOUGHT, LAST, *YEAR), levels, strict=True)))
        sold, bought, owed = drawn[:12], drawn[12:24], drawn[24:36]
        months = [
            month(
                each,
                a1010=600_00 + sum(sold[:k]) - sum(bought[:k]) + sum(owed[:k]),
                a1200=sum(bought[:k]),
                a1400=400_00,
                a2010=-sum(owed[:k]),
                a3000=-800_00,
                a3300=-200_00,
                a4000=-sum(sold[:k]),
            )
            for k, each in enumerate(YEAR, start=1)
        ]
        equity = 600_00 + round_up(400_00 * levels[1], levels[0])
        equity -= round_up(800_00 * levels[1], levels[0])
        past = Past(
            vintages={
                "1200": tuple(map(Vintage, YEAR, bought)),
                "1400": (Vintage(BOUGHT, 400_00),),
                "3000": (Vintage(BOUGHT, -800_00),),
            },
            opened=LAST,
            equity={"3300": -equity},
            monetary=600_00,
        )
        made = restate(months, CHART, prices, past, "4350")
        assert int(made.amounts.sum()) == 0
        proved = prove_monetary_result(months, CHART, prices, past)
        # Opening retained earnings were rounded at the last close, and grow with the index.
        bound = made.rounded_lines + 3 * prices.factor(LAST, YEAR[-1])
        assert 2 * abs(made.monetary_result - proved) <= bound

    def test_without_inflation_nothing_happens(self):
        flat = PriceIndex("flat", dict.fromkeys((BOUGHT, LAST, *YEAR), 10**10))
        past = replace(PAST, equity={"3300": -200_00})
        made = restate(year(), CHART, flat, past, "4350")
        restated = dict(zip(made.accounts, made.amounts.tolist(), strict=True))
        now = year()[-1]
        assert restated == {**dict(zip(now.accounts, now.amounts.tolist(), strict=True)), "4350": 0}
        assert prove_monetary_result(year(), CHART, flat, past) == 0


def round_up(numerator: int, denominator: int) -> int:
    """Half away from zero, of positive integers."""
    return (2 * numerator + denominator) // (2 * denominator)


class TestRefusals:
    def test_a_level_that_is_not_there_is_named(self):
        known = {
            month: level for month, level in index().levels.items() if month != Period(2025, 9)
        }
        with pytest.raises(IndexMissing) as refused:
            restate(year(), CHART, PriceIndex("CPI", known), PAST, "4350")
        assert "2025-09" in str(refused.value)
        assert "CPI" in refused.value.message("pt-BR")

    def test_equity_that_moved_without_a_month_is_not_hidden_in_the_result(self):
        """100.00 more cash in December against retained earnings: the two roads part."""
        months = year()
        last = months[-1]
        grown = dict(zip(last.accounts, last.amounts.tolist(), strict=True))
        grown["1010"] += 100_00
        grown["3300"] -= 100_00
        amounts = np.array(list(grown.values()), dtype=np.int64)
        months[-1] = replace(last, accounts=tuple(grown), amounts=amounts)
        with pytest.raises(MonetaryResultUnproved) as refused:
            restate(months, CHART, index(), PAST, "4350")
        assert refused.value.size.minor == 100_00
        assert "sem mês" in refused.value.message("pt-BR")

    @pytest.mark.parametrize("vintages", [(), (Vintage(BOUGHT, 359_99),)])
    def test_parts_that_are_not_what_an_account_holds_are_refused(self, vintages):
        past = replace(PAST, vintages={**PAST.vintages, "1400": vintages})
        with pytest.raises(VintagesIncomplete) as refused:
            restate(year(), CHART, index(), past, "4350")
        assert (refused.value.account, refused.value.booked.minor) == ("1400", 360_00)
        assert refused.value.message("pt-BR") != refused.value.message("en")
