"""Every command that docs/sources.md quotes is one, with options that it has."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from monthclose.cli.main import build

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sources.md"


def quoted() -> list[str]:
    """The commands in the page's blocks, without remarks and marks of what is optional."""
    pattern = re.compile(r"^```(?:toml)?\n(.*?)^```", re.DOTALL | re.MULTILINE)
    blocks = pattern.findall(PAGE.read_text("utf-8"))
    lines = [line.partition(" #")[0] for block in blocks for line in block.splitlines()]
    told = [re.sub(r"[\[\]]|\.\.\.", " ", line) for line in lines]
    return [line.strip() for line in told if line.startswith("monthclose ")]


def test_the_page_quotes_commands():
    assert len(quoted()) > 20


@pytest.mark.parametrize("line", quoted())
def test_a_quoted_command_is_there_with_its_options(line: str):
    command = typer.main.get_command(build("en"))
    words = shlex.split(line)[1:]
    while words and hasattr(command, "commands"):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    known = {name for each in command.params for name in each.opts}
    named = [word.partition("=")[0] for word in words if re.match(r"-{1,2}[a-z]", word)]
    assert set(named) <= known, line
