"""
What a close finds of each planted mistake: the company's month read over HTTP, the rest as is.

The other companies' books, the months before and the rates are those of the hidden ledger.
"""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from monthclose.analysis.validation import Beside, validate
from monthclose.connectors.base import Connection
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.findings import Finding, Validation
from monthclose.ledger.money import plain
from monthclose.ledger.sources import BETWEEN, Extract, Flow, OpenItem, Side, Subledger
from monthclose.sandbox.group import SandboxGroup, write_demo_group
from monthclose.sandbox.papers import budget_rows
from monthclose.sandbox.planted import MISTAKES, plant
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import neighbors
from monthclose.sandbox.world import World
from monthclose.wiring.erps import connector_class
from monthclose.wiring.partners import with_partners, with_supplement
from tests.connectors.fakes import FakeClock, MemoryVault

pytestmark = pytest.mark.server

PERIOD = "2025-06"

FOUND = {
    ("double-posting", "NUVE"): ("W11", "source-entry-twice"),
    ("double-posting", "FISC"): ("W11", "source-title-twice"),
    ("double-posting", "SAUD"): ("W11", "source-title-twice"),
    ("duplicate-title", "AGRO"): ("W11", "source-title-twice"),
    ("duplicate-title", "SAUD"): ("W11", "source-title-twice"),
    ("missing-fee", "NUVE"): ("V8", "intercompany-unmatched"),
    ("missing-fee", "FISC"): ("V8", "intercompany-unmatched"),
    ("one-sided-invoice", "VERO"): ("V8", "intercompany-unmatched"),
    ("wrong-partner", "AGRO"): ("V8", "intercompany-unmatched"),
    ("wrong-partner", "PAGO"): ("V8", "intercompany-unmatched"),
    ("wrong-bank", "FISC"): ("V12", "source-tie-failed"),
    ("wrong-bank", "AGRO"): ("V12", "source-tie-failed"),
    ("open-month", "NUVE"): ("W11", "source-month-open"),
    ("unposted-depreciation", "SAUD"): ("W10", "source-gaps"),
    ("unposted-depreciation", "NUVE"): ("W12", "budget-missed"),
    ("wrong-category", "FISC"): ("W12", "budget-missed"),
}
"""By mistake and company: the check that finds it, and what it calls it."""

RIGHT = World()
BUDGET: dict[str, dict[str, int]] = {}
for _row in budget_rows(RIGHT):
    if _row["period"] == PERIOD:
        _amount = int(Decimal(_row["amount"]) * 100)
        BUDGET.setdefault(_row["entity"], {})[_row["account"]] = _amount


def read(world: World, code: str) -> tuple[Extract, Subledger]:
    """A company's June over HTTP, completed as `source pull` completes it."""
    member, clock = world.members[code], FakeClock()
    made = neighbors(world, clock=lambda: clock.now().timestamp())
    door = next(each for each in made.doors if each.entity == code)
    roots = {world.group.cnpj(each)[:8]: each for each in world.group.codes}

    async def go(servers: Servers) -> tuple[Extract, Subledger]:
        around = Neighborhood.alone(
            clock, test=servers.addresses, times=Times(read=2, total=4), lifted=True
        )
        connection = Connection(
            code, door.erp, company=door.company, base_url=servers.url("it") + door.path,
            cnpj=door.cnpj, since=door.since, results=member.results,
        )  # fmt: skip
        made_for = connector_class(door.erp)
        async with made_for(connection, MemoryVault(**door.secrets), around) as erp:
            extract = await erp.get_trial_balance(PERIOD, world.opening(code, PERIOD))
            extract = with_supplement(extract, member.supplements.get(PERIOD))
            details = await erp.get_subledger_details(PERIOD)
            return with_partners(extract, details, roots), details

    with Servers({"it": made.applications[door.server]}) as servers:
        return asyncio.run(go(servers))


def rows(world: World, extract: Extract) -> list[dict[str, str]]:
    """The lines of the balance, as the folder has them."""
    balance = extract.balance
    chart = world.group.chart(balance.entity)
    ledger = world.members[balance.entity].erp == "totvs"
    own = {
        BETWEEN[Side.RECEIVABLE]: chart["1150"][0].code,
        BETWEEN[Side.PAYABLE]: chart["2150"][0].code,
    }
    partners = balance.partners or ("",) * len(balance.accounts)
    return [
        {
            "entity": balance.entity,
            "account": own.get(account, account) if ledger else account,
            "partner": partner,
            "closing": plain(amount),
        }
        for account, partner, amount in zip(
            balance.accounts, partners, balance.amounts.tolist(), strict=True
        )
        if amount
    ]


