"""A group described otherwise: imported, closed again, and what becomes of its versions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monthclose.close.runner import CloseOutcome
from monthclose.groupfolder import write_example
from monthclose.ledger.runs import Step
from monthclose.store.intake import SettledOtherwise
from monthclose.store.versions import VersionUnknown
from monthclose.wiring.build import Desk, open_desk
from monthclose.wiring.lookback import compare_stored, read_version
from monthclose.wiring.settings import Settings
from tests.groupfolder.folders import add, edit, put

pytestmark = pytest.mark.server

JUNE = "2025-06"
SETTINGS = "group.toml"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An installation that every test has a portfolio of its own in."""
    with open_desk(Settings(home=tmp_path_factory.mktemp("settings")), portfolio=None) as opened:
        yield opened


@dataclass(frozen=True)
class Group:
    """The example under a code of its own, imported and closed once."""

    desk: Desk
    folder: Path
    first: CloseOutcome

    def again(self) -> CloseOutcome:
        """Import the folder as it is now, and close once more."""
        self.desk.import_folder(self.folder)
        return self.desk.close(JUNE)

    def changed(self, kind: str) -> list[tuple[str, str]]:
        """What `diff` says of one part of the group between the first version and the second."""
        found = compare_stored(self.desk, f"{JUNE}@1", f"{JUNE}@2").difference
        return [each.said("en") for each in found.changes if each.kind == kind]

    @property
    def moved(self) -> dict[tuple[str, str], dict[str, int]]:
        """Every figure that moved, with its causes."""
        found = compare_stored(self.desk, f"{JUNE}@1", f"{JUNE}@2").difference
        return {(each.entity, each.account): dict(each.causes) for each in found.moved}


@pytest.fixture
def group(desk: Desk, tmp_path: Path, request: pytest.FixtureRequest) -> Group:
    """The example, closed."""
    write_example(tmp_path)
    code = request.node.name.removeprefix("test_")[:30].strip("_").replace("[", "-").strip("]")
    edit(tmp_path, SETTINGS, 'code = "EXAMPLE"', f'code = "{code}"')
    desk.import_folder(tmp_path)
    first = desk.close(JUNE)
    assert first.error is None
    return Group(desk, tmp_path, first)


class TestSameVersion:
    """What a group is called moves no figure: it is printed anew, and stays version 1."""

    def test_a_name(self, group: Group):
        edit(group.folder, SETTINGS, 'name = "Grupo Exemplo"', 'name = "Grupo Outro"')
        outcome = group.again()
        assert [each.step for each in outcome.computed] == [Step.REPORT]
        assert outcome.book is not None
        assert outcome.book.group.name == "Grupo Outro"
        assert outcome.book.digest == group.first.run.result_hash
        with pytest.raises(VersionUnknown):
            read_version(group.desk, f"{JUNE}@2")
        assert read_version(group.desk, f"{JUNE}@1")[2].group.name == "Grupo Exemplo"

    def test_how_its_tables_write_numbers_is_no_setting_of_the_group(self, group: Group):
        edit(group.folder, SETTINGS, "[group]", "# The same, said with a comment.\n[group]")
        outcome = group.again()
        assert (outcome.computed, outcome.error) == ((), None)


class TestNextVersion:
    def test_a_language_says_the_accounts_that_the_program_added_otherwise(self, group: Group):
        edit(group.folder, SETTINGS, 'language = "pt-BR"', 'language = "en"')
        outcome = group.again()
        assert outcome.book is not None
        assert outcome.book.digest == group.first.run.result_hash
        assert group.changed("language") == [("pt-BR", "en")]
        assert ("Diferença intragrupo", "Intercompany difference") in group.changed("chart")
        assert group.moved == {}

    def test_a_framework_claims_something_else_of_the_same_figures(self, group: Group):
        edit(group.folder, SETTINGS, 'framework = "IFRS"', 'framework = "US GAAP"')
        outcome = group.again()
        assert outcome.book is not None
        assert outcome.book.digest == group.first.run.result_hash
        assert group.changed("framework") == [("IFRS", "US GAAP")]
        assert group.moved == {}
        frameworks = [
            read_version(group.desk, f"{JUNE}@{number}")[2].group.framework for number in (1, 2)
        ]
        assert frameworks == ["IFRS", "US GAAP"]
        assert group.again().computed == ()

    def test_a_first_month_opens_with_what_was_stated_for_the_other(self, group: Group):
        """The openings, stated for May, are June's now: what moved has that one cause."""
        edit(group.folder, SETTINGS, 'first_period = "2025-05"', 'first_period = "2025-06"')
        outcome = group.again()
        assert outcome.error is None
        assert group.changed("first_period") == [("2025-05", "2025-06")]
        assert group.moved
        assert {cause for causes in group.moved.values() for cause in causes} == {"rule"}
        assert read_version(group.desk, f"{JUNE}@1")[2].group.first_period == "2025-05"

    def test_a_first_month_left_out_is_that_of_the_first_balance(self, group: Group):
        edit(group.folder, SETTINGS, 'first_period = "2025-05"\n', "")
        assert group.again().computed == ()


class TestTolerance:
    def test_what_two_sides_may_differ_by_decides_what_blocks(self, group: Group):
        """
        ALFA says BETA owes it 100.00, BETA says 97.00: 3 % of the larger, both in reais.

        Within one percent they are no two sides of anything, and V8 blocks; within five they
        are, and 3.00 at the closing rate of 5, 0.60, stand in the difference account.
        """
        put(
            group.folder,
            f"intercompany/{JUNE}.csv",
            "entity,partner,kind,account,reference,amount\n"
            "ALFA,BETA,AR,1100,NF-1,100.00\nBETA,ALFA,AP,2000,NF-1,-97.00\n",
        )
        before = group.again()
        assert before.validation is not None
        assert {each.check for each in before.validation.blocking} == {"V8"}
        add(group.folder, SETTINGS, '\n[policies]\nic_tolerance_pct = "5"')
        after = group.again()
        assert after.book is not None
        assert after.validation is not None
        assert after.validation.blocking == ()
        assert [each.residual for each in after.book.matches] == [60]
        # What was not eliminated moved no figure: items and tolerance make version 2 together.
        assert group.changed("tolerance") == [("1 %", "5 %")]
        assert len(group.changed("items")) == 2
        assert group.moved["ALFA", "1100"]


class TestSettled:
    """What stored figures stand on does not change under the same code."""

    def test_a_fiscal_year(self, group: Group):
        edit(group.folder, SETTINGS, "fiscal_year_end = 12", "fiscal_year_end = 3")
        with pytest.raises(SettledOtherwise, match=r"fiscal_year_end is 12.*says 3"):
            group.again()
        assert read_version(group.desk, f"{JUNE}@1")[2].digest == group.first.run.result_hash

    def test_a_presentation_currency(self, group: Group):
        edit(group.folder, SETTINGS, '_currency = "USD"', '_currency = "EUR"')
        with pytest.raises(SettledOtherwise, match=r"presentation_currency is USD.*says EUR"):
            group.again()
        assert read_version(group.desk, f"{JUNE}@1")[2].digest == group.first.run.result_hash
