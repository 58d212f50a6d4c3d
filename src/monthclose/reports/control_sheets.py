"""The controls of the workbook and of the ledger, and the engine's trail."""

from math import ceil

from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.findings import CheckResult, Severity
from monthclose.reports.cells import cell, sumifs
from monthclose.reports.data_sheet import beyond_fifteen_digits, money
from monthclose.reports.page import CODE, KEYS, NAME, Page, Press
from monthclose.reports.styles import COUNT, amount_format, variance_format

EXPECTED, FOUND, DIFFERENCE, STATUS, POPULATION = range(3, 8)
LETTERS_A_LINE = 102


def print_checks(press: Press) -> tuple[Page, str]:
    """
    Print every control: expected, found, difference, verdict; and one verdict over all.

    Returns:
        The page, and what the one verdict says.
    """
    page = Page(press, "checks")
    for column, width in ((CODE, 11), (NAME, 82), (POPULATION, 13)):
        page.columns(column, column, width)
    page.columns(EXPECTED, DIFFERENCE, press.width(_largest(press)))
    page.columns(STATUS, STATUS, 12)
    figures = {EXPECTED: "expected", FOUND: "found", DIFFERENCE: "difference"}
    heads = {CODE: "control-id", NAME: "test", **figures, STATUS: "status", POPULATION: "looked-at"}
    page.heads({c: press.say(head) for c, head in heads.items()}, (*figures, POPULATION), (STATUS,))
    first = page.row
    page.text(CODE, press.say("of-workbook"), "heading")
    page.row += 1
    verdicts = [_tie(page, number) for number in range(len(press.ties))]
    verdicts.append(_digits(page, len(press.ties) + 1))
    page.row += 1
    page.text(CODE, press.say("of-ledger"), "heading")
    page.row += 1
    verdicts += [
        _check(page, number, result)
        for number, result in enumerate(press.validation.results, start=1)
    ]
    last = page.row - 1
    ok, error = press.say("ok"), press.say("error")
    master = error if error in verdicts else ok
    page.text(CODE, press.say("all-controls"), "total")
    page.fill(range(NAME, POPULATION + 1), "total")
    words = f"{cell(first, STATUS)}:{cell(last, STATUS)}"
    page.status(STATUS, f'IF(COUNTIF({words},"{error}")=0,"{ok}","{error}")', master, "total")
    where = page.place(page.row, STATUS).reference
    press.workbook.define_name("master_check", f"={where}")
    page.row += 3
    _findings(page)
    return page, master


def _largest(press: Press) -> int:
    """The largest figure that the controls show."""
    amounts = [tie.expected.minor for tie in press.ties]
    amounts += [result.unexplained for result in press.validation.results if result.currency]
    return max(map(abs, amounts), default=0)


def _verdict(page: Page, expected: int, found: int, form: str) -> str:
    """Write the difference of the row's two figures, and what it means."""
    press = page.press
    ok, error = press.say("ok"), press.say("error")
    formula = f"ROUND({cell(page.row, FOUND)}-{cell(page.row, EXPECTED)},{press.digits})"
    page.amount(DIFFERENCE, formula, found - expected, form=form)
    said = ok if found == expected else error
    page.status(STATUS, f'IF({cell(page.row, DIFFERENCE)}=0,"{ok}","{error}")', said)
    return said


def _tie(page: Page, number: int) -> str:
    """Print two cells of this workbook that must show the same."""
    press, tie = page.press, page.press.ties[number]
    page.text(CODE, f"T{number + 1}", "muted")
    page.text(NAME, press.say(tie.key))
    if tie.key == "tie-cta-proof":  # counts companies
        page.number(EXPECTED, 0)
        page.formula(FOUND, tie.found.reference, tie.found.minor, form=COUNT)
        said = _count_verdict(page, tie.found.minor)
    else:
        page.amount(EXPECTED, tie.expected.reference, tie.expected.minor)
        page.amount(FOUND, tie.found.reference, tie.found.minor)
        said = _verdict(page, tie.expected.minor, tie.found.minor, press.variances)
    page.row += 1
    return said


