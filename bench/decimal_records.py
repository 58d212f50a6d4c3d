"""
A made group written down in plain `Decimal` objects: what the peer `bench.in_decimal` reads.

A balance is a dictionary from account to `Decimal`, amounts are in major units. Reading the
group is not part of the peer's time.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bench.full import DUE_FROM, DUE_TO, PARENT
from bench.made import CAPITAL, DIVIDEND_INCOME, DIVIDENDS, PRESENTATION, RETAINED, Made
from monthclose.ledger.accounts import POSITION, RESULT
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.balances import AtRate, CarriedForward, Layers, TrialBalance
from monthclose.ledger.intercompany import ItemKind
from monthclose.ledger.rates import Quote

NIL = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as published, and whether it divides."""

    value: Decimal
    divides: bool


NO_RATE = Rate(Decimal(1), divides=False)


@dataclass(slots=True)
class Company:
    """One company's month; `outside` is its outsiders' indirect share, `direct` their direct."""

    code: str
    foreign: bool
    lines: dict[str, Decimal]
    opening: Rate = NO_RATE
    closing: Rate = NO_RATE
    average: Rate = NO_RATE
    declared: Rate = NO_RATE
    received: Rate | None = None
    capital: list[tuple[Decimal, Rate]] = field(default_factory=list)
    retained: Decimal = NIL
    opening_net_assets: Decimal = NIL
    opening_cta: Decimal = NIL
    outside: Decimal = NIL
    direct: Decimal = NIL


@dataclass(frozen=True, slots=True)
class Bought:
    """A foundation, capital increase or purchase; amounts in the target's currency."""

    name: str
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


@dataclass(frozen=True, slots=True)
class Declared:
    """A dividend and the part of it that its holder booked; amounts in their currencies."""

    payer: str
    amount: Decimal
    holder: str
    received: Decimal
    account: str


@dataclass(frozen=True, slots=True)
class Document:
    """An open item: its company, account, amount and reference."""

    entity: str
    partner: str
    account: str
    amount: Decimal
    document: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class Records:
    """All of it."""

    position: frozenset[str]
    result: frozenset[str]
    companies: list[Company]
    bought: list[Bought]
    dividends: list[Declared]
    documents: list[Document]
    cta: str
    nci: str
    parent: str


def as_records(made: Made) -> Records:
    """Write a group as dictionaries of `Decimal`."""
    chart, facts = made.group.chart, made.facts
    kinds = {account.code: account.kind for account in chart.accounts}
    currencies = {each.entity: each.currency for each in made.balances}
    holders = {each.investee: (each.holder, each.share) for each in facts.interests}
    companies = [_company(made, balance, holders) for balance in made.balances]
    accounts = {ItemKind.RECEIVABLE: DUE_FROM, ItemKind.PAYABLE: DUE_TO}
    return Records(
        position=frozenset(code for code, kind in kinds.items() if kind in POSITION),
        result=frozenset(code for code, kind in kinds.items() if kind in RESULT),
        companies=companies,
        bought=[_bought(each, currencies[each.target]) for each in facts.acquisitions],
        dividends=[
            Declared(
                each.payer, major(each.amount), part.holder, major(part.amount), part.income_account
            )
            for each in facts.dividends
            for part in each.received
        ],
        documents=[
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
        cta=chart.roles.cta,
        nci=chart.roles.nci,
        parent=PARENT,
    )


type Holders = dict[str, tuple[str, Fraction]]


def _company(made: Made, balance: TrialBalance, holders: Holders) -> Company:
    facts, code, currency = made.facts, balance.entity, balance.currency
    lines = dict(zip(balance.accounts, map(major, balance.amounts.tolist()), strict=True))
    company = Company(code, currency != PRESENTATION, lines)
    if not company.foreign:
        return company
    rates, opening = facts.rates[code], facts.openings[code]
    company.opening = rate(rates.opening, currency)
    company.closing = rate(rates.closing, currency)
    company.average = rate(rates.average, currency)
    capital, carried, declared = (
        rates.treatments[account] for account in (CAPITAL, RETAINED, DIVIDENDS)
    )
    assert isinstance(capital, Layers)
    assert isinstance(carried, CarriedForward)
    assert isinstance(declared, Layers)
    company.capital = [(major(p.amount), rate(p.quote, currency)) for p in capital.parts]
    company.retained = major(carried.translated)
    company.declared = rate(declared.parts[0].quote, currency)
    if isinstance(income := rates.treatments.get(DIVIDEND_INCOME), AtRate):
        company.received = rate(income.quote, currency)
    company.opening_net_assets = major(opening.net_assets)
    company.opening_cta = major(opening.cta)
    holders = {each.investee: (each.holder, each.share) for each in facts.interests}

    def owners(of: str) -> Decimal:
        if of == PARENT:
            return Decimal(1)
        holder, share = holders[of]
        return owners(holder) * Decimal(share.numerator) / Decimal(share.denominator)

    company.outside = 1 - owners(code)
    direct = 1 - holders[code][1]
    company.direct = Decimal(direct.numerator) / Decimal(direct.denominator)
    return company


def _bought(each: Acquisition, currency: str) -> Bought:
    outsiders = each.nci_share
    return Bought(
        each.id,
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


def major(amount: int) -> Decimal:
    """Minor units as an amount."""
    return Decimal(amount).scaleb(-2)


def rate(quote: Quote | None, currency: str) -> Rate:
    """A quote as a rate of that currency."""
    assert quote is not None
    return Rate(Decimal(quote.value), quote.divides(currency))
