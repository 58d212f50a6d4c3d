"""To presentation currency: every line at the rate its class calls for, the CTA left over."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from monthclose.consolidation.alike import AtClassRates
from monthclose.consolidation.causes import Causes
from monthclose.consolidation.lines import Lines, line_up
from monthclose.consolidation.restatement import restate
from monthclose.consolidation.treatments import treat
from monthclose.ledger.accounts import RESULT, Chart
from monthclose.ledger.balances import Dated, Monthly, OpeningPosition, PeriodRates, TrialBalance
from monthclose.ledger.money import Amounts, total
from monthclose.ledger.rates import MissingRate, convert, convert_one
from monthclose.ledger.translations import Flows, Rollforward, Translation, no_flows


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
    lines = line_up(balance, chart, before, rates)
    places = lines.slots
    start = opening or OpeningPosition(balance.entity, 0, rates.opening, 0)
    if balance.currency != rates.presentation:
        start = restate(start, balance.currency, rates, chart)
    causes: Callable[[], Flows] = no_flows
    rounded_lines = rounded_results = 0
    known: AtClassRates | None = None
    if balance.currency == rates.presentation:
        translated = lines.reported.copy()
    else:
        treated = _treated(lines, rates)
        dated = [each for each in rates.treatments.values() if isinstance(each, Dated)]
        if at_class_rates is None or len(at_class_rates.amounts) != len(lines.accounts):
            translated = _at_class_rates(balance, lines, rates, treated)
        else:
            translated = at_class_rates.amounts
            # Its sums hold as long as equity alone is treated otherwise.
            of_equity = sum(map(len, treated.values())) == len(places.other)
            known = at_class_rates if of_equity and not dated else None
        for account, on in treated.items():
            each = [int(lines.reported[line]) for line in on]
            for line, amount in zip(on, treat(balance, account, each, rates, chart), strict=True):
                translated[line] = amount
            if isinstance(treatment := rates.treatments.get(account), Monthly):
                rounded_lines += len(on) * (len(treatment.months) - 1)
        items = _date_items(balance, lines, rates, translated) if dated else 0
        moved = -known.movement if known else _moved(lines, treated, chart)
        causes = Causes(lines, rates, chart, tuple(treated), moved, before)
        rounded_results = len(places.result) + items + (before.rounded_results if before else 0)
        rounded_lines += len(places.position) + len(places.other) + rounded_results
        if start.net_assets:
            rounded_lines += len(places.position)  # the opening was rounded line by line too
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
        growth=start.growth,
        causes=causes,
        rounded_lines=rounded_lines,
        rounded_results=rounded_results,
    )


def _treated(lines: Lines, rates: PeriodRates) -> dict[str, tuple[int, ...]]:
    """Accounts that their class alone does not translate, and their lines: equity, exceptions."""
    treated = {
        account: lines.slots.lines[account]
        for account, treatment in rates.treatments.items()
        # The rest of a dated account still takes the average.
        if account in lines.slots.lines and not isinstance(treatment, Dated)
    }
    for line in lines.slots.other.tolist():
        account = lines.accounts[line]
        treated.setdefault(account, lines.slots.lines[account])
    return treated


def _moved(lines: Lines, treated: Mapping[str, tuple[int, ...]], chart: Chart) -> int:
    """The month's result on the lines that take the average, functional, credit positive."""
    plain = lines.slots.result
    special = [on for account, on in treated.items() if chart.kind(account) in RESULT]
    if special:
        plain = np.setdiff1d(plain, np.concatenate(special))
    return total(lines.earlier[plain]) - total(lines.reported[plain])


def _at_class_rates(
    balance: TrialBalance, lines: Lines, rates: PeriodRates, treated: Mapping[str, tuple[int, ...]]
) -> Amounts:
    """Translate assets, liabilities, income and expense at the rates of their classes."""
    functional, presentation = balance.currency, rates.presentation
    translated = np.zeros_like(lines.reported)
    position, result = lines.slots.position, lines.slots.result
    due = lines.reported[position]
    movement = lines.reported[result] - lines.earlier[result]
    if rates.closing is not None:
        translated[position] = convert(due, rates.closing, functional, presentation)
    elif (line := _first_due(due, position, lines, treated)) is not None:
        where = f"{balance.entity} {lines.accounts[line]}"
        raise MissingRate(functional, presentation, "closing", balance.period, where)
    if rates.average is not None:
        translated[result] = lines.earlier_translated[result] + convert(
            movement, rates.average, functional, presentation
        )
    elif (line := _first_due(movement, result, lines, treated)) is not None:
        where = f"{balance.entity} {lines.accounts[line]}"
        raise MissingRate(functional, presentation, "average", balance.period, where)
    return translated


def _first_due(
    due: Amounts, places: NDArray[np.intp], lines: Lines, treated: Mapping[str, tuple[int, ...]]
) -> int | None:
    """The first line with money that only its class could translate."""
    for amount, line in zip(due.tolist(), places.tolist(), strict=True):
        if amount and lines.accounts[line] not in treated:
            return int(line)
    return None


def _date_items(
    balance: TrialBalance, lines: Lines, rates: PeriodRates, translated: Amounts
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
