"""A sale without loss of control: no result, outsiders come in at the day's net assets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from monthclose.consolidation.disposal import check_sale
from monthclose.consolidation.nci import Changed
from monthclose.ledger.accounts import RESULT, Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.balances import Monthly, PeriodRates
from monthclose.ledger.book import Purchase
from monthclose.ledger.dealings import NOBODY, Dealt
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import (
    Day,
    PartialDisposal,
    Reattribution,
    Retranslated,
    StepAcquisition,
)
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import Money, share_of
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Flow, Translation


class DayUnexplained(CloseError):
    """Net assets of the day of a sale are not the opening ones with what came until then."""

    code = "day-unexplained"

    def __init__(self, entity: str, currency: str, known: int, stated: int) -> None:
        super().__init__(
            entity=entity,
            known=Money(known, currency),
            stated=Money(stated, currency),
            size=Money(stated - known, currency),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """
    What outsiders share in beside the books, on the day of the sale: a layer of a purchase.

    Attributes:
        amount: What it stands at, minor units of the company's currency.
        acquired: At acquisition, minor units of the presentation currency.
        charged_before: Charged before the period, presentation currency, a cost is positive.
        charged: Charged in the period up to the day, the same.
        paid_above: What of it those have paid for who came in above, through a holder; the same.
    """

    amount: int
    acquired: int
    charged_before: int = 0
    charged: int = 0
    paid_above: int = 0


def parts_of(
    sale: PartialDisposal,
    acquisitions: Iterable[Acquisition],
    purchases: Mapping[str, Purchase],
    translation: Translation,
) -> list[Part]:
    """
    Carry the layers that outsiders share in to the day of a sale.

    The fair value layer always, goodwill when outsiders were measured at fair value. Of
    the period's charges count those of the months before the day; a loss of goodwill counts
    from its own day on, and after the sale when that is not known.

    Args:
        sale: Names the months before the day.
        acquisitions: Of the company.
        purchases: With their schedules, by acquisition.
        translation: Of the company, for its currencies.

    Source:
        IFRS 10.B96 is silent on goodwill: partial goodwill stays with the owners.
    """
    parts = []
    for acquisition in acquisitions:
        purchase = purchases[acquisition.id]
        full = acquisition.nci_method == "fair_value"
        schedule, goodwill = purchase.schedule, purchase.goodwill_schedule
        for layer, opening, charges in (
            (purchase.fair_value_layer, schedule.opening.net if schedule else None, schedule),
            (purchase.goodwill_layer if full else None, goodwill.opening, goodwill),
        ):
            if layer is None or opening is None or charges is None:
                continue
            until = [e for e in charges.charges if e.current and e.by(sale.on, sale.before)]
            parts.append(
                Part(
                    opening - sum(each.amount for each in until),
                    layer.acquired,
                    layer.prior,
                    sum(
                        convert_one(
                            each.amount,
                            each.quote,
                            translation.functional,
                            translation.presentation,
                        )
                        for each in until
                    ),
                    layer.acquired if sale.through and layer is purchase.goodwill_layer else 0,
                )
            )
    return parts


def on_the_day(
    sale: PartialDisposal,
    translation: Translation,
    rates: PeriodRates,
    parts: Sequence[Part],
    chart: Chart,
) -> Day:
    """
    Find a company's net assets, CTA and profit on the day of a sale, with its layers.

    The books of the day are known from dated records. Else net assets are stated and take
    the rate of the day; the profit is that of the months before it; equity is what it was
    translated at. What is left is the CTA. Dividends and capital of the period count when
    the net assets stated contain them.

    Args:
        sale: With the day's net assets and the months before it.
        translation: Of the whole period.
        rates: Holds the months.
        parts: Layers of its purchase that outsiders share in.
        chart: Gives each account's class.

    Raises:
        DayUnexplained: the net assets stated do not follow from the opening, the result of
            the months before and any of the dividends; or capital was paid in afterwards.

    Source:
        IAS 21.41, 21.48C.
    """
    pair = (translation.functional, translation.presentation)
    books = sale.books or _books(sale, translation, rates, chart)
    net_assets, cta, profit = books.net_assets, books.cta, books.profit
    for part in parts:
        now = convert_one(part.amount, sale.quote, *pair)
        net_assets += now - part.paid_above
        cta += now - part.acquired + part.charged_before + part.charged
        profit -= part.charged
    return Day(net_assets, cta, profit)


def _books(
    sale: PartialDisposal, translation: Translation, rates: PeriodRates, chart: Chart
) -> Day:
    """The books on the day, from the net assets stated and the months before it."""
    functional, presentation = translation.functional, translation.presentation
    pair = (functional, presentation)
    months = [
        month
        for account, treatment in rates.treatments.items()
        if isinstance(treatment, Monthly) and chart.kind(account) in RESULT
        for month in treatment.months
        if month.period in sale.before
    ]
    earned = -sum(month.amount for month in months)
    profit = -sum(convert_one(month.amount, month.quote, *pair) for month in months)
    flows = [flow for flow in translation.flows if not flow.label.startswith("result")]
    known = translation.opening_net_assets + earned
    net_assets = convert_one(sale.net_assets, sale.quote, *pair)
    cta = 0
    if translation.foreign:
        later = flows_after(flows, sale.net_assets - known, pair)
        if later is None:
            raise DayUnexplained(sale.entity, functional, known, sale.net_assets)
        # As it was translated: closing net assets without result, CTA and what came after.
        equity = translation.net_assets - translation.net_income - translation.cta.closing - later
        cta = net_assets - equity - profit
    return Day(net_assets, cta, profit)


def flows_after(flows: Sequence[Flow], before: int, pair: tuple[str, str]) -> int | None:
    """
    What came after a day until which *before* had come, presentation currency.

    Flows carry no day, so the amounts have to say which they are. Dividends and capital are
    few; the sums that some of them come to are kept, and not the ways to get there.

    Returns:
        None: no flows explain it, several do with different figures, or capital was paid in
        afterwards, in which outsiders would share at a share they did not have.
    """
    whole = sum(convert_one(flow.amount, flow.quote, *pair) for flow in flows)
    reached: dict[int, set[tuple[int, bool]]] = {0: {(0, True)}}
    for flow in flows:
        moved = convert_one(flow.amount, flow.quote, *pair)
        grown: dict[int, set[tuple[int, bool]]] = {}
        for amount, ways in reached.items():
            grown.setdefault(amount, set()).update(
                (t, fine and flow.amount <= 0) for t, fine in ways
            )
            grown.setdefault(amount + flow.amount, set()).update(
                (t + moved, fine) for t, fine in ways
            )
        reached = grown
    found = {whole - translated for translated, fine in reached.get(before, ()) if fine}
    return found.pop() if len(found) == 1 else None


def reattribute(
    sale: PartialDisposal,
    day: Day,
    chart: Chart,
    currency: str,
    number: int = 0,
    dealing: Dealt | None = None,
) -> tuple[Reattribution, Entry]:
    """
    Give outsiders the share they bought, and the owners' equity the difference to the price.

    The holder's own gain is undone. The share sold of net assets goes to outsiders, and
    with it the same share of the CTA; nothing goes through the result. *number* counts the
    sales before it in the period, of the same company. *dealing* says what the owners had of
    what was sold, and of the price; None: all of it. Of a company that is held through the one
    whose shares were sold the same part goes, without a price of its own.

    Source:
        IFRS 10.23, 10.B96; IAS 21.48C; ASC 810-10-45-23.
    """
    part, above = (dealing.part, dealing.above) if dealing else (sale.share, NOBODY)
    if not sale.through:
        check_sale(sale, chart, currency)
    made = Reattribution(
        entity=sale.entity,
        proceeds=sale.proceeds,
        net_assets=day.net_assets,
        cta=day.cta,
        nci=share_of(day.net_assets, part),
        cta_reattributed=share_of(day.cta, part),
        passed=share_of(sale.proceeds, above),
        through=sale.through,
    )
    roles = chart.roles
    amounts = (
        (sale.investment_account, sale.cost, sale.holder),
        (sale.gain_account, sale.separate_gain, sale.holder),
        (roles.nci, -made.nci, sale.entity),
        (roles.cta, made.cta_reattributed, sale.entity),
        (roles.nci, -made.passed, sale.holder),
        (roles.retained_earnings, -made.adjustment, sale.holder),
    )
    entry = Entry(
        id=f"PDISP{number + 1 if number else ''}-{sale.entity}",
        layer=LayerName.ELIMINATION,
        kind="partial_disposal",
        reason="entries.indirect-disposal" if sale.through else "entries.partial-disposal",
        standard="IFRS 10.B96",
        currency=currency,
        lines=tuple(EntryLine(*each) for each in amounts if each[1]),
        entity=sale.entity,
        reference=sale.through,
    )
    return made, entry


def changed(made: Reattribution, day: Day, before: Day, was: Fraction, cta_opening: int) -> Changed:
    """
    What outsiders shared in at their old share, up to the day.

    Args:
        made: What the sale moved.
        day: The day.
        before: The change before it in the period; nil when there was none.
        was: Their share since then.
        cta_opening: The CTA as the period opened, when there was none; else nil.
    """
    return Changed(
        was=was,
        profit=day.profit - before.profit,
        cta=day.cta - before.cta - cta_opening,
        recognised=made.nci,
    )


def carry_settled(
    sales: Sequence[PartialDisposal | StepAcquisition], chart: Chart, currency: str
) -> list[Entry]:
    """
    Put back what sales of earlier periods took off their holders' investments.

    What outsiders got then is in what they opened with; the holder's gain is in its
    retained earnings. Net of the price, the owners' equity is left as it was closed. Of a
    step to control the interest held before comes at its fair value, from what it cost.

    Source:
        IFRS 10.23, 10.B96; IFRS 3.42.
    """
    entries, roles = [], chart.roles
    for number, sale in enumerate(sales, 1):
        if isinstance(sale, PartialDisposal) and sale.through:
            continue
        amounts: tuple[tuple[str, int], ...]
        if isinstance(sale, StepAcquisition):
            amounts = (
                (sale.investment_account, sale.fair_value),
                (sale.associate_account, -sale.cost),
                (roles.retained_earnings, sale.cost - sale.fair_value),
            )
            prefix, reason, standard = "STEP", "entries.settled-step", "IFRS 3.42"
        else:
            amounts = (
                (sale.investment_account, sale.cost),
                (roles.retained_earnings, -sale.cost),
            )
            prefix, reason, standard = "PDISP", "entries.settled-sale", "IFRS 10.B96"
        lines = tuple(EntryLine(*each, sale.holder) for each in amounts if each[1])
        if lines:
            entries.append(
                Entry(
                    id=f"{prefix}-{sale.entity}-{sale.on or number}",
                    layer=LayerName.ELIMINATION,
                    kind="settled_sale",
                    reason=reason,
                    standard=standard,
                    currency=currency,
                    lines=lines,
                    entity=sale.entity,
                )
            )
    return entries


def clear_retranslation(gone: Iterable[Retranslated], chart: Chart, currency: str) -> list[Entry]:
    """
    Take out of a holder's CTA what the retranslation of a sold investment left there.

    While it was carried, that was eliminated; its books show it as gain now, in retained
    earnings at the rate of the day.

    Source:
        IAS 21.39(a), 21.48.
    """
    return [
        Entry(
            id=f"GONE-{each.entity}-{each.holder}",
            layer=LayerName.ELIMINATION,
            kind="settled_sale",
            reason="entries.settled-retranslation",
            standard="IAS 21.48",
            currency=currency,
            lines=(
                EntryLine(chart.roles.cta, each.amount, each.holder),
                EntryLine(chart.roles.retained_earnings, -each.amount, each.holder),
            ),
            entity=each.holder,
            reference=each.entity,
        )
        for each in gone
    ]
