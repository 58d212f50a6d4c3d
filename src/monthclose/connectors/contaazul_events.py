"""
Conta Azul's events and instalments as titles.

An event is recognised once, at its accrual date, over the categories of its `rateio`; its
instalments fall due and are settled one by one. The split is the event's, so it is spread
over the instalments such that both add up to the cent. What stands in a list is as of now
and decides nothing: amounts come from the detail of each instalment.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from monthclose.connectors.errors import ValueUnknown
from monthclose.connectors.fields import Row
from monthclose.ledger.sources import Side, TieOut
from monthclose.ledger.titles import Part, Settlement, Title

TYPES = {Side.RECEIVABLE: "RECEITA", Side.PAYABLE: "DESPESA"}


class State(StrEnum):
    """What a status means for an amount."""

    OPEN = "open"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    LOST = "lost"


STATES = {
    # as lists say it in English
    "PENDING": State.OPEN,
    "OVERDUE": State.OPEN,
    "PARTIAL": State.OPEN,
    "DUE_TODAY": State.OPEN,
    "ACQUITTED": State.SETTLED,
    "CANCELED": State.CANCELLED,
    "CANCELLED": State.CANCELLED,
    "RENEGOTIATED": State.REPLACED,
    "LOST": State.LOST,
    # as lists translate it; payables too are called received
    "EM_ABERTO": State.OPEN,
    "ATRASADO": State.OPEN,
    "RECEBIDO_PARCIAL": State.OPEN,
    "RECEBIDO": State.SETTLED,
    "RENEGOCIADO": State.REPLACED,
    "PERDIDO": State.LOST,
    # as the detail of an instalment says it, which shares some with the lists
    "PENDENTE": State.OPEN,
    "QUITADO": State.SETTLED,
    "CANCELADO": State.CANCELLED,
}
"""Three vocabularies of one thing. Lists leave `ATRASADO` behind the date."""


@dataclass(frozen=True, slots=True)
class Listed:
    """
    An instalment as a list shows it: enough to decide whether its detail matters.

    Attributes:
        side: Of which list.
        id: Of the instalment.
        accrued: Accrual date of its event.
        changed: Day of the last change to it, or None.
        open: Whether something is unpaid as of now.
        plain: Whether its status is documented, and is no loss, which has a day of its own.
        party: Id of the customer or supplier, or empty.
        name: Its name.
    """

    side: Side
    id: str
    accrued: date
    changed: date | None
    open: bool
    plain: bool
    party: str
    name: str


@dataclass(frozen=True, slots=True)
class Instalment:
    """
    An instalment as its detail tells it.

    Attributes:
        listed: The same as a list shows it.
        row: The detail, for errors.
        event: Id of its event.
        index: Which of the event's it is.
        state: What its status means.
        amount: Gross, minor units.
        split: The event's split.
        title: Without its part of the split.
    """

    listed: Listed
    row: Row
    event: str
    index: int
    state: State
    amount: int
    split: tuple[Part, ...]
    title: Title


def state_of(row: Row, name: str) -> State:
    """
    What a status means.

    Raises:
        ValueUnknown: it is in none of the three vocabularies.
    """
    told = row.text(name)
    if told not in STATES:
        raise ValueUnknown(row.source, row.operation, name, told)
    return STATES[told]


def _status(row: Row) -> str:
    """The status of a list's row; the translated one where there is one."""
    return row.text("status_traduzido", row.text("status", ""))


def ident(row: Row, name: str = "id") -> str:
    """
    An identifier that goes into an address: letters, digits and dashes, nothing else.

    Raises:
        FieldUnreadable: it is none, so it could lead elsewhere.
    """
    text = row.text(name)
    if not re.fullmatch(r"[0-9A-Za-z-]{1,64}", text):
        raise row.wrong(name)
    return text


def changed_on(row: Row) -> date:
    """The day of the last change in Brasília; a moment that ends in Z is in UTC."""
    return row.day("data_alteracao")


