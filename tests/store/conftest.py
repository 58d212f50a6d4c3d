"""A migrated database on every PostgreSQL that is installed, and a fresh group in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from monthclose.embedded.binaries import Binaries, installed
from monthclose.embedded.postgres import EmbeddedPostgres
from tests.store.group import Database, Group, opened

MAJORS = sorted({found.major for found in installed()})


@pytest.fixture(scope="session", params=MAJORS)
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A migrated database, with the first two people."""
    home = tmp_path_factory.mktemp(f"store-{request.param}")
    server = EmbeddedPostgres(home, binaries=Binaries.find(request.param), durable=False)
    with server as running:
        yield Database.made(running.url())


@pytest.fixture(scope="session")
def app(database: Database) -> Iterator[Engine]:
    """A pool as the application has it."""
    engine = opened(database)
    yield engine
    engine.dispose()


@pytest.fixture
def group(app: Engine) -> Group:
    """Two new portfolios and their people."""
    return Group(app)
