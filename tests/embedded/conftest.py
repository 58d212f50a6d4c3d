"""Homes to start servers in, and the PostgreSQL versions to start."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monthclose.embedded.binaries import Binaries, installed
from monthclose.embedded.postgres import EmbeddedPostgres
from tests.embedded.commands import (
    Command,
    eventually,
    kept,
)

MAJORS = sorted({found.major for found in installed()}, reverse=True)


@contextlib.contextmanager
def folder_for_all() -> Iterator[Path]:
    """
    Make a folder that every user can pass to, unlike pytest's own.

    Where user namespaces are refused, root's servers run as somebody else. The folder
    goes at once: pytest would keep some gigabytes of databases.
    """
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def templates() -> Iterator[dict[int, Path]]:
    """One home for each major version, whose server was started once and stopped."""
    with folder_for_all() as folder:
        homes = {major: folder / str(major) for major in MAJORS}
        for major, home in homes.items():
            with EmbeddedPostgres(home, binaries=Binaries.find(major)):
                pass
        yield homes


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that every user can pass to."""
    with folder_for_all() as folder:
        yield folder


@pytest.fixture(params=MAJORS)
def binaries(request) -> Binaries:
    """Each PostgreSQL that is installed."""
    return Binaries.find(request.param)


@pytest.fixture
def newest() -> Binaries:
    """One PostgreSQL, where another version would show nothing new."""
    return Binaries.find()


@pytest.fixture
def empty(passable: Path) -> Iterator[Path]:
    """A home without data, in which no server is left behind."""
    home = passable / "home"
    yield home
    for folder in home.glob("postgres-*"):
        eventually(partial(lambda folder: not kept(folder), folder))


@pytest.fixture
def home(request: pytest.FixtureRequest, empty: Path, templates: dict[int, Path]) -> Path:
    """A home with data, of the version the test asks for, whose server is not started yet."""
    asked = "binaries" if "binaries" in request.fixturenames else "newest"
    shutil.copytree(templates[request.getfixturevalue(asked).major], empty)
    return empty


@pytest.fixture
def command() -> Iterator[Callable[..., Command]]:
    """Start commands; those that are still there after the test end with it."""
    started: list[Command] = []

    def start(*words: Any, **more: Any) -> Command:
        started.append(Command(*words, **more))
        return started[-1]

    yield start
    for one in started:
        one.kill()
