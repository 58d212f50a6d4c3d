"""Commands on the companies' systems: set up, test, pull, look."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from monthclose.cli.call import CONTROL_FAILED, FAILURE, LOCKED, OK, UNAVAILABLE, Call
from monthclose.cli.pulled import (
    error_payload,
    foreseen_payload,
    pulled_payload,
    show_foreseen,
    show_pulled,
)
from monthclose.cli.secrets_asked import ask_line, ask_secrets
from monthclose.connectors.errors import SourceFailed
from monthclose.connectors.oauth import code_of, new_state
from monthclose.ledger.cnpj import punctuated
from monthclose.ledger.errors import CloseError
from monthclose.ledger.extractions import Foreseen, Outcome
from monthclose.ledger.sources import SourceCompany
from monthclose.store.connections import NewConnection, StoredConnection
from monthclose.wiring.build import Desk, open_desk
from monthclose.wiring.database import OPERATOR
from monthclose.wiring.erps import PARTS, ErpUnknown, known_erps
from monthclose.wiring.sources import Stands, Tested
from monthclose.wiring.switching import Tried, try_out
from monthclose.wording import say

REDIRECT = "https://localhost/monthclose"
"""Where a vendor sends the browser unless the connection says otherwise."""


class SettingUnclear(CloseError):
    """A setting that is no `name=value`."""

    code = "setting-unclear"

    def __init__(self, word: str) -> None:
        super().__init__(word=word[:80])


class NotGrantedYet(CloseError):
    """Nobody gave the address that the vendor redirected to."""

    code = "grant-missing"

    def __init__(self, erp: str) -> None:
        super().__init__(erp=erp)


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    A connection as the command line names it.

    Attributes:
        erp: Name of the connector.
        entity: Code of the company.
        company: The company as the ERP calls it.
        base_url: Server of the customer.
        settings: `name=value`, each.
        secrets: File of the secret parts, `-` for standard input, None to type them.
    """

    erp: str
    entity: str
    company: str
    base_url: str
    settings: Sequence[str]
    secrets: Path | None


def run_add(how: Call, wanted: Wanted, user: str, portfolio: str, *, dry_run: bool = False) -> int:
    """Store a connection and its credential; where a grant is needed, begin and end it."""
    settings = {}
    for word in wanted.settings:
        name, mark, value = word.partition("=")
        if not mark or not name:
            raise SettingUnclear(word)
        settings[name.strip()] = value.strip()
    if wanted.erp not in known_erps():
        raise ErpUnknown(wanted.erp)
    new = NewConnection(wanted.entity, wanted.erp, wanted.company, wanted.base_url, settings)
    with _desk(how, user, portfolio, OPERATOR) as desk:
        secrets = ask_secrets(PARTS[wanted.erp], wanted.secrets)
        if dry_run:
            return _tried(how, new, try_out(desk.sources, new, secrets))
        made = desk.sources.add(new, secrets)
        how.out.say("source-added" if made.fresh else "source-changed", "green", **_named(new))
        payload: dict[str, Any] = {
            "connection": str(made.id),
            "entity": new.entity,
            "erp": new.erp,
            "new": made.fresh,
            "waits_for_approval": made.waits,
            "granted": True,
        }
        if made.waits:
            how.out.say("source-waits", "yellow", address=made.waits)
        site = desk.sources.asking(new)
        if site is not None and not made.waits:
            state, redirect = new_state(), settings.get("redirect", REDIRECT)
            page = site.page(secrets["client_id"], state, redirect)
            how.out.say("source-authorise", page=page)
            if how.as_json:
                how.err.say("source-authorise", page=page)
            answer = ask_line(say("cli.source-redirected", how.lang))
            if not answer:
                raise NotGrantedYet(new.erp)
            desk.sources.grant(made, site, code_of(answer, state, new.erp), redirect)
            how.out.say("source-granted", "green", **_named(new))
        elif site is not None:
            payload["granted"] = False
    how.answer(payload)
    return OK


