"""The statement of changes in equity (DMPL) as rows, ready to print."""

from dataclasses import dataclass

from monthclose.ledger.equity import (
    COMPREHENSIVE,
    EquityMove,
    EquityPart,
    EquityStatement,
    Parts,
)


@dataclass(frozen=True, slots=True)
class EquityRow:
    """
    One row as it is printed.

    Attributes:
        key: Of its label, and of its figures in the governed sheet.
        amounts: Minor units by component, credit positive.
        look: How it weighs on the page.
        adds: Rows that it adds up, by place; () when it takes its figures from the ledger.
    """

    key: str
    amounts: Parts
    look: str = "line"
    adds: tuple[int, ...] = ()


def equity_rows(statement: EquityStatement) -> tuple[EquityRow, ...]:
    """
    The rows of the statement, top to bottom; what nothing moved is left out.

    Source:
        IAS 1.106; CPC 26 (R1) 106A-107.
    """
    rows = [EquityRow("reported", statement.reported, "subtotal")]
    opening = 0
    if restated := statement.moves.get(EquityMove.RESTATEMENT):
        rows.append(EquityRow(EquityMove.RESTATEMENT.value, restated))
        opening = 2
        rows.append(EquityRow("opening", statement.opening, "subtotal", (0, 1)))
    parts: list[int] = []
    incomes = [move for move in COMPREHENSIVE if move in statement.moves]
    for move in EquityMove:
        if move is EquityMove.RESTATEMENT or move not in statement.moves:
            continue
        rows.append(EquityRow(move.value, statement.moves[move]))
        parts.append(len(rows) - 1)
        if len(incomes) > 1 and move is incomes[-1]:
            total = EquityRow("comprehensive", statement.comprehensive, "subtotal", tuple(parts))
            rows.append(total)
            parts = [len(rows) - 1]
    # A sum of comprehensive income stands for its parts.
    rows.append(EquityRow("closing", statement.closing, "total", (opening, *parts)))
    return tuple(rows)


def equity_column(part: EquityPart) -> str:
    """The name of a component's column in the governed sheet."""
    return f"equity_{part.name.lower()}"
