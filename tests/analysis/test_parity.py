"""Parity of equity pick-up and consolidation, on the worked case of a holder in reais."""

from dataclasses import replace
from pathlib import Path

from monthclose.analysis.equity_checks import check_attribution, check_cta_proof
from monthclose.analysis.parity import compare_pickup
from monthclose.ledger.translations import Rollforward
from tests.worked.case import Case, close_case, read_case


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
