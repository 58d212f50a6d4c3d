"""The statement of changes in equity, put together from what each step of a close moved."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from monthclose.consolidation.worksheet import Worksheet
from monthclose.ledger.accounts import CONTRIBUTED, AccountClass, Chart
from monthclose.ledger.acquisitions import moved_into
from monthclose.ledger.equity import (
    EquityMove,
    EquityPart,
    EquityRollforward,
    EquityStatement,
    Parts,
)
from monthclose.ledger.events import Derecognition
from monthclose.ledger.journal import Entry
from monthclose.ledger.money import share_of
from monthclose.ledger.restatements import Restatement
from monthclose.ledger.translations import Translation

_CLASSES = {
    AccountClass.SHARE_CAPITAL: EquityPart.SHARE_CAPITAL,
    AccountClass.APIC: EquityPart.APIC,
    AccountClass.OCI: EquityPart.OCI,
    AccountClass.RETAINED_EARNINGS: EquityPart.RESERVES,
}


def state_changes(
    sheet: Worksheet,
    equity: EquityRollforward,
    consolidated: NDArray[np.int64],
    restated: Mapping[str, Restatement],
) -> EquityStatement:
    """
    State the changes in equity.

    Retained earnings, CTA and outsiders open where their roll-forwards do. Capital and
    reserves are never translated again: they open with what they hold less what came.

    Args:
        sheet: After the last step.
        equity: Roll-forward of the owners and of all outsiders.
        consolidated: (a,) the trial balance before closing, debit positive.
        restated: What corrections of prior periods did to openings.

    Returns:
        Minor units of the presentation currency, credit positive.

    Source:
        IAS 1.106; IFRS 10.23; IAS 21.41.
    """
    parts = _parts(sheet.chart)
    closing = dict.fromkeys(EquityPart, 0)
    for account, part in parts.items():
        closing[part] -= int(consolidated[sheet.chart.index[account]])
    closing[EquityPart.RETAINED] = equity.retained_closing
    closing[EquityPart.CTA] = equity.cta_parent.closing
    closing[EquityPart.NCI] = equity.nci_closing
    moves = {
        EquityMove.RESTATEMENT: _restated(restated.values()),
        EquityMove.CONTRIBUTION: _contributed(sheet, parts),
        EquityMove.REDUCTION: _returned(sheet, parts),
        EquityMove.TRANSFER: _transferred(sheet, equity, parts),
        **_earned(sheet, equity),
        **_with_outsiders(sheet, equity),
    }
    moves = {row: amounts for row in EquityMove if any((amounts := moves[row]).values())}
    reported = {
        part: amount - sum(row.get(part, 0) for row in moves.values())
        for part, amount in closing.items()
    }
    return EquityStatement(reported, moves, closing)


def _parts(chart: Chart) -> dict[str, EquityPart]:
    """The column of each equity account that steps do not compute."""
    computed = (chart.roles.retained_earnings, chart.roles.cta, chart.roles.nci)
    return {
        code: _CLASSES[chart.kind(code)]
        for code in chart.codes_of(*_CLASSES)
        if code not in computed
    }


def _earned(sheet: Worksheet, equity: EquityRollforward) -> dict[EquityMove, Parts]:
    """Comprehensive income and dividends."""
    nci = sheet.nci.values()
    dividends = sum(each.dividends for each in nci)
    return {
        EquityMove.RESULT: {
            EquityPart.RETAINED: equity.net_income_parent,
            EquityPart.NCI: sum(each.share_of_profit for each in nci),
        },
        EquityMove.TRANSLATION: {
            # What passed between owners and outsiders is no income of either.
            EquityPart.CTA: equity.cta_parent.movement + equity.cta_reattributed,
            EquityPart.NCI: sum(each.share_of_cta for each in nci),
        },
        EquityMove.OCI: {
            EquityPart.OCI: sum(
                each.oci.movement + each.oci_released for each in sheet.associates.values()
            )
        },
        EquityMove.RECOGNISED: {
            EquityPart.OCI: equity.oci_parent,
            EquityPart.NCI: sum(each.share_of_oci for each in nci),
        },
        EquityMove.DIVIDENDS: {
            EquityPart.RETAINED: equity.dividends_parent,
            EquityPart.NCI: dividends + sum(each.intragroup for each in nci),
        },
    }


def _with_outsiders(sheet: Worksheet, equity: EquityRollforward) -> dict[EquityMove, Parts]:
    """What outsiders came with, bought, and left with."""
    nci = sheet.nci.values()
    return {
        EquityMove.ACQUISITION: {EquityPart.NCI: sum(each.acquired for each in nci)},
        EquityMove.OWNERSHIP: {
            EquityPart.RETAINED: equity.transactions_parent,
            EquityPart.CTA: -equity.cta_reattributed,
            EquityPart.NCI: sum(each.recognised for each in nci),
        },
        EquityMove.LOSS_OF_CONTROL: {EquityPart.NCI: sum(each.derecognised for each in nci)},
    }


def _restated(restated: Iterable[Restatement]) -> Parts:
    """What corrections of prior periods brought into the openings."""
    each = tuple(restated)
    return {
        EquityPart.RETAINED: sum(one.retained_parent for one in each),
        EquityPart.CTA: sum(one.cta - one.cta_nci for one in each),
        EquityPart.NCI: sum(one.retained_nci + one.cta_nci for one in each),
    }


def _transferred(
    sheet: Worksheet, equity: EquityRollforward, parts: Mapping[str, EquityPart]
) -> Parts:
    """Amounts moved inside equity: the sum of the row is nil."""
    moved = dict.fromkeys(EquityPart, 0)
    gone = [each for each in sheet.changes if isinstance(each, Derecognition) and each.released]
    released = sum(each.oci_released for each in sheet.associates.values())
    if not (sheet.facts.transfers or gone or released):
        return moved
    for account, part in parts.items():
        moved[part] += moved_into(sheet.facts.transfers, (account,))
    # Outsiders' part of profits made capital is theirs already: neither row is the owners'.
    theirs, capital = sheet.capitalised_outside, (EquityPart.SHARE_CAPITAL, EquityPart.APIC)
    for part in capital:
        taken = theirs if part is capital[-1] else min(theirs, max(0, moved[part]))
        moved[part] -= taken
        theirs -= taken
    moved[EquityPart.OCI] -= sheet.reserved_outside + released
    for account, amount in (item for each in gone for item in each.released.items()):
        moved[parts[account]] -= amount
    moved[EquityPart.RETAINED] = equity.transfers_parent
    return moved


def _contributed(sheet: Worksheet, parts: Mapping[str, EquityPart]) -> Parts:
    """
    Capital paid in by owners and outsiders, that no acquisition cancelled.

    Capital that a group company paid in is eliminated against its investment; without a
    record of it, it stands in the figures, and so in this row.
    """
    paid: dict[EquityPart, int] = {}
    later = _later(sheet)
    for translation in sheet.translations.values():
        cancelled = later.get(translation.entity, ())
        for account, amount in _paid_in(sheet, translation, cancelled).items():
            paid[parts[account]] = paid.get(parts[account], 0) + amount
    theirs = sum(each.contributed for each in sheet.nci.values())
    if theirs:
        total, left = sum(paid.values()), theirs
        for place, part in enumerate(paid):
            last = place == len(paid) - 1
            taken = left if last or not total else share_of(paid[part], Fraction(theirs, total))
            paid[part] -= taken
            left -= taken
    return {**paid, EquityPart.NCI: theirs}


def _returned(sheet: Worksheet, parts: Mapping[str, EquityPart]) -> Parts:
    """Capital given back: the parent's own as it was translated, outsiders' as they got it."""
    given: dict[EquityPart, int] = {}
    for each in sheet.facts.reductions:
        if each.entity == sheet.parent:
            part = parts[each.account]
            given[part] = given.get(part, 0) - (each.translated or 0)
    return {**given, EquityPart.NCI: sum(each.returned for each in sheet.nci.values())}


def _paid_in(sheet: Worksheet, translation: Translation, later: Iterable[Entry]) -> dict[str, int]:
    """Capital a company took in since its roll-forward began, credit positive, by account."""
    # Nothing cancels the acquisitions of a company in the presentation currency here.
    counted = translation.foreign
    paid = {
        account: amount
        for account in sheet.rates(translation.entity).treatments
        if sheet.chart.kind(account) in CONTRIBUTED
        if (amount := sheet.came(translation, account, bought=counted))
    }
    if paid and translation.foreign:
        for line in (line for entry in later for line in entry.lines):
            if line.entity == translation.entity and line.account in paid:
                paid[line.account] -= line.amount
    return {account: amount for account, amount in paid.items() if amount}


def _later(sheet: Worksheet) -> dict[str, list[Entry]]:
    """Entries of the period's acquisitions in companies that were the group's before."""
    made = {entry.id: entry for entry in sheet.entries if entry.kind == "investment"}
    seen: set[str] = set()
    later: dict[str, list[Entry]] = {}
    for each in sorted(sheet.acquisitions, key=lambda a: (a.in_period, a.on or date.min, a.id)):
        entry = made.get(f"INV-{each.id}")
        if each.in_period and each.target in seen and entry:
            later.setdefault(each.target, []).append(entry)
        seen.add(each.target)
    return later
