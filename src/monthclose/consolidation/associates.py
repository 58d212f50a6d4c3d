"""Associates by the equity method: carried in their currency, translated, entered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil

from monthclose.consolidation.associate_sales import Selling, enter_sales, in_sequence
from monthclose.consolidation.attributable import Attributable
from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.associate_sales import AssociateSold
from monthclose.ledger.associates import (
    Associate,
    AssociateHolder,
    AssociateTwice,
    Direction,
    Distribution,
    Earned,
    Equity,
    EquityMonth,
)
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import rounded, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, convert_one, ratio_of
from monthclose.ledger.translations import CtaProof, ProofComponent, Rollforward, Translation


def equity_account(
    associates: Iterable[Associate],
    translations: Mapping[str, Translation],
    chart: Chart,
    presentation: str,
) -> tuple[dict[str, Equity], list[Entry], list[Attributable]]:
    """
    Bring every associate from cost to the equity method.

    Args:
        associates: Of the period.
        translations: Of every consolidated company, by code.
        chart: Names the accounts.
        presentation: The presentation currency.

    Returns:
        What it came to, by associate; the entries; and what each holder bears.

    Raises:
        AssociateHolder: a holder that is not consolidated, or not in *presentation*.
        AssociateTwice: an associate is recorded twice.
        InvestmentMismatch: the holder carries another amount than the records.

    Source:
        IAS 28.10, 28.28, 28.38-39; IAS 21.44; ASC 323-10-35.
    """
    held: dict[str, Equity] = {}
    entries, attributable = [], []
    associates = sorted(associates, key=lambda each: each.investee)
    _check_books(associates, translations, chart, presentation)
    for associate in associates:
        if associate.investee in held:
            raise AssociateTwice(associate.investee)
        equity = carry(associate, presentation)
        held[associate.investee] = equity
        if entry := enter(associate, equity, chart, presentation):
            entries.append(entry)
        if associate.sales:
            entries += enter_sales(associate, equity, chart, presentation)
        attributable.append(
            Attributable(
                associate.holder,
                retained=associate.opening_result,
                profit=equity.income - equity.received + equity.made_good,
                cta=equity.cta,
                reserves=((associate.oci_account, equity.oci),) if associate.oci_account else (),
                released=((associate.oci_account, equity.oci_released),) if equity.sales else (),
            )
        )
    return held, entries, attributable


def bought_as_associates(associates: Iterable[Associate]) -> list[Acquisition]:
    """How holders came to their associates, in the order in which cents of an account go."""
    bought = (each for associate in associates for each in associate.acquisitions)
    return sorted(bought, key=lambda each: (each.on or date.min, each.id))


def _check_books(
    associates: Iterable[Associate],
    translations: Mapping[str, Translation],
    chart: Chart,
    presentation: str,
) -> None:
    """Hold the records against each other and against the books of the holders."""
    known: dict[tuple[str, str], int] = {}
    for each in associates:
        if each.acquisitions:
            continue  # its cost has been found in the holder's books like any investment
        holder = translations.get(each.holder)
        if holder is None or holder.foreign:
            raise AssociateHolder(each.investee, each.holder, presentation)
        if each.book_balance != each.cost_presentation:
            raise InvestmentMismatch(
                each.holder, each.account, presentation, each.cost_presentation, each.book_balance
            )
        key = (each.holder, each.account)
        left = each.book_balance - sum(sale.cost for sale in each.sales)
        known[key] = known.get(key, 0) + left
    for (code, account), amount in known.items():
        holder = translations[code]
        lines = chart.slots(holder.accounts, code).lines.get(account, ())
        booked = sum(int(holder.reported[line]) for line in lines)
        if booked != amount:
            raise InvestmentMismatch(code, account, presentation, amount, booked)


def carry(associate: Associate, presentation: str) -> Equity:
    """
    Carry an associate through the period in its own currency, then translate.

    The carrying amount does not fall below nil: what a loss (or a dividend) would take
    further is kept off the books, and later profits are recognised only after it is made
    up for. Goodwill stays inside. The CTA is what the carrying amount at closing holds
    beyond what came before, each month's result at its average and the dividends at their
    day's rate.

    Source:
        IAS 28.10, 28.32, 28.38-39; ASC 323-10-35-19.
    """
    pair = (associate.currency, presentation)
    months, distributions = _in_full(associate, presentation)
    standing = _Standing(associate.opening, associate.opening_losses)
    made = []
    selling = Selling(associate, presentation) if associate.sales else None
    for earned in months:
        tranches = [each for each in associate.tranches if _in_month(each.on, earned)]
        if selling:
            selling.until(standing, Period.parse(earned.period).first_day)
            selling.add(sum(each.cost for each in tranches))
        standing.carrying += sum(each.amount for each in tranches)
        paid = sum(each.amount for each in distributions if _in_month(each.on, earned))
        result = standing.move(earned.result - paid) + paid
        oci = standing.move(earned.oci)
        at_average = (convert_one(each, earned.quote, *pair) for each in (result, oci))
        made.append(EquityMonth(earned, result, oci, *at_average))
        if selling:
            paid = sum(each.received for each in distributions if _in_month(each.on, earned))
            selling.add(made[-1].income - paid, made[-1].oci_presentation)
    if selling:
        selling.until(standing)
    sold = tuple(selling.made) if selling else ()
    income = sum(each.income for each in made)
    reserve = sum(each.oci_presentation for each in made)
    received = sum(each.received for each in distributions)
    closing = convert_one(standing.carrying, associate.closing, *pair)
    opened = associate.cost_presentation + associate.opening_result
    opened += associate.opening_oci + associate.opening_cta
    left = sum(each.carrying - each.cta_recycled for each in sold)
    eliminated = downstream = 0
    if unrealised := associate.unrealised:
        net = associate.share * (1 - unrealised.tax_rate)
        eliminated = share_of(unrealised.amount, net)
        downstream = eliminated if unrealised.direction is Direction.DOWNSTREAM else 0
    acquired = associate.acquired
    if acquired is None:
        acquired = share_of(associate.net_assets, associate.share)
    return Equity(
        investee=associate.investee,
        holder=associate.holder,
        account=associate.account,
        goodwill=associate.cost - acquired - associate.goodwill_sold,
        share_of_result=sum(each.result for each in months),
        recognised=sum(each.result for each in made),
        losses=standing.losses,
        dividends=sum(each.amount for each in distributions),
        carrying=standing.carrying,
        income=income - eliminated,
        eliminated=eliminated,
        received=received,
        carrying_presentation=closing - downstream,
        opening_result=associate.opening_result,
        cta=Rollforward(
            associate.opening_cta, closing + left - opened - income - reserve + received
        ),
        proof=prove(associate, made, distributions, presentation, sold),
        months=tuple(made),
        oci=Rollforward(associate.opening_oci, reserve - sum(each.oci for each in sold)),
        # The carrying amount at both ends, and each amount in between.
        rounded_amounts=2
        + sum(1 + bool(each.oci) for each in made)
        + len(distributions)
        + len(associate.tranches)
        + 3 * len(sold)  # what was carried on the day, what of it was sold, what was recycled
        + sum(ceil(ratio_of(each, *pair)) - 1 for each in _across(associate)),
        sales=sold,
    )


class _Standing:
    """
    A carrying amount on its way through the months.

    Attributes:
        carrying: Never below nil.
        losses: What it would have fallen further, positive.
    """

    def __init__(self, carrying: int, losses: int) -> None:
        self.carrying, self.losses = carrying, losses

    def move(self, by: int) -> int:
        """Move the carrying amount by what is recognised of *by*, and say how much that is."""
        was = self.carrying
        if by < 0:
            self.carrying = max(0, was + by)
            self.losses += self.carrying - (was + by)
        else:
            made_up = min(by, self.losses)
            self.losses -= made_up
            self.carrying += by - made_up
        return self.carrying - was


def _in_month(on: date | None, earned: Earned) -> bool:
    """Whether a day is of a month; what has no day is of the only month there is."""
    return on is None or str(Period.of(on)) == earned.period


def _in_full(
    associate: Associate, presentation: str
) -> tuple[tuple[Earned, ...], tuple[Distribution, ...]]:
    """The months and the dividends: as recorded, or one of each that stands for the period."""
    if associate.months or associate.acquisitions:  # sold as the period opened, it has none
        return associate.months, associate.distributions
    share = share_of(associate.result, associate.share)
    paid = share_of(associate.dividends, associate.share)
    received = convert_one(paid, associate.dividend_quote, associate.currency, presentation)
    return (
        (Earned("", associate.share, share, 0, associate.average),),
        (
            Distribution(
                paid, associate.dividend_quote, received, associate.dividend_account, received
            ),
        ),
    )


def prove(
    associate: Associate,
    months: Sequence[EquityMonth],
    distributions: Iterable[Distribution],
    presentation: str,
    sold: Sequence[AssociateSold] = (),
) -> CtaProof:
    """
    Prove the movement of an associate's CTA from its causes, as of any foreign operation.

    Args:
        associate: With its rates.
        months: What was recognised.
        distributions: Its dividends, the holder's part.
        presentation: The presentation currency.
        sold: What sales of shares did.

    Source:
        IAS 21.41, 21.44, 21.48C.
    """
    pair = (associate.currency, presentation)
    closing = ratio_of(associate.closing, *pair)
    moves: list[tuple[str, int, Quote | None, str]] = [
        ("opening_carrying_amount", associate.opening, associate.opening_quote, ""),
        *(("purchase", each.amount, each.quote, _month(each.on)) for each in associate.tranches),
        *(("result", each.result, each.earned.quote, each.earned.period) for each in months),
        *(("dividends", -each.amount, each.quote, _month(each.on)) for each in distributions),
        *(("oci", each.oci, each.earned.quote, each.earned.period) for each in months if each.oci),
    ]
    parts: dict[str, Fraction] = {"opening_carrying_amount": Fraction(0)}
    parts |= {label: Fraction(0) for label in ("result", "dividends")}
    quotes: dict[str, set[Quote | None]] = {}
    recycled = Fraction(0)
    if sold:
        rates = [ratio_of(sale.quote, *pair) for sale in associate.sales]
        caused = ((on, amount, ratio_of(quote, *pair)) for _, amount, quote, on in moves if amount)
        sales = zip(associate.sales, sold, rates, strict=True)
        recycled = sum(in_sequence(caused, sales, associate.opening_cta), recycled)
        moves += [
            ("sale", -made.carried, sale.quote, "")
            for sale, made in zip(associate.sales, sold, strict=True)
        ]
    for label, amount, quote, _ in moves:
        # What is nil needs no rate: nobody looks one up for dividends that were not declared.
        part = amount * (closing - ratio_of(quote, *pair)) if amount else Fraction(0)
        parts[label] = parts.get(label, Fraction(0)) + part
        quotes.setdefault(label, set()).add(quote)
    if sold:
        parts["recycled"] = -recycled
    components = tuple(
        ProofComponent(label, next(iter(of_it)) if len(of_it) == 1 else None, rounded(part))
        for label, part in parts.items()
        for of_it in (quotes.get(label, {None}),)
    )
    return CtaProof(components, rounded(sum(parts.values(), Fraction(0))))


def _across(associate: Associate) -> Iterator[Quote | None]:
    """
    The rates of purchases of the period that were paid in another currency.

    Their cost in the associate's was rounded there: to half a cent that may be worth more
    than half of one in the presentation currency.
    """
    for each in associate.acquisitions:
        if each.in_period and each.quote != each.investment_quote:
            yield each.quote


def _month(on: date | None) -> str:
    """The month of a day; what has no day is of the only month there is."""
    return "" if on is None else str(Period.of(on))


def enter(associate: Associate, equity: Equity, chart: Chart, presentation: str) -> Entry | None:
    """
    Make the entry that takes an associate from cost to its carrying amount; None: it is at cost.

    What was sold in the period is still in it: the entries of the sales take it out.

    Source:
        IAS 28.10; IAS 21.44.
    """
    holder, roles = associate.holder, chart.roles
    received: dict[str, int] = {}
    for each in _in_full(associate, presentation)[1]:
        received[each.account] = received.get(each.account, 0) + each.received
    lines = [
        (
            associate.account,
            equity.carrying_presentation + equity.carrying_sold - associate.book_balance,
        ),
        *received.items(),
        (associate.result_account, -equity.income),
        (associate.oci_account, -equity.oci.closing - equity.oci_sold),
        (roles.retained_earnings, -equity.opening_result),
        (roles.cta, -equity.cta.closing - equity.cta_recycled),
    ]
    unrealised = associate.unrealised
    if unrealised and unrealised.direction is Direction.UPSTREAM:
        lines.append((unrealised.asset_account, -equity.eliminated))
    posted = tuple(EntryLine(*each, holder) for each in lines if each[1])
    if not posted:
        return None
    return Entry(
        id=f"EQM-{associate.investee}",
        layer=LayerName.ELIMINATION,
        kind="equity_method",
        reason="entries.equity-method",
        standard="IAS 28.10",
        currency=presentation,
        lines=posted,
        entity=associate.investee,
    )
