"""
`make bench`: sizes with bars, peers in the same run, and a sweep that shows linear growth.

A folder named as its argument is where Tryton's environment is, or is made.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench import peers
from bench.made import LISTS
from bench.measure import Measured


@dataclass(frozen=True)
class Bar:
    """A size of the engine's work and what is asked of it; None: shown for comparison."""

    entities: int
    accounts: int
    repeats: int
    decimal: int = 0
    pandas: int = 0
    seconds: float | None = None
    over_decimal: int | None = None
    memory: int | None = None
    lists: int = LISTS
    full: bool = False

    @property
    def size(self) -> str:
        """How the size is written."""
        apart = "" if self.lists == LISTS else ", each its own list"
        apart = f"{apart}, everything on" if self.full else apart
        return f"{self.entities:,} x {self.accounts:,}{apart}"


GB = 10**9
BARS = (
    Bar(66, 500, 51, decimal=15, seconds=0.010, over_decimal=20, full=True),
    Bar(1_000, 1_000, 9, decimal=3, full=True),
    Bar(66, 500, 51, decimal=15, pandas=9, seconds=0.010, over_decimal=20),
    Bar(1_000, 1_000, 9, decimal=3, pandas=5, seconds=0.150),
    Bar(1_000, 1_000, 5, lists=1_000),
    Bar(10_000, 1_000, 5, seconds=1.5, memory=2 * GB),
)
SWEEP = ((7, 51), (66, 25), (250, 15), (1_000, 7), (4_000, 3), (10_000, 3))
"""Entities and repeats, at 500 accounts each."""


@dataclass(frozen=True)
class Stored:
    """A size of the whole path through the database and what is asked of it."""

    entities: int
    accounts: int
    months: int
    repeats: int
    seconds: float | None = None


STORED = (
    Stored(66, 500, 1, 9, seconds=0.3),
    Stored(66, 500, 6, 9),
    Stored(66, 500, 12, 9),
    Stored(1_000, 1_000, 1, 2, seconds=3.0),
)
"""Months of the year up to the one that is closed; a million lines take a minute to import."""


def run(**size: Any) -> Measured:
    """Measure one size in a process of its own."""
    return Measured(**_of("bench.measure", size))


