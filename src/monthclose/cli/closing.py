"""Commands on the database: import, close, look."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from monthclose.cli.call import CONTROL_FAILED, OK, Call, exit_code
from monthclose.cli.metrics import metrics_payload, show_metrics
from monthclose.cli.payload import TOTALS, in_digits, validation_payload
from monthclose.close.runner import CloseOutcome
from monthclose.close.states import state_of
from monthclose.ledger.runs import RunRecord, Step, StepRecord
from monthclose.wiring.build import Desk, open_desk
from monthclose.wiring.database import run_migrations
from monthclose.wiring.folders import check_folder
from monthclose.wording import say

type Shown = Callable[[CloseOutcome], None]
"""Says what a close read from the companies' systems."""

NAMED = 5
"""Names of what stays that are printed; `--json` has all."""


def run_import(how: Call, folder: Path, user: str, dry_run: bool) -> int:
    """Load a group folder into the database, whole or not at all."""
    if dry_run:
        found = check_folder(folder)
        how.out.say("import-checked", group=found.group.name, balances=len(found.balances))
        how.answer({"folder": str(folder), "balances": len(found.balances), "imported": False})
        return OK
    with open_desk(how.settings(), user, portfolio=None) as desk:
        result = import_shown(how, desk, folder)
    how.answer(result)
    return OK


def import_shown(how: Call, desk: Desk, folder: Path) -> dict[str, Any]:
    """Import a folder and say what came in."""
    found, result = desk.import_folder(folder)
    for each in found.unused:
        how.out.say("unused-table", "yellow", name=each)
    key = "import-unchanged" if result.unchanged else "import-done"
    how.out.say(
        key,
        group=found.group.name,
        entities=len(found.group.entities),
        balances=len(found.balances),
        new=result.batches,
    )
    for kind, names in result.staying.items():
        shown = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
        how.out.say(f"import-stays-{kind}", "yellow", count=len(names), names=shown)
    return {
        "group": found.group.code,
        "balances": len(found.balances),
        "new_batches": result.batches,
        "unchanged": result.unchanged,
        "staying": {kind: list(names) for kind, names in result.staying.items()},
        "unused": [each.shown(how.lang) for each in found.unused],
    }


def run_close(how: Call, period: str, user: str, portfolio: str, *, pull: bool = False) -> int:
    """Close a month in the database."""
    with open_desk(how.settings(), user, portfolio) as desk:
        code, payload = close_shown(how, desk, period, pull=pull)
    how.answer(payload)
    return code


def close_shown(
    how: Call, desk: Desk, period: str, *, pull: bool = False, shown: Shown | None = None
) -> tuple[int, dict[str, Any]]:
    """
    Run the close, show the progress, say what became of it.

    Args:
        how: To whom.
        desk: Open.
        period: The month.
        pull: Whether months that are there are read again.
        shown: Says what was read; None: company by company.
    """
    with _Bar(how) as on_step:
        outcome = desk.close(period, on_step, pull=pull)
    run = outcome.run
    payload = run_payload(run)
    payload["computed"] = len(outcome.computed)
    if outcome.extractions:
        from monthclose.cli.pulled import pulled_payload, show_pulled

        if shown is None:
            show_pulled(how, outcome.extractions)
        else:
            shown(outcome)
        payload["reading_s"] = round(outcome.reading_s, 3)
        payload["extractions"] = [pulled_payload(each, how.lang) for each in outcome.extractions]
    if outcome.error is not None:
        how.out.matrix(run)
        if not any(each.error is outcome.error for each in outcome.extractions):
            how.err.error(outcome.error)  # otherwise it was said of its company
        payload["error"] = outcome.error.message(how.lang)
        return exit_code(outcome.error), payload
    if outcome.book is None or outcome.validation is None:
        how.out.say("close-unchanged", "bold green", label=run.label)
    else:
        _say_closed(how, outcome)
        plain = in_digits(outcome.book.presentation)
        payload["totals"] = {n: plain(getattr(outcome.book.totals, n)) for n in TOTALS}
        payload["checks"] = validation_payload(outcome.validation, how.lang)
        if outcome.metrics:
            payload["metrics"] = metrics_payload(outcome.metrics, outcome.book, how.lang)
    for printed in run.reports:
        how.out.say("workbook", "bold", path=printed.path)
    how.out.say("sha256", "dim", sha256=run.result_hash)
    blocked = outcome.validation is not None and outcome.validation.blocking
    return CONTROL_FAILED if blocked else OK, payload


