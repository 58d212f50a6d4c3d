"""Records of Bling kept in the database: the next process does not read each again."""

from dataclasses import replace
from datetime import date

import pytest

from monthclose.ledger.details import Detail
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.sources import SourceDocument
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.server import Servers
from monthclose.store.connections import NewConnection
from monthclose.store.errors import NotGranted
from monthclose.store.source_records import SourceRecords
from monthclose.wiring.settings import Settings
from tests.connectors.bling_case import COMPANY
from tests.connectors.fakes import NOON, FakeClock
from tests.wiring.sourced import found

pytestmark = pytest.mark.server

FEB, MAR = date(2025, 2, 4), date(2025, 3, 4)
RECORDS = ("contas/receber/{id}", "contas/pagar/{id}")


class Place:
    """A house beside a Bling of its own; each command is a process of its own, as to memory."""

    def __init__(self, home, engine):
        self.clock = FakeClock()
        self.house = found(Settings(home=home), engine, self.clock)
        self.stand = Bling({"ALFA": COMPANY}, clock=lambda: self.clock.now().timestamp())
        self.servers = Servers({"bling": self.stand})
        self.home = home

    def __enter__(self):
        self.servers.__enter__()
        self.house.settings = Settings(
            home=self.home, egress_test_allow=self.servers.address("bling")
        )
        new = NewConnection(
            "ALFA", "bling", "ALFA", self.servers.url("bling"), {"since": "2025-01"}
        )
        sources = self.house.sources("operator")
        self.made = sources.add(new, {"client_id": "x", "client_secret": "y"})
        return self

    def __exit__(self, *error):
        self.servers.__exit__(*error)

    def on(self, day, company=None, *faults):
        """Let it be noon in Brasília on a day, with another state of the company."""
        self.clock.moment = self.clock.moment.replace(
            year=day.year, month=day.month, day=day.day, hour=15
        )
        self.stand.companies["ALFA"] = replace(company or COMPANY, today=day)
        self.stand.script = Script(*faults)
        files = self.house.sources("operator").files
        files.put(self.made.secret_name, self.stand.tokens.secrets("ALFA"))

    def pull(self, period, who="manager"):
        (done,) = self.house.sources(who).pull(period)
        return done

    @property
    def read(self):
        """Records that were read since the last day that began."""
        return sum(self.stand.script.calls[each] for each in RECORDS)


@pytest.fixture
def place(home, database):
    with Place(home, database.engine) as opened:
        yield opened


class TestKept:
    def test_the_next_month_in_another_process_reads_what_is_open(self, place):
        """Seven titles; two are open after January. Without what is kept all seven are read."""
        place.on(FEB)
        assert place.pull("2025-01").outcome is Outcome.TAKEN
        assert place.read == 7
        place.on(MAR)
        assert place.pull("2025-02").outcome is Outcome.TAKEN
        assert place.read == 2
        kept = place.house.ask(
            "select count(*), count(done) from source_records where tenant_id = :t"
        )
        assert kept == [(7, 5)]

    def test_what_a_reading_that_failed_has_read_is_kept(self, place):
        """The contacts do not answer: the records were read before, and are not lost."""
        place.on(FEB, None, Fault(Kind.STATUS, "contatos", status=403, body="{}"))
        assert place.pull("2025-01").outcome is Outcome.FAILED
        assert place.house.ask("select count(*) from source_records where tenant_id = :t") == [(7,)]

    def test_a_record_that_was_deleted_since_counts_from_what_is_kept(self, place):
        """1002, 5,000.00 open on 4 February, is gone on 4 March: it ends on 28 February."""
        place.on(FEB)
        place.pull("2025-01")
        dealings = COMPANY.dealings
        left = replace(dealings, titles=tuple(t for t in dealings.titles if t.id != "1002"))
        place.on(MAR, replace(COMPANY, dealings=left))
        done = place.pull("2025-02")
        assert ("cancelled-between", "2025-02-28") in [
            (code, facts.get("day")) for code, facts in done.notes
        ]
        ended = place.house.ask(
            "select number, ended from source_records where tenant_id = :t and ended is not null"
        )
        assert ended == [("1002", date(2025, 2, 28))]

    def test_they_are_seen_and_written_by_who_writes_the_company(self, place):
        place.on(FEB)
        place.pull("2025-01")
        (stored,) = place.house.sources("operator").connections.all()
        facts = (place.house.engine, place.house.tenant, stored.entity_id, stored.id)

        def of(who):
            engine, *rest = facts
            return SourceRecords(engine, place.house.people[who], *rest)

        assert sum(map(len, of("reader").all().values())) == 7
        assert of("operator").all() == {}
        document = SourceDocument("bling x", "h/x", "application/json", b"{}", NOON)
        fresh = {("contas/receber", "1"): Detail("0" * 64, document, FEB)}
        for who in ("reader", "operator"):
            with pytest.raises(NotGranted):
                of(who).put(fresh)
        of("analyst").put(fresh)
        assert of("manager").all()["contas/receber"]["1"].document.content == b"{}"
        # a year that somebody mistyped in Bling stops no reading
        of("analyst").put(
            {key: replace(each, done=date(2205, 1, 5)) for key, each in fresh.items()}
        )
        assert of("manager").all()["contas/receber"]["1"].done == date(2100, 12, 31)
