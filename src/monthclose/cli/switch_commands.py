"""Commands that switch connections off and on and remove them, as the command line has them."""

from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.cli.shared import Shared


def add_switches(sources: typer.Typer, lang: str) -> None:
    """Add `source off`, `source on` and `source remove`."""
    shared = Shared(lang)
    text = shared.text

    entity_option = typer.Option(
        "--entity", "-e", metavar="CODE", help=text("help-source-entity-one")
    )
    erp_option = typer.Option("--erp", metavar="ERP", help=text("help-source-erp-only"))

    @sources.command("off", help=text("help-source-off"))
    def source_off(
        entity: Annotated[str, entity_option],
        erp: Annotated[str, erp_option] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.switching import run_switch

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_switch(how, entity, erp, user, portfolio, active=False))

    @sources.command("on", help=text("help-source-on"))
    def source_on(
        entity: Annotated[str, entity_option],
        erp: Annotated[str, erp_option] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.switching import run_switch

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_switch(how, entity, erp, user, portfolio, active=True))

    @sources.command("remove", help=text("help-source-remove"))
    def source_remove(
        entity: Annotated[str, entity_option],
        erp: Annotated[str, erp_option] = "",
        sure: Annotated[bool, typer.Option("--yes", help=text("help-yes"))] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.switching import run_remove

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_remove(how, entity, erp, user, portfolio, sure=sure))
