"""Purchases on their sheet: what was given for what, what it became, and what it stands at."""

from collections.abc import Iterable

from monthclose.ledger.accounts import POSITION
from monthclose.ledger.acquisitions import Acquisition, StepUp
from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.journal import GROUP_LAYERS, LayerName
from monthclose.ledger.purchases import PurchaseLayer, Schedule
from monthclose.reports.cells import cell
from monthclose.reports.data_sheet import Block
from monthclose.reports.governed import GovernedPage
from monthclose.reports.page import CODE, FIGURES, NAME, Page, Place, Press, Tie
from monthclose.reports.styles import COUNT

SHEET = "purchases"

LIFE, CHARGED, GROSS, ACCUMULATED, CARRYING = range(FIGURES, FIGURES + 5)
"""Columns of the step-ups."""

ACQUIRED, PRIOR, CURRENT, CTA, CLOSING = range(FIGURES, FIGURES + 5)
"""Columns of the layers."""


def has_purchases(book: Book) -> bool:
    """Whether a purchase has more to show than goodwill that nothing was charged on."""
    return any(each.schedule or each.goodwill_schedule.charges for each in book.purchases.values())


def print_purchases(press: Press) -> tuple[Page, Block]:
    """
    Print each purchase equation, its step-ups, and both layers to the balance sheet.

    Equation and step-ups are in the target's currency, the layers in the group's.

    Returns:
        The page, and the columns of the governed sheet that it shows.
    """
    page = _Page(press)
    records = {each.id: each for each in press.book.facts.acquisitions}
    for purchase in press.book.purchases.values():
        if purchase.layers:
            page.purchase(purchase, records[purchase.acquisition])
    page.layers()
    return page.page, page.block()


