"""Commands on what waits for a second person, as the command line declares them."""

from typing import Annotated

import typer

from monthclose.cli.call import call
from monthclose.cli.shared import Shared


def add_reviews(app: typer.Typer, lang: str) -> None:
    """Add `review list`, `review approve` and `review reject`."""
    shared = Shared(lang)
    text = shared.text

    reviews = typer.Typer(help=text("help-review"), no_args_is_help=True)
    app.add_typer(reviews, name="review")
    ids_argument = typer.Argument(metavar="[ID...]", help=text("help-review-id"))
    kind_option = typer.Option("--kind", "-k", metavar="KIND", help=text("help-review-kind"))
    entity_option = typer.Option(
        "--company", "-e", "--entity", metavar="CODE", help=text("help-review-company")
    )
    all_option = typer.Option("--all", help=text("help-review-all"))
    yes_option = typer.Option("--yes", help=text("help-yes"))

    @reviews.command("list", help=text("help-review-list"))
    def review_list(
        kind: Annotated[str, kind_option] = "",
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.reviews import run_review_list

        raise typer.Exit(run_review_list(call(chosen or lang, as_json), kind, user, portfolio))

    @reviews.command("approve", help=text("help-review-approve"))
    def review_approve(
        ids: Annotated[list[str] | None, ids_argument] = None,
        reason: Annotated[
            str, typer.Option("--reason", metavar="TEXT", help=text("help-review-reason"))
        ] = "",
        kind: Annotated[str, kind_option] = "",
        entity: Annotated[str, entity_option] = "",
        everything: Annotated[bool, all_option] = False,
        sure: Annotated[bool, yes_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.reviews import Chosen, run_review

        named = Chosen(ids or (), kind, entity, everything, sure)
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_review(how, named, reason, user, portfolio, approve=True))

    @reviews.command("reject", help=text("help-review-reject"))
    def review_reject(
        reason: Annotated[
            str, typer.Option("--reason", metavar="TEXT", help=text("help-review-reason"))
        ],
        ids: Annotated[list[str] | None, ids_argument] = None,
        kind: Annotated[str, kind_option] = "",
        entity: Annotated[str, entity_option] = "",
        everything: Annotated[bool, all_option] = False,
        sure: Annotated[bool, yes_option] = False,
        as_json: Annotated[bool, shared.as_json] = False,
        user: Annotated[str, shared.user] = "",
        portfolio: Annotated[str, shared.portfolio] = "",
        chosen: Annotated[str, shared.chosen] = "",
    ) -> None:
        from monthclose.cli.reviews import Chosen, run_review

        named = Chosen(ids or (), kind, entity, everything, sure)
        how = call(chosen or lang, as_json)
        raise typer.Exit(run_review(how, named, reason, user, portfolio, approve=False))
