"""Contracts of customers in the database: loaded once, read back, kept by versions."""

from dataclasses import replace

import numpy as np
import pytest

from monthclose.close.metrics import measure_month
from monthclose.close.steps import EntityDesk, inputs_hash
from monthclose.ledger.balances import Source
from monthclose.ledger.subscriptions import ContractMonth
from monthclose.store.versions import StoredVersions
from tests.store.office import Office
from tests.store.test_runs import MAY, closer

pytestmark = pytest.mark.server


@pytest.fixture
def office(app, database):
    return Office(app, database)


def contracts(company, *months):
    """A company's months: each a label and what each customer pays, in minor units."""
    return tuple(
        ContractMonth(
            company.code,
            label,
            company.currency,
            tuple(mrr),
            ("",) * len(mrr),
            np.array(list(mrr.values()), dtype=np.int64),
            Source("subscriptions.csv", "", np.arange(2, 2 + len(mrr), dtype=np.int32)),
        )
        for label, mrr in months
    )


def having(sample, *each):
    return replace(sample, group=replace(sample.group, subscriptions=each))


def said(group):
    """What the contracts of a group say, comparable."""
    return [
        (each.entity, each.period, each.currency, each.by_customer(), each.number)
        for each in group.subscriptions
    ]


def test_contracts_come_back_as_they_were(office):
    """Also in yen, which have no hundredths; those of a later month are not read for May."""
    sample = office.small()
    yen = next(each for each in sample.group.entities if each.currency == "JPY")
    given = contracts(
        yen, ("2024-03", {"C1": 5}), (MAY, {"C1": 700, "C2": 0}), ("2031-01", {"X": 1})
    )
    assert office.load(having(sample, *given)).counts["subscriptions"] == 3
    assert said(office.records().inputs(MAY).group) == [
        (yen.code, "2024-03", "JPY", {"C1": 5}, 1),
        (yen.code, MAY, "JPY", {"C1": 700, "C2": 0}, 1),
    ]
    assert len(office.records().group().subscriptions) == 3
    read = office.records().group().subscriptions[1]
    assert (read.customers, read.where(1)) == (("C1", "C2"), "")


def test_the_same_again_is_nothing_new(office):
    sample = office.small()
    company = sample.group.entities[0]
    first = having(sample, *contracts(company, (MAY, {"C1": 100})))
    second = having(sample, *contracts(company, (MAY, {"C1": 150})))
    counts = [office.load(each).counts["subscriptions"] for each in (first, first, second, first)]
    assert counts == [1, 0, 1, 1]
    assert said(office.records().group())[0][3:] == ({"C1": 100}, 3)


def test_a_month_that_is_no_longer_given_stays(office):
    sample = office.small()
    company = sample.group.entities[0]
    office.load(having(sample, *contracts(company, (MAY, {"C1": 100}))))
    office.load(sample)
    assert said(office.records().group())[0][3] == {"C1": 100}


def test_other_contracts_make_the_next_version_which_keeps_its_own(office):
    """Nothing in the books moves; the first version still has its hundred, the second 150."""
    sample = office.small()
    company = sample.group.entities[0]
    office.load(having(sample, *contracts(company, ("2025-04", {"C1": 80}), (MAY, {"C1": 100}))))
    first = closer(office).run(MAY)
    office.load(having(sample, *contracts(company, (MAY, {"C1": 150}))))
    second = closer(office).run(MAY)
    assert (first.run.version, second.run.version) == (1, 2)
    versions = StoredVersions(office.app, office.people["manager"], office.tenant)
    for number, mrr, outcome in ((1, 100, first), (2, 150, second)):
        version = versions.version(MAY, number)
        assert inputs_hash(version.inputs, MAY, version.code) == version.input_hash
        desk = EntityDesk(version.inputs, MAY, lambda: 0.0)
        assert desk.work()[1] == []
        book = desk.engine.consolidate(MAY)
        assert book.digest == outcome.book.digest
        measured = {each.facts.entity: each.metrics for each in measure_month(desk.engine, book)}
        assert measured[company.code].paying == 1
        assert said(version.inputs.group)[-1][3] == {"C1": mrr}
