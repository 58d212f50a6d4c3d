"""
Ways into the systems of the companies: who answers for what, and how each stands.

An admin sets them up, whoever works with a company uses its own; no secret is here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from monthclose.ledger.errors import CloseError
from monthclose.ledger.sources import Nature
from monthclose.store.bulk import fetch
from monthclose.store.errors import CompanyUnknown, NotGranted
from monthclose.store.lookup import period_of
from monthclose.store.session import acting
from monthclose.store.tables import connection_states, erp_connections
from monthclose.store.trail import note


class ConnectionAlready(CloseError):
    """A company's month is read over another connection; two would take turns with it."""

    code = "connection-already"

    def __init__(self, entity: str, erp: str, company: str) -> None:
        super().__init__(entity=entity, erp=erp, company=company or "–")


class ConnectionOff(CloseError):
    """A company's connection is switched off."""

    code = "connection-off"

    def __init__(self, entity: str, erp: str) -> None:
        super().__init__(entity=entity, erp=erp)


class ConnectionMissing(CloseError):
    """A company has no connection that could be used, or none that the person may see."""

    code = "connection-missing"

    def __init__(self, entity: str) -> None:
        super().__init__(entity=entity)


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """
    One company's way into one ERP.

    Attributes:
        id: Of the row.
        entity_id: Of the company.
        entity: Code of the company.
        tax_id: Of the company, as it was entered.
        erp: Name of the connector.
        company: The company as the ERP calls it, or empty.
        base_url: Server of the customer, or empty.
        settings: What differs from customer to customer.
        secret_name: What the secret store calls its credential.
        fingerprint: By which people compare credentials; empty: there is none yet.
        active: Whether it is pulled.
        dead_since: Since when a person has to grant it again, or None.
        checked_at: When it was last looked at, or None.
        check_code: Code of the error then; empty: it answered.
        first_period: The company's first month in the group; empty: it is there from the start.
        last_pull: Month of the last balance taken from it, or empty.
        pulled_at: When that was stored, or None.
        blocks: Until when the vendor shuts out which operation; an empty one: everything.
    """

    id: UUID
    entity_id: UUID
    entity: str
    tax_id: str
    erp: str
    company: str
    base_url: str
    settings: Mapping[str, str]
    secret_name: str
    fingerprint: str
    active: bool
    dead_since: datetime | None = None
    checked_at: datetime | None = None
    check_code: str = ""
    first_period: str = ""
    last_pull: str = ""
    pulled_at: datetime | None = None
    blocks: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def blocked_until(self) -> datetime | None:
        """Until when the vendor leaves something unanswered, or None."""
        return max(self.blocks.values(), default=None)

    @property
    def action(self) -> str:
        """What the trail calls a month taken: pulled, or brought as a file without a secret."""
        return "source.pull" if self.secret_name else f"import.{self.erp}"

    @property
    def subject(self) -> str:
        """What the trail calls what it came from."""
        return "connection" if self.secret_name else "entity"


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What an admin says of a connection; the secret goes another way."""

    entity: str
    erp: str
    company: str = ""
    base_url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """
    A connection that was stored.

    Attributes:
        id: Of the row.
        secret_name: Under which its credential is to be kept.
        fresh: Whether there was none before.
        waits: `host:port` that waits for a second person, or empty.
    """

    id: UUID
    secret_name: str
    fresh: bool
    waits: str = ""


_READ = """
select c.id, c.entity_id, e.code, e.tax_id, c.erp, c.company, c.base_url, c.settings,
       c.secret_name, c.fingerprint, c.active, s.dead_since, s.checked_at,
       coalesce(s.check_code, ''), e.first_period, b.period, b.created_at, k.operations,
       k.moments
  from erp_connections as c
  join portfolio_entities as e on e.id = c.entity_id
  left join connection_states as s on s.entity_id = c.entity_id and s.connection_id = c.id
  left join lateral (
       select array_agg(operation) as operations, array_agg(blocked_until) as moments
         from connection_blocks
        where entity_id = c.entity_id and connection_id = c.id) as k
    on true
  left join lateral (
       select period, created_at from etl_batches
        where entity_id = c.entity_id and kind = 'trial_balance' and erp = c.erp
        order by created_at desc limit 1) as b on true
 where c.tenant_id = %(t)s and (%(e)s = '' or e.code = %(e)s)
 order by e.code, c.erp, c.company
