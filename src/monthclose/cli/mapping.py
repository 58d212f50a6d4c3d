"""Commands that map a company's chart: what is open, what is suggested, accept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from monthclose.cli.call import OK, Call, call
from monthclose.cli.shared import Shared
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import plain, write_amount
from monthclose.wording import say


class NotATarget(CloseError):
    """A word of the command line that names no account and target."""

    code = "map-target-unreadable"

    def __init__(self, word: str) -> None:
        super().__init__(word=word[:80])


@dataclass(frozen=True, slots=True)
class Accepted:
    """
    What somebody accepts.

    Attributes:
        words: `ACCOUNT=STANDARD`, each.
        least: Take every undoubted suggestion at least so likely; None: none.
        reason: Why, for whoever approves.
        dry_run: Whether only to show what would move.
    """

    words: Sequence[str]
    least: float | None
    reason: str
    dry_run: bool


def add_mapping(app: typer.Typer, lang: str) -> None:
    """Add `map todo`, `map suggest` and `map accept`."""
    shared = Shared(lang)
    text = shared.text

    mapping = typer.Typer(help=text("help-map"), no_args_is_help=True)
    app.add_typer(mapping, name="map")
    entity_argument = typer.Argument(metavar="ENTITY", help=text("help-map-entity"))
    period_argument = typer.Argument(metavar="[PERIOD]", help=text("help-map-period"))

    @mapping.command("todo", help=text("help-map-todo"))
    def map_todo(
        entity: Annotated[str, entity_argument],
        period: Annotated[str, period_argument] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_todo(how, (entity, period), user, portfolio, evidence=False))

    @mapping.command("suggest", help=text("help-map-suggest"))
    def map_suggest(
        entity: Annotated[str, entity_argument],
        period: Annotated[str, period_argument] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_todo(how, (entity, period), user, portfolio, evidence=True))

    @mapping.command("accept", help=text("help-map-accept"))
    def map_accept(
        entity: Annotated[str, entity_argument],
        words: Annotated[
            list[str] | None,
            typer.Argument(metavar="ACCOUNT=STANDARD...", help=text("help-map-words")),
        ] = None,
        least: Annotated[
            float | None,
            typer.Option("--all-above", metavar="PERCENT", help=text("help-map-above")),
        ] = None,
        reason: Annotated[str, typer.Option("--reason", help=text("help-map-reason"))] = "",
        dry_run: Annotated[bool, typer.Option("--dry-run", help=text("help-dry-run"))] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        how = call(chosen or lang, as_json)
        accepted = Accepted(words or (), least, reason, dry_run)
        raise typer.Exit(run_accept(how, entity, accepted, user, portfolio))


def run_todo(
    how: Call, asked: tuple[str, str], user: str, portfolio: str, *, evidence: bool
) -> int:
    """Show the accounts that go nowhere, the largest first; with *evidence* why where."""
    from monthclose.wiring.build import open_desk
    from monthclose.wiring.mapping import look

    with open_desk(how.settings(), user, portfolio) as desk:
        found = look(desk, *asked)
    screen, lang = how.out, how.lang
    if not found.unmapped:
        screen.say("map-nothing", "green", entity=found.entity, period=found.period)
    else:
        screen.say(
            "map-open",
            "bold",
            entity=found.entity,
            period=found.period,
            count=len(found.unmapped),
            currency=found.currency,
        )
        screen.console.print(_table(found, lang, evidence=evidence))
        if any(firsts and firsts[0].doubts for firsts in found.suggestions.values()):
            screen.say("map-doubted", "dim", entity=found.entity)
        screen.say("map-next", entity=found.entity)
    how.answer(_payload(found))
    return OK


def _table(found: Any, lang: str, *, evidence: bool) -> Table:
    """The open accounts, each with its amount and its first suggestion."""
    table = Table(box=None, pad_edge=False)
    table.add_column(say("cli.map-account", lang), no_wrap=True)
    table.add_column(say("cli.map-name", lang), overflow="fold")
    table.add_column(found.currency, justify="right", no_wrap=True)
    table.add_column(say("cli.map-suggested", lang), overflow="fold")
    table.add_column("%", justify="right", no_wrap=True)
    digits = minor_digits(found.currency)
    for each in found.unmapped:
        suggestions = found.suggestions[each.account.code]
        first = suggestions[0] if suggestions else None
        target = f"{first.target} {found.chart[first.target].name}" if first else "–"
        likely = f"{first.confidence * 100:.0f}" if first else ""
        if first and first.doubts:
            likely += "?"
        table.add_row(
            each.account.code,
            each.account.name if each.account.name != each.account.code else "",
            write_amount(each.amount, digits, lang),
            target,
            likely,
        )
        for other in suggestions if evidence else ():
            for line in _why(other, found.chart, lang, first=other is first):
                table.add_row("", "", "", Text(line, style="dim"), "")
    return table


def _why(suggestion: Any, chart: Any, lang: str, *, first: bool) -> list[str]:
    """Evidence and doubts of a suggestion, in words."""
    lines = []
    if not first:
        name = chart[suggestion.target].name
        percent = f"{suggestion.confidence * 100:.0f}"
        lines.append(say("cli.map-or", lang, target=suggestion.target, name=name, percent=percent))
    lines += [
        say(f"cli.map-because-{each.kind}", lang, said=each.said) for each in suggestion.evidence
    ]
    return lines + [say(f"cli.map-doubt-{each}", lang) for each in suggestion.doubts]


def run_accept(how: Call, entity: str, accepted: Accepted, user: str, portfolio: str) -> int:
    """Show what targets would move, and propose them as the next version."""
    from monthclose.wiring.build import open_desk
    from monthclose.wiring.mapping import accept, look

    screen, lang = how.out, how.lang
    with open_desk(how.settings(), user, portfolio) as desk:
        found = look(desk, entity)
        targets = dict(map(_parsed, accepted.words))
        if accepted.least is not None:
            targets = {**found.chosen(accepted.least / 100), **targets}
        moved = found.effect(targets)
        version = None
        if targets and not accepted.dry_run:
            version = accept(desk, found, targets, accepted.reason)
    digits = minor_digits(found.currency)
    table = Table(box=None, pad_edge=False)
    table.add_column(say("cli.map-suggested", lang), overflow="fold")
    table.add_column(found.currency, justify="right", no_wrap=True)
    for code, amount in sorted(moved.by_target.items()):
        table.add_row(f"{code} {found.chart[code].name}", write_amount(amount, digits, lang))
    for key, amount in (
        ("map-net-assets", moved.net_assets),
        ("map-result", moved.result),
        ("map-left", moved.left),
    ):
        table.add_row(Text(say(f"cli.{key}", lang), "bold"), write_amount(amount, digits, lang))
    if not targets:
        screen.say("map-accepted-none", "yellow", entity=entity)
    screen.console.print(table)
    if version is not None:
        screen.say("map-accepted", "green", entity=entity, count=len(targets), version=version)
    elif targets:
        screen.say("map-dry", entity=entity, count=len(targets))
    how.answer(
        {
            "entity": entity,
            "period": found.period,
            "currency": found.currency,
            "targets": targets,
            "version": version,
            "moves": {code: plain(amount) for code, amount in moved.by_target.items()},
            "net_assets": plain(moved.net_assets),
            "result": plain(moved.result),
            "left": plain(moved.left),
        }
    )
    return OK


def _parsed(word: str) -> tuple[str, str]:
    """Account and target of `ACCOUNT=STANDARD`."""
    account, _, target = word.rpartition("=")
    if not account or not target:
        raise NotATarget(word)
    return account.strip(), target.strip()


def _payload(found: Any) -> dict[str, Any]:
    """What `--json` prints of the open accounts."""
    return {
        "entity": found.entity,
        "period": found.period,
        "currency": found.currency,
        "accounts": [
            {
                "account": each.account.code,
                "name": each.account.name,
                "amount": plain(each.amount),
                "suggestions": [
                    {
                        "target": one.target,
                        "confidence": f"{one.confidence:.2f}",
                        "evidence": [
                            {"kind": str(why.kind), "said": why.said} for why in one.evidence
                        ],
                        "doubts": [str(doubt) for doubt in one.doubts],
                    }
                    for one in found.suggestions[each.account.code]
                ],
            }
            for each in found.unmapped
        ],
    }
