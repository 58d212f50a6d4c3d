"""A version is read back with the inputs that made it, whatever came since."""

from dataclasses import replace

import pytest

from monthclose.close.steps import EntityDesk, inputs_hash
from monthclose.ledger.rates import RateTable
from monthclose.store.errors import NotGranted
from monthclose.store.versions import StoredVersions, VersionUnknown
from tests.store.office import Office
from tests.store.test_runs import MAY, closer

pytestmark = pytest.mark.server


@pytest.fixture
def office(app, database):
    return Office(app, database)


def versions(office, name="manager"):
    return StoredVersions(office.app, office.people[name], office.tenant)


def remade(version):
    """The book made again from the inputs of a version."""
    desk = EntityDesk(version.inputs, version.period, lambda: 0.0)
    assert desk.work()[1] == []
    return desk.engine.consolidate(version.period)


def moved(sample):
    """The same group with other rates and another name of an account."""
    group = sample.group
    quotes = tuple(
        replace(quote, value_e10=quote.value_e10 + 10**7) for quote in group.rates.quotes
    )
    first, *rest = group.chart.accounts
    chart = replace(group.chart, accounts=(replace(first, name="Renamed"), *rest))
    return replace(sample, group=replace(group, rates=RateTable(quotes), chart=chart))


def test_a_version_is_made_again_after_everything_has_changed(office):
    """The first version is found as it was although rates and chart have moved on."""
    sample = office.small()
    office.load(sample)
    first = closer(office).run(MAY)
    office.load(moved(sample))
    second = closer(office).run(MAY)
    assert first.book.digest != second.book.digest
    for number, outcome in ((1, first), (2, second), (None, second)):
        version = versions(office).version(MAY, number)
        assert version.number == (number or 2)
        assert version.result_hash == outcome.book.digest
        assert remade(version).digest == outcome.book.digest
        assert inputs_hash(version.inputs, MAY, version.code) == version.input_hash


def test_a_version_keeps_what_its_close_read_whatever_is_imported_meanwhile(office):
    """Another balance of SUB comes while May is under way: the version is of the one before."""
    sample = office.small()
    office.load(sample)
    was = sample.of("SUB", MAY)
    grown = was.amounts.copy()
    grown[[0, -1]] += (1_00, -1_00)
    came: list[bool] = []

    def import_once(_step) -> None:
        if not came:
            came.append(True)
            office.load(sample.having(replace(was, amounts=grown)))

    first = closer(office).run(MAY, import_once)
    version = versions(office).version(MAY)
    assert came
    assert inputs_hash(version.inputs, MAY, version.code) == version.input_hash
    assert remade(version).digest == version.result_hash == first.book.digest
    second = closer(office).run(MAY)
    assert second.book.digest != first.book.digest


def test_the_figures_are_those_of_the_book(office):
    """By company and account; the companies add up to the consolidated figure."""
    office.load(office.small())
    book = closer(office).run(MAY).book
    figures = versions(office).version(MAY).figures
    for account in book.chart.codes:
        of_it = sum(amount for (_, code), amount in figures.items() if code == account)
        assert of_it == book.figure(account)


def test_records_that_stand_are_kept_once(office):
    """A second version that differs by rates and chart keeps those two anew."""
    sample = office.small()
    office.load(sample)
    closer(office).run(MAY)
    count = "select count(*) from version_records where tenant_id = %(t)s"
    before = office.ask(count)[0][0]
    office.load(moved(sample))
    closer(office).run(MAY)
    assert office.ask(count)[0][0] == before + 2


def test_a_version_that_is_not_there_says_which_are(office):
    office.load(office.small())
    closer(office).run(MAY)
    with pytest.raises(VersionUnknown) as unknown:
        versions(office).version(MAY, 7)
    assert unknown.value.versions == ("2025-05@1",)
    with pytest.raises(VersionUnknown):
        versions(office).version("2031-01")


def test_who_does_not_see_the_whole_group_gets_no_part_of_it(office):
    office.load(office.small())
    closer(office).run(MAY)
    office.add("reader", "read-only", "JP")
    for name in ("reader", "stranger"):
        with pytest.raises(NotGranted):
            versions(office, name).version(MAY)
