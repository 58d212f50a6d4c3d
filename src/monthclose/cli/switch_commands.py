"""Commands that switch connections off and on and remove them, as the command line has them."""

from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.wording import say


def add_switches(sources: typer.Typer, lang: str) -> None:
    """Add `source off`, `source on` and `source remove`."""

    def text(key: str) -> str:
        return say(f"cli.{key}", lang)

    entity_option = typer.Option(
        "--entity", "-e", metavar="CODE", help=text("help-source-entity-one")
    )
    erp_option = typer.Option("--erp", metavar="ERP", help=text("help-source-erp-only"))
    as_json_option = typer.Option("--json", help=text("help-json"))
    admin_option = typer.Option("--as", help=text("help-as-admin"), metavar="USER")
    portfolio_option = typer.Option("--portfolio", help=text("help-portfolio"), metavar="CODE")
    lang_option = typer.Option("--lang", help=text("help-lang"), metavar="LANG")

    @sources.command("off", help=text("help-source-off"))
    def source_off(
        entity: Annotated[str, entity_option],
        erp: Annotated[str, erp_option] = "",
        as_json: Annotated[bool, as_json_option] = False,
        user: Annotated[str, admin_option] = "",
        portfolio: Annotated[str, portfolio_option] = "",
        chosen: Annotated[str, lang_option] = "",
    ) -> None:
        from monthclose.cli.switching import run_switch

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_switch(how, entity, erp, user, portfolio, active=False))

    @sources.command("on", help=text("help-source-on"))
    def source_on(
        entity: Annotated[str, entity_option],
        erp: Annotated[str, erp_option] = "",
        as_json: Annotated[bool, as_json_option] = False,
        user: Annotated[str, admin_option] = "",
        portfolio: Annotated[str, portfolio_option] = "",
        chosen: Annotated[str, lang_option] = "",
    ) -> None:
        from monthclose.cli.switching import run_switch

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_switch(how, entity, erp, user, portfolio, active=True))

    @sources.command("remove", help=text("help-source-remove"))
    def source_remove(
        entity: Annotated[str, entity_option],
        erp: Annotated[str, erp_option] = "",
        sure: Annotated[bool, typer.Option("--yes", help=text("help-yes"))] = False,
        as_json: Annotated[bool, as_json_option] = False,
        user: Annotated[str, admin_option] = "",
        portfolio: Annotated[str, portfolio_option] = "",
        chosen: Annotated[str, lang_option] = "",
    ) -> None:
        from monthclose.cli.switching import run_remove

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_remove(how, entity, erp, user, portfolio, sure=sure))
