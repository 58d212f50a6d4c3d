"""How the workbook looks: one font, two greys, and a rule where something adds up."""

from typing import Any

INK, SOFT, RULE = "#1a1a1a", "#6b6b6b", "#bfbfbf"
GOOD, BAD, LOOK = "#2e7d32", "#c62828", "#8a5a00"
FONT = {"font_name": "Arial", "font_size": 9, "font_color": INK}
PAPER_A4 = 9

_BASE: dict[str, Any] = {**FONT, "valign": "vcenter"}
_BOLD = {"bold": True}
_HEAD = {**_BOLD, "bottom": 1, "bottom_color": INK, "valign": "bottom", "text_wrap": True}
_SUB = {**_BOLD, "top": 1, "top_color": RULE}
_TOTAL = {**_BOLD, "top": 1, "top_color": INK, "bottom": 1, "bottom_color": INK}
_MUTED = {"font_color": SOFT}

LOOKS: dict[str, dict[str, Any]] = {
    "": {},
    "title": {"bold": True, "font_size": 14},
    "subtitle": _MUTED,
    "head": _HEAD,
    "head-code": {**_HEAD, "text_wrap": False},
    "section": {**_BOLD, "font_size": 11},
    "heading": _BOLD,
    "group": _BOLD,
    "strong": _BOLD,
    "line": {},
    "part": _MUTED,
    "check": {**_MUTED, "font_size": 8},
    "subtotal": _SUB,
    "total": _TOTAL,
    "muted": _MUTED,
    "hash": {**_MUTED, "font_name": "Courier New", "font_size": 7},
    "wrap": {"text_wrap": True},
}
"""What each way to print a row sets, by name."""


def amount_format(digits: int) -> str:
    """
    Write an amount: negative in parentheses, nil as a dash.

    Separators are codes that every country's spreadsheet fills in with its own; the
    space of a parenthesis keeps the decimals of both signs in one column.
    """
    places = "." + "0" * digits if digits else ""
    return f'#,##0{places}_);(#,##0{places});"–"_)'


def variance_format(digits: int) -> str:
    """Write a difference: with its sign, nil as a dash."""
    places = "." + "0" * digits if digits else ""
    return f'"+"#,##0{places};"−"#,##0{places};"–"'


COUNT = '#,##0;"−"#,##0;"–"'
RATE = "0.0000??????"
"""Four decimals at least; the decimals of short and long rates stand below each other."""
PERCENT = "0.00######"
SCORE = "0.00"


class Styles:
    """The formats of a workbook, each made once, when first asked for."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, str, str, int], Any] = {}

    def __call__(self, look: str = "", number: str = "", align: str = "", indent: int = 0) -> Any:
        """Give the format of a look, with a number format, an alignment and an indent."""
        key = (look, number, align, indent)
        if key not in self._made:
            properties = {**_BASE, **LOOKS[look]}
            if number:
                properties["num_format"] = number
            if align:
                properties["align"] = align
            if indent:
                properties["indent"] = indent
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]
