"""Dated records of a group that are stored whole, one row each: how each kind is told apart."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from monthclose.ledger.acquisitions import Contribution, Dividend, GoodwillLoss, Transfer
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.changes import OwnershipChange
from monthclose.ledger.equity import OciMovement
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item
from monthclose.ledger.loans import ExchangeDifference, Loan
from monthclose.ledger.periods import Period
from monthclose.ledger.pickups import PickupMonth
from monthclose.ledger.profits import AssetSale, Unrealised
from monthclose.ledger.reductions import CapitalReduction
from monthclose.ledger.restatements import Correction


@dataclass(frozen=True, slots=True)
class EventKind:
    """
    A kind of row of `group_events`.

    Attributes:
        name: As the table calls it.
        noun: What a row holds.
        field: Where a group keeps them.
        company: Code of the company whose records they are.
        day: When it happened; None: it says not.
        amount: Its size, minor units of that company's currency.
    """

    name: str
    noun: type[Any]
    field: str
    company: Callable[[Any], str]
    day: Callable[[Any], date | None]
    amount: Callable[[Any], int]


def _last_day(record: Item | Adjustment | AssociateMonth | PickupMonth) -> date | None:
    """What is of a month is of its last day."""
    return Period.parse(record.period).last_day if record.period else None


EVENT_KINDS = (
    EventKind(
        "contribution",
        Contribution,
        "contributions",
        lambda each: each.entity,
        lambda each: each.on,
        lambda each: each.amount,
    ),
    EventKind(
        "capital_reduction",
        CapitalReduction,
        "reductions",
        lambda each: each.entity,
        lambda each: each.on,
        lambda each: each.amount,
    ),
    EventKind(
        "oci",
        OciMovement,
        "recognised",
        lambda each: each.entity,
        lambda each: each.on,
        lambda each: each.amount,
    ),
    EventKind(
        "dividend",
        Dividend,
        "dividends",
        lambda each: each.payer,
        lambda each: each.on,
        lambda each: each.amount,
    ),
    EventKind(
        "reserve_transfer",
        Transfer,
        "transfers",
        lambda each: each.entity,
        lambda each: each.on,
        lambda each: each.amount,
    ),
    EventKind(
        "impairment",
        GoodwillLoss,
        "impairments",
        lambda each: each.entity,
        lambda each: each.on,
        lambda each: each.amount,
    ),
    EventKind(
        "intercompany",
        Item,
        "items",
        lambda each: each.entity,
        _last_day,
        lambda each: each.amount,
    ),
    EventKind(
        "adjustment",
        Adjustment,
        "adjustments",
        lambda each: each.entity,
        _last_day,
        lambda each: each.size,
    ),
    EventKind(
        "pickup",
        PickupMonth,
        "pickups",
        lambda each: each.holder,
        _last_day,
        lambda each: each.amount,
    ),
    EventKind(
        "associate_month",
        AssociateMonth,
        "associate_months",
        lambda each: each.entity,
        _last_day,
        lambda each: each.result,
    ),
    # A currency of its own would not be that of the row: the amount is the buyer's.
    EventKind(
        "unrealised",
        Unrealised,
        "unrealised",
        lambda each: each.buyer,
        lambda each: Period.parse(each.period).last_day,
        lambda each: each.buyer_amount,
    ),
    EventKind(
        "asset_sale",
        AssetSale,
        "asset_sales",
        lambda each: each.buyer,
        lambda each: each.on,
        lambda each: each.buyer_amount,
    ),
    EventKind(
        "net_investment",
        Loan,
        "loans",
        lambda each: each.entity,
        lambda each: each.on,
        lambda _: 0,
    ),
    EventKind(
        "exchange",
        ExchangeDifference,
        "exchange",
        lambda each: each.entity,
        lambda each: Period.parse(each.period).last_day,
        lambda each: each.amount,
    ),
    EventKind(
        "correction",
        Correction,
        "corrections",
        lambda each: each.entity,
        lambda each: Period.parse(each.since).first_day,
        lambda each: each.amount,
    ),
    EventKind(
        "ownership_change",
        OwnershipChange,
        "changes",
        lambda each: each.holder,
        lambda each: each.on,
        lambda each: each.proceeds,
    ),
)
"""Every kind, in the order in which they are loaded."""


def events_of(group: Group) -> list[tuple[EventKind, Any]]:
    """Every record of a group that is stored as a row, with its kind."""
    return [(kind, each) for kind in EVENT_KINDS for each in getattr(group, kind.field)]
