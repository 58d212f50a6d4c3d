"""A group as it is described: everything dated that a close reads beside the balances."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import Acquisition, Contribution, Dividend, OpeningBalance
from monthclose.ledger.balances import OpeningPosition, PeriodRates
from monthclose.ledger.entities import Entity, Interest
from monthclose.ledger.mappings import EntityMapping
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.rates import RateTable


@dataclass(frozen=True, eq=False)
class Group:
    """
    A group of companies and its records.

    Attributes:
        code: Short code, unique in an installation.
        name: Full name.
        presentation: ISO 4217 code of the currency it reports in.
        chart: The standard chart.
        entities: Its companies; exactly one is the parent.
        interests: Who owns what from which day.
        rates: Every quote loaded.
        mappings: Entity chart to standard chart, by entity; an entity without one keeps
            its books in the standard chart.
        openings: What the close before *first_period* left behind.
        acquisitions: Foundations and purchases.
        contributions: Capital paid in.
        dividends: Dividends declared.
        framework: `IFRS` or `US GAAP`; a label so far.
        fiscal_year: Its calendar.
        first_period: First month it is closed for, empty: the first balance.
        language: Of its packs: `pt-BR` or `en`.
    """

    code: str
    name: str
    presentation: str
    chart: Chart
    entities: tuple[Entity, ...] = ()
    interests: tuple[Interest, ...] = ()
    rates: RateTable = field(default_factory=RateTable)
    mappings: Mapping[str, EntityMapping] = field(default_factory=dict)
    openings: tuple[OpeningBalance, ...] = ()
    acquisitions: tuple[Acquisition, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    framework: str = "IFRS"
    fiscal_year: FiscalYear = field(default_factory=FiscalYear)
    first_period: str = ""
    language: str = "en"


@dataclass(frozen=True, eq=False)
class PeriodFacts:
    """
    What one period needs beside the balances: dated records already resolved to rates.

    Attributes:
        period: Label of the period, such as `2025-06`.
        rates: Quotes and treatments, by entity.
        openings: Positions at the start of the period's roll-forward, by entity.
        acquisitions: With their rates.
        dividends: Declared since the start of the roll-forward, with their rates.
        interests: In force at the end of the period.
    """

    period: str
    rates: Mapping[str, PeriodRates]
    openings: Mapping[str, OpeningPosition]
    acquisitions: tuple[Acquisition, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    interests: tuple[Interest, ...] = ()
