"""What of an answer may be kept: everything, or only the fields that are named."""

import json
from collections.abc import Callable, Collection

from monthclose.connectors.answers import read_json


def only(fields: Collection[str], rows: str) -> Callable[[bytes], bytes]:
    """
    Keep of each row of a list only some fields.

    Args:
        fields: The fields to keep.
        rows: Name of the list in the answer.

    Returns:
        A function from the bytes of an answer to the bytes that are kept.
    """

    def keep(content: bytes) -> bytes:
        """The answer without what must not be kept; nothing, when it cannot be read."""
        try:
            told = read_json(content)
        except ValueError:
            return b""
        if not isinstance(told, dict) or not isinstance(told.get(rows), list):
            return b""
        kept = [
            {name: row[name] for name in fields if name in row}
            for row in told[rows]  # type: ignore[union-attr]
            if isinstance(row, dict)
        ]
        return json.dumps({**told, rows: kept}, ensure_ascii=False, default=str).encode()

    return keep
