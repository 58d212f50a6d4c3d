"""Commands on a group folder: write an example, consolidate in memory."""

from pathlib import Path

from monthclose.cli.call import CONTROL_FAILED, OK, Call
from monthclose.cli.metrics import metrics_payload, show_metrics
from monthclose.cli.payload import book_payload
from monthclose.cli.statement_payload import cash_payload
from monthclose.wiring.folders import consolidate_folder, init_folder, print_folder_workbook


def run_init(how: Call, folder: Path) -> int:
    """Write a small working group folder."""
    files = init_folder(folder)
    how.answer({"folder": str(folder), "files": files})
    how.out.say("init-done", folder=folder, count=len(files))
    how.out.say("init-next", "dim", folder=folder)
    return OK


def run_consolidate(how: Call, folder: Path, period: str, xlsx: Path | None) -> int:
    """Consolidate a group folder in memory; no database."""
    close = consolidate_folder(folder, period)
    book, validation, screen = close.book, close.validation, how.out
    payload = book_payload(book, validation, how.lang)
    payload["cash_flows"] = cash_payload(close.cash, book.chart, how.lang)
    payload["unused"] = [each.shown(how.lang) for each in close.unused]
    screen.say(
        "consolidated", "bold", group=book.group.name, period=book.period, count=len(book.balances)
    )
    for each in close.unused:
        screen.say("unused-table", "yellow", name=each)
    screen.statements(book)
    screen.cash_flows(close.cash, book.chart)
    screen.proofs(book)
    if how.verbose:
        screen.checks(validation)
    screen.headline(book, validation)
    if close.metrics:
        payload["metrics"] = metrics_payload(close.metrics, book, how.lang)
        show_metrics(how, book, book.period, close.metrics)
    if xlsx is not None:
        printed = print_folder_workbook(close, xlsx)
        payload["xlsx"] = {"path": printed.path, "sha256": printed.sha256}
        screen.say("workbook", path=printed.path)
    screen.say("sha256", "dim", sha256=book.digest)
    how.answer(payload)
    return CONTROL_FAILED if validation.blocking else OK
