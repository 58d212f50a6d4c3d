"""Commands on files that accountants send."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monthclose.cli.call import CONTROL_FAILED, OK, Call
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.extractions import Extraction, Outcome
from monthclose.ledger.money import Money, plain
from monthclose.ledger.sources import Extract, TieOut, said_note
from monthclose.wiring.budgets import import_budget
from monthclose.wiring.build import open_desk
from monthclose.wiring.imports import EcdAsked, EcdImported, import_ecd
from monthclose.wiring.rate_files import import_rates

SHOWN = 10
"""Figures that differ that are printed; `--json` has all."""


def run_import_ecd(how: Call, asked: EcdAsked, user: str, portfolio: str, *, dry_run: bool) -> int:
    """Bring in a file of the ECD, all its months or those named."""
    with open_desk(how.settings(), user, portfolio) as desk:
        found = import_ecd(desk, asked, store=not dry_run)
    books, company = found.books, found.company
    facts: dict[str, Any] = {"file": books.file, "name": books.name, "entity": company.entity}
    how.out.say("ecd-read", "bold", lines=f"{books.lines:,}", layout=books.layout, **facts)
    _say_months(how, found.months, found.done)
    if dry_run:
        how.out.say("ecd-checked", months=len(found.months), entity=company.entity)
    how.answer(_ecd_payload(found))
    return code_of(found.months)


def code_of(months: Sequence[Extract]) -> int:
    """The exit code: whether any figure differs by its second road."""
    return CONTROL_FAILED if any(t.out_by for each in months for t in each.tie_outs) else OK


def _say_months(how: Call, months: Sequence[Extract], done: Sequence[Extraction]) -> None:
    """Say of each month what became of it, what has to be known, and what differs."""
    for each in done:
        style = "bold yellow" if each.outcome is Outcome.LATE else "green"
        facts: dict[str, Any] = {"period": each.period, "lines": each.lines, "number": each.number}
        how.out.say(f"file-{each.outcome}", style, **facts, late=len(each.late))
    notes = (said_note(code, facts, how.lang) for m in months for code, facts in m.notes)
    for said in dict.fromkeys(notes):
        how.out.say("file-note", "yellow", said=said)
    differing = [(m.balance.currency, m.balance.period, t) for m in months for t in m.tie_outs]
    wrong = [each for each in differing if each[2].out_by]
    for currency, period, tie in wrong[:SHOWN]:
        how.out.say(
            f"tie-{tie.name.replace('_', '-')}",
            "bold red",
            period=period,
            account=tie.account,
            expected=Money(tie.expected, currency),
            actual=Money(tie.actual, currency),
        )
    if len(wrong) > SHOWN:
        how.out.say("tie-more", "bold red", count=len(wrong) - SHOWN)


def _ecd_payload(found: EcdImported) -> dict[str, Any]:
    books = found.books
    done = {each.period: each for each in found.done}
    return {
        "file": books.file,
        "sha256": books.sha256,
        "lines": books.lines,
        "layout": books.layout,
        "cnpj": books.cnpj,
        "entity": found.company.entity,
        "imported": bool(found.done),
        "months": [month_payload(each, done.get(each.balance.period)) for each in found.months],
    }


def month_payload(extract: Extract, done: Extraction | None) -> dict[str, Any]:
    """One month as JSON: amounts as text, debit positive."""
    raw = extract.balance
    digits = minor_digits(raw.currency)
    return {
        "period": raw.period,
        "currency": raw.currency,
        "basis": raw.basis.value,
        "outcome": str(done.outcome) if done else None,
        "number": done.number if done else None,
        "sha256": done.sha256 if done else None,
        "accounts": {
            code: plain(amount, digits)
            for code, amount in zip(raw.accounts, raw.amounts.tolist(), strict=True)
        },
        "differs": [_tie_payload(t, digits) for t in extract.tie_outs if t.out_by],
        "compared": len(extract.tie_outs),
        "notes": [{"code": code, **facts} for code, facts in extract.notes],
    }


def _tie_payload(tie: TieOut, digits: int) -> dict[str, str]:
    return {
        "name": tie.name,
        "account": tie.account,
        "expected": plain(tie.expected, digits),
        "actual": plain(tie.actual, digits),
    }


def run_import_budget(
    how: Call, file: Path, number: str, user: str, portfolio: str, *, dry_run: bool
) -> int:
    """Bring in a budget: month, company, standard account, amount."""
    with open_desk(how.settings(), user, portfolio) as desk:
        found = import_budget(desk, file, number, store=not dry_run)
    months = len({(line.entity, line.period) for line in found.lines})
    facts = {"count": len(found.lines), "months": months}
    if found.new is None:
        how.out.say("budget-checked", "yellow", **facts)
    else:
        how.out.say("budget-taken", "green", new=found.new, **facts)
    how.answer({"file": file.name, "lines": len(found.lines), "months": months, "new": found.new})
    return OK


def run_import_rates(
    how: Call, file: Path, number: str, user: str, portfolio: str, *, dry_run: bool
) -> int:
    """Bring in exchange rates: day, pair, value, kind, source."""
    with open_desk(how.settings(), user, portfolio) as desk:
        found = import_rates(desk, file, number, store=not dry_run)
    if found.new is None:
        how.out.say("rates-checked", "yellow", count=len(found.quotes))
    else:
        how.out.say("rates-taken", "green", count=len(found.quotes), new=found.new)
    how.answer({"file": file.name, "quotes": len(found.quotes), "new": found.new})
    return OK