def _tried(how: Call, new: NewConnection, tried: Tried) -> int:
    """Say what a connection would be that was only looked at."""
    how.out.say("source-would-be", "yellow", **_named(new))
    if tried.made.waits:
        how.out.say("source-would-wait", "yellow", address=tried.made.waits)
    elif not tried.asked:
        how.out.say("source-would-be-granted", "yellow", erp=new.erp)
    elif tried.error is not None:
        said = tried.error.message(how.lang)
        how.err.say("source-test-failed", "bold red", entity=new.entity, said=said)
    else:
        _say_companies(how, new.entity, new.erp, tried.companies, matches=tried.matches)
    how.answer(
        {
            "entity": new.entity,
            "erp": new.erp,
            "new": tried.made.fresh,
            "stored": False,
            "waits_for_approval": tried.made.waits,
            "asked": tried.asked,
            "company_matches": tried.matches,
            "companies": _companies(tried.companies),
            **error_payload(tried.error, how.lang),
        }
    )
    if tried.error is not None:
        return _code([tried.error])
    return OK if tried.matches else CONTROL_FAILED


def _say_companies(
    how: Call, entity: str, erp: str, companies: Sequence[SourceCompany], *, matches: bool
) -> None:
    """Say which companies a credential opens."""
    key = "source-test-ok" if matches else "source-test-other"
    names = ", ".join(
        f"{each.name} ({punctuated(each.cnpj)})" if each.cnpj else each.name for each in companies
    )
    style = "green" if matches else "bold yellow"
    how.out.say(key, style, entity=entity, erp=erp, companies=names)


def _companies(companies: Sequence[SourceCompany]) -> list[dict[str, str]]:
    return [{"id": each.id, "name": each.name, "cnpj": each.cnpj} for each in companies]


def _named(new: NewConnection) -> dict[str, str]:
    return {"entity": new.entity, "erp": new.erp}


def run_test(how: Call, entity: str, user: str, portfolio: str) -> int:
    """Ask each source the cheapest question there is."""
    with _desk(how, user, portfolio) as desk:
        tested = desk.sources.test(entity)
    if not tested:
        how.out.say("source-none")
    for each in tested:
        if each.error is not None:
            how.out.say(
                "source-test-failed", "bold red",
                entity=each.connection.entity, said=each.error.message(how.lang),
            )  # fmt: skip
            continue
        stored = each.connection
        _say_companies(how, stored.entity, stored.erp, each.companies, matches=each.matches)
    how.answer({"sources": [_tested_payload(each, how.lang) for each in tested]})
    if any(not each.matches for each in tested):
        return CONTROL_FAILED
    return _code([each.error for each in tested if each.error is not None])


def _tested_payload(tested: Tested, lang: str) -> dict[str, Any]:
    return {
        "entity": tested.connection.entity,
        "erp": tested.connection.erp,
        "reachable": tested.error is None,
        "company_matches": tested.matches,
        "companies": _companies(tested.companies),
        **error_payload(tested.error, lang),
    }


def _code(errors: Sequence[CloseError]) -> int:
    """The exit code that failures of sources have together."""
    if not errors:
        return OK
    return UNAVAILABLE if all(isinstance(each, SourceFailed) for each in errors) else FAILURE


