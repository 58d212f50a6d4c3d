"""The rates: what was used, what it did to equity, and the proof that it did no more."""

from decimal import Decimal

from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.purchases import PurchaseLayer
from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import Rollforward
from monthclose.reports.cells import across, added, cell, sumifs
from monthclose.reports.page import CODE, KEYS, NAME, Page, Place, Press, Tie
from monthclose.reports.rates_used import CAUSES, OTHER, cause_of
from monthclose.reports.reporting_dates import print_reporting_dates
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
    _quotes(page)
    page.row += 2
    print_reporting_dates(page)
    _rollforwards(page)
    page.row += 2
    _components(page)
    return page


def _section(page: Page, key: str) -> None:
    page.text(CODE, page.press.say(key), "section")
    page.row += 1


def _quotes(page: Page) -> None:
    """Print every quote as it was published, and which way it converts."""
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
        page.text(SOURCES, quote.origin(press.lang), indent=1)
        page.text(USES, _some(used.entities))
        page.row += 1


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
    pairs = [(each, layer) for each in book.purchases.values() for layer in each.layers]
    for number, (purchase, layer) in enumerate(pairs, start=len(book.translations) + 1):
        if not _printed(book, purchase, layer):
            continue
        key = "goodwill-of" if layer is purchase.goodwill_layer else "fair-value-of"
        label = press.say(key, company=_name(press, purchase.target))
        _rollforward(page, number, purchase.acquisition, label, layer.cta)
        page.row += 1
    rows = range(first, page.row)
    _total(page, rows)
    words = f"{page.place(first, STATUS).reference}:{cell(max(page.row - 2, first), STATUS)}"
    found = Place(f'COUNTIF({words},"{press.say("error")}")', failed)
    press.ties.append(Tie("tie-cta-proof", Place("0", 0), found))


def _printed(book: Book, purchase: Purchase, layer: PurchaseLayer) -> bool:
    """Whether a layer of a purchase has a CTA to show."""
    if purchase.currency == book.presentation:
        return False
    return bool(purchase.goodwill) or layer is not purchase.goodwill_layer


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
        layer.cta
        for purchase in book.purchases.values()
        for layer in purchase.layers
        if _printed(book, purchase, layer)
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


def _components(page: Page) -> None:
    """
    Print what each proof is made of, a column a cause; month by month in the governed sheet.

    The parts are rounded each for itself, the proof once: the last column is between them.
    """
    press, book = page.press, page.press.book
    proofs = {t.entity: t.proof() for t in book.translations if t.foreign}
    found = {cause_of(part.label) for proof in proofs.values() for part in proof.components}
    causes = [cause for cause in dict.fromkeys((*CAUSES.values(), OTHER)) if cause in found]
    if not causes:
        return
    _section(page, "proof-parts")
    parts, summed = OPENING + len(causes), OPENING + len(causes) + 1
    labels = [press.say(f"cause-{cause}") for cause in causes]
    labels += [press.say("proof"), press.say("rounding")]
    figures = dict(enumerate(labels, start=OPENING))
    page.heads({CODE: press.say("company"), NAME: "", **figures}, figures)
    for number, translation in enumerate(book.translations, start=1):
        if translation.entity not in proofs:
            continue
        proof = proofs[translation.entity]
        page.sheet.write_number(page.row, KEYS, number)
        page.text(CODE, translation.entity, "muted")
        page.text(NAME, _name(press, translation.entity))
        for column, cause in enumerate(causes, start=OPENING):
            amount = sum(p.amount for p in proof.components if cause_of(p.label) == cause)
            of_entity = sumifs("component_amount", "component_entity", page.row, -1)
            page.amount(column, f'{of_entity[:-1]},component_cause,"{cause}")', amount)
        page.amount(parts, sumifs("proof_total", "proof_key", page.row, -1), proof.total)
        rest = proof.total - sum(part.amount for part in proof.components)
        formula = across(page.row, OPENING, parts - 1, press.digits)
        difference = f"ROUND({cell(page.row, parts)}-{formula},{press.digits})"
        page.amount(summed, difference, rest, form=press.variances)
        page.row += 1


def _fits(quote: Quote) -> bool:
    """Whether a number of fifteen digits holds the rate."""
    return len(quote.value.replace(".", "").lstrip("0")) <= _DIGITS


def _name(press: Press, code: str) -> str:
    """The full name of a company."""
    return next((e.name for e in press.book.group.entities if e.code == code), code)