def listed(row: Row, side: Side) -> Listed:
    """Read one row of a list."""
    role = "cliente" if side is Side.RECEIVABLE else "fornecedor"
    party = None if row.value(role) is None else row.row(role)
    return Listed(
        side=side,
        id=ident(row),
        accrued=row.day("data_competencia"),
        changed=changed_on(row) if row.has("data_alteracao") else None,
        open=row.money("nao_pago") != 0,
        plain=STATES.get(_status(row)) not in (None, State.LOST),
        party=party.text("id", "") if party else "",
        name=party.text("nome", "") if party else "",
    )


def instalment(row: Row, of: Listed) -> Instalment:
    """
    Read the detail of an instalment.

    Raises:
        FieldUnreadable: amounts do not add up, or it is another instalment or event.
        ValueUnknown: its status or its kind is one that nobody documents.
    """
    event, worth = row.row("evento"), row.row("valor_composicao")
    if row.text("id") != of.id:
        raise row.wrong("id")
    if event.text("tipo") != TYPES[of.side]:
        raise ValueUnknown(row.source, row.operation, "evento.tipo", event.text("tipo"))
    accrued = event.day("data_competencia")
    if accrued != of.accrued:
        raise event.wrong("data_competencia")
    amount = worth.money("valor_bruto")
    split = tuple(_part(each) for each in event.rows("rateio"))
    if amount < 0 or any(part.amount < 0 for part in split):
        raise row.wrong("valor_bruto")
    title = Title(
        side=of.side,
        id=of.id,
        document=event.code("codigo_referencia", ""),
        tax_id="",
        name=of.name,
        accrued=accrued,
        due=row.day_or_none("data_vencimento"),
        amount=amount,
        parts=(),
        settlements=(*(_settlement(b, of.side) for b in row.rows("baixas")), *_losses(row)),
    )
    index = row.whole("indice", 0)
    state = state_of(row, "status")
    if state is State.LOST and not row.has("perda"):
        raise row.wrong("perda")
    return Instalment(of, row, event.text("id"), index, state, amount, split, title)


def _part(row: Row) -> Part:
    """One category of a split, gross; a split that names no category goes to suspense."""
    return Part(row.text("id_categoria", ""), row.money("valor_bruto", row.money("valor", 0)))


def _settlement(row: Row, side: Side) -> Settlement:
    """
    One receipt or payment; what moved in the bank is `valor_liquido`.

    Raises:
        FieldUnreadable: gross + interest + fine - discount - fee is not the net.
    """
    worth = row.row("valor_composicao")
    gross, net = worth.money("valor_bruto"), worth.money("valor_liquido")
    interest, fine = worth.money("juros"), worth.money("multa")
    discount, fee = worth.money("desconto"), worth.money("taxa")
    before = gross + interest + fine - discount
    if side is Side.PAYABLE and net in (before + fee, before - fee):
        # Nobody documents which way a fee goes out of a payment: the net amount says it.
        fee = net - before
    elif before - fee != net:
        raise worth.wrong("valor_liquido")
    return Settlement(
        id=row.text("id"),
        on=row.day("data_pagamento"),
        bank=row.row("conta_financeira").text("id"),
        principal=gross,
        interest=interest,
        fine=fine,
        discount=discount,
        fee=fee,
    )


def _losses(row: Row) -> Iterator[Settlement]:
    """What was written off."""
    if row.value("perda") is None:
        return
    lost = row.row("perda")
    yield Settlement(
        id=f"{row.text('id')}/perda",
        on=lost.day("data"),
        bank="",
        principal=lost.money("valor"),
        loss=True,
    )


