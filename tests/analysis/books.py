"""A good book, in which nothing is wrong, for a test to plant one thing in."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from monthclose.analysis.validation import validate
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.balances import PeriodRates, RawBalance, TrialBalance
from monthclose.ledger.book import Book, LastClose
from monthclose.ledger.findings import CheckResult, Finding
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping, Target
from tests.consolidation.groups import (
    bought,
    cents,
    engine,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    subsidiary,
)

DECEMBER, JANUARY, FEBRUARY = "2024-12", "2025-01", "2025-02"
RATES = {
    DECEMBER: ("0.20", "0.20"),
    JANUARY: ("0.22", "0.21"),
    FEBRUARY: ("0.25", "0.24"),
} | {f"2025-{month:02d}": ("0.26", "0.26") for month in range(3, 13)}
RATES |= {"2026-01": ("0.28", "0.27")}


def purchase() -> Acquisition:
    """80 % of S for 1,000.00 on 1 January: goodwill 1,000.00 + 180.00 - 900.00 = 280.00."""
    return bought(paid="1000.00", carried="200.00", nci="20", capital="-600.00", retained="-300.00")


def described(acquisition: Acquisition | None = None) -> Group:
    """P in dollars owns 80 % of S in reais."""
    return group(
        parent(),
        subsidiary(),
        quotes=(*monthly(RATES), on("2025-01-01", "0.20")),
        interests=(holds("P", "S", "80"),),
        acquisitions=(acquisition or purchase(),),
    )


def balances(months: int = 13) -> list[TrialBalance]:
    """Both companies, month after month; S earns 100.00 in each."""
    s = {"capital": -600_00, "retained": -300_00, "revenue": -100_00}
    p = {"capital": -500_00, "investment": 200_00, "revenue": -10_00}
    return [
        *lived("S", [s] + [{"revenue": -100_00}] * (months - 1)),
        *lived("P", [p] + [{"revenue": -10_00}] * (months - 1), currency="USD"),
    ]


def good(month: str = FEBRUARY) -> Book:
    """The close of a month."""
    return engine(described(), *balances()).consolidate(month)


def mapped() -> Book:
    """The close of a company whose chart is its own, one account of it split in halves."""
    halves = (Target("1010", Fraction(1, 2)), Target("1100", Fraction(1, 2)))
    targets: Mapping[str, tuple[Target, ...]] = {
        "a": halves,
        "b": halves,
        "c": (Target("2010"),),
    }
    alone = group(parent(), mappings={"P": EntityMapping("P", targets)})
    raw = RawBalance(
        "P",
        JANUARY,
        "USD",
        ("a", "b", "c", "d"),
        np.array([cents("10.00"), cents("0.02"), cents("-10.02"), 0]),
    )
    closing = engine(alone)
    closing.load_trial_balance(raw)
    return closing.consolidate(JANUARY)


def check(book: Book, name: str, last: LastClose | None = None) -> CheckResult:
    """The result of one check."""
    return next(each for each in validate(book, last).results if each.check == name)


def only(book: Book, *names: str, last: LastClose | None = None) -> tuple[Finding, ...]:
    """The blocking findings of the first check named; there are some of each, and no others."""
    blocking = validate(book, last).blocking
    assert {finding.check for finding in blocking} == set(names)
    return tuple(finding for finding in blocking if finding.check == names[0])


def with_rates(book: Book, entity: str = "S", **quotes) -> Book:
    """The same book, with other quotes of an entity in its facts."""
    rates = dict(book.facts.rates)
    rates[entity] = replace(rates.get(entity, PeriodRates(book.presentation)), **quotes)
    return replace(book, facts=replace(book.facts, rates=rates))
