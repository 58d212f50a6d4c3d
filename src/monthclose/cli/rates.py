"""Commands about exchange rates: fetch them, look at them, put one over a published one."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from monthclose.cli.call import OK, Call, call
from monthclose.cli.shared import Shared
from monthclose.ledger.errors import CloseError
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, parse_rate
from monthclose.wording import Word, say


class PairUnreadable(CloseError):
    """A word that names no pair of currencies."""

    code = "rate-pair-unreadable"

    def __init__(self, word: str) -> None:
        super().__init__(word=word[:20])


class SpanTurned(CloseError):
    """A span whose last month is before its first."""

    code = "rates-span-turned"

    def __init__(self, first: str, last: str) -> None:
        super().__init__(first=first, last=last)


class SourceUnknown(CloseError):
    """A publisher of rates that nobody knows."""

    code = "rate-source-unknown"

    def __init__(self, word: str) -> None:
        super().__init__(word=word[:20])


@dataclass(frozen=True, slots=True)
class Span:
    """
    Which rates are wanted.

    Attributes:
        first: First month; empty: the group's first.
        last: Last month; empty: the present one.
        source: `bcb`, `ecb`, or empty: what fits each pair.
    """

    first: str = ""
    last: str = ""
    source: str = ""


def add_rates(app: typer.Typer, lang: str) -> None:
    """Add `rates fetch`, `rates status` and `rates override`."""
    shared = Shared(lang)
    text = shared.text

    rates = typer.Typer(help=text("help-rates"), no_args_is_help=True)
    app.add_typer(rates, name="rates")

    @rates.command("fetch", help=text("help-rates-fetch"))
    def rates_fetch(
        first: Annotated[
            str, typer.Option("--from", metavar="MONTH", help=text("help-rates-from"))
        ] = "",
        last: Annotated[
            str, typer.Option("--to", metavar="MONTH", help=text("help-rates-to"))
        ] = "",
        source: Annotated[
            str, typer.Option("--source", metavar="bcb|ecb", help=text("help-rates-source"))
        ] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_fetch(how, Span(first, last, source), user, portfolio))

    @rates.command("status", help=text("help-rates-status"))
    def rates_status(
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        raise typer.Exit(run_status(call(chosen or lang, as_json), user, portfolio))

    @rates.command("override", help=text("help-rates-override"))
    def rates_override(
        pair: Annotated[str, typer.Argument(metavar="BASE/QUOTE", help=text("help-rates-pair"))],
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-rates-period"))],
        kind: Annotated[
            str, typer.Argument(metavar="closing|average", help=text("help-rates-kind"))
        ],
        value: Annotated[str, typer.Argument(metavar="VALUE", help=text("help-rates-value"))],
        reason: Annotated[str, typer.Option("--reason", help=text("help-rates-reason"))] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        quote = _override(pair, period, kind, value)
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_override(how, quote, reason, user, portfolio))


def run_fetch(how: Call, wanted: Span, user: str, portfolio: str) -> int:
    """Fetch what a group needs and does not have, and say what came."""
    from monthclose.wiring.build import open_desk
    from monthclose.wiring.rates import fetch_for

    if wanted.source not in ("", "bcb", "ecb"):
        raise SourceUnknown(wanted.source)
    today = datetime.now(UTC).date()
    with open_desk(how.settings(), user, portfolio) as desk:
        found = asyncio.run(fetch_for(desk, _months(wanted), wanted.source, today))
    screen = how.out
    for (source, currency), count in sorted(found.quotes.items()):
        screen.say(
            "rates-series",
            source=source.upper(),
            currency=currency,
            count=count,
            first=found.first.isoformat(),
            last=found.last.isoformat(),
        )
    screen.say("rates-added", "green", count=found.added)
    for (currency, month), (ours, theirs) in sorted(found.compared.items()):
        screen.say(
            "rates-differ", "yellow", currency=currency, month=month, ours=ours, theirs=theirs
        )
    for (currency, day), (ours, theirs) in sorted(found.days.items()):
        screen.say(
            "rates-day-differs", "yellow", currency=currency, day=day, ours=ours, theirs=theirs
        )
    if found.not_compared:
        screen.say("rates-not-compared", "yellow", why=found.not_compared.message(how.lang))
    how.answer(
        {
            "from": found.first.isoformat(),
            "to": found.last.isoformat(),
            "series": [
                {"source": source, "currency": currency, "quotes": count}
                for (source, currency), count in sorted(found.quotes.items())
            ],
            "added": found.added,
            "averages_that_differ": [
                {"currency": currency, "month": month, "ours": ours, "published": theirs}
                for (currency, month), (ours, theirs) in sorted(found.compared.items())
            ],
            "days_that_differ": [
                {"currency": currency, "day": day, "ptax": ours, "series": theirs}
                for (currency, day), (ours, theirs) in sorted(found.days.items())
            ],
            "not_compared": found.not_compared.code if found.not_compared else None,
        }
    )
    return OK


def run_status(how: Call, user: str, portfolio: str) -> int:
    """Show up to which day each series goes, and how many quotes it has."""
    from monthclose.wiring.build import open_desk
    from monthclose.wiring.rates import last_days, stored

    with open_desk(how.settings(), user, portfolio) as desk:
        quotes = stored(desk.database.engine, desk.user, desk.tenant)
    latest = last_days(quotes)
    lang = how.lang
    table = Table(box=None, pad_edge=False)
    for key in ("rates-pair", "rates-source", "rates-last"):
        table.add_column(say(f"cli.{key}", lang))
    table.add_column(say("cli.rates-count", lang), justify="right")
    series = []
    for (base, quote, source), on in sorted(latest.items()):
        same = [q for q in quotes if (q.base, q.quote, q.source) == (base, quote, source)]
        count = sum(q.kind is RateKind.DAILY for q in same)
        table.add_row(f"{base}/{quote}", source or "–", on, str(count))
        series.append({"base": base, "quote": quote, "source": source, "last": on, "quotes": count})
    if series:
        how.out.console.print(table)
    else:
        how.out.say("rates-none", "yellow")
    how.answer({"series": series})
    return OK


def run_override(how: Call, quote: Quote, reason: str, user: str, portfolio: str) -> int:
    """Propose a rate over the published one."""
    from monthclose.store.rate_overrides import propose_override
    from monthclose.store.session import acting
    from monthclose.wiring.build import open_desk

    with (
        open_desk(how.settings(), user, portfolio) as desk,
        acting(desk.database.engine, desk.user) as session,
    ):
        key = propose_override(session, desk.tenant, quote, reason)
    how.out.say(
        "rates-proposed",
        "green",
        pair=f"{quote.base}/{quote.quote}",
        period=quote.on,
        kind=Word(quote.kind.value),
        value=quote.value,
    )
    how.answer({"id": str(key), "status": "submitted", "value": quote.value, "period": quote.on})
    return OK


def _override(pair: str, period: str, kind: str, value: str) -> Quote:
    """The rate that somebody puts over a published one."""
    base, _, quote = pair.upper().partition("/")
    if len(base) != 3 or len(quote) != 3 or base == quote or not (base + quote).isalpha():
        raise PairUnreadable(pair)
    known = {each.value: each for each in RateKind}
    month = str(Period.parse(period))
    return Quote(base, quote, parse_rate(value), known.get(kind, RateKind.DAILY), month)


def _months(wanted: Span) -> tuple[Period | None, Period | None]:
    """The months that were named."""
    first, last = (Period.parse(each) if each else None for each in (wanted.first, wanted.last))
    if first and last and last < first:
        raise SpanTurned(str(first), str(last))
    return first, last
