"""The ECD files of the sandbox group, written to a folder."""

from pathlib import Path

from monthclose.connectors.ecd.writer import Entry, MadeBooks, write_ecd
from monthclose.sandbox.filed import FiledYear, filed_years
from monthclose.sandbox.hidden import HiddenLedger


def write_filed(group: HiddenLedger, folder: Path) -> int:
    """
    Write `ecd/CODE-2024.txt` for each finished year of each company.

    Returns:
        How many files were written; none where no year has ended.
    """
    written = 0
    for year in filed_years(group):
        place = folder / "ecd"
        place.mkdir(parents=True, exist_ok=True)
        with (place / f"{year.entity}-{year.year}.txt").open("wb") as stream:
            stream.writelines(write_ecd(books_of(year)))
        written += 1
    return written


def books_of(year: FiledYear) -> MadeBooks:
    """A company's year as the books of a file."""
    return MadeBooks(
        cnpj=year.cnpj,
        name=year.name,
        months=year.months,
        accounts=year.accounts,
        openings=year.openings,
        entries=[
            Entry(
                entry.on, tuple((line.account, line.amount) for line in entry.lines), entry.closing
            )
            for entry in year.entries
        ],
        results={year.months[-1]: year.results},
    )
