"""How the terminal shows a book, its checks and the matrix of a close."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monthclose.groupfolder.problems import GroupFolderInvalid
from monthclose.ledger.accounts import Chart
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.equity import OWNERS, EquityPart, owners_of, whole
from monthclose.ledger.errors import CloseError
from monthclose.ledger.findings import Validation
from monthclose.ledger.money import Money, write_amount
from monthclose.ledger.periods import Day
from monthclose.ledger.runs import RunRecord, Step, StepRecord, StepStatus
from monthclose.reports.cash_table import cash_statement, column_of
from monthclose.reports.equity_rows import equity_rows
from monthclose.reports.statements import LineKind, Statement, balance_sheet, income_statement
from monthclose.wording import say

HEADLINES = (
    "total_assets",
    "total_liabilities",
    "total_equity",
    "non_controlling_interests",
    "net_income",
    "net_income_parent",
    "oci_cta",
    "comprehensive_income",
)

HEAVY = (LineKind.HEADING, LineKind.SUBTOTAL, LineKind.TOTAL)

GLYPHS = {
    StepStatus.WAITING: ("○", "dim"),
    StepStatus.PENDING: ("○", "dim"),
    StepStatus.RUNNING: ("◐", "yellow"),
    StepStatus.DONE: ("●", "green"),
    StepStatus.FAILED: ("✕", "bold red"),
    StepStatus.CANCELLED: ("–", "dim"),
    StepStatus.NOT_APPLICABLE: ("–", "dim"),
}


def shown(minor: int, currency: str, lang: str) -> str:
    """An amount of a statement: negatives in parentheses, nil as a dash."""
    if minor == 0:
        return "–"
    text = write_amount(abs(minor), minor_digits(currency), lang)
    return f"({text})" if minor < 0 else text


class Screen:
    """One terminal, in one language; nothing is coloured where nobody looks."""

    def __init__(self, console: Console, lang: str) -> None:
        self.console, self.lang = console, lang

    def say(self, key: str, style: str = "", **facts: object) -> None:
        """Print one sentence of the catalogue."""
        self._print(Text(say(f"cli.{key}", self.lang, **facts), style=style))

    def headline(self, book: Book, validation: Validation) -> None:
        """The figures a CFO asks for first, and whether they tie."""
        table = self._table(say("cli.headline", self.lang, currency=book.presentation))
        table.add_column("", no_wrap=True)
        table.add_column(book.presentation, justify="right", no_wrap=True)
        for name in HEADLINES:
            amount = shown(getattr(book.totals, name), book.presentation, self.lang)
            table.add_row(say(f"cli.{name}", self.lang), amount)
        self.console.print(table)
        if book.facts.items:
            apart = sum(abs(match.residual) for match in book.matches)
            self.say(
                "intercompany",
                matches=len(book.matches),
                unmatched=len(book.unmatched),
                size=Money(apart, book.presentation),
            )
        if dates := book.reporting_dates:
            self.say(
                "reporting-dates",
                dates=", ".join(f"{code} {Day(on).shown(self.lang)}" for code, on in dates.items()),
            )
        self.verdict(validation)

    def verdict(self, validation: Validation) -> None:
        """The score, and every finding under it."""
        style = {"green": "bold green", "yellow": "bold yellow", "red": "bold red"}
        colour = say(f"cli.{validation.colour}", self.lang)
        passed = sum(result.passed for result in validation.results)
        self.say(
            "score",
            style[validation.colour],
            score=write_amount(int(validation.score * 100), lang=self.lang),
            colour=colour,
            passed=passed,
            checks=len(validation.results),
        )
        for finding in validation.findings:
            mark = "✕" if finding in validation.blocking else "▲"
            self._print(Text(f"  {mark} {finding.check}  {finding.said(self.lang)}"))

    def statements(self, book: Book) -> None:
        """Balance sheet and income statement of the group, as they are printed."""
        for statement in (balance_sheet(book, self.lang), income_statement(book, self.lang)):
            self.statement(statement, (book.presentation,))

    def statement(self, statement: Statement, currencies: Sequence[str], title: str = "") -> None:
        """One statement: its last columns, each in its currency; only the group's, as a rule."""
        whole = title or say(f"cli.{statement.key}", self.lang, currency=currencies[-1])
        table = self._table(whole)
        amounts_wide = sum(len(currency) + 1 for currency in currencies)
        table.add_column("", min_width=len(whole) - amounts_wide)  # the title stays in one line
        for currency in currencies:
            table.add_column(currency, justify="right", no_wrap=True)
        for line in statement.lines:
            amounts = [amount or 0 for amount in line.amounts[-len(currencies) :]]
            if line.kind is LineKind.LINE and not any(amounts):
                continue  # what eliminations brought to nil is in the workbook
            style = "bold" if line.kind in HEAVY else ""
            cells = [
                Text(shown(amount, currency, self.lang), style=style)
                for amount, currency in zip(amounts, currencies, strict=False)
            ]
            label = Padding(Text(line.label, style=style), (0, 0, 0, 2 * line.level), expand=False)
            table.add_row(label, *cells)
        self.console.print(table)

    def changes_in_equity(self, book: Book) -> None:
        """The statement of changes in equity: a column a component, owners, outsiders, all."""
        statement, currency = book.changes_in_equity, book.presentation
        if statement is None:
            return
        table = self._table(say("cli.changes_in_equity", self.lang, currency=currency))
        owners = [part for part in statement.columns if part in OWNERS]
        table.add_column("")
        for key in (*owners, "owners", "nci"):
            table.add_column(say(f"reports.moves-{key}", self.lang), justify="right")
        table.add_column(say("reports.total", self.lang), justify="right")
        for row in equity_rows(statement):
            style = "bold" if row.look != "line" else ""
            amounts = [row.amounts.get(part, 0) for part in owners]
            amounts += [owners_of(row.amounts), row.amounts.get(EquityPart.NCI, 0)]
            amounts.append(whole(row.amounts))
            label = Text(say(f"reports.moves-{row.key}", self.lang), style=style)
            texts = [Text(shown(each, currency, self.lang), style=style) for each in amounts]
            table.add_row(label, *texts)
        # Seven columns of amounts: on a page too narrow for them none may be cut.
        page = self.console.width
        wide = self.console.measure(table, options=self.console.options.update(width=400)).maximum
        self.console.width = max(wide, page)
        self.console.print(table, crop=False)
        self.console.width = page

    def cash_flows(self, cash: CashFlows, chart: Chart) -> None:
        """The group's cash flows, and why something of them cannot be stated."""
        if cash.group is not None:
            columns = (column_of(cash.group, ""),)
            self.statement(cash_statement(columns, chart, self.lang), (cash.group.currency,))
        for each in cash.problems:
            self.say("cash-not-stated", "yellow", reason=each.message(self.lang))

    def proofs(self, book: Book) -> None:
        """The CTA of each foreign entity: what moved, and its proof."""
        table = self._table(say("cli.proofs", self.lang, currency=book.presentation))
        for key in ("entity", "functional", "net_income", "opening", "movement", "proof", "rest"):
            justify = "left" if key in ("entity", "functional") else "right"
            table.add_column(say(f"cli.{key}", self.lang), justify=justify)  # type: ignore[arg-type]
        for each in book.translations:
            if each.foreign:
                proved = each.proof().total
                amounts = (
                    each.net_income,
                    each.cta.opening,
                    each.cta.movement,
                    proved,
                    each.cta.movement - proved,
                )
                row = [shown(amount, each.presentation, self.lang) for amount in amounts]
                table.add_row(each.entity, each.functional, *row)
        if table.row_count:
            self.console.print(table)

    def checks(self, validation: Validation) -> None:
        """Every check: what it is, over how many things, and whether it passed."""
        table = self._table(say("cli.checks", self.lang))
        table.add_column("")
        table.add_column(say("cli.check", self.lang))
        table.add_column(say("cli.population", self.lang), justify="right")
        table.add_column(say("cli.result", self.lang))
        for each in validation.results:
            result = Text(
                say(f"cli.{'passed' if each.passed else 'found'}", self.lang),
                style="green" if each.passed else "yellow",
            )
            title = say(f"checks.{each.check}", self.lang)
            table.add_row(each.check, title, str(each.population), result)
        self.console.print(table)

    def matrix(self, run: RunRecord) -> None:
        """Entities against steps: a glyph, a word, and the group in its own row."""
        table = self._table(say("cli.matrix", self.lang, label=run.label))
        table.add_column("", no_wrap=True)
        steps = list(Step)
        for step in steps:
            table.add_column(say(f"cli.step-{step}", self.lang), justify="center")
        cells = {(cell.entity, cell.step): cell for cell in run.steps}
        for entity in dict.fromkeys(cell.entity for cell in run.steps if cell.entity):
            table.add_row(entity, *[self.cell(cells.get((entity, step))) for step in steps])
        table.add_row(
            say("cli.group", self.lang), *[self.cell(cells.get(("", step))) for step in steps]
        )
        self.console.print(table)

    def cell(self, cell: StepRecord | None) -> Text:
        """One cell of the matrix."""
        if cell is None:
            return Text("")
        glyph, style = GLYPHS[cell.status]
        return Text(glyph, style=style)

    def legend(self, statuses: Iterable[StepStatus]) -> None:
        """What the glyphs of a matrix mean."""
        seen = dict.fromkeys(statuses)
        words = [f"{GLYPHS[s][0]} {say(f'cli.status-{s}', self.lang)}" for s in seen]
        self.console.print(Text("  ".join(dict.fromkeys(words)), style="dim"))

    def error(self, error: CloseError) -> None:
        """What stopped a command, and what to do next."""
        text = error.in_full(self.lang) if isinstance(error, GroupFolderInvalid) else None
        self._print(Text(text or error.message(self.lang), style="bold red"))

    def _print(self, text: Text) -> None:
        """Print a sentence in one piece: a path broken in two is no path."""
        self.console.print(text, soft_wrap=True)

    def _table(self, title: str) -> Table:
        return Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
