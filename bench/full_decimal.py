"""
The group with everything on in plain `Decimal` objects, beside `bench.in_decimal`.

Purchases with their layers, outsiders of a chain and documents between companies, written
down as the method says and as directly as lists and dictionaries allow. None of the engine's
arithmetic is used.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from bench.full import BEFORE, DUE_FROM, DUE_TO, LIFE, PARENT, TAX_RATE
from bench.in_decimal import (
    CENT,
    NIL,
    NO_RATE,
    Company,
    Entry,
    Rate,
    Records,
    Totals,
    Translated,
    as_records,
    cents,
    convert,
    major,
    minor,
    rate,
    translate,
)
from bench.made import CAPITAL, DIVIDENDS, RETAINED, Made
from bench.outcome import Outcome, without_nil
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.intercompany import ItemKind

TAX = Decimal(TAX_RATE.numerator) / Decimal(TAX_RATE.denominator)
DIFFERENCE = "1990"


@dataclass
class Bought:
    """A foundation, capital increase or purchase; amounts in the target's currency."""

    acquirer: str
    target: str
    rate: Rate
    consideration: Decimal
    outsiders: Decimal
    equity: Decimal
    cost: Decimal
    carried: Decimal
    account: str
    purchase: bool
    plant: Decimal
    before: Rate
    loss: Decimal


@dataclass
class Document:
    """An open item: its company, account, amount and reference."""

    entity: str
    partner: str
    account: str
    amount: Decimal
    document: Decimal
    reference: str


@dataclass
class Everything:
    """What this peer reads."""

    records: Records
    bought: list[Bought]
    dividends: list[tuple[str, str, Decimal, str]]
    documents: list[Document]
    opening: dict[str, Rate]


@dataclass
class Theirs:
    """What outsiders of one company share in, and what moves between levels."""

    acquired: Decimal = NIL
    cancelled: Decimal = NIL
    retained: Decimal = NIL
    profit: Decimal = NIL
    cta_opening: Decimal = NIL
    cta_movement: Decimal = NIL
    between: Decimal = NIL
    paid: Decimal = NIL


def consolidate(everything: Everything) -> Outcome:
    """Translate, match, eliminate, carry layers, attribute, add up."""
    with localcontext(Context(prec=34)):
        return _Close(everything).outcome()


class _Close:
    """One close: what was translated so far, what outsiders share in, the entries."""

    def __init__(self, everything: Everything) -> None:
        self.everything, self.records = everything, everything.records
        self.roles = self.records.roles
        self.totals: Totals = defaultdict(Decimal)
        self.companies = {each.code: each for each in self.records.companies}
        self.theirs: dict[str, Theirs] = defaultdict(Theirs)
        self.carried: dict[str, Decimal] = defaultdict(Decimal)
        self.entries: list[Entry] = []
        self.translated = {
            code: translate(each, self.records, self.totals)
            for code, each in self.companies.items()
        }

    def outcome(self) -> Outcome:
        for each in self.everything.bought:
            self._eliminate(each)
        for dividend in self.everything.dividends:
            self._pay(*dividend)
        _match(self.everything.documents, self.translated, self.entries)
        nci = {
            code: self._attribute(each)
            for code, each in self.translated.items()
            if each.company.outside
        }
        for entry in self.entries:
            for account, amount in entry:
                self.totals[account] += amount
        accounts = {account: minor(amount) for account, amount in self.totals.items()}
        return Outcome(
            accounts=without_nil(accounts),
            cta={code: minor(each.cta) for code, each in self.translated.items()},
            nci={code: minor(amount) for code, amount in nci.items()},
        )

    def _pay(self, payer: str, holder: str, amount: Decimal, account: str) -> None:
        """Cancel a dividend; what outsiders of its holder have of it moves up to them."""
        paid = self.translated[payer].lines[DIVIDENDS]
        received = convert(amount, self.companies[holder].received or NO_RATE)
        moved = cents(received * self.companies[holder].outside)
        self.entries.append([(account, received), (DIVIDENDS, -paid)])
        self.entries.append([(self.roles["nci"], paid - received)])
        self.theirs[payer].paid += paid - received
        self.theirs[payer].between -= moved
        self.theirs[holder].profit -= received
        self.theirs[holder].between += moved

    def _attribute(self, each: Translated) -> Decimal:
        part, share = self.theirs[each.company.code], each.company.outside
        standing = cents((each.lines[CAPITAL] + part.cancelled) * share)
        earned = cents((part.retained - each.lines[RETAINED]) * share)
        earned += cents((part.profit + each.profit) * share)
        opening = each.company.opening_cta
        differences = cents((part.cta_opening + opening) * share)
        differences += cents((part.cta_movement + each.cta - opening) * share)
        self.entries.append([(CAPITAL, -standing), (RETAINED, earned)])
        self.entries.append([(self.roles["cta"], differences)])
        self.entries.append([(self.roles["nci"], standing - earned - differences)])
        return part.acquired - standing + earned + differences - part.paid + part.between

    def _eliminate(self, each: Bought) -> None:
        target, holder = self.companies[each.target], self.companies[each.acquirer]
        tax = cents(each.plant * TAX)
        equity, layer = convert(each.equity, each.rate), convert(each.plant - tax, each.rate)
        identifiable = -each.equity + each.plant - tax
        outside = convert(cents(identifiable * each.outsiders), each.rate)
        goodwill = each.cost + outside + equity - layer
        part, above = self.theirs[each.target], self.theirs[each.acquirer]
        part.cancelled -= equity
        part.acquired += outside
        nci, cta = self.roles["nci"], self.roles["cta"]
        self.entries.append([(CAPITAL, -equity), (each.account, -each.cost), (nci, -outside)])
        if holder.foreign:
            now = self._grown(each, holder.closing) - each.cost
            was = self._grown(each, self.everything.opening[each.acquirer]) - each.cost
            self.carried[each.acquirer] += each.carried
            self.entries.append([(each.account, -now), (cta, now)])
            above.cta_opening -= was
            above.cta_movement -= now - was
        if holder.outside:
            share = identifiable * holder.outside * (1 - each.outsiders)
            moved = convert(share, each.rate)
            above.acquired -= moved
            part.acquired += moved
        if not each.purchase:
            # A foundation has no goodwill: cents that its rounding leaves are the holder's CTA.
            self.entries.append([(cta, goodwill)])
            above.cta_opening -= goodwill
            return
        price = each.consideration + cents(identifiable * each.outsiders) - identifiable
        lost = convert(each.loss, target.average)
        left = convert(price - each.loss, target.closing)
        self.entries.append([("1600", left), ("6220", lost), (cta, goodwill - left - lost)])
        self._carry(each, target, layer, tax)

    def _grown(self, each: Bought, quote: Rate) -> Decimal:
        """What an account that is translated once grows by with one more investment."""
        before = self.carried[each.acquirer]
        return convert(before + each.carried, quote) - convert(before, quote)

    def _carry(self, each: Bought, target: Company, layer: Decimal, tax: Decimal) -> None:
        """The step-up at closing, its charges, and what outsiders have of both."""
        was, now = (cents(each.plant * months / LIFE) for months in (BEFORE, BEFORE + 1))
        tax_was, tax_now = (cents((each.plant - charged) * TAX) for charged in (was, now))
        prior = convert(was, each.before) - convert(tax - tax_was, each.before)
        charge = convert(now - was, target.average)
        release = convert(tax_was - tax_now, target.average)
        amounts = {"1590": each.plant, "1595": -now, "2500": -tax_now}
        lines = [(account, convert(amount, target.closing)) for account, amount in amounts.items()]
        standing = sum((amount for _, amount in lines), NIL)
        opening = self.everything.opening[each.target]
        stood = sum((convert(amount, opening) for amount in (each.plant, -was, -tax_was)), NIL)
        cta, cta_was = standing - layer + prior + charge - release, stood - layer + prior
        self.entries.append([*lines, ("6215", charge), ("6910", -release), (RETAINED, prior)])
        self.entries.append([(self.roles["cta"], -cta)])
        part = self.theirs[each.target]
        part.retained -= prior
        part.profit -= charge - release
        part.cta_opening += cta_was
        part.cta_movement += cta - cta_was


