"""The first sheet: the figures that matter, how far to trust them, and each company's part."""

from decimal import Decimal

from monthclose.ledger.accounts import RESULT, AccountClass
from monthclose.ledger.entities import group_shares, percent
from monthclose.ledger.findings import Severity
from monthclose.ledger.money import total
from monthclose.reports.cells import added
from monthclose.reports.data_sheet import entity_name
from monthclose.reports.page import CODE, FIGURES, NAME, Page, Press
from monthclose.reports.statements import Statement
from monthclose.reports.styles import PERCENT, SCORE

ASSETS, NET_ASSETS, RESULTS, SHARE, CURRENCY = range(FIGURES, FIGURES + 5)
FACTS, FACT = NET_ASSETS, RESULTS

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
    """Print each company before eliminations: what it has, what it earned, whose it is."""
    press, book = page.press, page.press.book
    heads = {
        CODE: "company",
        NAME: "",
        ASSETS: "total-assets",
        NET_ASSETS: "net-assets",
        RESULTS: "result",
        SHARE: "group-share",
        CURRENCY: "functional",
    }
    labels = {column: press.say(head) if head else "" for column, head in heads.items()}
    page.heads(labels, (ASSETS, NET_ASSETS, RESULTS, SHARE), (CURRENCY,))
    known = {entity.code: entity for entity in book.group.entities}
    scope = tuple(known[t.entity] for t in book.translations)
    shares = group_shares(scope, book.facts.interests)
    assets = book.chart.of_kind(AccountClass.ASSET)
    liabilities = book.chart.of_kind(AccountClass.LIABILITY)
    results = book.chart.of_kind(*RESULT)
    first, sums = page.row, [0, 0, 0]
    for number, (translation, row) in enumerate(
        zip(book.translations, book.entity_amounts, strict=True), start=1
    ):
        entity, column = known[translation.entity], entity_name(number)
        page.text(CODE, entity.code, "muted")
        page.text(NAME, entity.name)
        figures = (
            (_sums(column, "asset"), total(row[assets])),
            (_sums(column, "asset", "liability"), total(row[assets | liabilities])),
            ("-(" + _sums(column, "income", "expense") + ")", -total(row[results])),
        )
        for place, (formula, minor) in enumerate(figures):
            page.amount(ASSETS + place, formula, minor)
            sums[place] += minor
        if entity.code in shares:
            share = Decimal(percent(shares[entity.code]))
            page.number(SHARE, share, form=PERCENT)
        page.text(CURRENCY, translation.functional, indent=1)
        page.row += 1
    page.text(CODE, press.say("before-adjustments"), "subtotal")
    page.fill((NAME, SHARE, CURRENCY), "subtotal")
    for place, minor in enumerate(sums):
        column_ = ASSETS + place
        page.amount(column_, added(range(first, page.row), column_), minor, "subtotal")
    page.row += 1


def _sums(column: str, *kinds: str) -> str:
    """Add up classes of accounts of one company."""
    return "+".join(f'SUMIFS({column},account_class,"{kind}")' for kind in kinds)
