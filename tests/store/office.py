"""People around imported groups: who loads, who may not, and a look past row security."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from monthclose.store.intake import ImportResult, import_group
from monthclose.store.lookup import month
from monthclose.store.records import StoredRecords
from monthclose.store.runs import StoredRuns
from monthclose.store.session import acting, find_user
from tests.store.group import HASH, Database
from tests.store.sample import Sample, small

NAMES = ("manager", "second", "analyst", "reader", "stranger")


@dataclass
class Office:
    """
    Five new people without rights, beside the operator; `manager` loads.

    `code` is a portfolio's code that nobody has yet.
    """

    app: Engine
    database: Database
    code: str = field(init=False)
    people: dict[str, UUID] = field(init=False)
    tenant: UUID = field(init=False)

    def __post_init__(self) -> None:
        mark = uuid4().hex[:12]
        self.code = f"G-{mark}"
        operator = find_user(self.app, "operator")
        assert operator is not None
        self.people = {"operator": operator}
        with self.acting("operator") as session:
            for name in NAMES:
                self.people[name] = session.scalar(
                    text("select public.create_user(:l, :n)"), {"l": f"{name}-{mark}", "n": name}
                )

    @contextmanager
    def acting(self, name: str) -> Iterator[Session]:
        """One transaction of one person."""
        with acting(self.app, self.people[name]) as session:
            yield session

    def small(self) -> Sample:
        """The small group, under this office's code."""
        return small(self.code)

    def load(self, sample: Sample, name: str = "manager") -> ImportResult:
        """Import a group."""
        result = import_group(
            self.app,
            self.people["operator"],
            self.people[name],
            sample.group,
            sample.balances,
            sample.documents,
        )
        self.tenant = result.portfolio
        return result

    def records(self, name: str = "manager") -> StoredRecords:
        """The records as a person reads them."""
        return StoredRecords(self.app, self.people[name], self.tenant)

    def runs(self, name: str = "manager") -> StoredRuns:
        """The runs as a person makes them."""
        return StoredRuns(self.app, self.people[name], self.tenant)

    def add(self, name: str, role: str, *companies: str, write: bool = False) -> None:
        """Make somebody a member, with rights to some companies; to all of them: the group too."""
        with self.acting("operator") as session:
            facts = {"t": self.tenant, "u": self.people[name], "w": write}
            session.execute(text("select public.set_role(:t, :u, :r)"), facts | {"r": role})
            ids = session.scalars(
                text(
                    "select id from portfolio_entities"
                    " where tenant_id = :t and (code = any(:c) or :all)"
                ),
                {"t": self.tenant, "c": list(companies), "all": not companies},
            ).all()
            session.execute(
                text("select public.grant_entities(:t, :u, :e, true, :w)"), facts | {"e": ids}
            )
            if not companies:
                session.execute(text("select public.grant_group(:t, :u, true, :w)"), facts)

    def ask(self, query: str, **facts: Any) -> list[tuple[Any, ...]]:
        """Ask past row security; `%(t)s` is the portfolio."""
        with self.database.connect() as connection:
            return connection.execute(query, {"t": self.tenant, **facts}).fetchall()

    def actions(self) -> list[str]:
        """What the portfolio's chain says was done, in order."""
        rows = self.ask("select action from agent_actions where tenant_id = %(t)s order by seq")
        return [row[0] for row in rows]

    def everything(self) -> dict[str, int]:
        """How many rows each table holds, of everybody."""
        with self.database.connect() as connection:
            tables = connection.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace"
                " and relkind in ('r', 'p') and not relispartition"
            ).fetchall()
            return {
                name: connection.execute(f'select count(*) from "{name}"').fetchall()[0][0]
                for (name,) in tables
            }

    def lock(self, period: str) -> None:
        """Close a month of every company and of the group."""
        with self.acting("manager") as session:
            for table in ("period_locks", "group_locks"):
                for state in ("closing", "closed"):
                    session.execute(
                        text(
                            f"update {table} set state = :s, closed_hash = :h"
                            " where tenant_id = :t and period = :p"
                        ),
                        {"s": state, "h": HASH, "t": self.tenant, "p": month(period)},
                    )

    def kill(self, pid: int) -> None:
        """End a connection from the server's side, and wait until it is gone."""
        self.ask("select pg_terminate_backend(%(pid)s, 10000)", pid=pid)
