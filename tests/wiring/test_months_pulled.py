"""
Three months of a group read month by month from four ERPs, closed, and one changed later.

Nothing of the three months is in a folder: each is derived from the one before as stored.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sqlalchemy import text

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.money import plain
from monthclose.ledger.sources import SourceDocument
from monthclose.sandbox.apart import Apart, Wish, wished
from monthclose.sandbox.group import write_demo_group
from monthclose.sandbox.handover import handed_over
from monthclose.sandbox.world import World
from monthclose.store.companies import find_company
from monthclose.store.files import CompanyFiles
from monthclose.store.session import acting
from monthclose.wiring.build import open_desk
from monthclose.wiring.demo import Then, connect_all
from monthclose.wiring.neighbors import Around
from monthclose.wiring.settings import Settings
from tests.wiring.late_sale import CENTS, late_sale

pytestmark = pytest.mark.server

ENTITIES = 7
MONTHS = ("2025-01", "2025-02", "2025-03")


def before_the_first(world, tables):
    """The group with the openings of every company, and of its months the fees alone."""
    made = handed_over(world, tables)
    fees = {f"intercompany/{period}" for period in MONTHS}
    kept = {name: rows for name, rows in made.items() if "/" not in name or name in fees}
    openings = [
        {"entity": code, "account": account, "closing": plain(amount)}
        for code, member in world.members.items()
        for account, amount in zip(
            member.opening.accounts, member.opening.amounts.tolist(), strict=True
        )
    ]
    return kept | {"balances/2024-12": openings}


def give_gaps(desk, world, clock, period):
    """What the accountants send of a month."""
    engine, user, tenant = desk.database.engine, desk.user, desk.tenant
    for code, member in world.members.items():
        if given := member.supplements.get(period):
            company = find_company(engine, user, tenant, entity=code)
            paper = SourceDocument(f"{code}.csv", "", "text/csv", code.encode(), clock.now())
            CompanyFiles(engine, user, tenant, company.id).take_supplement(given, paper)


def lock(desk, period):
    """Close a month of every company."""
    for state in ("closing", "closed"):
        with acting(desk.database.engine, desk.user) as session:
            session.execute(
                text(
                    "update period_locks set state = :s,"
                    " closed_hash = decode(repeat('00', 32), 'hex')"
                    " where tenant_id = :t and period = :p"
                ),
                {"t": desk.tenant, "s": state, "p": f"{period}-01"},
            )


def numbers(desk, period):
    """The batches of a month: of each balance the number in force."""
    with acting(desk.database.engine, desk.user) as session:
        rows = session.execute(
            text(
                "select e.code, max(b.number) from etl_batches as b"
                " join portfolio_entities as e on e.id = b.entity_id"
                " where b.tenant_id = :t and b.period = :p and b.kind = 'trial_balance'"
                " group by e.code"
            ),
            {"t": desk.tenant, "p": f"{period}-01"},
        )
        return {row[0]: row[1] for row in rows}


def of_files(folder, period):
    """The same month from files."""
    write_demo_group(folder, entities=ENTITIES)
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    books = {month: engine.consolidate(month) for month in MONTHS}
    return books[period]


def test_months_are_pulled_closed_and_a_late_edit_is_told_and_restates_nothing(tmp_path):
    """
    LUME is founded in March, and opens with nil.

    A sale of 700.00 of March, entered when March is closed: AR and the category, nobody else.
    """
    world, settings = World(entities=ENTITIES), Settings(home=tmp_path / "home")
    clock = Then(world.today)
    wish = Wish(ENTITIES, back_s=clock.back_s)
    folder = tmp_path / "group"
    write_demo_group(folder, entities=ENTITIES, change=partial(before_the_first, world))
    with open_desk(settings, portfolio=None) as desk:
        desk.import_folder(folder)
        lock(desk, "2024-12")
        with Apart(wished, wish) as servers:
            desk.around = Around(clock, servers.addresses, lifted=True)
            connect_all(desk, servers)
            for period in MONTHS:
                give_gaps(desk, world, clock, period)
                outcome = desk.close(period)
                assert outcome.error is None
                done = outcome.extractions
                assert ("LUME" in {each.entity for each in done}) == (period == "2025-03")
                assert {each.erp for each in done} == {"bling", "contaazul", "omie", "totvs"}
                assert {(each.outcome, each.failing, each.late) for each in done} == {
                    (Outcome.TAKEN, (), ())
                }
                assert outcome.validation is not None
                assert outcome.validation.blocking == ()
                lock(desk, period)
        files = of_files(tmp_path / "files", "2025-03")
        assert outcome.book is not None
        # Fees within the group are one line here and one a partner there, each rounded alone.
        apart = np.abs(outcome.book.consolidated - files.consolidated)
        where = {files.chart.codes[place] for place in np.flatnonzero(apart)}
        assert apart.max() <= 1
        assert where <= {"4110", "6050", "6990", "3400"}
        assert outcome.book.totals.total_assets == files.totals.total_assets
        closed, before = outcome.run.result_hash, numbers(desk, "2025-03")
        with Apart(late_sale, replace(wish)) as servers:
            desk.around = Around(clock, servers.addresses, lifted=True)
            connect_all(desk, servers)
            pulled = {each.entity: each for each in desk.sources.pull("2025-04")}
            again = {each.entity: each for each in desk.sources.pull("2025-03", ["FISC"])}
    late = pulled.pop("FISC").late
    assert {each.period for each in late} == {"2025-03"}
    moved = {each.account: each.found - each.closed for each in late}
    category = next(account for account in moved if account.startswith("CAT:"))
    assert moved == {"AR": CENTS, category: -CENTS}
    assert {each.late for each in pulled.values()} == {()}
    assert again["FISC"].outcome is Outcome.LATE
    with open_desk(settings) as desk:
        assert numbers(desk, "2025-03") == before
        latest = desk.latest("2025-03")
        assert latest is not None
        assert latest.result_hash == closed
