"""
Lines of an ECD file as they stream by, and its fields.

ISO-8859-1, one record a line between bars. A signed file carries bytes of the signature
behind the line `9999`: they are hashed and never read as text. Nothing of the file is kept,
so a gigabyte takes no more memory than a page.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from monthclose.connectors.ecd.problems import Problems
from monthclose.ledger.money import LARGEST_MINOR

BLOCK = 2**20
"""Bytes read at once."""

LONGEST = 2**16
"""Bytes of a line; only annexes (J800, J801: whole documents in one line) are longer."""

BAR, BREAK = b"|\n"

_ANNEX = (b"|J800|", b"|J801|")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u00ad]")


class _Hashing(io.RawIOBase):
    """A stream that hashes what passes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        read = self._stream.read(len(buffer))
        buffer[: len(read)] = read
        self.hash.update(read)
        return len(read)


class Lines:
    """
    The records of one file, in order, up to `9999`.

    Attributes:
        at: Line that was read last, counted from 1.
        sha256: Hash of the whole file, hexadecimal; when everything was read.
        removed: Control characters taken out of texts.
    """

    def __init__(self, stream: BinaryIO, problems: Problems) -> None:
        self.problems = problems
        self.at = 0
        self.sha256 = ""
        self.removed = 0
        self._hashing = _Hashing(stream)
        self._buffer = io.BufferedReader(self._hashing, BLOCK)

    def __iter__(self) -> Iterator[bytes]:
        """
        Give what stands between the first and the last bar of every line.

        Raises:
            EcdUnusable: it is no such file, breaks off, or says another number of lines.
        """
        readline, at = self._buffer.readline, 0
        while line := readline(LONGEST):
            self.at = at = at + 1
            if line[0] == BAR and line.endswith(b"|\r\n"):
                yield line[1:-3]
            elif line[0] == BAR and line.endswith(b"|\n"):
                yield line[1:-2]
            elif len(line) == LONGEST and line[-1] != BREAK:
                self._pass_over(line)
                continue
            elif line.rstrip(b"\r\n")[-1:] == b"|" and line.startswith(b"|9999|"):
                yield line.rstrip(b"\r\n")[1:-1]
            else:
                self._object(line)
                continue
            if line.startswith(b"|9999|"):
                self._finish(line)
                return
        raise self.problems.fail("ecd-cut", at)

    def _pass_over(self, line: bytes) -> None:
        """Pass over the rest of an annex; no other line may be so long."""
        if not line.startswith(_ANNEX):
            raise self.problems.fail("ecd-line-long", self.at, limit=LONGEST)
        while (more := self._buffer.readline(LONGEST)) and more[-1] != BREAK:
            pass

    def _object(self, line: bytes) -> None:
        if self.at == 1:
            kind = "ecd-encoding" if line.startswith((b"\xef\xbb\xbf", b"\xff\xfe")) else "ecd-none"
            raise self.problems.fail(kind, 1)
        self.problems.add("ecd-bars", self.at)

    def _finish(self, line: bytes) -> None:
        """Compare the number of lines, and hash what comes behind."""
        told = line.split(b"|")[2]
        if not told.isdigit() or int(told) != self.at:
            shown = told.decode("latin-1")[:20]
            self.problems.add("ecd-line-count", self.at, "9999", told=shown, found=self.at)
        while self._buffer.read(BLOCK):
            pass
        self.sha256 = self._hashing.hash.hexdigest()

    def text(self, field: bytes, record: str) -> str:
        """A field as text, without characters that nobody sees."""
        if not field.isascii() and _is_utf8(field):
            raise self.problems.fail("ecd-encoding", self.at, record)
        text = field.decode("latin-1")
        clean, count = _CONTROLS.subn("", text)
        self.removed += count
        return clean.strip()

    def amount(self, field: bytes, record: str) -> int:
        """
        An amount in minor units, unsigned: `1234,56`; empty is nil.

        One that cannot be read is a problem, and counts as nil.
        """
        whole, _, cents = field.partition(b",")
        if len(cents) == 2 and (digits := whole + cents).isdigit() and whole:
            minor = int(digits)
        elif not field:
            return 0
        elif whole.isdigit() and (cents.isdigit() or field == whole) and len(cents) < 2:
            minor = int(whole + cents.ljust(2, b"0"))
        else:
            shown = field.decode("latin-1")[:40]
            self.problems.add("ecd-amount", self.at, record, text=shown)
            return 0
        if minor > LARGEST_MINOR:
            self.problems.add("ecd-amount-large", self.at, record, limit=LARGEST_MINOR // 100)
            return 0
        return minor

    def signed(self, field: bytes, side: bytes, record: str) -> int:
        """An amount with its indicator, debit positive; beside nil the indicator says nothing."""
        minor = self.amount(field, record)
        if not minor:
            return 0
        if side == b"D":
            return minor
        if side != b"C":
            shown = side.decode("latin-1")[:20]
            self.problems.add("ecd-side", self.at, record, text=shown)
        return -minor

    def day(self, field: bytes, record: str) -> date:
        """
        A date, `31122024`.

        Raises:
            EcdUnusable: it is none; nothing can be said of what follows.
        """
        try:
            if len(field) == 8 and field.isdigit():
                found = date(int(field[4:]), int(field[2:4]), int(field[:2]))
                if 2000 <= found.year <= 2100:
                    return found
        except ValueError:
            pass
        shown = field.decode("latin-1")[:20]
        raise self.problems.fail("ecd-date", self.at, record, text=shown)


def _is_utf8(field: bytes) -> bool:
    """Whether bytes beyond ASCII are UTF-8: in ISO-8859-1 they hardly ever would be."""
    try:
        field.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
