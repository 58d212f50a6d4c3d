"""To presentation currency: every line at the rate its class calls for, the CTA left over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
from numpy.typing import NDArray

from monthclose.consolidation.treatments import treat
from monthclose.ledger.accounts import RESULT, AccountClass, Chart, Slots
from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Dated,
    Monthly,
    OpeningPosition,
    PeriodRates,
    TrialBalance,
)
from monthclose.ledger.money import Amounts, row_totals, total
from monthclose.ledger.rates import MissingRate, Quote, convert, convert_one
from monthclose.ledger.translations import Flow, Rollforward, Translation

_TABLE = 65_536  # lines of one table: what a core's cache holds


@dataclass(frozen=True, slots=True, eq=False)
class AtClassRates:
    """
    A company's lines at the rates of their classes, before any is treated on its own.

    Attributes:
        amounts: (n,) translated, nil where a line has no class rate.
        net_assets: Assets less liabilities of *amounts*.
        result: Income and expense of *amounts*, debit positive.
        movement: Income and expense of the month, functional, debit positive.
    """

    amounts: Amounts
    net_assets: int
    result: int
    movement: int


def translate(
    balance: TrialBalance,
    rates: PeriodRates,
    chart: Chart,
    opening: OpeningPosition | None = None,
    before: Translation | None = None,
    at_class_rates: AtClassRates | None = None,
) -> Translation:
    """
    Translate a trial balance into the presentation currency.

    Assets and liabilities take the closing rate; income and expense the average of
    each month they fall in; equity keeps what each contribution was translated at.
    What no longer balances is the exchange difference: the CTA.

    Args:
        balance: (n,) lines in the functional currency.
        rates: Quotes as published for the same month, each with its direction.
        chart: Gives each account's class, and names the CTA account.
        opening: Where the roll-forward starts; None: nothing was there.
        before: The month before in the same fiscal year: its income and expense stay as
            they were translated, and only the movement since takes this month's average.
        at_class_rates: What `translate_alike` worked out for it; None: worked out here.

    Returns:
        (n,) lines in `rates.presentation`, with the CTA's roll-forward. An income or
        expense line that the month before had and this one has not stays, with nil
        reported; so does equity that is carried forward and that the books no longer show.

    Raises:
        MissingRate: a line needs a rate that is not there.
        RateUnusable: a quote is of other currencies.
        TreatmentIncomplete: the parts of an account do not add up to its balance.

    Source:
        IAS 21.39 (closing and transaction-date rates), 21.40 (average as an
        approximation), 21.41 (the difference in equity). The standard names no rate for
        equity itself: see decision 0007.
    """
    lines = _lines(balance, chart, before, rates)
    places = lines.slots
    start = opening or OpeningPosition(balance.entity, 0, rates.opening, 0)
    flows: tuple[Flow, ...] = ()
    results: tuple[Flow, ...] = ()
    rounded_lines = rounded_results = 0
    known: AtClassRates | None = None
    if balance.currency == rates.presentation:
        translated = lines.reported.copy()
    else:
        treated = _treated_lines(lines, rates)
        dated = any(isinstance(each, Dated) for each in rates.treatments.values())
        if at_class_rates is None or len(at_class_rates.amounts) != len(lines.accounts):
            translated = _at_class_rates(balance, lines, rates, treated)
        else:
            translated = at_class_rates.amounts
            # Its sums hold as long as equity alone is treated otherwise.
            known = None if dated or len(treated) > len(places.other) else at_class_rates
        for account in dict.fromkeys([lines.accounts[line] for line in treated]):
            on = places.lines[account]
            each = [int(lines.reported[line]) for line in on]
            for line, amount in zip(on, treat(balance, account, each, rates, chart), strict=True):
                translated[line] = amount
        items = _date_items(balance, lines, rates, translated) if dated else 0
        flows, results = _flows(lines, rates, chart, before, treated, known)
        rounded_results = len(places.result) + items + (before.rounded_results if before else 0)
        rounded_lines = len(places.position) + len(places.other) + rounded_results
        if start.net_assets:
            rounded_lines += len(places.position)  # the opening was rounded line by line too
        for line in treated:
            if isinstance(treatment := rates.treatments.get(lines.accounts[line]), Monthly):
                rounded_lines += len(treatment.months) - 1
    if known is None:
        net_income = -total(translated[places.result])
        net_assets = total(translated[places.position])
    else:
        net_income, net_assets = -known.result, known.net_assets
    left_over = net_assets - net_income + sum(translated[places.other].tolist())
    return Translation(
        entity=balance.entity,
        period=balance.period,
        functional=balance.currency,
        presentation=rates.presentation,
        accounts=lines.accounts,
        partners=lines.partners,
        amounts=translated,
        reported=lines.reported,
        net_income=net_income,
        net_assets=net_assets,
        cta=Rollforward(start.cta, left_over - start.cta),
        opening_net_assets=start.net_assets,
        opening_quote=start.quote,
        closing_quote=rates.closing,
        flows=flows,
        results=results,
        rounded_lines=rounded_lines,
        rounded_results=rounded_results,
    )


def translate_alike(
    balances: Sequence[TrialBalance],
    rates: Mapping[str, PeriodRates],
    chart: Chart,
    before: Mapping[str, Translation] | None = None,
) -> dict[str, AtClassRates]:
    """
    Translate what takes the rates of its class, for companies that are alike, as one table.

    Alike are companies with the same list of accounts, currency, closing and average rate:
    in a group from one country nearly all. One by one, most of the time would go into
    starting and ending steps of a few hundred lines each.

    Args:
        balances: Of one month.
        rates: By entity.
        chart: Gives each account's class.
        before: The month before in the same fiscal year, by entity; a company without one
            begins its fiscal year.

    Returns:
        By entity. A company that needs none, misses a rate, or had other lines the month
        before is left out: `translate` takes those one by one.
    """
    last = before or {}
    alike: dict[_Alike, list[TrialBalance]] = {}
    for balance in balances:
        quotes, was = rates.get(balance.entity), last.get(balance.entity)
        if quotes is None or balance.currency == quotes.presentation:
            continue
        if was is not None and not (
            was.accounts is balance.accounts and was.partners == balance.partners
        ):
            continue
        if quotes.closing is not None and quotes.average is not None:
            # Equal lists are one list since the balances were mapped.
            pair = (balance.currency, quotes.presentation)
            key = (id(balance.accounts), was is None, pair, quotes.closing, quotes.average)
            alike.setdefault(key, []).append(balance)
    translated: dict[str, AtClassRates] = {}
    for (_, begins, pair, closing, average), members in alike.items():
        places = chart.slots(members[0].accounts, members[0].entity)
        rows = max(1, _TABLE // max(1, len(members[0].accounts)))
        for group in batched(members, rows, strict=False):
            earlier = [] if begins else [last[balance.entity] for balance in group]
            translated |= _as_table(group, earlier, places, (closing, average), pair)
    return translated


type _Alike = tuple[int, bool, tuple[str, str], Quote, Quote]


def _as_table(
    balances: Sequence[TrialBalance],
    earlier: Sequence[Translation],
    places: Slots,
    quotes: tuple[Quote, Quote],
    pair: tuple[str, str],
) -> dict[str, AtClassRates]:
    """
    Translate a table: a row a company, a column a line.

    Args:
        balances: (k,) of companies that are alike.
        earlier: (k,) the month before of each, or () at the start of a fiscal year.
        places: Where each class stands.
        quotes: Closing and average.
        pair: Functional and presentation currency.
    """
    closing, average = quotes
    table = np.stack([balance.amounts for balance in balances])
    position, movement = table[:, places.position], table[:, places.result]
    if earlier:
        movement -= np.stack([each.reported for each in earlier])[:, places.result]
    at_closing = convert(position.ravel(), closing, *pair).reshape(position.shape)
    result = convert(movement.ravel(), average, *pair).reshape(movement.shape)
    if earlier:
        result += np.stack([each.amounts for each in earlier])[:, places.result]
    table[:, places.position], table[:, places.result] = at_closing, result
    table[:, places.other] = 0
    sums = zip(row_totals(at_closing), row_totals(result), row_totals(movement), strict=True)
    return {
        balance.entity: AtClassRates(row, *each)
        for balance, row, each in zip(balances, table, sums, strict=True)
    }


@dataclass(frozen=True, slots=True)
class _Lines:
    """
    The lines under translation.

    Attributes:
        accounts: (n,) codes.
        partners: (n,) partners, or ().
        reported: (n,) functional, to date.
        earlier: (n,) functional, to the end of the month before; nil outside the result.
        earlier_translated: (n,) the same as it was translated.
        slots: Where each class stands.
    """

    accounts: tuple[str, ...]
    partners: tuple[str, ...]
    reported: Amounts
    earlier: Amounts
    earlier_translated: Amounts
    slots: Slots


def _lines(
    balance: TrialBalance, chart: Chart, before: Translation | None, rates: PeriodRates
) -> _Lines:
    """Line up this month with the one before: what either has, in this month's order."""
    accounts, partners, reported = balance.accounts, balance.partners, balance.amounts
    nil = np.zeros(len(reported), dtype=np.int64)
    unshown = _unshown(balance, rates, chart)
    if before is None and not unshown:
        return _Lines(accounts, partners, reported, nil, nil, chart.slots(accounts, balance.entity))
    if before is None or unshown or (before.accounts, before.partners) != (accounts, partners):
        last = _keys(before.accounts, before.partners) if before else ()
        earlier = dict(zip(last, before.reported, strict=True)) if before else {}
        was = dict(zip(last, before.amounts, strict=True)) if before else {}
        keys = list(balance.keys)
        known = set(keys)
        gone = [key for key in was if key not in known and chart.kind(key[0]) in RESULT]
        gone += unshown
        keys += gone
        accounts = tuple(account for account, _ in keys)
        partners = tuple(partner for _, partner in keys) if any(p for _, p in keys) else ()
        reported = np.concatenate([reported, np.zeros(len(gone), dtype=np.int64)])
        before_reported = np.array([earlier.get(key, 0) for key in keys], dtype=np.int64)
        before_amounts = np.array([was.get(key, 0) for key in keys], dtype=np.int64)
    else:
        before_reported, before_amounts = before.reported, before.amounts
    return _Lines(
        accounts,
        partners,
        reported,
        before_reported,
        before_amounts,
        chart.slots(accounts, balance.entity),
    )


