"""How the terminal shows what was read from the companies' systems."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from monthclose.cli.call import Call
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.errors import CloseError
from monthclose.ledger.extractions import Extraction, Foreseen, Outcome
from monthclose.ledger.money import write_amount
from monthclose.ledger.sources import said_note
from monthclose.wording import say

STYLES = {
    Outcome.TAKEN: "green",
    Outcome.STANDING: "dim",
    Outcome.COMPLETED: "green",
    Outcome.LATE: "bold yellow",
    Outcome.FAILED: "bold red",
}
NOTES_SHOWN = 10
"""Notes of a company that are printed; `--json` has all."""
LATE_SHOWN = 10
"""Late changes that are printed; `--json` has all."""


def show_pulled(how: Call, done: Sequence[Extraction]) -> None:
    """What was taken, and what has to be looked at."""
    table = Table(box=None, pad_edge=False)
    for key in ("entity", "source-erp", "source-month", "source-outcome", "source-lines"):
        right = key == "source-lines"
        table.add_column(say(f"cli.{key}", how.lang), justify="right" if right else "left")
    table.add_column(say("cli.source-answers", how.lang), justify="right")
    for each in done:
        word = Text(say(f"cli.source-was-{each.outcome}", how.lang), style=STYLES[each.outcome])
        facts = (
            (str(each.lines), f"{each.documents} ({each.new_documents})")
            if each.lines
            else ("", "")
        )
        table.add_row(each.entity, each.erp, each.period, word, *facts)
    how.out.console.print(table)
    for each in done:
        _show_remarks(how, each)


def _show_remarks(how: Call, each: Extraction) -> None:
    """What a person has to know of one extraction."""
    if each.error is not None:
        how.err.say(
            "source-failed", "bold red", entity=each.entity, said=each.error.message(how.lang)
        )
    for tie in each.failing:
        how.out.say(
            "source-tie", "yellow", entity=each.entity, name=tie.said, account=tie.account or "–",
            size=_amount(tie.out_by, each.currency, how.lang),
        )  # fmt: skip
    for code, facts in each.notes[:NOTES_SHOWN]:
        said = said_note(code, facts, how.lang)
        how.out.say("source-note", "yellow", entity=each.entity, said=said)
    if (more := len(each.notes) - NOTES_SHOWN) > 0:
        how.out.say("source-notes-more", "yellow", entity=each.entity, count=more)
    for late in each.late[:LATE_SHOWN]:
        how.out.say(
            "source-late-line", "yellow", entity=late.entity, period=late.period,
            account=late.account, closed=_amount(late.closed, late.currency, how.lang),
            found=_amount(late.found, late.currency, how.lang),
        )  # fmt: skip
    if len(each.late) > LATE_SHOWN:
        how.out.say("source-late-more", "yellow", count=len(each.late) - LATE_SHOWN)
    if each.removed_characters:
        how.out.say("source-removed", "dim", entity=each.entity, count=each.removed_characters)
    if each.gaps:
        how.out.say("source-gaps", "dim", entity=each.entity, count=len(each.gaps))


def show_foreseen(how: Call, each: Foreseen) -> None:
    """What storing a month as it was read would do: its totals, and what stands otherwise."""
    done = each.extraction
    if done.error is not None:
        return
    how.out.say(
        "source-would-take", "yellow", entity=done.entity, period=done.period, count=done.lines,
        debits=_amount(each.debits, done.currency, how.lang),
        credits=_amount(each.credits, done.currency, how.lang),
    )  # fmt: skip
    for change in each.changes[:LATE_SHOWN]:
        how.out.say(
            "source-would-change", "yellow", entity=done.entity, account=change.account,
            stands=_amount(change.closed, change.currency, how.lang),
            found=_amount(change.found, change.currency, how.lang),
        )  # fmt: skip
    if (more := len(each.changes) - LATE_SHOWN) > 0:
        how.out.say("source-would-change-more", "yellow", entity=done.entity, count=more)


def foreseen_payload(each: Foreseen, lang: str) -> dict[str, Any]:
    """What storing one month would do, as JSON; amounts in minor units."""
    return {
        **pulled_payload(each.extraction, lang),
        "debits_minor": each.debits,
        "credits_minor": each.credits,
        "changes": [
            {"account": c.account, "stands_minor": c.closed, "found_minor": c.found}
            for c in each.changes
        ],
    }


def _amount(minor: int, currency: str, lang: str) -> str:
    return f"{currency} {write_amount(minor, minor_digits(currency), lang)}"


def pulled_payload(each: Extraction, lang: str) -> dict[str, Any]:
    """One extraction as JSON; amounts in minor units."""
    return {
        "entity": each.entity,
        "period": each.period,
        "erp": each.erp,
        "outcome": each.outcome.value,
        "currency": each.currency,
        "lines": each.lines,
        "documents": each.documents,
        "new_documents": each.new_documents,
        "number": each.number,
        "sha256": each.sha256,
        "gaps": list(each.gaps),
        "failing": [
            {
                "name": t.name,
                "said": t.said.shown(lang),
                "account": t.account,
                "out_by_minor": t.out_by,
            }
            for t in each.failing
        ],
        "notes": [
            {"code": code, **facts, "said": said_note(code, facts, lang)}
            for code, facts in each.notes
        ],
        "late": [
            {
                "period": late.period,
                "account": late.account,
                "closed_minor": late.closed,
                "found_minor": late.found,
            }
            for late in each.late
        ],
        "removed_characters": each.removed_characters,
        **error_payload(each.error, lang),
    }


def error_payload(error: CloseError | None, lang: str) -> dict[str, str]:
    """Why something failed, as JSON; nothing when it did not."""
    return {} if error is None else {"code": error.code, "error": error.message(lang)}
