"""
Open items and flows of a month as records: stored with its balance, read back for a close.

They belong to the batch of the balance they were read with, and are in force as long as it
is. A close takes those that are of the group, each on the standard account that its own is
mapped to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from monthclose.ledger.accounts import POSITION, RESULT, Chart
from monthclose.ledger.errors import CloseError
from monthclose.ledger.intercompany import FACED, FACING, Item, ItemKind, ItemUnplaced
from monthclose.ledger.mappings import EntityMapping
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.sources import BookItem, Side
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.lookup import Directory, hundredths, minor_of, month, period_of
from monthclose.store.tables import subledger_items

LONGEST = 500
"""Characters of an id or a document that are kept."""

KINDS = {
    (Side.RECEIVABLE, False): ItemKind.RECEIVABLE,
    (Side.PAYABLE, False): ItemKind.PAYABLE,
    (Side.RECEIVABLE, True): ItemKind.REVENUE,
    (Side.PAYABLE, True): ItemKind.EXPENSE,
}
"""What an item is within the group, by its side and whether it is a flow."""

_COLUMNS = (
    "i.side, i.flow, i.item, i.document, i.tax_id, i.partner_number, a.code, c.code,"
    " (i.amount * 100)::bigint, i.currency, i.happened_on, i.due_on, i.document_currency,"
    " (i.document_amount * 100)::bigint"
)
_FROM = (
    "  from (select distinct on (entity_id, period) entity_id, period, id, source_document_id"
    "          from etl_batches where tenant_id = %(t)s and kind = 'trial_balance' and {}"
    "         order by entity_id, period, number desc) as b"
    "  join subledger_items as i"
    "    on i.entity_id = b.entity_id and i.period = b.period and i.batch_id = b.id"
    "  left join entity_chart_of_accounts as a"
    "    on a.entity_id = i.entity_id and a.number = i.account_number"
    "  left join entity_chart_of_accounts as c"
    "    on c.entity_id = i.entity_id and c.number = i.control_number"
)


@dataclass(frozen=True, slots=True)
class Place:
    """The batch that items belong to: whose, of which month."""

    company: UUID
    period: str
    batch: UUID


@dataclass(frozen=True, slots=True)
class Booked:
    """An item within the group, as it was stored: whose, of which month, read from what."""

    entity: str
    period: str
    label: str
    item: BookItem


def insert_items(
    session: Session,
    directory: Directory,
    numbers: Mapping[str, int],
    place: Place,
    items: Sequence[BookItem],
) -> None:
    """Store all items of a batch; *numbers* are those of the company's own accounts."""
    insert_columns(
        session,
        subledger_items,
        {
            "entity_id": place.company,
            "period": month(place.period),
            "batch_id": place.batch,
            "line": list(range(1, len(items) + 1)),
            "side": [each.side.value for each in items],
            "flow": [each.flow for each in items],
            "item": [each.id[:LONGEST] for each in items],
            "document": [each.document[:LONGEST] for each in items],
            "tax_id": [each.tax_id for each in items],
            "partner_number": [
                number or None
                for number in directory.partner_numbers(each.partner for each in items).tolist()
            ],
            "account_number": [numbers.get(each.account) for each in items],
            "control_number": [numbers.get(each.control) for each in items],
            "amount": [hundredths(each.amount, each.currency) for each in items],
            "currency": [each.currency for each in items],
            "happened_on": [each.on for each in items],
            "due_on": [each.due for each in items],
            "document_currency": [each.document_currency or None for each in items],
            "document_amount": [
                None
                if each.document_amount is None
                else hundredths(each.document_amount, each.document_currency)
                for each in items
            ],
        },
    )


def read_items(
    session: Session, tenant: UUID, company: UUID, period: str, partners: Mapping[int, str]
) -> tuple[BookItem, ...]:
    """Everything that was read with the balance of a month that is in force."""
    rows = fetch(
        session,
        f"select {_COLUMNS}"
        + _FROM.format("entity_id = %(e)s and period = %(p)s")
        + " order by i.line",
        t=tenant,
        e=company,
        p=month(period),
    )
    return tuple(_item(row, partners) for row in rows)


def _item(row: Sequence[Any], partners: Mapping[int, str]) -> BookItem:
    """An item as it was selected."""
    side, flow, name, document, tax_id, partner, account, control, amount, currency = row[:10]
    on, due, stated_in, stated = row[10:]
    return BookItem(
        side=Side(side),
        flow=flow,
        id=name,
        document=document,
        tax_id=tax_id,
        partner=partners.get(partner, ""),
        account=account or "",
        control=control or "",
        amount=minor_of(amount, currency),
        currency=currency,
        on=on,
        due=due,
        document_currency=stated_in or "",
        document_amount=None if stated is None else minor_of(stated, stated_in),
    )


def read_booked(
    session: Session,
    tenant: UUID,
    companies: Mapping[UUID, str],
    by_number: NDArray[np.object_],
    period: str = "",
) -> tuple[Booked, ...]:
    """Items within the group of every month up to *period*, of balances in force; of all."""
    partners = dict(enumerate(by_number.tolist()))
    rows = fetch(
        session,
        f"select b.entity_id, b.period, coalesce(d.label, ''), {_COLUMNS}"
        + _FROM.format("period <= %(p)s")
        + "  left join source_documents as d"
        "    on d.entity_id = b.entity_id and d.id = b.source_document_id"
        " where i.partner_number is not null and i.account_number is not null"
        " order by b.entity_id, b.period, i.line",
        t=tenant,
        p=month(period or "2100-12"),
    )
    return tuple(
        Booked(companies[row[0]], period_of(row[1]), row[2], _item(row[3:], partners))
        for row in rows
    )


