"""A part sold without loss of control moves equity, and no result."""

from dataclasses import replace
from fractions import Fraction

import pytest

from monthclose.consolidation.disposal import SaleUnexplained, SoldInPart
from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.consolidation.partial_disposal import DayUnexplained, flows_after
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import ChargedPeriod, NciMethod, StepUp
from monthclose.ledger.events import PartialDisposal, Reattribution
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.translations import Flow
from tests.consolidation.groups import dollars
from tests.consolidation.test_disposal import findings
from tests.worked.case import OWN, Case, close_case, read_case


def sale() -> Case:
    """W12: 15 % of S, of which 20 % were outsiders', sold for 32,000.00 in June."""
    return read_case(OWN / "W12.json")


def other_sale(case: Case, **said: int | Fraction | frozenset[str]) -> PeriodFacts:
    """The facts of a case with another sale."""
    (event,) = case.facts.events
    assert isinstance(event, PartialDisposal)
    return replace(case.facts, events=(replace(event, **said),))  # type: ignore[arg-type]


class TestReattribute:
    def test_nothing_of_the_price_is_result(self):
        """The holder's own gain of 11,375.00 is undone; the difference is equity."""
        case = sale()
        book = close_case(case)
        assert book.figure("4510") == 0
        assert book.totals.reclassified == 0

    def test_the_roll_forward_of_equity_finds_the_closing_balances(self):
        """V4 to V6 start from openings and causes."""
        case = sale()
        assert findings(close_case(case), "V1", "V3", "V4", "V5", "V6") == []

    def test_outsiders_end_with_their_new_share_of_net_assets(self):
        """35 % of what S stands at, but for the cents of five roundings."""
        case = sale()
        book = close_case(case)
        (s,) = [each for each in book.translations if each.entity == "S"]
        assert abs(book.nci["S"].closing - Fraction(35, 100) * s.net_assets) <= 3

    def test_a_dividend_after_the_day_leaves_more_to_sell(self):
        """
        Net assets of the day without the dividend of 10,000.00.

        They are 10,000.00 / 5.30 = 1,886.79 more; the CTA is 1,980.20 - 1,886.79 = 93.41
        less, because the equity that was left did not lose what the dividend took.
        """
        case = sale()
        (event,) = case.facts.events
        assert isinstance(event, PartialDisposal)
        (before,) = close_case(case).changes
        facts = other_sale(case, net_assets=event.net_assets + 10_000_00)
        (after,) = close_case(case, facts).changes
        assert isinstance(before, Reattribution)
        assert isinstance(after, Reattribution)
        assert after.net_assets - before.net_assets == 1_886_79
        assert after.cta - before.cta == 1_886_79 - 1_980_20

    def test_full_goodwill_is_shared(self):
        """
        Outsiders at 100,000.00 of fair value: the same goodwill of 40,000.00, shared.

        On the day it stands at 40,000.00 / 5.30 = 7,547.17, of which 7,547.17 - 10,000.00 =
        -2,452.83 is CTA.
        """
        case = sale()
        (part,) = close_case(case).changes
        (bought,) = case.facts.acquisitions
        bought = replace(bought, nci_method=NciMethod.FAIR_VALUE, nci_amount=100_000_00)
        book = close_case(case, replace(case.facts, acquisitions=(bought,)))
        (full,) = book.changes
        assert isinstance(part, Reattribution)
        assert isinstance(full, Reattribution)
        assert full.net_assets - part.net_assets == 7_547_17
        assert full.cta - part.cta == -2_452_83
        assert findings(book, "V1", "V3", "V5", "V6") == []

    def test_step_ups_are_shared_as_they_stand_on_the_day(self):
        """
        A step-up of 60,000.00 over 60 months, 36 of them before, at a tax of 34 %.

        On the day 18,000.00 less 6,120.00 of tax are left: 11,880.00 / 5.30 = 2,241.51. At
        the end it is 12,000.00 less 4,080.00, and outsiders have 35 % of that too.
        """
        case = sale()
        (part,) = close_case(case).changes
        (bought,) = case.facts.acquisitions
        q = case.quotes
        bought = replace(
            bought,
            step_ups=(StepUp("SW", 60_000_00, 60, "1510", "1515", "6210"),),
            tax_rate=Fraction(34, 100),
            prior_periods=(ChargedPeriod("before", 36, q["OPEN"]),),
            current_periods=(
                ChargedPeriod("2024-H1", 6, q["A1"]),
                ChargedPeriod("2024-H2", 6, q["A2"]),
            ),
        )
        kinds = {"1510": "asset", "1515": "asset", "2500": "liability"}
        kinds |= {"6210": "expense", "6910": "expense"}
        known = [each for each in case.group.chart.accounts if each.code not in kinds]
        new = [Account(code, code, AccountClass(kind)) for code, kind in kinds.items()]
        group = replace(case.group, chart=chart_of((*known, *new)))
        book = close_case(replace(case, group=group), replace(case.facts, acquisitions=(bought,)))
        (stepped,) = book.changes
        assert isinstance(part, Reattribution)
        assert isinstance(stepped, Reattribution)
        assert stepped.net_assets - part.net_assets == 2_241_51
        assert findings(book, "V1", "V3", "V5", "V6") == []
        (s,) = [each for each in book.translations if each.entity == "S"]
        layer = sum(book.figure(code) for code in ("1510", "1515", "2500"))
        owned = Fraction(35, 100) * (s.net_assets + layer)
        assert abs(book.nci["S"].closing - owned) <= 4


