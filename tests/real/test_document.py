"""The page about real input prints what the scripts print."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real import adventureworks, software_groups

PAGE = Path(__file__).resolve().parents[2] / "docs" / "real-input.md"


def shown(page: str, command: str) -> list[str]:
    """The lines of the block that follows *command* on the page, without its indent."""
    lines = iter(page.splitlines())
    if not any(line == f"    $ {command}" for line in lines):
        return []
    block = []
    for line in lines:
        if line and not line.startswith("    "):
            break
        block.append(line.removeprefix("    "))
    return [line for line in block if line.strip()]


@pytest.mark.parametrize(
    ("script", "main", "least"),
    [
        ("adventureworks", adventureworks.main, 6),
        ("software_groups", software_groups.main, 19),
    ],
)
def test_blocks_are_what_the_commands_print(
    shared: Path,
    capsys: pytest.CaptureFixture[str],
    script: str,
    main: Callable[[Path], None],
    least: int,
):
    """Line by line, heads included; the page may leave lines out, and adds none."""
    main(shared)
    printed = capsys.readouterr().out.splitlines()
    block = shown(PAGE.read_text("utf-8"), f"python -m tests.real.{script}")
    assert len(block) >= least
    assert [line for line in block if line not in printed] == []
