"""Cash flows of a group folder: a company bought within its year, by hand."""

from pathlib import Path

import pytest

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.cash_flows import RESULT_LINE, CashFlows, Own, Section, own_line
from monthclose.ledger.money import parse_amount, plain
from tests.groupfolder.folders import edit, put
from tests.groupfolder.hyperinflation import write_pesos
from tests.groupfolder.purchases import settings
from tests.groupfolder.test_within_year import RESULTS, folder_of

ACQUIRED = own_line(Section.INVESTING, Own.ACQUIRED)
type Row = tuple[str, str, str]
"""A company's account, what it held at the start, what at the end."""

P_ROWS: list[Row] = [
    ("P,1010", "1500.00", "1300.00"),
    ("P,1700", "0.00", "200.00"),
    ("P,3000", "-1500.00", "-1500.00"),
]
S_ROWS: list[Row] = [
    ("S,1010", "960.00", "1010.00"),
    ("S,3000", "-800.00", "-800.00"),
    ("S,3300", "-100.00", "-100.00"),
    ("S,4000", "-70.00", "-130.00"),
    ("S,6000", "10.00", "20.00"),
]


def table(rows: list[Row]) -> str:
    """A month with its opening column; without an opening a row has its closing alone."""
    lines = ["entity,account,opening,debit,credit,closing"]
    for account, opening, closing in rows:
        if not opening:
            lines.append(f"{account},,,,{closing}")
            continue
        moved = parse_amount(closing) - parse_amount(opening)
        sides = f"{plain(max(moved, 0))},{plain(max(-moved, 0))}"
        lines.append(f"{account},{opening},{sides},{closing}")
    return "\n".join([*lines, ""])


def bought(path: Path, day: str, first: str = "2025-07") -> Path:
    """P buys 80 % of S, all of it cash, for 200.00; closed from July on."""
    folder = folder_of(path, day, first)
    put(folder, "group.toml", settings(first=first))
    marks = {"1010": "yes,", "1700": ",investing"}
    head, *accounts = (folder / "chart.csv").read_text("utf-8").splitlines()
    rows = [f"{line},{marks.get(line[:4], ',')}" for line in accounts]
    put(folder, "chart.csv", "\n".join([f"{head},cash,cash_flow", *rows, ""]))
    june = "balances/2025-06.csv"  # before P paid
    edit(folder, june, "P,1010,1300.00\nP,1700,200.00\n", "P,1010,1500.00\n")
    return folder


def flows(folder: Path, period: str) -> CashFlows:
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    return engine.cash_flows(engine.consolidate(period))


def test_the_balance_of_the_month_before_is_what_was_bought(tmp_path: Path):
    """
    1,500.00 + 10.50 - 8.00 + 19.70 = 1,522.20.

    Paid 200.00, found 960.00 x 0.20 = 192.00. July earned 50.00 x 0.21 = 10.50; rates did
    960.00 x 0.02 + 50.00 x 0.01 = 19.70. Closing 1,300.00 and 1,010.00 x 0.22 = 222.20.
    """
    folder = bought(tmp_path, "2025-07-01")
    whole = flows(folder, "2025-07").group
    assert whole is not None
    assert whole.lines == {RESULT_LINE: 10_50, ACQUIRED: -8_00}
    assert (whole.opening, whole.closing) == (1500_00, 1522_20)
    assert whole.effect == whole.proof.total == 19_70


def test_within_a_month_the_opening_column_is_the_balance_of_the_day(tmp_path: Path):
    """The same figures on 15 July: what S had on the day is what it earned up to it, too."""
    folder = bought(tmp_path, "2025-07-15")
    put(folder, "acquired_results.csv", RESULTS)
    put(folder, "balances/2025-07.csv", table(P_ROWS + S_ROWS))
    whole = flows(folder, "2025-07").group
    assert whole is not None
    assert whole.lines == {RESULT_LINE: 10_50, ACQUIRED: -8_00}
    assert (whole.closing, whole.effect) == (1522_20, 19_70)


def test_on_the_last_day_of_a_month_it_is_that_month_s_balance(tmp_path: Path):
    """Bought on 30 June for 200.00: 192.00 come with it at 0.20, 182.40 stand at June's 0.19."""
    folder = bought(tmp_path, "2025-06-30", "2025-06")
    held = [(account, opening, opening) for account, opening, _ in S_ROWS]
    put(folder, "balances/2025-06.csv", table(P_ROWS + held))
    whole = flows(folder, "2025-06").group
    assert whole is not None
    assert whole.lines == {ACQUIRED: -8_00}
    assert (whole.opening, whole.closing, whole.effect) == (1500_00, 1300_00 + 182_40, -9_60)


@pytest.mark.parametrize("wrong", [True, False])
def test_what_it_had_on_the_day_has_to_be_known(tmp_path: Path, wrong: bool):
    """An opening that is not the equity acquired is of another day; none at all is none."""
    folder = bought(tmp_path, "2025-07-15")
    put(folder, "acquired_results.csv", RESULTS)
    of_another_day = {"S,1010": "959.00", "S,4000": "-69.00"}
    rows = [
        (account, of_another_day.get(account, opening) if wrong else "", closing)
        for account, opening, closing in S_ROWS
    ]
    put(folder, "balances/2025-07.csv", table(P_ROWS + rows))
    found = flows(folder, "2025-07")
    assert found.group is None
    assert [each.code for each in found.problems] == ["cash-flow-bought-within"]


def test_books_restated_with_an_index_have_no_flows_and_it_is_said(tmp_path: Path):
    """IAS 29.33 wants them in the units of the last day; P, which is not restated, has its own."""
    folder = write_pesos(tmp_path / "pesos")
    edit(folder, "chart.csv", "monetary,role", "monetary,role,cash")
    text = (folder / "chart.csv").read_text("utf-8")
    head, cash, *rest = text.splitlines()
    lines = [head, f"{cash},yes", *(f"{line}," for line in rest), ""]
    put(folder, "chart.csv", "\n".join(lines))
    edit(folder, "entities.csv", "index\n", "index,first_period\n")
    edit(folder, "entities.csv", "parent,\n", "parent,,2024-11\n")
    edit(folder, "entities.csv", "full,IPC\n", "full,IPC,2024-11\n")
    found = flows(folder, "2024-12")
    assert found.group is None
    assert [each.functional.entity for each in found.companies] == ["P"]
    assert [each.code for each in found.problems] == ["cash-restated"]
