"""
The whole path of a month through the database: read, map, consolidate, check, store.

Every close is of a portfolio of its own, just imported: one that stands already would not be
computed again. Nothing is printed; a version with its entries and lineage is stored durably,
by the server that the product brings with it. Prints JSON.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.made import PERIOD, RATES, Made, make_group
from monthclose.close.runner import Closer
from monthclose.consolidation.trail import TrailStep
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.findings import Validation
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import RateTable
from monthclose.ledger.runs import Printed
from monthclose.ledger.subscriptions import Measured
from monthclose.store.intake import import_group
from monthclose.store.records import StoredRecords
from monthclose.store.runs import StoredRuns
from monthclose.wiring.database import MANAGER, OPERATOR, Database, open_database
from monthclose.wiring.settings import Settings


class NoPress:
    """Prints nothing, from a book with its checks and its trail."""

    def workbook(
        self,
        book: Book,
        validation: Validation,
        label: str,
        trail: Sequence[TrailStep],
        cash: Callable[[], CashFlows],  # noqa: ARG002 - nobody asks for them
        metrics: tuple[Measured, ...] = (),
    ) -> Printed:
        assert book.digest
        assert validation.results
        assert trail
        assert metrics == ()
        return Printed("xlsx", f"{label}.xlsx", "0" * 64, 1, "")


@dataclass(frozen=True)
class Loaded:
    """What is imported, and the month that is closed."""

    group: Group
    balances: tuple[RawBalance, ...]
    period: str


def with_own_charts(made: Made, months: int) -> Loaded:
    """Every company with accounts of its own, one for one, for so many months of the year."""
    periods = [Period.parse(PERIOD).plus(number) for number in range(months)]
    quotes = list(made.group.rates.quotes)
    for period in periods[1:]:
        for _, average, closing, _ in RATES.values():
            quotes.append(replace(average, on=str(period)))
            quotes.append(replace(closing, on=period.last_day.isoformat()))
    mappings, balances = {}, []
    for each in made.balances:
        own = tuple(f"L{account}" for account in each.accounts)
        targets = zip(own, ((Target(account),) for account in each.accounts), strict=True)
        mappings[each.entity] = EntityMapping(each.entity, dict(targets))
        balances += [
            RawBalance(each.entity, str(period), each.currency, own, each.amounts)
            for period in periods
        ]
    group = replace(made.group, rates=RateTable(tuple(quotes)), mappings=mappings)
    return Loaded(group, tuple(balances), str(periods[-1]))


def close_once(database: Database, loaded: Loaded, code: str) -> float:
    """Import the group under a new code, and time its close."""
    operator, manager = database.user(OPERATOR), database.user(MANAGER)
    group = replace(loaded.group, code=code)
    result = import_group(database.engine, operator, manager, group, loaded.balances)
    start = perf_counter()
    with StoredRuns(database.engine, manager, result.portfolio) as runs:
        records = StoredRecords(database.engine, manager, result.portfolio)
        outcome = Closer(records, runs, NoPress(), "bench", perf_counter).run(loaded.period)
    seconds = perf_counter() - start
    assert outcome.error is None, outcome.error
    assert outcome.validation is not None
    assert not outcome.validation.blocking
    return seconds


def measure(entities: int, accounts: int, repeats: int, months: int = 1) -> float:
    """Median of closes on a server started for them."""
    loaded = with_own_charts(make_group(entities, accounts), months)
    with TemporaryDirectory() as home, open_database(Settings(home=Path(home))) as database:
        return median(close_once(database, loaded, f"MADE{number}") for number in range(repeats))


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
