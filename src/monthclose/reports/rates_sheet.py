"""The rates: what was used, what it did to equity, and the proof that it did no more."""

from decimal import Decimal

from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import Rollforward
from monthclose.reports.cells import added, cell, sumifs
from monthclose.reports.page import CODE, KEYS, NAME, Page, Place, Press, Tie
from monthclose.reports.styles import RATE

KINDS, DAYS, VALUES, SOURCES, USES = 3, 4, 5, 6, 9
OPENING, MOVEMENT, CLOSING, PROOF, DIFFERENCE, BOUND, STATUS = range(3, 10)
NAMED = 4
_DIGITS = 15


def print_rates(press: Press) -> Page:
    """Print the quotes, the roll-forward of every CTA with its proof, and the proof's parts."""
    page = Page(press, "fx-rates")
    for column, width in enumerate((11, 44, 18, 18, 18, 18, 18, 18, 24), start=CODE):
        page.columns(column, column, width)
    rates = _quotes(page)
    page.row += 2
    _rollforwards(page)
    page.row += 2
    _components(page, rates)
    return page


def _section(page: Page, key: str) -> None:
    page.text(CODE, page.press.say(key), "section")
    page.row += 1


def _quotes(page: Page) -> dict[Quote, int]:
    """
    Print every quote as it was published, and which way it converts.

    Returns:
        The row each quote stands in.
    """
    rows: dict[Quote, int] = {}
    press = page.press
    presentation = press.book.presentation
    _section(page, "quotes")
    heads = {
        CODE: "pair",
        NAME: "direction",
        KINDS: "kind",
        DAYS: "date",
        VALUES: "rate",
        SOURCES: "source",
        USES: "used-for",
    }
    labels = {column: press.say(head) for column, head in heads.items()}
    page.heads({**labels, SOURCES + 1: "", SOURCES + 2: ""}, (VALUES,), (SOURCES,))
    for number, used in enumerate(press.quotes, start=1):
        quote = used.quote
        page.sheet.write_number(page.row, KEYS, number)
        page.text(CODE, f"{quote.base}/{quote.quote}")
        page.text(NAME, _direction(press, quote, presentation))
        page.text(KINDS, press.say(f"kind-{quote.kind}"))
        page.text(DAYS, press.day(quote.on))
        if _fits(quote):
            formula = sumifs("quote_value", "quote_key", page.row)
            page.formula(VALUES, formula, Decimal(quote.value), form=RATE)
        else:
            page.text(VALUES, quote.value, align="right")  # a number would lose its end
        page.text(SOURCES, quote.source or "–", indent=1)
        page.text(USES, _some(used.entities))
        rows[quote] = page.row
        page.row += 1
    return rows


def _some(codes: tuple[str, ...]) -> str:
    """Name a few companies and count the rest."""
    more = f" +{len(codes) - NAMED}" if len(codes) > NAMED else ""
    return ", ".join(codes[:NAMED]) + more


def _direction(press: Press, quote: Quote, presentation: str) -> str:
    """Say what the quote is of, and whether an amount is multiplied by it or divided."""
    other = quote.quote if quote.base == presentation else quote.base
    key = "divides" if quote.divides(other) else "multiplies"
    return press.say(key, base=quote.base, quote=quote.quote, currency=other)


def _rollforwards(page: Page) -> None:
    """Print each company's CTA from opening to closing, beside its proof."""
    press, book = page.press, page.press.book
    _section(page, "cta-rollforward")
    heads = ("opening", "movement", "closing", "proof", "rounding", "bound")
    figures = dict(enumerate((press.say(head) for head in heads), start=OPENING))
    labels = {CODE: press.say("company"), NAME: "", **figures, STATUS: press.say("status")}
    page.heads(labels, figures, (STATUS,))
    first, failed = page.row, 0
    for number, translation in enumerate(book.translations, start=1):
        if not translation.foreign:
            continue
        proof, bound = translation.proof(), translation.rounded_lines
        name = _name(press, translation.entity)
        _rollforward(page, number, translation.entity, name, translation.cta)
        page.amount(PROOF, sumifs("proof_total", "proof_key", page.row, -1), proof.total)
        difference = translation.cta.movement - proof.total
        formula = f"ROUND({cell(page.row, MOVEMENT)}-{cell(page.row, PROOF)},{press.digits})"
        page.amount(DIFFERENCE, formula, difference, form=press.variances)
        _bound(page, bound)
        proved = 2 * abs(difference) <= bound
        failed += not proved
        verdict = f"ABS({cell(page.row, DIFFERENCE)})<={cell(page.row, BOUND)}"
        ok, error = press.say("ok"), press.say("error")
        page.status(STATUS, f'IF({verdict},"{ok}","{error}")', ok if proved else error)
        page.row += 1
    for number, purchase in enumerate(book.purchases.values(), start=len(book.translations) + 1):
        if purchase.currency == book.presentation or not purchase.goodwill:
            continue
        label = press.say("goodwill-of", company=_name(press, purchase.target))
        _rollforward(page, number, purchase.acquisition, label, purchase.cta)
        page.row += 1
    rows = range(first, page.row)
    _total(page, rows)
    words = f"{page.place(first, STATUS).reference}:{cell(max(page.row - 2, first), STATUS)}"
    found = Place(f'COUNTIF({words},"{press.say("error")}")', failed)
    press.ties.append(Tie("tie-cta-proof", Place("0", 0), found))


