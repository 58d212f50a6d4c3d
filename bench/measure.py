"""One size in a process of its own, so that its peak of memory is its own; prints JSON."""

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median
from time import process_time

from bench import in_decimal
from bench.decimal_records import as_records
from bench.full import make_full
from bench.made import LISTS, PERIOD, Made, make_group
from bench.outcome import Outcome, of_book
from monthclose.consolidation.aggregation import add_layers
from monthclose.consolidation.alike import translate_alike
from monthclose.consolidation.collecting import collected_later
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book


@dataclass
class Measured:
    """
    Seconds of the processor, medians of the repeats: what else runs does not count.

    Attributes:
        entities: Companies.
        accounts: Lines of each balance.
        lines: Of all balances.
        load: Loading and mapping every balance, once.
        first: The first close: nothing worked out before.
        close: The median of the closes after it.
        columns: Of it, the work on columns alone: lines translated and added up.
        found: The same from the group's dated records, rates and history looked up; None:
            the group with everything on is closed from given facts.
        proofs: Proving every CTA of a close from its causes.
        trail: Hashing the audit trail of one close.
        memory: Peak of the process after the closes, bytes; peers come later.
        peers: Median of each peer.
        float_lines: Lines that floats round to another cent.
        float_figures: Consolidated figures that they get wrong.
    """

    entities: int
    accounts: int
    lines: int
    load: float
    first: float
    close: float
    columns: float
    found: float | None
    proofs: float
    trail: float
    memory: int
    peers: dict[str, float] = field(default_factory=dict)
    float_lines: int = 0
    float_figures: int = 0


class NotEqual(Exception):
    """Two ways of doing the same work gave different cents."""


