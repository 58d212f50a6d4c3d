"""What checks found, and the score they give together."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monthclose.ledger.findings import CheckResult, Finding, Severity, Validation
from monthclose.wording import LANGUAGES, Word, catalogue

BLOCKING, WARNING = Severity.BLOCKING, Severity.WARNING


def result(
    weight: int, tested: int, unexplained: int, *severities: Severity, population: int = 1
) -> CheckResult:
    """A check with a finding of each of *severities*."""
    findings = tuple(Finding("V1", "entry-unbalanced", each, "E1") for each in severities)
    return CheckResult("V1", BLOCKING, weight, population, tested, unexplained, "USD", findings)


def score(*results: CheckResult) -> Decimal:
    return Validation(results).score


class TestFinding:
    FOUND = Finding("V5", "cta-unproved", BLOCKING, "NVO", 23_00, -1_000_00, "USD", {"lines": 4})

    def test_the_difference_is_what_was_found_less_what_was_expected(self):
        """-1,000.00 - 23.00 = -1,023.00."""
        assert self.FOUND.difference == -1_023_00

    def test_it_is_said_in_either_language_with_amounts_in_its_own_style(self):
        english, portuguese = self.FOUND.said("en"), self.FOUND.said("pt-BR")
        assert "USD -1,000.00" in english
        assert "USD -1,023.00" in english
        assert "USD -1.000,00" in portuguese
        assert "USD -1.023,00" in portuguese
        assert "NVO" in english
        assert "NVO" in portuguese

    @pytest.mark.parametrize("lang", LANGUAGES)
    @pytest.mark.parametrize(
        "code", sorted(k for k in catalogue("en") if k.startswith("findings."))
    )
    def test_every_finding_in_the_catalogue_can_be_said(self, code: str, lang: str):
        facts = {
            "lines": 4,
            "kind": "daily",
            "on": "2025-06-30",
            "rate": "5.8301",
            "days": 2,
            "lowest": "5.1",
            "highest": "5.2",
            "was": "4",
            "due": "2025-12",
            "period": "2026-01",
        }
        facts |= {
            "components": 3,
            "figure": Word("parity-profit"),
            "entity": "A",
            "partner": "B",
            "account": "1150",
            "reason": Word("no-counterpart"),
            "count": 11,
            "gaps": "depreciation, payroll",
            "numbers": "NF-7, NF-8",
            "company": "01,0101",
            "name": "bank",
        }
        found = Finding(
            "V", code.removeprefix("findings."), BLOCKING, "NVO 3400", 1, -123456, "BRL", facts
        )
        said = found.said(lang)
        assert said.strip()
        assert "{" not in said


class TestRatio:
    @pytest.mark.parametrize(
        ("tested", "unexplained", "ratio"),
        [(100, 0, "1"), (100, 25, "0.75"), (100, 250, "0"), (0, 0, "1"), (0, 1, "0")],
    )
    def test_it_is_the_part_explained_and_never_below_nil(
        self, tested: int, unexplained: int, ratio: str
    ):
        assert result(1, tested, unexplained).ratio == Decimal(ratio)


class TestScore:
    def test_nothing_found_is_a_hundred_and_green(self):
        validation = Validation((result(10, 100, 0), result(15, 0, 0)))
        assert (validation.score, validation.colour) == (Decimal("100.00"), "green")
        assert Validation(()).score == Decimal("100.00")

    def test_it_is_weighted(self):
        """(10 x 0.5 + 15 x 0.8) / 25 = 17 / 25 = 68.00."""
        assert score(result(10, 100, 50, BLOCKING), result(15, 100, 20)) == Decimal("68.00")

    def test_any_blocking_finding_caps_it_at_79_99_and_red(self):
        validation = Validation((result(10, 10**9, 1, BLOCKING),))
        assert (validation.score, validation.colour) == (Decimal("79.99"), "red")
        assert len(validation.blocking) == 1

    def test_any_warning_caps_it_at_94_99_and_yellow(self):
        validation = Validation((result(10, 100, 0), result(0, 1, 1, WARNING)))
        assert (validation.score, validation.colour) == (Decimal("94.99"), "yellow")
        assert validation.blocking == ()

    def test_a_blocking_finding_outweighs_a_warning(self):
        both = result(10, 100, 0, WARNING, BLOCKING)
        assert score(both) == Decimal("79.99")

    def test_it_is_rounded_down(self):
        """2/3 = 66.666... is 66.66; 1 - 10**-9 is 79.99 only because it is capped."""
        assert score(result(10, 3, 1, BLOCKING)) == Decimal("66.66")

    def test_a_check_without_a_population_does_not_count(self):
        """10 at 0.5 alone: 50.00; with an empty check of 90 at 1.0 it would be 95.00."""
        assert score(result(10, 2, 1, BLOCKING), result(90, 0, 0, population=0)) == Decimal("50.00")

    def test_a_warning_without_weight_does_not_dilute(self):
        assert score(result(10, 2, 1, BLOCKING), result(0, 1, 0)) == Decimal("50.00")

    @given(
        st.lists(
            st.tuples(st.sampled_from([5, 10, 15]), st.integers(1, 10**15), st.integers(0, 10**15)),
            min_size=1,
            max_size=11,
        )
    )
    # 5 x 1/3 + 10 x 1/3 = 5, of 15 one third; thirds never end in decimal.
    @example([(5, 3, 2), (10, 3, 1), (15, 3, 2)])
    @example([(5, 7, 1), (5, 7, 2), (5, 7, 4), (15, 7, 7)])
    # (5 x 7/12 + 10 x 1/12) / 15 = 3.75 / 15 = 25.00 exactly.
    @example([(5, 12, 5), (10, 12, 11)])
    def test_it_is_exact_to_the_last_hundredth(self, checks: list[tuple[int, int, int]]):
        results = [result(*each, BLOCKING) for each in checks]
        ratios = [
            (weight, max(Fraction(0), 1 - Fraction(unexplained, tested)))
            for weight, tested, unexplained in checks
        ]
        exact = 100 * sum(w * r for w, r in ratios) / sum(w for w, _ in ratios)
        hundredths = min(floor(exact * 100), 7999)
        assert score(*results) == Decimal(hundredths).scaleb(-2)
