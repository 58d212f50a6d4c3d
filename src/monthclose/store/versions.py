"""A version of a month read back: its figures, and the inputs that made it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.book import LastClose
from monthclose.ledger.errors import CloseError
from monthclose.ledger.periods import Period
from monthclose.ledger.runs import CloseInputs, VersionRecord
from monthclose.store.bulk import fetch
from monthclose.store.intake_contracts import read_contracts
from monthclose.store.lookup import Directory, month, period_of
from monthclose.store.nouns import from_json
from monthclose.store.pins import contracts_of, group_of, kept_records, numbers_of
from monthclose.store.records import Reading
from monthclose.store.session import acting


class VersionUnknown(CloseError):
    """A month that was never closed, or not so often."""

    code = "version-unknown"

    def __init__(self, wanted: str, versions: tuple[str, ...]) -> None:
        super().__init__(wanted=wanted, versions=versions or ("–",))


@dataclass(frozen=True, slots=True)
class StoredVersions:
    """
    The versions of a portfolio, as one person reads them.

    Attributes:
        engine: Of the application's role.
        user: Who reads; who does not see the group whole gets no part of it.
        tenant: The portfolio.
    """

    engine: Engine
    user: UUID
    tenant: UUID

    def version(self, period: str, number: int | None = None) -> VersionRecord:
        """
        Read a version back.

        Args:
            period: The month.
            number: Its number; None: the current one.

        Raises:
            VersionUnknown: there is none of that number; the message says which there are.
            NotGranted: the person does not see the portfolio whole.
        """
        Period.parse(period)
        with acting(self.engine, self.user) as session:
            reading = Reading(session, self.tenant)
            row = self._find(session, period, number)
            key, found, entered, made, code, pins = row
            kept = kept_records(session, self.tenant, pins)
            group = group_of(kept, reading.mappings(pins["mappings"]))
            contracts = read_contracts(session, self.tenant, period, contracts_of(kept))
            group = replace(group, subscriptions=contracts)
            chosen = numbers_of(kept)
            balances = reading.balances(period, chosen, group.entities)
            rows = self._rows(session, period, chosen)
            return VersionRecord(
                period=period,
                number=found,
                input_hash=bytes(entered).hex(),
                result_hash=bytes(made).hex(),
                code=code,
                inputs=CloseInputs(
                    group,
                    tuple(_with_rows(raw, rows) for raw in balances),
                    self._last(session, pins["after"]),
                    (pins["after"][0], pins["after"][1]) if pins["after"] else None,
                ),
                figures=self._figures(session, key),
            )

    def _find(self, session: Session, period: str, number: int | None) -> tuple[Any, ...]:
        """The version itself, with its pins."""
        found = fetch(
            session,
            "select v.id, v.number, v.input_hash, v.result_hash, r.code_version, p.pins"
            "  from close_versions as v"
            "  join runs as r on r.tenant_id = v.tenant_id and r.id = v.run_id"
            "  join version_pins as p on p.tenant_id = v.tenant_id and p.version_id = v.id"
            " where v.tenant_id = %(t)s and v.period = %(p)s"
            "   and (v.number = %(n)s::integer"
            "        or (%(n)s::integer is null and v.status = 'current'))",
            t=self.tenant,
            p=month(period),
            n=number,
        )
        if found:
            return found[0]
        there = fetch(
            session,
            "select period, number from close_versions where tenant_id = %(t)s"
            " order by period, number",
            t=self.tenant,
        )
        labels = tuple(f"{period_of(day)}@{each}" for day, each in there)
        raise VersionUnknown(period if number is None else f"{period}@{number}", labels)

    def _rows(
        self, session: Session, period: str, chosen: Mapping[str, Mapping[str, int]]
    ) -> dict[tuple[str, str], Any]:
        """(n,) the row of its document that each line stands in, by company and month."""
        codes = Directory.read(session, self.tenant).companies
        batches = [
            (codes[code].id, month(when), number)
            for when, companies in chosen.items()
            for code, number in companies.items()
        ]
        companies, days, numbers = (
            map(list, zip(*batches, strict=True)) if batches else ([], [], [])
        )
        found = fetch(
            session,
            "select e.code, b.period, array_agg(l.source_row order by l.line)"
            "  from unnest(%(c)s::uuid[], %(d)s::date[], %(n)s::integer[]) as k (entity, day, at)"
            "  join etl_batches as b on b.entity_id = k.entity and b.period = k.day"
            "   and b.kind = 'trial_balance' and b.number = k.at"
            "  join portfolio_entities as e on e.tenant_id = b.tenant_id and e.id = b.entity_id"
            "  join trial_balances as l on l.entity_id = b.entity_id and l.period = b.period"
            "   and l.batch_id = b.id and l.period <= %(p)s"
            " where b.tenant_id = %(t)s and l.source_row is not null"
            " group by e.code, b.period",
            t=self.tenant,
            p=month(period),
            c=companies,
            d=days,
            n=numbers,
        )
        return {(code, period_of(day)): rows for code, day, rows in found}

    def _last(self, session: Session, after: list[Any] | None) -> LastClose | None:
        """What the version that the month came after left."""
        if after is None:
            return None
        rows = fetch(
            session,
            "select p.pins -> 'left' from close_versions as v"
            "  join version_pins as p on p.tenant_id = v.tenant_id and p.version_id = v.id"
            " where v.tenant_id = %(t)s and v.period = %(p)s and v.number = %(n)s",
            t=self.tenant,
            p=month(after[0]),
            n=after[1],
        )
        return from_json(LastClose, rows[0][0]) if rows and rows[0][0] else None

    def _figures(self, session: Session, version: UUID) -> dict[tuple[str, str], int]:
        """What a version holds of each company and account: translations and entries."""
        directory = Directory.read(session, self.tenant)
        codes, companies = directory.account_codes, directory.partner_codes
        sums: dict[tuple[str, str], int] = {}
        for company, numbers, net in fetch(
            session,
            "select entity_id, account_numbers, net from entity_layers"
            " where tenant_id = %(t)s and version_id = %(v)s and layer = 'translation'",
            t=self.tenant,
            v=version,
        ):
            code = directory.codes[company]
            for number, amount in zip(numbers.tolist(), net.tolist(), strict=True):
                sums[code, codes[number]] = sums.get((code, codes[number]), 0) + amount
        for whose, numbers, net in fetch(
            session,
            "select c.entity_numbers, c.account_numbers, c.net from journal_entries as j"
            "  join journal_entry_columns as c on c.entry_id = j.id"
            " where j.tenant_id = %(t)s and j.version_id = %(v)s",
            t=self.tenant,
            v=version,
        ):
            for owner, number, amount in zip(
                whose.tolist(), numbers.tolist(), net.tolist(), strict=True
            ):
                key = (companies[owner], codes[number])
                sums[key] = sums.get(key, 0) + amount
        return {key: amount for key, amount in sums.items() if amount}


def _with_rows(raw: RawBalance, rows: Mapping[tuple[str, str], Any]) -> RawBalance:
    """A balance with the rows of its document, where they are known."""
    known = rows.get((raw.entity, raw.period))
    if raw.source is None or known is None or len(known) != len(raw.accounts):
        return raw
    numbers = np.asarray(known, dtype=np.int32)
    return replace(raw, source=replace(raw.source, rows=numbers))
