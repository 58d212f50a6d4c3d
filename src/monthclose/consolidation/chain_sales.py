"""Shares sold or bought by a holder that has outsiders of its own: what is theirs of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from monthclose.consolidation.attributable import Attributable
from monthclose.consolidation.chains import held_directly
from monthclose.consolidation.worksheet import Worksheet
from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.dealings import NOBODY, Dealt, dealt
from monthclose.ledger.equity import NciRollforward
from monthclose.ledger.events import Derecognition, Disposal, PartialDisposal
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import rounded, share_of
from monthclose.ledger.rates import ratio_of


def held_when_bought(facts: PeriodFacts) -> dict[str, Fraction]:
    """What group companies hold of each company, with what they sold and kept control."""
    held = held_directly(facts.interests)
    for sale in (*facts.settled, *facts.events):
        if isinstance(sale, PartialDisposal) and not sale.through:
            held[sale.entity] = held.get(sale.entity, NOBODY) + sale.share
    return held


@dataclass(slots=True)
class Passed:
    """
    What outsiders of a holder get of the shares it sold; presentation currency.

    Attributes:
        proceeds: Their part of the prices, an increase below nil.
        gain: What the holder booked as its own gain, which is none of the group's.
    """

    proceeds: int = 0
    gain: int = 0


def passed_on(sales: Iterable[Dealt], outsiders: Mapping[str, Fraction]) -> dict[str, Passed]:
    """
    Say what outsiders of holders get by sales that left control, by holder.

    They owned their part of what was sold, in the company below, and get it back as their
    part of the price: what that exceeds it by is their equity, as it is the owners'.

    Source:
        IFRS 10.23, 10.B96.
    """
    found: dict[str, Passed] = {}
    for each in sales:
        if each.sale.holder in outsiders and not each.sale.through:
            of_it = found.setdefault(each.sale.holder, Passed())
            of_it.proceeds += share_of(each.sale.proceeds, each.above)
            of_it.gain += each.sale.separate_gain
    return found


def without_gains(passed: Mapping[str, Passed]) -> list[Attributable]:
    """Take what holders booked as their own gain out of the result that outsiders share in."""
    return [Attributable(code, profit=-each.gain) for code, each in passed.items() if each.gain]


@dataclass(frozen=True, slots=True)
class Above:
    """
    What outsiders of a holder have in a company that it sells; presentation currency.

    Attributes:
        share: Theirs of the holder.
        below: Of the outsiders of each company that leaves, what is theirs: it stays in the
            group.
        left: The rest of it, which leaves with the company.
        cta: Of the goodwill that their holder paid for, their part of its CTA.
    """

    share: Fraction = NOBODY
    below: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    cta: int = 0


def above_of(
    sheet: Worksheet, disposal: Disposal, left: Sequence[str], outsiders: Mapping[str, Fraction]
) -> Above:
    """
    Divide the outsiders of companies that leave between those in them and those of the holder.

    Below they share in one sum at their indirect share, whatever it was before. Goodwill of
    outsiders at fair value is apart: what it was on the day of the purchase is of those who
    hold shares in the company, or paid for it above.

    Args:
        sheet: With everybody's outsiders attributed.
        disposal: Of all that the group had.
        left: The company sold, and those that leave with it.
        outsiders: The outsiders' indirect share of each company that has some.

    Source:
        IFRS 10.B94, 10.B98; IFRS 3.19.
    """
    holder, theirs = disposal.holder, outsiders.get(disposal.holder)
    whole = {code: sheet.nci[code].closing for code in left if code in sheet.nci}
    if theirs is None:
        # Entries do not say what moved between levels; of one level they say all.
        holders = {each.acquirer for each in sheet.acquisitions}
        return Above(left=whole if holders & {*left} else {})
    held = disposal.share + (disposal.retained.share if disposal.retained else 0)
    reach = {holder: Fraction(1)} | _reach(disposal.entity, held, left, sheet.facts)
    was, cta, below = held_when_bought(sheet.facts), 0, dict[str, int]()
    dealings: list[Dealt] | None = None
    for code, closing in whole.items():
        bought, shared, fixed = was[code], Fraction(closing), Fraction(0)
        for each in sheet.acquisitions:
            if each.target != code or each.acquirer not in reach:
                continue
            purchase = sheet.purchases[each.id]
            if each.nci_method != "fair_value":
                layer = purchase.goodwill_layer if each.acquirer == holder else None
                cta += layer.cta.closing if layer else 0
                continue
            rate = ratio_of(each.quote, purchase.currency, sheet.group.presentation)
            start, identifiable = purchase.goodwill_presentation, purchase.identifiable_net_assets
            own = purchase.nci_presentation - (1 - bought) * identifiable * rate
            if dealings is None:
                facts = sheet.facts
                events = (*facts.settled, *facts.events)
                dealings = dealt(sheet.entities.values(), facts.interests, events)
            direct = [e.part for e in dealings if e.sale.entity == code and not e.sale.through]
            shared += (outsiders[code] - sum(direct, NOBODY)) * start - own
            fixed += _at_first(each, bought, dealings, reach, theirs) * start
        below[code] = rounded(theirs * reach[code] * shared / outsiders[code] - fixed)
    rest = {code: amount - below[code] for code, amount in whole.items()}
    return Above(theirs, below, rest, share_of(cta, theirs))


def _at_first(
    acquisition: Acquisition,
    bought: Fraction,
    dealings: Sequence[Dealt],
    reach: Mapping[str, Fraction],
    theirs: Fraction,
) -> Fraction:
    """
    What outsiders of a holder have of goodwill of its day, at the company that paid for it.

    Below they have no part in that. Of shares of companies between that changed hands since,
    those below went along as far as they were still held through them.

    Args:
        acquisition: Of a company that leaves, by one that leaves too, or by the holder.
        bought: What the group held when it was bought.
        dealings: Of all companies, in order.
        reach: What the holder has of each company that leaves.
        theirs: The outsiders' share of the holder.
    """
    holder = next(iter(reach))
    own = [e for e in dealings if e.sale.through and e.sale.entity == acquisition.target]
    tops = {each.sale.through for each in own}
    first, then = reach[acquisition.acquirer], theirs
    for each in dealings:
        if each.sale.entity == holder:
            then -= each.part
        elif each.sale.holder == holder and each.sale.entity in tops:
            first += each.sale.share * reach[acquisition.acquirer] / reach[each.sale.entity]
    part = then * first * bought
    for each in own:
        if each.sale.holder == holder:
            part -= each.above * each.sale.share
        elif each.sale.holder in reach:
            part -= theirs * reach[each.sale.holder] * each.sale.share
        else:
            part += each.part
    return part


def _reach(
    entity: str, held: Fraction, left: Sequence[str], facts: PeriodFacts
) -> dict[str, Fraction]:
    """What a holder has of a company it sells, and through it of those that leave with it."""
    reach = {entity: held}

    def through(code: str) -> Fraction:
        if code not in reach:
            reach[code] = sum(
                (through(e.holder) * e.share for e in facts.interests if e.investee == code),
                Fraction(0),
            )
        return reach[code]

    for code in left:
        through(code)
    return reach


def give_above(
    disposal: Disposal, lost: Derecognition, above: Above, chart: Chart, currency: str
) -> tuple[int, Entry | None]:
    """
    Give outsiders of a holder their part of the group's gain, and what they had below.

    They have no part of what is recycled: their own part of the CTA has never been the
    owners', and is derecognised, not reclassified. The holder's own gain, which they have
    been given a part of with its books, is undone.

    Returns:
        Their part of the gain beyond that, and the entry; None when nothing moves.

    Source:
        IFRS 10.B94, 10.B98(d); IAS 21.48B.
    """
    profit = share_of(lost.gain_before_recycling - disposal.separate_gain, above.share)
    roles, holder = chart.roles, disposal.holder
    amounts = [
        *((roles.nci, amount, code) for code, amount in above.below.items()),
        (roles.retained_earnings, profit, holder),
        (roles.nci, -sum(above.below.values()) - profit, holder),
    ]
    entry = Entry(
        id=f"NCI-{holder}-{disposal.entity}",
        layer=LayerName.NCI,
        kind="attribution_sold",
        reason="entries.attribution-sold",
        standard="IFRS 10.B98",
        currency=currency,
        lines=tuple(EntryLine(*each) for each in amounts if each[1]),
        entity=holder,
        reference=disposal.entity,
    )
    return profit, entry if entry.lines else None


def stayed(rolled: NciRollforward, below: int) -> NciRollforward:
    """Outsiders of a company that left: those of its holder stay, and own the holder."""
    return replace(rolled, intragroup=rolled.intragroup - below)


def came(rolled: NciRollforward, below: int, profit: int) -> NciRollforward:
    """Outsiders of the holder, with what they had below and their part of the gain."""
    return replace(
        rolled,
        intragroup=rolled.intragroup + below,
        share_of_profit=rolled.share_of_profit + profit,
    )
