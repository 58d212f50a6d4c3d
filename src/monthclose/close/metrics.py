"""The SaaS metrics of a month that was closed, for the group and each company."""

from monthclose.analysis.metrics import measure
from monthclose.analysis.operations import operations_of
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.book import Book
from monthclose.ledger.subscriptions import Measured


def measure_month(engine: ConsolidationEngine, book: Book) -> tuple[Measured, ...]:
    """
    Work out the metrics of a month.

    Args:
        engine: That closed it.
        book: The month.

    Returns:
        The group, then each company with contracts; nothing for a group without any.

    Raises:
        MissingRate: a currency of contracts has no closing rate of the month.
    """
    return tuple(
        Measured(facts, measure(facts.subscriptions, operations_of(facts)))
        for facts in engine.saas_facts(book)
    )