def _match(
    documents: list[Document], translated: dict[str, Translated], entries: list[Entry]
) -> None:
    """
    Pair what has one reference, and cancel both sides where the documents agree.

    Cents that rounding leaves between an account and its documents go to the difference too.
    """
    waiting: dict[tuple[str, frozenset[str]], Document] = {}
    cancelled: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for each in documents:
        key = (each.reference, frozenset((each.entity, each.partner)))
        other = waiting.pop(key, None)
        if other is None:
            waiting[key] = each
            continue
        if each.document + other.document:
            continue
        for side in (each, other):
            amount = convert(side.amount, translated[side.entity].company.closing)
            cancelled[side.entity, side.account].append(amount)
            entries.append([(side.account, -amount), (DIFFERENCE, amount)])
    for (code, account), amounts in cancelled.items():
        rest = translated[code].lines[account] - sum(amounts, NIL)
        if 2 * abs(rest) <= CENT * (len(amounts) + 1):
            entries.append([(account, -rest), (DIFFERENCE, rest)])


def as_everything(made: Made) -> Everything:
    """Write the group as this peer reads it, not part of its time."""
    facts, records = made.facts, as_records(made)
    currencies = {each.entity: each.currency for each in made.balances}
    holders = {each.investee: (each.holder, each.share) for each in facts.interests}

    def owners(code: str) -> Decimal:
        if code == PARENT:
            return Decimal(1)
        holder, share = holders[code]
        return owners(holder) * Decimal(share.numerator) / Decimal(share.denominator)

    for company in records.companies:
        company.outside = 1 - owners(company.code)

    def as_bought(each: Acquisition) -> Bought:
        currency, outsiders = currencies[each.target], each.nci_share
        return Bought(
            each.acquirer,
            each.target,
            rate(each.quote, currency),
            major(each.consideration),
            Decimal(outsiders.numerator) / Decimal(outsiders.denominator),
            major(sum(each.equity.values())),
            major(each.investment_historical or 0),
            major(each.investment),
            each.investment_account,
            each.kind is AcquisitionKind.PURCHASE,
            major(sum(step.amount for step in each.step_ups)),
            rate(each.prior_periods[0].quote, currency) if each.prior_periods else NO_RATE,
            major(sum(loss.amount for loss in each.impairments)),
        )

    accounts = {ItemKind.RECEIVABLE: DUE_FROM, ItemKind.PAYABLE: DUE_TO}
    return Everything(
        records,
        [as_bought(each) for each in facts.acquisitions],
        [
            (each.payer, part.holder, major(part.amount), part.income_account)
            for each in facts.dividends
            for part in each.received
        ],
        [
            Document(
                each.entity,
                each.partner,
                accounts[each.kind],
                major(each.amount),
                major(each.document_amount or 0),
                each.reference,
            )
            for each in facts.items
        ],
        {
            code: rate(rates.opening, currencies[code])
            for code, rates in facts.rates.items()
            if rates.opening
        },
    )
