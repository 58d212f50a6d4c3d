"""
A book as a version of its month: `2025-06@2`.

Figures are kept as columns: an entity's balance and its translation, the group's layers,
the lines of each entry. A consolidated balance is a row an account, to be asked for. All
of it goes in at once; a version is never changed, only superseded by the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from monthclose.ledger.adjustments import standing
from monthclose.ledger.balances import RawBalance, TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.digest import digest
from monthclose.ledger.journal import GROUP_LAYERS, Entry, LayerName
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote
from monthclose.ledger.runs import CloseInputs
from monthclose.ledger.translations import Translation
from monthclose.store.arrays import insert_rows
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.lookup import Directory, hundredths, month
from monthclose.store.nouns import to_json
from monthclose.store.pins import chart_pin, keep_records
from monthclose.store.tables import (
    close_versions,
    consolidated_balances,
    entity_layers,
    group_layers,
    journal_entries,
    journal_entry_columns,
    version_pins,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The version that holds a book's figures, and whether it was made for it."""

    id: UUID
    number: int
    fresh: bool


def keep(session: Session, tenant: UUID, run: UUID, book: Book, inputs: CloseInputs) -> Kept:
    """
    Store a book as the current version of its month, unless its figures are that already.

    The same figures under another chart are another version: what its accounts are called,
    and of which class they are, is what the statements say. So are those that claim to be of
    another framework.

    Raises:
        PeriodClosed: the month is locked.
    """
    period = month(book.period)
    current = fetch(
        session,
        "select v.id, v.number, v.result_hash, p.pins -> 'records' ->> 'chart',"
        "       g.content ->> 'framework'"
        "  from close_versions as v"
        "  join version_pins as p on p.tenant_id = v.tenant_id and p.version_id = v.id"
        "  left join version_records as g on g.tenant_id = v.tenant_id"
        "   and g.content_hash = decode(p.pins -> 'records' ->> 'group', 'hex')"
        " where v.tenant_id = %(t)s and v.period = %(p)s and v.status = 'current'",
        t=tenant,
        p=period,
    )
    made = (book.digest, chart_pin(inputs.group.chart), inputs.group.framework)
    if current and (bytes(current[0][2]).hex(), *current[0][3:]) == made:
        return Kept(current[0][0], current[0][1], fresh=False)
    version = _BookKeeper(session, tenant, book, inputs).keep(
        run, current[0][0] if current else None
    )
    return Kept(*version, fresh=True)