def _of(module: str, size: dict[str, Any]) -> Any:
    command = [sys.executable, "-m", module, json.dumps(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def shown(seconds: float | None) -> str:
    """Write a time in the unit it is read in."""
    if seconds is None:
        return "–"
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def ratio(measured: Measured, peer: str) -> str:
    """How many times as long a peer takes."""
    time = measured.peers.get(peer)
    return "–" if time is None else f"{time / measured.close:.1f}x"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Write rows as a Markdown table, the first as its head; figures to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    head, *body = (
        "| " + " | ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join((head, rule, *body))


def verdicts(bar: Bar, measured: Measured) -> list[str]:
    """Each thing that is asked of a size, and whether it is met."""
    asked = []
    if bar.seconds is not None:
        asked.append((f"close within {shown(bar.seconds)}", measured.close <= bar.seconds))
    if bar.over_decimal is not None:
        times = measured.peers["decimal"] / measured.close
        asked.append(
            (f"{bar.over_decimal} times as fast as Decimal objects", times >= bar.over_decimal)
        )
    if bar.memory is not None:
        asked.append((f"peak below {bar.memory / GB:.0f} GB", measured.memory <= bar.memory))
    return [f"{'met    ' if met else 'NOT met'}  {bar.size}: {what}" for what, met in asked]


def megabytes(measured: Measured) -> str:
    """Write a peak of memory."""
    return f"{measured.memory / 10**6:,.0f} MB"


def beside_peers(measured: list[tuple[str, Measured]]) -> str:
    """The table of peers."""
    rows = [("entities x accounts", "close", "Decimal", "ratio", "pandas", "ratio")]
    for size, each in measured:
        decimal, pandas = each.peers.get("decimal"), each.peers.get("pandas")
        rows.append(
            (
                size,
                shown(each.close),
                shown(decimal),
                ratio(each, "decimal"),
                shown(pandas),
                ratio(each, "pandas"),
            )
        )
        if decimal and (proofs := each.peers.get("decimal proofs")):
            mine, theirs = each.close + each.proofs, decimal + proofs
            proved = (shown(mine), shown(theirs), f"{theirs / mine:.1f}x")
            rows.append((f"{size}: every CTA proved", *proved, "–", "–"))
        if lines := each.peers.get("decimal columns"):
            alone = f"{lines / each.columns:.1f}x"
            rows.append(
                (f"{size}: lines alone", shown(each.columns), shown(lines), alone, "–", "–")
            )
    return table(rows)


def before_and_after(measured: list[tuple[str, Measured]]) -> str:
    """The table of what comes before and after a close."""
    rows = [
        ("entities x accounts", "load and map", "first", "from records", "trail", "peak memory")
    ]
    for size, each in measured:
        before, after = (shown(each.load), shown(each.first), shown(each.found)), shown(each.trail)
        rows.append((size, *before, after, megabytes(each)))
    return table(rows)


def of_floats(measured: list[tuple[str, Measured]]) -> str:
    """The table of what floats cost and get wrong."""
    rows = [("entities x accounts", "pandas float", "wrong lines", "wrong figures")]
    for size, each in measured:
        if time := each.peers.get("pandas float"):
            rows.append((size, shown(time), f"{each.float_lines:,}", f"{each.float_figures:,}"))
    return table(rows)


def sweep() -> str:
    """The table of growth."""
    rows = [("entities", "lines", "close", "per company", "per line", "peak memory")]
    for entities, repeats in SWEEP:
        each = run(entities=entities, accounts=500, repeats=repeats, peers={}, full=True)
        per_line = f"{each.close / each.lines * 10**9:,.0f} ns"
        per_company = f"{each.close / entities * 10**6:,.0f} µs"
        times = (shown(each.close), per_company, per_line)
        rows.append((f"{entities:,}", f"{each.lines:,}", *times, megabytes(each)))
    return table(rows)


def stored() -> str:
    """The table of the whole path through the database."""
    rows = [("entities x accounts", "months loaded", "read, map, consolidate, check, store")]
    said = []
    for each in STORED:
        asked = {"entities": each.entities, "accounts": each.accounts, "months": each.months}
        seconds = _of("bench.stored", {**asked, "repeats": each.repeats})
        size = f"{each.entities:,} x {each.accounts:,}"
        rows.append((size, str(each.months), shown(seconds)))
        if each.seconds is not None:
            verdict = "met    " if seconds <= each.seconds else "NOT met"
            said.append(f"{verdict}  {size}: the whole path within {shown(each.seconds)}")
    return "\n".join((table(rows), "", *said))


ECD_SECONDS = 10.0
"""What a file of the ECD of a million lines may take."""

ECD_ENTRIES = 333_300


def ecd() -> str:
    """How long a file of the ECD takes, beside a plain loop of csv."""
    each = _of("bench.ecd", {"entries": ECD_ENTRIES})
    times = (shown(each["seconds"]), shown(each["plain"]))
    slower = f"{each['seconds'] / each['plain']:.1f}x"
    head = ("lines", "read and checked", "csv loop", "ratio", "peak memory")
    row = (f"{each['lines']:,}", *times, slower, f"{each['memory'] / 10**6:,.0f} MB")
    verdict = "met    " if each["seconds"] <= ECD_SECONDS else "NOT met"
    told = f"{verdict}  a file of the ECD of a million lines within {shown(ECD_SECONDS)}"
    return f"{table([head, row])}\n\n{told}"


EXTRACTED = (7, 66)
EXTRACTION_SECONDS = 10.0
"""What 66 companies may take from the stand-ins, limits lifted."""

ANSWER_S = 0.2
"""What an answer takes while limits hold, in time that jumps."""

OVER = 1.05
"""How much longer than its tightest limit a whole extraction may take."""


def extraction() -> str:
    """The tables of reading every company over HTTP, without limits of rate and with them."""
    free = [("companies", "answers", "seconds", "processor", "stand-ins", "peak memory")]
    held = [("companies", "source", "calls", "holds", "least", "took", "over", "refused")]
    said = []
    for entities in EXTRACTED:
        each = _of("bench.extraction", {"entities": entities})
        cost = (shown(each["client"]), shown(each["stand_ins"]))
        answers, memory = f"{each['calls']:,}", f"{each['memory'] / 10**6:,.0f} MB"
        free.append((str(entities), answers, shown(each["seconds"]), *cost, memory))
        if entities == EXTRACTED[-1]:
            verdict = "met    " if each["seconds"] <= EXTRACTION_SECONDS else "NOT met"
            said.append(f"{verdict}  {entities} companies within {shown(EXTRACTION_SECONDS)}")
        sources = _of("bench.extraction", {"entities": entities, "answer": ANSWER_S})
        for one in sources:
            least, took = one["least"], one["took"]
            over = f"{took / least - 1:.1%}" if least else "–"
            times = (f"{least:,.1f} s", f"{took:,.1f} s", over, str(one["refused"]))
            size = (str(one["companies"]), one["erp"], f"{one['calls']:,}", one["limit"])
            held.append((*size, *times))
        least, took = max(e["least"] for e in sources), max(e["took"] for e in sources)
        verdict = "met    " if took <= OVER * least else "NOT met"
        said.append(f"{verdict}  {entities} companies within {OVER - 1:.0%} of the tightest limit")
    return "\n".join((table(free), "", table(held), "", *said))


def main() -> None:
    """Run it all; a difference of one cent between two ways stops it."""
    measured: list[tuple[str, Measured]] = []
    said: list[str] = []
    for bar in BARS:
        each = run(
            entities=bar.entities,
            accounts=bar.accounts,
            repeats=bar.repeats,
            peers={"decimal": bar.decimal, "pandas": bar.pandas},
            lists=bar.lists,
            full=bar.full,
        )
        measured.append((bar.size, each))
        said += verdicts(bar, each)
    print("Translate, eliminate, attribute, add up: one month, in memory. Medians, of the time")
    print("that the processor spent: what else runs does not count.")
    print("Every peer that ran gave the same cents as the engine. Ten million lines take")
    print("Decimal objects and pandas too much time or memory: left out.")
    print("Lines alone: translated and added up, without entries, purchases and outsiders.\n")
    print(beside_peers(measured), before_and_after(measured), of_floats(measured), sep="\n\n")
    print("\n" + "\n".join(said) + "\n")
    print("Growth at 500 accounts each, everything on:\n", sweep(), sep="\n")
    print("\nPrograms of their own, 66 x 500, which convert at one rate and add up:\n")
    print(*peers.lines(66, 500, *sys.argv[1:2]), sep="\n")
    print("\nThrough the database, stored durably:\n", stored(), sep="\n")
    print("\nA file of the ECD, as it streams by:\n", ecd(), sep="\n")
    print("\nExtraction over HTTP, limits lifted, then within them in time that jumps:\n")
    print(extraction())


if __name__ == "__main__":
    main()
