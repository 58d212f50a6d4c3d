"""All checks together: what they say, in both languages, and what they give."""

import ast
from pathlib import Path

import pytest

import monthclose.analysis
from monthclose.analysis.validation import validate
from monthclose.ledger.findings import Finding, Severity
from monthclose.wording import LANGUAGES, catalogue
from tests.analysis.books import balances, described, good
from tests.consolidation.groups import engine

ROOM = Path(str(monthclose.analysis.__file__)).parent


def codes_in_the_source() -> set[str]:
    """Every text with a hyphen that a check of this room could give a finding as its code."""
    return {
        node.value
        for file in ROOM.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "-" in node.value
        and all(part.isalpha() and part.islower() for part in node.value.split("-"))
    }


class TestValidate:
    def test_a_good_book_passes_every_check(self):
        closing = engine(described(), *balances())
        last = None
        for month in ("2025-01", "2025-02", "2025-12", "2026-01"):
            book = closing.consolidate(month)
            validation = validate(book, last)
            assert validation.findings == ()
            assert str(validation.score) == "100.00"
            assert validation.colour == "green"
            last = book.left()

    def test_each_check_stands_once_with_its_severity_and_weight(self):
        results = validate(good()).results
        assert [(each.check, each.weight) for each in results] == [
            ("V1", 10), ("V2", 10), ("V3", 5), ("V4", 10), ("V5", 15), ("V6", 10), ("V7", 10),
            ("V8", 10), ("V9", 10), ("V10", 5), ("V11", 5), ("W1", 0), ("W2", 0), ("W3", 0),
            ("W4", 0), ("W5", 0), ("W6", 0), ("W7", 0), ("W8", 0), ("W9", 0),
        ]  # fmt: skip
        for each in results:
            blocks = each.severity is Severity.BLOCKING
            assert blocks == each.check.startswith("V")

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_check_has_its_title(self, lang: str):
        for each in validate(good()).results:
            assert catalogue(lang)[f"checks.{each.check}"]

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_code_a_check_may_give_has_its_sentence(self, lang: str):
        said = {key.removeprefix("findings.") for key in catalogue(lang) if "findings." in key}
        assert said == codes_in_the_source()

    def test_amounts_are_written_the_way_each_language_writes_them(self):
        found = Finding("V3", "balance-sheet-open", Severity.BLOCKING, "G", 0, 123456, "BRL")
        assert "BRL 1,234.56" in found.said("en")
        assert "BRL 1.234,56" in found.said("pt-BR")
