"""Puts a close together: which adapter fills which port."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from monthclose.close.runner import CloseOutcome, Closer, OnStep
from monthclose.groupfolder import GroupFolder, read_group
from monthclose.ledger.runs import RunRecord
from monthclose.store.decisions import Decisions
from monthclose.store.intake import ImportResult, import_group
from monthclose.store.members import Members
from monthclose.store.people import portfolio_of
from monthclose.store.records import StoredRecords
from monthclose.store.runs import StoredRuns
from monthclose.wiring.database import MANAGER, OPERATOR, Database, open_database
from monthclose.wiring.neighbors import NOTHING_SERVED, Around
from monthclose.wiring.press import FilePress
from monthclose.wiring.settings import Settings
from monthclose.wiring.sources import Sources

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
        around: What is unlike the installation's own while neighbors are made up.
    """

    settings: Settings
    database: Database
    login: str
    portfolio: str
    around: Around = NOTHING_SERVED

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
            self.user,
            found.group,
            found.balances,
            found.documents,
        )
        self.portfolio = found.group.code
        return found, result

    @property
    def tenant(self) -> UUID:
        """
        The portfolio this desk works on.

        Raises:
            CloseError: there is none of that code, or several and none was named.
        """
        return portfolio_of(self.database.engine, self.user, self.portfolio)

    @property
    def user(self) -> UUID:
        """Who acts."""
        return self.database.user(self.login)

    @property
    def sources(self) -> Sources:
        """The connections to the companies' systems."""
        return Sources(self.settings, self.database.engine, self.user, self.tenant, self.around)

    @property
    def members(self) -> Members:
        """The people of the portfolio."""
        return Members(self.database.engine, self.user, self.tenant)

    @property
    def decisions(self) -> Decisions:
        """What waits for a second person."""
        return Decisions(self.database.engine, self.user, self.tenant)

    def latest(self, period: str) -> RunRecord | None:
        """The latest run of a month, whatever became of it."""
        with StoredRuns(self.database.engine, self.user, self.tenant) as runs:
            return runs.latest(period)

    def close(
        self, period: str, on_step: OnStep | None = None, *, pull: bool = False
    ) -> CloseOutcome:
        """
        Close a month of the portfolio.

        Raises:
            CloseError: the run could not begin: nothing to close, locked, or running.
        """
        with StoredRuns(self.database.engine, self.user, self.tenant) as runs:
            closer = Closer(
                records=StoredRecords(self.database.engine, self.user, self.tenant),
                runs=runs,
                press=FilePress(self.settings.home / "packs"),
                code=VERSION,
                clock=time.monotonic,
                extractor=self.sources,
            )
            return closer.run(period, on_step, pull=pull)


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
