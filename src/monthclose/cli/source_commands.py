"""
Commands on sources and people, as the command line declares them.

What each takes is loaded when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.cli.shared import Shared
from monthclose.cli.switch_commands import add_switches


def add_sources(app: typer.Typer, lang: str) -> None:
    """Add `source add`, `test`, `pull`, `status`, `off`, `on` and `remove`."""
    shared = Shared(lang)
    text = shared.text

    sources = typer.Typer(help=text("help-source"), no_args_is_help=True)
    app.add_typer(sources, name="source")
    quiet_option = typer.Option("--quiet", "-q", help=text("help-quiet"))
    entity_option = typer.Option("--entity", "-e", metavar="CODE", help=text("help-source-entity"))

    @sources.command("add", help=text("help-source-add"))
    def source_add(
        erp: Annotated[str, typer.Argument(metavar="ERP", help=text("help-source-erp"))],
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-source-entity-one"))
        ],
        company: Annotated[
            str, typer.Option("--company", metavar="ID", help=text("help-source-company"))
        ] = "",
        base_url: Annotated[
            str, typer.Option("--base-url", metavar="URL", help=text("help-source-base-url"))
        ] = "",
        settings: Annotated[
            list[str] | None,
            typer.Option("--set", metavar="NAME=VALUE", help=text("help-source-set")),
        ] = None,
        secrets: Annotated[
            Path | None, typer.Option("--secrets", metavar="FILE", help=text("help-source-secrets"))
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help=text("help-source-add-dry"))
        ] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.sources import Wanted, run_add

        wanted = Wanted(erp, entity, company, base_url, settings or (), secrets)
        how = call(chosen or lang, as_json, quiet)
        raise typer.Exit(run_add(how, wanted, user, portfolio, dry_run=dry_run))

    @sources.command("test", help=text("help-source-test"))
    def source_test(
        entity: Annotated[str, entity_option] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.sources import run_test

        raise typer.Exit(run_test(call(chosen or lang, as_json, quiet), entity, user, portfolio))

    @sources.command("pull", help=text("help-source-pull"))
    def source_pull(
        period: Annotated[
            str, typer.Argument(metavar="[PERIOD]", help=text("help-source-period"))
        ] = "",
        entities: Annotated[list[str] | None, entity_option] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help=text("help-source-pull-dry"))
        ] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.sources import run_pull

        how = call(chosen or lang, as_json, quiet)
        code = run_pull(how, period, entities or (), user, portfolio, dry_run=dry_run)
        raise typer.Exit(code)

    @sources.command("status", help=text("help-source-status"))
    def source_status(
        entity: Annotated[str, entity_option] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.sources import run_status

        raise typer.Exit(run_status(call(chosen or lang, as_json), entity, user, portfolio))

    add_switches(sources, lang)


def add_users(app: typer.Typer, lang: str) -> None:
    """Add `user add`, `user list`, `user grant` and `user disable`."""
    shared = Shared(lang)
    text = shared.text

    people = typer.Typer(help=text("help-user"), no_args_is_help=True)
    app.add_typer(people, name="user")
    login_argument = typer.Argument(metavar="LOGIN", help=text("help-user-login"))

    @people.command("add", help=text("help-user-add"))
    def user_add(
        login: Annotated[str, login_argument],
        name: Annotated[str, typer.Option("--name", help=text("help-user-name"))] = "",
        email: Annotated[str, typer.Option("--email", help=text("help-user-email"))] = "",
        role: Annotated[
            str, typer.Option("--role", metavar="ROLE", help=text("help-user-role"))
        ] = "read-only",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.office import run_user_add

        how = call(chosen or lang, as_json)
        raise typer.Exit(run_user_add(how, (login, name, email, role), user, portfolio))

    @people.command("list", help=text("help-user-list"))
    def user_list(
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.office import run_user_list

        raise typer.Exit(run_user_list(call(chosen or lang, as_json), user, portfolio))

    @people.command("grant", help=text("help-user-grant"))
    def user_grant(
        login: Annotated[str, login_argument],
        entities: Annotated[
            list[str] | None,
            typer.Option("--entity", "-e", metavar="CODE", help=text("help-user-entity")),
        ] = None,
        of_group: Annotated[bool, typer.Option("--group", help=text("help-user-group"))] = False,
        write: Annotated[bool, typer.Option("--write", help=text("help-user-write"))] = False,
        revoke: Annotated[bool, typer.Option("--revoke", help=text("help-user-revoke"))] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.office import Granted, run_user_grant

        granted = Granted(login, entities or (), of_group, write, revoke)
        raise typer.Exit(run_user_grant(call(chosen or lang, as_json), granted, user, portfolio))

    @people.command("disable", help=text("help-user-disable"))
    def user_disable(
        login: Annotated[str, login_argument],
        again: Annotated[bool, typer.Option("--enable", help=text("help-user-enable"))] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.admin] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.office import run_user_active

        raise typer.Exit(
            run_user_active(call(chosen or lang, as_json), login, again, user, portfolio)
        )
