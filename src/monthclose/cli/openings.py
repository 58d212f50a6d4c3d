"""The command on opening balances: what was understood, and what became of it."""

from typing import Any

from monthclose.cli.balancetes import SHOWN, say_layout
from monthclose.cli.call import FAILURE, OK, Call
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import Money, plain
from monthclose.wiring.build import open_desk
from monthclose.wiring.openings import OpeningsAsked, OpeningsImported, import_openings


def run_import_openings(how: Call, asked: OpeningsAsked, user: str, portfolio: str) -> int:
    """Bring in the opening balances of a company's first month; a new layout is shown first."""
    with open_desk(how.settings(), user, portfolio) as desk:
        found = import_openings(desk, asked)
    waits = asked.store and not found.number
    if found.layout is not None:
        say_layout(how, found.company, found.layout, remembered=found.remembered)
    given = found.given
    how.out.say(
        "openings-understood", entity=given.entity, period=given.period, on=given.on.isoformat(),
        count=len(given.lines), renamed=found.renamed,
    )  # fmt: skip
    for line in given.lines[:SHOWN]:
        amount = Money(line.amount, given.currency)
        how.out.say("table-line", account=line.account, amount=amount)
    if found.apart:
        how.out.say("openings-apart", "yellow", count=len(found.apart), some=found.apart[:SHOWN])
    if found.number:
        facts = {"entity": given.entity, "period": given.period, "number": found.number}
        how.out.say("openings-taken", "green", **facts)
    else:
        how.out.say("table-waits" if waits else "table-checked", "yellow")
    how.answer(_payload(found, waits=waits))
    return FAILURE if waits else OK


def _payload(found: OpeningsImported, *, waits: bool) -> dict[str, Any]:
    """Opening balances as JSON: amounts as text."""
    given = found.given
    digits = minor_digits(given.currency)
    return {
        "entity": given.entity,
        "period": given.period,
        "on": given.on.isoformat(),
        "currency": given.currency,
        "layout": found.layout.to_json() if found.layout else None,
        "remembered": found.remembered,
        "waits_for_accept": waits,
        "imported": bool(found.number),
        "number": found.number or None,
        "renamed": found.renamed,
        "apart": list(found.apart),
        "accounts": {line.account: plain(line.amount, digits) for line in given.lines},
    }
