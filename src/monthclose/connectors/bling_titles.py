"""
Bling's titles: which records a month needs, what settled them, when they were cancelled.

A month needs the titles issued since a year before the opening balances, and those paid
since it began; each has a record of its own. See `details` for what is left out.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from monthclose.connectors.answers import read_json
from monthclose.connectors.bling_calls import SOURCE, Calls, every
from monthclose.connectors.bling_money import (
    Batch,
    CashEntry,
    Claim,
    batch_of,
    cash_ties,
    category_of,
    settled,
    settled_in_cash,
)
from monthclose.connectors.bling_wire import CONTACT_FIELDS, SIDES, Kind, Settings, slices
from monthclose.connectors.details import Details, ended_between
from monthclose.connectors.errors import ValueUnknown, WindowIgnored
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.transport import Transport
from monthclose.ledger.details import Detail
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side, TieOut
from monthclose.ledger.titles import Part, Settlement, Title

PAID, RETURNED, CANCELLED = 2, 4, 5
SITUATIONS = range(1, 8)
CONTACTS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Around:
    """
    What reading titles takes from the connector.

    Attributes:
        settings: What differs from customer to customer.
        account: What Bling counts by.
        since: Month of the opening balances, or None: not said.
        transport: The way to Bling.
        details: Records kept from earlier readings.
        today: The day in Brasília, where Bling's days are.
        removed: Counts characters taken out of texts.
        cash: The cash entries of a month, without their records.
        say: Notes what a person has to be told.
    """

    settings: Settings
    account: str
    since: Period | None
    transport: Transport
    details: Details
    today: date
    removed: Removed
    cash: Callable[[Period], Awaitable[list[CashEntry]]]
    say: Callable[..., None]


class Titles:
    """Titles of both sides of one company."""

    def __init__(self, around: Around) -> None:
        """Take what is needed; nothing is asked yet."""
        self._ = around
        self._calls = Calls(around.transport, around.removed)

    async def read(
        self, month: Period, cash: Sequence[CashEntry]
    ) -> tuple[tuple[Title, ...], list[TieOut]]:
        """
        Titles of both sides with what settled them, and what they were held against.

        What was done before the month began is left out: it moves nothing and nothing of
        it is open.
        """
        touched = frozenset(each.of for each in cash if each.origin == "duplicata")
        rows: dict[str, tuple[Kind, Row]] = {}
        ended: dict[str, date | None] = {}
        for kind in SIDES:
            found = await self._records(kind, month, touched)
            for number, (row, day) in found.items():
                rows[number], ended[number] = (kind, row), day
        claims = {number: _claim(kind, row) for number, (kind, row) in rows.items()}
        paid = await self._paid(rows, claims, ended)
        parties = await self._parties(rows.values())
        titles = [
            _title(kind, row, parties, ended[number], paid.get(number, ()))
            for number, (kind, row) in rows.items()
        ]
        await self._note_done(titles, rows, ended)
        ties = [
            TieOut("title", f"TITLE:{each.id}", claims[each.id].open, left)
            for each in titles
            if each.cancelled is None and (left := each.open_at(date.max)) != claims[each.id].open
        ]
        ties += cash_ties(cash, titles, frozenset(rows))
        return tuple(each for each in titles if _moved_by(each, month.last_day)), ties

    async def _records(
        self, kind: Kind, month: Period, touched: frozenset[str]
    ) -> dict[str, tuple[Row, date | None]]:
        """The records of one side that the month needs, and the day each was cancelled."""
        start = min(self._.since or month, month).plus(-self._.settings.look_back)
        first = start.first_day
        listed = await self._listed(kind, "issued", first)
        paid = await self._listed(kind, "paid", month.first_day)
        kept = await self._.details.all(self._.account, kind.path)
        jobs = []
        for number, row in {**listed, **paid}.items():
            known = kept.get(number)
            moved = number in paid or number in touched
            if known and known.row == row and known.done_before(month.first_day) and not moved:
                await self._keep(kind, number, _seen_again(known, self._.today))
                continue
            jobs.append(self._read(kind, number, row, known))
        # What was there and is on no list any more has been deleted, or dated otherwise.
        for number, known in kept.items():
            if number in listed or number in paid or known.issued < first:
                continue
            if not known.done_before(month.first_day):
                jobs.append(self._read(kind, number, known.row, known))
        return {number: (row, day) for number, row, day in await every(jobs)}

    async def _listed(self, kind: Kind, window: str, since: date) -> dict[str, str]:
        """Ids on the list of one side since a day, each with a hash of its row."""
        found = {}
        for first, last in slices(since, max(self._.today, since)):
            async for row in self._calls.pages(kind.path, kind.window(window, first, last)):
                if window == "issued" and kind.side is Side.RECEIVABLE:
                    on = row.day("dataEmissao")
                    if not first <= on <= last:
                        raise WindowIgnored(SOURCE, kind.path, first, last, on)
                told = json.dumps(row.fields, sort_keys=True, default=str)
                found[row.code("id")] = hashlib.sha256(told.encode()).hexdigest()
        return found

    async def _read(
        self, kind: Kind, number: str, listed: str, known: Detail | None
    ) -> tuple[str, Row, date | None]:
        """One title's record, which is kept, and the day it counts as cancelled."""
        answer = await self._calls.answer(f"{kind.path}/{{id}}", number=number)
        today = self._.today
        if self._.transport.is_empty(answer):  # deleted
            if known is None:
                raise self._calls.row(answer).wrong("data")
            document, gone = known.document, True
            self._.transport.documents.append(document)
        else:
            document, gone = self._.transport.document(answer), False
        told = read_json(document.content)
        row = Row(told, SOURCE, kind.path, self._.removed).row("data")  # type: ignore[arg-type]
        situation = row.whole("situacao")
        if situation not in SITUATIONS:
            raise ValueUnknown(SOURCE, kind.path, "situacao", str(situation))
        returned = situation == RETURNED and self._.settings.returned_ends
        ends = gone or returned or situation == CANCELLED
        day = self._ended(number, row, known, today) if ends else None
        alive = known.alive if ends and known else None if ends else today
        detail = Detail(listed, document, row.day("dataEmissao"), alive, day, day)
        await self._keep(kind, number, detail)
        return number, row, day

    def _ended(self, number: str, row: Row, known: Detail | None, today: date) -> date:
        """
        The day a title counts as cancelled.

        A setting may say it. Otherwise it is told by comparison with the last reading; a
        title that was never seen alive counts as never recognised, and a note says so.
        """
        if said := self._.settings.cancelled.get(number):
            return said
        if known and known.ended:
            self._.say("cancelled-on", title=number, day=known.ended.isoformat())
            return known.ended
        if known and known.alive:
            day = ended_between(known.alive, today, as_seen=self._.settings.as_seen)
            facts = {"title": number, "from": known.alive.isoformat(), "to": today.isoformat()}
            self._.say("cancelled-between", day=day.isoformat(), **facts)
            return max(day, _accrued(row))
        self._.say("cancelled-unseen", title=number)
        return _accrued(row)

    async def _keep(self, kind: Kind, number: str, detail: Detail) -> None:
        """Keep a record for the next reading."""
        await self._.details.put(self._.account, kind.path, number, detail)

    async def _note_done(
        self,
        titles: Iterable[Title],
        rows: Mapping[str, tuple[Kind, Row]],
        ended: Mapping[str, date | None],
    ) -> None:
        """Note of every title that is done on which day that was."""
        kept = {kind.path: await self._.details.all(self._.account, kind.path) for kind in SIDES}
        for title in titles:
            kind, row = rows[title.id]
            if row.whole("situacao") != PAID or ended[title.id] or title.open_at(date.max):
                continue
            known = kept[kind.path][title.id]
            days = [title.accrued, *(each.on for each in title.settlements)]
            await self._keep(kind, title.id, replace(known, done=max(days)))

    async def _paid(
        self,
        rows: Mapping[str, tuple[Kind, Row]],
        claims: Mapping[str, Claim],
        ended: Mapping[str, date | None],
    ) -> dict[str, list[Settlement]]:
        """
        What settled each title: by its batches, else by the cash entries of the title.

        Money that moved for a title cancelled since stays posted, and is owed back; the batches
        of a title that was deleted are gone with it.
        """
        there = [
            each
            for number, each in claims.items()
            if ended[number] is None or rows[number][1].whole("situacao") in (RETURNED, CANCELLED)
        ]
        alive = [each for each in there if ended[each.id] is None]
        wanted = sorted({number for each in there for number in each.batches})
        batches = await every(self._batch(number) for number in wanted)
        by_id = {each.id: each for each in batches}
        found = settled(there, by_id, net=self._.settings.paid_net)
        short = [
            each
            for each in alive
            if each.amount - each.open > sum(paid.principal for paid in found[each.id])
        ]
        if short:
            entries = await self._cash_since(min(each.since for each in short))
            for each in short:
                own = [entry for entry in entries if entry.of == each.id]
                found[each.id] += settled_in_cash(each, found[each.id], own)
        return found

    async def _cash_since(self, day: date) -> list[CashEntry]:
        """Cash entries since a day that come from titles themselves."""
        found: list[CashEntry] = []
        month, last = Period.of(day), Period.of(max(self._.today, day))
        while month <= last:
            found += await self._.cash(month)
            month = month.plus(1)
        return [each for each in found if each.origin == "duplicata"]

    async def _batch(self, number: str) -> Batch:
        """One batch of settlements."""
        batch = batch_of(await self._calls.record("borderos/{id}", number=number))
        if batch.id != number:
            raise ValueUnknown(SOURCE, "borderos/{id}", "id", batch.id)
        return batch

    async def _parties(self, rows: Iterable[tuple[Kind, Row]]) -> dict[str, tuple[str, str]]:
        """Tax id and name of contacts, by id, for the side whose titles do not say them."""
        wanted = sorted(
            {row.row("contato").code("id") for kind, row in rows if kind.side is Side.PAYABLE}
        )
        found = {}
        for start in range(0, len(wanted), CONTACTS_AT_ONCE):
            some = wanted[start : start + CONTACTS_AT_ONCE]
            asked = (("criterio", "1"), *(("idsContatos[]", each) for each in some))
            async for row in self._calls.pages("contatos", asked, keep=CONTACT_FIELDS):
                found[row.code("id")] = (row.tax_id("numeroDocumento"), row.text("nome"))
        return found


