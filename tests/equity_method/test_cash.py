"""Equity pick-up and the cash flows: it is no cash, and its dividends stay inside the group."""

from pathlib import Path

import pytest

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.cash_flows import RESULT_LINE, LineKey, Own, Part, Section, own_line
from tests.equity_method.folders import change, rows
from tests.equity_method.test_pickups import abroad, golden


def marked(told: Path) -> Path:
    """The same with a chart that knows what cash is."""
    head, *accounts = (told / "chart.csv").read_text("utf-8").splitlines()
    marks = {"1010": "yes,", "1700": ",investing"}
    lines = [f"{line},{marks.get(line[:4], ',')}" for line in accounts]
    (told / "chart.csv").write_text("\n".join([f"{head},cash,cash_flow", *lines, ""]), "utf-8")
    return told


def opened(folder: Path) -> Path:
    """G17 with the December before it."""
    told = marked(golden(folder))
    december = rows(
        "entity,account,closing",
        ["P,1010,550000", "P,1300,450000", "P,1700,520000", "P,2200,-200000", "P,3000,-1000000",
         "P,3300,-320000", "S,1010,110000", "S,1100,290000", "S,1400,420000", "S,2010,-170000",
         "S,3000,-500000", "S,3300,-150000"],
    )  # fmt: skip
    (told / "balances/2023-12.csv").write_text(december + "\n", "utf-8")
    return told


def test_what_was_picked_up_is_neither_result_nor_flow(tmp_path: Path):
    """
    The group earned 190,000 x 0.19 = 36,100.00 and paid 6,000 x 0.195 = 1,170.00 outside.

    P's 80,000 of pick-up left result and investment; its 24,000 of dividends came off the
    investment at 0.195, and are S's own.
    """
    found = read_group(opened(tmp_path))
    engine = ConsolidationEngine(found.group)
    for each in found.balances:
        engine.load_trial_balance(each)
    book = engine.consolidate("2024-12")
    cash = engine.cash_flows(book)
    assert cash.problems == ()
    assert cash.group is not None
    assert cash.group.lines == {
        RESULT_LINE: 36_100_00,
        own_line(Section.FINANCING, Own.DIVIDENDS_OUTSIDERS): -1_170_00,
    }
    assert cash.group.closing == book.figure("1010")
    p = cash.companies[0].functional
    assert p.lines == {
        RESULT_LINE: 170_000_00,
        LineKey(Section.INVESTING, Part.MOVEMENT, "1700"): -56_000_00,
    }


@pytest.mark.parametrize(("currency", "figures"), [
    ("BRL", (1000_00, 51_00, 21_00, 1072_00)),
    ("USD", (200_00, 10_00, -3_85, 206_15)),
])  # fmt: skip
def test_a_reserve_of_the_holder_is_no_flow_either(
    tmp_path: Path, currency: str, figures: tuple[int, ...]
):
    """
    In reais U brings 10 x 5.10 = 51.00, and rates 110 x 5.20 - 551.00 = 21.00.

    In dollars it brings 10.00; P's 1,000 of reais were 200.00 at 5.00, and of them 500 are
    96.15 at 5.20, once 100.00 were invested: -3.85.
    """
    told = marked(abroad(tmp_path))
    november = "entity,account,closing\nP,1010,1000\nP,3000,-1000\n"
    (told / "balances/2024-11.csv").write_text(november, "utf-8")
    if currency == "USD":
        change(told, "group.toml", '"BRL"', '"USD"')
        text = "entity,account,functional,translated\nP,3000,-1000,-200\nP,3400,,0\nP,4000,0,0\n"
        (told / "openings.csv").write_text(text, "utf-8")
    found = read_group(told)
    engine = ConsolidationEngine(found.group)
    for each in found.balances:
        engine.load_trial_balance(each)
    cash = engine.cash_flows(engine.consolidate("2024-12"))
    assert cash.problems == ()
    whole = cash.group
    assert whole is not None
    assert (whole.opening, whole.lines[RESULT_LINE], whole.effect, whole.closing) == figures
    assert {key: amount for key, amount in whole.lines.items() if key != RESULT_LINE} == {}
