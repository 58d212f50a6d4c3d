"""What people send of the sandbox group: itself, its budget, its accountants' balancetes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from monthclose.ledger.money import plain
from monthclose.sandbox.books import BP
from monthclose.sandbox.group import Row, SandboxGroup, csv_text, settings_text
from monthclose.sandbox.world import RESULT, Member, World

NAMES = {"AR": "Clientes", "AP": "Fornecedores", "BANK": "Banco"}
"""Accounts that only a derived balance has, as their owner calls them."""

OFF_BP = 800
"""By how much a budget misses what came, at most."""

THOUSAND = 100_000
"""Reais in cents: what large lines are rounded to; small ones to a tenth of it."""


def write_papers(world: World, folder: Path) -> int:
    """
    Write `group` and `budget.csv`, and of each company without a ledger what it opens with.

    That is `balancetes/CODE-2024-12.csv`, and `gaps/CODE-2025-06.csv` for each month.
    The group is a folder for `import group`: companies, standard chart, what was before the
    first month. The companies' balances, mappings and rates come from elsewhere.

    Returns:
        How many files were written.
    """
    files = {"budget.csv": list(budget_rows(world))}
    for member in world.members.values():
        chart = world.group.chart(member.code)
        names = {own.code: own.name for owned in chart.values() for own in owned}
        for period, told in member.supplements.items():
            files[f"gaps/{member.code}-{period}.csv"] = [
                *(
                    {
                        "account": line.account,
                        "name": names.get(line.account, ""),
                        "debit": plain(line.debit),
                        "credit": plain(line.credit),
                        "gap": line.gap,
                    }
                    for line in told.lines
                ),
                *(
                    {"account": "", "name": "", "debit": "", "credit": "", "gap": gap}
                    for gap in told.none
                ),
            ]
        if member.supplements and member.opening.accounts:
            name = f"balancetes/{member.code}-{member.opening.period}.csv"
            files[name] = list(balancete_rows(member, names))
    files |= {f"group/{name}.csv": rows for name, rows in group_tables(world).items()}
    for name, rows in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(csv_text(rows), "utf-8", newline="\n")
    group = world.group
    text = settings_text(len(group.codes), group.first)
    (folder / "group/group.toml").write_text(text, "utf-8", newline="\n")
    return len(files) + 1


def group_tables(world: World) -> dict[str, list[Row]]:
    """The group before its first month, by name of the table: nothing mapped, no rates."""
    group = world.group
    made = SandboxGroup(group.seed, len(group.codes), len(group.periods)).tables()
    given = ("entities", "ownership", "chart", "openings", "acquisitions", "events", "changes")
    tables = {
        name: rows
        for name, rows in made.items()
        if name in given or name.startswith("intercompany/")
    }
    parent = world.members[group.codes[0]].opening
    tables[f"balances/{parent.period}"] = [
        {"entity": parent.entity, "account": account, "closing": plain(amount)}
        for account, amount in zip(parent.accounts, parent.amounts.tolist(), strict=True)
    ]
    return tables


def balancete_rows(member: Member, names: Mapping[str, str]) -> Iterator[Row]:
    """What a company without a ledger opens with, as an accountant in Brazil writes it."""
    held = member.opening
    for account, amount in zip(held.accounts, held.amounts.tolist(), strict=True):
        reais, cents = divmod(abs(amount), 100)
        yield {
            "Conta": account,
            "Descrição": names.get(account) or NAMES[account.partition(":")[0]],
            "Saldo": f"{reais:,}".replace(",", ".") + f",{cents:02d} {'D' if amount > 0 else 'C'}",
        }


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
