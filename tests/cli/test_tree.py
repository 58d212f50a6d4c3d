"""Every node of a figure has its sentence in every language, and every amount its digits."""

from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.lineage import every_figure, explain
from monthclose.cli.tree import describe, exact, payload, written
from monthclose.groupfolder import read_group
from monthclose.sandbox.group import write_demo_group
from monthclose.wording import LANGUAGES
from tests.analysis.test_lineage import loaded
from tests.worked.case import cases, close_case, read_case


@pytest.mark.parametrize("file", cases(), ids=lambda file: file.stem)
def test_every_node_of_a_worked_case_can_be_said(file: Path) -> None:
    book = close_case(read_case(file))
    for figure in every_figure(book):
        for node in explain(book, figure).walk():
            for lang in LANGUAGES:
                assert describe(node, lang)


def test_every_node_of_the_demo_group_can_be_said(tmp_path):
    write_demo_group(tmp_path / "group")
    made = loaded(read_group(tmp_path / "group"))
    book = made.consolidate("2025-06")
    for figure in ("total_assets", "total_equity", "net_income_parent"):
        for lang in LANGUAGES:
            assert payload(explain(book, figure, before=made.month_before), lang)["said"]


def test_amounts_have_the_digits_of_their_currency():
    """Yen have none; what is finer than a cent has four more, or is a fraction."""
    assert written(Fraction(123456), "JPY", "en") == "JPY 123,456"
    assert written(Fraction("-1900.19"), "USD", "pt-BR") == "USD -19,001900"
    assert exact(Fraction(-1234), "USD") == "-12.34"
    assert exact(Fraction(1, 3), "USD") == "1/300"
