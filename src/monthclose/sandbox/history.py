"""What came before the first month: capital, results year by year, and how each was translated."""

from dataclasses import dataclass
from datetime import date

from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import round_ratio
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, convert_one
from monthclose.sandbox.books import BP, part
from monthclose.sandbox.companies import Company
from monthclose.sandbox.ecb import ecb_table

FUNCTIONAL, PRESENTATION = "BRL", "USD"
CUT = date(2024, 12, 31)
"""The last close before 2025."""


class NoQuote(CloseError):
    """The installed reference rates do not reach back far enough, or not up to date."""

    code = "sandbox-rate-missing"

    def __init__(self, when: str) -> None:
        super().__init__(when=when)


@dataclass(frozen=True, slots=True)
class Part:
    """An amount of equity and the rate it was translated at; cents, credit positive."""

    amount: int
    quote: Quote

    @property
    def translated(self) -> int:
        """Cents of the presentation currency, rounded once."""
        return convert_one(self.amount, self.quote, FUNCTIONAL, PRESENTATION)


def rate_of(day: date) -> Quote:
    """The rate in force on a day: the last one published on or before it."""
    quote = ecb_table().historical(FUNCTIONAL, PRESENTATION, day)
    if quote is None:
        raise NoQuote(str(day))
    return quote


def closing_rate(day: date) -> Quote:
    """The closing rate of a day."""
    quote = ecb_table().closing(FUNCTIONAL, PRESENTATION, day)
    if quote is None:
        raise NoQuote(str(day))
    return quote


def average_of(year: int) -> Quote:
    """The average of a year: the mean of its monthly averages."""
    months = [
        ecb_table().average(FUNCTIONAL, PRESENTATION, Period(year, month)) for month in range(1, 13)
    ]
    values = [quote.value_e10 for quote in months if quote is not None]
    if len(values) < 12:
        raise NoQuote(str(year))
    mean = round_ratio(sum(values), 12)
    return Quote(PRESENTATION, FUNCTIONAL, mean, RateKind.AVERAGE, str(year))


def retained(company: Company, cut: date = CUT) -> list[Part]:
    """
    Results up to the end of a year, year by year at the year's average, without distributions.

    What a bought company had earned before takes the rate of the day it was bought.
    """
    parts = []
    if company.bought:
        parts.append(Part(company.earned_before, rate_of(company.since)))
    revenue = company.revenue
    for year in range(CUT.year, company.since.year - 1, -1):
        months = 12 if year > company.since.year else 12 - company.since.month
        result = part(revenue, company.margin_bp) * months // 12
        if year <= cut.year:
            parts.append(Part(result, average_of(year)))
        revenue = revenue * BP // (BP + company.growth_bp)
    return parts


def capital(company: Company, cut: date = CUT) -> list[Part]:
    """Capital paid in by then, each at the rate of its day."""
    return [Part(amount, rate_of(day)) for day, amount in company.capital if day <= cut]


def total(parts: list[Part]) -> int:
    """The amount of several parts, functional cents, credit positive."""
    return sum(each.amount for each in parts)


def translated(parts: list[Part]) -> int:
    """The same in presentation currency."""
    return sum(each.translated for each in parts)


def opening_cta(capital_parts: list[Part], retained_parts: list[Part], cut: date = CUT) -> int:
    """The CTA at the cut: net assets at its closing rate less their history; a gain is positive."""
    net_assets = total(capital_parts) + total(retained_parts)
    now = convert_one(net_assets, closing_rate(cut), FUNCTIONAL, PRESENTATION)
    return now - translated(capital_parts) - translated(retained_parts)
