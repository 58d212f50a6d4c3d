"""What a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any, Self

from monthclose.ledger.money import Money
from monthclose.wording import say


class Severity(StrEnum):
    """Whether a finding stops the close or asks for a look."""

    BLOCKING = "blocking"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Something to look at.

    Attributes:
        check: Id of the check, such as `V5`.
        code: What it is, kebab-case; the catalogue's sentence is `findings.<code>`.
        severity: Blocking or warning.
        subject: The entity, account, rate or entry it is about.
        expected: Minor units expected, or None.
        actual: Minor units found, or None.
        currency: Of both amounts, or empty.
        facts: What the sentence says besides.
    """

    check: str
    code: str
    severity: Severity
    subject: str
    expected: int | None = None
    actual: int | None = None
    currency: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def difference(self) -> int:
        """Found less expected, minor units."""
        return (self.actual or 0) - (self.expected or 0)

    def said(self, lang: str) -> str:
        """Say what was found, in *lang*."""
        amounts = {
            name: "–" if minor is None else Money(minor, self.currency)
            for name, minor in (
                ("expected", self.expected),
                ("actual", self.actual),
                ("difference", self.difference),
            )
        }
        return say(f"findings.{self.code}", lang, subject=self.subject, **amounts, **self.facts)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """
    One check over its whole population.

    Attributes:
        check: Id, such as `V1`; the catalogue's title is `checks.<id>`.
        severity: What a failure of it does.
        weight: Its weight in the accuracy score; nil for warnings.
        population: How many things were looked at.
        tested: B: the absolute amount tested, minor units (or the number of items).
        unexplained: E: the absolute amount that stays unexplained, after rounding bounds.
        currency: Of both, or empty when they count items.
        findings: What it found; none: it passed.
        evidence: What was compared, in figures, for the reader to repeat it.
    """

    check: str
    severity: Severity
    weight: int
    population: int
    tested: int
    unexplained: int
    currency: str
    findings: tuple[Finding, ...]
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def warning(cls, check: str, population: int, findings: tuple[Finding, ...]) -> Self:
        """What a check of warnings found: counted, without a weight; it caps the score."""
        found = len(findings)
        return cls(check, Severity.WARNING, 0, population, population, found, "", findings)

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def ratio(self) -> Decimal:
        """R: the part that is explained, 0 to 1; 1 when nothing was there to test."""
        return Decimal(self.explained.numerator) / Decimal(self.explained.denominator)

    @property
    def explained(self) -> Fraction:
        """The same, exact: what the score is made of."""
        if self.tested == 0:
            return Fraction(self.unexplained == 0)
        return max(Fraction(0), 1 - Fraction(self.unexplained, self.tested))


@dataclass(frozen=True, slots=True)
class Validation:
    """All checks over one book, and the accuracy score they give."""

    results: tuple[CheckResult, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in order of the checks."""
        return tuple(finding for result in self.results for finding in result.findings)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stop a sign-off."""
        return tuple(f for f in self.findings if f.severity is Severity.BLOCKING)

    @property
    def score(self) -> Decimal:
        """
        Accuracy from 0.00 to 100.00, rounded down.

        The weighted share that is explained, over the checks that had something to
        test; a blocking finding caps it at 79.99, any other at 94.99.
        """
        weighed = [r for r in self.results if r.weight and r.population]
        weight = sum(r.weight for r in weighed)
        exact = sum((r.weight * r.explained for r in weighed), Fraction(0))
        # In whole hundredths: thirds have no last decimal, and rounding down shows it.
        hundredths = 100_00 if weight == 0 else floor(100_00 * exact / weight)
        if self.blocking:
            hundredths = min(hundredths, 79_99)
        elif self.findings:
            hundredths = min(hundredths, 94_99)
        return Decimal(hundredths).scaleb(-2)

    @property
    def colour(self) -> str:
        """`green` from 95, `yellow`, or `red` when something blocks."""
        if self.blocking:
            return "red"
        return "green" if self.score >= 95 else "yellow"
