"""Every node of a figure has its sentence in every language, and every amount its digits."""

from dataclasses import replace
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from monthclose.analysis.lineage import every_figure, explain
from monthclose.analysis.validation import validate
from monthclose.cli.payload import book_payload
from monthclose.cli.tree import describe, exact, page, payload, written
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.lineage import Node
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


def test_of_a_level_that_has_no_room_the_largest_are_shown():
    """Sixty companies with 1 to 60: sixty do not fit on ten lines, eight do, and how many more."""
    parts = tuple(
        Node("record", Fraction(n), "USD", facts={"label": f"C{n}"}) for n in range(1, 61)
    )
    root = Node("record", Fraction(1830), "USD", parts, facts={"label": "all"})
    console = Console(width=80, file=StringIO())
    console.print(page(root, "en", 10))
    assert isinstance(console.file, StringIO)
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert [line[-1] for line in lines[:9]] == ["18.30", *(f"0.{n}" for n in range(60, 52, -1))]
    assert " ".join(lines[9]) == "… 52 more, smaller"
    assert len(lines) == 10


def test_json_has_the_digits_of_the_presentation_currency(tmp_path):
    """Yen have none: the totals of a group in yen are whole."""
    case = read_case(next(file for file in cases() if file.stem.startswith("G09")))
    group = replace(case.group, presentation="JPY")
    parent = replace(case.group.entities[0], currency="JPY")
    alone = replace(group, entities=(parent,))
    balance = replace(case.balances[0], currency="JPY")
    engine = ConsolidationEngine(alone)
    engine.load_trial_balance(balance)
    book = engine.consolidate(case.facts.period, PeriodFacts(case.facts.period, {}, {}))
    said = book_payload(book, validate(book), "en")["totals"]
    assert said["total_assets"] == str(book.totals.total_assets)
