"""The demo's last month, by the roads that people take, is the one of the files to the cent."""

import json

import numpy as np
import pytest
from sqlalchemy import text

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.money import parse_amount, plain
from monthclose.sandbox.faults import Fault, Kind
from monthclose.sandbox.group import write_demo_group
from monthclose.sandbox.handover import handed_over
from monthclose.sandbox.world import World
from monthclose.store.answers import LISTED
from monthclose.store.session import acting
from monthclose.wiring import demo
from monthclose.wiring.build import open_desk
from monthclose.wiring.database import OPERATOR
from monthclose.wiring.demo import DemoInProduction, connected, write_demo
from monthclose.wiring.settings import Settings

pytestmark = pytest.mark.server

ERPS = {"bling", "contaazul", "omie", "totvs"}


def june(folder) -> Book:
    """The consolidated month of a whole folder, in memory."""
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    return [engine.consolidate(period) for period in found.periods][-1]


def closed(desk, group, **how):
    """Connect, and close the month."""
    with connected(desk, group, **how) as made:
        return desk.close(group.period, pull=True), made.let_in, made.faults


class TestDemo:
    def test_the_stored_road_gives_the_figures_of_the_files(self, tmp_path):
        """
        Seven companies on four ERPs; a 503, a 502, a 429 and two bodies that were cut.

        Four servers, each proposed by one person and let in by another.
        """
        settings = Settings(home=tmp_path)
        group = write_demo(settings, 7)
        assert not (group.folder / "balances" / "2025-06.csv").exists()
        with open_desk(settings, portfolio=None) as desk:
            desk.import_folder(group.folder)
            assert not group.stands(desk)
            outcome, let_in, faults = closed(desk, group)
            assert outcome.error is None
            assert {each.outcome for each in outcome.extractions} == {Outcome.TAKEN}
            assert {each.erp for each in outcome.extractions} == ERPS
            assert [each.failing for each in outcome.extractions] == [()] * 7
            assert [each.gaps for each in outcome.extractions] == [()] * 7
            assert faults == 5
            assert len(let_in) == 4
            write_demo_group(tmp_path / "files")
            files, book = june(tmp_path / "files"), outcome.book
            assert book.totals == files.totals
            assert np.array_equal(book.consolidated, files.consolidated)
            assert book.unmatched == files.unmatched == ()
            assert outcome.validation.blocking == ()
            assert group.stands(desk)
            self.is_told_in_the_database(desk, let_in)
            self.is_kept_answer_by_answer(desk, outcome)
            self.is_quiet_when_repeated(desk, group)

    def is_told_in_the_database(self, desk, let_in):
        """Who proposed which server and who let it in, who was handed a credential for what."""
        tenant = {"t": desk.tenant}
        operator, manager = desk.database.user(OPERATOR), desk.user
        with acting(desk.database.engine, operator) as session:
            hosts = session.execute(
                text(
                    "select address, status, created_by, approved_by from outside_addresses"
                    " where tenant_id = :t order by address"
                ),
                tenant,
            ).all()
            handed = session.execute(
                text(
                    "select distinct user_id, purpose from credential_access_log"
                    " where tenant_id = :t and purpose like 'pull:%'"
                ),
                tenant,
            ).all()
        assert [tuple(row) for row in hosts] == [
            (address, "approved", operator, manager) for address in let_in
        ]
        assert {user for user, _ in handed} == {manager}
        assert {"pull: ListarExtrato", "pull: caixas"} < {purpose for _, purpose in handed}

    def is_kept_answer_by_answer(self, desk, outcome):
        """The list of each balance names its answers, and each of them is kept."""
        query = (
            "select encode(sha256, 'hex'), case when media_type = :l then bytes end"
            " from source_documents where tenant_id = :t and entity_id is not null"
        )
        with acting(desk.database.engine, desk.user) as session:
            rows = session.execute(text(query), {"t": desk.tenant, "l": LISTED}).all()
        listed = [each for _, held in rows if held for each in json.loads(bytes(held))]
        assert {each["sha256"] for each in listed} <= {sha256 for sha256, _ in rows}
        answers = [each for each in listed if each["endpoint"]]
        assert len(answers) == sum(each.documents for each in outcome.extractions) > 700
        tables = {each["label"] for each in listed if not each["endpoint"]}
        assert tables == {f"{code}-2025-06.csv" for code in ("AGRO", "FISC", "LUME", "SAUD")}

    def is_quiet_when_repeated(self, desk, group):
        """The folder again, the month again: nothing is missing, nothing is expected in vain."""
        _, again = desk.import_folder(group.folder)
        assert again.unchanged
        assert again.staying == {}
        repeated = desk.close(group.period)
        assert (repeated.computed, repeated.extractions) == ((), ())

    def test_what_its_source_contradicts_stops_the_sign_off(self, tmp_path, monkeypatch):
        """The balance before says that customers owe 1.00 more than their titles add up to."""

        def wrong(world, tables):
            made = handed_over(world, tables)
            more = {"AR": 1_00, "AP": -1_00}
            rows = [
                {**row, "closing": plain(parse_amount(row["closing"]) + more[row["account"]])}
                if row["entity"] == "FISC" and row["account"] in more
                else row
                for row in made["balances/2025-05"]
            ]
            return made | {"balances/2025-05": rows}

        monkeypatch.setattr(demo, "handed_over", wrong)
        settings = Settings(home=tmp_path)
        group = write_demo(settings, 3)
        with open_desk(settings, portfolio=None) as desk:
            desk.import_folder(group.folder)
            outcome, _, _ = closed(desk, group)
        found = {(each.check, each.subject) for each in outcome.validation.blocking}
        assert ("V12", "FISC") in found

    def test_production_has_no_place_for_it(self, tmp_path):
        with pytest.raises(DemoInProduction):
            write_demo(Settings(home=tmp_path, env="production"), 3)
        assert not list(tmp_path.iterdir())


class TestGroup:
    def test_the_holding_and_every_company_have_a_door(self, tmp_path):
        group = write_demo(Settings(home=tmp_path), 4)
        assert set(group.world.members) == set(World(entities=4).members)
        sent = {path.name for path in (group.papers / "gaps").glob("*-2025-06.csv")}
        without = {each.code for each in group.world.members.values() if each.erp != "totvs"}
        assert sent == {f"{code}-2025-06.csv" for code in without}


class TestFailing:
    def test_one_that_does_not_answer_stops_the_close_and_the_next_demo_goes_on(
        self, tmp_path, monkeypatch
    ):
        """Omie refuses the key at every call; once it takes it, the others stand."""
        refusing = {"omie": (Fault(Kind.STATUS, status=401, body="{}", times=1000),)}
        settings = Settings(home=tmp_path)
        group = write_demo(settings, 3)
        with open_desk(settings, portfolio=None) as desk:
            desk.import_folder(group.folder)
            with monkeypatch.context() as patched:
                patched.setattr(demo, "FAULTS", refusing)
                outcome, _, _ = closed(desk, group)
            assert outcome.error is not None
            assert [(e.entity, e.error) for e in outcome.extractions if e.error] == [
                ("FISC", outcome.error)
            ]
            assert not group.stands(desk)
            outcome, let_in, _ = closed(desk, group)
            assert outcome.error is None
            assert {each.entity: each.outcome for each in outcome.extractions} == {
                "FISC": Outcome.TAKEN,
                "NUVE": Outcome.STANDING,
                "VERO": Outcome.STANDING,
            }
            assert len(let_in) == 2
            assert group.stands(desk)