class Placing:
    """
    Puts items on the standard chart, and says of which companies that could not be done.

    What a person recorded of a kind with a partner in a month stands alone: nothing that was
    read of the same is added to it.
    """

    def __init__(
        self,
        chart: Chart,
        mappings: Mapping[str, EntityMapping],
        year: FiscalYear,
        period: str = "",
    ) -> None:
        """
        Say where items may go.

        Args:
            chart: The standard chart.
            mappings: Of each company.
            year: The group's fiscal year.
            period: The month that is closed; empty: none is.
        """
        self.unplaced: dict[str, CloseError] = {}
        self._chart, self._mappings, self._period = chart, mappings, period
        self._since = str(year.start(Period.parse(period))) if period else ""

    def place(self, booked: Iterable[Booked], recorded: Sequence[Item]) -> tuple[Item, ...]:
        """
        Make items of a close.

        Args:
            booked: As stored.
            recorded: What persons recorded.

        Returns:
            Those that were recorded, then those that were read.
        """
        known = {(each.entity, each.partner, each.period, each.kind) for each in recorded}
        # As a person writes a number, so it is: both sides have to say the same.
        written = {_document(each, reference(each.reference)): each.reference for each in recorded}
        found: list[_Read] = []
        lost: dict[tuple[str, str, str], int] = {}
        for each in booked:
            kind = KINDS[each.item.side, each.item.flow]
            if (each.entity, each.item.partner, each.period, kind) in known:
                continue
            account = self._account(each)
            if account is None:
                key = (each.entity, each.period, each.item.account)
                lost[key] = lost.get(key, 0) + 1
            elif account in self._chart and self._chart.kind(account) in (
                RESULT if kind.flow else POSITION
            ):
                made = _made(each, kind, account)
                name = written.get(_document(made, made.reference), made.reference)
                found.append((each, replace(made, reference=name)))
        for (entity, period, account), count in lost.items():
            if self._since <= period <= self._period:
                error = ItemUnplaced(entity, period, account, count)
                self.unplaced.setdefault(entity, error)
        return _together(found, recorded) if found else tuple(recorded)

    def _account(self, booked: Booked) -> str | None:
        """The one standard account of an item's own; empty: it is not mapped, None: divided."""
        mapping = self._mappings.get(booked.entity)
        targets = mapping.targets.get(booked.item.account, ()) if mapping else ()
        if len(targets) > 1:
            return None
        return targets[0].account if targets else ""


def _made(booked: Booked, kind: ItemKind, account: str) -> Item:
    """An item of a close."""
    item = booked.item
    named = (booked.period, booked.entity, item.partner, kind.value, item.id, item.account)
    stated = item.document_amount
    return Item(
        id="/".join(named),
        entity=booked.entity,
        partner=item.partner,
        kind=kind,
        account=account,
        amount=item.amount,
        reference=reference(item.document),
        # Of a document in the company's own currency, the books say what it says.
        document_currency=item.currency if stated is None else item.document_currency,
        document_amount=item.amount if stated is None else stated,
        period=booked.period,
        on=item.on,
        due=item.due,
        source=", ".join(filter(None, (booked.label, item.id))),
    )


def reference(document: str) -> str:
    """
    A document's number as both sides may write it, neither blanks nor leading zeros telling.

    One system fills a number up with zeros, another does not: `000123` is `123`.
    """
    return " ".join(document.split()).upper().lstrip("0")


type _Read = tuple[Booked, Item]
"""An item as it was stored, and as a close takes it."""

type _Document = tuple[str, str, str, ItemKind, str]
"""A month, the company that is owed or earns, the other, the kind of the first, a reference."""


def _document(item: Item, number: str) -> _Document:
    """What an item has in common with its other side, under a number."""
    if item.kind in FACING:
        return item.period, item.entity, item.partner, item.kind, number
    return item.period, item.partner, item.entity, FACED[item.kind], number


def _together(found: Sequence[_Read], recorded: Sequence[Item]) -> tuple[Item, ...]:
    """
    Put the parts of one invoice together, where one company has it on several accounts.

    How a company splits its income is its own matter: the invoice is one. Only of what both
    sides have with the same number, and nobody put together otherwise.
    """
    accounts: dict[_Document, dict[str, set[str]]] = {}
    sides = [(each, read.item.account) for read, each in found]
    sides += [(each, each.account) for each in recorded]
    otherwise = {_document(each, each.reference) for each in recorded if each.together}
    for each, account in sides:
        if each.kind.flow and each.reference:
            of = accounts.setdefault(_document(each, each.reference), {})
            of.setdefault(each.entity, set()).add(account)
    read_of = {_document(each, each.reference) for _, each in found}
    split = {
        document
        for document, of in accounts.items()
        if len(of) > 1 and any(len(each) > 1 for each in of.values())
    }
    split = (split & read_of) - otherwise
    return tuple(
        replace(each, together=each.reference)
        if each.kind.flow and each.reference and _document(each, each.reference) in split
        else each
        for each, _ in (*sides[len(found) :], *sides[: len(found)])
    )
