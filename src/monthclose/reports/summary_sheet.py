"""The first sheet: the figures that matter, how far to trust them, and each company's part."""

from decimal import Decimal

from monthclose.ledger.accounts import RESULT, AccountClass
from monthclose.ledger.entities import group_shares, percent
from monthclose.ledger.findings import Severity
from monthclose.ledger.money import Amounts, total
from monthclose.reports.cells import added
from monthclose.reports.data_sheet import entity_name
from monthclose.reports.page import CODE, FIGURES, NAME, Page, Press
from monthclose.reports.statements import Statement
from monthclose.reports.styles import PERCENT, SCORE

ASSETS, NET_ASSETS, RESULTS, SHARE, CURRENCY = range(FIGURES, FIGURES + 5)
FACTS, FACT = NET_ASSETS, RESULTS

LISTED = 20
"""How many companies the first page names."""

HEADLINES = (
    ("balance_sheet", "total-assets", "line"),
    ("balance_sheet", "total-liabilities", "line"),
    ("balance_sheet", "equity-owners", "line"),
    ("balance_sheet", "total-equity", "strong"),
    ("income_statement", "total-income", "line"),
    ("income_statement", "total-expense", "line"),
    ("income_statement", "result", "strong"),
    ("income_statement", "net_income_parent", "part"),
    ("income_statement", "net_income_nci", "part"),
    ("income_statement", "oci_cta", "line"),
    ("income_statement", "comprehensive-income", "strong"),
)


def print_summary(press: Press, cells: dict[str, dict[str, str]]) -> Page:
    """
    Print headline figures, what the controls say, and a line a company.

    Args:
        press: What the sheets share.
        cells: Where each line's group figure stands, by statement and line key.
    """
    page = Page(press, "summary")
    page.columns(CODE, CODE, 11)
    page.columns(NAME, NAME, 44)
    width = press.width(_largest(press))
    page.columns(ASSETS, ASSETS, width)
    page.columns(NET_ASSETS, NET_ASSETS, max(width, 22))
    page.columns(RESULTS, RESULTS, max(width, 18))
    page.columns(SHARE, SHARE, 12)
    page.columns(CURRENCY, CURRENCY, 10)
    top = page.row
    _headlines(page, cells)
    below = page.row
    page.row = top
    _facts(page)
    page.row = max(below, page.row) + 2
    _companies(page)
    return page


def _largest(press: Press) -> int:
    """The largest figure of the sheet, near enough for a width."""
    return max(
        [abs(line.total) for statement in press.statements.values() for line in statement.lines]
        + [int(abs(row).max(initial=0)) for row in press.book.entity_amounts],
        default=0,
    )


def _headlines(page: Page, cells: dict[str, dict[str, str]]) -> None:
    """Repeat the figures that matter from the statements, by reference."""
    press = page.press
    heads = {CODE: press.say("headlines"), NAME: "", FIGURES: press.book.presentation}
    page.heads(heads, (FIGURES,))
    for key, line_key, look in HEADLINES:
        statement: Statement = press.statements[key]
        line = statement.line(line_key)
        indent = 1 if look == "part" else 0
        page.text(CODE, line.label, look, indent=indent)
        page.amount(FIGURES, cells[key][line_key], line.total, look)
        page.row += 1


def _facts(page: Page) -> None:
    """Say which close this is and what its checks found, beside the figures."""
    press, validation = page.press, page.press.validation
    findings = validation.findings
    blocking = sum(finding.severity is Severity.BLOCKING for finding in findings)
    passed = sum(result.passed for result in validation.results)
    checks = press.say("passed-of", passed=passed, checks=len(validation.results))
    found = press.say("blocking-warnings", blocking=blocking, warnings=len(findings) - blocking)
    for key, text in (
        ("version", press.close.version or press.say("unpublished")),
        ("period", press.period()),
        ("framework", press.book.group.framework),
        ("currency", press.book.presentation),
        ("companies", str(len(press.book.translations))),
        ("checks", checks),
        ("findings", found),
    ):
        if key == "version":
            page.heads(
                {FACTS: press.say("close"), FACT: "", SHARE: "", CURRENCY: ""}, after=(FACTS,)
            )
        page.text(FACTS, press.say(key), "muted", indent=1)
        page.text(FACT, text)
        page.row += 1
    page.text(FACTS, press.say("score"), "muted", indent=1)
    score = press.styles("strong", SCORE, "left")
    page.sheet.write_number(page.row, FACT, validation.score, score)
    page.text(SHARE, press.say(f"colour-{validation.colour}"), "strong")
    page.row += 1
    page.text(FACTS, press.say("hash"), "muted", indent=1)
    page.row += 1
    page.text(FACTS, press.close.digest, "hash", indent=1)
    page.row += 1


