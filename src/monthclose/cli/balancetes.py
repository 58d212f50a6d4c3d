"""Commands on balancetes and lines for gaps: what was understood, and what became of it."""

from typing import Any

from monthclose.cli.call import FAILURE, OK, Call
from monthclose.cli.imports import month_payload
from monthclose.groupfolder.balancetes.layouts import Layout
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.money import Money, plain
from monthclose.ledger.sources import Extract, Supplement
from monthclose.store.companies import FileCompany
from monthclose.wiring.balancetes import TableAsked, TableImported, import_balancete, import_gaps
from monthclose.wiring.build import open_desk

SHOWN = 5
"""Lines that are shown as they were understood."""


def run_import_balancete(
    how: Call, asked: TableAsked, user: str, portfolio: str, *, gaps: bool
) -> int:
    """Bring in a month's balancete, or lines for its gaps; a new layout is shown first."""
    with open_desk(how.settings(), user, portfolio) as desk:
        found = (import_gaps if gaps else import_balancete)(desk, asked)
    waits = asked.store and not found.stored
    say_layout(how, found.company, found.layout, remembered=found.remembered)
    if found.balancete is not None:
        _say_balance(how, found.balancete.balance, found.balancete.controls)
    if found.supplement is not None:
        _say_supplement(how, found.supplement)
        if found.fresh:
            shown = ", ".join(found.fresh[:SHOWN]) + (", …" if found.fresh[SHOWN:] else "")
            entity, count = found.company.entity, len(found.fresh)
            how.out.say("gaps-fresh", "yellow", entity=entity, count=count, accounts=shown)
    if found.done is not None:
        late = found.done.outcome is Outcome.LATE
        how.out.say(
            f"file-{found.done.outcome}", "bold yellow" if late else "green",
            period=asked.period, lines=found.done.lines, number=found.done.number,
            late=len(found.done.late),
        )  # fmt: skip
    elif found.number:
        how.out.say("gaps-taken", "green", period=asked.period, number=found.number)
        for each in found.completed:
            how.out.say(
                "gaps-completed", "green",
                entity=each.entity, period=each.period, number=each.number,
            )  # fmt: skip
        if found.later:
            how.out.say(
                "gaps-later", "yellow",
                entity=found.company.entity, periods=", ".join(found.later),
            )  # fmt: skip
    else:
        how.out.say("table-waits" if waits else "table-checked", "yellow")
    how.answer(_payload(found, waits=waits))
    return FAILURE if waits else OK


def say_layout(how: Call, company: FileCompany, layout: Layout, *, remembered: bool) -> None:
    """Say by which layout a table was read."""
    key = "layout-remembered" if remembered else "layout-proposed"
    how.out.say(key, "bold", entity=company.entity, header=layout.header)
    for role, (place, title) in layout.columns.items():
        how.out.say("layout-column", role=role, title=title, place=place + 1)
    how.out.say("layout-number", number=layout.number or "?", encoding=layout.encoding)


def _say_balance(how: Call, raw: RawBalance, controls: int) -> None:
    how.out.say("table-understood", count=len(raw.accounts), controls=controls)
    for code, amount in list(zip(raw.accounts, raw.amounts.tolist(), strict=True))[:SHOWN]:
        how.out.say("table-line", account=code, amount=Money(amount, raw.currency))


def _say_supplement(how: Call, given: Supplement) -> None:
    how.out.say("gaps-understood", count=len(given.lines), gaps=sorted(given.filled) or ["–"])
    for line in given.lines[:SHOWN]:
        amount = Money(line.debit - line.credit, given.currency)
        how.out.say("table-line", account=f"{line.account} ({line.gap})", amount=amount)


def _payload(found: TableImported, *, waits: bool) -> dict[str, Any]:
    """What a table said, as JSON: amounts as text."""
    told: dict[str, Any] = {
        "entity": found.company.entity,
        "layout": found.layout.to_json(),
        "remembered": found.remembered,
        "waits_for_accept": waits,
        "imported": found.stored,
    }
    if found.balancete is not None:
        extract = Extract(found.balancete.balance, found.balancete.accounts)
        told |= month_payload(extract, found.done)
        told["controls"] = found.balancete.controls
    if found.supplement is not None:
        given = found.supplement
        digits = minor_digits(given.currency)
        told |= {
            "period": given.period,
            "number": found.number or None,
            "completed": [[each.period, each.number] for each in found.completed],
            "later": list(found.later),
            "none": list(given.none),
            "accounts_not_in_chart": list(found.fresh),
            "lines": [
                {
                    "account": line.account,
                    "name": line.name,
                    "debit": plain(line.debit, digits),
                    "credit": plain(line.credit, digits),
                    "gap": line.gap,
                }
                for line in given.lines
            ],
        }
    return told