class TestRefusals:
    def test_net_assets_of_the_day_that_nothing_explains(self):
        """One cent more than the opening, six months and the dividend."""
        case = sale()
        (event,) = case.facts.events
        assert isinstance(event, PartialDisposal)
        with pytest.raises(DayUnexplained):
            close_case(case, other_sale(case, net_assets=event.net_assets + 1))

    def test_months_before_that_do_not_exist(self):
        case = sale()
        with pytest.raises(DayUnexplained):
            close_case(case, other_sale(case, before=frozenset({"2024-Q3"})))

    def test_more_than_others_own_afterwards(self):
        """The group has 65 %: more than 35 % cannot have been sold."""
        case = sale()
        with pytest.raises(SoldInPart):
            close_case(case, other_sale(case, share=Fraction(36, 100)))

    def test_a_price_that_cost_and_gain_do_not_make(self):
        case = sale()
        with pytest.raises(SaleUnexplained):
            close_case(case, other_sale(case, proceeds=32_000_01))

    def test_another_cost_than_left_the_books(self):
        """110,000.00 less 89,375.00 in the books: 20,625.00 left."""
        case = sale()
        with pytest.raises(InvestmentMismatch):
            close_case(case, other_sale(case, cost=20_000_00, separate_gain=12_000_00))


class TestFlowsAfterTheDay:
    """Flows carry no day: 30.00 and 20.00 of dividends, 50.00 more of both, at 0.20 and 0.25."""

    PAIR = ("BRL", "USD")
    A, B = Flow("dividends", -30_00, dollars("0.20")), Flow("dividends", -20_00, dollars("0.25"))
    BOTH = Flow("dividends", -50_00, dollars("0.25"))

    @pytest.mark.parametrize(
        ("before", "after"), [(0, -11_00), (-30_00, -5_00), (-20_00, -6_00), (-50_00, 0)]
    )
    def test_the_amounts_say_which_had_come(self, before, after):
        assert flows_after([self.A, self.B], before, self.PAIR) == after

    def test_no_amounts_that_come_to_it(self):
        assert flows_after([self.A, self.B], -10_00, self.PAIR) is None

    def test_several_that_do_are_not_chosen_from(self):
        """50.00 had come: the two, 11.00 and 12.50 apart from the one."""
        assert flows_after([self.A, self.B, self.BOTH], -50_00, self.PAIR) is None

    def test_several_of_one_figure_are_one_answer(self):
        assert flows_after([self.A, self.A], -30_00, self.PAIR) == -6_00

    def test_capital_paid_in_afterwards_is_refused(self):
        paid_in = Flow("capital", 10_00, dollars("0.20"))
        assert flows_after([paid_in], 0, self.PAIR) is None
        assert flows_after([paid_in], 10_00, self.PAIR) == 0

    def test_many_flows_take_no_longer_than_their_sums(self):
        flows = [Flow("dividends", -100, dollars("0.20"))] * 60
        assert flows_after(flows, -3000, self.PAIR) == -600
