"""A step to control ends the equity method at fair value, and begins a purchase."""

from dataclasses import replace
from pathlib import Path

import pytest

from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.consolidation.step import StepDiffers, StepIncomplete
from monthclose.ledger.events import Remeasurement, StepAcquisition
from monthclose.ledger.facts import PeriodFacts
from tests.consolidation.test_disposal import findings
from tests.worked.case import Case, close_case, read_case


@pytest.fixture
def case(shared: Path) -> Case:
    """30 % of S become 75 %: 72,000.00 by the equity method, worth 75,000.00."""
    (file,) = (shared / "golden").glob("G20*.json")
    return read_case(file)


def other_step(case: Case, **said: int | str) -> PeriodFacts:
    """The facts of a case with another step."""
    (event,) = case.facts.events
    assert isinstance(event, StepAcquisition)
    return replace(case.facts, events=(replace(event, **said),))  # type: ignore[arg-type]


class TestRemeasure:
    def test_the_old_interest_leaves_its_account(self, case):
        book = close_case(case)
        assert book.figure("1751") == 0
        assert book.figure("1700") == 0
        assert book.totals.reclassified == -150_00

    def test_the_roll_forward_of_equity_finds_the_closing_balances(self, case):
        """V5 and V6: the CTA of the associate opens, moves, and is recycled."""
        assert findings(close_case(case), "V1", "V3", "V5", "V6") == []

    def test_a_higher_fair_value_is_gain_and_goodwill(self, case):
        """
        5,500.00 BRL more for the old interest: 1,000.00 dollars of gain.

        Goodwill grows by 5,500.00, and stands at 5,500.00 / 6.20 = 887.10 more in the end.
        """
        was = close_case(case)
        (bought,) = case.facts.acquisitions
        more = replace(
            bought,
            previously_held=bought.previously_held + 5_500_00,
            investment=186_000_00,
            investment_historical=186_000_00,
        )
        facts = replace(other_step(case, fair_value=76_000_00), acquisitions=(more,))
        now = close_case(case, facts)
        (before,), (after,) = was.changes, now.changes
        assert isinstance(before, Remeasurement)
        assert isinstance(after, Remeasurement)
        assert after.gain - before.gain == 1_000_00
        assert now.figure("1600") - was.figure("1600") == 887_10
        assert findings(now, "V1", "V3", "V5", "V6") == []


class TestRefusals:
    def test_another_fair_value_than_the_purchase_counts(self, case):
        with pytest.raises(StepDiffers):
            close_case(case, other_step(case, fair_value=75_000_02))

    def test_an_investment_without_the_old_interest(self, case):
        """110,000.00 in the books and 75,000.00 make 185,000.00, not 184,000.00."""
        (bought,) = case.facts.acquisitions
        less = replace(bought, investment=184_000_00)
        with pytest.raises(InvestmentMismatch):
            close_case(case, replace(case.facts, acquisitions=(less,)))

    def test_no_associate(self, case):
        with pytest.raises(StepIncomplete):
            close_case(case, replace(case.facts, associates=()))

    def test_an_associate_on_another_account(self, case):
        with pytest.raises(StepIncomplete):
            close_case(case, other_step(case, associate_account="1750"))
