"""The ECD of the sandbox group, imported, is its hidden ledger to the cent."""

from collections import defaultdict
from pathlib import Path

import pytest

from monthclose.connectors.ecd.balances import Wanted, extracts
from monthclose.connectors.ecd.books import EcdBooks
from monthclose.connectors.ecd.reader import read_ecd
from monthclose.ledger.balances import Basis
from monthclose.sandbox.world import World
from monthclose.wiring.filed import write_filed

WORLD = World(entities=6, months=30)
"""January 2023 to June 2025: two finished years, a company bought within the first."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place: Path = tmp_path_factory.mktemp("papers")
    write_filed(WORLD.group, place)
    return place


def books(folder: Path, stem: str) -> EcdBooks:
    with (folder / "ecd" / f"{stem}.txt").open("rb") as stream:
        return read_ecd(stream, f"{stem}.txt")


def hidden(code: str, period: str) -> dict[str, int]:
    """The hidden ledger's own month by standard account."""
    sums: dict[str, int] = defaultdict(int)
    for line in WORLD.members[code].lines[period]:
        sums[line.account] += line.closing
    return {account: amount for account, amount in sums.items() if amount}


class TestFiled:
    def test_each_company_has_a_file_of_each_year_that_ended(self, folder):
        files = sorted(path.stem for path in (folder / "ecd").iterdir())
        codes = ("VERO", "NUVE", "FISC", "AGRO", "PAGO", "SAUD", "TALO")
        expected = {f"{code}-{year}" for code in codes for year in (2023, 2024)}
        assert set(files) == expected - {"TALO-2024"}  # sold in September

    def test_nothing_is_written_before_a_year_ends(self, tmp_path):
        assert write_filed(World(entities=3).group, tmp_path) == 0
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "stem", ["VERO-2023", "NUVE-2023", "NUVE-2024", "FISC-2024", "AGRO-2024", "PAGO-2023",
                 "SAUD-2024", "TALO-2023"],
    )  # fmt: skip
    def test_imported_it_is_the_hidden_ledger_to_the_cent(self, folder, stem):
        """Every month, December before its closing; nothing differs from its entries or I355."""
        code = stem.partition("-")[0]
        member = WORLD.members[code]
        standard = {
            own.code: own.standard for owned in WORLD.group.chart(code).values() for own in owned
        }
        read = books(folder, stem)
        assert read.cnpj == member.served.cnpj
        found = extracts(read, Wanted(code))
        assert [each.balance.period for each in found][-1].endswith("-12")
        for extract in found:
            balance = extract.balance
            sums: dict[str, int] = defaultdict(int)
            for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
                sums[standard[account]] += amount
            held = {account: amount for account, amount in sums.items() if amount}
            assert held == hidden(code, balance.period), balance.period
            assert balance.basis is Basis.IMPORTED_ECD
            assert [tie for tie in extract.tie_outs if tie.out_by] == []

    def test_the_next_year_opens_as_the_one_before_closed(self, folder):
        """With its closing entries, account by account: no break between two files."""
        for code in ("NUVE", "FISC"):
            ends, begins = (books(folder, f"{code}-{year}") for year in (2023, 2024))
            closed = {a: row.closing for a, row in ends.months[-1].accounts.items() if row.closing}
            opened = {a: row.opening for a, row in begins.months[0].accounts.items() if row.opening}
            assert closed == opened
