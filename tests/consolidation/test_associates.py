"""The equity method: limit at nil, profit on trades, whole groups that tie."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.equity_checks import check_attribution, check_cta_proof
from monthclose.consolidation.associates import carry
from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.ledger.associates import (
    Associate,
    AssociateHolder,
    AssociateProfit,
    AssociateTwice,
    Direction,
)
from monthclose.ledger.rates import Quote, parse_rate
from tests.worked.case import Case, close_case, read_case


def reais(value: str) -> Quote:
    """Reais for one dollar."""
    return Quote("USD", "BRL", parse_rate(value))


SMALL = Associate(
    investee="X",
    holder="P",
    share=Fraction(3, 10),
    currency="BRL",
    account="1750",
    dividend_account="4200",
    result_account="4400",
    book_balance=250_00,
    cost=1_000_00,
    cost_presentation=250_00,
    net_assets=3_000_00,
    opening=1_000_00,
    opening_quote=reais("4"),
    average=reais("5"),
    closing=reais("6.25"),
    dividend_quote=reais("4.8"),
)
"""Thirty percent, bought for BRL 1,000 at 4.00, when 30 percent of net assets was 900."""


def with_associates(case: Case, *associates: Associate) -> Case:
    """The same case with other records."""
    return replace(case, facts=replace(case.facts, associates=associates))


@pytest.fixture
def case(shared: Path) -> Case:
    """A holder in dollars with 30 percent of a company in reais."""
    return read_case(next((shared / "golden").glob("G11-*.json")))


class TestCarry:
    def test_a_loss_stops_at_nil_and_the_rest_is_kept_off_the_books(self):
        """
        Share of -5,000 is -1,500; 1,000 are there: 500 wait.

        Result 1,000 / 5 = 200.00, closing nil: CTA = 0 - 250 + 200 = -50.00; proof
        1,000 x (0.16 - 0.25) - 1,000 x (0.16 - 0.20) = -90 + 40.
        """
        made = carry(replace(SMALL, result=-5_000_00), "USD")
        assert (made.share_of_result, made.recognised, made.losses) == (-1500_00, -1000_00, 500_00)
        assert (made.carrying, made.carrying_presentation) == (0, 0)
        assert (made.income, made.cta.movement, made.proof.total) == (-200_00, -50_00, -50_00)

    def test_later_profits_make_up_for_it_first(self):
        """Share of 3,000 is 900: 500 make up for losses, 400 are recognised: 80.00 at 5."""
        after = replace(
            SMALL, opening=0, opening_losses=500_00, opening_result=-200_00, opening_cta=-50_00
        )
        made = carry(replace(after, result=3_000_00), "USD")
        assert (made.recognised, made.losses, made.carrying) == (400_00, 0, 400_00)
        # 400 / 6.25 = 64.00, of which 80.00 is result: CTA -16.00
        assert (made.income, made.carrying_presentation) == (80_00, 64_00)
        assert made.cta.movement == made.proof.total == -16_00
        still = carry(replace(after, result=1_000_00), "USD")
        assert (still.recognised, still.losses, still.carrying) == (0, 200_00, 0)

    def test_dividends_count_before_the_limit(self):
        """1,000 less 150 of dividends leave 850 for a loss of 900: 50 wait."""
        made = carry(replace(SMALL, result=-3_000_00, dividends=500_00), "USD")
        assert (made.recognised, made.losses, made.carrying) == (-850_00, 50_00, 0)

    @pytest.mark.parametrize(
        ("direction", "carrying"), [(Direction.UPSTREAM, 256_00), (Direction.DOWNSTREAM, 225_33)]
    )
    def test_profit_on_trades_is_eliminated_by_share(self, direction: Direction, carrying: int):
        """
        Of 154.90 in stock 30 percent less 34 percent tax: 30.6702, so 30.67.

        1,600 at 6.25 are 256.00; a downstream profit is taken from it: 225.33.
        """
        trades = AssociateProfit(direction, 154_90, "1200", Fraction(34, 100))
        made = carry(replace(SMALL, result=2_000_00, unrealised=trades), "USD")
        assert made.eliminated == 30_67
        assert made.income == 120_00 - 30_67
        assert made.carrying_presentation == carrying


class TestWholeGroups:
    @pytest.mark.parametrize("direction", list(Direction))
    def test_a_second_year_with_trades_ties(self, case: Case, direction: Direction):
        """
        Opening 4,600 at 4.00 is 1,150.00: cost 1,000.00, earlier result 120.00, CTA 30.00.

        Retained earnings open at 400.00 + 120.00.
        """
        trades = AssociateProfit(direction, 100_00, "1300", Fraction(1, 4))
        later = replace(
            case.facts.associates[0],
            opening=4_600_00,
            opening_result=120_00,
            opening_cta=30_00,
            unrealised=trades,
        )
        book = close_case(with_associates(case, later))
        assert check_attribution(book).findings == check_cta_proof(book).findings == ()
        assert book.equity is not None
        assert book.equity.retained_opening == 520_00
        assert book.equity.cta_parent.opening == 30_00
        asset = 2_000_00 - (22_50 if direction is Direction.UPSTREAM else 0)
        assert book.figure("1300") == asset

    def test_a_cost_that_is_not_what_the_books_carry_is_refused(self, case: Case):
        """1,000.00 stand in the books."""
        only = case.facts.associates[0]
        wrong = replace(only, book_balance=900_00, cost_presentation=900_00)
        with pytest.raises(InvestmentMismatch):
            close_case(with_associates(case, wrong))
        with pytest.raises(InvestmentMismatch):
            close_case(with_associates(case, replace(only, book_balance=900_00)))

    def test_a_wrong_opening_is_seen_by_the_proof(self, case: Case):
        """Opening CTA of 5.00 that the carrying amount does not hold: V5 says so."""
        wrong = replace(case.facts.associates[0], opening_cta=5_00)
        assert check_cta_proof(close_case(with_associates(case, wrong))).findings

    def test_a_holder_that_is_not_consolidated_is_refused(self, case: Case):
        """Nobody knows Q."""
        with pytest.raises(AssociateHolder):
            close_case(with_associates(case, replace(case.facts.associates[0], holder="Q")))

    def test_an_associate_recorded_twice_is_refused(self, case: Case):
        """Each half of the cost, so that the books agree."""
        half = replace(case.facts.associates[0], book_balance=500_00, cost_presentation=500_00)
        with pytest.raises(AssociateTwice):
            close_case(with_associates(case, half, half))
