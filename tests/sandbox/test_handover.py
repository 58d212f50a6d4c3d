"""The group on the day its ERPs are connected: what is left out, in which accounts it goes on."""

from collections import Counter

import pytest

from monthclose.groupfolder import read_group
from monthclose.ledger.money import parse_amount
from monthclose.sandbox.group import SandboxGroup, write_demo_group
from monthclose.sandbox.handover import handed_over
from monthclose.sandbox.world import World


@pytest.fixture(scope="module")
def world():
    return World(entities=5)


@pytest.fixture(scope="module")
def tables():
    return SandboxGroup(2025, 5).tables()


class TestHandedOver:
    def test_the_last_month_is_in_the_erps_alone(self, world, tables):
        made = handed_over(world, tables)
        assert tables.keys() - made.keys() == {"balances/2025-06"}
        assert max(str(row["date"]) for row in made["rates"]) < "2025-06-01"
        assert len(made["rates"]) > 90

    def test_what_goes_on_is_what_the_erps_go_on_from(self, world, tables):
        """Banks by number, customers and suppliers in one, each account as the ERP's opening."""
        rows = handed_over(world, tables)["balances/2025-05"]
        for code, member in world.members.items():
            own = [row for row in rows if row["entity"] == code]
            if member.erp == "totvs":
                assert own == [row for row in tables["balances/2025-05"] if row["entity"] == code]
                continue
            held: Counter[str] = Counter()
            opening: Counter[str] = Counter()
            for row in own:
                account = row["account"].partition(":GROUP")[0]
                held[member.mapping.get(account, account)] += parse_amount(row["closing"])
            found = world.opening(code, "2025-06")
            for account, amount in zip(found.accounts, found.amounts.tolist(), strict=True):
                opening[member.mapping.get(account, account)] += amount
            assert held == opening
            banks = {f"BANK:{bank.id}" for bank in member.served.dealings.banks}
            assert banks <= {row["account"] for row in own}
            within = {row["partner"] for row in own if row["account"].endswith(":GROUP")}
            assert "" not in within
            assert within

    def test_a_folder_of_it_takes_the_place_of_a_whole_one(self, world, tmp_path):
        write_demo_group(tmp_path, entities=5)
        assert read_group(tmp_path).periods[-1] == "2025-06"
        write_demo_group(tmp_path, entities=5, change=lambda whole: handed_over(world, whole))
        assert read_group(tmp_path).periods[-1] == "2025-05"
