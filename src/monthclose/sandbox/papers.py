"""What people send of the sandbox group: its budget, and balancetes for what ERPs do not know."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from monthclose.ledger.money import plain
from monthclose.sandbox.books import BP
from monthclose.sandbox.group import Row, csv_text
from monthclose.sandbox.world import RESULT, World

OFF_BP = 800
"""By how much a budget misses what came, at most."""

THOUSAND = 100_000
"""Reais in cents: what large lines are rounded to; small ones to a tenth of it."""


def write_papers(world: World, folder: Path) -> int:
    """
    Write `budget.csv`, and `gaps/CODE-2025-06.csv` for each company without a ledger.

    Returns:
        How many files were written.
    """
    files = {"budget.csv": list(budget_rows(world))}
    for member in world.members.values():
        for period, told in member.supplements.items():
            files[f"gaps/{member.code}-{period}.csv"] = [
                *(
                    {
                        "account": line.account,
                        "debit": plain(line.debit),
                        "credit": plain(line.credit),
                        "gap": line.gap,
                    }
                    for line in told.lines
                ),
                *({"account": "", "debit": "", "credit": "", "gap": gap} for gap in told.none),
            ]
    (folder / "gaps").mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        (folder / name).write_text(csv_text(rows), "utf-8", newline="\n")
    return len(files)


def budget_rows(world: World) -> Iterator[Row]:
    """Income and expense of every month as they were expected: in round figures, a little off."""
    for member in world.members.values():
        for period, lines in member.lines.items():
            months: dict[str, int] = {}
            for line in lines:
                if line.account[0] in RESULT and (line.debit or line.credit):
                    came = months.get(line.account, 0)
                    months[line.account] = came + line.debit - line.credit
            for account, came in months.items():
                rnd = Random(f"{world.group.seed}/{member.code}/{period}/{account}/budget")
                expected = came * (BP + rnd.randint(-OFF_BP, OFF_BP)) // BP
                unit = THOUSAND if abs(expected) >= 50 * THOUSAND else THOUSAND // 10
                yield {
                    "period": period,
                    "entity": member.code,
                    "account": account,
                    "amount": plain(round(expected / unit) * unit),
                }
