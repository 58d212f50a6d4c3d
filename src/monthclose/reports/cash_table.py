"""The statement of cash flows as a plain table: the indirect method, inflows positive."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from monthclose.ledger.accounts import Chart
from monthclose.ledger.cash_flows import (
    CashFlows,
    LineKey,
    Own,
    Part,
    Section,
    StatedCash,
)
from monthclose.reports.statements import Line, LineKind, Statement
from monthclose.wording import say

KEY = "cash_flows"
OPENING, CLOSING, EFFECT, PROOF = "opening-cash", "closing-cash", "cash-effect", "cash-proof"
CHANGE, OF_SHEET, CHECK = "cash-change", "cash-of-sheet", "cash-check"


@dataclass(frozen=True, slots=True)
class CashColumn:
    """
    A column of the statement, minor units of one currency.

    Attributes:
        head: What stands above it.
        lines: By line, inflows positive.
        opening: Cash at the start.
        effect: Of exchange rates.
        proof: The same from its causes.
    """

    head: str
    lines: Mapping[LineKey, int]
    opening: int
    effect: int
    proof: int


def column_of(stated: StatedCash, head: str) -> CashColumn:
    """A statement as a column; the proof of one that no rate touched is its effect."""
    proved = stated.proof.total if stated.proof.components else stated.effect
    return CashColumn(head, stated.lines, stated.opening, stated.effect, proved)


def columns_of(cash: CashFlows, lang: str) -> tuple[CashColumn, ...]:
    """Every company in presentation currency, what passed between them, and the group."""
    stated = [each.translated for each in cash.companies]
    columns = [
        column_of(own, f"{own.entity}\n{each.functional.currency}")
        for own, each in zip(stated, cash.companies, strict=True)
    ]
    if cash.group is None:
        return tuple(columns)
    group = column_of(cash.group, say("reports.group", lang))
    between: dict[LineKey, int] = dict(group.lines)
    for each in columns:
        for key, amount in each.lines.items():
            between[key] = between.get(key, 0) - amount
    opening = group.opening - sum(each.opening for each in columns)
    head = say("reports.cash-between", lang)
    return (*columns, CashColumn(head, between, opening, 0, 0), group)


def cash_statement(columns: Sequence[CashColumn], chart: Chart, lang: str) -> Statement:
    """
    Lay out cash flows: operating, investing, financing, the effect of rates, cash.

    Args:
        columns: Of one statement.
        chart: Names and orders the accounts.
        lang: Language of the statement's own lines.

    Source:
        IAS 7.10, 7.18(b), 7.20, 7.28, 7.45; CPC 03.
    """
    table = _Table(columns, chart, lang)
    totals = [table.section(section) for section in Section]
    table.space()
    effect = table.given(EFFECT, [each.effect for each in columns])
    change = table.add_up(CHANGE, (*totals, effect), LineKind.SUBTOTAL)
    opening = table.given(OPENING, [each.opening for each in columns])
    table.add_up(CLOSING, (opening, change), LineKind.TOTAL)
    table.given(PROOF, [each.proof for each in columns], LineKind.PART)
    return Statement(KEY, (), tuple(table.lines))


class _Table:
    """The statement under construction, line by line."""

    def __init__(self, columns: Sequence[CashColumn], chart: Chart, lang: str) -> None:
        self.columns, self.chart, self.lang = columns, chart, lang
        self.lines: list[Line] = []
        own = {each.value: place for place, each in enumerate(Own)}
        keys = {key for each in columns for key, amount in each.lines.items() if amount}
        self.keys = sorted(
            keys,
            key=lambda key: (
                list(Part).index(key.part),
                own[key.own] + len(chart.accounts) if key.own else chart.index[key.account],
            ),
        )

    def put(self, line: Line) -> int:
        self.lines.append(line)
        return len(self.lines) - 1

    def space(self) -> None:
        self.put(Line("", "", LineKind.SPACE))

    def given(self, key: str, amounts: Sequence[int], kind: LineKind = LineKind.LINE) -> int:
        """Print figures that come from the ledger."""
        label = say(f"reports.{key}", self.lang)
        level = 2 if kind is LineKind.PART else 1
        return self.put(Line(key, label, kind, tuple(amounts), figure=key, level=level))

    def add_up(self, key: str, adds: Sequence[int], kind: LineKind) -> int:
        """Print what other lines add up to."""
        amounts = tuple(self._sums(adds))
        return self.put(
            Line(key, say(f"reports.{key}", self.lang), kind, amounts, adds=tuple(adds))
        )

    def section(self, section: Section) -> int:
        """Print a section and its net cash; the place of that."""
        if self.lines:
            self.space()
        self.put(Line(section, say(f"reports.cash-{section}", self.lang), LineKind.HEADING))
        adds = []
        for part in Part:
            keys = [key for key in self.keys if (key.section, key.part) == (section, part)]
            if not keys:
                continue
            if section is Section.OPERATING and part is not Part.RESULT:
                head = f"cash-{part}s"
                place = self.put(Line(head, say(f"reports.{head}", self.lang), LineKind.GROUP))
                children = tuple(self._lines(keys, level=2))
                amounts = tuple(self._sums(children))
                self.lines[place] = replace(
                    self.lines[place], amounts=amounts, adds=children, level=1
                )
                adds.append(place)
            else:
                adds += self._lines(keys, level=1)
        return self.add_up(f"cash-net-{section}", adds, LineKind.SUBTOTAL)

    def _lines(self, keys: Iterable[LineKey], level: int) -> list[int]:
        return [self._line(key, level) for key in keys]

    def _line(self, key: LineKey, level: int) -> int:
        amounts = tuple(each.lines.get(key, 0) for each in self.columns)
        if key.account:
            label, code = self.chart[key.account].name, key.account
        else:
            label, code = say(f"reports.cash-line-{key.own}", self.lang), ""
        name = f"{key.section}/{key.part}/{key.account}/{key.own}"
        return self.put(
            Line(code or key.own, label, LineKind.LINE, amounts, figure=name, level=level)
        )

    def _sums(self, places: Iterable[int]) -> list[int]:
        shown = [self.lines[place].amounts for place in places]
        return [
            sum(amounts[column] or 0 for amounts in shown) for column in range(len(self.columns))
        ]
