"""
Commands that print what a month holds, as the command line declares them.

What each takes is loaded when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.cli.shared import Shared


def add_statement(app: typer.Typer, lang: str) -> None:
    """Add `statement PERIOD --kind bp|dre|dfc|dmpl`."""
    shared = Shared(lang)
    text = shared.text

    @app.command("statement", help=text("help-statement"))
    def statement(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-explain-period"))],
        kind: Annotated[
            str, typer.Option("--kind", "-k", metavar="KIND", help=text("help-kind"))
        ] = "bp",
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-entity"))
        ] = "",
        folder: Annotated[
            Path | None, typer.Option("--folder", metavar="DIR", help=text("help-folder"))
        ] = None,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, typer.Option("--as", metavar="USER", help=text("help-as"))] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.statement import Asked, run_statement

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_statement(how, Asked(period, kind, entity, folder), user, portfolio))


def add_metrics(app: typer.Typer, lang: str) -> None:
    """Add `metrics PERIOD`."""
    shared = Shared(lang)
    text = shared.text

    @app.command("metrics", help=text("help-metrics"))
    def metrics(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-explain-period"))],
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-entity"))
        ] = "",
        folder: Annotated[
            Path | None, typer.Option("--folder", metavar="DIR", help=text("help-folder"))
        ] = None,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.metrics import Wanted, run_metrics

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_metrics(how, Wanted(period, entity, folder), user, portfolio))


def add_bridge(app: typer.Typer, lang: str) -> None:
    """Add `bridge PERIOD`."""
    shared = Shared(lang)
    text = shared.text

    @app.command("bridge", help=text("help-bridge"))
    def bridge(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-explain-period"))],
        folder: Annotated[
            Path | None, typer.Option("--folder", metavar="DIR", help=text("help-folder"))
        ] = None,
        as_json: Annotated[bool, shared.as_json] = False,
        verbose: Annotated[
            bool, typer.Option("--verbose", "-v", help=text("help-verbose"))
        ] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.bridge import run_bridge

        how = call(chosen or lang, as_json, verbose=verbose)
        raise typer.Exit(run_bridge(how, period, folder, user, portfolio))


def add_sandbox(app: typer.Typer, lang: str) -> None:
    """Add `sandbox`."""
    shared = Shared(lang)
    text = shared.text

    @app.command("sandbox", help=text("help-sandbox"))
    def sandbox(
        entities: Annotated[
            int, typer.Option("--entities", min=3, max=66, help=text("help-entities"))
        ] = 7,
        months: Annotated[
            int, typer.Option("--months", min=1, max=42, help=text("help-months"))
        ] = 6,
        faults: Annotated[
            Path | None, typer.Option("--faults", metavar="FILE", help=text("help-faults"))
        ] = None,
        papers: Annotated[
            Path | None, typer.Option("--papers", metavar="DIR", help=text("help-papers"))
        ] = None,
        mistake: Annotated[
            list[str] | None, typer.Option("--mistake", metavar="NAME", help=text("help-mistake"))
        ] = None,
        real_limits: Annotated[
            bool, typer.Option("--real-limits", help=text("help-real-limits"))
        ] = False,
        rm: Annotated[
            list[str] | None, typer.Option("--rm", metavar="CODE", help=text("help-rm"))
        ] = None,
        as_json: Annotated[bool, shared.as_json] = False,
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.sandbox import run_sandbox
        from monthclose.wiring.stand_ins import Wished

        wished = Wished(
            entities,
            months,
            faults=faults,
            papers=papers,
            mistakes=tuple(mistake or ()),
            real_limits=real_limits,
            rm=tuple(rm or ()),
        )
        raise typer.Exit(run_sandbox(call(chosen or lang, as_json), wished))
