"""What the README shows of the demonstration is what it prints."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
PLACE = re.compile(r"127\.0\.0\.1|\.monthclose/|^make ")
"""What depends on the place: paths, the port; and the two commands."""


@pytest.mark.server
def test_every_line_of_the_excerpt_is_printed(run, tmp_path):
    said = run("demo", home=tmp_path / "home")
    assert said.returncode == 0
    printed = {" ".join(line.split()) for line in said.stdout.splitlines()}
    shown = [" ".join(line.split()) for line in README.splitlines() if line.startswith("    ")]
    excerpt = [line for line in shown if line != "…" and not PLACE.search(line)]
    assert len(excerpt) > 10
    assert [line for line in excerpt if line not in printed] == []
