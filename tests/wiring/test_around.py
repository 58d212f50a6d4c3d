"""A credential noted at each use, a block seen within a second, a server served right here."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from monthclose.connectors.errors import AddressRefused
from monthclose.store.errors import NotGranted
from monthclose.store.vault import CredentialRecord, log_together
from monthclose.wiring import vault as vaults
from monthclose.wiring.neighbors import Around, secret_files
from monthclose.wiring.settings import Settings
from monthclose.wiring.sources import Sources
from monthclose.wiring.vault import Accesses, StoredBlocks, StoredVault
from tests.connectors.test_omie import COMPANY

pytestmark = pytest.mark.server


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
    def test_each_use_is_noted_and_a_renewed_credential_is_handed_out_at_once(self, place):
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
        asyncio.run(renew())
        assert asyncio.run(vault.read("ListarExtrato"))["access_token"] == "fresh"
        assert noted() == [*["pull: ListarExtrato"] * 3, "pull: renew", "pull: ListarExtrato"]
        assert "fresh" not in repr(vault)

    def test_uses_at_once_are_noted_in_few_transactions(self, place, monkeypatch):
        """Forty at once: the first goes alone, the rest of them together."""
        made, record = record_of(place)
        files = secret_files(place.house.settings)
        vault = StoredVault(files, record, made.secret_name, "pull", "omie", place.clock)
        sizes = []

        def counted(accesses):
            sizes.append(len(accesses))
            log_together(accesses)

        monkeypatch.setattr(vaults, "log_together", counted)

        async def all_at_once():
            return await asyncio.gather(*(vault.read(str(number)) for number in range(40)))

        assert len(asyncio.run(all_at_once())) == 40
        assert sum(sizes) == 40
        assert len(sizes) <= 2
        rows = place.house.ask(
            "select count(*) from credential_access_log where tenant_id = :t", "operator"
        )
        assert rows[0][0] == 40

    def test_who_may_not_be_handed_one_gets_none_and_hinders_nobody(self, place):
        """The second credential is of a company that does not exist: its access is refused."""
        made, record = record_of(place)
        files = secret_files(place.house.settings)
        together = Accesses()
        ours = StoredVault(
            files, record, made.secret_name, "pull", "omie", place.clock, accesses=together
        )
        theirs = StoredVault(
            files, replace(record, entity_id=uuid4()), made.secret_name, "pull", "omie",
            place.clock, accesses=together,
        )  # fmt: skip

        async def both():
            asked = (ours.read("a"), theirs.read("b"), ours.read("c"), theirs.read("d"))
            return await asyncio.gather(*asked, return_exceptions=True)

        first, refused, second, again = asyncio.run(both())
        assert first == second
        assert isinstance(refused, NotGranted)
        assert isinstance(again, NotGranted)

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
