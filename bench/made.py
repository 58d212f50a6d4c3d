"""
A group made of integers: the same size gives the same group on every machine.

A parent in US dollars and subsidiaries in reais, one in ten in euros. Each was founded,
every third had a capital increase, two in five are held at 80 percent, one in four
declared a dividend. The month is the first of a year; every balance has every account of
its list, and balances.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from monthclose.ledger.accounts import Account, AccountClass, Chart, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Dividend,
    NciMethod,
    OpeningBalance,
    Received,
)
from monthclose.ledger.balances import (
    CarriedForward,
    Layer,
    Layers,
    OpeningPosition,
    PeriodRates,
    TrialBalance,
)
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest, Method
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.money import Amounts, rounded, share_of
from monthclose.ledger.rates import Quote, RateKind, RateTable, convert_one, parse_rate, ratio_of

PERIOD = "2025-01"
PRESENTATION = "USD"
SEED = 20250131

CASH, INVESTMENT, CAPITAL = "1100", "1510", "3100"
RETAINED, DIVIDENDS, DIVIDEND_INCOME, CTA = "3300", "3350", "4200", "3400"
NAMED = (CASH, INVESTMENT, CAPITAL, RETAINED, DIVIDENDS, DIVIDEND_INCOME)

LISTS = 4
"""Lists of accounts in use, as if four ERPs; each leaves out other accounts of the chart."""

# Lines from a thousand reais to ten million, most in the middle.
_SIZES = np.array([10**5, 10**6, 10**6, 10**7, 10**7, 10**8, 10**8, 10**9], dtype=np.int64)
# Of a hundred ordinary accounts.
_CLASSES = (
    (AccountClass.ASSET, 40),
    (AccountClass.LIABILITY, 65),
    (AccountClass.INCOME, 75),
    (AccountClass.EXPENSE, 100),
)


@dataclass(frozen=True)
class Made:
    """
    A group, its balances of one month, and all that the month needs beside them.

    The same records stand in the group too, dated, so that a close may find them there.
    """

    group: Group
    facts: PeriodFacts
    balances: tuple[TrialBalance, ...]

    @property
    def lines(self) -> int:
        """Lines of all balances together."""
        return sum(len(balance.accounts) for balance in self.balances)


def make_group(entities: int, accounts: int, lists: int = LISTS) -> Made:
    """
    Make a group.

    Args:
        entities: Companies, the parent among them.
        accounts: Lines of each balance.
        lists: Different lists of accounts among the balances.
    """
    chart = _chart(accounts)
    shapes = [_list(chart, accounts, number) for number in range(lists)]
    raw = np.random.PCG64(SEED)
    made = [_subsidiary(number, shapes[number % lists], raw) for number in range(1, entities)]
    companies = (
        Entity("E00000", "Parent", PRESENTATION, Method.PARENT),
        *(each.entity for each in made),
    )
    facts = PeriodFacts(
        period=PERIOD,
        rates={"E00000": PeriodRates(PRESENTATION)} | {s.entity.code: s.rates for s in made},
        openings={each.entity.code: each.opening for each in made},
        acquisitions=tuple(each for s in made for each in s.acquisitions),
        dividends=tuple(s.dividend for s in made if s.dividend),
        interests=tuple(s.interest for s in made),
    )
    group = Group(
        code="MADE",
        name="Made of integers",
        presentation=PRESENTATION,
        chart=chart,
        entities=companies,
        interests=facts.interests,
        rates=RateTable(tuple(quote for quotes in RATES.values() for quote in quotes[:3])),
        openings=tuple(each for s in made for each in s.opening_balances),
        acquisitions=facts.acquisitions,
        dividends=facts.dividends,
        first_period=PERIOD,
    )
    parent = _parent(shapes[0], facts, raw)
    return Made(group, facts, (parent, *(each.balance for each in made)))


def _chart(accounts: int) -> Chart:
    """A chart a tenth larger than a balance."""
    named = (
        (CASH, AccountClass.ASSET),
        (INVESTMENT, AccountClass.ASSET),
        (CAPITAL, AccountClass.SHARE_CAPITAL),
    )
    ordinary = []
    for number in range(accounts + accounts // 10):
        kind = next(kind for kind, below in _CLASSES if number % 100 < below)
        ordinary.append(Account(f"9{number:05d}", f"Account {number}", kind))
    return chart_of((*(Account(code, code, kind) for code, kind in named), *ordinary))


def _list(chart: Chart, accounts: int, number: int) -> tuple[str, ...]:
    """One list of accounts: those with a part to play, and a run of the ordinary ones."""
    ordinary = [code for code in chart.codes if code.startswith("9")]
    start = number * 37 % len(ordinary)
    run = (ordinary[start:] + ordinary[:start])[: accounts - len(NAMED)]
    return (*NAMED, *sorted(run))


def _drawn(raw: np.random.PCG64, count: int, below: int) -> list[int]:
    """Draw integers from nil to *below*; the stream of this generator never changes."""
    return [int(each) for each in raw.random_raw(count) % np.uint64(below)]


def _amounts(raw: np.random.PCG64, accounts: int) -> Amounts:
    """Draw a column of lines of either sign; one in eight is nil, named accounts are too."""
    drawn = raw.random_raw(accounts)
    size = _SIZES[(drawn >> np.uint64(61)).astype(np.int64)]
    amounts = (drawn & np.uint64(2**40 - 1)).astype(np.int64) % size
    amounts[(drawn >> np.uint64(40) & np.uint64(7)) == 0] = 0
    amounts[(drawn >> np.uint64(43) & np.uint64(1)) == 0] *= -1
    amounts[: len(NAMED)] = 0
    return amounts


def _quote(currency: str, text: str, kind: RateKind, on: str) -> Quote:
    """A rate as its source prints it: reais for a dollar, dollars for a euro."""
    if currency == "BRL":
        return Quote("USD", "BRL", parse_rate(text), kind, on, "BCB")
    return Quote("EUR", "USD", parse_rate(text), kind, on, "ECB")


# As published: four decimals of a day, ten of a mean of days.
_TEXTS = {
    "BRL": ("6.1923", "6.0212545455", "5.8301", ("3.2080", "4.0307", "5.1967", "4.8413")),
    "EUR": ("1.0389", "1.0353863636", "1.0393", ("1.1993", "1.2271", "1.0666", "1.1050")),
}
_DAYS = (date(2017, 12, 29), date(2019, 12, 30), date(2020, 12, 30), date(2023, 12, 28))
RATES = {
    currency: (
        _quote(currency, opening, RateKind.CLOSING, "2024-12-31"),
        _quote(currency, average, RateKind.AVERAGE, PERIOD),
        _quote(currency, closing, RateKind.CLOSING, "2025-01-31"),
        tuple(
            _quote(currency, text, RateKind.HISTORICAL, day.isoformat())
            for text, day in zip(historical, _DAYS, strict=True)
        ),
    )
    for currency, (opening, average, closing, historical) in _TEXTS.items()
}


@dataclass(frozen=True)
class _Subsidiary:
    """One subsidiary with its records."""

    entity: Entity
    balance: TrialBalance
    rates: PeriodRates
    opening: OpeningPosition
    opening_balances: tuple[OpeningBalance, ...]
    interest: Interest
    acquisitions: tuple[Acquisition, ...]
    dividend: Dividend | None


def _subsidiary(number: int, accounts: tuple[str, ...], raw: np.random.PCG64) -> _Subsidiary:
    """Make one subsidiary; its number decides what it has."""
    code, currency = f"E{number:05d}", "EUR" if number % 10 == 7 else "BRL"
    opening, average, closing, historical = RATES[currency]
    share = Fraction(4, 5) if number % 5 < 2 else Fraction(1)
    drawn = _drawn(raw, 6, 10**9)
    paid_in = tuple(10**7 + 5 * each for each in drawn[: 2 if number % 3 == 0 else 1])
    days = [drawn[2] % 3, 3][: len(paid_in)]
    capital = Layers(
        tuple(
            Layer(-amount, historical[day], f"paid in {day}")
            for amount, day in zip(paid_in, days, strict=True)
        )
    )
    retained = -(drawn[3] - 2 * 10**8)  # most carry profits forward, some losses
    carried = convert_one(retained, historical[3], currency, PRESENTATION)
    declared = 5 * (drawn[4] // 50) if number % 4 == 0 else 0

    amounts = _amounts(raw, len(accounts))
    amounts[NAMED.index(CAPITAL)] = -sum(paid_in)
    amounts[NAMED.index(RETAINED)] = retained
    amounts[NAMED.index(DIVIDENDS)] = declared
    amounts[NAMED.index(CASH)] = -int(amounts.sum())

    net_assets = sum(paid_in) - retained
    historical_capital = rounded(
        sum(
            (p.amount * ratio_of(p.quote, currency, PRESENTATION) for p in capital.parts),
            Fraction(0),
        )
    )
    cta = convert_one(net_assets, opening, currency, PRESENTATION) + historical_capital + carried
    dividend = None
    if declared:
        ours = convert_one(share_of(declared, share), closing, currency, PRESENTATION)
        received = Received("E00000", ours, None, DIVIDEND_INCOME)
        dividend = Dividend(code, declared, closing, date(2025, 1, 31), (received,))
    return _Subsidiary(
        entity=Entity(code, f"Company {number}", currency),
        # A list of its own, as balances that were read one by one have.
        balance=TrialBalance(code, PERIOD, currency, (*accounts,), amounts),
        rates=PeriodRates(
            presentation=PRESENTATION,
            opening=opening,
            average=average,
            closing=closing,
            treatments={
                CAPITAL: capital,
                RETAINED: CarriedForward(carried),
                DIVIDENDS: Layers((Layer(declared, closing, "dividends", flow=True),)),
            },
        ),
        opening=OpeningPosition(code, net_assets, opening, cta),
        opening_balances=(
            OpeningBalance(code, CAPITAL, -sum(paid_in), historical_capital),
            OpeningBalance(code, RETAINED, retained, carried),
            OpeningBalance(code, CTA, None, -cta),
        ),
        interest=Interest("E00000", code, int(share * SHARE_UNIT)),
        acquisitions=tuple(
            _paid_in(f"{code}-{place}", code, share, currency, part, _DAYS[day])
            for place, (part, day) in enumerate(zip(capital.parts, days, strict=True))
        ),
        dividend=dividend,
    )


def _paid_in(
    name: str, target: str, share: Fraction, currency: str, part: Layer, day: date
) -> Acquisition:
    """The parent's side of a foundation or capital increase, outsiders paying their part."""
    ours = share_of(-part.amount, share)
    cost = convert_one(ours, part.quote, currency, PRESENTATION)
    return Acquisition(
        id=name,
        acquirer="E00000",
        target=target,
        kind=AcquisitionKind.FORMATION,
        on=day,
        quote=part.quote,
        consideration=ours,
        nci_method=NciMethod.PROPORTIONATE if share < 1 else NciMethod.NONE,
        nci_share=1 - share,
        equity={CAPITAL: part.amount},
        investment_account=INVESTMENT,
        investment=cost,
        investment_historical=cost,
    )


def _parent(accounts: tuple[str, ...], facts: PeriodFacts, raw: np.random.PCG64) -> TrialBalance:
    """The parent: its shares at cost, the dividends it booked, and a business of its own."""
    amounts = _amounts(raw, len(accounts))
    amounts[NAMED.index(INVESTMENT)] = sum(each.investment for each in facts.acquisitions)
    amounts[NAMED.index(DIVIDEND_INCOME)] = -sum(
        part.amount for dividend in facts.dividends for part in dividend.received
    )
    amounts[NAMED.index(CAPITAL)] = -(10**11)
    amounts[NAMED.index(RETAINED)] = -_drawn(raw, 1, 10**10)[0]
    amounts[NAMED.index(CASH)] = -int(amounts.sum())
    return TrialBalance("E00000", PERIOD, PRESENTATION, accounts, amounts)
