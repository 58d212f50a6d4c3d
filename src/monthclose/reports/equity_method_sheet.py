"""The equity method on its sheet: associates, what was picked up, and whether parity holds."""

from collections.abc import Iterator

from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.associates import Associate, Direction, Equity
from monthclose.ledger.book import Book
from monthclose.ledger.entities import percent
from monthclose.ledger.events import StepAcquisition
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.ledger.parity import Parity, parity_of
from monthclose.ledger.pickups import EquityPickup, PickedUp
from monthclose.ledger.rates import convert_one
from monthclose.reports.cells import cell
from monthclose.reports.data_sheet import Block
from monthclose.reports.governed import GovernedPage
from monthclose.reports.page import CODE, FIGURES, NAME, Page, Place, Press, Tie

SHEET = "equity-method"

OWN, SHOWN = FIGURES, FIGURES + 1
"""Columns of an associate: its own currency, and the group's."""

PRIOR, CURRENT, DIVIDENDS, RESERVE, TAKEN = range(FIGURES, FIGURES + 5)
"""Columns of what was picked up."""

SEPARATE, GROUP, APART = range(FIGURES, FIGURES + 3)
"""Columns of the parity."""


def has_equity_method(book: Book) -> bool:
    """Whether there is an associate, or an investment under equity pick-up."""
    return bool(book.associates) or any(each.pickup for each in book.facts.acquisitions)


def print_equity_method(press: Press) -> tuple[Page, Block]:
    """
    Print each associate from its opening to the balance sheet, and equity pick-up taken back.

    Returns:
        The page, and the columns of the governed sheet that it shows.
    """
    page = _Page(press)
    book = press.book
    for associate in book.facts.associates:
        page.associate(associate, book.associates[associate.investee])
    if book.associates:
        page.tie()
    if bought := list(_picked_up(book)):
        page.pickups(bought)
    if parity := parity_of(book):
        page.parity(parity)
    return page.page, page.block()


def _picked_up(book: Book) -> Iterator[tuple[Acquisition, EquityPickup]]:
    """Every investment under equity pick-up, with what became of it."""
    bought = [*book.facts.acquisitions]
    for associate in book.facts.associates:
        bought += associate.acquisitions
    for each in bought:
        if each.pickup:
            yield each, each.pickup


