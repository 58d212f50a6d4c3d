"""
Where an account of a company's own chart may belong in the standard chart, and why.

A suggestion is only that: each rests on evidence a person can check, and names what
speaks against it. What a category of a system without a ledger is, nobody knows unless
it has a line of the result, so it is never taken for an expense because it is one.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources

from monthclose.analysis.likeness import alike, parts_of, words
from monthclose.ledger.accounts import Account, AccountClass, Chart, UnknownAccount
from monthclose.ledger.sources import Nature, SourceAccount

MOST = 3
"""Suggestions for one account."""

LEAST = 0.25
"""A likeness below this is chance."""

MUCH = 0.5
"""A likeness to an account of another company has to be this much to tell anything."""

BANK_WORDS = {
    "aplicacao": "CA", "cdb": "CA", "investimento": "CA", "fundo": "CA", "poupanca": "CP",
    "cartao": "CR", "emprestimo": "CE", "financiamento": "CE", "garantida": "CG",
}  # fmt: skip
"""Kinds of bank accounts by words of their names."""

POSITION = frozenset({AccountClass.ASSET, AccountClass.LIABILITY})
EQUITY = frozenset(
    {
        AccountClass.SHARE_CAPITAL,
        AccountClass.APIC,
        AccountClass.RETAINED_EARNINGS,
        AccountClass.DIVIDENDS,
        AccountClass.OCI,
    }
)
RESULT = frozenset({AccountClass.INCOME, AccountClass.EXPENSE})

CLASSES = {
    Nature.ASSET: frozenset({AccountClass.ASSET}),
    Nature.LIABILITY: frozenset({AccountClass.LIABILITY}),
    Nature.EQUITY: EQUITY,
    Nature.RESULT: RESULT,
}
"""Classes that a nature allows; any other nature allows all."""


class Kind(StrEnum):
    """What a piece of evidence is."""

    SIBLING_SAME = "sibling_same"
    """Another company maps the same code and name there."""
    SIBLING_NAME = "sibling_name"
    """Another company maps an account of this name there."""
    SIBLING_ALIKE = "sibling_alike"
    """Another company maps an account of a name like this there."""
    REFERENTIAL = "referential"
    """The code of the Receita Federal it was given."""
    BANK = "bank"
    """The kind of bank account it is."""
    OWN = "own"
    """An account that this product names itself."""
    SAME_NAME = "same_name"
    """It is called as the standard account is, or its name begins so and goes on after a dash."""
    WORD = "word"
    """A word of the trade in its name is of one kind of account."""
    NAME = "name"
    """The names are alike."""
    NATURE = "nature"
    """The source says that it is of the same nature, and the balance is on its usual side."""


WEIGHTS = {
    Kind.SIBLING_SAME: 0.90,
    Kind.SIBLING_NAME: 0.80,
    Kind.SIBLING_ALIKE: 0.70,
    Kind.REFERENTIAL: 0.80,
    Kind.BANK: 0.80,
    Kind.OWN: 0.85,
    Kind.SAME_NAME: 0.85,
    Kind.WORD: 0.60,
    Kind.NAME: 0.75,
    Kind.NATURE: 0.40,
}
"""How much each kind of evidence counts when it is whole."""


class Doubt(StrEnum):
    """What speaks against a suggestion."""

    SIGN = "sign"
    """The balance is on the side that the class usually is not on."""
    OTHERS = "others"
    """Other companies map the same name elsewhere."""
    NO_LINE = "no_line"
    """A category that its source has on no line of the result, and that others take for one."""
    CLOSE_SECOND = "close_second"
    """Another account is nearly as likely."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    One reason for a suggestion.

    Attributes:
        kind: What it is.
        said: What is shown of it: a code, a name, a company.
        strength: From nil to one.
    """

    kind: Kind
    said: str
    strength: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    A standard account for an account of a company.

    Attributes:
        account: Of the company's chart.
        target: Of the standard chart.
        confidence: From nil to one; never one: a person decides.
        evidence: Strongest first.
        doubts: What speaks against it.
    """

    account: str
    target: str
    confidence: float
    evidence: tuple[Evidence, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Sibling:
    """An account that another company of the group has mapped, whole, to one other."""

    company: str
    code: str
    name: str
    target: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """
    An account that nobody has mapped yet.

    Attributes:
        account: As the source describes it.
        amount: Its balance, minor units of the company's currency, debit positive.
    """

    account: SourceAccount
    amount: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a code of somebody else's list means: a class, words, what it is due."""

    kind: AccountClass
    words: frozenset[str]
    cash: bool = False
    due: str = ""


def suggest(
    unmapped: Unmapped, chart: Chart, siblings: Sequence[Sibling] = ()
) -> tuple[Suggestion, ...]:
    """
    Suggest standard accounts for one account, the likeliest first, at most three.

    Args:
        unmapped: The account and its balance.
        chart: The standard chart; what a close computes is never suggested.
        siblings: What other companies of the group have mapped.
    """
    allowed = {each.code: each for each in chart.accounts if _allowed(each, unmapped.account)}
    found: dict[str, list[Evidence]] = defaultdict(list)
    for target, evidence in _evidence(unmapped.account, allowed, siblings):
        found[target].append(evidence)
    for target, told in found.items():
        # Never a reason of its own: every account of a class has it.
        named = any(each.kind is Kind.SAME_NAME for each in told)
        if named and _usual(unmapped, allowed[target]):
            told.append(Evidence(Kind.NATURE, unmapped.account.nature.value, 1.0))
    ranked = sorted(
        ((_confidence(each), target) for target, each in found.items()),
        key=lambda pair: (-pair[0], pair[1]),
    )
    return tuple(
        Suggestion(
            unmapped.account.code,
            target,
            confidence,
            tuple(sorted(found[target], key=lambda e: (-e.strength * WEIGHTS[e.kind], e.kind))),
            tuple(_doubts(unmapped, allowed[target], siblings, place, ranked)),
        )
        for place, (confidence, target) in enumerate(ranked[:MOST])
    )


def todo(
    accounts: Iterable[SourceAccount], balances: Mapping[str, int], mapped: Iterable[str]
) -> tuple[Unmapped, ...]:
    """
    The accounts that carry money and go nowhere, the largest first.

    Args:
        accounts: As the source describes them.
        balances: Minor units by account, debit positive.
        mapped: Accounts that have a target.
    """
    known, described = frozenset(mapped), {each.code: each for each in accounts}
    open_ = [
        Unmapped(described.get(code, SourceAccount(code, code)), amount)
        for code, amount in balances.items()
        if amount and code not in known
    ]
    return tuple(sorted(open_, key=lambda each: (-abs(each.amount), each.account.code)))


@dataclass(frozen=True, slots=True)
class Moved:
    """
    What accepting targets would move.

    Attributes:
        by_target: Minor units by standard account that would arrive there, debit positive.
        net_assets: By how much net assets would be more.
        result: By how much the result would be better: income less expense.
        left: Minor units that stay unmapped, without sign.
    """

    by_target: Mapping[str, int] = field(default_factory=dict)
    net_assets: int = 0
    result: int = 0
    left: int = 0


def effect(open_: Sequence[Unmapped], targets: Mapping[str, str], chart: Chart) -> Moved:
    """
    What a set of targets would move, before anybody accepts it.

    Raises:
        UnknownAccount: a target is not in the chart.
    """
    by_target: dict[str, int] = defaultdict(int)
    net_assets = result = left = 0
    for each in open_:
        target = targets.get(each.account.code)
        if target is None:
            left += abs(each.amount)
            continue
        if target not in chart:
            raise UnknownAccount(target, each.account.code)
        kind = chart[target].kind
        by_target[target] += each.amount
        if kind in POSITION:
            net_assets += each.amount
        elif kind in RESULT:
            result -= each.amount
    return Moved(dict(by_target), net_assets, result, left)


def _allowed(account: Account, source: SourceAccount) -> bool:
    """Whether a standard account could be where the account belongs at all."""
    if account.kind not in POSITION | EQUITY | RESULT:
        return False
    return source.nature not in CLASSES or account.kind in CLASSES[source.nature]


def _unlined(source: SourceAccount, account: Account) -> bool:
    """Whether a category would be taken for a result that its source does not call one."""
    unknown = source.nature not in CLASSES and not source.line
    return unknown and source.code.startswith("CAT:") and account.kind in RESULT


def _evidence(
    source: SourceAccount, allowed: Mapping[str, Account], siblings: Sequence[Sibling]
) -> Iterator[tuple[str, Evidence]]:
    """Every piece of evidence, with the standard account it points to."""
    name = words(source.name)
    for each in siblings:
        if each.target in allowed and words(each.name) == name and name:
            kind = Kind.SIBLING_SAME if each.code == source.code else Kind.SIBLING_NAME
            yield each.target, Evidence(kind, f"{each.company} {each.code} {each.name}", 1.0)
        elif each.target in allowed and name:
            strength = max(
                alike(name, words(part)) for part in (each.name, parts_of(each.name)[-1])
            )
            if strength >= MUCH:
                said = f"{each.company} {each.code} {each.name}"
                yield each.target, Evidence(Kind.SIBLING_ALIKE, said, strength)
    # Of a result only what somebody decided elsewhere tells, where its own source does not.
    told = {code: each for code, each in allowed.items() if not _unlined(source, each)}
    for kind, said, anchor in _anchors_of(source):
        for code, strength in _places(anchor, told):
            yield code, Evidence(kind, said, strength)
    for code, account in told.items():
        its = words(account.name)
        if name and its in (name, words(parts_of(source.name)[0])):
            yield code, Evidence(Kind.SAME_NAME, account.name, 1.0)
        elif (strength := alike(name, its)) >= LEAST:
            yield code, Evidence(Kind.NAME, account.name, strength)


def _anchors_of(source: SourceAccount) -> Iterator[tuple[Kind, str, Anchor]]:
    """What the codes of an account mean."""
    lists = anchors()
    code = source.referential
    while code:
        if code in lists["referential"]:
            yield Kind.REFERENTIAL, source.referential, lists["referential"][code]
            break
        code = code.rpartition(".")[0]
    if source.bank and (kind := _bank_kind(source)) in lists["bank"]:
        yield Kind.BANK, kind, lists["bank"][kind]
    for word in words(source.name) & lists["word"].keys():
        yield Kind.WORD, word, lists["word"][word]
    if source.code in lists["own"]:
        yield Kind.OWN, source.code, lists["own"][source.code]


def _bank_kind(source: SourceAccount) -> str:
    """The kind of a bank account: as its source says, else as it is called, else a current one."""
    if source.line:
        return source.line
    called = words(source.name)
    return next((kind for word, kind in BANK_WORDS.items() if word in called), "CC")


def _usual(unmapped: Unmapped, account: Account) -> bool:
    """Whether the nature is known, and the balance on the side that the account's usually is."""
    return unmapped.account.nature in CLASSES and not _turned(unmapped, account)


def _turned(unmapped: Unmapped, account: Account) -> bool:
    """Whether a balance is on the side that the account's usually is not on."""
    debit = account.kind in (AccountClass.ASSET, AccountClass.EXPENSE, AccountClass.DIVIDENDS)
    return bool(unmapped.amount) and (unmapped.amount > 0) != (debit != account.contra)


def _places(anchor: Anchor, allowed: Mapping[str, Account]) -> Iterator[tuple[str, float]]:
    """Standard accounts that fit an anchor, and how well."""
    for code, account in allowed.items():
        if account.kind is not anchor.kind or (anchor.due and account.intercompany != anchor.due):
            continue
        if not anchor.due and account.intercompany:
            continue
        strength = alike(words(account.name), anchor.words)
        if anchor.cash and account.cash:
            strength = min(1.0, max(strength, 0.6) + 0.2 * (strength >= LEAST))
        if anchor.due:
            strength = max(strength, 0.9)
        if strength >= LEAST:
            yield code, strength


def _confidence(evidence: Sequence[Evidence]) -> float:
    """How likely a place is: each kind counts once, and each leaves a part of the doubt."""
    best: dict[Kind, float] = {}
    for each in evidence:
        best[each.kind] = max(best.get(each.kind, 0.0), each.strength * WEIGHTS[each.kind])
    doubt = 1.0
    for strength in best.values():
        doubt *= 1 - strength
    return round(1 - doubt, 2)


def _doubts(
    unmapped: Unmapped,
    account: Account,
    siblings: Sequence[Sibling],
    place: int,
    ranked: Sequence[tuple[float, str]],
) -> Iterator[Doubt]:
    """What speaks against a place."""
    if _turned(unmapped, account):
        yield Doubt.SIGN
    if _unlined(unmapped.account, account):
        yield Doubt.NO_LINE
    name = words(unmapped.account.name)
    if any(words(each.name) == name and each.target != account.code for each in siblings):
        yield Doubt.OTHERS
    if place == 0 and len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.1:
        yield Doubt.CLOSE_SECOND


@cache
def anchors() -> dict[str, dict[str, Anchor]]:
    """The lists of `anchors.toml`."""
    file = resources.files("monthclose.analysis").joinpath("anchors.toml")
    return {
        name: {
            code: Anchor(
                AccountClass(row["class"]),
                words(row["words"]),
                row.get("cash", False),
                row.get("due", ""),
            )
            for code, row in rows.items()
        }
        for name, rows in tomllib.loads(file.read_text("utf-8")).items()
    }
