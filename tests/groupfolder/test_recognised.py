"""Other comprehensive income in the events of a folder."""

from datetime import date

import pytest

from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.equity import OciMovement
from tests.groupfolder.folders import places, put

HEADER = "date,kind,entity,account,amount,reference,holder\n"


def with_reserve(folder):
    """The example, with a reserve of class `oci` in its chart."""
    chart = folder / "chart.csv"
    header = chart.read_text("utf-8").splitlines()[0].split(",")
    cells = {"code": "3500", "name": "Ajustes de avaliação", "class": "oci"}
    row = ",".join(cells.get(name, "") for name in header)
    chart.write_text(f"{chart.read_text('utf-8').rstrip()}\n{row}\n", "utf-8")


def test_gains_are_credits_and_losses_debits(example):
    with_reserve(example)
    put(
        example,
        "events.csv",
        f"{HEADER}2025-06-10,oci_gain,ALFA,3500,20.00,A,\n2025-06-11,oci_loss,ALFA,3500,5.00,,\n",
    )
    assert read_group(example).group.recognised == (
        OciMovement("ALFA", "3500", 20_00, date(2025, 6, 10), None, "A"),
        OciMovement("ALFA", "3500", -5_00, date(2025, 6, 11)),
    )


def test_what_is_written_reads_back(example, tmp_path):
    with_reserve(example)
    rows = "2025-06-10,oci_gain,ALFA,3500,20.00,A,\n2025-06-11,oci_loss,ALFA,3500,5.00,,\n"
    put(example, "events.csv", HEADER + rows)
    read = read_group(example)
    write_group(tmp_path / "again", read.group, read.balances)
    assert read_group(tmp_path / "again").group.recognised == read.group.recognised


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("oci_gain,ALFA,,20.00,,", "account", "value-needed"),
        ("oci_gain,ALFA,3000,20.00,,", "account", "account-class"),
        ("oci_loss,ALFA,3500,20.00,,HOLD", "holder", "value-unexpected"),
    ],
)
def test_what_is_no_reserve_is_named(example, row, column, code):
    with_reserve(example)
    put(example, "events.csv", f"{HEADER}2025-06-10,{row}\n")
    assert places(example) == [("events.csv", 2, column, code)]
