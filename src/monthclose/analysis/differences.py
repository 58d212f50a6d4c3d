"""What moved between two versions of a month, and why: one cause at a time, to the cent."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from monthclose.analysis.changes import Change, changes_between
from monthclose.ledger.accounts import CONTRIBUTED, RESULT, AccountClass, Chart
from monthclose.ledger.book import Book
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.lineage import DifferenceBroken
from monthclose.ledger.runs import CloseInputs

CAUSES = ("source", "map", "rate", "journal", "rule", "code")
"""Why a figure may move, in the order in which one after the other is exchanged."""

_OF_FIELD = {
    "items": "source",
    "subscriptions": "source",
    "chart": "map",
    "mappings": "map",
    "rates": "rate",
    "indices": "rate",
}

type Figures = Mapping[tuple[str, str], int]
"""Presentation currency, debit positive, by company (empty: the group) and account."""


@dataclass(frozen=True, slots=True)
class Moved:
    """
    A figure of both versions and what moved it. Its causes add up, or it does not exist.

    Attributes:
        entity: Company; empty: the group as such.
        account: Standard account, or the name of a headline figure.
        was: In the earlier version, minor units of the presentation currency.
        now: In the later one.
        causes: What each cause moved it by; causes that could only be exchanged together
            stand as one, such as `source+map`.
    """

    entity: str
    account: str
    was: int
    now: int
    causes: Mapping[str, int]

    def __post_init__(self) -> None:
        if (found := sum(self.causes.values())) != self.now - self.was:
            raise DifferenceBroken(f"{self.entity} {self.account}", self.now - self.was, found)


@dataclass(frozen=True, slots=True)
class Difference:
    """
    What moved between two versions of a month.

    Attributes:
        causes: Those that moved anything, in order.
        headlines: Headline figures, natural signs.
        moved: Every figure that differs or that causes moved to and fro.
        changes: The records that changed, by cause.
    """

    causes: tuple[str, ...]
    headlines: tuple[Moved, ...]
    moved: tuple[Moved, ...]
    changes: tuple[Change, ...]


def figures_of(book: Book) -> dict[tuple[str, str], int]:
    """What a book holds of each company and account: translations and entries."""
    sums: dict[tuple[str, str], int] = {}
    for translation, row in zip(book.translations, book.entity_amounts, strict=True):
        for account, amount in zip(book.chart.codes, row.tolist(), strict=True):
            if amount:
                sums[translation.entity, account] = amount
    for entry in book.entries:
        for line in entry.lines:
            key = (line.entity, line.account)
            sums[key] = sums.get(key, 0) + line.amount
    return {key: amount for key, amount in sums.items() if amount}


def differ(
    was: tuple[CloseInputs, Figures],
    now: tuple[CloseInputs, Figures],
    remake: Callable[[CloseInputs], Figures],
) -> Difference:
    """
    Explain the difference of two versions of a month by exchanging one cause after another.

    The earlier inputs become the later ones in the order of `CAUSES`; what the figures move
    by at each exchange is that cause's part. The last, `code`, is what stored figures differ
    by from those that this program makes of the same inputs. A cause that cannot be
    exchanged alone (a new balance that only the new mapping can read) waits until another
    stands; those that never can go together, at the end.

    Args:
        was: Inputs and stored figures of the earlier version.
        now: The same of the later one.
        remake: Closes a month from inputs.

    Raises:
        CloseError: one of the two versions can no longer be made from its inputs.
        DifferenceBroken: the causes do not add up to the difference, or something moved that
            no record says.
    """
    changes: dict[str, list[Change]] = {cause: [] for cause in CAUSES}
    for name in ("balances", *(each.name for each in fields(Group))):
        cause = cause_of(name, now[0])
        changes[cause] += changes_between(cause, name, was[0], now[0])
    parts: list[tuple[str, dict[tuple[str, str], int]]] = []
    at = first = remake(was[0])
    standing: list[str] = []
    waiting = [cause for cause in CAUSES[:-1] if changes[cause]]
    for cause in waiting[:]:
        # What could not be exchanged alone may be, now that another cause stands.
        for one in [cause, *(each for each in waiting if _precedes(each, cause))]:
            try:
                made = remake(_exchanged(was[0], now[0], [*standing, one]))
            except CloseError:
                continue
            parts.append((one, _less(made, at)))
            standing.append(one)
            waiting.remove(one)
            at = made
    last = remake(now[0])
    if rest := _less(last, at):
        if not waiting:
            raise DifferenceBroken("inputs", 0, sum(map(abs, rest.values())))
        parts.append(("+".join(waiting), rest))
    code = _add(_less(first, was[1]), _less(now[1], last))
    if code:
        parts.append((CAUSES[-1], code))
    moved = _moved(parts, was[1], now[1])
    charts = (now[0].group.chart, was[0].group.chart)
    return Difference(
        causes=tuple(dict.fromkeys(cause for cause, moves in parts if moves)),
        headlines=_headlines(moved, charts, was[1], now[1]),
        moved=moved,
        changes=tuple(change for each in changes.values() for change in each),
    )


def _precedes(one: str, other: str) -> bool:
    """Whether a cause comes before another."""
    return CAUSES.index(one) < CAUSES.index(other)


def cause_of(name: str, inputs: CloseInputs) -> str:
    """The cause that a part of the inputs belongs to: `balances`, or a field of the group."""
    if name == "balances":
        return "source"
    if name in _OF_FIELD:
        return _OF_FIELD[name]
    # Companies are described; what is recorded of them, dated, is a journal of theirs.
    recorded = isinstance(getattr(inputs.group, name), tuple) and name != "entities"
    return "journal" if recorded else "rule"


def _exchanged(was: CloseInputs, now: CloseInputs, causes: Sequence[str]) -> CloseInputs:
    """The earlier inputs with the parts of some causes as they are now."""
    parts = {
        each.name: getattr(now.group, each.name)
        for each in fields(Group)
        if cause_of(each.name, now) in causes
    }
    balances = now.balances if "source" in causes else was.balances
    return CloseInputs(replace(was.group, **parts), balances, was.last)


def _less(now: Figures, was: Figures) -> dict[tuple[str, str], int]:
    """What figures moved by, without those that did not."""
    keys = dict.fromkeys([*was, *now])
    found = {key: now.get(key, 0) - was.get(key, 0) for key in keys}
    return {key: amount for key, amount in found.items() if amount}


def _add(one: Figures, other: Figures) -> dict[tuple[str, str], int]:
    """Two moves one after the other."""
    sums = {key: one.get(key, 0) + other.get(key, 0) for key in dict.fromkeys([*one, *other])}
    return {key: amount for key, amount in sums.items() if amount}


def _moved(parts: Iterable[tuple[str, Figures]], was: Figures, now: Figures) -> tuple[Moved, ...]:
    """Every figure that something moved, with its causes."""
    causes: dict[tuple[str, str], dict[str, int]] = {}
    for cause, moves in parts:
        for key, amount in moves.items():
            of_it = causes.setdefault(key, {})
            of_it[cause] = of_it.get(cause, 0) + amount
    for key in _less(now, was):
        causes.setdefault(key, {})
    return tuple(
        Moved(entity, account, was.get((entity, account), 0), now.get((entity, account), 0), each)
        for (entity, account), each in sorted(causes.items(), key=lambda one: one[0][::-1])
    )


def _headlines(
    moved: Sequence[Moved], charts: tuple[Chart, Chart], was: Figures, now: Figures
) -> tuple[Moved, ...]:
    """What moved of the figures that are sums of accounts, natural signs."""
    assets, outside = frozenset({AccountClass.ASSET}), frozenset({AccountClass.NCI})
    owners = CONTRIBUTED | RESULT | {AccountClass.OCI, AccountClass.RETAINED_EARNINGS}
    wanted = (
        ("total_assets", 1, assets),
        ("total_liabilities", -1, frozenset({AccountClass.LIABILITY})),
        (
            "equity_attributable_to_parent",
            -1,
            owners | {AccountClass.DIVIDENDS, AccountClass.CTA},
        ),
        ("non_controlling_interests", -1, outside),
        ("net_income", -1, RESULT),
    )

    def kind(account: str) -> AccountClass:
        return next(chart.kind(account) for chart in charts if account in chart)

    def added(figures: Figures, sign: int, kinds: frozenset[AccountClass]) -> int:
        return sign * sum(n for (_, account), n in figures.items() if kind(account) in kinds)

    found = []
    for name, sign, kinds in wanted:
        causes: dict[str, int] = {}
        for each in moved:
            if kind(each.account) in kinds:
                for cause, amount in each.causes.items():
                    causes[cause] = causes.get(cause, 0) + sign * amount
        found.append(Moved("", name, added(was, sign, kinds), added(now, sign, kinds), causes))
    return tuple(found)