"""


@dataclass(frozen=True, slots=True)
class Connections:
    """
    The connections of a portfolio, with one person's rights.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
    """

    engine: Engine
    user: UUID
    tenant: UUID

    def all(self, entity: str = "") -> tuple[StoredConnection, ...]:
        """Every connection the person may see, by company."""
        with acting(self.engine, self.user) as session:
            rows = fetch(session, _READ, t=self.tenant, e=entity)
        found = []
        for *row, first, pulled, at, operations, moments in rows:
            blocks = dict(zip(operations or (), moments or (), strict=True))
            periods = (period_of(day) if day else "" for day in (first, pulled))
            told = (*row, *periods, at, blocks)
            found.append(StoredConnection(*told))
        return tuple(found)

    def active(self, entity: str = "", period: str = "") -> tuple[StoredConnection, ...]:
        """
        Those that are pulled.

        Args:
            entity: Of one company; empty: of all.
            period: Leave out companies that come to the group after this month.

        Raises:
            ConnectionMissing: *entity* was named and has none.
            ConnectionOff: the one it has is switched off.
        """
        known = [each for each in self.all(entity) if each.secret_name]
        found = tuple(each for each in known if each.active)
        if entity and not found:
            raise ConnectionOff(entity, known[0].erp) if known else ConnectionMissing(entity)
        return tuple(each for each in found if not period or each.first_period <= period)

    def approved_hosts(self) -> frozenset[str]:
        """`host:port` that two people let in."""
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select address from outside_addresses where tenant_id = %(t)s"
                " and kind = 'host' and status = 'approved'",
                t=self.tenant,
            )
        return frozenset(row[0] for row in rows)

    def add(
        self,
        new: NewConnection,
        keep: Callable[[str], object] | None,
        outside: str = "",
    ) -> Made:
        """
        Store a connection, or change the one there is; its credential is kept with it.

        Args:
            new: What the admin says.
            keep: Keeps the credential under a name; called last, before the row is
                committed, so that no row names a credential that is nowhere. None: nothing
                is stored, and what would be refused is refused.
            outside: `host:port` outside the vendor's own, proposed for approval.

        Raises:
            NotGranted: the person is no admin of the portfolio.
            ConnectionAlready: the company has another one that is pulled.
        """
        for each in self.all(new.entity):
            if each.active and (each.erp, each.company) != (new.erp, new.company):
                raise ConnectionAlready(each.entity, each.erp, each.company)
        with acting(self.engine, self.user) as session:
            entity = self._company(session, new.entity)
            c = erp_connections.c
            found = session.execute(
                erp_connections.select()
                .with_only_columns(c.id, c.secret_name)
                .where(c.entity_id == entity, c.erp == new.erp, c.company == new.company)
            ).one_or_none()
            key = found[0] if found else uuid4()
            name = (found[1] if found else "") or f"erp/{key}"
            facts = {
                "base_url": new.base_url,
                "settings": dict(new.settings),
                "secret_name": name,
                "fingerprint": new.fingerprint,
                "active": True,
            }
            if found:
                done = session.execute(
                    erp_connections.update()
                    .where(c.entity_id == entity, c.id == key)
                    .values(**facts, changed_by=self.user, changed_at=text("now()"))
                    .returning(c.id)
                ).all()
                if not done:
                    raise NotGranted
            else:
                session.execute(
                    erp_connections.insert().values(
                        id=key,
                        tenant_id=self.tenant,
                        entity_id=entity,
                        erp=new.erp,
                        company=new.company,
                        **facts,
                    )
                )
            s = connection_states.c
            session.execute(
                connection_states.update()
                .where(s.entity_id == entity, s.connection_id == key)
                .values(dead_since=None)
            )
            waits = outside if outside and self._propose(session, outside) else ""
            told = {"erp": new.erp, "fingerprint": new.fingerprint}
            note(
                session, self.tenant, "connection.set", "connection", key,
                entity_id=str(entity), **told,
            )  # fmt: skip
            if keep is None:
                session.rollback()
            else:
                keep(name)
        return Made(key, name, not found, waits)

    def switch(self, entity: str, erp: str = "", *, active: bool) -> tuple[StoredConnection, ...]:
        """
        Pull a company's connections, or leave them alone from now on.

        Args:
            entity: Code of the company.
            erp: Those to one system; empty: all.
            active: Whether they are pulled.

        Raises:
            ConnectionMissing: there is none.
            ConnectionAlready: they are several, and one month is read over one of them.
            NotGranted: the person is no admin of the portfolio.
        """
        found = self.held(entity, erp)
        on = [each for each in self.all(entity) if each.active or (active and each in found)]
        if active and len(on) > 1:
            raise ConnectionAlready(entity, on[0].erp, on[0].company)
        with acting(self.engine, self.user) as session:
            for each in found:
                self._changed(session, each, active=active)
                if each.active != active:
                    note(
                        session, self.tenant, "connection.active", "connection", each.id,
                        entity_id=str(each.entity_id), active=active,
                    )  # fmt: skip
        return found

    def held(self, entity: str, erp: str = "") -> tuple[StoredConnection, ...]:
        """
        A company's connections that have a credential, switched off or not.

        Raises:
            ConnectionMissing: there is none.
        """
        found = tuple(
            each for each in self.all(entity) if each.secret_name and erp in ("", each.erp)
        )
        if not found:
            raise ConnectionMissing(entity)
        return found

    def remove(self, stored: StoredConnection, erase: Callable[[str], object]) -> None:
        """
        Forget a connection's credential; the row, and all that was read by it, stays.

        Args:
            stored: The connection.
            erase: Erases the credential of a name; called last, so that no row says it is
                gone while it is there.

        Raises:
            NotGranted: the person is no admin of the portfolio.
        """
        with acting(self.engine, self.user) as session:
            self._changed(session, stored, active=False, secret_name="", fingerprint="")
            note(
                session, self.tenant, "connection.remove", "connection", stored.id,
                entity_id=str(stored.entity_id), erp=stored.erp, fingerprint=stored.fingerprint,
            )  # fmt: skip
            erase(stored.secret_name)

    def _changed(self, session: Session, stored: StoredConnection, **values: object) -> None:
        """Change a row; row security hides from an update what the person may not change."""
        c = erp_connections.c
        done = session.execute(
            erp_connections.update()
            .where(c.entity_id == stored.entity_id, c.id == stored.id)
            .values(**values, changed_by=self.user, changed_at=text("now()"))
            .returning(c.id)
        ).all()
        if not done:
            raise NotGranted

    def _company(self, session: Session, code: str) -> UUID:
        """The id of a company of the portfolio."""
        rows = fetch(
            session,
            "select code, id from portfolio_entities where tenant_id = %(t)s order by code",
            t=self.tenant,
        )
        found: dict[str, UUID] = dict(rows)
        if code not in found:
            raise CompanyUnknown(code, list(found))
        return found[code]

    def _propose(self, session: Session, address: str) -> bool:
        """Submit a host for a second person; say whether it waits."""
        rows = fetch(
            session,
            "select id, status from outside_addresses where tenant_id = %(t)s"
            " and kind = 'host' and channel = '' and address = %(a)s",
            t=self.tenant,
            a=address,
        )
        if not rows:
            session.execute(
                text(
                    "insert into outside_addresses (tenant_id, kind, address, status)"
                    " values (:t, 'host', :a, 'submitted')"
                ),
                {"t": self.tenant, "a": address},
            )
            return True
        key, status = rows[0]
        if status in ("draft", "rejected"):
            session.execute(
                text("update outside_addresses set status = 'submitted' where id = :i"), {"i": key}
            )
        return bool(status != "approved")


@dataclass(frozen=True, slots=True)
class Opened:
    """
    What a company's month is read with.

    Attributes:
        year_end: Month its year ends with, 1 to 12.
        results: Accounts of its own chart that are mapped to income or expense.
        told: Accounts that go nowhere yet and that a chart said are of the result.
    """

    year_end: int
    results: frozenset[str]
    told: frozenset[str] = frozenset()


def read_opened(session: Session, tenant: UUID, entity_id: UUID, entity: str) -> Opened:
    """Read the year and the result accounts of a company."""
    settings: Mapping[str, Any]
    ((ends, settings),) = fetch(
        session, "select fiscal_year_end, settings from portfolios where id = %(t)s", t=tenant
    )
    rows = fetch(
        session,
        "select a.code, m.result from entity_chart_of_accounts as a left join ("
        "  select m.account_number as number, bool_or(s.class in ('income', 'expense')) as result"
        "    from account_mappings as m join standard_chart_of_accounts as s"
        "      on s.tenant_id = m.tenant_id and s.number = m.standard_number"
        "   where m.entity_id = %(e)s and m.mapping_version_id = ("
        "       select id from mapping_versions where entity_id = %(e)s"
        "          and status in ('submitted', 'approved') order by number desc limit 1)"
        "   group by m.account_number) as m on m.number = a.number"
        " where a.entity_id = %(e)s and (m.result or (m.number is null and a.nature = %(r)s))",
        e=entity_id,
        r=Nature.RESULT.value,
    )
    own = settings.get("year_ends", {}).get(entity, 0)
    mapped = frozenset(code for code, result in rows if result)
    return Opened(int(own or ends), mapped, frozenset(code for code, _ in rows) - mapped)
