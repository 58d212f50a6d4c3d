"""A company that was founded: what its founder gave is its capital."""

from pathlib import Path

import pytest

from monthclose.groupfolder import write_example
from tests.groupfolder.folders import edit, places, problems

FOUNDED = "ACQ-ALFA,HOLD,ALFA,2020-01-02,formation,1000.00,1500,1000.00,none,,"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The group that `monthclose init` writes."""
    write_example(tmp_path)
    return tmp_path


def test_without_its_capital_it_is_refused_with_what_to_do(folder: Path):
    """All that was given would become goodwill, and the capital stand in the group's figures."""
    edit(folder, "acquisitions.csv", f"{FOUNDED}-1000.00,", f"{FOUNDED},")
    assert places(folder) == [("acquisitions.csv", 2, "share_capital", "capital-unsaid")]
    (found,) = problems(folder)
    assert "capital of ALFA" in found.message("en")
    assert "capital de ALFA" in found.message("pt-BR")


def test_retained_earnings_are_no_capital(folder: Path):
    edit(folder, "acquisitions.csv", f"{FOUNDED}-1000.00,", f"{FOUNDED},-1000.00")
    assert places(folder) == [("acquisitions.csv", 2, "share_capital", "capital-unsaid")]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (f"{FOUNDED}-1000.00,", FOUNDED.replace("1000.00", "0.00") + ","),
        ("ACQ-ALFA,HOLD,ALFA,2020-01-02,formation", "ACQ-ALFA,HOLD,ALFA,2020-01-02,purchase"),
    ],
    ids=["nothing given", "a purchase"],
)
def test_others_may_come_without(folder: Path, was: str, now: str):
    edit(folder, "acquisitions.csv", was, now)
    assert places(folder) == []


def test_paid_in_above_par_is_capital_too(folder: Path):
    """As additional paid-in capital alone."""
    path = folder / "acquisitions.csv"
    head, alfa, beta = path.read_text("utf-8").splitlines()
    rows = [f"{head},apic,apic_account", f"{alfa},-1000.00,3100", f"{beta},,"]
    path.write_text("\n".join([*rows, ""]).replace("none,,-1000.00", "none,,"), "utf-8")
    edit(folder, "chart.csv", "3000,", "3100,Premium,apic,,,,\n3000,")
    assert "capital-unsaid" not in [code for *_, code in places(folder)]
