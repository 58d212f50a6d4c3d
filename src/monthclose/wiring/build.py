"""Puts a close together: which adapter fills which port."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from monthclose.close.runner import Closer
from monthclose.groupfolder import GroupFolder, read_group
from monthclose.store.intake import ImportResult, import_group
from monthclose.store.people import portfolio_of
from monthclose.store.records import StoredRecords
from monthclose.store.runs import StoredRuns
from monthclose.wiring.database import MANAGER, OPERATOR, Database, open_database
from monthclose.wiring.press import FilePress
from monthclose.wiring.settings import Settings

VERSION = version("monthclose")


@dataclass(slots=True)
class Desk:
    """
    An open installation, for one person and one portfolio.

    Attributes:
        settings: Of the installation.
        database: Open.
        login: Who acts.
        portfolio: Code of the portfolio; empty: the only one there is.
    """

    settings: Settings
    database: Database
    login: str
    portfolio: str

    @property
    def where(self) -> str:
        """The database, as a person names it."""
        return self.database.where

    def import_folder(self, folder: Path) -> tuple[GroupFolder, ImportResult]:
        """
        Load a group folder, whole or not at all, and work on that group from here on.

        Raises:
            GroupFolderInvalid: the folder has mistakes; nothing was loaded.
        """
        found = read_group(folder)
        result = import_group(
            self.database.engine,
            self.database.user(OPERATOR),
            self.database.user(self.login),
            found.group,
            found.balances,
            found.documents,
        )
        self.portfolio = found.group.code
        return found, result

    @property
    def runs(self) -> StoredRuns:
        """The matrix of the portfolio."""
        user = self.database.user(self.login)
        tenant = portfolio_of(self.database.engine, user, self.portfolio)
        return StoredRuns(self.database.engine, user, tenant)

    @property
    def closer(self) -> Closer:
        """Closes months of the portfolio."""
        user = self.database.user(self.login)
        tenant = portfolio_of(self.database.engine, user, self.portfolio)
        return Closer(
            records=StoredRecords(self.database.engine, user, tenant),
            runs=StoredRuns(self.database.engine, user, tenant),
            press=FilePress(self.settings.home / "packs"),
            code=VERSION,
            clock=time.monotonic,
        )


@contextmanager
def open_desk(settings: Settings, login: str = "", portfolio: str | None = "") -> Iterator[Desk]:
    """
    Open the installation for one command.

    Args:
        settings: Of the installation.
        login: Who acts; empty: the settings' user, else the manager `local`.
        portfolio: Code; empty: the only one there is; None: an import will bring it.

    Raises:
        CloseError: the database cannot be opened, or nobody is called that.
    """
    with open_database(settings) as database:
        yield Desk(settings, database, login or settings.user or MANAGER, portfolio or "")
