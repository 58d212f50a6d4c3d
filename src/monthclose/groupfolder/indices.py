"""Levels of price indices, from checked lines to nouns and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from monthclose.groupfolder.columns import Sheet
from monthclose.ledger.hyperinflation import IndexLevel
from monthclose.ledger.rates import Quote


def read_indices(sheet: Sheet) -> tuple[IndexLevel, ...]:
    """Read the levels; each is above nil, or it is no rate, which the cell says."""
    return tuple(
        IndexLevel(row["index"], row["month"], row["value"], row["source"] or "")
        for _, row in sheet.rows()
    )


def indexed_in(sheet: Sheet) -> frozenset[str]:
    """The companies that name an index, also in a line that is otherwise wrong."""
    pairs = zip(sheet.values["code"], sheet.values["index"], strict=True)
    return frozenset(code for code, index in pairs if code and index)


def index_rows(levels: Iterable[IndexLevel]) -> list[Mapping[str, Any]]:
    """Write them as rows of the table."""
    return [
        {
            "index": each.code,
            "month": each.month,
            "value": Quote("", "", each.value_e10).value,
            "source": each.source,
        }
        for each in levels
    ]
