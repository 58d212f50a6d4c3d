"""Shares of a company that change hands while it is an associate, before its step to control."""

from pathlib import Path

import pytest

from monthclose.wiring.folders import consolidate_folder
from tests.changes.test_step import told
from tests.groupfolder.folders import edit, places, problems, put

HEAD = (
    "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account,fair_value"
)
STEP = "2024-07-01,step,S,P,45,110000.00,110000.00,,1700,4520,75000.00"


@pytest.mark.parametrize(
    ("was", "row"),
    [
        (40, "2023-06-01,partial_disposal,S,P,10,21000.00,20000.00,1000.00,1751,4520,"),
        (20, "2023-06-01,increase,S,P,10,20000.00,20000.00,,1751,,"),
    ],
    ids=["fewer", "more"],
)
def test_it_is_no_change_of_a_subsidiary(tmp_path: Path, was: int, row: str):
    """It asked for what outsiders of a company had that then was none of the group's."""
    folder = told(tmp_path / "g")
    edit(folder, "ownership.csv", "P,S,30,2022-01-03", f"P,S,{was},2022-01-03\nP,S,30,2023-06-01")
    put(folder, "changes.csv", f"{HEAD}\n{STEP}\n{row}\n")
    assert places(folder) == [("changes.csv", 3, "kind", "change-before-step")]
    (problem,) = problems(folder)
    assert "under control by row 2 only" in problem.shown("en")


def test_without_its_row_the_fall_before_the_first_month_stands(tmp_path: Path):
    """Openings hold what was left of it: June is that of one that always had 30 percent."""
    folder, plain = told(tmp_path / "g"), told(tmp_path / "plain")
    edit(folder, "ownership.csv", "P,S,30,2022-01-03", "P,S,40,2022-01-03\nP,S,30,2023-06-01")
    for period in ("2024-06", "2024-12", "2025-01"):
        closed, other = (consolidate_folder(each, period).book for each in (folder, plain))
        assert closed.totals == other.totals
        assert closed.figure("1751") == other.figure("1751")
    assert closed.figure("1700") == 0