def _count_verdict(page: Page, found: int) -> str:
    """Write the verdict over something that should not occur at all."""
    press = page.press
    ok, error = press.say("ok"), press.say("error")
    formula = f"{cell(page.row, FOUND)}-{cell(page.row, EXPECTED)}"
    page.formula(DIFFERENCE, formula, found, form=variance_format(0))
    said = error if found else ok
    page.status(STATUS, f'IF({cell(page.row, DIFFERENCE)}=0,"{ok}","{error}")', said)
    return said


def _digits(page: Page, number: int) -> str:
    """Print how many figures have more digits than a spreadsheet keeps; none, as a rule."""
    press, beyond = page.press, beyond_fifteen_digits(page.press.book)
    page.text(CODE, f"T{number}", "muted")
    page.text(NAME, press.say("tie-digits"))
    page.number(EXPECTED, 0)
    page.number(FOUND, beyond)
    said = _count_verdict(page, beyond)
    page.row += 1
    return said


def _check(page: Page, number: int, result: CheckResult) -> str:
    """Print a check of the ledger: what stayed unexplained, and over how many things."""
    press = page.press
    blocking = sum(f.severity is Severity.BLOCKING for f in result.findings)
    ok, error, warning = (press.say(key) for key in ("ok", "error", "warning"))
    digits = minor_digits(result.currency) if result.currency else 0
    form = amount_format(digits) if result.currency else COUNT
    found = money(result.unexplained, digits)
    page.sheet.write_number(page.row, KEYS, number)
    page.text(CODE, result.check, "muted")
    page.text(NAME, press.say_check(result.check))
    page.number(EXPECTED, 0, form=form)
    page.formula(FOUND, sumifs("check_unexplained", "check_key", page.row), found, form=form)
    formula = f"{cell(page.row, FOUND)}-{cell(page.row, EXPECTED)}"
    page.formula(DIFFERENCE, formula, found, form=variance_format(digits))
    said = error if blocking else warning if result.findings else ok
    blocks = sumifs("check_blocking", "check_key", page.row)
    warns = sumifs("check_warnings", "check_key", page.row)
    page.status(STATUS, f'IF({blocks}>0,"{error}",IF({warns}>0,"{warning}","{ok}"))', said)
    population = sumifs("check_population", "check_key", page.row)
    page.formula(POPULATION, population, result.population, form=COUNT)
    page.row += 1
    return said


def _findings(page: Page) -> None:
    """Say everything that was found, in sentences."""
    press = page.press
    page.text(CODE, press.say("findings"), "section")
    page.row += 1
    if not press.validation.findings:
        page.text(CODE, press.say("no-findings"), "muted")
        page.row += 1
        return
    page.heads(
        {CODE: press.say("control-id"), NAME: press.say("finding"), EXPECTED: press.say("severity")}
    )
    for finding in press.validation.findings:
        page.text(CODE, finding.check, "muted")
        said = finding.said(press.lang)
        page.text(NAME, said, "wrap")
        page.tall(ceil(len(said) / LETTERS_A_LINE))
        page.text(EXPECTED, press.say(f"severity-{finding.severity}"))
        page.row += 1


def print_audit_log(press: Press) -> Page:
    """Print the engine's trail: what it did to what, and the hashes; no clock."""
    page = Page(press, "audit-log")
    for column, width in enumerate((11, 26, 16, 12, 56, 56), start=CODE):
        page.columns(column, column, width)
    keys = ("number", "step", "step-subject", "period", "inputs", "outputs")
    page.heads({column: press.say(key) for column, key in enumerate(keys, start=CODE)})
    for number, row in enumerate(press.close.trail, start=1):
        page.text(CODE, str(number), "muted")
        page.text(NAME, press.say_step(row.step))
        page.text(3, row.subject)
        page.text(4, press.day(row.period))
        page.text(5, row.inputs, "hash")
        page.text(6, row.outputs, "hash")
        page.row += 1
    page.row += 1
    page.text(NAME, press.say("hash"), "strong")
    page.text(6, press.close.digest, "hash")
    return page
