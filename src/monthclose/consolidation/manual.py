"""Manual entries of the group: each posted as it stands in a month, with the CTA it makes."""

from collections.abc import Collection

from monthclose.consolidation.attributable import Attributable
from monthclose.consolidation.beside import Beside
from monthclose.ledger.accounts import RESULT
from monthclose.ledger.adjustments import Adjustment, AdjustmentStands, PostedAdjustment
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.translations import Rollforward


class ManualShareChanged(CloseError):
    """A part of a company changed hands while a manual entry of it stood."""

    code = "manual-share-changed"

    def __init__(self, entity: str, entry: str, on: str) -> None:
        super().__init__(entity=entity, entry=entry, on=on)


def post_manual(
    group: Group, period: str, consolidated: Collection[str]
) -> tuple[list[Entry], list[PostedAdjustment], list[Attributable]]:
    """
    Post the manual entries that stand in a month.

    An entry is translated like a layer of its company: assets and liabilities at the
    closing rate, income and expense at the average of the entry's month, in the result up
    to the end of their fiscal year and in retained earnings from then on; the difference is
    CTA. Outsiders of the company share in it like in everything else of the company.

    Args:
        group: With its entries.
        period: The month.
        consolidated: Companies that are in its figures.

    Returns:
        The entries; what each did to equity; and who bears it.

    Raises:
        MissingRate: an entry has no rate to translate it.
        AdjustmentStands: a company left the group, and its entries were not reversed.
        ManualShareChanged: a part of a company changed hands while an entry stood.

    Source:
        IAS 21.39-41; IFRS 10.B94.
    """
    month = Period.parse(period)
    entries, posted, attributable = [], [], []
    for entity in group.entities:
        manual = [
            each
            for each in group.adjustments_of.get((entity.code, LayerName.MANUAL), ())
            if each.period <= period
        ]
        if not manual or (entity.first_period and entity.first_period > period):
            continue
        sold = group.sold_on.get(entity.code)
        there = entity.code in consolidated
        if (not there or (sold is not None and Period.of(sold) <= month)) and Beside(
            group, entity, manual
        ).stood(month).amounts:
            raise AdjustmentStands(entity.code, LayerName.MANUAL, period)
        if not there:
            continue
        _check_shares(group, entity, manual, month)
        for each in manual:
            entry, made = _posted(group, entity, each, month)
            posted.append(made)
            attributable.append(Attributable(entity.code, made.retained, made.profit, made.cta))
            if entry.lines:
                entries.append(entry)
    return entries, posted, attributable


def _check_shares(group: Group, entity: Entity, manual: list[Adjustment], month: Period) -> None:
    """
    Refuse an entry that stands while a part of its company changes hands.

    What passes to outsiders with it is worked out from the company's own layers on that
    day, and a manual entry is not among them.
    """
    first = group.fiscal_year.start(month)
    for change in group.touching.get(entity.code, ()):
        part = change.kind is not ChangeKind.DISPOSAL
        if part and first <= Period.of(change.on) <= month:
            for each in manual:
                if Period.parse(each.period) <= Period.of(change.on):
                    raise ManualShareChanged(entity.code, each.name, str(change.on))


def _posted(
    group: Group, entity: Entity, adjustment: Adjustment, month: Period
) -> tuple[Entry, PostedAdjustment]:
    """One entry as it stands in a month, presentation currency."""
    layer, roles = Beside(group, entity, [adjustment]), group.chart.roles
    first = group.fiscal_year.start(month)
    before, now = layer.stood(first.plus(-1)), layer.stood(month)
    moves = layer.moved(None, month)
    amounts = dict(now.translated)
    prior = profit = 0
    for each in moves:
        account = each.account
        if each.month < first and group.chart.kind(account) in RESULT:
            account = roles.retained_earnings
            prior -= each.translated
        else:
            profit -= each.translated
        amounts[account] = amounts.get(account, 0) + each.translated
    opening, closing = before.net - prior, now.net - prior - profit
    amounts[roles.cta] = amounts.get(roles.cta, 0) - closing
    this_year = [each for each in moves if each.month >= first]
    made = PostedAdjustment(
        entity=entity.code,
        reference=adjustment.name,
        retained=prior,
        profit=profit,
        cta=Rollforward(opening, closing - opening),
        net_assets=now.net,
        proof=rounded(layer.proof(before, now, this_year)),
        rounded_lines=len(before.amounts) + len(now.amounts) + len(this_year),
    )
    entry = Entry(
        id=f"MAN-{entity.code}-{adjustment.period}-{adjustment.id}",
        layer=LayerName.MANUAL,
        kind="manual",
        reason="entries.manual",
        standard="",
        currency=group.presentation,
        lines=tuple(EntryLine(a, n, entity.code) for a, n in amounts.items() if n),
        entity=entity.code,
        reference=adjustment.name,
    )
    return entry, made
