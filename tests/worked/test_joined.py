"""
Any two worked cases told as one group: their parents are one company, the rest stands beside.

What one group has says nothing of the other, so every company's translation, purchase,
outsiders and events are those of its own case, and consolidated figures are the sum of both.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from monthclose.ledger.money import parse_amount, plain
from tests.worked.case import cases, close_case, read_case
from tests.worked.outcome import differing, outcome

type Json = dict[str, Any]

BESIDE = ("translation", "ppa", "nci", "associates", "restatement")
"""Parts by company or purchase: of both cases together, each as it was."""

ONCE = ("disposal", "partial_disposal", "step_acquisition")
"""Parts of which a case has at most one."""

LISTS = (
    "entities",
    "ownership",
    "rates",
    "acquisitions",
    "dividends",
    "intercompany_items",
    "unrealised_profit",
    "net_investment_items",
    "associates",
    "events",
)


@cache
def document(path: Path) -> Json:
    """A case as written, its derived rates found."""
    written: Json = json.loads(path.read_text("utf-8"))
    for rate in written["inputs"]["rates"]:
        if rate["value"] is None:
            rate["value"] = written["expected"]["derived_rates"][rate["id"]]
            del rate["derive"]
    return written


def parent(case: Json) -> Json:
    """The company that reports."""
    found: Json = next(e for e in case["inputs"]["entities"] if e["method"] == "parent")
    return found


def joinable() -> list[Path]:
    """Cases of a group whose parent keeps its books in what it reports in."""
    return [
        path
        for path in cases()
        if "consolidated" in document(path)["expected"]
        and parent(document(path))["functional_currency"]
        == document(path)["inputs"]["policies"]["presentation_currency"]
    ]


def accounts(case: Json) -> Iterator[tuple[str, str]]:
    """Codes of accounts that balances bring, each with its class."""
    for balance in case["inputs"]["trial_balances"]:
        for account in balance["accounts"]:
            yield account["code"], account["class"]


def together(one: Json, other: Json) -> bool:
    """Whether one group can tell both: one currency, one chart, one event of a kind."""
    policies, others = one["inputs"]["policies"], other["inputs"]["policies"]
    if policies["presentation_currency"] != others["presentation_currency"]:
        return False
    tolerances = {
        each["inputs"]["policies"]["ic_tolerance_pct"]
        for each in (one, other)
        if each["inputs"].get("intercompany_items")
    }
    known = dict(accounts(one))
    return (
        len(tolerances) < 2
        and all(known.get(code, kind) == kind for code, kind in accounts(other))
        and not any(part in one["expected"] and part in other["expected"] for part in ONCE)
    )


def names(case: Json) -> set[str]:
    """What a case calls its companies, rates, purchases and items."""
    inputs = case["inputs"]
    return {each["id"] for part in LISTS for each in inputs.get(part, ()) if "id" in each}


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The same with other names, as keys and as values."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def summed(one: Any, other: Any) -> Any:
    """Maps of amounts added leaf by leaf; what only one has stays as it is."""
    if isinstance(one, dict):
        keys = dict.fromkeys((*one, *other))
        return {
            key: summed(one[key], other[key])
            if key in one and key in other
            else one.get(key, other.get(key))
            for key in keys
        }
    return plain(parse_amount(one) + parse_amount(other))


def one_balance(one: Json, other: Json) -> Json:
    """Two balances of one company, added up."""
    found = {each["code"]: dict(each) for each in one["accounts"]}
    for each in other["accounts"]:
        mine = found.setdefault(each["code"], dict(each) | {"balance": "0.00"})
        mine["balance"] = summed(mine["balance"], each["balance"])
    return one | {"accounts": list(found.values())}


def joined(one: Json, other: Json) -> Json:
    """Both cases as one, with what must come out."""
    ours = parent(one)["id"]
    calls = {name: f"x{name}" for name in names(other)} | {parent(other)["id"]: ours}
    other = renamed(other, calls)
    inputs: Json = {part: one["inputs"][part] for part in ("policies", "period")}
    if other["inputs"].get("intercompany_items"):
        inputs["policies"] = other["inputs"]["policies"]
    for part in LISTS:
        inputs[part] = [*one["inputs"].get(part, ()), *other["inputs"].get(part, ())]
    inputs["entities"] = [
        *one["inputs"]["entities"],
        *(each for each in other["inputs"]["entities"] if each["method"] != "parent"),
    ]
    balances = {each["entity"]: each for each in one["inputs"]["trial_balances"]}
    for each in other["inputs"]["trial_balances"]:
        known = balances.get(each["entity"])
        balances[each["entity"]] = one_balance(known, each) if known else each
    inputs["trial_balances"] = list(balances.values())
    openings = one["inputs"].get("opening_positions", {})
    inputs["opening_positions"] = openings | other["inputs"].get("opening_positions", {})
    expected: Json = {
        part: one["expected"].get(part, {}) | other["expected"].get(part, {}) for part in BESIDE
    }
    expected["eliminations"] = [
        *one["expected"].get("eliminations", ()),
        *other["expected"].get("eliminations", ()),
    ]
    for part in ONCE:
        if found := one["expected"].get(part) or other["expected"].get(part):
            expected[part] = found
    expected["consolidated"] = summed(
        one["expected"]["consolidated"], other["expected"]["consolidated"]
    )
    name = f"{one['case_id']}-{other['case_id']}"
    return {"case_id": name, "title": name, "inputs": inputs, "expected": expected}


PAIRS = [
    (one, other)
    for one, other in combinations(joinable(), 2)
    if together(document(one), document(other))
]


def test_most_cases_can_be_joined():
    """A pair that is left out has two charts, two currencies or two events of one kind."""
    assert len({path for pair in PAIRS for path in pair}) >= 25
    assert len(PAIRS) >= 150


@pytest.mark.parametrize(
    ("one", "other"), PAIRS, ids=[f"{one.stem}-{other.stem}" for one, other in PAIRS]
)
def test_two_groups_under_one_parent_are_both(one: Path, other: Path, tmp_path: Path):
    """Every leaf, in both orders of the companies."""
    for number, pair in enumerate(((one, other), (other, one))):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(joined(*map(document, pair))), "utf-8")
        case = read_case(path)
        assert differing(case, outcome(case, close_case(case))) == {}
