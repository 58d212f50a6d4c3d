"""Companies whose books are of an earlier day than the group's: named, with the day."""

from monthclose.reports.page import CODE, NAME, Page


def print_reporting_dates(page: Page) -> None:
    """
    Print each company with another reporting date; nothing when all have the group's.

    Source:
        IFRS 12.11, 12.22(b): the date, where it is another than the group's.
    """
    press = page.press
    dates = press.book.reporting_dates
    if not dates:
        return
    names = {each.code: each.name for each in press.book.group.entities}
    page.text(CODE, press.say("reporting-dates"), "section")
    page.row += 1
    day = NAME + 1
    heads = {CODE: press.say("company"), NAME: "", day: press.say("reporting-date")}
    page.heads(heads)
    for code, on in dates.items():
        page.text(CODE, code, "muted")
        page.text(NAME, names[code])
        page.text(day, press.day(str(on)))
        page.row += 1
    page.row += 2
