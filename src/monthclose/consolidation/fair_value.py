"""The layers that a purchase leaves on a company, translated: step-ups, and goodwill."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monthclose.consolidation.purchase import value_purchase
from monthclose.ledger.accounts import (
    FAIR_VALUE_CLEARING,
    GOODWILL_CLEARING,
    Chart,
    UnknownAccount,
)
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.balances import PeriodRates
from monthclose.ledger.book import Purchase
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import share_of
from monthclose.ledger.purchases import Charge, PurchaseLayer
from monthclose.ledger.rates import convert_one, ratio_of
from monthclose.ledger.translations import Rollforward


def price_purchase(
    acquisition: Acquisition, currency: str, rates: PeriodRates, goodwill_account: str = "1600"
) -> tuple[Purchase, dict[str, int]]:
    """
    Solve the purchase equation, and carry what it brought to the end of the period.

    Goodwill and step-ups are assets of the target: the closing rate translates them,
    each period's charge takes its own rate, and the difference is the layer's own CTA.

    Args:
        acquisition: With its rates.
        currency: The target's functional currency.
        rates: The target's, for the period.
        goodwill_account: Where goodwill stands.

    Returns:
        The purchase, and the target's equity at acquisition by account in presentation
        currency, debit positive.

    Raises:
        RateUnusable: a charge or a balance has no rate to translate it.
        ImpairmentTooLarge: losses exceed the goodwill.

    Source:
        IFRS 3.32, 3.34; IAS 21.47; ASC 830-30-45-11.
    """
    presentation = rates.presentation
    purchase, equity = value_purchase(acquisition, currency, presentation)
    schedule, goodwill = purchase.schedule, purchase.goodwill_schedule
    if schedule is None and not (purchase.goodwill or purchase.goodwill_presentation):
        return purchase, equity  # a foundation brings nothing to carry: most purchases are
    fair_value = None
    if schedule is not None:
        of_its_day = ratio_of(acquisition.quote, currency, presentation)
        fair_value = translate_layer(
            share_of(schedule.acquired.net, of_its_day),
            None if acquisition.in_period else schedule.opening.lines,
            schedule.closing.lines,
            schedule.charges,
            currency,
            rates,
        )
    layer = translate_layer(
        purchase.goodwill_presentation,
        None if acquisition.in_period else {goodwill_account: goodwill.opening},
        {goodwill_account: goodwill.closing},
        goodwill.charges,
        currency,
        rates,
    )
    whole = replace(
        purchase,
        goodwill_closing=sum(layer.lines.values()),
        cta=layer.cta,
        fair_value_layer=fair_value,
        goodwill_layer=layer,
    )
    return whole, equity


def translate_layer(
    acquired: int,
    opening: Mapping[str, int] | None,
    closing: Mapping[str, int],
    charges: Sequence[Charge],
    currency: str,
    rates: PeriodRates,
) -> PurchaseLayer:
    """
    Translate a layer; what its lines and charges leave since acquisition is its CTA.

    Args:
        acquired: Its net amount at acquisition, presentation currency, an asset positive.
        opening: Its lines at the start of the period, functional, debit positive; None:
            acquired in the period, so that no CTA opens.
        closing: Its lines at the end.
        charges: Since acquisition, each period and account with its own rate.
        currency: The target's functional currency.
        rates: The target's, for the period.

    Returns:
        Its lines and charges, debit positive, and its CTA, a gain positive.

    Source:
        IAS 21.39, 21.41, 21.47.
    """
    pair = (currency, rates.presentation)
    lines = {
        account: convert_one(amount, rates.closing, *pair)
        for account, amount in closing.items()
        if amount
    }
    current: dict[str, int] = {}
    prior = rounded_lines = before = 0
    for charge in charges:
        translated = convert_one(charge.amount, charge.quote, *pair)
        if charge.in_result:
            current[charge.account] = current.get(charge.account, 0) + translated
        else:
            prior += translated
        if charge.current:
            rounded_lines += 1
        else:
            before += translated
    cta = sum(lines.values()) - acquired + prior + sum(current.values())
    opening_cta = 0
    if opening is not None:
        opens = [convert_one(a, rates.opening, *pair) for a in opening.values() if a]
        opening_cta = sum(opens) - acquired + before
        rounded_lines += len(opens)
    else:
        rounded_lines += 1
    return PurchaseLayer(
        acquired,
        lines,
        current,
        prior,
        Rollforward(opening_cta, cta - opening_cta),
        rounded_lines + len(lines),
    )


def carry_layers(purchase: Purchase, chart: Chart, currency: str) -> list[Entry]:
    """
    Carry goodwill and step-ups at the closing rate, and charge what fell due.

    Charges of earlier periods are in retained earnings; the rest of the difference since
    acquisition is CTA.

    Raises:
        UnknownAccount: the chart has no account for a charge or a balance.

    Source:
        IAS 21.47; ASC 830-30-45-11; IAS 12.58.
    """
    entries: list[Entry] = []
    if purchase.goodwill_layer is None and purchase.fair_value_layer is None:
        return entries
    for layer, clearing, prefix, kind in (
        (purchase.goodwill_layer, GOODWILL_CLEARING, "GW", "goodwill"),
        (purchase.fair_value_layer, FAIR_VALUE_CLEARING, "FV", "fair_value"),
    ):
        if layer is None:
            continue
        amounts = (
            *layer.lines.items(),
            *layer.charges.items(),
            (chart.roles.retained_earnings, layer.prior),
            (clearing, -layer.acquired),
            (chart.roles.cta, -layer.cta.closing),
        )
        lines = tuple(EntryLine(*each, purchase.target) for each in amounts if each[1])
        for line in lines:
            if line.account not in chart:
                raise UnknownAccount(line.account, purchase.acquisition)
        if lines:
            entries.append(
                Entry(
                    id=f"{prefix}-{purchase.acquisition}",
                    layer=LayerName.PPA,
                    kind=kind,
                    reason=f"entries.{kind.replace('_', '-')}",
                    standard="IAS 21.47",
                    currency=currency,
                    lines=lines,
                    entity=purchase.target,
                    reference=purchase.acquisition,
                )
            )
    return entries
