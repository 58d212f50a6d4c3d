"""From dated records to what one month needs: rates found, history added up, nothing guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from monthclose.consolidation.corrections import corrected
from monthclose.consolidation.day_rates import dated_items, rate_of_sale
from monthclose.consolidation.dividends import dividend_layer, dividends_of
from monthclose.consolidation.reductions import check_reduced
from monthclose.consolidation.transfers import Part, add_moves, take_along
from monthclose.ledger.accounts import EQUITY, POSITION, RESULT, AccountClass
from monthclose.ledger.acquisitions import Acquisition, Contribution
from monthclose.ledger.balances import (
    CarriedForward,
    Layer,
    Layers,
    OpeningPosition,
    PeriodRates,
    Treatment,
    TrialBalance,
)
from monthclose.ledger.entities import Entity
from monthclose.ledger.equity import OciMovement
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.money import Money, apart
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, Quote, convert_one
from monthclose.ledger.translations import Translation

_WITH_HISTORY = EQUITY | {AccountClass.DIVIDENDS}


class EquityUnexplained(CloseError):
    """An equity account holds another amount than its known history adds up to."""

    code = "equity-unexplained"

    def __init__(
        self, entity: str, period: str, account: str, currency: str, known: int, booked: int
    ) -> None:
        super().__init__(
            entity=entity,
            period=period,
            account=account,
            **apart(currency, known, booked),
        )


class OpeningMissing(CloseError):
    """A company with a past starts without its cumulative translation adjustment."""

    code = "opening-missing"

    def __init__(self, entity: str, account: str, period: str, implied: Money) -> None:
        super().__init__(entity=entity, account=account, period=period, implied=implied)


class OpeningNotEquity(CloseError):
    """An opening of an asset or a liability, which come with the balances."""

    code = "opening-not-equity"

    def __init__(self, entity: str, account: str, kind: str) -> None:
        super().__init__(entity=entity, account=account, kind=kind)


@dataclass(frozen=True, slots=True)
class Carried:
    """
    What an entity brings into the first month of a roll-forward.

    Attributes:
        start: That month.
        accounts: Functional and translated amount by account, debit positive.
        cta: Cumulative CTA, presentation currency, a gain is positive; None: not stated.
        nci: Outsiders, credit positive; None: not stated.
        restated: Non-monetary assets and liabilities of a company with a price index, as
            loaded: functional, restated to the last close, and translated.
    """

    start: Period
    accounts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    cta: int | None = None
    nci: int | None = None
    restated: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def carried_from_openings(group: Group, entity: Entity, start: Period) -> Carried:
    """Take what the close before the first month left behind, as loaded."""
    accounts: dict[str, tuple[int, int]] = {}
    restated: dict[str, tuple[int, int]] = {}
    cta = nci = None
    for row in group.openings_of.get(entity.code, ()):
        kind = group.chart.kind(row.account)
        if kind is AccountClass.CTA:
            cta = -row.translated
        elif kind is AccountClass.NCI:
            nci = -row.translated
        elif kind in POSITION and entity.index:
            restated[row.account] = (row.functional or 0, row.translated)
        elif kind in POSITION:
            raise OpeningNotEquity(entity.code, row.account, kind.value)
        else:
            accounts[row.account] = (row.functional or 0, row.translated)
    return Carried(start, accounts, cta, nci, restated)


def carried_from_close(group: Group, last: Translation, nci: int | None = None) -> Carried:
    """Carry the last month of a fiscal year into the next: the result becomes retained."""
    chart = group.chart
    retained = chart.roles.retained_earnings
    accounts: dict[str, tuple[int, int]] = {}
    for code, reported, translated in zip(last.accounts, last.reported, last.amounts, strict=True):
        kind = chart.kind(code)
        if kind in (AccountClass.ASSET, AccountClass.LIABILITY):
            continue
        account = retained if kind in RESULT or kind is AccountClass.DIVIDENDS else code
        if code == chart.roles.result_before:
            account = retained  # the books have closed it with the rest of its year
        was = accounts.get(account, (0, 0))
        accounts[account] = (was[0] + int(reported), was[1] + int(translated))
    start = Period.parse(last.period).plus(1)
    return Carried(start, accounts, last.cta.closing if last.foreign else None, nci)


def quote_for(
    group: Group, currency: str, kind: str, when: Period | None, acquired: Acquisition | None = None
) -> Quote | None:
    """
    Find a closing or average quote of a month, or the rate of an acquisition's day.

    Raises:
        MissingRate: nothing was loaded for it.
    """
    if currency == group.presentation:
        return None
    rates, presentation = group.rates, group.presentation
    if acquired is not None and acquired.on is not None:
        quote, day = rates.historical(currency, presentation, acquired.on), str(acquired.on)
    elif when is None:
        return None
    elif kind == "average":
        quote, day = rates.average(currency, presentation, when), str(when)
    else:
        quote, day = rates.closing(currency, presentation, when.last_day), str(when.last_day)
    if quote is None:
        raise MissingRate(
            currency, presentation, kind, day, acquired.id if acquired else group.code
        )
    return quote


def entity_facts(
    group: Group, entity: Entity, balance: TrialBalance, carried: Carried
) -> tuple[PeriodRates, OpeningPosition]:
    """
    Resolve one entity's month: its quotes, its equity's history, where it started.

    Raises:
        MissingRate: a quote was not loaded.
        EquityUnexplained: an equity account is not the sum of its known history.
        OpeningMissing: the entity has a past, and its CTA was not stated.
    """
    period = Period.parse(balance.period)
    day = group.reported(entity.code, period)  # the end of this month is its reporting date
    opened = group.reported(entity.code, carried.start.plus(-1))
    presentation = group.presentation
    if entity.code in group.reductions_of:
        check_reduced(group, entity, balance)
    if entity.currency == presentation:
        paid: dict[str, list[Layer]] = {}
        for _, account, layer in _paid_in(group, entity, period, carried):
            paid.setdefault(account, []).append(layer)
        layers: dict[str, Treatment] = {a: Layers(tuple(each)) for a, each in paid.items()}
        for _, account, error in corrected(group, entity, period, carried.start):
            opens = layers.get(account)
            if not isinstance(opens, CarriedForward):
                opens = CarriedForward(carried.accounts.get(account, (0, 0))[1])
            layers[account] = replace(opens, restated=(*opens.restated, error))
        retained = None
        if carried.accounts:
            chart, kept = group.chart, AccountClass.RETAINED_EARNINGS
            earned = [both[1] for a, both in carried.accounts.items() if chart.kind(a) is kept]
            retained = -sum(earned)
        position = OpeningPosition(entity.code, 0, None, 0, carried.nci, retained)
        return PeriodRates(presentation, treatments=layers), position
    known = _history(group, entity, period, carried)
    if not entity.index:  # of restated equity the monetary position tells whether it is whole
        _check_history(group, entity, balance, known)
    opening_quote = None
    if known.base is not None:
        opening_quote = quote_for(group, entity.currency, "historical", None, known.base)
    elif known.opening_net_assets or carried.accounts:  # goodwill opens too, whatever is left
        opening_quote = quote_for(group, entity.currency, "closing", opened)
    else:  # nothing to prove, but an investment or goodwill may still need it
        opening_quote = group.rates.closing(entity.currency, presentation, opened.last_day)
    rates = PeriodRates(
        presentation=presentation,
        opening=opening_quote,
        average=quote_for(group, entity.currency, "average", day),
        closing=rate_of_sale(group, entity, period)
        or quote_for(group, entity.currency, "closing", day),
        previous=group.rates.closing(
            entity.currency, presentation, group.reported(entity.code, period.plus(-1)).last_day
        ),
        treatments=known.treatments | dated_items(group, entity, balance, period),
        result_label=f"result {day}",
    )
    position = OpeningPosition(
        entity=entity.code,
        net_assets=known.opening_net_assets,
        quote=opening_quote,
        cta=_opening_cta(group, entity, carried, known, opening_quote),
        nci=carried.nci,
        growth=_growth(group, entity, period, carried, known),
        year_so_far=_year_so_far(group, carried),
    )
    return rates, position


def _growth(
    group: Group, entity: Entity, period: Period, carried: Carried, known: "_History"
) -> Fraction:
    """What a unit of the opening net assets is worth now: one without a price index."""
    since = known.base.on if known.base else carried.start.plus(-1).last_day
    return Fraction(1) if since is None else group.growth(entity, since, period)


def _year_so_far(group: Group, carried: Carried) -> int:
    """Result less dividends that the openings hold, presentation currency, credit positive."""
    chart = group.chart
    return -sum(both[1] for a, both in carried.accounts.items() if chart.kind(a) not in EQUITY)


@dataclass(frozen=True, slots=True)
class _History:
    """
    An entity's equity as far as records explain it.

    Attributes:
        treatments: By account.
        functional: What they add up to, by account, debit positive.
        opening_net_assets: Functional, at the start of the roll-forward.
        opening_translated: The same equity as it was translated, credit positive.
        base: The acquisition of the roll-forward's own time that brought the entity in.
    """

    treatments: dict[str, Treatment]
    functional: dict[str, int]
    opening_net_assets: int
    opening_translated: int
    base: Acquisition | None


def _history(group: Group, entity: Entity, period: Period, carried: Carried) -> _History:
    """Add up what is carried, what was bought, what was paid in and paid out."""
    bought, base = _bought(group, entity, period, carried)
    dated = [*bought, *_paid_in(group, entity, period, carried)]
    errors = corrected(group, entity, period, carried.start)
    parts: dict[str, list[Layer]] = {}
    for _, account, layer in dated:
        parts.setdefault(account, []).append(layer)
    wrong: dict[str, list[Layer]] = {}
    for _, account, layer in errors:
        wrong.setdefault(account, []).append(layer)
    inside = take_along(group, entity, period, carried.start, carried.accounts, [*dated, *errors])
    moved, gone, before = add_moves(inside, carried.start)
    treatments: dict[str, Treatment] = {}
    functional: dict[str, int] = {}
    net_assets, opening_translated = -before[0], -before[1]
    for account in {**carried.accounts, **parts, **moved, **wrong}:
        was, translated = carried.accounts.get(account, (0, 0))
        layers = tuple(parts.get(account, ()))
        opened = [layer for layer in layers if not layer.flow]
        net_assets -= was + sum([layer.amount for layer in opened])
        opening_translated -= translated + sum(
            convert_one(layer.amount, layer.quote, entity.currency, group.presentation)
            for layer in opened
        )
        if group.chart.kind(account) in RESULT:
            continue
        came, took_along = moved.get(account, (0, 0))
        restated = tuple(wrong.get(account, ()))
        functional[account] = was + sum(layer.amount for layer in (*layers, *restated)) + came
        left_here = tuple(gone.get(account, ()))
        treatments[account] = CarriedForward(translated, layers, took_along, restated, left_here)
    if declared := dividends_of(group, entity, period, carried.start):
        account = group.chart.roles.dividends
        treatments[account] = Layers(
            tuple(dividend_layer(group, entity, each, period) for each in declared)
        )
        functional[account] = sum(each.amount for each in declared)
    return _History(treatments, functional, net_assets, opening_translated, base)


def _bought(
    group: Group, entity: Entity, period: Period, carried: Carried
) -> tuple[list[Part], Acquisition | None]:
    """
    Equity that acquisitions found, at the rates of their days.

    Returns:
        The parts by account; and the acquisition that brought the entity in since the
        roll-forward began, which is then where it begins.
    """
    since = carried.start.first_day
    bought = sorted(
        (a for a in group.acquisitions_of.get(entity.code, ()) if a.on is not None),
        key=lambda each: (each.on or since, each.id),
    )
    parts: list[Part] = []
    base = None
    for acquisition in bought:
        if acquisition.on is None or acquisition.on > period.last_day:
            continue
        earlier = acquisition.on < since
        if earlier and carried.accounts:
            continue  # what is carried forward contains it
        if not earlier and acquisition is bought[0]:
            base = acquisition
        quote = quote_for(group, entity.currency, "historical", None, acquisition)
        flow = not earlier and acquisition is not base
        label = f"{acquisition.kind} {acquisition.on}"
        year = group.fiscal_year.start
        own = year(Period.of(acquisition.on)) == year(carried.start)
        roles = group.chart.roles
        for account, amount in acquisition.equity.items():
            # In the next year the books have closed the result before into the rest.
            closed = account == roles.result_before and not own
            into = roles.retained_earnings if closed else account
            grown = group.growth(entity, acquisition.on, period)
            layer = Layer(amount, quote, label, flow, acquired=True, growth=grown)
            parts.append((acquisition.on, into, layer))
    return parts, base


def dated_parts(group: Group, entity: Entity, period: Period, carried: Carried) -> list[Part]:
    """Equity that acquisitions found, capital paid in, corrections: dated, at their rates."""
    bought, _ = _bought(group, entity, period, carried)
    dated = [*bought, *_paid_in(group, entity, period, carried)]
    return dated + corrected(group, entity, period, carried.start)


def _paid_in(group: Group, entity: Entity, period: Period, carried: Carried) -> list[Part]:
    """Capital paid in and other comprehensive income, at the rates of their days."""
    parts: list[Part] = []
    came: list[Contribution | OciMovement] = [*group.contributions_of.get(entity.code, ())]
    came += group.recognised_of.get(entity.code, ())
    for paid in came:
        earlier = paid.on < carried.start.first_day
        if paid.on > period.last_day or (earlier and carried.accounts):
            continue
        quote = paid.quote
        if quote is None and entity.currency != group.presentation:
            quote = group.rates.historical(entity.currency, group.presentation, paid.on)
            if quote is None:
                raise MissingRate(
                    entity.currency, group.presentation, "historical", str(paid.on), entity.code
                )
        name = "contribution" if isinstance(paid, Contribution) else "oci"
        grown = group.growth(entity, paid.on, period)
        layer = Layer(-paid.amount, quote, f"{name} {paid.on}", not earlier, growth=grown)
        parts.append((paid.on, paid.account, layer))
    return parts


def _check_history(group: Group, entity: Entity, balance: TrialBalance, known: _History) -> None:
    """Hold every equity account of the balance against its history."""
    chart = group.chart
    booked: dict[str, int] = dict.fromkeys(known.functional, 0)
    for line in chart.slots(balance.accounts, balance.entity).other.tolist():
        account = balance.accounts[line]
        if chart.kind(account) in _WITH_HISTORY:
            booked[account] = booked.get(account, 0) + int(balance.amounts[line])
    for account, amount in booked.items():
        if amount != (explained := known.functional.get(account, 0)):
            raise EquityUnexplained(
                entity.code, balance.period, account, balance.currency, explained, amount
            )


def _opening_cta(
    group: Group, entity: Entity, carried: Carried, known: _History, quote: Quote | None
) -> int:
    """The CTA at the start: stated, or nil for a company without a past."""
    if carried.cta is not None:
        return carried.cta
    if known.base is not None or known.opening_net_assets == 0:
        return 0
    net_assets = convert_one(known.opening_net_assets, quote, entity.currency, group.presentation)
    implied = net_assets - known.opening_translated
    raise OpeningMissing(
        entity.code,
        group.chart.roles.cta,
        str(carried.start),
        Money(-implied, group.presentation),
    )


def resolve_acquisition(group: Group, acquisition: Acquisition, start: Period) -> Acquisition:
    """
    Give an acquisition its rates and its historical cost in presentation currency.

    Raises:
        MissingRate: the rate of its day was not loaded.
    """
    currencies = group.currencies
    target, holder = currencies[acquisition.target], currencies[acquisition.acquirer]
    quote = acquisition.quote or quote_for(group, target, "historical", None, acquisition)
    holder_quote = acquisition.investment_quote or quote_for(
        group, holder, "historical", None, acquisition
    )
    cost = acquisition.investment_historical
    if cost is None:
        cost = convert_one(acquisition.investment, holder_quote, holder, group.presentation)
    year = group.fiscal_year.start
    own = acquisition.on is None or year(Period.of(acquisition.on)) == year(start)
    consideration_quote = acquisition.consideration_quote
    given = acquisition.consideration_currency
    if given not in ("", target) and consideration_quote is None and acquisition.on is not None:
        consideration_quote = group.rates.historical(given, target, acquisition.on)
        if consideration_quote is None:
            raise MissingRate(given, target, "historical", str(acquisition.on), acquisition.id)
    return replace(
        acquisition,
        quote=quote,
        investment_quote=holder_quote,
        investment_historical=cost,
        consideration_quote=consideration_quote,
        # From the next year on the books hold it in retained earnings.
        result=acquisition.result if own else {},
        in_period=acquisition.on is not None and acquisition.on >= start.first_day,
    )