def _unshown(balance: TrialBalance, rates: PeriodRates, chart: Chart) -> list[tuple[str, str]]:
    """
    Equity carried forward that the books no longer show.

    A profit and a loss of the same size leave nil in the books, and a line of nil may be
    left out; translated at two averages, they do not leave nil.
    """
    if balance.currency == rates.presentation:
        return []
    shown = chart.slots(balance.accounts, balance.entity).lines
    return [
        (account, "")
        for account, treatment in rates.treatments.items()
        if isinstance(treatment, CarriedForward)
        and (treatment.translated or treatment.parts)
        and account not in shown
    ]


def _keys(accounts: tuple[str, ...], partners: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(accounts, partners or ("",) * len(accounts), strict=True))


def _treated_lines(lines: _Lines, rates: PeriodRates) -> dict[int, None]:
    """The lines that their class alone does not translate: equity, and special treatments."""
    treated: dict[int, None] = {}
    for account, treatment in rates.treatments.items():
        if not isinstance(treatment, Dated):  # the rest of it still takes the average
            for line in lines.slots.lines.get(account, ()):
                treated[line] = None
    for line in lines.slots.other.tolist():
        treated[line] = None
    return treated


def _at_class_rates(
    balance: TrialBalance, lines: _Lines, rates: PeriodRates, treated: dict[int, None]
) -> Amounts:
    """Translate assets, liabilities, income and expense at the rates of their classes."""
    functional, presentation = balance.currency, rates.presentation
    translated = np.zeros_like(lines.reported)
    position, result = lines.slots.position, lines.slots.result
    due = lines.reported[position]
    movement = lines.reported[result] - lines.earlier[result]
    if rates.closing is not None:
        translated[position] = convert(due, rates.closing, functional, presentation)
    elif (line := _first_due(due, position, treated)) is not None:
        where = f"{balance.entity} {lines.accounts[line]}"
        raise MissingRate(functional, presentation, "closing", balance.period, where)
    if rates.average is not None:
        translated[result] = lines.earlier_translated[result] + convert(
            movement, rates.average, functional, presentation
        )
    elif (line := _first_due(movement, result, treated)) is not None:
        where = f"{balance.entity} {lines.accounts[line]}"
        raise MissingRate(functional, presentation, "average", balance.period, where)
    return translated


