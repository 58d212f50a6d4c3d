"""
A file of the ECD of a million lines, read beside a plain loop of the csv module.

The file is made while it is read, so that neither the disk nor a copy in memory counts; what
making it costs counts for both.
"""

import csv
import io
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from monthclose.connectors.ecd.reader import read_ecd
from monthclose.connectors.ecd.writer import encoded

CNPJ = "11222333000181"
BLOCK = 100


@dataclass(frozen=True)
class Timed:
    """
    What was measured.

    Attributes:
        lines: Of the file.
        size: Its bytes.
        seconds: Reading and checking, of the processor.
        plain: The csv loop, of the processor.
        memory: Peak of the process, bytes.
    """

    lines: int
    size: int
    seconds: float
    plain: float
    memory: int


class Made(io.RawIOBase):
    """January with one sale of 1.00, written *entries* times, made while it is read."""

    def __init__(self, entries: int) -> None:
        self.blocks, self.rest, self.size = _blocks(entries), b"", 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Give the next bytes."""
        while not self.rest and (block := next(self.blocks, b"")):
            self.rest = block
        given = self.rest[: len(buffer)]
        self.rest = self.rest[len(given) :]
        buffer[: len(given)] = given
        self.size += len(given)
        return len(given)


def _blocks(entries: int) -> Iterator[bytes]:
    sold = f"{entries},00"
    head = [
        ("0000", "LECD", "01012024", "31012024", "A", CNPJ, *[""] * 17),
        ("I010", "G", "9.00"),
        ("I050", "01012020", "01", "A", "1", "1", "", "BANCO"),
        ("I050", "01012020", "04", "A", "1", "3", "", "RECEITA"),
        ("I150", "01012024", "31012024"),
        ("I155", "1", "", "0,00", "D", sold, "0,00", sold, "D"),
        ("I155", "3", "", "0,00", "C", "0,00", sold, sold, "C"),
    ]
    yield b"".join(map(encoded, head))
    sale: list[tuple[str, ...]] = [("I200", "1", "15012024", "1,00", "N", "")]
    sale += [("I250", "1", "", "1,00", "D", "", "", "VENDA" * 10, "")]
    sale += [("I250", "3", "", "1,00", "C", "", "", "VENDA" * 10, "")]
    block = b"".join(map(encoded, sale)) * BLOCK
    for _ in range(entries // BLOCK):
        yield block
    yield encoded(("9999", str(len(head) + 3 * entries + 1)))


def timed(entries: int) -> Timed:
    """Read it once each way."""
    import resource  # not everywhere, and only the measuring asks for it

    made = Made(entries)
    begun = time.process_time()
    books = read_ecd(made, "made.txt")  # type: ignore[arg-type]
    seconds = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if books.months[0].accounts["1"].closing != entries * 100:
        raise AssertionError("the books are not those that were written")
    begun = time.process_time()
    text = io.TextIOWrapper(io.BufferedReader(Made(entries)), "latin-1", newline="")
    lines = sum(1 for _ in csv.reader(text, delimiter="|"))
    plain = time.process_time() - begun
    if lines != books.lines:
        raise AssertionError("the two ways do not see the same lines")
    return Timed(lines, made.size, seconds, plain, memory)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    print(json.dumps(vars(timed(asked["entries"]))))
