"""Names of cells, and the few formulas the workbook is made of."""

from collections.abc import Sequence


def letters(column: int) -> str:
    """Name a column: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def cell(row: int, column: int) -> str:
    """Name a cell of the same sheet."""
    return f"{letters(column)}{row + 1}"


def added(rows: Sequence[int], column: int) -> str:
    """Add up rows of a column: neighbours as a range."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    name = letters(column)
    ranges = [f"{name}{a + 1}:{name}{b + 1}" if b > a else f"{name}{a + 1}" for a, b in runs]
    # A function takes 255 arguments.
    parts = [f"SUM({','.join(ranges[n : n + 200])})" for n in range(0, len(ranges), 200)]
    return "+".join(parts) or "0"


def across(row: int, first: int, last: int, digits: int) -> str:
    """Add up columns of a row, to the cent: floats that cancel leave nothing behind."""
    return f"ROUND(SUM({cell(row, first)}:{cell(row, last)}),{digits})"


def sumifs(amounts: str, keys: str, row: int, sign: int = 1) -> str:
    """Take from the governed sheet what the row's hidden key names."""
    return f"{'-' if sign < 0 else ''}SUMIFS({amounts},{keys},$A{row + 1})"
