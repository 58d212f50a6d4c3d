"""From IFRS to US GAAP or back: entries of the layer `gaap`, translated and attributed."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from monthclose.consolidation.beside import Beside, Moved, outsiders_in
from monthclose.ledger.accounts import RESULT, AccountClass, Chart
from monthclose.ledger.adjustments import Adjustment, AdjustmentStands, Topic
from monthclose.ledger.book import Totals
from monthclose.ledger.entities import Entity, Method, interests_on
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName
from monthclose.ledger.money import rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.reconciliation import (
    Effect,
    FrameworkFigures,
    ReconciledItem,
    Reconciliation,
    other_framework,
)


def reconcile(group: Group, period: str, totals: Totals) -> Reconciliation:
    """
    Lead from the figures of a month's book to those of the other framework.

    Entries are in their company's currency and translated like any layer of it: equity as
    the year opened at the closing rate of then, profit and other comprehensive income at
    each month's average, what stands at the closing rate; what is left over is the CTA.
    Outsiders have their share of each month.

    Args:
        group: With its entries.
        period: The month.
        totals: What its book shows: the figures that the reconciliation starts from.

    Raises:
        MissingRate: an entry has no rate to translate it.
        OwnershipUnclear: nobody in the group ever held the company of an entry.
        AdjustmentStands: it was sold, and its entries were not reversed.

    Source:
        IAS 21.39-41; ASC 830-30-45; IFRS 10.B94.
    """
    month = Period.parse(period)
    items = []
    for topic in Topic:
        for entity in group.entities:
            entries = [
                each
                for each in group.adjustments_of.get((entity.code, LayerName.GAAP), ())
                if each.topic is topic and each.period <= period
            ]
            joined = not entity.first_period or entity.first_period <= period
            if entries and joined and entity.method is not Method.EQUITY:
                items.append(_reconciled(group, entity, topic, entries, month))
    start = FrameworkFigures(
        group.framework,
        totals.net_income,
        totals.net_income_parent,
        totals.total_equity,
        totals.equity_attributable_to_parent,
    )
    return Reconciliation(start, other_framework(group.framework), tuple(items))


def _reconciled(
    group: Group, entity: Entity, topic: Topic, entries: list[Adjustment], month: Period
) -> ReconciledItem:
    """Translate one company's entries on one topic, and attribute them."""
    chart, layer = group.chart, Beside(group, entity, entries)
    first = group.fiscal_year.start(month)
    before, now = layer.stood(first.plus(-1)), layer.stood(month)
    if now.amounts and not _held(group, entity, month):
        raise AdjustmentStands(entity.code, topic.value, str(month))
    moves = layer.moved(first, month)
    whole = _effect(before.net, now.net, _by_column(moves, chart))
    outside = _outside(layer, topic, whole, moves, month)
    lines = dict(now.translated)
    for each in moves:
        if chart.kind(each.account) in RESULT:
            lines[each.account] = lines.get(each.account, 0) + each.translated
    return ReconciledItem(
        entity=entity.code,
        topic=topic,
        entries=tuple(each.name for each in entries),
        whole=whole,
        outside=outside,
        lines=lines,
        net_assets=now.net,
        proof=rounded(layer.proof(before, now, moves)),
        rounded_lines=len(before.amounts) + len(now.amounts) + len(moves),
    )


def _held(group: Group, entity: Entity, month: Period) -> bool:
    """Whether the company belongs to the group at the end of a month."""
    held = interests_on(group.interests, month.last_day)
    return entity.method is Method.PARENT or any(i.investee == entity.code for i in held)


def _column(account: str, chart: Chart) -> str:
    """The part of an effect that an account belongs to."""
    kind = chart.kind(account)
    if kind in RESULT:
        return "tax" if chart[account].deferred_tax else "profit"
    return "oci" if kind is AccountClass.OCI else "capital"


def _by_column(moves: Iterable[Moved], chart: Chart) -> dict[str, int]:
    """What moves add to each part of an effect, an increase of equity positive."""
    sums: dict[str, int] = {}
    for each in moves:
        column = _column(each.account, chart)
        sums[column] = sums.get(column, 0) - each.translated
    return sums


def _effect(opening: int, closing: int, parts: Mapping[str, int]) -> Effect:
    """The effect whose CTA is what its other parts leave of the change."""
    return Effect(opening=opening, cta=closing - opening - sum(parts.values()), **parts)


def _outside(
    layer: Beside, topic: Topic, whole: Effect, moves: list[Moved], month: Period
) -> Effect:
    """
    The outsiders' part: each month at their share at its end, each column rounded once.

    What measures outsiders is theirs whole, and so is what becomes of it: goodwill that
    they have beyond the group's own, allocated by their own part of goodwill.
    """
    group, entity = layer.group, layer.entity
    if topic is Topic.NCI_MEASUREMENT:
        return whole
    if entity.method is Method.PARENT:
        return Effect()
    first = group.fiscal_year.start(month)
    opened = first.plus(-1)
    calendar = [opened, *group.fiscal_year.to_date(month)]
    shares = outsiders_in(group, entity, calendar)
    if not any(shares.values()):
        return Effect()
    sums = {"opening": shares[opened] * whole.opening, "cta": shares[opened] * whole.cta}
    for each in moves:
        column = _column(each.account, group.chart)
        sums[column] = sums.get(column, Fraction(0)) - shares[each.month] * each.translated
    if len(set(shares.values())) > 1:
        sums["cta"] = sums["changed"] = Fraction(0)
        for each_month in calendar[1:]:
            last = layer.stood(each_month.plus(-1)).net
            moved = sum(each.translated for each in moves if each.month == each_month)
            sums["changed"] += (shares[each_month] - shares[each_month.plus(-1)]) * last
            sums["cta"] += shares[each_month] * (layer.stood(each_month).net - last + moved)
    return Effect(**{name: rounded(exact) for name, exact in sums.items()})