def run_pull(
    how: Call,
    period: str,
    entities: Sequence[str],
    user: str,
    portfolio: str,
    *,
    dry_run: bool = False,
) -> int:
    """Read a month of each company and store it, whole or not at all; or say what that would do."""
    foreseen: tuple[Foreseen, ...] = ()
    with _desk(how, user, portfolio) as desk:
        sources = desk.sources
        if dry_run:
            foreseen = sources.foresee(period or sources.last_month(), entities)
            done = tuple(each.extraction for each in foreseen)
        else:
            done = sources.pull(period or sources.last_month(), entities)
    if not done:
        how.out.say("source-none")
    else:
        show_pulled(how, done)
    for each in foreseen:
        show_foreseen(how, each)
    told = [pulled_payload(each, how.lang) for each in done]
    if dry_run:
        told = [foreseen_payload(each, how.lang) for each in foreseen]
    how.answer({"extractions": told, **({"stored": False} if dry_run else {})})
    if errors := [each.error for each in done if each.error is not None]:
        return _code(errors)
    return LOCKED if any(each.outcome is Outcome.LATE for each in done) else OK


def run_status(how: Call, entity: str, user: str, portfolio: str) -> int:
    """Show how every connection stands; nothing is called."""
    with _desk(how, user, portfolio) as desk:
        stands = desk.sources.status(entity)
    if not stands:
        how.out.say("source-none")
    table = Table(box=None, pad_edge=False)
    for key in ("entity", "source-erp", "source-health", "source-pulled", "source-left"):
        table.add_column(say(f"cli.{key}", how.lang))
    table.add_column(say("cli.source-circuit", how.lang))
    for each in stands:
        health, style = _health(each, how.lang)
        left = min((b.left / b.capacity for b in each.standing.budgets), default=1.0)
        stored = each.connection
        table.add_row(
            stored.entity,
            stored.erp,
            Text(health, style=style),
            stored.last_pull or "–",
            f"{max(0.0, left):.0%}",
            say(f"cli.source-circuit-{each.standing.circuit}", how.lang),
        )
    if stands:
        how.out.console.print(table)
    how.answer({"sources": [_status_payload(each) for each in stands]})
    return OK


def _health(each: Stands, lang: str) -> tuple[str, str]:
    """How a connection is, in a word or two."""
    stored = each.connection
    if not stored.secret_name:
        return say("cli.source-gone", lang), "dim"
    if not stored.active:
        return say("cli.source-off", lang), "dim"
    if stored.dead_since is not None:
        return say("cli.source-dead", lang), "bold red"
    if blocks := _blocks(stored):
        until = max(blocks.values()).isoformat(timespec="minutes")
        if "" in blocks:
            return say("cli.source-blocked", lang, until=until), "bold red"
        return say("cli.source-blocked-for", lang, what=sorted(blocks), until=until), "bold red"
    if stored.checked_at is None:
        return say("cli.source-never", lang), "dim"
    return (
        (stored.check_code, "bold red")
        if stored.check_code
        else (say("cli.source-well", lang), "green")
    )


def _blocks(stored: StoredConnection) -> dict[str, datetime]:
    """What the vendor shuts out now, and until when."""
    now = datetime.now(UTC)
    return {what: until for what, until in stored.blocks.items() if until > now}


def _status_payload(each: Stands) -> dict[str, Any]:
    stored = each.connection
    return {
        "entity": stored.entity,
        "erp": stored.erp,
        "company": stored.company,
        "base_url": stored.base_url,
        "fingerprint": stored.fingerprint,
        "active": stored.active,
        "removed": not stored.secret_name,
        "dead_since": _instant(stored.dead_since),
        "blocked_until": _instant(stored.blocked_until),
        "blocked": {what: _instant(until) for what, until in _blocks(stored).items()},
        "checked_at": _instant(stored.checked_at),
        "check_code": stored.check_code,
        "last_pull": stored.last_pull,
        "pulled_at": _instant(stored.pulled_at),
        "circuit": each.standing.circuit.value,
        "budgets": [
            {"per": b.per, "left": round(b.left, 2), "capacity": round(b.capacity, 2)}
            for b in each.standing.budgets
        ],
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _desk(how: Call, user: str, portfolio: str, fallback: str = "") -> AbstractContextManager[Desk]:
    """The installation, for whoever acts."""
    settings = how.settings()
    return open_desk(settings, user or settings.user or fallback, portfolio)
