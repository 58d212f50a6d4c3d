"""Text from outside, made safe for a cell: never a formula, never a character Excel refuses."""

import re

LONGEST = 32_767
"""Characters that a cell of a spreadsheet holds."""

FOOTER = 40
"""Letters of a text in a footer; the rest is the hash's."""

# What XML 1.0 cannot hold, and halves of surrogate pairs, which UTF-8 cannot.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DANGEROUS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def as_cell(text: str) -> str:
    """
    Make *text* safe to write as a string cell.

    Characters are removed before the first one is looked at: what they hid would
    otherwise become the first.
    """
    kept = _REFUSED.sub("", text)
    if len(kept) >= LONGEST:
        kept = kept[: LONGEST - 2] + "…"
    # The writer takes a text in these tags for markup of its own and copies it unescaped.
    marked_up = kept.startswith("<r>") and kept.endswith("</r>")
    return f"'{kept}" if kept.startswith(_DANGEROUS) or marked_up else kept


def as_footer(text: str) -> str:
    """Make *text* safe for a part of a footer: `&` starts a code, and 255 letters are all."""
    return _REFUSED.sub("", text)[:FOOTER].replace("&", "&&")


def as_literal(text: str) -> str:
    """Write one of our own sentences as a text inside a formula."""
    return '"' + text.replace('"', '""') + '"'
