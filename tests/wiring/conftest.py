"""A home with an embedded database for each module, and a group with Omie for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monthclose.wiring.database import Database, open_database
from monthclose.wiring.settings import Settings
from tests.connectors.fakes import FakeClock
from tests.wiring.sourced import Place


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the module's own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def database(home: Path) -> Iterator[Database]:
    """The database in it."""
    with open_database(Settings(home=home)) as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    """A clock that waits without time passing."""
    return FakeClock()


@pytest.fixture
def place(home: Path, database: Database, clock: FakeClock) -> Iterator[Place]:
    """A group of two companies in it, one of them on a stand-in of Omie."""
    with Place(home, database.engine, clock) as opened:
        yield opened