class _Page(GovernedPage):
    """The sheet while it is printed."""

    def __init__(self, press: Press) -> None:
        self.carried: list[Place] = []
        book = press.book
        # What came under control is carried up to the day, and then consolidated.
        self.left = {e.entity for e in book.facts.events if isinstance(e, StepAcquisition)}
        largest = [abs(each.carrying) for each in book.associates.values()]
        largest += [abs(each.carrying_presentation) for each in book.associates.values()]
        largest += [abs(figure.group) for figure in parity_of(book)]
        super().__init__(press, SHEET, TAKEN, max(largest, default=0))

    def associate(self, associate: Associate, equity: Equity) -> None:
        """Print one associate: where it opened, what moved it, what it is carried at."""
        page, press, shown = self.page, self.press, self.press.book.presentation
        page.text(CODE, associate.investee, "section")
        facts = {
            "company": _name(press.book, associate.investee),
            "holder": _name(press.book, associate.holder),
            "percent": percent(associate.share),
        }
        page.text(NAME, press.say("associate-of", **facts), "section")
        page.row += 1
        heads = {OWN: associate.currency, SHOWN: shown}
        page.heads({CODE: "", NAME: press.say("associate-carried"), **heads}, heads)
        first, own, group = page.row, 0, 0
        for key, functional, presentation in _moves(associate, equity):
            page.text(NAME, press.say(f"associate-{key}"))
            if functional is not None:
                self.given(OWN, functional, associate.currency)
            self.given(SHOWN, presentation, shown)
            own, group = own + (functional or 0), group + presentation
            page.row += 1
        page.text(NAME, press.say("associate-closing"), "subtotal")
        for column, amount, currency in ((OWN, own, associate.currency), (SHOWN, group, shown)):
            formula = f"SUM({cell(first, column)}:{cell(page.row - 1, column)})"
            self.made(column, formula, amount, currency, "subtotal")
        if associate.investee not in self.left:
            self.carried.append(page.place(page.row, SHOWN, group))
        page.row += 1
        for key, amount in (("goodwill", equity.goodwill), ("losses", equity.losses)):
            if amount:
                page.text(NAME, press.say(f"associate-{key}"), "muted")
                self.given(OWN, amount, associate.currency)
                page.row += 1
        page.row += 1

    def tie(self) -> None:
        """Hold what is carried against the accounts of the balance sheet."""
        book = self.press.book
        staying = [each for each in book.facts.associates if each.investee not in self.left]
        if not staying:
            return
        accounts = sorted({each.account for each in staying})
        layers = [f"ledger_{layer}" for layer in GROUP_LAYERS]
        places = [book.chart.index[account] for account in accounts]
        sums = [f"SUMIFS({name},account_key,{at + 1})" for name in layers for at in places]
        ledger = Place("+".join(sums), sum(book.figure(account) for account in accounts))
        found = "+".join(place.reference for place in self.carried)
        whole = Place(found, sum(place.minor for place in self.carried))
        self.press.ties.append(Tie("tie-associates", ledger, whole))

    def pickups(self, bought: list[tuple[Acquisition, EquityPickup]]) -> None:
        """Print what equity pick-up made of each investment, which the close takes back."""
        page, press, shown = self.page, self.press, self.press.book.presentation
        page.text(CODE, press.say("pickups-taken", currency=shown), "section")
        page.row += 1
        names = ("prior", "current", "dividends", "reserve", "sum")
        heads = {PRIOR + place: press.say(f"pickup-{name}") for place, name in enumerate(names)}
        page.heads({CODE: press.say("purchase-head"), NAME: "", **heads}, heads)
        first, sums = page.row, dict.fromkeys(range(PRIOR, TAKEN + 1), 0)
        for acquisition, pickup in bought:
            page.text(CODE, acquisition.id, "muted")
            names_of = (
                _name(press.book, each) for each in (acquisition.target, acquisition.acquirer)
            )
            page.text(
                NAME,
                press.say("pickup-of", **dict(zip(("company", "holder"), names_of, strict=True))),
            )
            given = self._amounts(acquisition, pickup)
            for column, minor in given.items():
                self.given(column, minor, shown)
                sums[column] += minor
            sums[TAKEN] += sum(given.values())
            whole = f"SUM({cell(page.row, PRIOR)}:{cell(page.row, RESERVE)})"
            self.made(TAKEN, whole, sum(given.values()), shown)
            page.row += 1
        page.text(CODE, press.say("purchase-all"), "total")
        page.fill((NAME,), "total")
        for column, minor in sums.items():
            formula = f"SUM({cell(first, column)}:{cell(page.row - 1, column)})"
            self.made(column, formula, minor, shown, "total")
        page.row += 2

    def _amounts(self, acquisition: Acquisition, pickup: EquityPickup) -> dict[int, int]:
        """What leaves retained earnings, the result and the reserve; dividends come back."""
        pair = (
            self.press.book.group.currencies[acquisition.acquirer],
            self.press.book.presentation,
        )

        def together(parts: tuple[PickedUp, ...]) -> int:
            return sum(
                convert_one(each.amount, each.quote, *pair)
                if each.presentation is None
                else each.presentation
                for each in parts
            )

        return {
            PRIOR: pickup.prior_presentation,
            CURRENT: together(pickup.current),
            DIVIDENDS: -together(pickup.dividends),
            RESERVE: pickup.reserve_presentation,
        }

    def parity(self, figures: tuple[Parity, ...]) -> None:
        """Print the parent's own figures beside those of the group's owners."""
        page, press, shown = self.page, self.press, self.press.book.presentation
        page.text(CODE, press.say("parity", currency=shown), "section")
        page.row += 1
        names = ("separate", "group", "apart")
        heads = {SEPARATE + at: press.say(f"parity-{name}") for at, name in enumerate(names)}
        page.heads({CODE: "", NAME: press.say("parity-figure"), **heads}, heads)
        for each in figures:
            page.text(NAME, press.say(f"parity-of-{each.figure.replace('_', '-')}"))
            self.given(SEPARATE, each.separate, shown)
            self.given(GROUP, each.group, shown)
            formula = f"{cell(page.row, SEPARATE)}-{cell(page.row, GROUP)}"
            self.made(APART, formula, each.difference, shown)
            page.row += 1
        holds = not any(each.difference for each in figures)
        page.text(NAME, press.say("parity-holds" if holds else "parity-differs"), "strong")
        page.row += 1


def _moves(associate: Associate, equity: Equity) -> Iterator[tuple[str, int | None, int]]:
    """What moved a carrying amount: in the associate's currency, and as presented."""
    bought = sum(each.cost for each in associate.tranches)
    opened = associate.cost_presentation - bought + equity.opening_result
    yield "opening", associate.opening, opened + equity.oci.opening + equity.cta.opening
    if associate.tranches:
        yield "bought", sum(each.amount for each in associate.tranches), bought
    yield "result", equity.recognised, equity.income + equity.eliminated
    if any(each.oci for each in equity.months):
        yield "reserves", sum(e.oci for e in equity.months), equity.oci.movement + equity.oci_sold
    yield "dividends", -equity.dividends, -equity.received
    for each in equity.sales:
        yield "sold", -each.carried, -each.carrying
    yield "translation", None, equity.cta.movement + equity.cta_recycled
    unrealised = associate.unrealised
    if unrealised and unrealised.direction is Direction.DOWNSTREAM:
        yield "unrealised", None, -equity.eliminated


def _name(book: Book, code: str) -> str:
    """The full name of a company."""
    return next((each.name for each in book.group.entities if each.code == code), code)
