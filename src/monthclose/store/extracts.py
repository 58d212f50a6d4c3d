"""
Extractions: a company's month as a source gave it, whole or not at all.

Every answer is kept once, by its hash, with where and when it came from; the batch refers to
a list of them. A month that is closed is compared, never written: what the source says
otherwise now is a late change, told by account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.types.json import Jsonb
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from monthclose.ledger.balances import RawBalance, Source
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.extractions import Extraction, Foreseen, LateChange, Outcome
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import BookItem, Extract, SourceDocument, Supplement
from monthclose.store.answers import Answers, keep_documents, known_documents
from monthclose.store.bulk import fetch
from monthclose.store.connections import Opened, StoredConnection, read_opened
from monthclose.store.errors import NotGranted
from monthclose.store.extract_charts import brought_chart
from monthclose.store.files import read_paper, read_supplement
from monthclose.store.intake_balances import again, content_of, load_balances
from monthclose.store.intake_charts import open_at_once, open_company_month
from monthclose.store.late import differences, line_by_line
from monthclose.store.lookup import Directory, minor_of, month
from monthclose.store.openings import first_month, read_openings
from monthclose.store.session import acting
from monthclose.store.subledgers import read_items
from monthclose.store.trail import note


@dataclass(frozen=True, slots=True)
class Before:
    """
    What stands before a month is read.

    Attributes:
        opened: The company's year and result accounts.
        opening: What the month opens with: the balances that were loaded for it, else the
            closing of the month before as it is kept, else nil where the group founds the
            company in the month, or None.
        standing: The balance of the month that is in force, or None.
        erp: Where that was read, or empty.
        locked: Whether the month is closed.
        supplement: Lines that fill the month's gaps, or None.
        paper: The table they stand in, or None.
        names: Of accounts that were loaded with the month's opening balances.
        since: The first month that opening balances were loaded for, or empty.
        items: What the standing balance was read with.
    """

    opened: Opened
    opening: RawBalance | None
    standing: RawBalance | None
    erp: str
    locked: bool
    supplement: Supplement | None
    paper: Source | None
    names: Mapping[str, str] = field(default_factory=dict)
    since: str = ""
    items: tuple[BookItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Extracts:
    """
    Extractions of a portfolio, with one person's rights.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
    """

    engine: Engine
    user: UUID
    tenant: UUID

    def before(self, connection: StoredConnection, period: str) -> Before:
        """
        Read what a month's extraction builds on and is held against.

        Raises:
            NotGranted: the person does not write the company's figures.
        """
        earlier = str(Period.parse(period).plus(-1))
        with acting(self.engine, self.user) as session:
            if not fetch(
                session,
                "select from user_entity_access where entity_id = %(e)s and user_id = %(u)s"
                " and can_write",
                e=connection.entity_id,
                u=self.user,
            ):
                raise NotGranted
            loaded = read_openings(session, connection.entity_id, connection.entity, period)
            return Before(
                read_opened(session, self.tenant, connection.entity_id, connection.entity),
                loaded.balance
                if loaded
                else _balance(session, connection, earlier)
                or _founded(session, connection, period),
                _balance(session, connection, period),
                _erp(session, connection, period),
                _closed(session, connection, period),
                read_supplement(session, connection.entity_id, connection.entity, period),
                read_paper(session, connection.entity_id, period),
                {line.account: line.name for line in loaded.lines} if loaded else {},
                first_month(session, connection.entity_id),
                _items(session, self.tenant, connection, period),
            )

    def standing(self, connection: StoredConnection, period: str) -> RawBalance | None:
        """The balance of a month that is in force, one line an account, or None."""
        with acting(self.engine, self.user) as session:
            return _balance(session, connection, period)

    def roots(self) -> dict[str, str]:
        """Codes of the companies that the person sees, by the root of their CNPJ."""
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select code, tax_id from portfolio_entities where tenant_id = %(t)s and active",
                t=self.tenant,
            )
        numbers = {code: parse_cnpj(tax_id) for code, tax_id in rows}
        return {cnpj[:8]: code for code, cnpj in numbers.items() if cnpj}

    def there(self, period: str) -> frozenset[UUID]:
        """Companies that have a balance of a month, wherever it came from."""
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select distinct entity_id from etl_batches where tenant_id = %(t)s"
                " and kind = 'trial_balance' and period = %(p)s",
                t=self.tenant,
                p=month(period),
            )
        return frozenset(row[0] for row in rows)

    def keep(self, connection: StoredConnection, documents: Sequence[SourceDocument]) -> int:
        """
        Keep answers of which nothing was taken, so that somebody may read them.

        Returns:
            How many were new.
        """
        with acting(self.engine, self.user) as session:
            return keep_documents(session, self.tenant, connection.entity_id, documents)

    def store(
        self, connection: StoredConnection, extract: Extract, late: Sequence[LateChange] = ()
    ) -> Extraction:
        """
        Store one company's month.

        Args:
            connection: Where it was read.
            extract: What was read.
            late: What was found to differ in the closed month before.

        Raises:
            NotGranted: the person does not write the company's figures.
        """
        self._open(connection, extract.balance.period)
        with acting(self.engine, self.user) as session:
            return self._stored(session, connection, extract, late)

    def foresee(
        self,
        connection: StoredConnection,
        extract: Extract,
        before: Before,
        late: Sequence[LateChange] = (),
    ) -> Foreseen:
        """
        Say what storing one company's month would do; nothing is written.

        Args:
            connection: Where it was read.
            extract: What was read.
            before: What stands.
            late: What was found to differ in the closed month before.
        """
        raw, standing = extract.balance, before.standing
        with acting(self.engine, self.user) as session:
            same = _in_force(session, connection, extract)
            known = known_documents(session, self.tenant, connection.entity_id, extract.documents)
        found = line_by_line(standing, raw)
        if before.locked:
            late = differences(standing, raw, before.items, extract.items or ())
            outcome = Outcome.LATE if late else Outcome.STANDING
        else:
            outcome = Outcome.STANDING if same else Outcome.TAKEN
        fresh = len({each.sha256 for each in extract.documents}) - len(known)
        number = standing.number if standing else 0
        told = _told(
            connection, extract, outcome, number=number, new_documents=fresh, late=tuple(late)
        )
        return Foreseen(
            told,
            int(raw.amounts[raw.amounts > 0].sum()),
            -int(raw.amounts[raw.amounts < 0].sum()),
            () if standing is None or before.locked else found,
        )

    def store_all(
        self, connection: StoredConnection, extracts: Sequence[Extract]
    ) -> tuple[Extraction, ...]:
        """
        Store several months of one company, all or none.

        Raises:
            NotGranted: the person does not write the company's figures.
        """
        for each in extracts:
            self._open(connection, each.balance.period)
        with acting(self.engine, self.user) as session:
            return tuple(self._stored(session, connection, each, ()) for each in extracts)

    def _open(self, connection: StoredConnection, period: str) -> None:
        """Open a month, so that companies that are stored at once do not wait for each other."""
        open_at_once(self.engine, self.user, self.tenant, connection.entity_id, period)

    def _stored(
        self,
        session: Session,
        connection: StoredConnection,
        extract: Extract,
        late: Sequence[LateChange],
    ) -> Extraction:
        """Store one month in a transaction that is under way."""
        raw = extract.balance
        if _closed(session, connection, raw.period):
            return self._compared(session, connection, extract)
        directory = Directory.read(session, self.tenant)
        if raw.entity not in directory.companies:
            raise NotGranted
        open_company_month(session, self.tenant, connection.entity_id, raw.period)
        charts = {raw.entity: brought_chart(session, connection.entity_id, extract)}
        told = {
            "removed_characters": extract.removed_characters,
            "erp": connection.erp,
            "late": bool(late),
            "supplement": extract.supplement,
            "tie_outs": Jsonb([asdict(each) for each in extract.tie_outs]),
            "notes": Jsonb(
                [
                    [code, dict(facts)]
                    for code, facts in (*extract.notes, *(each.note for each in late))
                ]
            ),
        }
        papers = Answers(session, self.tenant, connection, extract, told)
        raw = replace(raw, source=papers.source)
        loaded = load_balances(session, self.tenant, directory, charts, [raw], papers)
        new = bool(loaded.counts["balances"])
        number = _number(session, connection, raw.period)
        if new:
            note(
                session, self.tenant, connection.action, connection.subject, connection.id,
                entity_id=str(connection.entity_id), period=raw.period, sha256=loaded.hashes[0],
                documents=len(extract.documents), lines=len(raw.accounts),
            )  # fmt: skip
        return _told(
            connection,
            extract,
            Outcome.TAKEN if new else Outcome.STANDING,
            number=number,
            new_documents=papers.added,
            late=tuple(late),
        )

    def _compared(
        self, session: Session, connection: StoredConnection, extract: Extract
    ) -> Extraction:
        """Hold the extraction of a closed month against what was closed; write no figure."""
        standing = _balance(session, connection, extract.balance.period)
        period = extract.balance.period
        items = _items(session, self.tenant, connection, period)
        found = differences(standing, extract.balance, items, extract.items or ())
        added = keep_documents(session, self.tenant, connection.entity_id, extract.documents)
        if found:
            note(
                session, self.tenant, "source.late", connection.subject, connection.id,
                entity_id=str(connection.entity_id), period=extract.balance.period,
                accounts=len(found), sha256=content_of(extract.balance),
            )  # fmt: skip
        return _told(
            connection,
            extract,
            Outcome.LATE if found else Outcome.STANDING,
            number=standing.number if standing else 0,
            new_documents=added,
            late=found,
        )


def _told(
    connection: StoredConnection, extract: Extract, outcome: Outcome, **facts: Any
) -> Extraction:
    """What an extraction did, with what it was compared in."""
    raw = extract.balance
    return Extraction(
        entity=raw.entity,
        period=raw.period,
        erp=connection.erp,
        outcome=outcome,
        currency=raw.currency,
        lines=len(raw.accounts),
        documents=len(extract.documents),
        sha256=content_of(raw, extract.items or ()),
        gaps=tuple(gap.name for gap in raw.gaps),
        failing=tuple(each for each in extract.tie_outs if each.out_by),
        notes=extract.notes,
        removed_characters=extract.removed_characters,
        **facts,
    )


def _items(
    session: Session, tenant: UUID, connection: StoredConnection, period: str
) -> tuple[BookItem, ...]:
    """What the balance of a month that is in force was read with."""
    partners = fetch(
        session, "select number, code from portfolio_entities where tenant_id = %(t)s", t=tenant
    )
    return read_items(session, tenant, connection.entity_id, period, dict(partners))


def _closed(session: Session, connection: StoredConnection, period: str) -> bool:
    """Whether a company's month is closed."""
    rows = fetch(
        session,
        "select state from period_locks where entity_id = %(e)s and period = %(p)s",
        e=connection.entity_id,
        p=month(period),
    )
    return bool(rows) and rows[0][0] == "closed"


