"""The workbook: live formulas over one governed sheet, the same bytes for the same close."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.findings import Validation
from monthclose.ledger.periods import NotAPeriod, Period
from monthclose.ledger.subscriptions import Measured
from monthclose.reports import data_sheet, metrics_sheet
from monthclose.reports.cash_sheet import SHEET as CASH_SHEET
from monthclose.reports.cash_sheet import cash_pages_wide, print_cash_flows
from monthclose.reports.changes_sheet import KEY as CHANGES_SHEET
from monthclose.reports.changes_sheet import change_blocks, print_changes
from monthclose.reports.control_sheets import print_audit_log, print_checks
from monthclose.reports.entries_sheet import print_entries
from monthclose.reports.equity_method_sheet import SHEET as EQUITY_METHOD_SHEET
from monthclose.reports.equity_method_sheet import has_equity_method, print_equity_method
from monthclose.reports.equity_sheet import print_equity
from monthclose.reports.gaap_sheet import bridge_blocks, print_bridge
from monthclose.reports.identity import CloseIdentity
from monthclose.reports.ledger_sheets import pages_wide, print_by_entity, print_trial_balance
from monthclose.reports.metrics_sheet import print_metrics
from monthclose.reports.page import FIGURES, FIRST_ROW, Press
from monthclose.reports.purchases_sheet import SHEET as PURCHASES_SHEET
from monthclose.reports.purchases_sheet import has_purchases, print_purchases
from monthclose.reports.rates_sheet import print_rates
from monthclose.reports.rates_used import quotes_used
from monthclose.reports.statement_sheets import print_balance_sheet, print_income_statement
from monthclose.reports.statements import balance_sheet, income_statement
from monthclose.reports.styles import FONT, Styles
from monthclose.reports.summary_sheet import print_summary
from monthclose.reports.texts import as_cell

SHEETS = (
    "summary",
    "balance-sheet",
    "income-statement",
    "equity",
    "by-entity",
    "trial-balance",
    "eliminations",
    "fx-rates",
    "checks",
    "audit-log",
)
"""Keys of the sheets, in order. Titles are of a language, keys are not."""

BRIDGE = "gaap-bridge"
"""The sheet of the reconciliation to the other framework, when entries lead there."""

DEBIT_POSITIVE = ("by-entity", "trial-balance")
"""Sheets that show the ledger's own signs."""

_UNKNOWN_PERIOD = Period(2000, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class PlainSheet(Worksheet):  # type: ignore[misc]  # published without types
    """A sheet whose formulas are written as they stand."""

    def _prepare_formula(self, formula: str, *_: object) -> str:
        # The writer looks in every formula for each of thirty functions newer than ours,
        # which takes longer than all the rest of a large workbook.
        return formula.removeprefix("=")


def write_workbook(  # noqa: PLR0913 - as much as a close may print
    book: Book,
    validation: Validation,
    path: Path,
    *,
    lang: str,
    close: CloseIdentity | None = None,
    metrics: tuple[Measured, ...] = (),
    cash: CashFlows | None = None,
) -> None:
    """
    Print a close as a workbook.

    The file is complete or is not there: it is written beside its place and moved.

    Args:
        book: The close.
        validation: What its checks found.
        path: Where the workbook goes; an older one is replaced.
        lang: Language of titles and sentences; account names stay the group's.
        close: Which close it is; None: one that nobody published, without a trail.
        metrics: SaaS metrics; () without subscriptions, and without their sheet.
        cash: Its cash flows; None: they have no sheet.
    """
    content = workbook_bytes(book, validation, lang=lang, close=close, metrics=metrics, cash=cash)
    # A name that nobody else writes to; the rights are those of any new file.
    beside = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def workbook_bytes(
    book: Book,
    validation: Validation,
    *,
    lang: str,
    close: CloseIdentity | None = None,
    metrics: tuple[Measured, ...] = (),
    cash: CashFlows | None = None,
) -> bytes:
    """Print a close as the bytes of a workbook: see `write_workbook`."""
    written = BytesIO()
    workbook = xlsxwriter.Workbook(
        written,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "default_format_properties": {"font_name": FONT["font_name"], "font_size": 9},
        },
    )
    identity = close or CloseIdentity("", book.digest)
    statements = {s.key: s for s in (balance_sheet(book, lang), income_statement(book, lang))}
    by_account, by_line = data_sheet.line_numbers(*statements.values())
    press = Press(
        workbook=workbook,
        book=book,
        validation=validation,
        lang=lang,
        close=identity,
        statements=statements,
        numbers=by_line,
        quotes=quotes_used(book),
        styles=Styles(workbook),
        metrics=metrics,
    )
    for key in sheets_of(book, metrics, cash):
        title = press.say(f"sheet-{key}")
        workbook.add_worksheet(title, PlainSheet)
        workbook.define_name("sheet_" + key.replace("-", "_"), f"='{title}'!$B$1")
    blocks = _print(press, cash)
    _write_data(press, by_account, blocks)
    created = _created(book.period)
    workbook.set_properties(
        {
            "title": as_cell(f"{book.group.name} {press.period()}"),
            "subject": press.say("subject"),
            "author": "monthclose",
            "category": as_cell(identity.version),
            "keywords": identity.digest,
            "created": created,
        }
    )
    workbook.close()
    return _settled(written.getvalue(), lang)


