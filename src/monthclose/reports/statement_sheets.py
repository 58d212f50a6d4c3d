"""The balance sheet and the income statement, each on its sheet."""

from monthclose.reports.cells import added, sumifs
from monthclose.reports.page import CODE, FIGURES, KEYS, NAME, Page, Place, Press, Tie
from monthclose.reports.statements import Line, LineKind, Statement, figures

LOOK = {
    LineKind.HEADING: "heading",
    LineKind.GROUP: "group",
    LineKind.LINE: "line",
    LineKind.SUBTOTAL: "subtotal",
    LineKind.TOTAL: "total",
    LineKind.PART: "part",
    LineKind.CHECK: "check",
    LineKind.SPACE: "",
}


def print_balance_sheet(press: Press) -> tuple[Page, dict[str, Place]]:
    """Print the balance sheet: it ties by itself, and to the ledger's roll-forwards."""
    statement = press.statements["balance_sheet"]
    page, cells = print_statement(press, statement, "balance-sheet", "closed")
    place = own_lines(statement, cells)
    press.ties.append(Tie("tie-balance", place["total-claims"], place["total-assets"]))
    press.places["total_assets"] = place["total-assets"]
    press.places["total_equity"] = place["total-equity"]
    roles = press.book.chart.roles
    for tie, account, figure in (
        ("tie-retained", roles.retained_earnings, "retained_closing"),
        ("tie-cta", roles.cta, "cta_closing"),
        ("tie-nci", roles.nci, "nci_closing"),
    ):
        if press.book.equity is not None and (found := _alone(statement, cells, account)):
            press.ties.append(Tie(tie, _figure(press, figure), found))
    return page, place


def print_income_statement(press: Press) -> tuple[Page, dict[str, Place]]:
    """Print income, expense and comprehensive income; owners and outsiders are the whole."""
    statement = press.statements["income_statement"]
    page, cells = print_statement(press, statement, "income-statement", "ledger")
    place = own_lines(statement, cells)
    press.places["result"] = place["result"]
    for tie, whole, parts in (
        ("tie-result-parts", "result", ("net_income_parent", "net_income_nci")),
        (
            "tie-comprehensive-parts",
            "comprehensive-income",
            ("comprehensive_parent", "comprehensive_nci"),
        ),
    ):
        pair = [place[part] for part in parts]
        found = Place("+".join(p.reference for p in pair), sum(p.minor for p in pair))
        press.ties.append(Tie(tie, place[whole], found))
    return page, place


def print_statement(
    press: Press, statement: Statement, key: str, prefix: str
) -> tuple[Page, list[Place]]:
    """
    Print a statement: a column a layer, and the group.

    Returns:
        The page, and where the group's figure of each line stands.
    """
    page = Page(press, key)
    columns = [f"{prefix}_{layer}" for layer in statement.layers] + [f"{prefix}_total"]
    last = FIGURES + len(columns) - 1
    largest = max((abs(a or 0) for line in statement.lines for a in line.amounts), default=0)
    page.columns(CODE, CODE, 11)
    page.columns(NAME, NAME, 48)
    page.columns(FIGURES, last, press.width(largest))
    heads = [press.say(f"layer-{layer}") for layer in statement.layers] + [press.say("group")]
    table = {CODE: press.say("line"), NAME: "", **dict(enumerate(heads, start=FIGURES))}
    page.heads(table, range(FIGURES, last + 1))
    first = page.row
    cells = []
    for place, line in enumerate(statement.lines):
        _print_line(page, line, press.numbers.get((statement.key, place), 0), columns, first)
        cells.append(page.place(page.row, last, line.total))
        page.row += 1
    return page, cells


def own_lines(statement: Statement, cells: list[Place]) -> dict[str, Place]:
    """Where the statement's own lines stand, by key; the chart's lines are left out."""
    places: dict[str, Place] = {}
    for line, cell in zip(statement.lines, cells, strict=True):
        if not line.from_chart:
            places.setdefault(line.key, cell)
    return places


def _print_line(page: Page, line: Line, number: int, columns: list[str], first: int) -> None:
    """Print one line: from the governed sheet, or as what other lines add up to."""
    press, look = page.press, LOOK[line.kind]
    if line.kind is LineKind.SPACE:
        return
    if line.kind is LineKind.HEADING:
        page.text(CODE, line.label, look)
        return
    if line.accounts:
        page.sheet.write_number(page.row, KEYS, number)
        page.text(CODE, line.key, "muted")
    elif line.figure:
        page.sheet.write_string(page.row, KEYS, line.figure)
    elif line.kind is LineKind.GROUP:
        page.text(CODE, line.key, "muted")
    if line.kind is LineKind.GROUP and line.label == line.key:
        page.fill((NAME,), look)  # the parent has a code, and no name in the chart
    elif line.kind in (LineKind.SUBTOTAL, LineKind.TOTAL, LineKind.CHECK):
        page.text(CODE, line.label, look)
        page.fill((NAME,), look)
    else:
        page.text(NAME, line.label, look, indent=line.level - 1)
    for place, (name, amount) in enumerate(zip(columns, line.amounts, strict=True)):
        column = FIGURES + place
        if amount is None:
            page.fill((column,), look)
        elif line.accounts:
            formula = sumifs(name, "account_line", page.row, line.sign)
            page.amount(column, formula, amount, look)
        elif line.figure:
            formula = sumifs("figure_amount", "figure_key", page.row, line.sign)
            page.amount(column, formula, amount, look)
        else:
            formula = added([first + each for each in line.adds], column)
            if line.less:
                less = added([first + each for each in line.less], column)
                formula = f"ROUND({formula}-{less},{press.digits})"
            page.amount(column, formula, amount, look)


def _alone(statement: Statement, cells: list[Place], account: str) -> Place | None:
    """Where an account stands that has a line for itself."""
    for line, cell in zip(statement.lines, cells, strict=True):
        if line.accounts == (account,):
            return cell
    return None


def _figure(press: Press, name: str) -> Place:
    """A headline figure of the ledger, as a formula instead of a cell."""
    return Place(f'-SUMIFS(figure_amount,figure_key,"{name}")', figures(press.book)[name])
