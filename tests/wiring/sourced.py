"""An installation whose company's books are in a simulated Omie, and its two people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import Engine, text

from monthclose.connectors.clock import Clock
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest, Method
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.rates import RateTable
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.omie import Omie
from monthclose.sandbox.server import Servers
from monthclose.store.connections import NewConnection
from monthclose.store.intake import import_group
from monthclose.store.session import acting
from monthclose.wiring.neighbors import Around
from monthclose.wiring.settings import Settings
from monthclose.wiring.sources import Sources
from tests.connectors.test_omie import COMPANY, KEYS, OPENING

TARGETS = {
    "BANK:501": "1000",
    "BANK:502": "1000",
    "AR": "1100",
    "AP": "2000",
    "CAPITAL": "3000",
    "RETAINED": "3100",
    "CAT:1.01.01": "4000",
    "CAT:1.01.02": "4000",
    "CAT:2.04.01": "5000",
    "CAT:2.06.01": "5000",
    "INTEREST_INCOME": "4000",
    "DISCOUNT_OBTAINED": "4000",
}
KINDS = {
    "1000": AccountClass.ASSET,
    "1100": AccountClass.ASSET,
    "2000": AccountClass.LIABILITY,
    "3000": AccountClass.SHARE_CAPITAL,
    "3100": AccountClass.RETAINED_EARNINGS,
    "4000": AccountClass.INCOME,
    "5000": AccountClass.EXPENSE,
}


def group(code: str) -> Group:
    """A parent without movements, and `ALFA`, whose books are in Omie."""
    return Group(
        code=code,
        name="Grupo Alfa",
        presentation="BRL",
        chart=chart_of(tuple(Account(number, number, kind) for number, kind in KINDS.items())),
        entities=(
            Entity("TOP", "Top SA", "BRL", Method.PARENT),
            Entity("ALFA", "Alfa Sistemas", "BRL", Method.FULL, tax_id=COMPANY.cnpj, erp="omie"),
        ),
        interests=(Interest("TOP", "ALFA", SHARE_UNIT),),
        rates=RateTable(()),
        mappings={"ALFA": EntityMapping("ALFA", {a: (Target(to),) for a, to in TARGETS.items()})},
    )


def omie(company: Any = COMPANY, **facts: Any) -> Omie:
    """The stand-in, which opens to one key pair."""
    return Omie({(KEYS["app_key"], KEYS["app_secret"]): company}, **facts)


@dataclass
class House:
    """
    One portfolio in an installation.

    Attributes:
        settings: Of the installation.
        engine: Of the application's role.
        people: Ids by login's first word: `operator`, `manager`, `reader`, `analyst`.
        tenant: The portfolio.
        code: Its code.
        clock: Time, or None.
    """

    settings: Settings
    engine: Engine
    people: dict[str, UUID]
    tenant: UUID
    code: str
    clock: Clock | None = None

    def sources(self, who: str) -> Sources:
        """The connections, for one person."""
        around = Around(self.clock)
        return Sources(self.settings, self.engine, self.people[who], self.tenant, around)

    def ask(self, query: str, who: str = "manager", **facts: Any) -> list[tuple[Any, ...]]:
        """Ask the database as a person; `:t` is the portfolio."""
        with acting(self.engine, self.people[who]) as session:
            return [tuple(row) for row in session.execute(text(query), {"t": self.tenant, **facts})]

    def do(self, statement: str, who: str, **facts: Any) -> None:
        """Do something in the database as a person."""
        with acting(self.engine, self.people[who]) as session:
            session.execute(text(statement), {"t": self.tenant, **facts})

    def load(self, period: str) -> None:
        """Import the parent's balance of a month, as it opened."""
        operator, manager = self.people["operator"], self.people["manager"]
        import_group(self.engine, operator, manager, group(self.code), (top(period),), ())

    def lock(self, period: str) -> None:
        """Close a month of the company."""
        for state in ("closing", "closed"):
            self.do(
                "update period_locks set state = :s, closed_hash = decode(repeat('00', 32), 'hex')"
                " where tenant_id = :t and period = :p and entity_id ="
                " (select id from portfolio_entities where tenant_id = :t and code = 'ALFA')",
                "manager",
                s=state,
                p=f"{period}-01",
            )


