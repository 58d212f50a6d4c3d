"""What somebody mapped in the product outlives an import that says nothing of the company."""

from dataclasses import replace

import pytest

from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.store.intake import import_group
from monthclose.store.mapping_versions import propose_mapping
from monthclose.store.records import Reading
from monthclose.store.session import acting
from monthclose.wiring.database import open_database
from monthclose.wiring.settings import Settings
from tests.wiring.sourced import found, group, top

pytestmark = pytest.mark.server


def test_an_import_without_rows_of_a_company_leaves_what_was_accepted(tmp_path):
    """The folder's own mapping goes when its rows go; one that a person proposed stays."""
    settings = Settings(home=tmp_path)
    with open_database(settings) as database:
        house = found(settings, database.engine)
        operator, manager = house.people["operator"], house.people["manager"]

        def imported() -> dict[str, EntityMapping]:
            bare = replace(group(house.code), mappings={})
            import_group(database.engine, operator, manager, bare, (top("2024-12"),), ())
            with acting(database.engine, manager) as session:
                return dict(Reading(session, house.tenant).group().mappings)

        assert imported() == {}
        own = EntityMapping("ALFA", {"AR": (Target("1100"),)})
        with acting(database.engine, manager) as session:
            propose_mapping(session, house.tenant, own, "2025-01", "")
        assert imported()["ALFA"].targets == own.targets
