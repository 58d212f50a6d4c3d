"""How often the first suggestion is the right one, over the charts of the sandbox's group."""

from collections.abc import Iterator

from monthclose.analysis.suggestions import Sibling, Unmapped, suggest
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.sources import Nature, SourceAccount
from monthclose.sandbox.chart import standard_chart
from monthclose.sandbox.world import BETWEEN, Member, World

NATURES = {"1": Nature.ASSET, "2": Nature.LIABILITY, "3": Nature.EQUITY}
SURE = 0.9


def described(world: World, member: Member) -> Iterator[SourceAccount]:
    """A company's accounts as its system or its accountant describes them, not where they go."""
    for owned in world.group.chart(member.code).values():
        for own in owned:
            # An accountant's balancete says no nature; the ledger of an ERP does.
            nature = NATURES.get(own.standard[0], Nature.RESULT)
            yield SourceAccount(
                own.code, own.name, nature if member.erp == "totvs" else Nature.UNKNOWN
            )
    for bank in member.served.dealings.banks:
        yield SourceAccount(f"BANK:{bank.id}", bank.name, bank=True)
    for each in member.served.dealings.categories:
        lined = bool(each.line) and not each.transfer and member.erp != "bling"
        yield SourceAccount(
            f"CAT:{each.code}", each.name, Nature.RESULT if lined else Nature.UNKNOWN
        )


def test_most_first_suggestions_are_right_and_those_that_are_sure_always():
    """
    Companies one after the other, each with what those before it have mapped: 413 of 419.

    Their charts are made up from the standard one, so no real chart does as well. What counts
    as sure is what `map accept --all-above 90` takes: none of it is wrong.
    """
    world = World()
    chart = chart_of(
        tuple(
            Account(
                row["code"],
                row["name"],
                AccountClass(row["class"]),
                cash=row.get("cash") == "yes",
                contra=row.get("contra") == "yes",
                intercompany=row.get("intercompany", ""),
            )
            for row in standard_chart()
        )
    )
    siblings: list[Sibling] = []
    right: dict[str, tuple[int, int]] = {}
    wrong: list[tuple[str, str, str]] = []
    for member in world.members.values():
        known = {a: t for a, t in member.mapping.items() if a not in BETWEEN}
        accounts = [each for each in described(world, member) if each.code in known]
        hits = 0
        for account in accounts:
            target = known[account.code]
            debit = chart[target].kind in (AccountClass.ASSET, AccountClass.EXPENSE)
            amount = 1_00 if debit != chart[target].contra else -1_00
            found = suggest(Unmapped(account, amount), chart, siblings)
            hits += bool(found) and found[0].target == target
            sure = found and found[0].confidence >= SURE and not found[0].doubts
            if sure and found[0].target != target:
                wrong.append((member.code, account.name, found[0].target))
        right[member.code] = (hits, len(accounts))
        siblings += [
            Sibling(member.code, each.code, each.name, known[each.code]) for each in accounts
        ]
    assert wrong == []
    for code, (hits, count) in right.items():
        assert hits >= count * 0.9, (code, hits, count)
    hits, count = map(sum, zip(*right.values(), strict=True))
    assert (hits, count) == (413, 419)