def spread(amounts: Sequence[int], parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """
    Spread an event's split over its instalments, in proportion and to the cent.

    Args:
        amounts: Of the instalments, minor units, in their order; no more than the split.
        parts: The split of the whole event, minor units.

    Returns:
        For each instalment its parts, which add up to it. When all instalments are there,
        those of each category add up to the split.
    """
    left = [part.amount for part in parts]
    spreads = []
    for amount in amounts:
        total = sum(left)
        shares = [each * amount // total if total else 0 for each in left]
        # A cent that is over goes where the most was cut off, so no part exceeds what is left.
        cut = [-(each * amount % total) if total else 0 for each in left]
        for i in sorted(range(len(left)), key=cut.__getitem__)[: amount - sum(shares)]:
            shares[i] += 1
        left = [each - share for each, share in zip(left, shares, strict=True)]
        spreads.append(
            tuple(Part(p.category, share) for p, share in zip(parts, shares, strict=True) if share)
        )
    return spreads


def by_event(found: Iterable[Instalment]) -> dict[str, list[Instalment]]:
    """Instalments by event, in their order."""
    events: dict[str, list[Instalment]] = defaultdict(list)
    for each in found:
        events[each.event].append(each)
    for instalments in events.values():
        instalments.sort(key=lambda each: (each.index, each.listed.id))
    return dict(events)


def is_whole(instalments: Sequence[Instalment]) -> bool:
    """Whether these are all instalments of their event: they add up to its split."""
    return sum(each.amount for each in instalments) == _total(instalments[0])


def _total(one: Instalment) -> int:
    """The split of an event in all, minor units."""
    return sum(part.amount for part in one.split)


def parted(instalments: Sequence[Instalment], *, whole: bool) -> list[Title]:
    """
    The titles of one event, each with its part of the split.

    Args:
        instalments: Those that are known of the event.
        whole: Whether the event counts in this month, so all of them have to be known.

    Raises:
        FieldUnreadable: split and instalments do not add up.
    """
    if all(each.amount == _total(each) for each in instalments):
        return [replace(each.title, parts=each.split) for each in instalments]
    first = instalments[0]
    if any(each.split != first.split for each in instalments):
        raise first.row.row("evento").wrong("rateio")
    living = [each for each in instalments if each.state is not State.CANCELLED]
    if living and not is_whole(instalments) and is_whole(living):
        # The split was changed with the cancellation; what went had the same proportions.
        gone = [each for each in instalments if each.state is State.CANCELLED]
        return [
            *_with_parts(living),
            *(title for each in gone for title in _with_parts([each])),
        ]
    known, total = sum(each.amount for each in instalments), _total(first)
    if known > total or (whole and known != total):
        raise first.row.row("evento").wrong("rateio")
    return _with_parts(instalments)


def _with_parts(instalments: Sequence[Instalment]) -> list[Title]:
    """Titles with their part of the event's split."""
    amounts = [each.amount for each in instalments]
    if sum(amounts) > _total(instalments[0]):
        raise instalments[0].row.row("evento").wrong("rateio")
    spreads = spread(amounts, instalments[0].split)
    return [
        replace(each.title, parts=parts) for each, parts in zip(instalments, spreads, strict=True)
    ]


def counted(title: Title, of: Instalment, *, reverse: bool) -> Iterator[Title]:
    """
    What of a title counts: all, or what was settled before the rest was taken back.

    A renegotiated instalment is replaced by others, and the replacement counts: the rest of
    the old one is as if it had never been, or, with *reverse*, is taken back on the day of
    the last change to it. A cancelled one is taken back that day.
    """
    if of.state not in (State.CANCELLED, State.REPLACED):
        yield title
        return
    settled = sum(each.principal for each in title.settlements)
    if settled > title.amount:
        raise of.row.wrong("baixas")
    kept, rest = spread([settled, title.amount - settled], title.parts)
    if settled:
        yield replace(title, amount=settled, parts=kept)
    if title.amount > settled and (reverse or of.state is State.CANCELLED):
        number = f"{title.id}/rest" if settled else title.id
        day = max(changed_on(of.row), title.accrued)
        yield replace(
            title,
            id=number,
            amount=title.amount - settled,
            parts=rest,
            cancelled=day,
            settlements=(),
        )


def unpaid_ties(found: Iterable[Instalment]) -> Iterator[TieOut]:
    """
    Hold what is open as of now against what the source says is unpaid, where they differ.

    Only where no interest, fine or discount is announced: nobody documents whether the
    unpaid amount has them in it.
    """
    for each in found:
        if each.state not in (State.OPEN, State.SETTLED) or not each.row.has("nao_pago"):
            continue
        worth = each.row.row("valor_composicao")
        if worth.money("valor_liquido") != each.amount:
            continue
        told = each.row.money("nao_pago")
        open_now = each.amount - sum(paid.principal for paid in each.title.settlements)
        if told != open_now:
            yield TieOut("unpaid", each.listed.id, told, open_now)