def documents(world: World, details: Subledger) -> list[dict[str, str]]:
    """What the company's source shows with companies of the group, as documents of the month."""
    roots = {world.group.cnpj(each)[:8]: each for each in world.group.codes}
    sums: dict[tuple[str, str], int] = {}
    together: list[OpenItem | Flow] = [*details.items, *details.flows]
    for each in together:
        partner = roots.get(each.tax_id[:8] if len(each.tax_id) == 14 else "")
        owed = each.amount > 0
        if isinstance(each, OpenItem):
            account = "1150" if owed else "2150"
        else:
            account = "6050" if owed else "4110"
        if partner:
            sums[partner, account] = sums.get((partner, account), 0) + each.amount
    return [
        {
            "entity": details.entity,
            "partner": partner,
            "kind": {"1150": "AR", "2150": "AP", "4110": "REV", "6050": "EXP"}[account],
            "account": account,
            "reference": "",
            "amount": plain(amount),
            "document_currency": "BRL",
        }
        for (partner, account), amount in sums.items()
    ]


def close(world: World, code: str, folder: Path, *, budget: bool = True) -> Validation:
    """Close June with the company's month as it was read."""
    extract, details = read(world, code)
    tables = SandboxGroup(2025, 7).tables()
    member = world.members[code]
    own = {each.code for owned in world.group.chart(code).values() for each in owned}
    instead = {
        f"balances/{PERIOD}": [
            *(row for row in tables[f"balances/{PERIOD}"] if row["entity"] != code),
            *rows(world, extract),
        ],
        f"intercompany/{PERIOD}": [
            *(row for row in tables[f"intercompany/{PERIOD}"] if row["entity"] != code),
            *documents(world, details),
        ],
        "mappings": [
            *tables["mappings"],
            *(
                {"entity": code, "account": account, "standard_account": standard}
                for account, standard in member.mapping.items()
                if account not in own and member.erp != "totvs"
            ),
        ],
    }
    write_demo_group(folder, change=lambda whole: whole | instead)
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        gaps = extract.balance.basis, extract.balance.gaps
        own_month = balance.entity == code and balance.period == PERIOD
        engine.load_trial_balance(
            replace(balance, basis=gaps[0], gaps=gaps[1]) if own_month else balance
        )
    for period in found.periods:
        book = engine.consolidate(period)
    return validate(
        book,
        beside=Beside({code: extract.tie_outs}, {code: extract.notes}, BUDGET if budget else {}),
    )


def about(validation: Validation, code: str) -> list[Finding]:
    """What was found of a company, by itself or as one side of a pair."""
    return [f for f in validation.findings if code in (f.subject, *map(str, f.facts.values()))]


class TestFound:
    @pytest.mark.parametrize(("name", "code"), FOUND, ids=[f"{n}-{c}" for n, c in FOUND])
    def test_a_close_finds_it_by_its_check(self, name, code, tmp_path):
        world = World()
        planted = plant(world, name, code)
        found = about(close(world, code, tmp_path), code)
        check, called = FOUND[name, code]
        named = [f for f in found if (f.check, f.code) == (check, called)]
        assert named, [(f.check, f.code, f.subject, dict(f.facts)) for f in found]
        for lang in ("en", "pt-BR"):
            assert all(code in f.said(lang) for f in named)
        if check == "W12":
            accounts = {f.facts["account"] for f in named}
            assert accounts <= {a for a, _ in planted.out_by}
        if called.endswith("-twice"):
            assert named[0].actual == max(abs(amount) for _, amount in planted.out_by)

    @pytest.mark.parametrize("code", ["NUVE", "FISC", "AGRO", "SAUD"])
    def test_of_a_month_without_a_mistake_nothing_is_found(self, code, tmp_path):
        """The budget is a little off, and no line of it by a tenth."""
        validation = close(World(), code, tmp_path)
        assert validation.findings == ()
        assert {r.check for r in validation.results} >= {"W10", "W11", "W12", "V12"}

    def test_without_a_budget_nothing_is_held_against_one(self, tmp_path):
        world = World()
        plant(world, "wrong-category", "FISC")
        validation = close(world, "FISC", tmp_path, budget=False)
        assert "W12" not in {result.check for result in validation.results}

    def test_every_mistake_has_its_check(self):
        assert {name for name, _ in FOUND} == {*MISTAKES}
