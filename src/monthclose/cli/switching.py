"""Commands that switch connections off and on, and remove them."""

import sys
from collections.abc import Sequence
from typing import Any

from monthclose.cli.call import FAILURE, OK, UNAVAILABLE, Call
from monthclose.cli.pulled import error_payload
from monthclose.cli.secrets_asked import ask_line
from monthclose.wiring.build import open_desk
from monthclose.wiring.database import OPERATOR
from monthclose.wiring.switching import Removed, remove
from monthclose.wording import say


def run_switch(how: Call, entity: str, erp: str, user: str, portfolio: str, *, active: bool) -> int:
    """Pull a company's connections, or leave them alone."""
    settings = how.settings()
    with open_desk(settings, user or settings.user or OPERATOR, portfolio) as desk:
        found = desk.sources.connections.switch(entity, erp, active=active)
    key = "source-switched-on" if active else "source-switched-off"
    for each in found:
        how.out.say(key, "green", entity=each.entity, erp=each.erp)
    told = [{"entity": each.entity, "erp": each.erp, "active": active} for each in found]
    how.answer({"sources": told})
    return OK


def run_remove(how: Call, entity: str, erp: str, user: str, portfolio: str, *, sure: bool) -> int:
    """Revoke the grant, erase the credential, keep what was read."""
    settings = how.settings()
    with open_desk(settings, user or settings.user or OPERATOR, portfolio) as desk:
        held = desk.sources.connections.held(entity, erp)
        named = sorted(f"{each.entity} {each.erp} {each.company}".strip() for each in held)
        if not sure and not agreed(how, say("cli.source-remove-sure", how.lang, what=named)):
            how.err.say("not-confirmed", "yellow")
            return FAILURE
        done = remove(desk.sources, entity, erp)
    for each in done:
        _say_removed(how, each)
    how.answer({"removed": _payload(done, how.lang)})
    return UNAVAILABLE if any(each.error for each in done) else OK


def agreed(how: Call, question: str) -> bool:
    """Whether a person at a terminal says yes; where there is none, nobody does."""
    return sys.stdin.isatty() and ask_line(question).lower() in say("cli.yes", how.lang).split()


def _say_removed(how: Call, each: Removed) -> None:
    facts = {"entity": each.connection.entity, "erp": each.connection.erp}
    how.out.say("source-removed-credential", "green", **facts)
    if each.revoked:
        how.out.say("source-revoked", "green", **facts)
    elif each.error is not None:
        said = each.error.message(how.lang)
        how.err.say("source-not-revoked", "bold red", said=said, **facts)
    else:
        how.out.say("source-revoke-there", "yellow", **facts)


def _payload(done: Sequence[Removed], lang: str) -> list[dict[str, Any]]:
    return [
        {
            "entity": each.connection.entity,
            "erp": each.connection.erp,
            "fingerprint": each.connection.fingerprint,
            "revoked": each.revoked,
            **error_payload(each.error, lang),
        }
        for each in done
    ]
