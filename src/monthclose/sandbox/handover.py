"""
The sandbox group on the day its ERPs are connected: months that are over as files.

The last month is in the ERPs alone. The month before it is in the accounts that a balance
without a ledger goes on in: each bank account by its number, what is owed by customers and
to suppliers, and within the group by company.
"""

from collections import defaultdict
from collections.abc import Iterator

from monthclose.ledger.accounts import ENTERED, AccountClass
from monthclose.ledger.money import parse_amount, plain
from monthclose.sandbox.group import Row, Tables
from monthclose.sandbox.hidden import LAST
from monthclose.sandbox.world import Member, World

GOES_ON = {"1100": "AR", "1150": "AR:GROUP", "2010": "AP", "2150": "AP:GROUP"}
"""Account of a balance without a ledger, by standard account; banks have one each."""

BANKS = frozenset({"1010", "1020"})
LEDGER = "totvs"


def handed_over(world: World, tables: Tables) -> Tables:
    """
    The group's tables without what is read from its ERPs and from the central banks.

    Args:
        world: The group as its ERPs hold it.
        tables: The same group as files, whole.
    """
    last, before = f"balances/{LAST}", f"balances/{LAST.plus(-1)}"
    without = [each for each in world.members.values() if each.erp != LEDGER]
    codes = {each.code for each in without}
    kept = [row for row in tables[before] if row["entity"] not in codes]
    made = tables | {
        before: kept + [row for each in without for row in _sheet(world, each, tables[before])],
        "mappings": [*tables["mappings"], *_mappings(world, tables["chart"])],
        "rates": [row for row in tables["rates"] if str(row["date"]) < str(LAST.first_day)],
    }
    del made[last]
    return made


def _sheet(world: World, member: Member, rows: list[Row]) -> Iterator[Row]:
    """One company's month in the accounts it goes on in; closing balances alone are known."""
    chart = world.group.chart(member.code)
    standard = {own.code: own.standard for owned in chart.values() for own in owned}
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    names: dict[str, str] = {}
    for row in rows:
        if row["entity"] != member.code or standard[row["account"]] in BANKS:
            continue
        account: str = GOES_ON.get(standard[row["account"]]) or row["account"]
        names.setdefault(account, row["name"])
        totals[account, row["partner"]] += parse_amount(row["closing"])
    for bank in member.served.dealings.banks:
        account = f"BANK:{bank.id}"
        names[account] = bank.name
        totals[account, ""] = member.served.bank_balance(bank.id, LAST.plus(-1).last_day)
    for (account, partner), closing in totals.items():
        yield {
            "entity": member.code,
            "account": account,
            "name": names[account],
            "partner": partner,
            "closing": plain(closing),
        }


def _mappings(world: World, chart: list[Row]) -> Iterator[Row]:
    """Mappings of accounts that no chart of the companies has; the holding's chart whole."""
    entered = {row["code"] for row in chart if AccountClass(row["class"]) in ENTERED}
    for member in world.members.values():
        owned = world.group.charts.get(member.code, {}).values()
        mapped = {each.code for accounts in owned for each in accounts}
        for account, standard in member.mapping.items():
            if account not in mapped and standard in entered:
                yield {"entity": member.code, "account": account, "standard_account": standard}
