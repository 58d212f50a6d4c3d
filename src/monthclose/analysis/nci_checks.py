"""V7: the interest of outsiders by its closed form, beside the roll-forward."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from monthclose.ledger.acquisitions import Acquisition, NciMethod
from monthclose.ledger.associates import Direction
from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.dealings import dealt
from monthclose.ledger.entities import SHARE_UNIT, Entity, group_shares
from monthclose.ledger.events import Derecognition, Disposal, PartialDisposal, StepAcquisition
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.money import plain, rounded, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one, ratio_of

type _Part = tuple[PartialDisposal, Fraction]

_ROLLED = 6
"""Rounded parts of every roll-forward: two at acquisition, retained, CTA twice, result."""


@dataclass(slots=True)
class ClosedForm:
    """
    What outsiders of one subsidiary own, from closing figures alone.

    Amounts are minor units of the presentation currency, credit positive.

    Attributes:
        share: Their indirect share.
        shared: What they have that share in.
        own: What is theirs whole.
        components: How many amounts of the roll-forward were rounded, each within a cent.
    """

    share: Fraction
    shared: Fraction = field(default=Fraction(0))
    own: Fraction = field(default=Fraction(0))
    components: int = _ROLLED

    @property
    def amount(self) -> Fraction:
        """Their interest, unrounded."""
        return self.share * self.shared + self.own


def check_outsiders(book: Book) -> CheckResult:
    """
    V7: every roll-forward of outsiders ends where the closed form says.

    The roll-forward starts at an acquisition and adds results and CTA; the closed form
    takes their share of net assets as they are translated now, of the fair value layer and
    of goodwill, less what they hold in other subsidiaries. Accepted: a cent for each rounded
    component.

    Source:
        IFRS 10.22, 10.B94; IFRS 3.19; IAS 21.41.
    """
    forms = closed_forms(book)
    findings: list[Finding] = []
    tested = unexplained = 0
    evidence: dict[str, str] = {}
    for code, form in forms.items():
        expected, actual = rounded(form.amount), book.nci[code].closing
        tested += max(abs(expected), abs(actual))
        evidence[code] = f"{plain(actual)} {plain(expected)}"
        out_by = abs(actual - form.amount)
        if out_by > form.components:
            unexplained += ceil(out_by - form.components)
            findings.append(
                Finding(
                    "V7",
                    "nci-unproved",
                    Severity.BLOCKING,
                    code,
                    expected,
                    actual,
                    book.presentation,
                    {"components": form.components},
                )
            )
    return CheckResult(
        check="V7",
        severity=Severity.BLOCKING,
        weight=10,
        population=len(forms),
        tested=max(tested, unexplained),
        unexplained=unexplained,
        currency=book.presentation,
        findings=tuple(findings),
        evidence=evidence,
    )


def closed_forms(book: Book) -> dict[str, ClosedForm]:
    """
    The closed form of every subsidiary that has outsiders, companies sold left out.

    Source:
        Their share of: net assets less own investments, the fair value layer, partial
        goodwill that the company bought, later movements of full goodwill, unrealised
        profit; and, whole, the goodwill they were measured with.
    """
    if not book.nci:
        return {}
    lost = [each for each in book.changes if isinstance(each, Derecognition)]
    gone = {code for each in lost for code in each.left}
    # A company that joins later, or has left, is owned by nobody in this month.
    there = {translation.entity for translation in book.translations}
    scope = tuple(each for each in book.group.entities if each.code in there)
    shares = group_shares(scope, book.facts.interests)
    forms = {code: ClosedForm(1 - shares[code]) for code in book.nci if code not in gone}
    invested: dict[str, set[str]] = {}
    for acquisition in book.facts.acquisitions:
        invested.setdefault(acquisition.acquirer, set()).add(acquisition.investment_account)
    for translation in book.translations:
        if (form := forms.get(translation.entity)) is None:
            continue
        form.shared += translation.net_assets
        lines = book.chart.slots(translation.accounts, translation.entity).lines
        for account in invested.get(translation.entity, ()):
            form.shared -= sum(int(translation.amounts[line]) for line in lines.get(account, ()))
    held: dict[str, int] = {}
    for each in book.facts.interests:
        held[each.investee] = held.get(each.investee, 0) + each.share_e8
    sales = _sold(book, scope, forms)
    for acquisition in book.facts.acquisitions:
        if acquisition.target in gone or acquisition.id not in book.purchases:
            continue
        now = Fraction(held.get(acquisition.target, 0), SHARE_UNIT)
        _Bought(book, acquisition, now, sales.get(acquisition.target, ())).into(forms)
    for given in book.facts.reductions:  # each side of it was rounded on its day
        for code in (given.entity, *(part.holder for part in given.received)):
            if (touched := forms.get(code)) is not None:
                touched.components += 2
    _beside_books(book, forms)
    return forms


def _sold(
    book: Book, scope: tuple[Entity, ...], forms: Mapping[str, ClosedForm]
) -> dict[str, list[_Part]]:
    """Parts sold of each company, with what of each was the owners'; its holder rounds too."""
    sales: dict[str, list[_Part]] = {}
    events = (*book.facts.settled, *book.facts.events)
    for each in dealt(scope, book.facts.interests, events):
        sales.setdefault(each.sale.entity, []).append((each.sale, each.part))
        if each.sale.through and (form := forms.get(each.sale.entity)) is not None:
            form.components += 2
    for sale in events:
        if isinstance(sale, StepAcquisition):
            continue
        if (above := forms.get(sale.holder)) is not None:
            above.components += 3  # price, gain, and what they had below
    return sales