def loaded(engine: Engine, operator: UUID, manager: UUID, given: Group) -> UUID:
    """Import a group with the balances its companies open with."""
    return import_group(engine, operator, manager, given, (top("2024-12"), OPENING), ()).portfolio


def top(period: str) -> RawBalance:
    """The parent's balance: a real that nothing moves."""
    return RawBalance("TOP", period, "BRL", ("1000", "3000"), np.array([100, -100], dtype=np.int64))


def found(settings: Settings, engine: Engine, clock: Clock | None = None) -> House:
    """Make a portfolio with the opening balances of its companies, and its people."""
    mark = uuid4().hex[:8]
    with engine.begin() as connection:
        operator = connection.scalar(text("select public.find_user('operator')"))
    people = {"operator": operator}
    with acting(engine, operator) as session:
        for name in ("manager", "second", "analyst", "reader"):
            people[name] = session.scalar(
                text("select public.create_user(:l, :n)"), {"l": f"{name}-{mark}", "n": name}
            )
    code = f"A-{mark}"
    tenant = loaded(engine, operator, people["manager"], group(code))
    house = House(settings, engine, people, tenant, code, clock)
    for name, role, write in (
        ("second", "manager", True),
        ("analyst", "analyst", True),
        ("reader", "read-only", False),
    ):
        house.do("select public.set_role(:t, :u, :r)", "operator", u=people[name], r=role)
        house.do(
            "select public.grant_entities(:t, :u, (select array_agg(id) from portfolio_entities"
            " where tenant_id = :t), true, :w)",
            "operator",
            u=people[name],
            w=write,
        )
    return house


def text_of(folder: Path) -> bytes:
    """Everything that is in the files under a folder."""
    return b"".join(each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file())


class Place:
    """A house beside an Omie of its own."""

    def __init__(self, home, engine, clock):
        self.home, self.clock, self.engine = home, clock, engine
        self.house: House = found(Settings(home=home), engine, clock)
        self.stand = omie(clock=lambda: clock.now().timestamp())

    def __enter__(self):
        self.servers = Servers({"omie": self.stand})
        self.servers.__enter__()
        self.url = self.servers.url("omie")
        self.house.settings = Settings(
            home=self.home, egress_test_allow=self.servers.address("omie")
        )
        return self

    def __exit__(self, *error):
        self.servers.__exit__(*error)

    def add(self, who="operator", secrets=KEYS, **facts):
        new = NewConnection("ALFA", "omie", **{"base_url": self.url, **facts})
        return self.house.sources(who).add(new, secrets)

    def pull(self, who="manager", period="2025-01"):
        (done,) = self.house.sources(who).pull(period)
        return done

    def serve(self, company=COMPANY, *faults):
        """Let Omie say something else, or do something else, from now on."""
        self.stand._companies = {(KEYS["app_key"], KEYS["app_secret"]): company}
        self.stand.script = Script(*faults)
        self.clock.pass_(3600)

    def lines(self, period, accounts="^A[RP]"):
        """What is open, by account and partner."""
        rows = self.house.ask(
            "select a.code, coalesce(p.code, ''), (t.closing * 100)::bigint from trial_balances t"
            " join entity_chart_of_accounts a"
            "   on a.entity_id = t.entity_id and a.number = t.account_number"
            " left join portfolio_entities p on p.tenant_id = :t and p.number = t.partner_number"
            " where t.period = :p and a.code ~ :a and t.batch_id in (select id from"
            "   etl_batches where tenant_id = :t)",
            p=f"{period}-01",
            a=accounts,
        )
        return {(code, partner): amount for code, partner, amount in rows}

    def top(self, period):
        """Load the parent's month, which no system has."""
        self.house.load(period)

    @property
    def calls(self):
        """How many calls Omie had since."""
        return sum(self.stand.script.calls.values())
