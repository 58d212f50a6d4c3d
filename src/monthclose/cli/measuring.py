"""The command `metrics`, as the command line declares it."""

from pathlib import Path
from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.wording import say


def with_metrics(app: typer.Typer, lang: str) -> typer.Typer:
    """Add the command in one language; what it takes is loaded when it is called."""

    def text(key: str) -> str:
        return say(f"cli.{key}", lang)

    @app.command("metrics", help=text("help-metrics"))
    def metrics(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-explain-period"))],
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-entity"))
        ] = "",
        folder: Annotated[
            Path | None, typer.Option("--folder", metavar="DIR", help=text("help-folder"))
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help=text("help-json"))] = False,
        user: Annotated[str, typer.Option("--as", help=text("help-as"), metavar="USER")] = "",
        portfolio: Annotated[
            str, typer.Option("--portfolio", help=text("help-portfolio"), metavar="CODE")
        ] = "",
        chosen: Annotated[str, typer.Option("--lang", help=text("help-lang"), metavar="LANG")] = "",
    ) -> None:
        from monthclose.cli.metrics import Wanted, run_metrics

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_metrics(how, Wanted(period, entity, folder), user, portfolio))

    return app
