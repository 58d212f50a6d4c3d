"""Entries that the close makes beside what the companies booked: policy, GAAP, manual."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monthclose.ledger.accounts import CONTRIBUTED, POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.journal import LayerName
from monthclose.ledger.periods import FiscalYear, Period

ADJUSTING = (LayerName.POLICY, LayerName.GAAP, LayerName.MANUAL)
"""The layers that such an entry may belong to."""


class Topic(StrEnum):
    """Why IFRS and US GAAP differ (method, section 11)."""

    DEVELOPMENT_COST = "development_cost"
    LEASES = "leases"
    PPE_REVALUATION = "ppe_revaluation"
    IMPAIRMENT_REVERSAL = "impairment_reversal"
    GOODWILL = "goodwill"
    NCI_MEASUREMENT = "nci_measurement"
    INVENTORY = "inventory"
    BORROWING_COST = "borrowing_cost"
    SHARE_BASED = "share_based"
    INTRAGROUP_TAX = "intragroup_tax"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """
    One entry of one company and month, in the company's currency.

    It is not in the books of the ERP, so it stands until another one reverses it: its
    assets and liabilities in every later month, its income and expense to the end of the
    fiscal year, and from then on in retained earnings.

    Attributes:
        id: Its number; unique in a month and company.
        period: The month it is made in, such as `2025-06`.
        layer: `policy`, `gaap` or `manual`.
        entity: The company.
        lines: Amount by account, minor units, debit positive, adding up to nil.
        reason: Why it is made, in its author's words.
        topic: Why the frameworks differ, of a `gaap` entry.
    """

    id: str
    period: str
    layer: LayerName
    entity: str
    lines: Mapping[str, int]
    reason: str
    topic: Topic = Topic.OTHER

    @property
    def size(self) -> int:
        """Its debits, minor units."""
        return sum(amount for amount in self.lines.values() if amount > 0)


def movable(layer: LayerName, topic: Topic) -> frozenset[AccountClass]:
    """
    The classes of account that an entry may move.

    Equity of the books moves by dated events. What frameworks differ in may also be other
    comprehensive income, capital (share-based payment), and the measurement of outsiders.
    """
    if layer is not LayerName.GAAP:
        return POSITION | RESULT
    measured = {AccountClass.NCI} if topic is Topic.NCI_MEASUREMENT else set()
    return POSITION | RESULT | CONTRIBUTED | {AccountClass.OCI} | measured


type Standing = tuple[Adjustment, str, int]
"""An entry, an account where one of its lines stands in a month, and the line's amount."""


def standing(
    adjustments: Iterable[Adjustment], month: Period, year: FiscalYear, chart: Chart
) -> Iterator[Standing]:
    """
    Say where the lines of entries stand in a month.

    Args:
        adjustments: Of one company.
        month: Entries of later months are left out.
        year: Calendar: income and expense of earlier fiscal years are retained earnings.
        chart: Names the account of retained earnings.
    """
    begins = year.start(month)
    for each in adjustments:
        made = Period.parse(each.period)
        if made > month:
            continue
        for account, amount in each.lines.items():
            if made < begins and chart.kind(account) in RESULT:
                yield each, chart.roles.retained_earnings, amount
            else:
                yield each, account, amount