def _erp(session: Session, connection: StoredConnection, period: str) -> str:
    """Where the balance in force was read, or empty."""
    rows = fetch(
        session,
        "select erp from etl_batches where entity_id = %(e)s and period = %(p)s"
        " and kind = 'trial_balance' order by number desc limit 1",
        e=connection.entity_id,
        p=month(period),
    )
    return str(rows[0][0]) if rows else ""


def _number(session: Session, connection: StoredConnection, period: str) -> int:
    """Number of the balance in force."""
    ((number,),) = fetch(
        session,
        "select coalesce(max(number), 0) from etl_batches where entity_id = %(e)s"
        " and period = %(p)s and kind = 'trial_balance'",
        e=connection.entity_id,
        p=month(period),
    )
    return int(number)


def _in_force(session: Session, connection: StoredConnection, extract: Extract) -> bool:
    """Whether a balance says what the one in force says."""
    raw = extract.balance
    rows = fetch(
        session,
        "select number, content_hash from etl_batches where entity_id = %(e)s and period = %(p)s"
        " and kind = 'trial_balance' order by number desc limit 1",
        e=connection.entity_id,
        p=month(raw.period),
    )
    content = bytes.fromhex(content_of(raw, extract.items or ()))
    return any(bytes(hashed) in (content, again(content, number)) for number, hashed in rows)


