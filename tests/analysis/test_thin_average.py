"""An average over part of a month is said."""

from dataclasses import replace

import pytest

from monthclose.analysis.validation import validate
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.rates import RateKind
from tests.consolidation.groups import (
    balance,
    dollars,
    engine,
    founded,
    group,
    holds,
    monthly,
    on,
    parent,
    subsidiary,
)


@pytest.mark.parametrize(("days", "said"), [(0, []), (2, ["S"]), (14, ["S"]), (15, []), (22, [])])
def test_a_mean_of_fewer_than_fifteen_days_is_a_warning(days, said):
    """The shortest month of PTAX or ECB has 18 days; nil days: the average was loaded as such."""
    described = group(
        parent(),
        subsidiary(),
        interests=(holds("P", "S"),),
        quotes=(*monthly({"2025-01": ("0.20", "0.20")}), on("2025-01-01", "0.20")),
        acquisitions=(founded(paid="1.00", capital="-1.00"),),
    )
    described = replace(
        described, acquisitions=(replace(described.acquisitions[0], investment=20),)
    )
    made = engine(
        described,
        balance("P", currency="USD", cash="0.80", investment="0.20", capital="-1.00"),
        balance("S", cash="1.00", capital="-1.00"),
    )
    facts = made.consolidate("2025-01").facts
    average = dollars("0.20", "2025-01", RateKind.AVERAGE)
    rates = {**facts.rates, "S": replace(facts.rates["S"], average=replace(average, days=days))}
    thin: PeriodFacts = replace(facts, rates=rates)
    found = validate(made.consolidate("2025-01", thin)).findings
    assert [finding.subject for finding in found if finding.code == "average-thin"] == said