def sheets_of(
    book: Book, metrics: tuple[Measured, ...] = (), cash: CashFlows | None = None
) -> tuple[str, ...]:
    """Keys of a book's sheets, in order: metrics stand behind the statements."""
    keys = list(SHEETS)
    if book.changes:
        keys.insert(keys.index("by-entity"), CHANGES_SHEET)
    if book.reconciliation is not None:
        keys.insert(keys.index("fx-rates"), BRIDGE)
    if metrics:
        keys.insert(keys.index("by-entity"), metrics_sheet.KEY)
    if cash is not None:
        keys.insert(keys.index("income-statement") + 1, CASH_SHEET)
    if has_equity_method(book):
        keys.insert(keys.index("fx-rates"), EQUITY_METHOD_SHEET)
    if has_purchases(book):
        keys.insert(keys.index("fx-rates"), PURCHASES_SHEET)
    return tuple(keys)


def _print(press: Press, cash: CashFlows | None) -> list[data_sheet.Block]:
    """
    Print every sheet, then the headers: they repeat a verdict that comes last.

    Returns:
        What the governed sheet has to hold beside the book.
    """
    sheet_of_balance, balance = print_balance_sheet(press)
    sheet_of_income, income = print_income_statement(press)
    cells = {
        key: {name: place.reference for name, place in places.items()}
        for key, places in (("balance_sheet", balance), ("income_statement", income))
    }
    pages = [
        (print_summary(press, cells), "subtitle-year", (FIRST_ROW, 1)),
        (sheet_of_balance, "subtitle-balance", None),
        (sheet_of_income, "subtitle-year", None),
        (print_equity(press, balance), "subtitle-year", None),
        (print_by_entity(press), "subtitle-year", (FIRST_ROW + 1, FIGURES)),
        (print_trial_balance(press), "subtitle-year", (FIRST_ROW + 1, FIGURES)),
        (print_entries(press), "subtitle-year", None),
        (print_rates(press), "subtitle-balance", (FIRST_ROW, 1)),
    ]
    if press.book.reconciliation is not None:
        bridge = print_bridge(press, press.book.reconciliation)
        pages.append((bridge, "subtitle-year", None))
    blocks = []
    if press.book.changes:
        pages.append((print_changes(press), "subtitle-year", None))
        blocks += change_blocks(press.book, press.digits)
    if cash is not None:
        page, block = print_cash_flows(press, cash)
        pages.append((page, "subtitle-year", (FIRST_ROW + 1, FIGURES)))
        blocks.append(block)
    if has_equity_method(press.book):
        page, block = print_equity_method(press)
        pages.append((page, "subtitle-year", None))
        blocks.append(block)
    if has_purchases(press.book):
        page, block = print_purchases(press)
        pages.append((page, "subtitle-year", (FIRST_ROW, 1)))
        blocks.append(block)
    checks, master = print_checks(press)
    pages += [
        (checks, "subtitle-balance", (FIRST_ROW, 1)),
        (print_audit_log(press), "subtitle-plain", None),
    ]
    if press.metrics:
        pages.append((print_metrics(press), "subtitle-metrics", (FIRST_ROW + 1, FIGURES)))
    for page, subtitle, freeze in pages:
        text = press.say(
            subtitle,
            group=press.book.group.name,
            period=press.period(),
            currency=press.book.presentation,
            framework=press.book.group.framework,
        )
        wide = pages_wide(press) if page.key == "by-entity" else 1
        if cash is not None and page.key == CASH_SHEET:
            wide = cash_pages_wide(cash)
        note = press.say("note-debit") if page.key in DEBIT_POSITIVE else ""
        page.finish(master, text, note, freeze=freeze, wide=wide)
    return blocks


def _write_data(press: Press, by_account: dict[str, int], more: Sequence[data_sheet.Block]) -> None:
    """Write the governed sheet, hide it, and lock it against a slip of the hand."""
    sheet: Any = press.workbook.add_worksheet(data_sheet.KEY, PlainSheet)
    blocks = data_sheet.account_blocks(press.book, by_account, press.digits)
    blocks += data_sheet.other_blocks(press.book, press.validation, press.quotes, press.digits)
    if press.book.reconciliation is not None:
        blocks += bridge_blocks(press.book.reconciliation, press.digits)
    blocks += more
    data_sheet.write_blocks(press.workbook, sheet, blocks, press.styles("head"))
    sheet.protect()
    sheet.hide()


def _created(period: str) -> datetime:
    """The date a document bears: the last day of its month, whenever it is printed."""
    try:
        day = Period.parse(period).last_day
    except NotAPeriod:
        day = _UNKNOWN_PERIOD.last_day
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _settled(content: bytes, lang: str) -> bytes:
    """Name the document's language, and pack the parts alike on every machine."""
    settled = BytesIO()
    with (
        ZipFile(BytesIO(content)) as parts,
        ZipFile(settled, "w", ZIP_DEFLATED) as packed,
    ):
        for name in parts.namelist():
            part = parts.read(name)
            if name == "docProps/core.xml":
                said = f"<dc:language>{escape(lang)}</dc:language></cp:coreProperties>"
                part = part.replace(b"</cp:coreProperties>", said.encode())
            info = ZipInfo(name, _ZIP_DATE)
            info.compress_type, info.create_system = ZIP_DEFLATED, 0
            info.external_attr = 0o600 << 16
            packed.writestr(info, part)
    return settled.getvalue()
