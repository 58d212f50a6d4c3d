"""
The same work in plain `Decimal` objects, as one would write it first.

A balance is a dictionary from account to `Decimal`; each line is divided or multiplied
by its rate at 34 digits and rounded to cents, half up (which in this module means away
from zero). Entries are lists of lines, as the engine's are. None of the engine's code is used.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from bench.made import CAPITAL, DIVIDEND_INCOME, DIVIDENDS, PRESENTATION, RETAINED, Made
from bench.outcome import Outcome, without_nil
from monthclose.ledger.accounts import POSITION, RESULT
from monthclose.ledger.acquisitions import NciMethod
from monthclose.ledger.balances import AtRate, CarriedForward, Layers
from monthclose.ledger.rates import Quote

CENT = Decimal("0.01")
NIL = Decimal(0)


@dataclass(frozen=True)
class Rate:
    """A rate as published, and whether it divides."""

    value: Decimal
    divides: bool


NO_RATE = Rate(Decimal(1), divides=False)


@dataclass
class Company:
    """One company's month."""

    code: str
    foreign: bool
    lines: dict[str, Decimal]
    closing: Rate = NO_RATE
    average: Rate = NO_RATE
    declared: Rate = NO_RATE
    received: Rate | None = None
    capital: list[tuple[Decimal, Rate]] = field(default_factory=list)
    retained: Decimal = NIL
    opening_cta: Decimal = NIL
    outside: Decimal = NIL


@dataclass
class Holding:
    """A foundation or capital increase."""

    target: str
    rate: Rate
    consideration: Decimal
    outside: Decimal
    paid_in: Decimal
    cost: Decimal
    investment_account: str


@dataclass
class Declared:
    """A dividend, and what the parent booked of it."""

    received: Decimal
    income_account: str


@dataclass
class Records:
    """All of it."""

    position: set[str]
    result: set[str]
    companies: list[Company]
    holdings: list[Holding]
    dividends: dict[str, Declared]
    roles: dict[str, str]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def convert(amount: Decimal, rate: Rate) -> Decimal:
    return cents(amount / rate.value if rate.divides else amount * rate.value)


def consolidate(records: Records) -> Outcome:
    """Translate, eliminate, attribute, add up."""
    with localcontext(Context(prec=34)):
        totals: Totals = defaultdict(Decimal)
        translated = [translate(company, records, totals) for company in records.companies]
        by_code = {each.company.code: each for each in translated}
        entries: list[Entry] = []
        eliminate_investments(records, by_code, entries)
        eliminate_dividends(records, by_code, entries)
        nci = {
            each.company.code: attribute(each, records, entries)
            for each in translated
            if each.company.outside
        }
        for entry in entries:
            for account, amount in entry:
                totals[account] += amount
        return Outcome(
            accounts=without_nil({account: minor(amount) for account, amount in totals.items()}),
            cta={each.company.code: minor(each.cta) for each in translated},
            nci={code: minor(amount) for code, amount in nci.items()},
        )


def translate_lines(records: Records) -> None:
    """Translate and add up the lines alone: no entries, nothing attributed."""
    with localcontext(Context(prec=34)):
        totals: Totals = defaultdict(Decimal)
        for company in records.companies:
            translate(company, records, totals)


type Totals = defaultdict[str, Decimal]
type Entry = list[tuple[str, Decimal]]


@dataclass
class Translated:
    """A company's month in presentation currency, and what its outsiders share in."""

    company: Company
    lines: dict[str, Decimal]
    profit: Decimal
    cta: Decimal
    cancelled: Decimal = NIL
    acquired: Decimal = NIL
    paid_outside: Decimal = NIL


def translate(company: Company, records: Records, totals: Totals) -> Translated:
    position, result = records.position, records.result
    lines: dict[str, Decimal] = {}
    profit = left_over = NIL
    for account, amount in company.lines.items():
        if not company.foreign:
            value = amount
        elif account in position:
            value = convert(amount, company.closing)
        elif account in result:
            dated = company.received if account == DIVIDEND_INCOME else None
            value = convert(amount, dated or company.average)
        elif account == CAPITAL:
            parts = [
                part / rate.value if rate.divides else part * rate.value
                for part, rate in company.capital
            ]
            value = cents(sum(parts, NIL))
        elif account == RETAINED:
            value = company.retained
        else:
            value = convert(amount, company.declared)
        lines[account] = value
        totals[account] += value
        left_over += value
        if account in result:
            profit -= value
    totals[records.roles["cta"]] -= left_over
    return Translated(company, lines, profit, left_over)


