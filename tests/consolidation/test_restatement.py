"""Errors of prior periods restate the opening, and no result of the period."""

from dataclasses import replace

import numpy as np

from monthclose.analysis.equity_checks import check_openings
from monthclose.ledger.balances import CarriedForward, Layer, TrialBalance
from monthclose.ledger.book import Book, ClosedPosition, LastClose
from monthclose.ledger.events import PartialDisposal
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.restatements import Restatement
from monthclose.ledger.translations import Rollforward
from tests.consolidation.test_disposal import findings
from tests.consolidation.test_partial_disposal import sale
from tests.worked.case import Case, close_case

WRONG = (3_000_00, 2_000_00)
"""Expenses of earlier years that were left out, reais: one at 5.00, one at 4.00."""


def corrected(case: Case) -> tuple[PeriodFacts, tuple[TrialBalance, ...]]:
    """W12 with 5,000.00 of expenses that earlier years left out, in books and records."""
    (event,) = case.facts.events
    assert isinstance(event, PartialDisposal)
    rates = dict(case.facts.rates)
    carried = rates["S"].treatments["3300"]
    assert isinstance(carried, CarriedForward)
    errors = (
        Layer(WRONG[0], case.quotes["A1"], "2023"),
        Layer(WRONG[1], case.quotes["ACQ"], "2021"),
    )
    treatments = {**rates["S"].treatments, "3300": replace(carried, restated=errors)}
    rates["S"] = replace(rates["S"], treatments=treatments)
    event = replace(event, net_assets=event.net_assets - sum(WRONG))
    parent, s = case.balances
    amounts = np.array(s.amounts)
    amounts[s.accounts.index("3300")] += sum(WRONG)
    amounts[s.accounts.index("1010")] -= sum(WRONG)
    return (
        replace(case.facts, rates=rates, events=(event,)),
        (parent, replace(s, amounts=amounts)),
    )


def closed_before(case: Case, retained: int) -> LastClose:
    """The last close of W12's S, as it was reported."""
    book = close_case(case)
    opened = book.nci["S"].opening
    cta = case.facts.openings["S"].cta
    nil = Rollforward(0, 0)
    before = ClosedPosition("S", Rollforward(cta, 0), Rollforward(retained, 0), replace(nil))
    return LastClose("2023-12", (replace(before, nci=Rollforward(opened, 0)),))


def dated(book: Book) -> Book:
    """The one period of a case as a month."""
    return replace(book, facts=replace(book.facts, period="2024-12"))


class TestRestate:
    def test_equity_takes_the_rates_of_its_years_and_the_cta_the_rest(self):
        """
        Retained earnings fall by 3,000.00 / 5.00 + 2,000.00 / 4.00 = 1,100.00.

        Net assets open at 555,000.00 / 4.80 = 115,625.00, equity at 75,000.00 + 60,111.09 -
        1,100.00: CTA -18,386.09, where -18,444.42 had been reported. Of both, outsiders had
        20 % when the year began: 220.00 and, of 58.33, 11.67.
        """
        case = sale()
        book = close_case(case, *corrected(case))
        assert book.restatements == {
            "S": Restatement("S", -1_100_00, -220_00, -18_444_42, -18_386_09, 11_67)
        }

    def test_the_result_of_the_period_does_not_move(self):
        case = sale()
        was, now = close_case(case), close_case(case, *corrected(case))
        assert now.totals.net_income == was.totals.net_income

    def test_the_roll_forward_of_equity_finds_the_closing_balances(self):
        """V5 and V6: the CTA is proved from restated net assets."""
        case = sale()
        assert findings(close_case(case, *corrected(case)), "V1", "V3", "V5", "V6") == []

    def test_openings_are_the_last_close_and_the_correction(self):
        """V4 finds openings that were moved by the correction, and by no more."""
        case = sale()
        book = dated(close_case(case, *corrected(case)))
        assert check_openings(book, closed_before(case, 60_111_09)).findings == ()
        other = check_openings(book, closed_before(case, 60_111_10)).findings
        assert [(each.code, each.actual) for each in other] == [
            ("opening-equity-differs", 59_011_09)
        ]

    def test_a_correction_that_nobody_recorded_is_found(self):
        """The same openings without saying that they were corrected."""
        case = sale()
        book = replace(dated(close_case(case, *corrected(case))), restatements={})
        codes = {e.code for e in check_openings(book, closed_before(case, 60_111_09)).findings}
        assert codes == {"opening-cta-differs", "opening-equity-differs", "opening-nci-differs"}