def timed[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[float, T]:
    start = process_time()
    done = work(*args, **kwargs)
    return process_time() - start, done


def measure(
    entities: int,
    accounts: int,
    repeats: int,
    peers: dict[str, int],
    lists: int = LISTS,
    *,
    full: bool = False,
) -> Measured:
    """
    Measure one size, and prove that every way gives the same cents.

    Args:
        entities: Companies.
        accounts: Lines of each balance.
        repeats: Closes to take the median of.
        peers: How often each peer runs; a peer that is not named does not.
        lists: Different lists of accounts.
        full: With purchases, chains and documents between companies; pandas does not do it.

    Raises:
        NotEqual: two ways gave different figures, or a CTA is not explained.
    """
    made = (make_full if full else make_group)(entities, accounts, lists)
    engine = ConsolidationEngine(made.group)
    load, mapped = timed(_load, engine, made)
    first, book = timed(engine.consolidate, PERIOD, made.facts)
    trail, _ = timed(engine.get_audit_trail)
    _check_proofs(book)
    outcome = of_book(book)
    del book  # a close is not charged for the memory of the one before
    times: list[float] = []

    def close(count: int) -> None:
        for _ in range(count):
            times.append(timed(engine.consolidate, PERIOD, made.facts)[0])
            engine.get_audit_trail()

    close(repeats)
    memory = _peak_memory()
    measured = Measured(
        entities=entities,
        accounts=accounts,
        lines=made.lines,
        load=load,
        first=first,
        close=0.0,
        columns=median(_columns(mapped, made, engine, max(1, repeats // 3))),
        found=None if full else median(_found(engine, made, outcome, max(1, repeats // 3))),
        proofs=median(_proofs(engine, made, max(1, repeats // 3))),
        trail=trail,
        memory=memory,
    )
    if count := peers.get("decimal"):
        _run_decimal(made, count, outcome, measured, close)
    if count := peers.get("pandas"):
        _run_pandas(made, count, outcome, measured, close)
    measured.close = median(times)
    return measured


def _found(engine: ConsolidationEngine, made: Made, outcome: Outcome, count: int) -> list[float]:
    """Times of the close from dated records, which has to come to the same."""
    times = []
    for _ in range(count):
        _load(engine, made)  # forgets what was translated before
        time, book = timed(engine.consolidate, PERIOD)
        times.append(time)
        engine.get_audit_trail()
    _check_equal("the engine from dated records", outcome, of_book(book))
    return times


def _columns(
    balances: list[TrialBalance], made: Made, engine: ConsolidationEngine, count: int
) -> list[float]:
    """Times of the work on columns alone, which a close does among other things."""
    translations = engine.consolidate(PERIOD, made.facts).translations
    engine.get_audit_trail()
    times = []
    for _ in range(count):
        start = process_time()
        translate_alike(balances, made.facts.rates, made.group.chart)
        add_layers(made.group.chart, translations, {})
        times.append(process_time() - start)
    return times


def _proofs(engine: ConsolidationEngine, made: Made, count: int) -> list[float]:
    """Times of proving every CTA, whose causes nobody had asked for."""
    times = []
    for _ in range(count):
        book = engine.consolidate(PERIOD, made.facts)
        times.append(timed(lambda book: [each.proof() for each in book.translations], book)[0])
        engine.get_audit_trail()
    return times


def _load(engine: ConsolidationEngine, made: Made) -> list[TrialBalance]:
    return [engine.load_trial_balance(balance) for balance in made.balances]


def _peak_memory() -> int:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes if sys.platform == "darwin" else kilobytes * 1024


def _check_proofs(book: Book) -> None:
    """Every layer adds to nil, and every CTA is what its causes say: the times are of a close."""
    if book.layers.sum(axis=0).any():
        raise NotEqual(f"layers do not balance: {book.layers.sum(axis=0).tolist()}")
    for each in book.translations:
        # Half a cent a rounded line.
        if 2 * abs(each.cta.movement - each.proof().total) > each.rounded_lines:
            raise NotEqual(f"{each.entity}: CTA {each.cta.movement}, {each.proof().total} proved")


def _check_equal(name: str, engine: Outcome, peer: Outcome) -> None:
    if found := engine.differences(peer):
        raise NotEqual(f"engine and {name}: " + "; ".join(found))


type Close = Callable[[int], None]
"""Close so many times more: engine and peers take turns, whatever else the machine is doing."""

TURN = 3  # closes before each run of a peer: the first of them finds the caches full of it


def _run_decimal(
    made: Made, count: int, outcome: Outcome, measured: Measured, close: Close
) -> None:
    records = as_records(made)
    times, proofs, lines = [], [], []
    for _ in range(count):
        close(TURN)
        with collected_later():  # as in a close of the engine
            time, peer = timed(in_decimal.consolidate, records)
            times.append(time)
            proofs.append(timed(in_decimal.prove_all, peer)[0])
            lines.append(timed(in_decimal.translate_lines, records)[0])
    measured.peers["decimal"], measured.peers["decimal columns"] = median(times), median(lines)
    measured.peers["decimal proofs"] = median(proofs)
    _check_equal("Decimal", outcome, in_decimal.outcome_of(peer))


def _run_pandas(made: Made, count: int, outcome: Outcome, measured: Measured, close: Close) -> None:
    from bench import in_pandas  # pandas is imported after the engine's memory was read

    tables = in_pandas.as_tables(made)
    times, rough = [], []
    for _ in range(count):
        close(TURN)
        time, (exact, lines) = timed(in_pandas.consolidate, tables)
        times.append(time)
        time, (floating, rounded) = timed(in_pandas.consolidate, tables, in_pandas.floats)
        rough.append(time)
    measured.peers["pandas"], measured.peers["pandas float"] = median(times), median(rough)
    _check_equal("pandas", outcome, exact)
    measured.float_lines = int((lines != rounded).sum())
    measured.float_figures = sum(
        floating.accounts.get(account) != amount for account, amount in exact.accounts.items()
    )


if __name__ == "__main__":
    print(json.dumps(asdict(measure(**json.loads(sys.argv[1])))))