def _balance(session: Session, connection: StoredConnection, period: str) -> RawBalance | None:
    """The balance of a month that is in force, one line an account."""
    rows = fetch(
        session,
        "select b.currency, b.number, a.code, sum((t.closing * 100)::bigint)::bigint"
        "  from (select * from etl_batches where entity_id = %(e)s and period = %(p)s"
        "          and kind = 'trial_balance' order by number desc limit 1) as b"
        "  left join trial_balances as t"
        "    on t.entity_id = b.entity_id and t.period = b.period and t.batch_id = b.id"
        "  left join entity_chart_of_accounts as a"
        "    on a.entity_id = t.entity_id and a.number = t.account_number"
        " group by b.currency, b.number, a.code order by a.code",
        e=connection.entity_id,
        p=month(period),
    )
    if not rows:
        return None
    currency, number = rows[0][:2]
    lines = [(row[2], minor_of(row[3], currency)) for row in rows if row[2] is not None]
    return RawBalance(
        entity=connection.entity,
        period=period,
        currency=currency,
        accounts=tuple(code for code, _ in lines),
        amounts=np.array([amount for _, amount in lines], dtype=np.int64),
        number=number,
    )


def _founded(session: Session, connection: StoredConnection, period: str) -> RawBalance | None:
    """The nil that a company opened with which the group founded in a month, or None."""
    rows = fetch(
        session,
        "select e.functional_currency from portfolio_entities as e"
        " join acquisitions as a on a.tenant_id = e.tenant_id and a.entity_id = e.id"
        " where e.id = %(e)s and e.first_period = %(p)s"
        "   and a.status in ('submitted', 'approved')"
        " group by e.functional_currency"
        " having bool_and(a.terms ->> 'kind' = 'formation')"
        "    and min(a.acquired_on) >= %(p)s and min(a.acquired_on) <= %(l)s",
        e=connection.entity_id,
        p=month(period),
        l=Period.parse(period).last_day,
    )
    if not rows:
        return None
    earlier, nil = str(Period.parse(period).plus(-1)), np.zeros(0, dtype=np.int64)
    return RawBalance(connection.entity, earlier, rows[0][0], (), nil)
