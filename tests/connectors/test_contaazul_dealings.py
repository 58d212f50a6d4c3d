"""Whatever a company deals, Conta Azul's wire gives it back to the cent, month by month."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monthclose.connectors.base import Connection
from monthclose.connectors.contaazul import ContaAzulConnector
from monthclose.connectors.derived import Deriving, derive, subledger
from monthclose.connectors.transport import Neighborhood
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import (
    BankEntry,
    BankTransfer,
    Dealings,
    Part,
    Settlement,
    Title,
)
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.neighbors.contaazul_rows import Shown
from monthclose.sandbox.served import Served
from monthclose.sandbox.server import Servers
from tests.connectors.contaazul_world import BANKS, BETA, CATEGORIES, DELTA, JOAO
from tests.connectors.fakes import FakeClock, MemoryVault

pytestmark = pytest.mark.server

START, TODAY = date(2025, 1, 1), date(2025, 4, 30)
MONTHS = ("2025-01", "2025-02", "2025-03")
PARTIES = (BETA, DELTA, JOAO)

days = st.integers(0, (TODAY - START).days - 1).map(lambda n: START + timedelta(days=n))
cents = st.integers(1, 10**7)
small = st.one_of(st.just(0), st.integers(0, 99))
banks = st.sampled_from([bank.id for bank in BANKS])
codes = st.sampled_from([each.code for each in CATEGORIES])


@st.composite
def settlements(draw, number, accrued, amount):
    """Some receipts or payments, perhaps before the accrual, perhaps a loss of the rest."""
    paid, left = [], amount
    for i in range(draw(st.integers(0, 3))):
        if not left:
            break
        principal = draw(st.integers(1, left))
        left -= principal
        on = max(START, draw(days)) if draw(st.booleans()) else accrued
        extras = [draw(small) for _ in range(3)]
        discount = min(extras[2], principal)
        paid.append(
            Settlement(
                f"{number}-s{i}", on, draw(banks), principal, extras[0], extras[1], discount,
                min(draw(small), principal - discount),
            )
        )  # fmt: skip
    if left and draw(st.integers(0, 4)) == 0:
        on = max(accrued, draw(days))
        paid.append(Settlement(f"{number}/perda", on, "", left, loss=True))
    return tuple(paid)


@st.composite
def events(draw, number):
    """
    One event: up to three instalments over up to three categories.

    The split is the event's, so the wire can tell each instalment's only if the proportions
    are the same; weights make them exact.
    """
    side, accrued = draw(st.sampled_from(Side)), draw(days)
    party = draw(st.sampled_from(PARTIES))
    chosen = draw(st.lists(codes, min_size=1, max_size=3, unique=True))
    weights, titles = [draw(st.integers(1, 999)) for _ in chosen], []
    for i in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, 9_999))
        parts = tuple(Part(code, w * size) for code, w in zip(chosen, weights, strict=True))
        amount, key = sum(part.amount for part in parts), f"{number}-{i}"
        title = Title(
            side, key, f"d{number}", party.tax_id, party.name, accrued,
            accrued + timedelta(days=30 * i), amount, parts,
        )  # fmt: skip
        if draw(st.integers(0, 5)) == 0:
            title = replace(title, cancelled=max(accrued, draw(days)))
        else:
            title = replace(title, settlements=draw(settlements(key, accrued, amount)))
        titles.append(title)
    return titles


@st.composite
def companies(draw):
    """A company that began with the year, and how Conta Azul shows it."""
    grouped = [draw(events(str(n))) for n in range(draw(st.integers(0, 5)))]
    titles = [title for each in grouped for title in each]
    entries = [
        BankEntry(f"x{n}", draw(days), draw(banks), draw(st.sampled_from([-1, 1])) * amount,
                  (Part(draw(codes), amount),))
        for n, amount in enumerate(draw(st.lists(cents, max_size=2)))
    ]  # fmt: skip
    ways = st.permutations([bank.id for bank in BANKS])
    transfers = []
    for n, amount in enumerate(draw(st.lists(cents, max_size=2))):
        source, to = draw(ways)
        transfers.append(BankTransfer(f"t{n}", draw(days), source, to, amount))
    dealings = Dealings(tuple(titles), tuple(entries), tuple(transfers), CATEGORIES, BANKS)
    shown = Shown(events={t.id: f"e{n}" for n, each in enumerate(grouped) for t in each})
    starts = {"k-1": draw(st.integers(-(10**6), 10**6))}
    return Served("1", "ALFA", "11222333000181", TODAY, dealings, PARTIES, (), (), starts), shown


def opening(company):
    """The balance before the first month: what the banks hold, against capital."""
    held = company.bank_starts["k-1"]
    return RawBalance(
        "ALFA", "2024-12", "BRL", ("BANK:k-1", "CAPITAL"), np.array([held, -held], dtype=np.int64)
    )


def amounts(balance):
    """Closing balances that are not nil."""
    return {
        code: amount
        for code, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True)
        if amount
    }


def expected(company):
    """Each month derived without any wire."""
    balance, found = opening(company), {}
    for period in MONTHS:
        asked = Deriving("ALFA", period, "BRL", balance, company.dealings)
        balance = derive(asked).balance
        found[period] = balance
    return found


def owed(details):
    """What is open, and what was traded, by counterparty; a whole event at once."""
    items: dict[tuple[str, str], int] = {}
    flows: dict[tuple[str, str], int] = {}
    for item in details.items:
        key = (item.id, item.tax_id)
        items[key] = items.get(key, 0) + item.amount
    for flow in details.flows:
        if flow.document:
            key = (flow.account, flow.tax_id)
            flows[key] = flows.get(key, 0) + flow.amount
    return items, {key: amount for key, amount in flows.items() if amount}


@pytest.fixture(scope="module")
def served():
    """One stand-in on one port; each example puts its own company behind it."""
    clock = FakeClock()
    azul = ContaAzul({}, clock=lambda: clock.now().timestamp())
    with Servers({"it": azul}) as servers:
        yield azul, clock, servers


class TestDealings:
    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(companies())
    def test_every_past_month_comes_back_and_every_tie_out_holds(self, served, made):
        """Asked in July for January to March of what stood at the end of April."""
        azul, clock, servers = served
        company, azul.shown = made
        azul.companies = {"alfa": company}
        vault = MemoryVault(
            client_id="client",
            client_secret="secret",
            refresh_token=str(azul.tokens("alfa")["refresh_token"]),
        )

        async def read():
            around = Neighborhood.alone(clock, test=servers.addresses, lifted=True)
            connection = Connection("ALFA", "contaazul", base_url=servers.url("it"))
            balance, found = opening(company), {}
            async with ContaAzulConnector(connection, vault, around) as connector:
                for period in MONTHS:
                    extract = await connector.get_trial_balance(period, balance)
                    assert [tie for tie in extract.tie_outs if tie.out_by] == []
                    balance = extract.balance
                    found[period] = balance, await connector.get_subledger_details(period)
            return found

        hidden = expected(company)
        for period, (balance, details) in asyncio.run(read()).items():
            assert amounts(balance) == amounts(hidden[period]), period
            told = subledger("ALFA", period, "BRL", company.dealings.titles)
            assert owed(details) == owed(told), period
