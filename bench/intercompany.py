"""
How long intercompany items take to match: `python -m bench.intercompany 100000`.

Three kinds: sixty companies whose items carry references; two companies without a single
reference and one amount throughout; the same with amounts that lie close to each other.
Comparing every pair of the last two would take a hundred times as long for ten times the items.
"""

import sys
from time import perf_counter

from monthclose.consolidation.matching import IntercompanyMatcher
from monthclose.ledger.intercompany import Item, ItemKind

KINDS = ("references", "one amount", "many amounts")


def made(kind: str, count: int) -> list[Item]:
    """Make half as many receivables and half as many payables; every one has its other side."""
    items = []
    for number in range(count // 2):
        holder, partner, reference = "A", "B", ""
        if kind == "references":
            first, step = number % 60, 1 + number // 60 % 59
            holder, partner = f"C{first}", f"C{(first + step) % 60}"
            reference = f"NF-{number}"
        amount = 100_00 + (number if kind == "many amounts" else 0)
        for name, entity, other, side, account, sign in (
            ("r", holder, partner, ItemKind.RECEIVABLE, "1150", 1),
            ("p", partner, holder, ItemKind.PAYABLE, "2050", -1),
        ):
            items.append(
                Item(
                    id=f"{name}{number}",
                    entity=entity,
                    partner=other,
                    kind=side,
                    account=account,
                    amount=sign * amount,
                    reference=reference,
                    document_currency="BRL",
                    document_amount=sign * amount,
                    translated=sign * amount,
                )
            )
    return items


def measure(count: int) -> dict[str, float]:
    """
    Match each kind once.

    Returns:
        Seconds by kind.

    Raises:
        RuntimeError: an item was left over.
    """
    taken = {}
    for kind in KINDS:
        items = made(kind, count)
        started = perf_counter()
        matching = IntercompanyMatcher().match(items)
        taken[kind] = perf_counter() - started
        if matching.unmatched or len(matching.matches) != count // 2:
            raise RuntimeError(f"{kind}: {len(matching.unmatched)} items were left over")
    return taken


if __name__ == "__main__":
    for kind, seconds in measure(int(sys.argv[1])).items():
        print(f"{kind:>14}: {seconds:8.2f} s")
