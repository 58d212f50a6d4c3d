"""The result a company earned before it was the group's: out of income, into what was bought."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from monthclose.ledger.accounts import Chart, UnknownAccount
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.balances import Layer, Layers, PeriodRates, TrialBalance
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group


def cut_off(
    balances: list[TrialBalance], facts: PeriodFacts, group: Group
) -> tuple[list[TrialBalance], PeriodFacts]:
    """
    Take the result up to acquisition off every company bought in the period.

    Returns:
        The balances and facts to translate from; the same ones when none was.

    Raises:
        UnknownAccount: the chart has no account for it.

    Source:
        IFRS 10.B88; ASC 810-10-45-4.
    """
    bought: dict[str, list[Acquisition]] = {}
    for each in facts.acquisitions:
        if each.in_period and each.result:
            bought.setdefault(each.target, []).append(each)
    if not bought:
        return balances, facts
    rates, without = dict(facts.rates), list(balances)
    for place, balance in enumerate(balances):
        if acquisitions := bought.get(balance.entity):
            quotes = rates.get(balance.entity) or PeriodRates(group.presentation)
            without[place], rates[balance.entity] = take_off(
                balance, quotes, acquisitions, group.chart
            )
    return without, replace(facts, rates=rates)


def take_off(
    balance: TrialBalance, rates: PeriodRates, acquisitions: Sequence[Acquisition], chart: Chart
) -> tuple[TrialBalance, PeriodRates]:
    """
    Take the result up to acquisition off income and expense, before they are translated.

    Its sum becomes one line of equity at the acquisition's rate, which the elimination of
    the investment cancels. Months translated on their own cover only what remains.

    Args:
        balance: The target's year to date, functional currency, debit positive.
        rates: Its quotes.
        acquisitions: Of this target in the period, with what it earned before.
        chart: Refuses accounts it does not have.

    Returns:
        The balance without it, still summing to zero, and the quotes with the rate of the
        new line.

    Raises:
        UnknownAccount: the chart has no account for it.

    Source:
        IFRS 10.B88; ASC 810-10-45-4.
    """
    equity: dict[str, list[Layer]] = {}
    for each in acquisitions:
        label = f"result before {each.id}"
        layer = Layer(sum(each.result.values()), each.quote, label, acquired=True)
        equity.setdefault(each.accounts.result_before, []).append(layer)
    without = without_result(balance, acquisitions, chart)
    treatments = {account: Layers(tuple(layers)) for account, layers in equity.items()}
    return without, replace(rates, treatments={**rates.treatments, **treatments})


def without_result(
    balance: TrialBalance, acquisitions: Sequence[Acquisition], chart: Chart
) -> TrialBalance:
    """
    Move the result up to acquisition from income and expense to its account in equity.

    Args:
        balance: The target's year to date, functional currency, debit positive.
        acquisitions: Of this target in the year, with what it earned before.
        chart: Refuses accounts it does not have.

    Returns:
        The balance without it, still summing to zero.

    Raises:
        UnknownAccount: the chart has no account for it.

    Source:
        IFRS 10.B88.
    """
    keys = list(balance.keys)
    amounts = balance.amounts.tolist()
    equity: dict[str, int] = {}
    for acquisition in acquisitions:
        for account, amount in acquisition.result.items():
            if account not in chart:
                raise UnknownAccount(account, acquisition.id)
            # Of an account with partners the line without one gives first.
            places = [place for place, key in enumerate(keys) if key[0] == account]
            if not places:
                places = [len(keys)]
                keys.append((account, ""))
                amounts.append(0)
            plain = [place for place in places if not keys[place][1]]
            amounts[(plain or places)[0]] -= amount
        into = acquisition.accounts.result_before
        if into not in chart:
            raise UnknownAccount(into, acquisition.id)
        equity[into] = equity.get(into, 0) + sum(acquisition.result.values())
    for account, amount in equity.items():
        if (account, "") in keys:
            amounts[keys.index((account, ""))] += amount
            continue
        keys.append((account, ""))
        amounts.append(amount)
    return replace(
        balance,
        accounts=chart.shared(tuple(account for account, _ in keys)),
        amounts=np.array(amounts, dtype=np.int64),
        partners=tuple(partner for _, partner in keys) if balance.partners else (),
    )
