"""What one period needs beside the balances."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from monthclose.ledger.acquisitions import Acquisition, Dividend, Transfer
from monthclose.ledger.associates import Associate
from monthclose.ledger.balances import OpeningPosition, PeriodRates
from monthclose.ledger.entities import Interest
from monthclose.ledger.events import (
    Event,
    OutsidersOpening,
    PartialDisposal,
    Retained,
    Retranslated,
    StepAcquisition,
)
from monthclose.ledger.hyperinflation import Restated
from monthclose.ledger.intercompany import Item, NetInvestment
from monthclose.ledger.profits import StockProfit
from monthclose.ledger.reductions import CapitalReduction


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
        transfers: Inside equity since then, with what they took along.
        reductions: Of capital, those before the roll-forward among them, with their rates.
        interests: In force at the end of the period.
        items: Between group companies, with their rates where they have one of their own.
        loans: Exchange differences of the period on loans that are net investments.
        tolerance: Up to what part of the larger side intercompany items may differ.
        events: Changes of ownership in the period.
        settled: Parts sold, or bought of outsiders, and steps to control, before it.
        former: How holders came to what they had before those steps.
        outsiders: What those had as it opened whose share had changed before it.
        kept: What holders kept of companies that left before it, as associates.
        gone: What companies that left before it left in their holders' CTA.
        associates: By the equity method, with their rates.
        profits: Of group companies on goods still in stock.
        restated: Books restated with a price index, of companies that have one.
    """

    period: str
    rates: Mapping[str, PeriodRates]
    openings: Mapping[str, OpeningPosition]
    acquisitions: tuple[Acquisition, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    reductions: tuple[CapitalReduction, ...] = ()
    interests: tuple[Interest, ...] = ()
    items: tuple[Item, ...] = ()
    loans: tuple[NetInvestment, ...] = ()
    tolerance: Fraction = Fraction(1, 100)
    events: tuple[Event, ...] = ()
    settled: tuple[PartialDisposal | StepAcquisition, ...] = ()
    former: tuple[Acquisition, ...] = ()
    outsiders: tuple[OutsidersOpening, ...] = ()
    kept: tuple[Retained, ...] = ()
    gone: tuple[Retranslated, ...] = ()
    associates: tuple[Associate, ...] = ()
    profits: tuple[StockProfit, ...] = ()
    restated: tuple[Restated, ...] = ()
