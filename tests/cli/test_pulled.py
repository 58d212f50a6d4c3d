"""What the terminal says of a month that was read: sentences, never codes."""

import io
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from monthclose.cli.pulled import NOTES_SHOWN, pulled_payload, show_pulled
from monthclose.cli.render import Screen
from monthclose.ledger.extractions import Extraction, Outcome
from monthclose.ledger.sources import TieOut

NOTES = (
    ("category-without-line", {"account": "CAT:1.2", "name": "Fretes"}),
    ("items-without-account", {"count": "2", "minor": "35000", "currency": "BRL"}),
)
TIE = TieOut("open_payables", "AP", -500_00, -480_00)


def said(notes, lang):
    done = Extraction(
        "ALFA", "2025-01", "omie", Outcome.TAKEN, "BRL", 12, failing=(TIE,), notes=notes
    )
    printed = io.StringIO()
    out = Screen(Console(file=printed, width=300), lang)
    how: Any = SimpleNamespace(lang=lang, out=out, err=out)
    show_pulled(how, [done])
    return printed.getvalue(), pulled_payload(done, lang)


def test_notes_and_tie_outs_are_sentences_in_both_languages():
    text, payload = said(NOTES, "en")
    assert "ALFA: Category CAT:1.2 (Fretes) has no line" in text
    assert "2 items open with companies of the group name no control account, BRL 350.00" in text
    assert "ALFA, AP: open payables: out by BRL 20.00" in text
    assert not {"category-without-line", "open_payables"} & set(text.split())
    assert payload["notes"][0]["code"] == "category-without-line"
    text, payload = said(NOTES, "pt-BR")
    assert "A categoria CAT:1.2 (Fretes) não tem linha na DRE da fonte" in text
    assert "BRL 350,00" in payload["notes"][1]["said"]
    assert payload["failing"][0]["said"] == "contas a pagar em aberto"


def test_of_many_notes_some_are_printed_and_the_rest_counted():
    many = tuple(("counterparty-missing", {"id": f"P{n}"}) for n in range(NOTES_SHOWN + 3))
    text, payload = said(many, "en")
    assert text.count("does not know person") == NOTES_SHOWN
    assert "and 3 more notes of ALFA" in text
    assert len(payload["notes"]) == NOTES_SHOWN + 3
