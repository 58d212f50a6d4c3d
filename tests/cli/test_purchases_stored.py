"""A purchase in the database: closed, corrected within its measurement period, closed again."""

import json
from pathlib import Path

import pytest

from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from tests.groupfolder.folders import add, edit, put
from tests.groupfolder.purchases import abroad_in
from tests.groupfolder.test_within_year import RESULTS, folder_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """
    An installation where a life was corrected after two closes; and what each close found.

    The last month is closed again first, beside a year that was closed with the old life;
    then the year, and the month once more.
    """
    place, folder = tmp_path_factory.mktemp("home"), abroad_in(tmp_path_factory.mktemp("told"))
    found: dict[str, list[str]] = {}
    with open_desk(Settings(home=place), portfolio=None) as desk:

        def close(month: str, name: str) -> None:
            outcome = desk.close(month)
            assert outcome.error is None
            assert outcome.validation is not None
            found[name] = [f"{b.check} {b.subject}" for b in outcome.validation.blocking]

        desk.import_folder(folder)
        close("2025-12", "year")
        close("2026-02", "month")
        edit(folder, "step_ups.csv", "360.00,24", "400.00,36")
        add(folder, "step_ups.csv", "ACQ-S,LAND,Land,10.00,,1510,,")
        desk.import_folder(folder)
        close("2026-02", "month again")
        close("2025-12", "year again")
        close("2026-02", "month at last")
    return place, found


@pytest.mark.server
class TestCorrected:
    def test_a_month_that_opens_otherwise_than_its_year_closed_is_not_clean(self, home):
        """Goodwill and outsiders moved: V4 says so until the year is closed again."""
        _, found = home
        assert found["year"] == found["month"] == found["year again"] == []
        assert found["month again"] == ["V4 S"]
        assert found["month at last"] == []

    def test_the_next_version_names_what_was_corrected(self, home, run):
        said = run("diff", "2026-02@1", "2026-02@2", "--json", home=home[0])
        answer = json.loads(said.stdout)
        changed = {each["subject"]: (each["was"], each["now"]) for each in answer["changes"]}
        assert changed == {
            "ACQ-S CUST amount": ("BRL 360.00", "BRL 400.00"),
            "ACQ-S CUST life": ("24", "36"),
            "ACQ-S LAND": ("", "amount BRL 10.00, asset account 1510, name Land"),
        }
        assert {each["cause"] for each in answer["changes"]} == {"journal"}

    def test_figures_are_measured_again_at_the_rate_of_the_day(self, home, run):
        """
        Step-ups 410.00, taxed 139.40: net 270.60, at 0.20 = 54.12. Outsiders 20 % x 1,270.60.

        Goodwill 1,200.00 + 254.12 - 1,270.60 = 183.52, less 50.00 lost = 133.52 at 0.23.
        """
        words = ("explain", "2026-02", "goodwill", "--json")
        tree = json.loads(run(*words, home=home[0]).stdout)["tree"]
        assert tree["amount"] == "30.71"
        kinds = {node["kind"]: node["amount"] for node in walk(tree)}
        assert (kinds["goodwill"], kinds["written_off"]) == ("133.52", "-50.00")

    @pytest.mark.parametrize(
        ("version", "charged", "months"),
        [("2026-02@1", "-210.00", "24"), ("2026-02", "-155.56", "36")],
    )
    def test_each_version_goes_down_to_its_own_record(self, home, run, version, charged, months):
        """14 of 24 months of 360.00; 14 of 36 months of 400.00 = 155.56."""
        words = ("explain", version, "1515", "--json")
        tree = json.loads(run(*words, home=home[0]).stdout)["tree"]
        (node,) = (each for each in walk(tree) if each["kind"] == "accumulated")
        assert (node["amount"], node["facts"]["life"]) == (charged, months)

    def test_deferred_tax_goes_down_to_the_step_ups(self, home, run):
        """34 % x (410.00 - 155.56) = 86.51 (86.5096)."""
        words = ("explain", "2026-02", "2500", "--json")
        tree = json.loads(run(*words, home=home[0]).stdout)["tree"]
        nodes = list(walk(tree))
        assert [n["amount"] for n in nodes if n["kind"] == "tax_stands"] == ["-86.51"]
        assert {n["amount"] for n in nodes if n["kind"] == "step_up"} == {"400.00", "10.00"}


@pytest.mark.server
def test_a_purchase_within_a_year_is_closed_and_explained(run, tmp_path):
    """The result before comes back from the database, and 4000 says what left it."""
    folder = folder_of(tmp_path)
    put(folder, "acquired_results.csv", RESULTS)
    place = tmp_path / "home"
    with open_desk(Settings(home=place), portfolio=None) as desk:
        desk.import_folder(folder)
        outcome = desk.close("2025-08")
        assert outcome.error is None
        assert outcome.validation is not None
        assert outcome.validation.blocking == ()
    tree = json.loads(run("explain", "2025-08", "4000", "--json", home=place).stdout)["tree"]
    assert tree["amount"] == "-24.10"
    assert {n["amount"] for n in walk(tree) if n["kind"] == "cut_off"} == {"70.00"}


def walk(node):
    """Every node of a tree as JSON."""
    yield node
    for child in node.get("children", ()):
        yield from walk(child)
