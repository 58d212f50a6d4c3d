"""Price indices in the database: a close gives the folder's figures, and versions keep theirs."""

from dataclasses import replace

import pytest

from monthclose.close.steps import EntityDesk, inputs_hash
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.store.versions import StoredVersions
from tests.groupfolder.hyperinflation import MONTHS, write_pesos
from tests.store.office import Office
from tests.store.sample import Paper, Sample
from tests.store.test_runs import closer

pytestmark = pytest.mark.server


@pytest.fixture
def office(app, database):
    return Office(app, database)


def test_months_close_as_in_memory_and_a_version_keeps_its_index(office, tmp_path):
    """Another index of January makes another version; the first is still of the old one."""
    found = read_group(write_pesos(tmp_path / "pesos"))
    group = replace(found.group, code=office.code)
    engine = ConsolidationEngine(group)
    for raw in found.balances:
        engine.load_trial_balance(raw)
    papers = tuple(Paper(each.name, each.content) for each in found.documents)
    office.load(Sample(group, found.balances, papers))
    for month in MONTHS:
        outcome = closer(office).run(month)
        assert outcome.error is None
        assert outcome.book.digest == engine.consolidate(month).digest
        assert outcome.validation.blocking == ()
    levels = group.indices
    revised = (*levels[:-1], replace(levels[-1], value_e10=levels[-1].value_e10 + 10**10))
    office.load(Sample(replace(group, indices=revised), found.balances, papers))
    second = closer(office).run(MONTHS[-1])
    assert second.run.version == 2
    versions = StoredVersions(office.app, office.people["manager"], office.tenant)
    for number, wanted in ((1, outcome), (2, second)):
        version = versions.version(MONTHS[-1], number)
        assert inputs_hash(version.inputs, MONTHS[-1], version.code) == version.input_hash
        desk = EntityDesk(version.inputs, MONTHS[-1], lambda: 0.0)
        assert desk.work()[1] == []
        assert desk.engine.consolidate(MONTHS[-1]).digest == wanted.book.digest
