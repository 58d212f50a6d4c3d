"""Errors of prior periods: the opening restated, nothing through the result of the period."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from monthclose.consolidation.treatments import add_parts
from monthclose.ledger.accounts import EQUITY, Chart
from monthclose.ledger.balances import CarriedForward, Layers, OpeningPosition, PeriodRates
from monthclose.ledger.dealings import Dealt
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.money import share_of
from monthclose.ledger.rates import convert_one
from monthclose.ledger.restatements import Restatement
from monthclose.ledger.translations import Translation


def restate(
    opening: OpeningPosition, functional: str, rates: PeriodRates, chart: Chart
) -> OpeningPosition:
    """
    Restate where an entity's roll-forward starts for errors of prior periods.

    Net assets change by the errors. What they are translated at changes by the opening
    rate, equity by the rates of the periods the errors belong to; the CTA opens with what
    is left: `restated net assets x opening rate - restated historical equity`.

    Args:
        opening: As reported.
        functional: Currency of the entity's books.
        rates: With the restatements, in the treatments of the accounts they correct.
        chart: Gives each account's class.

    Returns:
        The opening as restated; *opening* itself when nothing is.

    Source:
        IAS 8.42; IAS 21.39; ASC 250-10-45-23.
    """
    errors = [part for _, treatment in _restated(rates) for part in treatment.restated]
    if not errors:
        return opening
    pair = (functional, rates.presentation)
    net_assets = opening.net_assets - sum(part.amount for part in errors)
    equity = opening.year_so_far
    for account, treatment in rates.treatments.items():
        if chart.kind(account) not in EQUITY:
            continue
        if isinstance(treatment, CarriedForward):
            before = [part for part in treatment.history if not part.flow]
            equity -= treatment.translated + add_parts(before, *pair)
        elif isinstance(treatment, Layers):
            equity -= add_parts([part for part in treatment.parts if not part.flow], *pair)
    cta = convert_one(net_assets, opening.quote, *pair) - equity
    return replace(opening, net_assets=net_assets, cta=cta)


def restatements_of(
    facts: PeriodFacts,
    translations: Mapping[str, Translation],
    outsiders: Mapping[str, Fraction],
    chart: Chart,
    dealings: Iterable[Dealt] = (),
) -> dict[str, Restatement]:
    """
    Say what restatements did to each entity's opening, and to whom.

    Args:
        facts: Holds the openings as reported.
        translations: With the openings as restated, by entity.
        outsiders: Their share at the end of the period, by entity.
        chart: Names the account of retained earnings.
        dealings: What changed hands in the period.
    """
    found = {}
    bought: dict[str, Fraction] = {}
    for each in dealings:
        bought[each.sale.entity] = bought.get(each.sale.entity, Fraction(0)) + each.part
    for code, translation in translations.items():
        rates = facts.rates.get(code)
        restated = list(_restated(rates)) if rates else []
        if not restated:
            continue
        pair = (translation.functional, translation.presentation)
        by_account = {a: -add_parts(treatment.restated, *pair) for a, treatment in restated}
        adjustment = sum(by_account.values())
        opening = facts.openings.get(code)
        reported, opens = opening.cta if opening else 0, translation.cta.opening
        # An error is of the time when what they bought in the period was not theirs yet.
        share = outsiders.get(code, Fraction(0)) - bought.get(code, Fraction(0))
        found[code] = Restatement(
            entity=code,
            retained=adjustment,
            retained_nci=share_of(adjustment, share),
            cta_reported=reported,
            cta_restated=opens,
            cta_nci=share_of(opens - reported, share),
            reserves=adjustment - by_account.get(chart.roles.retained_earnings, 0),
        )
    return found


def _restated(rates: PeriodRates) -> list[tuple[str, CarriedForward]]:
    """Accounts with errors of prior periods."""
    return [
        (account, treatment)
        for account, treatment in rates.treatments.items()
        if isinstance(treatment, CarriedForward) and treatment.restated
    ]