def _first_due(due: Amounts, places: NDArray[np.intp], treated: dict[int, None]) -> int | None:
    """The first line with money that only its class could translate."""
    for amount, line in zip(due.tolist(), places.tolist(), strict=True):
        if amount and line not in treated:
            return int(line)
    return None


def _date_items(
    balance: TrialBalance, lines: _Lines, rates: PeriodRates, translated: Amounts
) -> int:
    """
    Give large single items of the month the rate of their day, and the rest the average.

    Returns:
        How many items were rounded on their own.
    """
    pair = (balance.currency, rates.presentation)
    rounded_items = 0
    for account, treatment in rates.treatments.items():
        places = lines.slots.lines.get(account, ())
        if not isinstance(treatment, Dated) or not places:
            continue
        line = places[0]  # of several partners the first carries the whole account's items
        rest = int(lines.reported[line]) - int(lines.earlier[line])
        items = 0
        for part in treatment.parts:
            rest -= part.amount
            items += convert_one(part.amount, part.quote, *pair)
            rounded_items += 1
        earlier = int(lines.earlier_translated[line])
        translated[line] = earlier + items + convert_one(rest, rates.average, *pair)
    return rounded_items


def _flows(
    lines: _Lines,
    rates: PeriodRates,
    chart: Chart,
    before: Translation | None,
    treated: dict[int, None],
    known: AtClassRates | None,
) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
    """
    What changed net assets, credit positive, in the order in which the lines bring it.

    Returns:
        Every flow that is not nil, and those of them that are a month's result at average.
    """
    found: list[tuple[int, Flow]] = []
    result = lines.slots.result
    plain = result
    if known is not None:
        moved = -known.movement
    else:
        if special := [line for line in treated if chart.kind(lines.accounts[line]) in RESULT]:
            plain = np.setdiff1d(result, np.array(special))
        moved = -total(lines.reported[plain])
        if before is not None:
            moved += total(lines.earlier[plain])
    items = [
        Flow(part.label or "result", -part.amount, part.quote)
        for account, treatment in rates.treatments.items()
        if isinstance(treatment, Dated) and account in lines.slots.lines
        for part in treatment.parts
    ]
    months = before.results if before else ()
    if rest := moved - sum(item.amount for item in items):
        months = (*months, Flow(rates.result_label, rest, rates.average))
    months = (*months, *items)
    if months:
        first = int(plain[0]) if len(plain) else -1
        found += [(first, month) for month in months]
    for line in treated:
        found += [(line, flow) for flow in _line_flows(lines, line, rates, chart)]
    found.sort(key=lambda each: each[0])
    sums: dict[tuple[str, Quote | None], int] = {}
    for _, flow in found:
        key = (flow.label, flow.quote)
        sums[key] = sums.get(key, 0) + flow.amount
    flows = tuple(Flow(label, amount, quote) for (label, quote), amount in sums.items() if amount)
    return flows, months


def _line_flows(lines: _Lines, line: int, rates: PeriodRates, chart: Chart) -> list[Flow]:
    """The flows that one specially treated line brings."""
    account, amount = lines.accounts[line], int(lines.reported[line])
    kind, treatment = chart.kind(account), rates.treatments.get(account)
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
    return [
        Flow(part.label or ("result" if kind in RESULT else default), -part.amount, part.quote)
        for part in treatment.parts
        if part.flow or counts
    ]