@dataclass(frozen=True, slots=True)
class _Bought:
    """
    One acquisition and what it gives outsiders of its target and of its acquirer.

    Attributes:
        book: The close.
        acquisition: With its rates.
        held: What group companies hold of the target now.
        sales: Of parts of it since, in the period or before, in order of their days, each
            with what of it was the group's owners'.
    """

    book: Book
    acquisition: Acquisition
    held: Fraction
    sales: Sequence[_Part]

    def into(self, forms: dict[str, ClosedForm]) -> None:
        """Add it to the forms of both."""
        purchase = self.book.purchases[self.acquisition.id]
        full = self.acquisition.nci_method is NciMethod.FAIR_VALUE
        rate = ratio_of(self.acquisition.quote, purchase.currency, self.book.presentation)
        bought = self.held + sum(each.share for each, _ in self.sales if not each.through)
        outside = (1 - bought) if full else self.acquisition.nci_share
        identifiable = purchase.identifiable_net_assets * rate
        if (below := forms.get(self.acquisition.target)) is not None:
            if purchase.fair_value_layer is not None:
                below.shared += sum(purchase.fair_value_layer.lines.values())
            # Each equity account of the acquisition, outsiders in both currencies, the layer.
            below.components += len(self.acquisition.equity) + 2 + ceil(rate)
            if full:
                below.own += purchase.nci_presentation - outside * identifiable
                self._move_goodwill(below, purchase)
        if (above := forms.get(self.acquisition.acquirer)) is None:
            return
        above.components += 2
        if full:
            # Later movements of full goodwill are shared below; what the acquirer paid for
            # its own part of it stays with its owners as it was.
            cost = self.acquisition.investment_historical or 0
            above.shared += cost + purchase.gain_presentation - (1 - outside) * identifiable
        else:
            above.shared += purchase.goodwill_closing

    def _move_goodwill(self, form: ClosedForm, purchase: Purchase) -> None:
        """Full goodwill since acquisition, at the shares that outsiders had meanwhile."""
        start, now = purchase.goodwill_presentation, purchase.goodwill_closing
        share = form.share - sum(part for _, part in self.sales)
        stood = Fraction(start)
        for sale, part in self.sales:
            rate = ratio_of(sale.quote, purchase.currency, self.book.presentation)
            of_day = self._goodwill_on(sale, purchase) * rate
            # Who came in above has paid there for what the goodwill was at first.
            form.own += share * (of_day - stood) + part * (of_day - start * bool(sale.through))
            form.components += 2
            share, stood = share + part, of_day
        form.own += share * (now - stood)

    def _goodwill_on(self, sale: PartialDisposal, purchase: Purchase) -> int:
        """Goodwill on the day of a sale, in the target's currency."""
        goodwill = purchase.goodwill_schedule
        if sale in self.book.facts.events:
            until = [e for e in goodwill.charges if e.current and e.by(sale.on, sale.before)]
            return goodwill.opening - sum(each.amount for each in until)
        month = Period.of(sale.on) if sale.on else None
        if month and sale.on != month.last_day:
            month = month.plus(-1)
        # Charges of months that had ended; one without a month came later.
        ended = {e.label for e in goodwill.charges if month and e.label and e.label <= str(month)}
        until = [e for e in goodwill.charges if e.by(sale.on, ended)]
        return goodwill.acquired - sum(each.amount for each in until)


def _beside_books(book: Book, forms: dict[str, ClosedForm]) -> None:
    """Unrealised profit of what was sold in the group, and associates beyond their cost."""
    if book.facts.profits:
        closing = {each.entity: each for each in book.translations}
        for profit in book.facts.profits:
            buyer = closing[profit.buyer]
            pair = (profit.currency, book.presentation)
            fixed = convert_one(profit.amount, profit.sale_quote, *pair)
            now = convert_one(
                profit.buyer_amount, buyer.closing_quote, buyer.functional, book.presentation
            )
            for code, part in (
                (profit.seller, share_of(fixed, profit.tax_rate) - fixed),
                (profit.buyer, fixed - now),
            ):
                if (form := forms.get(code)) is not None:
                    form.shared += part
                    form.components += 1
    for made in book.manual:
        if (form := forms.get(made.entity)) is not None:
            form.shared += made.net_assets
    for code, amount in _associates(book):
        if (form := forms.get(code)) is not None:
            form.shared += amount
            form.components += 1


def _associates(book: Book) -> Iterator[tuple[str, int]]:
    """What the equity method added to each holder's books, from its entries' own accounts."""
    for associate in book.facts.associates:
        equity = book.associates[associate.investee]
        profit = associate.unrealised
        upstream = equity.eliminated if profit and profit.direction is Direction.UPSTREAM else 0
        books = associate.book_balance
        if associate.acquisitions:  # at the closing rate, with what was picked up
            rates = book.facts.rates.get(associate.holder)
            pair = (book.group.currencies[associate.holder], book.presentation)
            lacks = _lacking(book)
            books = convert_one(
                sum(e.investment - lacks.get(e.id, 0) for e in associate.acquisitions)
                - sum(sale.cost_booked for sale in (*associate.sold, *associate.sales)),
                rates.closing if rates else None,
                *pair,
            )
        yield associate.holder, equity.carrying_presentation - books - upstream


def _lacking(book: Book) -> dict[str, int]:
    """What books lack of what was kept of a company sold, at fair value; by acquisition."""
    kept = [*book.facts.kept]
    for event in book.facts.events:
        if isinstance(event, Disposal) and event.retained:
            kept.append(event.retained)
    return {each.acquisition: each.beyond_booked for each in kept if each.acquisition}
