"""What people send of the sandbox group is read by what reads it."""

import csv
from collections import defaultdict

from monthclose.groupfolder.balancetes.layouts import propose
from monthclose.groupfolder.balancetes.reading import NEEDED, Month, read_balancete
from monthclose.groupfolder.budgets import read_budget
from monthclose.groupfolder.files import Document
from monthclose.groupfolder.reader import read_group
from monthclose.sandbox.chart import standard_chart
from monthclose.sandbox.papers import write_papers
from monthclose.sandbox.world import World

WORLD = World()


def test_the_budget_is_read_and_near_what_came(tmp_path):
    """Within eight percent and half a thousand of each account's month."""
    assert write_papers(WORLD, tmp_path) == 1 + 3 * 6 + 4 + 3 + 8 + 6
    document = Document("budget.csv", (tmp_path / "budget.csv").read_bytes(), "")
    accounts = [row["code"] for row in standard_chart()]
    lines = read_budget(document, "plain", dict.fromkeys(WORLD.members, "BRL"), accounts)
    came: dict[tuple[str, str, str], int] = defaultdict(int)
    for member in WORLD.members.values():
        for period, its in member.lines.items():
            for line in its:
                came[member.code, period, line.account] += line.debit - line.credit
    assert len(lines) > 400
    for told in lines:
        was = came[told.entity, told.period, told.account]
        assert abs(told.amount - was) <= abs(was) * 8 // 100 + 500_01


def test_lines_for_gaps_balance_and_name_every_gap(tmp_path):
    write_papers(WORLD, tmp_path)
    with (tmp_path / "gaps/FISC-2025-06.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    sides = [sum(float(row[side] or 0) for row in rows) for side in ("debit", "credit")]
    assert round(sides[0], 2) == round(sides[1], 2) > 0
    assert {row["gap"] for row in rows} == WORLD.members["FISC"].supplements["2025-06"].filled


def test_the_group_is_read_with_nothing_mapped_and_no_month(tmp_path):
    write_papers(WORLD, tmp_path)
    group = read_group(tmp_path / "group").group
    assert [each.code for each in group.entities] == list(WORLD.members)
    assert group.mappings == {}


def test_each_company_without_a_ledger_has_the_balancete_it_opens_with(tmp_path):
    """LUME is founded in March and opens with nothing."""
    write_papers(WORLD, tmp_path)
    assert {path.name for path in (tmp_path / "balancetes").iterdir()} == {
        "FISC-2024-12.csv", "AGRO-2024-12.csv", "SAUD-2024-12.csv",
    }  # fmt: skip
    for path in (tmp_path / "balancetes").iterdir():
        document = Document(path.name, path.read_bytes(), "")
        layout = propose(document, (), NEEDED)
        read = read_balancete(document, layout, Month(path.name[:4], "2024-12", "BRL"))
        opening = WORLD.members[path.name[:4]].opening
        found = dict(zip(read.balance.accounts, read.balance.amounts.tolist(), strict=True))
        assert found == dict(zip(opening.accounts, opening.amounts.tolist(), strict=True))
