"""What corrections of prior periods did to openings, under the changes in equity."""

from monthclose.ledger.money import Money
from monthclose.ledger.periods import Period
from monthclose.ledger.restatements import Correction, Restatement
from monthclose.reports.data_sheet import money
from monthclose.reports.page import CODE, FIGURES, NAME, Page

COLUMNS = ("retained", "retained-nci", "cta-reported", "cta-restated", "cta-nci")


def print_restated(page: Page) -> None:
    """
    Print, by company, what its opening was moved by, and each correction with its reason.

    Nothing is written where nothing was corrected.

    Source:
        IAS 8.49.
    """
    book, press = page.press.book, page.press
    if not book.restatements:
        return
    page.row += 1
    page.text(CODE, press.say("restated"), "section")
    page.row += 1
    columns = dict(enumerate(COLUMNS, start=FIGURES))
    heads = {column: press.say(f"restated-{name}") for column, name in columns.items()}
    page.heads({CODE: press.say("company"), NAME: "", **heads}, columns)
    names = {each.code: each.name for each in book.group.entities}
    for code, restated in book.restatements.items():
        page.text(CODE, code)
        page.text(NAME, names.get(code, code))
        for column, minor in zip(columns, _amounts(restated), strict=True):
            page.number(column, money(minor, press.digits), form=press.amounts)
        page.row += 1
        for each in book.group.corrections_of.get(code, ()):
            if _counts(page, each):
                page.text(NAME, _said(page, each), "muted")
                page.row += 1


def _amounts(restated: Restatement) -> tuple[int, ...]:
    """Presentation currency, credit positive, in the order of the columns."""
    return (
        restated.retained,
        restated.retained_nci,
        restated.cta_reported,
        restated.cta_restated,
        restated.cta_nci,
    )


def _counts(page: Page, correction: Correction) -> bool:
    """Whether a correction is of the fiscal year of the book, and not of a later month."""
    year, month = page.press.book.group.fiscal_year, Period.parse(page.press.book.period)
    since = Period.parse(correction.since)
    return year.start(month) <= since <= month


def _said(page: Page, correction: Correction) -> str:
    """Which account, how much, of when, why."""
    currency = page.press.book.group.currencies[correction.entity]
    size = Money(correction.amount, currency).shown(page.press.lang)
    return page.press.say(
        "restated-correction",
        account=correction.account,
        size=size,
        origin=page.press.day(correction.origin),
        reason=correction.reason or correction.reference or "–",
    )
