"""Entries that the close makes beside what the companies booked: policy, GAAP, manual."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monthclose.ledger.accounts import CONTRIBUTED, POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.acquisitions import Dividend
from monthclose.ledger.errors import CloseError
from monthclose.ledger.journal import Entry, LayerName
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.translations import Rollforward

_YEARLY = RESULT | {AccountClass.DIVIDENDS}
"""What a fiscal year ends with: from then on it is retained earnings."""

ADJUSTING = (LayerName.POLICY, LayerName.GAAP, LayerName.MANUAL)
"""The layers that such an entry may belong to."""


class AdjustmentStands(CloseError):
    """Entries of a company that the group no longer owns were not reversed."""

    code = "adjustment-stands"

    def __init__(self, entity: str, topic: str, period: str) -> None:
        super().__init__(entity=entity, topic=topic, period=period)


class Topic(StrEnum):
    """Why IFRS and US GAAP differ."""

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
    def name(self) -> str:
        """Month and number."""
        return f"{self.period} {self.id}"

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


def reclassified(dividends: Iterable[Dividend], chart: Chart) -> Iterator[Adjustment]:
    """
    Interest on equity (JCP) as entries: from the result of its payer to its dividends.

    Args:
        dividends: Those that were not booked as interest need none.
        chart: Names the account of dividends.

    Source:
        IAS 32.35: a distribution to holders of equity is no expense.
    """
    for each in dividends:
        if each.account and each.on is not None:
            lines = {chart.roles.dividends: each.amount, each.account: -each.amount}
            where = (f"JCP {each.on}", str(Period.of(each.on)), LayerName.POLICY, each.payer)
            yield Adjustment(*where, lines, "juros sobre capital próprio")


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
        year: Calendar: what earlier fiscal years earned and paid out is retained earnings.
        chart: Names the account of retained earnings.
    """
    begins = year.start(month)
    for each in adjustments:
        made = Period.parse(each.period)
        if made > month:
            continue
        for account, amount in each.lines.items():
            if made < begins and chart.kind(account) in _YEARLY:
                yield each, chart.roles.retained_earnings, amount
            else:
                yield each, account, amount


@dataclass(frozen=True, slots=True)
class PostedAdjustment:
    """
    A manual entry as it stands in a month, presentation currency, credit positive.

    Attributes:
        entity: The company.
        reference: Month and number of the entry.
        retained: Its income less expense of earlier fiscal years.
        profit: Of the fiscal year to date.
        cta: Roll-forward of its CTA.
        net_assets: Assets less liabilities of it.
        proof: The movement of the CTA from its causes, rounded.
        rounded_lines: How many lines were rounded: the bound of the proof.
    """

    entity: str
    reference: str
    retained: int
    profit: int
    cta: Rollforward
    net_assets: int
    proof: int
    rounded_lines: int

    @property
    def name(self) -> str:
        """Company, month and number."""
        return f"{self.entity} {self.reference}"

    @property
    def equity(self) -> Rollforward:
        """Equity from where the year began to now."""
        return Rollforward(self.retained + self.cta.opening, self.profit + self.cta.movement)


def note_of(adjustments: Iterable[Adjustment], entry: Entry) -> str:
    """The reason of a manual entry in its author's words; nothing for one of the close itself."""
    if entry.layer is not LayerName.MANUAL:
        return ""
    return next((each.reason for each in adjustments if each.name == entry.reference), "")