def _moved_by(title: Title, day: date) -> bool:
    """Whether a title was recognised, or paid in advance, until the end of a day."""
    return title.accrued <= day or any(each.on <= day for each in title.settlements)


def _seen_again(known: Detail, today: date) -> Detail:
    """What was done before and is still as it was."""
    return known if known.ended else replace(known, alive=today)


def _claim(kind: Kind, row: Row) -> Claim:
    """What a title says of its settlements."""
    batches = row.value("borderos")
    if not isinstance(batches, list) or not all(isinstance(each, int) for each in batches):
        raise row.wrong("borderos")
    return Claim(
        id=row.code("id"),
        side=kind.side,
        contact=row.row("contato").code("id"),
        document=row.text("numeroDocumento", ""),
        amount=row.money("valor"),
        open=row.money("saldo"),
        since=min(_accrued(row), row.day("dataEmissao")),
        batches=tuple(map(str, batches)),
    )


def _accrued(row: Row) -> date:
    """The day that decides the month; where nobody said it, the day of issue."""
    row.value("competencia")
    empty = row.text("competencia").strip() in ("", "0000-00-00")
    return row.day("dataEmissao") if empty else row.day("competencia")


def _title(
    kind: Kind,
    row: Row,
    parties: Mapping[str, tuple[str, str]],
    ended: date | None,
    paid: Sequence[Settlement],
) -> Title:
    """One title, under its one category."""
    contact, amount = row.row("contato"), row.money("valor")
    number = contact.code("id")
    tax_id, name = parties.get(number, ("", number))
    if kind.side is Side.RECEIVABLE:
        tax_id, name = contact.tax_id("numeroDocumento"), contact.text("nome")
    return Title(
        side=kind.side,
        id=row.code("id"),
        document=row.text("numeroDocumento", ""),
        tax_id=tax_id,
        name=name,
        accrued=_accrued(row),
        due=row.day_or_none("vencimento"),
        amount=amount,
        parts=(Part(category_of(row), amount),),
        cancelled=ended,
        settlements=tuple(paid),
    )
