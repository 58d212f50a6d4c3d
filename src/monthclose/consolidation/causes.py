"""Why a CTA moved: what changed net assets, and the rate each change was translated at."""

from dataclasses import dataclass
from fractions import Fraction

from monthclose.consolidation.lines import Lines
from monthclose.ledger.accounts import RESULT, AccountClass, Chart
from monthclose.ledger.balances import AtRate, CarriedForward, Dated, Layers, Monthly, PeriodRates
from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import Flow, Flows, Translation


@dataclass(slots=True, eq=False)
class Causes:
    """
    Lists what changed an entity's net assets when it is first asked, and keeps the list.

    Attributes:
        lines: Of the month.
        rates: With the treatments.
        chart: Gives each account's class.
        treated: Accounts that their class alone does not translate.
        moved: The month's result on the lines that take the average, functional.
        before: The month before in the same fiscal year.
    """

    lines: Lines
    rates: PeriodRates
    chart: Chart
    treated: tuple[str, ...]
    moved: int
    before: Translation | None
    _listed: Flows | None = None

    def __call__(self) -> Flows:
        """Every flow that is not nil, and those that are a month's result at average."""
        if self._listed is None:
            self._listed = _list(self)
        return self._listed


def _list(causes: Causes) -> Flows:
    """List the flows, credit positive, in the order in which the lines bring them."""
    lines, rates = causes.lines, causes.rates
    found: list[tuple[int, Flow]] = []
    items = [
        Flow(part.label or "result", -part.amount, part.quote)
        for account, treatment in rates.treatments.items()
        if isinstance(treatment, Dated) and account in lines.slots.lines
        for part in treatment.parts
    ]
    months = causes.before.results if causes.before else ()
    if rest := causes.moved - sum(item.amount for item in items):
        months = (*months, Flow(rates.result_label, rest, rates.average))
    months = (*months, *items)
    special = {line for account in causes.treated for line in lines.slots.lines[account]}
    first = next((int(line) for line in lines.slots.result if line not in special), -1)
    found += [(first, month) for month in months]
    for account in causes.treated:
        for line in lines.slots.lines[account]:
            found += [(line, flow) for flow in _line_flows(lines, line, rates, causes.chart)]
    found.sort(key=lambda each: each[0])
    sums: dict[tuple[str, Quote | None, Fraction], int] = {}
    fixed = [flow for _, flow in found if flow.translated is not None]
    for _, flow in found:
        if flow.translated is not None:
            continue
        key = (flow.label, flow.quote, flow.growth)
        sums[key] = sums.get(key, 0) + flow.amount
    flows = tuple(
        Flow(label, amount, quote, growth)
        for (label, quote, growth), amount in sums.items()
        if amount
    )
    return flows + tuple(fixed), months


def _line_flows(lines: Lines, line: int, rates: PeriodRates, chart: Chart) -> list[Flow]:
    """The flows that one specially treated line brings."""
    account = lines.accounts[line]
    treatment = rates.treatments.get(account)
    returned = treatment.returned if isinstance(treatment, CarriedForward) else ()
    if isinstance(treatment, (Layers, CarriedForward)) and not (treatment.parts or returned):
        return []
    amount, kind = int(lines.reported[line]), chart.kind(account)
    if not isinstance(treatment, AtRate) and line != lines.slots.lines[account][0]:
        return []  # its parts are those of the whole account
    if isinstance(treatment, Monthly):
        label = "result" if kind in RESULT else account
        return [Flow(f"{label} {m.period}", -m.amount, m.quote) for m in treatment.months]
    if isinstance(treatment, AtRate):
        if kind in RESULT:
            return [Flow("result", -amount, treatment.quote)]
        if kind is AccountClass.DIVIDENDS:
            return [Flow("dividends", -amount, treatment.quote)]
        return []
    if treatment is None or isinstance(treatment, Dated):
        return []
    default = "dividends" if kind is AccountClass.DIVIDENDS else account
    counts = kind is AccountClass.DIVIDENDS or kind in RESULT
    left = [Flow(e.label, -e.amount, None, translated=-e.translated) for e in returned]
    return left + [
        Flow(
            part.label or ("result" if kind in RESULT else default),
            -part.amount,
            part.quote,
            part.growth,
        )
        for part in treatment.parts
        if part.flow or counts
    ]