def _companies(page: Page) -> None:
    """
    Print the companies before eliminations: what each has, what it earned, whose it is.

    A large group shows its largest companies, so that the page stays one page; what the
    others come to is the difference to all of them.
    """
    press, book = page.press, page.press.book
    labels = {
        CODE: press.say("company"),
        NAME: "",
        ASSETS: press.say("total-assets"),
        NET_ASSETS: press.say("net-assets"),
        RESULTS: press.say("result"),
        SHARE: press.say("group-share"),
        CURRENCY: press.say("functional"),
    }
    page.heads(labels, (ASSETS, NET_ASSETS, RESULTS, SHARE), (CURRENCY,))
    # (e, 3) assets, net assets, result; minor units, natural signs.
    figures = [_figures(press, row) for row in book.entity_amounts]
    listed = list(range(len(figures)))
    if len(listed) > LISTED:
        listed = sorted(listed, key=lambda place: -abs(figures[place][0]))[: LISTED - 1]
    known = {entity.code: entity for entity in book.group.entities}
    scope = tuple(known[translation.entity] for translation in book.translations)
    shares = group_shares(scope, book.facts.interests)
    first = page.row
    for place in listed:
        entity = scope[place]
        page.text(CODE, entity.code, "muted")
        page.text(NAME, entity.name)
        formulas = _formulas(entity_name(place + 1))
        for column, (formula, minor) in enumerate(
            zip(formulas, figures[place], strict=True), start=ASSETS
        ):
            page.amount(column, formula, minor)
        if entity.code in shares:
            page.number(SHARE, Decimal(percent(shares[entity.code])), form=PERCENT)
        page.text(CURRENCY, book.translations[place].functional, indent=1)
        page.row += 1
    others = [each for place, each in enumerate(figures) if place not in listed]
    if others:
        page.text(CODE, press.say("other-companies", count=len(others)))
        for column, formula in enumerate(_formulas("ledger_translation"), start=ASSETS):
            minor = sum(each[column - ASSETS] for each in others)
            rest = f"ROUND({formula}-{added(range(first, page.row), column)},{press.digits})"
            page.amount(column, rest, minor)
        page.row += 1
    page.text(CODE, press.say("before-adjustments"), "subtotal")
    page.fill((NAME, SHARE, CURRENCY), "subtotal")
    for column in (ASSETS, NET_ASSETS, RESULTS):
        minor = sum(each[column - ASSETS] for each in figures)
        page.amount(column, added(range(first, page.row), column), minor, "subtotal")
    page.row += 1


def _figures(press: Press, row: Amounts) -> tuple[int, int, int]:
    """Assets, net assets and result of one company, natural signs."""
    chart = press.book.chart
    assets = total(row[chart.of_kind(AccountClass.ASSET)])
    liabilities = total(row[chart.of_kind(AccountClass.LIABILITY)])
    return assets, assets + liabilities, -total(row[chart.of_kind(*RESULT)])


def _formulas(column: str) -> tuple[str, str, str]:
    """The same three figures, from a column of the governed sheet."""
    return (
        _sums(column, "asset"),
        _sums(column, "asset", "liability"),
        f"-({_sums(column, 'income', 'expense')})",
    )


def _sums(column: str, *kinds: str) -> str:
    """Add up classes of accounts of a column."""
    return "+".join(f'SUMIFS({column},account_class,"{kind}")' for kind in kinds)