def _say_closed(how: Call, outcome: CloseOutcome) -> None:
    """The figures of a close that was computed."""
    book, validation, run = outcome.book, outcome.validation, outcome.run
    if book is None or validation is None:
        return
    how.out.say(
        "closed",
        "bold green",
        label=run.label,
        group=book.group.name,
        computed=len(outcome.computed),
        kept=len(run.steps) - len(outcome.computed),
    )
    if how.verbose:
        how.out.matrix(run)
        how.out.checks(validation)
    how.out.proofs(book)
    how.out.headline(book, validation)
    if outcome.metrics:
        show_metrics(how, book, run.label, outcome.metrics)


def run_status(how: Call, period: str, user: str, portfolio: str) -> int:
    """Show the matrix of a month's latest run."""
    with open_desk(how.settings(), user, portfolio) as desk:
        run = desk.latest(period)
    if run is None:
        how.out.say("status-none", period=period)
        how.answer({"period": period, "state": "IDLE"})
        return OK
    how.out.matrix(run)
    how.out.legend(cell.status for cell in run.steps)
    state = say(f"cli.state-{_state(run).lower()}", how.lang)
    how.out.say("status", state=state, label=run.label, hash=run.input_hash[:8])
    if run.error:
        how.out.say("status-error", "bold red", entity=run.error_entity or "–", error=run.error)
    for printed in run.reports:
        how.out.say("workbook", path=printed.path)
    how.answer(run_payload(run))
    return OK


def run_migrate(how: Call) -> int:
    """Bring the database's schema up to date."""
    done = run_migrations(how.settings())
    how.out.say("migrated" if done else "migrated-nothing")
    how.answer({"migrated": done})
    return OK


def run_payload(run: RunRecord) -> dict[str, Any]:
    """A run as JSON: its state, matrix, hashes and reports."""
    return {
        "run": run.id,
        "period": run.period,
        "label": run.label,
        "status": run.status.value,
        "state": _state(run),
        "input_hash": run.input_hash,
        "result_hash": run.result_hash,
        "error_code": run.error_code,
        "error_entity": run.error_entity,
        "reports": [
            {"kind": r.kind, "path": r.path, "sha256": r.sha256, "size": r.size}
            for r in run.reports
        ],
        "steps": [
            {
                "step": cell.step.value,
                "entity": cell.entity,
                "status": cell.status.value,
                "attempt": cell.attempt,
                "rows": cell.rows,
                "input_hash": cell.input_hash,
                "output_hash": cell.output_hash,
                "error_code": cell.error_code,
            }
            for cell in run.steps
        ],
    }


def _state(run: RunRecord) -> str:
    """The specification's state of a run."""
    return state_of(run.status, ((cell.step, cell.status) for cell in run.steps)).value


class _Bar(AbstractContextManager[Callable[[StepRecord], None] | None]):
    """A progress bar on a terminal; nothing where nobody looks."""

    def __init__(self, how: Call) -> None:
        self.how = how
        self.bar: Progress | None = None

    def __enter__(self) -> Callable[[StepRecord], None] | None:
        console = self.how.out.console
        if self.how.quiet or self.how.as_json or not console.is_terminal:
            return None
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self.bar.start()
        task = self.bar.add_task(say(f"cli.step-{Step.EXTRACT}", self.how.lang), total=None)
        bar = self.bar

        def on_step(cell: StepRecord) -> None:
            word = say(f"cli.step-{cell.step}", self.how.lang)
            bar.update(task, advance=1, description=f"{word} {cell.entity}".strip())

        return on_step

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
