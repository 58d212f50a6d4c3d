"""Connections switched off and on, removed, tried first; a month looked at before it is taken."""

from dataclasses import replace

import pytest

from monthclose.access.secret_file import SecretMissing
from monthclose.connectors.errors import CredentialRefused, GrantNotRevoked, OpeningMissing
from monthclose.ledger.extractions import Outcome
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.store.connections import (
    ConnectionAlready,
    ConnectionMissing,
    ConnectionOff,
    NewConnection,
)
from monthclose.store.errors import NotGranted
from monthclose.wiring.switching import remove, try_out
from tests.connectors.test_omie import COMPANY, KEYS, MONTH
from tests.wiring.sourced import text_of
from tests.wiring.test_source_records import FEB
from tests.wiring.test_source_records import Place as BlingPlace
from tests.wiring.test_sources import _with_more

pytestmark = pytest.mark.server

STORED = (
    "select (select count(*) from etl_batches where tenant_id = :t),"
    " (select count(*) from source_documents where tenant_id = :t),"
    " (select count(*) from source_records where tenant_id = :t),"
    " (select count(*) from connection_states where tenant_id = :t),"
    " (select count(*) from entity_chart_of_accounts a join portfolio_entities e"
    "   on e.id = a.entity_id where e.tenant_id = :t)"
)


@pytest.fixture
def bling(home, database):
    with BlingPlace(home, database.engine) as opened:
        opened.on(FEB)
        yield opened


class TestSwitch:
    def test_what_is_off_is_not_pulled_and_says_so(self, place):
        place.add()
        place.house.sources("operator").connections.switch("ALFA", active=False)
        assert place.house.sources("manager").pull("2025-01") == ()
        assert place.house.sources("manager").extract("2025-01", again=True) == ()
        with pytest.raises(ConnectionOff):
            place.house.sources("manager").pull("2025-01", ["ALFA"])
        place.house.sources("operator").connections.switch("ALFA", "omie", active=True)
        assert place.pull().outcome is Outcome.TAKEN

    def test_an_admin_switches_and_nobody_else(self, place):
        place.add()
        for who in ("manager", "analyst", "reader"):
            with pytest.raises(NotGranted):
                place.house.sources(who).connections.switch("ALFA", active=False)
            with pytest.raises(NotGranted):
                remove(place.house.sources(who), "ALFA")
        assert place.pull().outcome is Outcome.TAKEN
        with pytest.raises(ConnectionMissing):
            place.house.sources("operator").connections.switch("ALFA", "bling", active=False)


class TestOneAtATime:
    """A month is read over one connection: a second is refused until the first is off."""

    def test_another_company_of_the_same_system_is_refused(self, place):
        place.add()
        with pytest.raises(ConnectionAlready) as refused:
            place.add(company="4711")
        assert "source off --entity ALFA" in refused.value.message("en")
        (stored,) = place.house.sources("operator").connections.all()
        assert stored.company == ""

    def test_after_the_first_is_off_the_second_is_read_and_the_first_stays_off(self, place):
        place.add()
        connections = place.house.sources("operator").connections
        connections.switch("ALFA", active=False)
        place.add(company="4711")
        assert [each.company for each in connections.active("ALFA")] == ["4711"]
        with pytest.raises(ConnectionAlready):
            connections.switch("ALFA", active=True)
        assert [each.company for each in connections.active("ALFA")] == ["4711"]


class TestRemove:
    def test_the_credential_is_gone_and_what_was_read_stays(self, place):
        made = place.add()
        place.pull()
        sources = place.house.sources("operator")
        (removed,) = remove(sources, "ALFA")
        assert (removed.revoked, removed.error) == (False, None)  # Omie has no grant to end
        assert KEYS["app_secret"].encode() not in text_of(place.home / "secrets")
        (stored,) = place.house.sources("manager").connections.all()
        assert (stored.active, stored.secret_name, stored.last_pull) == (False, "", "2025-01")
        for gone in (lambda: place.house.sources("manager").pull("2025-01", ["ALFA"]),
                     lambda: sources.connections.switch("ALFA", active=True),
                     lambda: remove(sources, "ALFA")):  # fmt: skip
            with pytest.raises(ConnectionMissing):
                gone()
        again = place.add()
        assert (again.id, again.fresh) == (made.id, False)
        assert place.pull().outcome is Outcome.STANDING

    def test_a_grant_is_revoked_where_the_vendor_can(self, bling):
        (removed,) = remove(bling.house.sources("operator"), "ALFA", "bling")
        assert removed.revoked
        assert bling.stand.script.calls["oauth/revoke"] == 1
        assert all(grant.revoked for grant in bling.stand.tokens._grants[-1:])

    def test_a_vendor_that_does_not_answer_is_named_and_the_credential_is_gone(self, bling):
        bling.stand.script = Script(Fault(Kind.STATUS, "oauth/revoke", status=404, times=9))
        sources = bling.house.sources("operator")
        (removed,) = remove(sources, "ALFA")
        assert isinstance(removed.error, GrantNotRevoked)
        assert not removed.revoked
        (stored,) = sources.connections.all()
        assert (stored.secret_name, stored.active) == ("", False)
        with pytest.raises(SecretMissing):
            sources.files.get(bling.made.secret_name)

    def test_who_was_handed_it_to_end_it_is_noted(self, bling):
        remove(bling.house.sources("operator"), "ALFA")
        asked = bling.house.ask(
            "select purpose, outcome from credential_access_log where tenant_id = :t", "operator"
        )
        assert asked == [("remove: renew", "granted")]


