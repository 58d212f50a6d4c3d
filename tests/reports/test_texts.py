"""Text from outside never becomes a formula, and never breaks a file."""

import pytest

from monthclose.reports.texts import LONGEST, as_cell, as_footer, as_literal


class TestAsCell:
    @pytest.mark.parametrize(
        "text",
        [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
            "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", '=HYPERLINK("http://x","y")',
            "=cmd|' /C calc'!A0", "<r><t>x</t></r>", "<r>&</r>",
        ],
    )  # fmt: skip
    def test_marks_what_could_be_taken_for_a_formula(self, text: str):
        assert as_cell(text) == "'" + text

    @pytest.mark.parametrize("hidden", ["\x00", "\x01\x1f", "\x7f", "\ud800", "\ufffe", "\uffff"])
    def test_looks_at_the_first_character_that_stays(self, hidden: str):
        assert as_cell(hidden + "=1+1") == "'=1+1"

    @pytest.mark.parametrize("text", ["", "Caixa", "1.10", "a=b", "“x”", "–", "−5", "'x", "a\tb"])
    def test_leaves_ordinary_text_alone(self, text: str):
        assert as_cell(text) == text

    def test_cuts_what_no_cell_holds_and_shows_that_it_did(self):
        cut = as_cell("x" * (LONGEST + 5))
        assert len(cut) < LONGEST
        assert cut.endswith("…")


def test_a_footer_takes_an_ampersand_as_text():
    assert as_footer("Hand & Sons\x00") == "Hand && Sons"


def test_a_literal_doubles_its_quotes():
    assert as_literal('say "OK"') == '"say ""OK"""'
