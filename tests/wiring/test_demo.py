"""The demo's last month, read over real HTTP, is the one of the files to the cent."""

import numpy as np
import pytest

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.sandbox.group import write_demo_group
from monthclose.sandbox.world import World
from monthclose.wiring import demo
from monthclose.wiring.demo import ExtractionOut, demo_group

pytestmark = pytest.mark.server


def june(folder) -> Book:
    """The consolidated month, in memory."""
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    books = [engine.consolidate(period) for period in found.periods]
    return books[-1]


class TestDemoGroup:
    def test_figures_are_those_of_the_folder_and_every_fault_was_waited_for(self, tmp_path):
        """Seven companies on four ERPs; a 503, a 502, a 429 and two bodies that were cut."""
        made = demo_group(tmp_path, 7)
        assert {each.erp for each in made.pulled} == {"totvs", "omie", "contaazul", "bling"}
        assert len(made.pulled) == 7
        assert made.faults == 5
        write_demo_group(tmp_path / "files")
        pulled, files = june(made.folder), june(tmp_path / "files")
        assert pulled.totals == files.totals
        assert np.array_equal(pulled.consolidated, files.consolidated)
        assert pulled.unmatched == files.unmatched == ()
        rates = [
            (folder / "rates.csv").read_text("utf-8")
            for folder in (made.folder, tmp_path / "files")
        ]
        assert sorted(rates[0].splitlines()) == sorted(rates[1].splitlines())
        read = {balance.entity: balance for balance in read_group(made.folder).balances}
        assert any(account.startswith("CAT:") for account in read["FISC"].accounts)

    def test_what_its_source_contradicts_is_not_imported(self, tmp_path, monkeypatch):
        """Omie says of a bank account that it held 1.00 more than its entries add up to."""

        class Wrong(World):
            def opening(self, code, period):
                balance = super().opening(code, period)
                if code == "FISC":
                    place = balance.accounts.index("AR")
                    balance.amounts[place] += 1_00
                return balance

        monkeypatch.setattr(demo, "World", Wrong)
        with pytest.raises(ExtractionOut, match="open_receivables"):
            demo_group(tmp_path, 3)
        assert not list(tmp_path.rglob("*.csv"))