class TestTried:
    def test_a_credential_is_tried_and_nothing_of_it_is_kept(self, place):
        new = NewConnection("ALFA", "omie", base_url=place.url)
        tried = try_out(place.house.sources("operator"), new, KEYS)
        assert (tried.asked, tried.matches, tried.error) == (True, True, None)
        assert [each.cnpj for each in tried.companies] == [COMPANY.cnpj]
        assert place.house.sources("operator").connections.all() == ()
        assert KEYS["app_secret"].encode() not in text_of(place.home / "secrets")
        place.serve(replace(COMPANY, cnpj="44555666000181"))
        assert not try_out(place.house.sources("operator"), new, KEYS).matches
        wrong = try_out(place.house.sources("operator"), new, {**KEYS, "app_secret": "wrong"})
        assert isinstance(wrong.error, CredentialRefused)

    def test_who_may_not_set_it_up_may_not_try_it(self, place):
        new = NewConnection("ALFA", "omie", base_url=place.url)
        with pytest.raises(NotGranted):
            try_out(place.house.sources("manager"), new, KEYS)
        assert place.calls == 0

    def test_a_host_of_nobody_is_not_called_and_not_proposed(self, place):
        new = NewConnection("ALFA", "omie", base_url="https://erp.example.com:8443")
        tried = try_out(place.house.sources("operator"), new, KEYS)
        assert (tried.asked, tried.made.waits) == (False, "erp.example.com:8443")
        assert place.house.ask("select from outside_addresses where tenant_id = :t") == []


class TestForeseen:
    def test_a_month_is_shown_with_its_totals_and_nothing_is_stored(self, place):
        """Debits: banks 11,804.10, receivables 5,000.00, expenses 1,545.90."""
        place.add()
        before = place.house.ask(STORED)
        (seen,) = place.house.sources("manager").foresee("2025-01")
        assert (seen.extraction.outcome, seen.extraction.lines) == (Outcome.TAKEN, 12)
        assert (seen.debits, seen.credits) == (18_350_00, 18_350_00)
        assert (seen.changes, seen.extraction.number) == ((), 0)
        assert seen.extraction.new_documents > 5
        assert place.house.ask(STORED) == before

    def test_what_stands_otherwise_is_told_by_account(self, place):
        """A sale of 700.00 that was entered since."""
        place.add()
        place.pull()
        (same,) = place.house.sources("manager").foresee("2025-01")
        assert (same.extraction.outcome, same.changes) == (Outcome.STANDING, ())
        assert same.extraction.new_documents == 0
        place.serve(replace(COMPANY, dealings=_with_more(MONTH)))
        (seen,) = place.house.sources("manager").foresee("2025-01")
        assert seen.extraction.outcome is Outcome.TAKEN
        assert [(c.account, c.closed, c.found) for c in seen.changes] == [
            ("AR", 5_000_00, 5_700_00),
            ("CAT:1.01.01", -3_000_00, -3_700_00),
        ]
        place.house.lock("2024-12")
        place.house.lock("2025-01")
        (late,) = place.house.sources("manager").foresee("2025-01")
        assert late.extraction.outcome is Outcome.LATE
        assert [each.account for each in late.extraction.late] == ["AR", "CAT:1.01.01"]

    def test_a_failing_source_is_told_and_not_noted(self, place):
        place.add()
        before = place.house.ask(STORED)
        (seen,) = place.house.sources("manager").foresee("2025-06")
        assert isinstance(seen.extraction.error, OpeningMissing)
        assert place.house.ask(STORED) == before

    def test_records_of_bling_are_not_kept_by_it(self, bling):
        (seen,) = bling.house.sources("manager").foresee("2025-01")
        assert seen.extraction.outcome is Outcome.TAKEN
        assert bling.read == 7
        assert bling.house.ask("select from source_records where tenant_id = :t") == []