class _Page(GovernedPage):
    """The sheet while it is printed."""

    def __init__(self, press: Press) -> None:
        largest = max((each.consideration for each in press.book.purchases.values()), default=0)
        super().__init__(press, SHEET, CLOSING, largest)

    def purchase(self, purchase: Purchase, record: Acquisition) -> None:
        """Print one purchase in its target's currency."""
        page, press, currency = self.page, self.press, purchase.currency
        page.text(CODE, purchase.acquisition, "section")
        day = press.day(record.on.isoformat()) if record.on else ""
        company = _name(press.book, purchase.target)
        facts = {"company": company, "day": day, "currency": currency}
        page.text(NAME, press.say("purchase-of", **facts), "section")
        page.row += 1
        first = page.row
        for key, minor in (
            ("consideration", purchase.consideration),
            ("held-before", purchase.previously_held),
            ("outsiders", purchase.nci),
            ("book-equity", -purchase.book_equity),
            ("step-ups", -purchase.step_ups),
            ("deferred-tax", purchase.deferred_tax),
        ):
            if minor:
                page.text(NAME, press.say(f"purchase-{key}"))
                self.given(FIGURES, minor, currency)
                page.row += 1
        key = "bargain" if purchase.bargain_gain else "goodwill"
        page.text(NAME, press.say(f"purchase-{key}"), "subtotal")
        formula = f"SUM({cell(first, FIGURES)}:{cell(page.row - 1, FIGURES)})"
        made = purchase.goodwill - purchase.bargain_gain
        self.made(FIGURES, formula, made, currency, "subtotal")
        page.row += 2
        if purchase.schedule is not None:
            self._step_ups(purchase.schedule, record, currency)

    def _step_ups(self, schedule: Schedule, record: Acquisition, currency: str) -> None:
        """Print each step-up, its life, and what is left of it; then the deferred tax."""
        page, press = self.page, self.press
        names = ("life", "charged", "gross", "accumulated", "carrying")
        heads = {LIFE + place: press.say(f"purchase-{name}") for place, name in enumerate(names)}
        page.heads({CODE: "", NAME: press.say("purchase-step-up"), **heads}, heads)
        standing, first = schedule.closing, page.row
        for step_up, charged in zip(record.step_ups, standing.accumulated, strict=True):
            page.text(CODE, step_up.id, "muted")
            page.text(NAME, step_up.name)
            self._life(step_up, standing.months)
            self.given(GROSS, step_up.amount, currency)
            self.given(ACCUMULATED, -charged, currency)
            both = f"{cell(page.row, GROSS)}+{cell(page.row, ACCUMULATED)}"
            self.made(CARRYING, both, step_up.amount - charged, currency)
            page.row += 1
        last = page.row - 1
        page.text(NAME, press.say("purchase-all"), "subtotal")
        page.fill((LIFE, CHARGED), "subtotal")
        gross = schedule.acquired.carrying
        sums = {GROSS: gross, ACCUMULATED: standing.carrying - gross, CARRYING: standing.carrying}
        for column, minor in sums.items():
            formula = f"SUM({cell(first, column)}:{cell(last, column)})"
            self.made(column, formula, minor, currency, "subtotal")
        page.row += 1
        page.text(NAME, press.say("purchase-tax-stands"))
        self.given(GROSS, -schedule.acquired.deferred_tax, currency)
        self.given(ACCUMULATED, schedule.acquired.deferred_tax - standing.deferred_tax, currency)
        both = f"{cell(page.row, GROSS)}+{cell(page.row, ACCUMULATED)}"
        self.made(CARRYING, both, -standing.deferred_tax, currency)
        page.row += 2

    def _life(self, step_up: StepUp, months: int) -> None:
        """Months of its life, and how many of them are charged; nothing for what has none."""
        if step_up.life is not None:
            self.page.number(LIFE, step_up.life, form=COUNT)
            self.page.number(CHARGED, min(months, step_up.life), form=COUNT)

    def layers(self) -> None:
        """Print both layers of every purchase from the day to the balance sheet."""
        page, press, book = self.page, self.press, self.press.book
        page.text(CODE, press.say("purchase-layers", currency=book.presentation), "section")
        page.row += 1
        names = ("acquired", "prior", "current", "cta", "closing")
        heads = {
            ACQUIRED + place: press.say(f"purchase-{name}") for place, name in enumerate(names)
        }
        page.heads({CODE: press.say("purchase-head"), NAME: "", **heads}, heads)
        first, columns = page.row, dict.fromkeys(range(ACQUIRED, CLOSING + 1), 0)
        for purchase in book.purchases.values():
            for layer in purchase.layers:
                for column, minor in self._layer(purchase, layer).items():
                    columns[column] += minor
        page.text(CODE, press.say("purchase-all"), "total")
        page.fill((NAME,), "total")
        for column, minor in columns.items():
            formula = f"SUM({cell(first, column)}:{cell(page.row - 1, column)})"
            self.made(column, formula, minor, book.presentation, "total")
        found = page.place(page.row, CLOSING, columns[CLOSING])
        press.ties.append(Tie("tie-purchases", _carried(book), found))
        page.row += 1

    def _layer(self, purchase: Purchase, layer: PurchaseLayer) -> dict[int, int]:
        """Print one layer; what it stands at is what its row adds up to."""
        page, press, currency = self.page, self.press, self.press.book.presentation
        key = "goodwill-of" if layer is purchase.goodwill_layer else "fair-value-of"
        page.text(CODE, purchase.acquisition, "muted")
        page.text(NAME, press.say(key, company=_name(press.book, purchase.target)))
        given = {
            ACQUIRED: layer.acquired,
            PRIOR: -layer.prior,
            CURRENT: -layer.charged,
            CTA: layer.cta.closing,
        }
        for column, minor in given.items():
            self.given(column, minor, currency)
        whole = f"SUM({cell(page.row, ACQUIRED)}:{cell(page.row, CTA)})"
        closing = sum(given.values())
        self.made(CLOSING, whole, closing, currency)
        page.row += 1
        return {**given, CLOSING: closing}


def _carried(book: Book) -> Place:
    """Assets and liabilities that purchases brought, as the ledger's layer holds them."""
    column = GROUP_LAYERS.index(LayerName.PPA)
    whole = int(book.layers[book.chart.of_kind(*POSITION), column].sum())
    kinds: Iterable[str] = sorted(kind.value for kind in POSITION)
    sums = [f'SUMIFS(ledger_{LayerName.PPA},account_class,"{kind}")' for kind in kinds]
    return Place("+".join(sums), whole)


def _name(book: Book, code: str) -> str:
    """The full name of a company."""
    return next((each.name for each in book.group.entities if each.code == code), code)
