"""What of an answer may be kept: everything, or only the fields that are named."""

import json
from collections.abc import Callable, Collection

from monthclose.connectors.answers import read_json


def only(fields: Collection[str], rows: str = "") -> Callable[[bytes], bytes]:
    """
    Keep of each row of a list, or of one record, or of the whole, only some fields.

    Args:
        fields: The fields to keep.
        rows: Name of the list or record in the answer; empty: the answer itself.

    Returns:
        A function from the bytes of an answer to the bytes that are kept.
    """

    def keep(content: bytes) -> bytes:
        """The answer without what must not be kept; nothing, when it cannot be read."""
        try:
            told = read_json(content)
        except ValueError:
            return b""
        if not isinstance(told, dict):
            return b""
        if not rows:
            whole = {name: told[name] for name in fields if name in told}
            return json.dumps(whole, ensure_ascii=False, default=str).encode()
        found = told.get(rows)
        if not isinstance(found, (list, dict)):
            return b""
        many = found if isinstance(found, list) else [found]
        trimmed = [
            {name: row[name] for name in fields if name in row}
            for row in many
            if isinstance(row, dict)
        ]
        kept = trimmed if isinstance(found, list) else trimmed[0]
        return json.dumps({**told, rows: kept}, ensure_ascii=False, default=str).encode()

    return keep
