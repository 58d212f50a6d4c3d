"""Whatever a reading has to tell a person, it tells in a sentence of both languages."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import monthclose
from monthclose.ledger.findings import Finding, Severity
from monthclose.ledger.sources import Side, TieOut, said_note
from monthclose.wording import LANGUAGES, catalogue

ROOT = Path(monthclose.__file__).parent
FILES = [
    *sorted((ROOT / "connectors").rglob("*.py")),
    ROOT / "wiring" / "partners.py",
    ROOT / "ledger" / "extractions.py",
]
KEBAB = re.compile(r"[a-z]+(-[a-z]+)+")


def texts(node):
    """The constants within an expression."""
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]


def found(tree):
    """Notes, each with the facts it surely has, and names of tie-outs, of one module."""
    notes, ties = [], []
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.Dict(keys=keys)]):
                facts = {key.value for key in keys if isinstance(key, ast.Constant)}
                open_ended = None in keys
                notes.append((code, facts, open_ended))
            case ast.Call(func=ast.Attribute(attr="say"), args=[first], keywords=words):
                facts = {word.arg for word in words if word.arg}
                open_ended = any(word.arg is None for word in words)
                codes = texts(first)
                if isinstance(first, ast.Name):
                    every = (n for n in ast.walk(tree) if isinstance(n, ast.Assign))
                    codes = [
                        text
                        for n in every
                        if any(isinstance(t, ast.Name) and t.id == first.id for t in n.targets)
                        for text in texts(n.value)
                        if isinstance(text, str) and KEBAB.fullmatch(text)
                    ]
                    assert codes, ast.unparse(node)
                notes += [(code, facts, open_ended) for code in codes]
            case ast.Call(func=ast.Name(id="TieOut"), args=[first, *_]):
                ties.append(first)
    return notes, ties


def of_all():
    trees = [ast.parse(path.read_text("utf-8")) for path in FILES]
    pairs = [found(tree) for tree in trees]
    return [n for notes, _ in pairs for n in notes], [t for _, ties in pairs for t in ties]


NOTES, TIES = of_all()


def named(text):
    return {field for _, field, *_ in Formatter().parse(text) if field}


class TestNotes:
    def test_the_known_ones_are_found(self):
        codes = {code for code, *_ in NOTES}
        assert {
            "category-without-line", "category-totals", "without-category", "year-not-closed",
            "closing-left-out", "lp-unknown", "class-contradicts", "nature-unknown",
            "company-unverified", "entries-not-compared", "cancelled-on", "cancelled-unseen",
            "renegotiated-reversed", "counterparty-missing", "ecd-several-codes",
            "items-without-account", "partners-not-read",
        } <= codes  # fmt: skip

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_each_has_its_sentence_of_the_facts_it_has(self, lang):
        said = catalogue(lang)
        for code, facts, open_ended in NOTES:
            sentence = said.get(f"words.note-{code}")
            assert sentence, f"{lang}: note-{code} is missing"
            known = facts | ({"size"} if "minor" in facts or open_ended else set())
            if code != "cancelled-between":
                assert named(sentence) <= known, code

    def test_no_sentence_is_of_a_note_that_is_none(self):
        codes = {f"words.note-{code}" for code, *_ in NOTES}
        assert {key for key in catalogue("en") if key.startswith("words.note-")} == codes

    def test_amounts_are_written_as_the_language_writes_them(self):
        facts = {"account": "2.3", "accounts": "4.1", "minor": "-123456", "currency": "BRL"}
        assert "BRL -1,234.56 of results went to 2.3" in said_note("year-not-closed", facts, "en")
        assert "BRL -1.234,56 de resultados" in said_note("year-not-closed", facts, "pt-BR")

    def test_a_day_between_two_is_said(self):
        facts = {"title": "7", "from": "2025-01-31", "to": "2025-03-02", "day": "2025-02-28"}
        said = said_note("cancelled-between", facts, "en")
        assert "between 2025-01-31 and 2025-03-02; it counts as cancelled on 2025-02-28" in said


class TestTieOuts:
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_each_has_its_words(self, lang):
        names = {"position", "performance", *(f"open_{side.value}s" for side in Side)}
        written = {str(each.value) for each in TIES if isinstance(each, ast.Constant)}
        assert {"debits_credits", "bank", "entries", "settlement", "unpaid"} <= written
        other = [ast.unparse(each) for each in TIES if not isinstance(each, ast.Constant)]
        assert sorted(other) == ["f'open_{side.value}s'", "name"]
        for name in names | written:
            assert TieOut(name, "", 0, 0).said.shown(lang)

    def test_a_finding_says_what_was_compared(self):
        tie = TieOut("open_receivables", "AR", 500_00, 520_00)
        finding = Finding(
            "V12", "source-tie-failed", Severity.BLOCKING, "DELTA", tie.expected, tie.actual,
            "BRL", {"name": tie.said, "account": tie.account},
        )  # fmt: skip
        assert "AR: contas a receber em aberto: BRL 520,00 no balancete" in finding.said("pt-BR")
        assert "open_receivables" not in finding.said("en")