def _rollforward(page: Page, number: int, code: str, name: str, cta: Rollforward) -> None:
    """Print one roll-forward, a gain positive; the closing is what the two add up to."""
    page.sheet.write_number(page.row, KEYS, number)
    page.text(CODE, code, "muted")
    page.text(NAME, name)
    page.amount(OPENING, sumifs("cta_opening", "cta_key", page.row, -1), cta.opening)
    page.amount(MOVEMENT, sumifs("cta_movement", "cta_key", page.row, -1), cta.movement)
    digits = page.press.digits
    formula = f"ROUND({cell(page.row, OPENING)}+{cell(page.row, MOVEMENT)},{digits})"
    page.amount(CLOSING, formula, cta.closing)


def _bound(page: Page, lines: int) -> None:
    """Print half a minor unit for every rounded line, with one decimal more."""
    digits = page.press.digits
    formula = sumifs("proof_bound", "proof_key", page.row)
    form = "0." + "0" * (digits + 1)
    page.formula(BOUND, formula, Decimal(lines).scaleb(-digits) / 2, form=form)


def _total(page: Page, rows: range) -> None:
    """Add up the roll-forwards."""
    book = page.press.book
    rolled = [t.cta for t in book.translations if t.foreign]
    rolled += [
        p.cta for p in book.purchases.values() if p.currency != book.presentation and p.goodwill
    ]
    page.text(CODE, page.press.say("total"), "subtotal")
    page.fill(range(NAME, STATUS + 1), "subtotal")
    sums = (
        (OPENING, sum(each.opening for each in rolled)),
        (MOVEMENT, sum(each.movement for each in rolled)),
        (CLOSING, sum(each.closing for each in rolled)),
    )
    for column, amount in sums:
        page.amount(column, added(rows, column), amount, "subtotal")
    page.row += 1


def _components(page: Page, rates: dict[Quote, int]) -> None:
    """Print what each proof is made of: opening net assets, then each flow."""
    press = page.press
    _section(page, "proof-parts")
    labels = {CODE: "company", NAME: "cause", 3: "flow-currency", 4: "rate", 5: "cta-effect"}
    heads = {column: press.say(label) for column, label in labels.items()}
    page.heads(heads, (4, 5))
    number = 0
    for translation in press.book.translations:
        for part in translation.proof().components:
            number += 1
            page.sheet.write_number(page.row, KEYS, number)
            page.text(CODE, translation.entity, "muted")
            page.text(NAME, _cause(press, part.label))
            if part.quote:
                page.text(3, f"{part.quote.base}/{part.quote.quote}")
                _rate(page, 4, part.quote, rates)
            formula = sumifs("component_amount", "component_key", page.row, -1)
            page.amount(5, formula, part.amount)
            page.row += 1


def _rate(page: Page, column: int, quote: Quote, rates: dict[Quote, int]) -> None:
    """Repeat a rate from the table of quotes."""
    if quote in rates and _fits(quote):
        page.formula(column, cell(rates[quote], VALUES), Decimal(quote.value), form=RATE)
    else:
        page.text(column, quote.value, align="right")


def _fits(quote: Quote) -> bool:
    """Whether a number of fifteen digits holds the rate."""
    return len(quote.value.replace(".", "").lstrip("0")) <= _DIGITS


def _cause(press: Press, label: str) -> str:
    """Say a cause of the CTA in the document's language: `result 2025-06`."""
    first, _, rest = label.partition(" ")
    known = {
        "opening_net_assets": "cause-opening",
        "result": "cause-result",
        "dividends": "cause-dividends",
        "contribution": "cause-contribution",
        "formation": "cause-formation",
        "purchase": "cause-purchase",
    }
    if first not in known:
        return label
    return " ".join(filter(None, (press.say(known[first]), press.day(rest))))


def _name(press: Press, code: str) -> str:
    """The full name of a company."""
    return next((e.name for e in press.book.group.entities if e.code == code), code)
