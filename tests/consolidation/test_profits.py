"""Unrealised profit in stock: who bears it, and that everything still ties."""

from dataclasses import replace
from pathlib import Path

import pytest

from monthclose.analysis.equity_checks import check_attribution, check_cta_proof
from monthclose.ledger.accounts import UnknownAccount
from monthclose.ledger.entities import UnknownEntity
from tests.worked.case import Case, close_case, read_case


@pytest.fixture
def case() -> Case:
    """A sells to B: 25 percent of A and 40 percent of B are outsiders'."""
    return read_case(Path(__file__).parents[1] / "worked" / "cases" / "W10.json")


class TestEliminateProfits:
    def test_sideways_the_equity_ties(self, case: Case):
        """V5 proves the books, V6 rolls equity forward from its openings."""
        book = close_case(case)
        assert check_attribution(book).findings == check_cta_proof(book).findings == ()

    def test_downstream_the_owners_of_the_parent_bear_it(self, case: Case):
        """
        P as the seller: no profit of A's outsiders changes.

        15,238.10 of profit less 3,809.53 of tax, and 3,333.35 less 833.34 released.
        """
        without = close_case(replace(case, facts=replace(case.facts, profits=())))
        only = replace(case.facts.profits[0], seller="P", turnover=None)
        book = close_case(replace(case, facts=replace(case.facts, profits=(only,))))
        assert book.nci["A"] == without.nci["A"]
        lost = without.totals.net_income_parent - book.totals.net_income_parent
        assert lost == (15_238_10 - 3_809_53) - (3_333_35 - 833_34)
        assert check_attribution(book).findings == ()

    def test_what_last_year_left_in_the_cta_goes_out_again(self, case: Case):
        """Of 100.00 that stood there 40 percent were of B's outsiders: a movement the less."""
        plain = close_case(case)
        only = replace(case.facts.profits[0], opening_cta=100_00)
        book = close_case(replace(case, facts=replace(case.facts, profits=(only,))))
        assert book.nci["B"].opening == plain.nci["B"].opening + 40_00
        assert abs(book.nci["B"].closing - plain.nci["B"].closing) <= 1
        assert check_attribution(book).findings == ()

    def test_an_account_that_the_chart_does_not_have_is_refused(self, case: Case):
        """1899 for deferred tax."""
        only = replace(case.facts.profits[0], tax_asset_account="1899")
        with pytest.raises(UnknownAccount):
            close_case(replace(case, facts=replace(case.facts, profits=(only,))))

    def test_a_buyer_that_is_not_consolidated_is_refused(self, case: Case):
        """Nobody knows Q."""
        only = replace(case.facts.profits[0], buyer="Q")
        with pytest.raises(UnknownEntity):
            close_case(replace(case, facts=replace(case.facts, profits=(only,))))
