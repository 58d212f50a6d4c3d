"""Commands on files that accountants send, as the command line declares them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.cli.shared import Shared


class Numbers(StrEnum):
    """How a table writes numbers."""

    PLAIN = "plain"
    BRAZILIAN = "pt-BR"


def add_imports(importing: typer.Typer, lang: str) -> None:
    """Add `import ecd`, `balancete`, `openings`, `budget` and `rates`."""
    shared = Shared(lang)
    text = shared.text

    file_argument = typer.Argument(metavar="FILE", help=text("help-file"), readable=False)
    dry_option = typer.Option("--dry-run", help=text("help-dry-run-file"))

    @importing.command("ecd", help=text("help-import-ecd"))
    def import_ecd(
        file: Annotated[Path, file_argument],
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-ecd-entity"))
        ] = "",
        period: Annotated[
            list[str] | None,
            typer.Option("--period", "-p", metavar="PERIOD", help=text("help-ecd-period")),
        ] = None,
        retained: Annotated[
            str, typer.Option("--retained", metavar="ACCOUNT", help=text("help-ecd-retained"))
        ] = "",
        dry_run: Annotated[bool, dry_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.imports import run_import_ecd
        from monthclose.wiring.imports import EcdAsked

        asked = EcdAsked(file, entity, tuple(period or ()), retained)
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_import_ecd(how, asked, user, portfolio, dry_run=dry_run))

    @importing.command("balancete", help=text("help-import-balancete"))
    def import_balancete(
        file: Annotated[Path, file_argument],
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-entity"))
        ],
        period: Annotated[
            str, typer.Option("--period", "-p", metavar="PERIOD", help=text("help-period"))
        ],
        layout: Annotated[
            list[str] | None,
            typer.Option("--layout", metavar="NAME=VALUE", help=text("help-layout")),
        ] = None,
        accept: Annotated[bool, typer.Option("--accept", help=text("help-accept"))] = False,
        fresh: Annotated[bool, typer.Option("--new-layout", help=text("help-new-layout"))] = False,
        gaps: Annotated[bool, typer.Option("--gaps", help=text("help-gaps"))] = False,
        dry_run: Annotated[bool, dry_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.balancetes import run_import_balancete
        from monthclose.wiring.balancetes import TableAsked

        said = tuple(layout or ())
        asked = TableAsked(file, entity, period, said, accept, fresh, store=not dry_run)
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_import_balancete(how, asked, user, portfolio, gaps=gaps))

    @importing.command("openings", help=text("help-import-openings"))
    def import_openings(
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-entity"))
        ],
        on: Annotated[str, typer.Option("--on", metavar="DATE", help=text("help-openings-on"))],
        file: Annotated[
            Path | None,
            typer.Argument(metavar="[FILE]", help=text("help-openings-file"), readable=False),
        ] = None,
        accounts: Annotated[
            list[str] | None,
            typer.Option("--account", metavar="CODE=CODE", help=text("help-openings-account")),
        ] = None,
        layout: Annotated[
            list[str] | None,
            typer.Option("--layout", metavar="NAME=VALUE", help=text("help-layout")),
        ] = None,
        accept: Annotated[bool, typer.Option("--accept", help=text("help-accept"))] = False,
        fresh: Annotated[bool, typer.Option("--new-layout", help=text("help-new-layout"))] = False,
        dry_run: Annotated[bool, dry_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.openings import run_import_openings
        from monthclose.wiring.openings import OpeningsAsked

        told = (tuple(accounts or ()), tuple(layout or ()))
        asked = OpeningsAsked(file, entity, on, *told, accept, fresh, store=not dry_run)
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_import_openings(how, asked, user, portfolio))

    @importing.command("budget", help=text("help-import-budget"))
    def import_budget(
        file: Annotated[Path, file_argument],
        number: Annotated[
            Numbers, typer.Option("--number", metavar="FORM", help=text("help-number"))
        ] = Numbers.PLAIN,
        dry_run: Annotated[bool, dry_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.imports import run_import_budget

        how = call(chosen or lang, as_json)
        code = run_import_budget(how, file, number.value, user, portfolio, dry_run=dry_run)
        raise typer.Exit(code)

    @importing.command("rates", help=text("help-import-rates"))
    def import_rates(
        file: Annotated[Path, file_argument],
        number: Annotated[
            Numbers, typer.Option("--number", metavar="FORM", help=text("help-number"))
        ] = Numbers.PLAIN,
        dry_run: Annotated[bool, dry_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.imports import run_import_rates

        how = call(chosen or lang, as_json)
        code = run_import_rates(how, file, number.value, user, portfolio, dry_run=dry_run)
        raise typer.Exit(code)
