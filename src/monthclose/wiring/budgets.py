"""A budget from a table into the database."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from monthclose.groupfolder.budgets import read_budget
from monthclose.groupfolder.files import LARGEST_FILE, Document
from monthclose.ledger.budgets import BudgetLine
from monthclose.store.budgets import known_of, load_budget
from monthclose.wiring.balancetes import FileTooLarge
from monthclose.wiring.build import Desk
from monthclose.wiring.confined import confined


@dataclass(frozen=True, slots=True)
class BudgetImported:
    """
    What became of a budget.

    Attributes:
        lines: What it says.
        new: How many months of companies are new or changed; None: nothing was stored.
    """

    lines: tuple[BudgetLine, ...]
    new: int | None


def import_budget(desk: Desk, file: Path, locale: str, *, store: bool) -> BudgetImported:
    """
    Read a budget, and store every month of it or none.

    Raises:
        TableUnusable: every mistake with its row and column.
        CloseError: a month is locked, the file too large.
    """
    engine, user, tenant = desk.database.engine, desk.user, desk.tenant
    with file.open("rb") as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise FileTooLarge(file.name)
    document = Document(file.name, content, hashlib.sha256(content).hexdigest())
    entities, accounts = known_of(engine, user, tenant)
    lines = confined(read_budget, file.name, document, locale, entities, accounts)
    if not store:
        return BudgetImported(lines, None)
    return BudgetImported(lines, load_budget(engine, user, tenant, lines, document))
