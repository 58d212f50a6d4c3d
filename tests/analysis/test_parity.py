"""Parity of equity pick-up and consolidation: the worked case of a holder in reais, any other."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.equity_checks import check_attribution, check_cta_proof
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Layer,
    Layers,
    OpeningPosition,
    PeriodRates,
    Treatment,
    TrialBalance,
)
from monthclose.ledger.book import Book
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.parity import compare_pickup
from monthclose.ledger.pickups import EquityPickup, PickedUp
from monthclose.ledger.rates import Quote, convert_one
from monthclose.ledger.translations import Rollforward
from tests.consolidation.groups import (
    CODES,
    dollars,
    engine,
    founded,
    group,
    holds,
    parent,
    subsidiary,
)
from tests.worked.case import Case, close_case, read_case

PERIOD = "2025-12"
REAIS = st.integers(0, 10**7).map(lambda reais: reais * 100)
LIFE = st.tuples(REAIS, REAIS, REAIS, REAIS, st.sampled_from([51, 60, 75, 80, 100]))
"""Capital, profit of earlier years, profit of the year and dividend in centavos; percent held."""


def picked_up(lives: Sequence[tuple[int, int, int, int, int]], rates: Sequence[int]) -> Book:
    """
    Close a year of a holder in reais with every subsidiary under equity pick-up.

    Args:
        lives: What each subsidiary went through; shares of whole reais are whole centavos.
        rates: Of the capital, the opening, the average, the dividends and the closing, in
            ten-thousandths of a dollar.
    """
    at, opening, average, declared, closing = (dollars(f"{each / 10**4:.4f}") for each in rates)

    def converted(amount: int, quote: Quote) -> int:
        return convert_one(amount, quote, "BRL", "USD")

    balances, positions, treated = [], {}, {}
    acquisitions, dividends = [], []

    def stand(code: str, carried: int, **lines: int) -> None:
        """Book a company, whose retained earnings were translated as *carried*."""
        lines["cash"] = -sum(lines.values())
        amounts = np.array(list(lines.values()), dtype=np.int64)
        accounts = tuple(CODES[name][0] for name in lines)
        balances.append(TrialBalance(code, PERIOD, "BRL", accounts, amounts))
        capital, retained = lines["capital"], lines["retained"]
        cta = converted(-capital - retained, opening) + converted(capital, at) + carried
        positions[code] = OpeningPosition(code, -capital - retained, opening, cta)
        treatments: dict[str, Treatment] = {
            CODES["capital"][0]: Layers((Layer(capital, at),)),
            CODES["retained"][0]: CarriedForward(carried),
            CODES["dividends"][0]: AtRate(declared),
        }
        treated[code] = PeriodRates("USD", opening, average, closing, treatments)

    invested = before = earned = received = 0
    carried = converted(-300_000_00, average)
    for number, (capital, prior, profit, paid, percent) in enumerate(lives):
        code, held = f"S{number}", Fraction(percent, 100)
        stand(
            code, converted(-prior, average),
            capital=-capital, retained=-prior, revenue=-profit, dividends=paid,
        )  # fmt: skip
        cost, past, now, got = (int(held * each) for each in (capital, prior, profit, paid))
        pickup = EquityPickup(
            CODES["revenue"][0],
            (PickedUp(now, average),),
            past,
            converted(past, average),
            (PickedUp(got, declared),),
        )
        acquisitions.append(
            replace(
                founded(code, nci=str(100 - percent)),
                quote=at,
                consideration=cost,
                equity={CODES["capital"][0]: -capital},
                investment=cost + past + now - got,
                investment_historical=converted(cost, at),
                pickup=pickup,
            )
        )
        income = CODES["dividend_income"][0]
        dividends.append(
            Dividend(code, paid, declared, received=(Received("P", got, declared, income),))
        )
        invested += cost + past + now - got
        before, earned, received = before + past, earned + now, received + got
        carried -= converted(past, average)
    stand(
        "P", carried, capital=-2_000_000_00, retained=-300_000_00 - before,
        revenue=-50_000_00 - earned, investment=invested,
    )  # fmt: skip
    described = group(
        parent(currency="BRL"), *(subsidiary(f"S{number}") for number in range(len(lives)))
    )
    facts = PeriodFacts(
        PERIOD,
        treated,
        positions,
        acquisitions=tuple(acquisitions),
        dividends=tuple(dividends),
        interests=tuple(holds("P", f"S{n}", str(life[-1])) for n, life in enumerate(lives)),
    )
    return engine(described, *balances).consolidate(PERIOD, facts)


def pickup_case(shared: Path) -> Case:
    """A Brazilian holder with 80 percent under equity pick-up, in dollars."""
    return read_case(next((shared / "golden").glob("G17-*.json")))


class TestComparePickup:
    def test_the_holders_own_figures_are_those_of_the_groups_owners(self, shared: Path):
        """Net assets 1,490,000 x 0.16 = 238,400; profit 170,000 x 0.19 = 32,300."""
        book = close_case(pickup_case(shared))
        figures = {each.figure: each for each in compare_pickup(book)}
        assert [each.separate for each in figures.values()] == [
            238_400_00,
            32_300_00,
            -107_900_00,
        ]
        assert all(each.difference == 0 for each in figures.values())
        assert check_attribution(book).findings == check_cta_proof(book).findings == ()

    @given(
        st.lists(LIFE, min_size=1, max_size=3),
        st.lists(st.integers(1_500, 2_900), min_size=5, max_size=5),
    )
    def test_owners_have_what_their_holder_shows(
        self, lives: list[tuple[int, int, int, int, int]], rates: list[int]
    ):
        """Whatever the companies earn, pay and are held at: half a cent a rounded amount."""
        book = picked_up(lives, rates)
        figures = compare_pickup(book)
        assert [each.figure for each in figures] == ["net_assets", "profit", "cta"]
        for each in figures:
            assert abs(each.difference) <= 10 * len(lives) + 4
        assert check_attribution(book).findings == check_cta_proof(book).findings == ()

    def test_a_reserve_of_other_currencies_is_added_to_the_holders_cta(self, shared: Path):
        """-107,900 of the holder's own CTA and 500 of reserve: 500 more than the group's."""
        book = close_case(pickup_case(shared))
        cta = compare_pickup(book, Rollforward(300_00, 200_00))[2]
        assert (cta.figure, cta.difference) == ("cta", 500_00)

    def test_a_pickup_that_is_not_the_groups_profit_is_seen(self, shared: Path):
        """Of earlier years 1,000 less in retained earnings: group profit stays, net assets too."""
        case = pickup_case(shared)
        bought = case.facts.acquisitions[0]
        assert bought.pickup is not None
        other = replace(
            bought.pickup, prior_presentation=bought.pickup.prior_presentation - 1_000_00
        )
        facts = replace(case.facts, acquisitions=(replace(bought, pickup=other),))
        figures = compare_pickup(close_case(replace(case, facts=facts)))
        assert {each.figure: each.difference for each in figures} == {
            "net_assets": 0,
            "profit": 0,
            "cta": 1_000_00,
        }

    def test_a_group_at_cost_has_nothing_to_compare(self, shared: Path):
        """G01 carries its subsidiary at cost."""
        case = read_case(next((shared / "golden").glob("G01-*.json")))
        assert compare_pickup(close_case(case)) == ()
