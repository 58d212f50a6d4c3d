"""The command line: a request becomes one call, an answer one screen."""

import json
import sys
from collections.abc import Callable
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated, Any

import typer

from monthclose.cli.call import FAILURE, OK, call, console, exit_code
from monthclose.cli.commands import add_bridge, add_metrics, add_sandbox, add_statement
from monthclose.cli.import_commands import add_imports
from monthclose.cli.mapping import add_mapping
from monthclose.cli.rates import add_rates
from monthclose.cli.render import Screen
from monthclose.cli.review_commands import add_reviews
from monthclose.cli.shared import Shared
from monthclose.cli.source_commands import add_sources, add_users
from monthclose.ledger.errors import CloseError
from monthclose.wiring.language import language
from monthclose.wording import reason_of


class FileUnusable(CloseError):
    """A file or folder that cannot be read or written."""

    code = "file-unusable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path=path, reason=reason)


def build(lang: str) -> typer.Typer:
    """Build the command line in one language."""
    shared = Shared(lang)
    text = shared.text

    app = typer.Typer(
        name="monthclose",
        help=text("help"),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    importing = typer.Typer(help=text("help-import"), no_args_is_help=True)
    closing = typer.Typer(help=text("help-close"), no_args_is_help=True)
    app.add_typer(importing, name="import")
    add_imports(importing, lang)
    app.add_typer(closing, name="close")

    # Options that every command has.
    quiet_option = typer.Option("--quiet", "-q", help=text("help-quiet"))
    verbose_option = typer.Option("--verbose", "-v", help=text("help-verbose"))
    # What cannot be read is said by what reads it, in the language of the command.
    dir_argument = typer.Argument(metavar="DIR", help=text("help-dir"), readable=False)
    dry_option = typer.Option("--dry-run", help=text("help-dry-run"))

    @app.callback(invoke_without_command=True)
    def main_options(
        version: Annotated[bool, typer.Option("--version", help=text("help-version"))] = False,
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        if version:
            print(f"monthclose {installed('monthclose')}")
            raise typer.Exit(OK)

    @app.command("demo", help=text("help-demo"))
    def demo(
        entities: Annotated[int, typer.Option("--entities", min=3, max=66)] = 7,
        real_limits: Annotated[
            bool, typer.Option("--real-limits", help=text("help-real-limits"))
        ] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        verbose: Annotated[bool, verbose_option] = False,
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.demo import run_demo

        how = call(chosen or lang, as_json, quiet, verbose)
        raise typer.Exit(run_demo(how, entities, real_limits=real_limits))

    @app.command("init", help=text("help-init"))
    def init(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("help-init-dir"))],
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.folders import run_init

        raise typer.Exit(run_init(call(chosen or lang, as_json, quiet), folder))

    @app.command("consolidate", help=text("help-consolidate"))
    def consolidate(
        folder: Annotated[Path, dir_argument],
        period: Annotated[str, typer.Option("--period", "-p", help=text("help-period"))],
        xlsx: Annotated[Path | None, typer.Option("--xlsx", help=text("help-xlsx"))] = None,
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        verbose: Annotated[bool, verbose_option] = False,
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.folders import run_consolidate

        how = call(chosen or lang, as_json, quiet, verbose)
        raise typer.Exit(run_consolidate(how, folder, period, xlsx))

    @importing.command("group", help=text("help-import-group"))
    def import_group(
        folder: Annotated[Path, dir_argument],
        dry_run: Annotated[bool, dry_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        user: Annotated[str, shared.user] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.closing import run_import

        raise typer.Exit(run_import(call(chosen or lang, as_json, quiet), folder, user, dry_run))

    @closing.command("run", help=text("help-close-run"))
    def close_run(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-period"))],
        pull: Annotated[bool, typer.Option("--pull", help=text("help-close-pull"))] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        verbose: Annotated[bool, verbose_option] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.closing import run_close

        how = call(chosen or lang, as_json, quiet, verbose)
        raise typer.Exit(run_close(how, period, user, portfolio, pull=pull))

    @closing.command("status", help=text("help-close-status"))
    def close_status(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-period"))],
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.closing import run_status

        raise typer.Exit(run_status(call(chosen or lang, as_json), period, user, portfolio))

    @app.command("explain", help=text("help-explain"))
    def explain(
        period: Annotated[str, typer.Argument(metavar="PERIOD", help=text("help-explain-period"))],
        figure: Annotated[str, typer.Argument(metavar="FIGURE", help=text("help-figure"))],
        entity: Annotated[
            str, typer.Option("--entity", "-e", metavar="CODE", help=text("help-entity"))
        ] = "",
        folder: Annotated[
            Path | None, typer.Option("--folder", metavar="DIR", help=text("help-folder"))
        ] = None,
        as_json: Annotated[bool, shared.as_json] = False,
        verbose: Annotated[bool, verbose_option] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.lookback import Asked, run_explain

        how = call(chosen or lang, as_json, verbose=verbose)
        raise typer.Exit(run_explain(how, Asked(period, figure, entity, folder), user, portfolio))

    add_statement(app, lang)

    @app.command("diff", help=text("help-diff"))
    def diff(
        was: Annotated[str, typer.Argument(metavar="PERIOD@1", help=text("help-diff-was"))],
        now: Annotated[str, typer.Argument(metavar="PERIOD@2", help=text("help-diff-now"))],
        as_json: Annotated[bool, shared.as_json] = False,
        verbose: Annotated[bool, verbose_option] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.lookback import run_diff

        how = call(chosen or lang, as_json, verbose=verbose)
        raise typer.Exit(run_diff(how, was, now, user, portfolio))

    @app.command("migrate", help=text("help-migrate"))
    def migrate(
        as_json: Annotated[bool, shared.as_json] = False,
        quiet: Annotated[bool, quiet_option] = False,
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.closing import run_migrate

        raise typer.Exit(run_migrate(call(chosen or lang, as_json, quiet)))

    add_bridge(app, lang)
    add_sandbox(app, lang)
    add_mapping(app, lang)
    add_rates(app, lang)
    add_metrics(app, lang)
    add_sources(app, lang)
    add_reviews(app, lang)
    add_users(app, lang)
    return app


def main() -> None:
    """Run the command line; a close error is a message, never a trace."""
    lang = language(_asked(sys.argv[1:]))
    sys.exit(_guard(build(lang), lang))


def _guard(app: Callable[[], Any], lang: str) -> int:
    """Run, and turn what stops a close into a message and an exit code."""
    as_json = "--json" in sys.argv[1:]
    try:
        app()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else OK
    except CloseError as error:
        Screen(console(stderr=True), lang).error(error)
        if as_json:
            payload: dict[str, Any] = {"code": error.code, "error": error.message(lang)}
            problems = getattr(error, "problems", ())
            if problems:
                payload["problems"] = [problem_payload(each, lang) for each in problems]
            print(json.dumps(payload, ensure_ascii=False, indent=1))
        return exit_code(error)
    except OSError as error:
        unusable = FileUnusable(str(error.filename or ""), reason_of(error))
        Screen(console(stderr=True), lang).error(unusable)
        return FAILURE
    except KeyboardInterrupt:
        return 130
    return OK


def problem_payload(problem: Any, lang: str) -> dict[str, Any]:
    """One mistake of a folder: where it is, what it is, what to do."""
    return {
        "file": problem.file,
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "said": problem.message(lang),
    }


def _asked(arguments: list[str]) -> str:
    """The language named on the command line, before anything else is read from it."""
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return ""
