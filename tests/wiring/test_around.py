"""A credential kept for a minute, a block seen within a second, a server served right here."""

import asyncio

import pytest

from monthclose.connectors.errors import AddressRefused
from monthclose.store.vault import CredentialRecord
from monthclose.wiring import vault as vaults
from monthclose.wiring.database import open_database
from monthclose.wiring.neighbors import Around, secret_files
from monthclose.wiring.settings import Settings
from monthclose.wiring.sources import Sources
from monthclose.wiring.vault import StoredBlocks, StoredVault
from tests.connectors.fakes import FakeClock
from tests.connectors.test_omie import COMPANY
from tests.wiring.test_sources import Place

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def database(home):
    with open_database(Settings(home=home)) as opened:
        yield opened


@pytest.fixture
def place(home, database):
    with Place(home, database.engine, FakeClock()) as opened:
        yield opened


@pytest.fixture
def passing(monkeypatch):
    """Seconds that pass when told."""
    now = [1000.0]
    monkeypatch.setattr(vaults, "monotonic", lambda: now[0])
    return now


def record_of(place):
    """The record of the company's connection, for the manager."""
    made, house = place.add(), place.house
    (stored,) = house.sources("operator").connections.all()
    people = house.people["manager"]
    return made, CredentialRecord(house.engine, people, house.tenant, stored.entity_id, made.id)


class TestKept:
    def test_a_kind_of_question_is_noted_once_a_minute_and_anew_after_a_renewal(
        self, place, passing
    ):
        made, record = record_of(place)
        files = secret_files(place.house.settings)
        vault = StoredVault(files, record, made.secret_name, "pull", "omie", place.clock)

        def noted():
            rows = place.house.ask(
                "select purpose from credential_access_log where tenant_id = :t"
                " order by accessed_at",
                "operator",
            )
            return [row[0] for row in rows]

        async def renew():
            async with vault.renewing() as row:
                await row.replace(row.secrets.with_parts(access_token="fresh"))

        for _ in range(3):
            asyncio.run(vault.read("ListarExtrato"))
        asyncio.run(vault.read("ListarClientes"))
        assert noted() == ["pull: ListarExtrato", "pull: ListarClientes"]
        passing[0] += vaults.KEPT_S
        asyncio.run(vault.read("ListarExtrato"))
        assert noted()[2:] == ["pull: ListarExtrato"]
        asyncio.run(renew())
        assert asyncio.run(vault.read("ListarExtrato"))["access_token"] == "fresh"
        assert noted()[3:] == ["pull: renew", "pull: ListarExtrato"]
        assert "fresh" not in repr(vault)

    def test_a_block_of_another_process_is_seen_within_a_second(self, place, passing):
        _, record = record_of(place)
        ours, theirs = StoredBlocks(record), StoredBlocks(record)
        assert asyncio.run(ours.until("omie", "ListarExtrato")) == 0.0
        asyncio.run(theirs.block("omie", "", 2_000_000_000.0))
        assert asyncio.run(theirs.until("omie", "ListarExtrato")) == 2_000_000_000.0
        assert asyncio.run(ours.until("omie", "ListarExtrato")) == 0.0
        passing[0] += vaults.LOOKED_S
        assert asyncio.run(ours.until("omie", "ListarExtrato")) == 2_000_000_000.0


class TestServedHere:
    def test_it_is_called_over_plain_http_once_two_people_let_it_in(self, place):
        address = place.servers.address("omie")
        place.house.settings = Settings(home=place.home)

        def sources(who):
            house = place.house
            around = Around(place.clock, frozenset({address}))
            return Sources(house.settings, house.engine, house.people[who], house.tenant, around)

        with pytest.raises(AddressRefused):
            place.add()  # for whoever serves nothing it is an address like any other
        place.house.sources = sources
        assert place.add().waits == address
        (refused,) = sources("manager").test()
        assert isinstance(refused.error, AddressRefused)
        place.house.do(
            "update outside_addresses set status = 'approved' where tenant_id = :t"
            " and status = 'submitted'",
            "manager",
        )
        (tested,) = sources("manager").test()
        assert [each.cnpj for each in tested.companies] == [COMPANY.cnpj]
        place.house.sources = lambda who: Sources(
            place.house.settings, place.house.engine, place.house.people[who], place.house.tenant,
            Around(place.clock),
        )  # fmt: skip
        (gone,) = place.house.sources("manager").test()
        assert isinstance(gone.error, AddressRefused)
