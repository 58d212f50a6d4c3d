"""Small books for the tests of the ECD, and files with a mistake in one line."""

import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from monthclose.connectors.ecd.balances import Wanted, extracts
from monthclose.connectors.ecd.books import EcdBooks
from monthclose.connectors.ecd.problems import EcdUnusable
from monthclose.connectors.ecd.reader import read_ecd
from monthclose.connectors.ecd.writer import Entry, MadeBooks, encoded, write_ecd
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.sources import Nature, SourceAccount

SHARED = Path(__file__).resolve().parents[4] / "shared"
CNPJ = "11222333000181"
CHART = (
    SourceAccount("1", "ATIVO", Nature.ASSET, posting=False),
    SourceAccount("1.1", "BANCO ITAÚ", Nature.ASSET, parent="1", referential="1.01.01.02.01"),
    SourceAccount("2", "PASSIVO", Nature.EQUITY, posting=False),
    SourceAccount("2.1", "CAPITAL", Nature.EQUITY, parent="2"),
    SourceAccount("2.3", "LUCROS ACUMULADOS", Nature.EQUITY, parent="2"),
    SourceAccount("3", "RESULTADO", Nature.RESULT, posting=False),
    SourceAccount("3.1", "RECEITA", Nature.RESULT, parent="3"),
    SourceAccount("3.2", "DESPESA", Nature.RESULT, parent="3"),
)


def mini() -> list[bytes]:
    """Lines of the shared example: December of a company that closes its year."""
    sample = json.loads((SHARED / "reference" / "samples" / "ecd-mini.json").read_text("utf-8"))
    return [line.encode("latin-1") + b"\r\n" for line in sample["lines"]]


def read(lines: Sequence[bytes], behind: bytes = b"", *, functional: bool = False) -> EcdBooks:
    return read_ecd(io.BytesIO(b"".join(lines) + behind), "ecd.txt", functional=functional)


def balances(books: EcdBooks, **wanted: object) -> dict[str, RawBalance]:
    found = extracts(books, Wanted("ALF", **wanted))  # type: ignore[arg-type]
    return {each.balance.period: each.balance for each in found}


def by_account(raw: RawBalance) -> dict[str, int]:
    return dict(zip(raw.accounts, raw.amounts.tolist(), strict=True))


def changed(lines: Sequence[bytes], was: str, now: str) -> list[bytes]:
    """The same lines with one of them otherwise, the number of lines mended."""
    place = [line.decode("latin-1").rstrip() for line in lines].index(was)
    fresh = [encoded(each.strip("|").split("|")) if each else b"" for each in now.split("\n")]
    if now.endswith("||"):
        fresh = [now.encode("latin-1") + b"\r\n"]
    kept = [line for line in (*lines[:place], *fresh, *lines[place + 1 :]) if line]
    return counted(kept)


def counted(lines: Sequence[bytes]) -> list[bytes]:
    """The same lines with the right number of lines in the last."""
    return [*lines[:-1], encoded(("9999", str(len(lines))))]


def codes(lines: Sequence[bytes], *, functional: bool = False) -> list[tuple[int, str]]:
    """Line and code of every mistake."""
    try:
        read(lines, functional=functional)
    except EcdUnusable as error:
        return [(each.row, each.code) for each in error.problems]
    return []


def year(months: int = 3, *, quarterly: bool = False, **facts: object) -> MadeBooks:
    """
    Books in which every month sells 100.00 and spends 40.00 by bank.

    December, or each quarter's last month, closes the result into 2.3.
    """
    periods = tuple(f"2024-{month:02d}" for month in range(1, months + 1))
    entries: list[Entry] = []
    results: dict[str, dict[str, int]] = {}
    open_months = 0
    for month in range(1, months + 1):
        entries.append(Entry(date(2024, month, 10), (("1.1", 10000), ("3.1", -10000))))
        entries.append(Entry(date(2024, month, 20), (("3.2", 4000), ("1.1", -4000))))
        open_months += 1
        if month == 12 or (quarterly and month % 3 == 0):
            last = date(2024, month, 31 if month in (3, 12) else 30)
            sold, spent = 10000 * open_months, 4000 * open_months
            lines = (("3.1", sold), ("3.2", -spent), ("2.3", spent - sold))
            entries.append(Entry(last, lines, closes=True))
            results[f"2024-{month:02d}"] = {"3.1": -sold, "3.2": spent}
            open_months = 0
    opening = {"1.1": 50000, "2.1": -30000, "2.3": -20000}
    return MadeBooks(
        CNPJ,
        "ALFA LTDA",
        periods,
        CHART,
        opening,
        entries,
        results,
        **facts,  # type: ignore[arg-type]
    )


def lines_of(made: MadeBooks) -> list[bytes]:
    return list(write_ecd(made))
