"""A company sold leaves the group, and the gain is the group's own."""

from dataclasses import replace
from fractions import Fraction

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.disposal import SaleUnexplained, SoldInPart
from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.balances import (
    CarriedForward,
    OpeningPosition,
    PeriodRates,
)
from monthclose.ledger.book import Book
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.events import Derecognition, Disposal
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.findings import Finding
from monthclose.ledger.group import Group
from monthclose.ledger.rates import Quote
from tests.worked.case import OWN, Case, close_case, read_case


def sale() -> Case:
    """W11: 60 % of S sold for 70,000.00 at a separate loss of 14,000.00."""
    return read_case(OWN / "W11.json")


def other_sale(case: Case, **said: int | str | Fraction) -> PeriodFacts:
    """The facts of a case with another sale."""
    (event,) = case.facts.events
    assert isinstance(event, Disposal)
    return replace(case.facts, events=(replace(event, **said),))  # type: ignore[arg-type]


class TestLoseControl:
    def test_nothing_of_the_company_stays(self):
        """Capital was eliminated, assets and outsiders derecognised, the CTA recycled."""
        case = sale()
        book = close_case(case)
        assert book.of_kind(AccountClass.NCI) == 0
        assert book.of_kind(AccountClass.CTA) == 0
        assert book.figure("1700") == 0
        assert book.nci["S"].closing == 0

    def test_the_roll_forward_of_equity_finds_the_closing_balances(self):
        """V4 to V6 start from openings and causes, and never see the entry that takes S out."""
        case = sale()
        assert findings(close_case(case), "V1", "V3", "V4", "V5", "V6") == []

    def test_a_higher_price_is_gain_and_nothing_else(self):
        """20,000.00 more paid and booked: the group's gain grows by 20,000.00."""
        case = sale()
        (lost,) = close_case(case).changes
        cash = case.balances[0].accounts.index("1010")
        gained = case.balances[0].accounts.index("4510")
        amounts = case.balances[0].amounts.copy()
        amounts[cash] += 20_000_00
        amounts[gained] -= 20_000_00
        richer = replace(case.balances[0], amounts=amounts)
        facts = other_sale(case, proceeds=90_000_00, separate_gain=6_000_00)
        (more,) = close_case(replace(case, balances=(richer, case.balances[1])), facts).changes
        assert isinstance(lost, Derecognition)
        assert isinstance(more, Derecognition)
        assert more == replace(lost, proceeds=90_000_00)
        assert more.gain - lost.gain == 20_000_00

    def test_a_holder_in_another_currency_loses_the_retranslation_of_what_it_sold(self):
        """
        P in pounds opened at 1.25 and sold at 1.28.

        S cost 84,000.00 dollars when that was 60,000.00 pounds, carried at 75,000.00 dollars
        when the period opened: 9,000.00 of loss in the CTA of P are nobody's, and leave it
        with the investment. The gain does not move.
        """
        case = sale()
        (bought,), (dividend,) = case.facts.acquisitions, case.facts.dividends
        opening, average, closing = (
            Quote("GBP", "USD", int(text.replace(".", "")) * 10**8)
            for text in ("1.25", "1.28", "1.30")
        )
        equity = {"3000": CarriedForward(-180_000_00), "3300": CarriedForward(-75_000_00)}
        parent = PeriodRates("USD", opening, average, closing, equity)
        got = replace(dividend.received[0], quote=average)
        facts = replace(
            case.facts,
            rates={**case.facts.rates, "P": parent},
            dividends=(replace(dividend, received=(got,)),),
            acquisitions=(replace(bought, investment=60_000_00),),
            openings={
                **case.facts.openings,
                "P": OpeningPosition(
                    "P", 210_000_00, opening, 210_000_00 * 125 // 100 - 255_000_00
                ),
            },
        )
        group = in_pounds(case, "P", "GBP")
        books = tuple(
            replace(each, currency="GBP") if each.entity == "P" else each for each in case.balances
        )
        book = close_case(replace(case, group=group, balances=books), facts)
        assert book.figure("1700") == 0
        assert findings(book, "V1", "V3", "V6") == []
        taken = [entry for entry in book.entries if entry.kind == "investment_retranslation"]
        assert taken == []
        assert book.equity is not None
        # S opened with 60 % of its 2,760.06 and 489.80 of goodwill; P with 7,500.00
        assert book.equity.cta_parent.opening == 7_500_00 + 9_000_00 + 1_949_92

    def test_a_company_in_the_presentation_currency_has_nothing_to_recycle(self):
        """
        S in dollars has no CTA.

        Net assets 635,000.33 and goodwill 120,000.00 leave, outsiders too.
        """
        case = sale()
        group = replace(
            case.group,
            entities=tuple(replace(each, currency="USD") for each in case.group.entities),
        )
        (bought,) = case.facts.acquisitions
        bought = replace(
            bought,
            consideration=420_000_00,
            investment=420_000_00,
            investment_historical=420_000_00,
        )
        (dividend,) = case.facts.dividends
        got = replace(dividend.received[0], amount=18_000_00)
        facts = replace(
            other_sale(case, cost=420_000_00, proceeds=430_000_00, separate_gain=10_000_00),
            acquisitions=(bought,),
            dividends=(replace(dividend, received=(got,)),),
        )
        books = tuple(replace(each, currency="USD") for each in case.balances)
        (lost,) = close_case(replace(case, group=group, balances=books), facts).changes
        assert isinstance(lost, Derecognition)
        # outsiders: 250,000.00 + 40 % x (80,000.00 + 35,000.33 - 30,000.00), half a cent up
        assert lost.nci == 284_000_13
        assert lost.net_assets == 635_000_33
        assert lost.goodwill == 120_000_00
        assert lost.cta_recycled == 0
        assert lost.gain == 430_000_00 + 284_000_13 - 635_000_33 - 120_000_00


def in_pounds(case: Case, code: str, currency: str) -> Group:
    """The group of a case with one company's books in another currency."""
    entities = (
        replace(each, currency=currency) if each.code == code else each
        for each in case.group.entities
    )
    return replace(case.group, entities=tuple(entities))


def findings(book: Book, *checks: str) -> list[Finding]:
    """What some checks found."""
    return [each for each in validate(book).findings if each.check in checks]


class TestRefusals:
    def test_a_price_that_cost_and_gain_do_not_make(self):
        """84,000.00 - 14,000.00 = 70,000.00, not 71,000.00."""
        case = sale()
        with pytest.raises(SaleUnexplained) as refused:
            close_case(case, other_sale(case, proceeds=71_000_00))
        assert "1,000.00" in str(refused.value)

    def test_another_cost_than_was_paid(self):
        """The investment cost 84,000.00."""
        case = sale()
        with pytest.raises(InvestmentMismatch):
            close_case(case, other_sale(case, cost=83_000_00, separate_gain=-13_000_00))

    def test_a_company_nobody_consolidates(self):
        case = sale()
        with pytest.raises(UnknownEntity):
            close_case(case, other_sale(case, entity="X"))

    def test_a_share_that_is_not_the_whole_holding(self):
        case = sale()
        with pytest.raises(SoldInPart):
            close_case(case, other_sale(case, share=Fraction(1, 2)))
