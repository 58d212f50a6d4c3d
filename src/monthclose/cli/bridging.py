"""The command `bridge`, as the command line declares it."""

from pathlib import Path
from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.wording import say


def with_bridge(app: typer.Typer, lang: str) -> typer.Typer:
    """Add the command in one language; what it takes is loaded when it is called."""

    def text(key: str) -> str:
        return say(f"cli.{key}", lang)

    @app.command("bridge", help=text("help-bridge"))
    def bridge(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-explain-period"))],
        folder: Annotated[
            Path | None, typer.Option("--folder", metavar="DIR", help=text("help-folder"))
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help=text("help-json"))] = False,
        verbose: Annotated[
            bool, typer.Option("--verbose", "-v", help=text("help-verbose"))
        ] = False,
        user: Annotated[str, typer.Option("--as", help=text("help-as"), metavar="USER")] = "",
        portfolio: Annotated[
            str, typer.Option("--portfolio", help=text("help-portfolio"), metavar="CODE")
        ] = "",
        chosen: Annotated[str, typer.Option("--lang", help=text("help-lang"), metavar="LANG")] = "",
    ) -> None:
        from monthclose.cli.bridge import run_bridge

        how = call(chosen or lang, as_json, verbose=verbose)
        raise typer.Exit(run_bridge(how, period, folder, user, portfolio))

    return app
