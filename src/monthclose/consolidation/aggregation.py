"""Translated balances and entries added up: by account, by layer."""

from collections.abc import Iterable, Mapping
from itertools import batched

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.accounts import Chart, UnknownAccount
from monthclose.ledger.journal import GROUP_LAYERS, Entry, LayerName
from monthclose.ledger.money import AmountOutOfRange
from monthclose.ledger.translations import Translation

_INT64_MAX = 2**63 - 1
_TABLE = 32_768  # lines added up at a time: what a core's cache holds


type Posted = Mapping[LayerName, Mapping[str, int]]
"""What entries move each account by, layer by layer; debit positive."""


def line_amount(translation: Translation, account: str, chart: Chart) -> int:
    """The translated amount of an account, over its partners; nil when it has no line."""
    lines = chart.slots(translation.accounts, translation.entity).lines.get(account, ())
    return sum([int(translation.amounts[line]) for line in lines])


def posted(entries: Iterable[Entry]) -> Posted:
    """Add up the lines of entries by layer and account."""
    sums: dict[LayerName, dict[str, int]] = {layer: {} for layer in GROUP_LAYERS}
    for entry in entries:
        accounts = sums[entry.layer]
        for line in entry.lines:
            accounts[line.account] = accounts.get(line.account, 0) + line.amount
    return sums


def add_layers(
    chart: Chart, translations: Iterable[Translation], entries: Posted
) -> NDArray[np.int64]:
    """
    Add translated balances and entries into one column a layer.

    Returns:
        (a, 6) minor units by account and layer (`GROUP_LAYERS`), debit positive. Every
        column sums to zero: a translated balance with its CTA does, and so does an entry.

    Raises:
        AmountOutOfRange: a total could leave int64.
        UnknownAccount: an entry names an account that the chart does not have.
    """
    alike: dict[int, list[Translation]] = {}
    cta = 0
    for translation in translations:
        alike.setdefault(id(translation.accounts), []).append(translation)
        cta += translation.cta.closing
    translated, bound = np.zeros(len(chart.accounts), dtype=np.int64), abs(cta)
    for members in alike.values():
        places = chart.slots(members[0].accounts, members[0].entity).chart
        times = len(places) if any(each.partners for each in members) else 1
        for some in batched(members, max(1, _TABLE // max(1, len(places))), strict=False):
            table = np.stack([each.amounts for each in some])
            # No account can add up to more than the largest line of every entity together;
            # with partners it stands on several lines.
            largest = max(int(table.max(initial=0)), -int(table.min(initial=0)))
            bound += largest * len(some) * times
            if bound > _INT64_MAX:
                translated = translated.astype(object)
            np.add.at(translated, places, table.sum(axis=0, dtype=translated.dtype))
    if bound > _INT64_MAX:
        translated = translated.astype(object)
    translated[chart.index[chart.roles.cta]] -= cta
    if bound > _INT64_MAX and (largest := max(abs(int(each)) for each in translated)) > _INT64_MAX:
        raise AmountOutOfRange(largest, _INT64_MAX)
    layers = np.zeros((len(chart.accounts), len(GROUP_LAYERS)), dtype=np.int64)
    layers[:, GROUP_LAYERS.index(LayerName.TRANSLATION)] = translated
    for column, layer in enumerate(GROUP_LAYERS):
        for account, amount in entries.get(layer, {}).items():
            if abs(amount) > _INT64_MAX:
                raise AmountOutOfRange(amount, _INT64_MAX)
            if account not in chart:
                raise UnknownAccount(account, layer.value)
            layers[chart.index[account], column] += amount
    if int(np.abs(layers).max(initial=0)) > _INT64_MAX // len(GROUP_LAYERS):
        for row in layers.tolist():  # every layer fits, and their sum still may not
            if abs(sum(row)) > _INT64_MAX:
                raise AmountOutOfRange(sum(row), _INT64_MAX)
    return layers
