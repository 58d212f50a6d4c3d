"""A budget as a table of its own: month, company, standard account, amount."""

from collections.abc import Iterable, Mapping

from monthclose.groupfolder.balancetes.grids import TableUnusable
from monthclose.groupfolder.columns import Known, Sheet
from monthclose.groupfolder.files import Document
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.schema import BUDGET
from monthclose.groupfolder.tables import read_table
from monthclose.ledger.budgets import BudgetLine


def read_budget(
    document: Document, locale: str, entities: Mapping[str, str], accounts: Iterable[str]
) -> tuple[BudgetLine, ...]:
    """
    Read a budget whole, or not at all.

    Args:
        document: The file.
        locale: How it writes numbers, `plain` or `pt-BR`.
        entities: Functional currency of each company.
        accounts: Codes of the standard chart.

    Raises:
        TableUnusable: every mistake with its row and column.
    """
    problems = Problems()
    known = Known(locale=locale, entities=dict(entities), accounts=frozenset(accounts))
    table = read_table(document, BUDGET, BUDGET.name, problems)
    rows = [] if table is None else [row for _, row in Sheet(table, BUDGET, known, problems).rows()]
    if not rows and not problems:
        problems.add(document.name, "balancete-empty")
    if problems:
        raise TableUnusable(document.name, problems.in_order())
    return tuple(
        BudgetLine(
            row["entity"], row["period"], row["account"], row["amount"], entities[row["entity"]]
        )
        for row in rows
    )
