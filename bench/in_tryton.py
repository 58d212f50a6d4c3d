"""
What Tryton's consolidation does of the work; started by `bench.peers`, where `trytond` is.

It reads a group as JSON and books it into companies of a database in memory: an account, its
type and a line of a move for each line of a balance. Timed is what `account_consolidation`
does when all its lines are asked for: it adds up the types of every company, converts each at
one rate of a day, and leaves out moves marked as between the companies asked for. One rate for
every account: no average for the result and none of the equity's own, so no CTA; investments,
outsiders and goodwill are not known to it. Prints JSON: seconds, and amounts by account.
"""

import datetime as dt
import json
import sys
from decimal import Decimal
from time import perf_counter
from typing import Any

# Not a dependency of the project: it is installed beside it, and what it brings has no types.
from trytond.pool import Pool
from trytond.tests.test_tryton import activate_module, with_transaction
from trytond.transaction import Transaction

DAY = dt.date(2025, 1, 31)


def make_currencies(quotes: dict[str, str]) -> dict[str, Any]:
    """Currencies with their rate of the day: so many of each for one dollar."""
    made = (
        Pool()
        .get("currency.currency")
        .create(
            [
                {
                    "name": code,
                    "code": code,
                    "symbol": code,
                    "rates": [("create", [{"date": DAY, "rate": Decimal(value)}])],
                }
                for code, value in quotes.items()
            ]
        )
    )
    return {each.code: each for each in made}


def make_company(code: str, currency: Any) -> Any:
    """A company that the user works in."""
    pool = Pool()
    (party,) = pool.get("party.party").create([{"name": code}])
    facts = {"party": party.id, "currency": currency.id}
    (made,) = pool.get("company.company").create([facts])
    user = pool.get("res.user")(Transaction().user)
    user.companies = (*user.companies, made)
    user.company = made
    user.company_filter = "all"
    user.save()
    return made


def make_period(company: Any) -> Any:
    """The month, in a fiscal year of the company."""
    pool = Pool()
    (kind,) = pool.get("ir.sequence.type").search([("name", "=", "Account Move")], limit=1)
    facts = {"name": "moves", "sequence_type": kind.id, "company": company.id}
    (sequence,) = pool.get("ir.sequence.strict").create([facts])
    years = pool.get("account.fiscalyear")
    (year,) = years.create(
        [
            {
                "name": "2025",
                "start_date": dt.date(2025, 1, 1),
                "end_date": dt.date(2025, 12, 31),
                "company": company.id,
                "move_sequence": sequence.id,
            }
        ]
    )
    years.create_period([year])
    return min(year.periods, key=lambda each: each.start_date)


def book(company: Any, lines: list[tuple[str, str, int]], types_of: dict[str, list[int]]) -> None:
    """Book a balance as one move, with an account and a type for each of its lines."""
    pool = Pool()
    period = make_period(company)
    types = pool.get("account.account.type").create(
        [{"name": code, "company": company.id, **STATEMENTS[kind]} for code, kind, _ in lines]
    )
    accounts = pool.get("account.account").create(
        [
            {"name": code, "code": code, "company": company.id, "type": kind.id}
            for (code, _, _), kind in zip(lines, types, strict=True)
        ]
    )
    (journal,) = pool.get("account.journal").search([("code", "=", "REV")], limit=1)
    (move,) = pool.get("account.move").create(
        [{"company": company.id, "period": period.id, "journal": journal.id, "date": DAY}]
    )
    pool.get("account.move.line").create(
        [
            {
                "move": move.id,
                "account": account.id,
                "debit": Decimal(max(amount, 0)).scaleb(-2),
                "credit": Decimal(max(-amount, 0)).scaleb(-2),
            }
            for (_, _, amount), account in zip(lines, accounts, strict=True)
            if amount
        ]
    )
    for (code, _, _), kind in zip(lines, types, strict=True):
        types_of.setdefault(code, []).append(kind.id)


STATEMENTS: dict[str, dict[str, Any]] = {
    "asset": {"statement": "balance", "assets": True},
    "liability": {"statement": "balance", "assets": False},
    "income": {"statement": "income"},
    "expense": {"statement": "income"},
}


@with_transaction()  # type: ignore[untyped-decorator]
def measure(group: Any) -> dict[str, Any]:
    """Book the group, then ask for the whole consolidation, as often as said."""
    known = make_currencies(group["quotes"])
    types_of: dict[str, list[int]] = {}
    kinds: dict[str, str] = {}
    companies = []
    for each in group["companies"]:
        companies.append(make_company(each["code"], known[each["currency"]]))
        with Transaction().set_context(company=companies[-1].id):
            book(companies[-1], each["lines"], types_of)
        kinds |= {code: kind for code, kind, _ in each["lines"]}
    lines = (
        Pool()
        .get("account.consolidation")
        .create(
            [
                {"name": code, **STATEMENTS[kinds[code]], "types": [("add", types)]}
                for code, types in types_of.items()
            ]
        )
    )
    asked = {
        "companies": [company.id for company in companies],
        "currency": known["USD"].id,
        "date": DAY,
        "from_date": dt.date(2025, 1, 1),
        "to_date": DAY,
    }
    seconds, amounts = [], {}
    for _ in range(group["repeats"]):
        with Transaction().set_context(asked):
            started = perf_counter()
            amounts = type(lines[0]).get_amount(type(lines[0]).browse(lines), "amount")
            seconds.append(perf_counter() - started)
    names = {each.id: each.name for each in lines}
    return {
        "seconds": seconds,
        "amounts": {names[key]: str(amount) for key, amount in amounts.items()},
    }


if __name__ == "__main__":
    activate_module(["account_consolidation"])
    json.dump(measure(json.load(sys.stdin)), sys.stdout)