class _BookKeeper:
    """Writes one book."""

    def __init__(self, session: Session, tenant: UUID, book: Book, inputs: CloseInputs) -> None:
        self.session, self.tenant, self.book, self.inputs = session, tenant, book, inputs
        self.period: date = month(book.period)
        self.directory = Directory.read(session, tenant)
        self.version = uuid4()
        # Numbers of the chart's accounts, by their place in it.
        self.numbers = self.directory.account_numbers(book.chart.codes)

    def keep(self, run: UUID, current: UUID | None) -> tuple[UUID, int]:
        """Write the version, and everything it consists of."""
        number = self._version(run, current)
        batches = self._batches()
        self._pins(batches)
        self._entities(batches)
        self._layers()
        self._balances()
        self._entries()
        return self.version, number

    def _version(self, run: UUID, current: UUID | None) -> int:
        if current is not None:
            self.session.execute(
                close_versions.update()
                .where(close_versions.c.id == current)
                .values(status="superseded")
            )
        number: int = (
            self.session.scalar(
                text(
                    "insert into close_versions (id, tenant_id, period, number, run_id,"
                    " presentation_currency, input_hash, rules_hash, result_hash)"
                    " select :v, :t, :p, coalesce(max(v.number), 0) + 1, :r, :c, r.input_hash,"
                    "        sha256(convert_to(r.code_version, 'UTF8')), :h"
                    "   from runs as r left join close_versions as v"
                    "     on v.tenant_id = r.tenant_id and v.period = :p"
                    "  where r.tenant_id = :t and r.id = :r"
                    "  group by r.input_hash, r.code_version returning number"
                ),
                {
                    "v": self.version,
                    "t": self.tenant,
                    "p": self.period,
                    "r": run,
                    "c": self.book.presentation,
                    "h": bytes.fromhex(self.book.digest),
                },
            )
            or 0
        )
        return number

    def _batches(self) -> dict[UUID, str]:
        """The batch of each company's balance of the month: the one that was read."""
        numbers = {
            self.directory.companies[raw.entity].id: raw.number
            for raw in self.inputs.balances
            if raw.period == self.book.period
        }
        rows = fetch(
            self.session,
            "select entity_id, id::text from etl_batches"
            " where tenant_id = %(t)s and kind = 'trial_balance' and period = %(p)s"
            "   and (entity_id, number) in (select * from unnest(%(c)s::uuid[], %(n)s::integer[]))",
            t=self.tenant,
            p=self.period,
            c=list(numbers),
            n=list(numbers.values()),
        )
        return dict(rows)

    def _pins(self, batches: Mapping[UUID, str]) -> None:
        """What the version was made with, and what it leaves for the next month."""
        book = self.book
        quotes = {
            translation.functional: [to_json(rates.opening), to_json(rates.average), closing]
            for translation in book.translations
            if (rates := book.facts.rates.get(translation.entity))
            and (closing := to_json(rates.closing))
        }
        pins = {
            "batches": {self.directory.codes[key]: batch for key, batch in batches.items()},
            "mappings": {code: each.version for code, each in book.group.mappings.items()},
            "interests": to_json(book.facts.interests),
            "quotes": quotes,
            "left": to_json(book.left()),
            **keep_records(self.session, self.tenant, self.inputs),
        }
        self.session.execute(
            version_pins.insert().values(tenant_id=self.tenant, version_id=self.version, pins=pins)
        )

    def _entities(self, batches: Mapping[UUID, str]) -> None:
        """What each company reported, in the standard chart, and its translation."""
        book = self.book
        rows = []
        for raw, balance, translation in zip(
            book.raw, book.balances, book.translations, strict=True
        ):
            company = self.directory.companies[balance.entity].id
            batch = batches.get(company, "")
            rows.append(self._reported(company, raw, balance, batch))
            rows += self._policy(company, balance)
            rows.append(self._translated(company, translation))
        insert_rows(self.session, entity_layers, rows)

    def _reported(
        self, company: UUID, raw: RawBalance, balance: TrialBalance, batch: str
    ) -> dict[str, Any]:
        lineage: dict[str, Any] = {"batch": batch}
        if raw.source:
            lineage |= {"source": raw.source.name, "sha256": raw.source.sha256}
        if mapping := self.book.group.mappings.get(balance.entity):
            lineage["mapping"] = mapping.version
        accounts = self._places(balance.accounts, balance.entity)
        return {
            **self._layer(company, "reported", balance.currency, lineage),
            **self._columns(accounts, balance.partners, balance.amounts),
            "quotes_e10": np.zeros(0, dtype=np.int64),
        }

    def _policy(self, company: UUID, balance: TrialBalance) -> list[dict[str, Any]]:
        """The policy entries that stand beside a balance, added up by account."""
        group, sums = self.book.group, dict[str, int]()
        entries = group.adjustments_of.get((balance.entity, LayerName.POLICY), ())
        if not entries:
            return []
        named: set[str] = set()
        calendar = (Period.parse(balance.period), group.fiscal_year, group.chart)
        for each, account, amount in standing(entries, *calendar):
            sums[account] = sums.get(account, 0) + amount
            named.add(f"{each.period} {each.id}")
        if not any(sums.values()):
            return []
        columns = (self._places(tuple(sums), balance.entity), (), np.array([*sums.values()]))
        lineage = {"entries": sorted(named)}
        layer = self._layer(company, "policy", balance.currency, lineage)
        return [{**layer, **self._columns(*columns), "quotes_e10": np.zeros(0, dtype=np.int64)}]

    def _translated(self, company: UUID, translation: Translation) -> dict[str, Any]:
        """The translation with its CTA as one more line: it sums to zero."""
        book = self.book
        accounts = self._places(translation.accounts, translation.entity)
        partners, amounts = translation.partners, translation.amounts
        if translation.foreign or translation.cta.closing:
            cta = self.directory.accounts[book.chart.roles.cta]
            accounts = np.append(accounts, np.int32(cta))
            amounts = np.append(amounts, np.int64(-translation.cta.closing))
            partners = (*partners, "") if partners else ()
        rates = book.facts.rates.get(translation.entity)
        quotes = [rates.opening, rates.average, rates.closing] if rates else []
        return {
            **self._layer(company, "translation", translation.presentation, {"from": "reported"}),
            **self._columns(accounts, partners, amounts),
            "quotes_e10": np.array([_e10(quote) for quote in quotes], dtype=np.int64),
        }

    def _layer(
        self, company: UUID, layer: str, currency: str, lineage: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "entity_id": company,
            "version_id": self.version,
            "layer": layer,
            "tenant_id": self.tenant,
            "period": self.period,
            "currency": currency,
            "lineage": Jsonb(lineage),
        }

    def _columns(
        self, accounts: NDArray[np.int32], partners: Sequence[str], amounts: NDArray[np.int64]
    ) -> dict[str, Any]:
        facing = (
            self.directory.partner_numbers(partners)
            if partners
            else np.zeros(len(accounts), dtype=np.int32)
        )
        return {
            "account_numbers": accounts,
            "partner_numbers": facing,
            "net": amounts,
            "content_hash": bytes.fromhex(digest(accounts, facing, amounts)),
        }

    def _places(self, accounts: tuple[str, ...], where: str) -> NDArray[np.int32]:
        """(n,) numbers of accounts of the chart; where they stand is known already."""
        found: NDArray[np.int32] = self.numbers[self.book.chart.slots(accounts, where).chart]
        return found

    def _layers(self) -> None:
        """The group's layers and their total, without accounts that are nil."""
        columns = {
            layer.value: self.book.layers[:, place] for place, layer in enumerate(GROUP_LAYERS)
        }
        columns["total"] = self.book.consolidated
        rows = []
        for layer, amounts in columns.items():
            there = np.flatnonzero(amounts)
            numbers, net = self.numbers[there], amounts[there]
            if len(there) or layer == "total":
                rows.append(
                    {
                        "tenant_id": self.tenant,
                        "version_id": self.version,
                        "layer": layer,
                        "period": self.period,
                        "account_numbers": numbers,
                        "net": net,
                        "content_hash": bytes.fromhex(digest(numbers, net)),
                    }
                )
        insert_rows(self.session, group_layers, rows)

    def _balances(self) -> None:
        """A row an account that any layer moves."""
        layers = self.book.layers
        there = np.flatnonzero(layers.any(axis=1))
        if not len(there):
            return
        stored = hundredths(layers[there], self.book.presentation)
        names = [layer.value for layer in GROUP_LAYERS]
        insert_columns(
            self.session,
            consolidated_balances,
            {
                "tenant_id": self.tenant,
                "version_id": self.version,
                "period": self.period,
                "standard_number": self.numbers[there],
                "amount": stored.sum(axis=1),
                **{name: np.ascontiguousarray(stored[:, at]) for at, name in enumerate(names)},
            },
        )

    def _entries(self) -> None:
        """Entries of the group, each with its reason and its lines as columns."""
        entries = self.book.entries
        if not entries:
            return
        ids = [uuid4() for _ in entries]
        lines = [self._lines(entry) for entry in entries]
        insert_columns(
            self.session,
            journal_entries,
            {
                "tenant_id": self.tenant,
                "version_id": self.version,
                "period": self.period,
                "origin": "computed",
                "id": ids,
                "layer": [entry.layer.value for entry in entries],
                "code": [entry.id for entry in entries],
                "reason": [entry.reason for entry in entries],
                "currency": [entry.currency for entry in entries],
                "lineage": [Jsonb(_lineage(entry)) for entry in entries],
                "content_hash": [bytes.fromhex(digest(*each)) for each in lines],
            },
        )
        insert_rows(
            self.session,
            journal_entry_columns,
            [
                {
                    "entry_id": key,
                    "tenant_id": self.tenant,
                    "entity_numbers": companies,
                    "account_numbers": accounts,
                    "net": net,
                }
                for key, (companies, accounts, net) in zip(ids, lines, strict=True)
            ],
        )

    def _lines(
        self, entry: Entry
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        return (
            self.directory.partner_numbers(line.entity for line in entry.lines),
            self.directory.account_numbers(line.account for line in entry.lines),
            np.array([line.amount for line in entry.lines], dtype=np.int64),
        )


def _lineage(entry: Entry) -> dict[str, str]:
    """What an entry is about, and the record it came from."""
    return {
        "kind": entry.kind,
        "standard": entry.standard,
        "entity": entry.entity,
        "reference": entry.reference,
    }


def _e10(quote: Quote | None) -> int:
    return quote.value_e10 if quote else 0
