"""Exchange rates as a table of their own, with the columns of `rates` in a group folder."""

from monthclose.groupfolder.balancetes.grids import TableUnusable
from monthclose.groupfolder.columns import Known, Sheet
from monthclose.groupfolder.files import Document
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.records import read_rates
from monthclose.groupfolder.schema import RATES
from monthclose.groupfolder.tables import read_table
from monthclose.ledger.rates import Quote


def read_rate_file(document: Document, locale: str) -> tuple[Quote, ...]:
    """
    Read a table of quotes whole, or not at all.

    Args:
        document: The file.
        locale: How it writes numbers, `plain` or `pt-BR`.

    Raises:
        TableUnusable: every mistake with its row and column.
    """
    problems = Problems()
    table = read_table(document, RATES, RATES.name, problems)
    quotes: tuple[Quote, ...] = ()
    if table is not None:
        quotes = read_rates(Sheet(table, RATES, Known(locale=locale), problems))
    if not quotes and not problems:
        problems.add(document.name, "balancete-empty")
    if problems:
        raise TableUnusable(document.name, problems.in_order())
    return quotes
