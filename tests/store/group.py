"""A small group in a real database: two entities, the people around them, and a stranger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from monthclose.store.bulk import insert_columns
from monthclose.store.migrate import ROLES, bootstrap, install, migrate
from monthclose.store.session import acting, open_engine
from monthclose.store.tables import trial_balances

JUNE, JULY, AUGUST = date(2025, 6, 1), date(2025, 7, 1), date(2025, 8, 1)
HASH = bytes(range(32))
OTHER_HASH = bytes(reversed(range(32)))
PASSWORDS = {role: f"secret of {role}" for role in ROLES}


@dataclass(frozen=True)
class Database:
    """
    One migrated database of one PostgreSQL version.

    Attributes:
        superuser_url: To look at catalogues, and past row security.
        name: Of the database.
    """

    superuser_url: str = field(repr=False)
    name: str = "monthclose"

    @classmethod
    def made(cls, superuser_url: str) -> "Database":
        """Make roles and database, and bring it to the present schema."""
        database = cls(superuser_url)
        bootstrap(superuser_url, PASSWORDS, database.name)
        migrate(database.url("monthclose_migrator"))
        install(database.url("monthclose_migrator"))
        return database

    def url(self, role: str) -> str:
        """The address for one role."""
        target = make_url(self.superuser_url).set(
            username=role, password=PASSWORDS[role], database=self.name
        )
        return target.render_as_string(hide_password=False)

    def connect(self) -> psycopg.Connection:
        """Connect as superuser, past row security."""
        target = make_url(self.superuser_url).set(database=self.name)
        return psycopg.connect(**target.translate_connect_args(username="user", database="dbname"))

    @contextmanager
    def unguarded(self, table: str) -> Iterator[psycopg.Connection]:
        """Connect as superuser, past the triggers of a table too: they stand again afterwards."""
        with self.connect() as connection:
            always = connection.execute(
                "select tgname from pg_trigger where tgrelid = %s::regclass and tgenabled = 'A'"
                " and not tgisinternal",
                (table,),
            ).fetchall()
            connection.execute(f'alter table "{table}" disable trigger all')
            yield connection
            connection.execute(f'alter table "{table}" enable trigger all')
            for (name,) in always:
                connection.execute(f'alter table "{table}" enable always trigger "{name}"')

    def ask(self, query: str, *facts: object) -> list[tuple[Any, ...]]:
        """Ask as superuser."""
        with self.connect() as connection:
            return connection.execute(query, facts).fetchall()


@dataclass
class Group:
    """
    A portfolio with entities `A` and `B`, and another one with `Z`.

    People: `operator` is its admin; `manager` and `second` own all figures; `analyst` writes
    `A`; `reader` reads `A`; `cfo` reads the group by a grant, and no entity; `stranger`
    manages the other portfolio.
    """

    app: Engine
    tenant: UUID = field(init=False)
    elsewhere: UUID = field(init=False)
    people: dict[str, UUID] = field(init=False, default_factory=dict)
    entities: dict[str, UUID] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        mark = uuid4().hex[:12]
        with self.app.begin() as connection:
            operator = connection.scalar(text("select public.find_user('operator')"))
        self.people["operator"] = operator
        with self.acting("operator") as session:
            for name in ("manager", "second", "analyst", "reader", "cfo", "stranger"):
                self.people[name] = session.scalar(
                    text("select public.create_user(:l, :n)"), {"l": f"{name}-{mark}", "n": name}
                )
            self.tenant = self.portfolio(session, f"ONE-{mark}", "A", "B")
            self.elsewhere = self.portfolio(session, f"TWO-{mark}", "Z")
            roles = {"analyst": "analyst", "reader": "read-only", "cfo": "manager"}
            for name in ("manager", "second", "analyst", "reader", "cfo"):
                self.set_role(session, self.tenant, name, roles.get(name, "manager"))
            self.set_role(session, self.elsewhere, "stranger", "manager")
            for name in ("manager", "second"):
                self.grant(session, name, "AB", write=True)
            self.grant(session, "analyst", "A", write=True)
            self.grant(session, "reader", "A", write=False)
            self.grant(session, "stranger", "Z", write=True)
            session.execute(
                text("select public.grant_group(:t, :u, true, false)"),
                {"t": self.tenant, "u": self.people["cfo"]},
            )
        with self.acting("manager") as session:
            for code in "AB":
                self.open_month(session, code, JUNE)
                self.add_accounts(session, code)
            session.execute(
                text("insert into group_locks (tenant_id, period) values (:t, :p)"),
                {"t": self.tenant, "p": JUNE},
            )
        with self.acting("stranger") as session:
            self.open_month(session, "Z", JUNE)
            self.add_accounts(session, "Z")

    @contextmanager
    def acting(self, name: str, engine: Engine | None = None) -> Iterator[Session]:
        """One transaction of one person."""
        with acting(engine or self.app, self.people[name]) as session:
            yield session

    def portfolio(self, session: Session, code: str, *entities: str) -> UUID:
        """Make a portfolio and its entities, as the operator."""
        tenant: UUID = session.scalar(
            text("select public.create_portfolio(:c, :c, 'USD')"), {"c": code}
        )
        for number, entity in enumerate(entities, 1):
            self.entities[entity] = uuid4()
            session.execute(
                text(
                    "insert into portfolio_entities"
                    " (id, tenant_id, number, code, name, functional_currency)"
                    " values (:i, :t, :n, :c, :c, 'BRL')"
                ),
                {"i": self.entities[entity], "t": tenant, "n": number, "c": entity},
            )
        return tenant

    def set_role(self, session: Session, tenant: UUID, name: str, role: str) -> None:
        """Give a person a role in a portfolio, as its admin."""
        session.execute(
            text("select public.set_role(:t, :u, :r)"),
            {"t": tenant, "u": self.people[name], "r": role},
        )

    def grant(self, session: Session, name: str, codes: str, *, write: bool) -> None:
        """Grant entities to a person, as the admin."""
        tenant = self.elsewhere if codes == "Z" else self.tenant
        session.execute(
            text("select public.grant_entities(:t, :u, :e, true, :w)"),
            {
                "t": tenant,
                "u": self.people[name],
                "e": [self.entities[code] for code in codes],
                "w": write,
            },
        )

    def open_month(self, session: Session, code: str, period: date) -> None:
        """Open an entity's month."""
        tenant = self.elsewhere if code == "Z" else self.tenant
        session.execute(
            text("insert into period_locks (entity_id, period, tenant_id) values (:e, :p, :t)"),
            {"e": self.entities[code], "p": period, "t": tenant},
        )

    def add_accounts(self, session: Session, code: str) -> None:
        """Give an entity's chart two accounts, numbers 1 and 2."""
        session.execute(
            text(
                "insert into entity_chart_of_accounts (entity_id, number, code)"
                " values (:e, 1, '1.1'), (:e, 2, '2.1')"
            ),
            {"e": self.entities[code]},
        )

    def batch(self, session: Session, code: str, period: date = JUNE, number: int = 1) -> UUID:
        """Make a batch for the lines of a month."""
        made = uuid4()
        session.execute(
            text(
                "insert into etl_batches (id, tenant_id, entity_id, period, kind, number,"
                " currency, line_count, content_hash)"
                " values (:i, :t, :e, :p, 'trial_balance', :n, 'BRL', 2, sha256(:s))"
            ),
            {
                "i": made,
                "t": self.elsewhere if code == "Z" else self.tenant,
                "e": self.entities[code],
                "p": period,
                "n": number,
                "s": made.bytes,
            },
        )
        return made

    def load(self, session: Session, code: str, period: date = JUNE, number: int = 1) -> UUID:
        """Load a month of two lines, 100.00 and -100.00."""
        batch = self.batch(session, code, period, number)
        insert_columns(
            session,
            trial_balances,
            {
                "entity_id": self.entities[code],
                "period": period,
                "batch_id": batch,
                "line": [1, 2],
                "account_number": [1, 2],
                "currency": "BRL",
                "closing": [100_00, -100_00],
            },
        )
        return batch

    def lines(self, session: Session) -> int:
        """Count the trial-balance lines that a session sees."""
        return session.scalar(text("select count(*) from trial_balances")) or 0

    def close_month(self, session: Session, code: str, period: date) -> None:
        """Close an entity's month."""
        for state in ("closing", "closed"):
            session.execute(
                text(
                    "update period_locks set state = :s, closed_hash = :h"
                    " where entity_id = :e and period = :p"
                ),
                {"s": state, "h": HASH, "e": self.entities[code], "p": period},
            )

    def close_group(self, session: Session, period: date) -> None:
        """Close the group's month."""
        for state in ("closing", "closed"):
            session.execute(
                text(
                    "update group_locks set state = :s, closed_hash = :h"
                    " where tenant_id = :t and period = :p"
                ),
                {"s": state, "h": HASH, "t": self.tenant, "p": period},
            )

    def version(self, session: Session) -> UUID:
        """Make a run of June and the version it made, with one consolidated balance."""
        run, version = uuid4(), uuid4()
        facts = {"r": run, "v": version, "t": self.tenant, "p": JUNE, "h": HASH}
        for statement in (
            "insert into runs (id, tenant_id, period, status) values (:r, :t, :p, 'completed')",
            "insert into close_versions (id, tenant_id, period, number, run_id,"
            " presentation_currency, input_hash, rules_hash, result_hash)"
            " values (:v, :t, :p, 1, :r, 'USD', :h, :h, :h)",
            "insert into standard_chart_of_accounts (tenant_id, number, code, name, class)"
            " values (:t, 1, '1000', 'Cash', 'asset')",
            "insert into consolidated_balances"
            " (tenant_id, version_id, standard_number, period, translation, amount)"
            " values (:t, :v, 1, :p, 20.00, 20.00)",
        ):
            session.execute(text(statement), facts)
        return version


def opened(database: Database, role: str = "monthclose_app") -> Engine:
    """A pool for one role."""
    return open_engine(database.url(role))
