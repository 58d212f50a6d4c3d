"""Stock, loans, corrections and interest on equity in the database: closed, changed, compared."""

import json
from pathlib import Path

import pytest

from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from tests.consolidation import test_asset_sales as assets
from tests.consolidation import test_beside_books_years as years
from tests.consolidation import test_unrealised_months as stock
from tests.consolidation.test_interest_on_equity import TestW16
from tests.groupfolder.folders import edit


def closed(place: Path, folder: Path, *steps: str | tuple[str, str, str]) -> None:
    """Import a folder, and close its months in turn; what is edited in between comes in too."""
    with open_desk(Settings(home=place), portfolio=None) as desk:
        desk.import_folder(folder)
        for step in steps:
            if isinstance(step, tuple):
                edit(folder, *step)
                desk.import_folder(folder)
                continue
            outcome = desk.close(step)
            assert outcome.error is None
            assert outcome.validation is not None
            assert [(each.check, each.subject) for each in outcome.validation.blocking] == []


@pytest.fixture(scope="module")
def sideways(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """March, April, and April once more: less is left in stock than was said first."""
    place, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("told") / "g"
    change = ("unrealised.csv", "100.00,2025-03,240.00", "80.00,2025-03,192.00")
    closed(place, stock.told(folder), "2025-03", "2025-04", change, "2025-04", "2025-05")
    return place


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """March to May with a loan and a correction; April's exchange difference is changed."""
    place, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("told") / "g"
    change = ("exchange_differences.csv", "2025-04,LOAN,S,-50.00", "2025-04,LOAN,S,-40.00")
    steps = ("2025-03", "2025-04", change, "2025-04", "2025-05")
    closed(place, years.told(folder, corrected=True), *steps)
    return place


def changes(run, home: Path, month: str) -> dict[str, tuple[str, str]]:
    """What a second version says that the first did not, by record and field."""
    answer = json.loads(run("diff", f"{month}@1", f"{month}@2", "--json", home=home).stdout)
    assert {each["cause"] for each in answer["changes"]} == {"journal"}
    return {each["subject"]: (each["was"], each["now"]) for each in answer["changes"]}


def records(run, home: Path, version: str, figure: str) -> dict[str, set[str]]:
    """The records that a figure goes down to, with their amounts."""
    tree = json.loads(run("explain", version, figure, "--json", home=home).stdout)["tree"]
    found: dict[str, set[str]] = {}
    for node in walk(tree):
        if node["kind"] == "record":
            found.setdefault(node["facts"]["label"], set()).add(node["amount"])
    return found


def walk(node):
    """Every node of a tree as JSON, the evidence of the books too."""
    yield node
    for child in [*node.get("children", ()), *([node["booked"]] if "booked" in node else ())]:
        yield from walk(child)


@pytest.mark.server
class TestStock:
    def test_the_next_version_names_what_was_changed(self, sideways, run):
        assert changes(run, sideways, "2025-04") == {
            "LOT 2025-04 amount": ("BRL 100.00", "BRL 80.00"),
            "LOT 2025-04 buyer_amount": ("MXN 240.00", "MXN 192.00"),
        }

    def test_each_version_goes_down_to_its_own_record(self, sideways, run):
        """What the year before left stands in both; at the end of May nothing is left."""
        assert records(run, sideways, "2025-04@1", "5000") == {
            "LOT 2025-03": {"200.00"},
            "LOT 2025-04": {"100.00"},
        }
        assert records(run, sideways, "2025-04", "5000")["LOT 2025-04"] == {"80.00"}
        assert records(run, sideways, "2025-05", "5000") == {"LOT 2025-03": {"200.00"}}


@pytest.mark.server
class TestLoanAndCorrection:
    def test_the_next_version_names_what_was_changed(self, lent, run):
        was_now = {"LOAN 2025-04 amount": ("BRL -50.00", "BRL -40.00")}
        assert changes(run, lent, "2025-04") == was_now

    def test_a_loan_goes_down_to_its_months(self, lent, run):
        found = records(run, lent, "2025-04", "4300")
        assert found == {"LOAN 2025-04": {"-40.00"}}
        opened = records(run, lent, "2025-04", "3300")
        assert opened == {"LOAN 2025-02": {"20.00"}, "LOAN 2025-03": {"100.00"}}

    def test_a_correction_goes_down_to_its_record(self, lent, run):
        """30.00 reais at 0.22, March's average."""
        assert records(run, lent, "2025-05", "3300")["correction 2025-03"] == {"30.00"}


@pytest.mark.server
def test_an_asset_sold_within_the_group_is_closed_and_explained(run, tmp_path):
    """Depreciation of April: what is left of the gain, and what stood of it in March."""
    folder = assets.told(tmp_path / "g")
    closed(tmp_path / "home", folder, "2025-03", "2025-04")
    found = records(run, tmp_path / "home", "2025-04", "6200")
    assert found == {"M-1 2025-03": {"200.00"}, "M-1 2025-04": {"150.00"}}


@pytest.mark.server
def test_interest_on_equity_is_closed_and_explained(run, tmp_path):
    """The dividends account goes down to the policy entry, the income to what P received."""
    closed(tmp_path / "home", TestW16().told(tmp_path / "g"), "2025-12")
    found = records(run, tmp_path / "home", "2025-12", "4100")
    assert found == {"jcp 2025-12-10": {"5263.16"}}
    words = ("explain", "2025-12", "3350", "--json")
    tree = json.loads(run(*words, home=tmp_path / "home").stdout)["tree"]
    said = {n["facts"]["entry"]: n["amount"] for n in walk(tree) if n["kind"] == "policy"}
    assert said == {"JCP 2025-12-10": "40000.00"}
