"""Dividends from dated records: what was declared, what was received, at the rate of the day."""

from dataclasses import replace
from fractions import Fraction

from monthclose.ledger.accounts import RESULT
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.balances import Layer, TrialBalance
from monthclose.ledger.entities import Entity
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, Quote


def reduced_investment(group: Group, dividend: Dividend, part: Received) -> bool:
    """
    Whether a holder took its part off the investment, as under equity pick-up.

    Interest on equity that it booked as income stays income.
    """
    if (part.holder, dividend.payer) not in group.picked_up:
        return False
    return not (dividend.account and group.chart.kind(part.income_account) in RESULT)


def received(
    group: Group, entity: Entity, balance: TrialBalance, period: Period
) -> dict[str, list[Layer]]:
    """Dividends from group companies in the month, at the rate of their declaration."""
    parts: dict[str, list[Layer]] = {}
    declared = group.dividends_to.get(entity.code, ())
    shown = set(balance.accounts) if declared else ()
    for dividend, part in declared:
        if dividend.on is None or Period.of(dividend.on) != period:
            continue
        if reduced_investment(group, dividend, part):
            continue  # it is no income of the holder's books
        if part.income_account in shown:
            quote = declared_quote(group, entity.currency, part.quote, dividend)
            layer = Layer(-part.amount, quote, f"dividend received {dividend.on}")
            parts.setdefault(part.income_account, []).append(layer)
    return parts


def declared_quote(
    group: Group, currency: str, given: Quote | None, dividend: Dividend
) -> Quote | None:
    """The rate of a dividend's declaration date; none in the presentation currency."""
    if currency == group.presentation or given is not None or dividend.on is None:
        return given
    found = group.rates.historical(currency, group.presentation, dividend.on)
    if found is None:
        raise MissingRate(
            currency, group.presentation, "historical", str(dividend.on), dividend.payer
        )
    return found


def dividends_of(
    group: Group, entity: Entity, period: Period, start: Period, *, kept: bool = False
) -> tuple[Dividend, ...]:
    """
    An entity's dividends since *start*, with the rates of their declaration dates.

    Of a company that became an associate those up to the day, or (*kept*) those after it.
    """
    found = []
    turned = group.kept_on.get(entity.code)
    for dividend in group.dividends_of.get(entity.code, ()):
        if dividend.on is None or not start.first_day <= dividend.on <= period.last_day:
            continue
        if turned is not None and (dividend.on > turned) is not kept:
            continue
        received = tuple(
            replace(
                part,
                quote=declared_quote(group, group.currencies[part.holder], part.quote, dividend),
                # Under equity pick-up it reduced the investment; the reversal makes it income.
                income_account=group.chart.roles.dividend_income
                if reduced_investment(group, dividend, part)
                else part.income_account,
            )
            for part in dividend.received
        )
        quote = declared_quote(group, entity.currency, dividend.quote, dividend)
        found.append(replace(dividend, quote=quote, received=received))
    return tuple(found)


def dividend_layer(group: Group, entity: Entity, each: Dividend, period: Period) -> Layer:
    """A dividend at the rate of its day, grown since then where the payer's books are restated."""
    grown = Fraction(1) if each.on is None else group.growth(entity, each.on, period)
    return Layer(each.amount, each.quote, "dividends", flow=True, growth=grown)
