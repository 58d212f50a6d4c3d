"""The rows of the statement of changes in equity, as they are printed."""

from monthclose.ledger.equity import EquityMove, EquityPart, EquityStatement
from monthclose.reports.equity_rows import equity_rows

NONE = dict.fromkeys(EquityPart, 0)


def rows(*moves: EquityMove) -> list[tuple[str, tuple[int, ...]]]:
    """Keys of the rows, and which rows each adds up."""
    statement = EquityStatement(NONE, {move: {EquityPart.NCI: 1} for move in moves}, NONE)
    return [(row.key, row.adds) for row in equity_rows(statement)]


def test_comprehensive_income_is_added_up_below_its_last_part():
    assert rows(EquityMove.RESULT, EquityMove.TRANSLATION, EquityMove.DIVIDENDS) == [
        ("reported", ()), ("result", ()), ("translation", ()), ("comprehensive", (1, 2)),
        ("dividends", ()), ("closing", (0, 3, 4)),
    ]  # fmt: skip
    assert rows(EquityMove.RESULT, EquityMove.RECOGNISED) == [
        ("reported", ()), ("result", ()), ("recognised", ()), ("comprehensive", (1, 2)),
        ("closing", (0, 3)),
    ]  # fmt: skip


def test_a_result_alone_needs_no_sum():
    assert rows(EquityMove.RESULT) == [("reported", ()), ("result", ()), ("closing", (0, 1))]


def test_what_is_restated_opens_the_statement():
    assert rows(EquityMove.RESTATEMENT, EquityMove.DIVIDENDS) == [
        ("reported", ()), ("restatement", ()), ("opening", (0, 1)), ("dividends", ()),
        ("closing", (2, 3)),
    ]  # fmt: skip
