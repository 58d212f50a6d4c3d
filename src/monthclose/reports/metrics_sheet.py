"""SaaS metrics of the group and of each company, with the reason for what is missing."""

from fractions import Fraction

from monthclose.ledger.money import rounded
from monthclose.ledger.subscriptions import Measured
from monthclose.reports.cells import cell
from monthclose.reports.data_sheet import money
from monthclose.reports.metric_rows import (
    CUSTOMERS,
    DIGITS,
    MOVEMENTS,
    Form,
    MetricRow,
    metric_rows,
    scope_name,
)
from monthclose.reports.page import CODE, FIGURES, NAME, Page, Press
from monthclose.reports.styles import COUNT
from monthclose.wording import say

KEY = "saas-metrics"

_FORMS = {
    Form.COUNT: COUNT,
    Form.SHARE: "0.00%",
    Form.PERCENT: '0.00"%"',
    Form.TIMES: '0.00"×"',
    Form.MONTHS: "0.0",
}
_TAKEN_OFF = frozenset({"contraction", "churn", "customers-churned"})


def print_metrics(press: Press) -> Page:
    """Print a row a metric and a column for the group and each company; then what is missing."""
    page = Page(press, KEY)
    measured = press.metrics
    rows = [metric_rows(each) for each in measured]
    last = FIGURES + len(measured) - 1
    page.columns(CODE, CODE, 4)
    page.columns(NAME, NAME, 58)
    page.columns(FIGURES, last, press.width(_largest(rows)))
    heads = {CODE: "", NAME: press.say("metric")}
    scopes = {FIGURES + n: scope_name(each, press.lang) for n, each in enumerate(measured)}
    page.heads(heads | scopes, scopes)
    places: dict[str, int] = {}
    for number, row in enumerate(rows[0]):
        if number == 0 or row.group != rows[0][number - 1].group:
            page.row += number > 0
            page.text(CODE, say(f"metrics.group-{row.group}", press.lang), "section")
            page.row += 1
        places[row.key] = page.row
        total = row.key.removeprefix("customers-") in ("closing", "arr")
        page.text(NAME, say(f"metrics.{row.key}", press.lang), "strong" if total else "")
        for place, each in enumerate(rows):
            _figure(page, FIGURES + place, each[number], places)
        page.row += 1
    _reasons(page, measured, rows)
    return page


def _largest(rows: list[tuple[MetricRow, ...]]) -> int:
    """The largest amount that is shown."""
    amounts = [
        abs(rounded(Fraction(row.figure)))
        for each in rows
        for row in each
        if row.form is Form.AMOUNT and row.figure is not None
    ]
    return max(amounts, default=0)


def _figure(page: Page, column: int, row: MetricRow, places: dict[str, int]) -> None:
    """Write one figure: what others add up to as a formula, what is not there as a word."""
    press = page.press
    if row.figure is None:
        page.text(column, say("words.not-available", press.lang), "muted", "right")
        return
    formula = _formula(row, column, places)
    if row.form is Form.AMOUNT:
        minor = rounded(Fraction(row.figure))
        if formula:
            page.amount(column, formula, minor, "strong")
        else:
            page.number(column, money(minor, press.digits), form=press.amounts)
        return
    digits = DIGITS[row.form]
    value = money(rounded(Fraction(row.figure) * 10**digits), digits)
    if formula:
        page.formula(column, formula, value, "strong", COUNT)
    else:
        page.number(column, value, form=_FORMS[row.form])


def _formula(row: MetricRow, column: int, places: dict[str, int]) -> str:
    """How other cells of the column give a figure; empty: they do not."""
    if row.key == "arr":
        return f"12*{cell(places['closing'], column)}"
    prefix = "customers-" if row.key.startswith("customers-") else ""
    if row.key != f"{prefix}closing" or not row.whole:
        return ""
    parts = [f"{prefix}{key}" for key in (CUSTOMERS if prefix else MOVEMENTS)[:-1]]
    signs = ("-" if part in _TAKEN_OFF else "+" for part in parts)
    terms = (sign + cell(places[part], column) for sign, part in zip(signs, parts, strict=True))
    return "".join(terms).removeprefix("+")


def _reasons(page: Page, measured: tuple[Measured, ...], rows: list[tuple[MetricRow, ...]]) -> None:
    """Say why figures are missing, and of which months others are without."""
    lang = page.press.lang
    page.row += 1
    page.text(CODE, page.press.say("metrics-notes"), "section")
    page.row += 1
    for each, of_it in zip(measured, rows, strict=True):
        said: dict[str, list[str]] = {}
        for row in of_it:
            if row.why:
                said.setdefault(row.said(lang), []).append(say(f"metrics.{row.key}", lang))
        for reason, names in said.items():
            page.text(NAME, f"{scope_name(each, lang)}: {reason} ({'; '.join(names)})", "muted")
            page.row += 1
