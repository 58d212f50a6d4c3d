"""The page on explain and diff shows what the commands print, to the letter."""

import re
from pathlib import Path

import pytest

from monthclose.analysis.lineage import ROLES, SUBTOTALS
from monthclose.groupfolder import write_example

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "explain.md").read_text("utf-8")
SHOWN = re.findall(r"```\n(.*?)\n```", PAGE, re.DOTALL)


def test_the_tree_of_the_page_is_that_of_the_example(run, tmp_path, monkeypatch):
    write_example(tmp_path / "example")
    monkeypatch.chdir(tmp_path)
    said = run("explain", "2025-06", "4000", "--entity", "BETA", "--folder", "example")
    assert [line.rstrip() for line in said.stdout.splitlines()] == SHOWN[0].splitlines()


@pytest.mark.server
def test_the_difference_of_the_page_is_that_of_two_versions(run, twice):
    said = run("diff", "2025-06@1", "2025-06@2", home=twice)
    assert [line.rstrip() for line in said.stdout.splitlines()] == SHOWN[1].splitlines()


def test_every_figure_that_has_a_name_is_on_the_page():
    for name in (*SUBTOTALS, *ROLES):
        assert f"`{name}`" in PAGE
