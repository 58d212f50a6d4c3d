"""Associates by the equity method: carried in their currency, translated, entered."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from monthclose.consolidation.attributable import Attributable
from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.ledger.accounts import Chart
from monthclose.ledger.associates import (
    Associate,
    AssociateHolder,
    AssociateTwice,
    Direction,
    Equity,
)
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import rounded, share_of
from monthclose.ledger.rates import convert_one, ratio_of
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
        entries.append(enter(associate, equity, chart, presentation))
        attributable.append(
            Attributable(
                associate.holder,
                retained=associate.opening_result,
                profit=equity.income - equity.received,
                cta=equity.cta,
            )
        )
    return held, entries, attributable


def _check_books(
    associates: Iterable[Associate],
    translations: Mapping[str, Translation],
    chart: Chart,
    presentation: str,
) -> None:
    """Hold the records against each other and against the books of the holders."""
    known: dict[tuple[str, str], int] = {}
    for each in associates:
        holder = translations.get(each.holder)
        if holder is None or holder.foreign:
            raise AssociateHolder(each.investee, each.holder, presentation)
        if each.book_balance != each.cost_presentation:
            raise InvestmentMismatch(
                each.holder, each.account, presentation, each.cost_presentation, each.book_balance
            )
        key = (each.holder, each.account)
        known[key] = known.get(key, 0) + each.book_balance
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
    beyond what came before, the result at average and the dividends at their day's rate.

    Source:
        IAS 28.32, 28.38-39; ASC 323-10-35-19.
    """
    pair = (associate.currency, presentation)
    share = share_of(associate.result, associate.share)
    dividends = share_of(associate.dividends, associate.share)
    reached = associate.opening - dividends + share - associate.opening_losses
    carrying, losses = max(0, reached), max(0, -reached)
    recognised = carrying - associate.opening + dividends
    income = convert_one(recognised, associate.average, *pair)
    received = convert_one(dividends, associate.dividend_quote, *pair)
    closing = convert_one(carrying, associate.closing, *pair)
    opened = associate.cost_presentation + associate.opening_result + associate.opening_cta
    eliminated = downstream = 0
    if unrealised := associate.unrealised:
        net = associate.share * (1 - unrealised.tax_rate)
        eliminated = share_of(unrealised.amount, net)
        downstream = eliminated if unrealised.direction is Direction.DOWNSTREAM else 0
    return Equity(
        investee=associate.investee,
        holder=associate.holder,
        account=associate.account,
        goodwill=associate.cost - share_of(associate.net_assets, associate.share),
        share_of_result=share,
        recognised=recognised,
        losses=losses,
        dividends=dividends,
        carrying=carrying,
        income=income - eliminated,
        eliminated=eliminated,
        received=received,
        carrying_presentation=closing - downstream,
        opening_result=associate.opening_result,
        cta=Rollforward(associate.opening_cta, closing - opened - income + received),
        proof=prove(associate, recognised, dividends, presentation),
    )


def prove(associate: Associate, recognised: int, dividends: int, presentation: str) -> CtaProof:
    """
    Prove the movement of an associate's CTA from its causes, as of any foreign operation.

    Args:
        associate: With its rates.
        recognised: Share of the result, associate's currency.
        dividends: Share of the dividends, associate's currency, positive.
        presentation: The presentation currency.

    Source:
        IAS 21.41, 21.44.
    """
    pair = (associate.currency, presentation)
    closing = ratio_of(associate.closing, *pair)
    exact = Fraction(0)
    components = []
    for label, amount, quote in (
        ("opening_carrying_amount", associate.opening, associate.opening_quote),
        ("result", recognised, associate.average),
        ("dividends", -dividends, associate.dividend_quote),
    ):
        # What is nil needs no rate: nobody looks one up for dividends that were not declared.
        part = amount * (closing - ratio_of(quote, *pair)) if amount else Fraction(0)
        components.append(ProofComponent(label, quote, rounded(part)))
        exact += part
    return CtaProof(tuple(components), rounded(exact))


def enter(associate: Associate, equity: Equity, chart: Chart, presentation: str) -> Entry:
    """
    Make the entry that takes an associate from cost to its carrying amount.

    Source:
        IAS 28.10; IAS 21.44.
    """
    holder, roles = associate.holder, chart.roles
    lines = [
        (associate.account, equity.carrying_presentation - associate.book_balance),
        (associate.dividend_account, equity.received),
        (associate.result_account, -equity.income),
        (roles.retained_earnings, -equity.opening_result),
        (roles.cta, -equity.cta.closing),
    ]
    unrealised = associate.unrealised
    if unrealised and unrealised.direction is Direction.UPSTREAM:
        lines.append((unrealised.asset_account, -equity.eliminated))
    return Entry(
        id=f"EQM-{associate.investee}",
        layer=LayerName.ELIMINATION,
        kind="equity_method",
        reason="entries.equity-method",
        standard="IAS 28.10",
        currency=presentation,
        lines=tuple(EntryLine(*each, holder) for each in lines if each[1]),
        entity=associate.investee,
    )
