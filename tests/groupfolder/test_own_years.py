"""A company's own fiscal year in the table of companies."""

from monthclose.groupfolder import read_group, write_group
from tests.groupfolder.folders import places


def with_year_end(folder, text: str) -> None:
    """Give the last company of the example a year of its own."""
    file = folder / "entities.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    lines = [f"{header},year_end", *(f"{row}," for row in rows[:-1]), f"{rows[-1]},{text}"]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def test_it_is_read_and_written(example, tmp_path):
    with_year_end(example, "3")
    read = read_group(example)
    assert [each.year_end for each in read.group.entities] == [0, 0, 3]
    write_group(tmp_path / "again", read.group, read.balances)
    assert read_group(tmp_path / "again").group.entities == read.group.entities


def test_a_month_that_there_is_not_is_named(example):
    with_year_end(example, "13")
    ((file, row, column, _),) = places(example)
    assert (file, row, column) == ("entities.csv", 4, "year_end")