def eliminate_investments(
    records: Records, translated: dict[str, Translated], entries: list[Entry]
) -> None:
    roles = records.roles
    for holding in records.holdings:
        equity = convert(holding.paid_in, holding.rate)
        outside = convert(holding.outside, holding.rate)
        goodwill = holding.cost + outside + equity
        entries.append(
            [
                (CAPITAL, -equity),
                (roles["clearing"], goodwill),
                (holding.investment_account, -holding.cost),
                (roles["nci"], -outside),
            ]
        )
        # A foundation has no goodwill: cents that its rounding leaves are CTA.
        entries.append([(roles["clearing"], -goodwill), (roles["cta"], goodwill)])
        target = translated[holding.target]
        target.cancelled -= equity
        target.acquired += outside


def eliminate_dividends(
    records: Records, translated: dict[str, Translated], entries: list[Entry]
) -> None:
    for code, dividend in records.dividends.items():
        payer = translated[code]
        paid = payer.lines[DIVIDENDS]
        payer.paid_outside = paid - dividend.received
        entries.append(
            [
                (dividend.income_account, dividend.received),
                (DIVIDENDS, -paid),
                (records.roles["nci"], payer.paid_outside),
            ]
        )


def attribute(each: Translated, records: Records, entries: list[Entry]) -> Decimal:
    roles, share, opening = records.roles, each.company.outside, each.company.opening_cta
    theirs = cents((each.lines[CAPITAL] + each.cancelled) * share)
    earned = cents(-each.lines[RETAINED] * share) + cents(each.profit * share)
    differences = cents(opening * share) + cents((each.cta - opening) * share)
    entries.append([(CAPITAL, -theirs), (roles["nci"], theirs)])
    entries.append(
        [(RETAINED, earned), (roles["cta"], differences), (roles["nci"], -earned - differences)]
    )
    return each.acquired - theirs + earned + differences - each.paid_outside


def minor(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def as_records(made: Made) -> Records:
    """Write a group as dictionaries of `Decimal`: what this peer reads, not part of its time."""
    chart, facts = made.group.chart, made.facts
    kinds = {account.code: account.kind for account in chart.accounts}
    shares = {each.investee: each.share for each in facts.interests}
    companies = []
    for balance in made.balances:
        lines = dict(zip(balance.accounts, map(major, balance.amounts.tolist()), strict=True))
        company = Company(balance.entity, balance.currency != PRESENTATION, lines)
        companies.append(company)
        if not company.foreign:
            continue
        rates, currency = facts.rates[balance.entity], balance.currency
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
        company.opening_cta = major(facts.openings[balance.entity].cta)
        theirs = 1 - shares[balance.entity]
        company.outside = Decimal(theirs.numerator) / Decimal(theirs.denominator)
    currencies = {balance.entity: balance.currency for balance in made.balances}
    holdings = []
    for each in facts.acquisitions:
        paid_in = sum(each.equity.values())
        unpaid = 0 if each.nci_method is NciMethod.NONE else -paid_in - each.consideration
        holdings.append(
            Holding(
                each.target,
                rate(each.quote, currencies[each.target]),
                major(each.consideration),
                major(unpaid),
                major(paid_in),
                major(each.investment_historical or 0),
                each.investment_account,
            )
        )
    return Records(
        position={code for code, kind in kinds.items() if kind in POSITION},
        result={code for code, kind in kinds.items() if kind in RESULT},
        companies=companies,
        holdings=holdings,
        dividends={
            each.payer: Declared(major(each.received[0].amount), each.received[0].income_account)
            for each in facts.dividends
        },
        roles={"cta": chart.roles.cta, "nci": chart.roles.nci, "clearing": "GOODWILL"},
    )


def major(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


def rate(quote: Quote | None, currency: str) -> Rate:
    assert quote is not None
    return Rate(Decimal(quote.value), quote.divides(currency))
