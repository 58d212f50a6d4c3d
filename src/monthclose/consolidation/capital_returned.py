"""Capital returned inside the group: what holders took off, what left, what stays in the CTA."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from monthclose.consolidation.chains import Chain
from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.elimination import Sold
from monthclose.consolidation.facts import Carried, dated_parts
from monthclose.consolidation.months import Months
from monthclose.consolidation.reductions import (
    CapitalReductionDiffers,
    CapitalReductionUneven,
    CapitalReductionUnheld,
    due_until,
)
from monthclose.consolidation.transfers import take_along
from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.entities import SHARE_UNIT, Entity, interests_on
from monthclose.ledger.group import Group
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import Money, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one
from monthclose.ledger.reductions import CapitalReduction
from monthclose.ledger.translations import Rollforward

type Currencies = tuple[Mapping[str, str], str]
"""Functional currency by company, and the presentation currency."""


@dataclass(frozen=True, slots=True)
class Returned:
    """
    What a reduction did to a subsidiary's owners, presentation currency, positive.

    Attributes:
        entity: The subsidiary.
        in_period: Whether it is of the period.
        holders: What each holder took off its investment, at the rate of the day.
        outside: What outsiders received, at the same rate.
        cta: What goes back into the CTA, which capital at another rate had moved.
    """

    entity: str
    in_period: bool
    holders: tuple[tuple[str, int], ...]
    outside: int
    cta: int

    @property
    def in_cta(self) -> Rollforward:
        """*cta* in the period of the reduction, or before it."""
        return Rollforward(0, self.cta) if self.in_period else Rollforward(self.cta, 0)


def reductions_of(
    months: Months, month: Period, starts: Mapping[str, Period]
) -> tuple[CapitalReduction, ...]:
    """
    Give the reductions up to a month their rates, and what left the translated capital.

    Of the parent those before the roll-forward are left out: nothing carries them on.

    Args:
        months: Every company's.
        month: The month being closed.
        starts: First month of each company's roll-forward.

    Raises:
        CapitalReductionUneven, CapitalReductionUnheld: the records do not say who got what.
        CapitalReductionBeyond: the account held less.
        MissingRate: a rate of a day was not loaded.

    Source:
        Law 6.404 art. 173-174; IAS 21.39, which names no rate for equity.
    """
    group = months.records
    found: list[CapitalReduction] = []
    for code, start in starts.items():
        due = due_until(group.reductions_of.get(code, ()), month)
        for each in due:
            held = check_parts(group, each)
            if not held and each.on < start.first_day:
                continue
            found.append(_resolved(months, months.entities[code], each, start))
    return tuple(found)


def check_parts(group: Group, reduction: CapitalReduction) -> bool:
    """
    Hold what each holder received against its share of the day.

    Returns:
        Whether the group holds the company; its parent nobody in the group does.

    Raises:
        CapitalReductionUneven: a holder got another part than its share of it.
        CapitalReductionUnheld: a holder had no share, or no acquisition says where it is.
    """
    code, currency = reduction.entity, group.currencies[reduction.entity]
    shares = {
        each.holder: each.share
        for each in interests_on(group.interests, reduction.on)
        if each.investee == code
    }
    paid = {part.holder: amount for part, amount in reduction.paid}
    for holder in {**shares, **paid}:
        if holder not in shares or not _bought(group.acquisitions, reduction, holder):
            raise CapitalReductionUnheld(code, reduction.on, holder)
        share, got = shares[holder], paid.get(holder, 0)
        due = share_of(reduction.amount, share)
        # A share is known to its eighth decimal, an amount to its cent.
        if abs(got - due) > 1 + reduction.amount // SHARE_UNIT:
            raise CapitalReductionUneven(
                code, reduction.on, holder, share, Money(due, currency), Money(got, currency)
            )
    if shares and sum(shares.values()) == 1 and reduction.outside:
        holder, got = max(paid.items(), key=lambda pair: pair[1])
        due = got + reduction.outside
        raise CapitalReductionUneven(
            code,
            reduction.on,
            holder,
            shares[holder],
            Money(due, currency),
            Money(got, currency),
        )
    return bool(shares)


def _bought(
    acquisitions: Iterable[Acquisition], reduction: CapitalReduction, holder: str
) -> list[Acquisition]:
    """How a holder came to what it has of a company, oldest first."""
    found = [
        each
        for each in acquisitions
        if (each.acquirer, each.target) == (holder, reduction.entity)
        and (each.on is None or each.on <= reduction.on)
    ]
    return sorted(found, key=lambda each: (each.on or date.min, each.id))


def _resolved(
    months: Months, entity: Entity, reduction: CapitalReduction, start: Period
) -> CapitalReduction:
    """One reduction with the rates of its day, and what left with it."""
    group = months.records
    received = []
    for part, paid in reduction.paid:
        currency = group.currencies[part.holder]
        quote = rate_of_day(group, currency, reduction.on, part.holder)
        received.append(replace(part, quote=quote, paid=paid))
    return replace(
        reduction,
        received=tuple(received),
        quote=rate_of_day(group, entity.currency, reduction.on, entity.code),
        translated=_translated(months, entity, reduction),
        in_period=reduction.on >= start.first_day,
    )


def _translated(months: Months, entity: Entity, reduction: CapitalReduction) -> int:
    """What left of the translated capital, from the roll-forward of the reduction's own year."""
    group, when, first = months.records, Period.of(reduction.on), months.first(entity)
    if entity.currency == group.presentation:
        return reduction.amount
    if when < first:
        carried = Carried(first)  # what the openings state is what it left
    else:
        carried = months.carried(entity, max(group.fiscal_year.start(when), first))
    dated = dated_parts(group, entity, when, carried)
    moved = take_along(group, entity, when, carried.start, carried.accounts, dated)
    gone = [each for each in moved if not each.account]
    own = list(group.reductions_of[entity.code])
    own.sort(key=lambda each: each.on)
    kept = [e for e in own if not (carried.accounts and e.on < carried.start.first_day)]
    return gone[kept.index(reduction)].translated or 0


def investments_reduced(
    reductions: Iterable[CapitalReduction],
    acquisitions: Sequence[Acquisition],
    presented: Currencies,
) -> dict[str, Sold]:
    """
    Say what reductions took off their holders' investments, by acquisition.

    Of several acquisitions the first one bears it: their account is one.

    Args:
        reductions: With their rates.
        acquisitions: In force.
        presented: Functional currencies, and the presentation currency.
    """
    currencies, presentation = presented
    gone: dict[str, Sold] = {}
    for each in reductions:
        for part in each.received:
            first = _bought(acquisitions, each, part.holder)[0].id
            was = gone.get(first, Sold(0, 0))
            back = convert_one(part.amount, part.quote, currencies[part.holder], presentation)
            earlier = not each.in_period
            gone[first] = Sold(
                (was.amount or 0) + part.amount,
                was.restored + back,
                was.amount_before + part.amount * earlier,
                was.restored_before + back * earlier,
            )
    return gone


def return_capital(
    reduction: CapitalReduction,
    acquisitions: Sequence[Acquisition],
    presented: Currencies,
    chart: Chart,
    tolerance: Fraction,
    number: int,
) -> tuple[Entry, Returned]:
    """
    Undo a subsidiary's reduction inside the group; outsiders' part of it stays gone.

    The purchase was eliminated against all of the capital, so what left is put back, and
    so is the investment at the rate of the day. Outsiders are charged with what they got.
    What capital at the average of its history is apart from the rate of the day had moved
    the subsidiary's CTA: it goes back, so that paying capital back inside the group changes
    neither CTA nor equity.

    Args:
        reduction: With its rates.
        acquisitions: In force.
        presented: Functional currencies, and the presentation currency.
        chart: Names the accounts.
        tolerance: How far apart the two sides may be.
        number: Tells the entries of one company apart.

    Returns:
        The entry, and what it did to the owners.

    Raises:
        CapitalReductionDiffers: payer's and holder's amounts are further apart.

    Source:
        IFRS 10.B86(b)-(c); IAS 21.41, 21.48C-49: ownership has not changed, so that nothing
        of the CTA is recycled; ASC 830-30-40-2.
    """
    currencies, presentation = presented
    code, own = reduction.entity, currencies[reduction.entity]
    left, booked, paid = reduction.translated or 0, 0, 0
    lines, holders = [EntryLine(reduction.account, -left, code)], []
    apart: list[EntryLine] = []
    for part, given in reduction.paid:
        back = convert_one(part.amount, part.quote, currencies[part.holder], presentation)
        out = convert_one(given, reduction.quote, own, presentation)
        if abs(out - back) > 1 + share_of(out, tolerance):
            raise CapitalReductionDiffers(
                code, reduction.on, part.holder, Money(out, presentation), Money(back, presentation)
            )
        account = _bought(acquisitions, reduction, part.holder)[0].investment_account
        lines.append(EntryLine(account, back, part.holder))
        holders.append((part.holder, back))
        booked, paid = booked + back, paid + out
        if out != back:
            roles = chart.roles
            result = roles.difference_result if reduction.in_period else roles.retained_earnings
            apart.append(EntryLine(result, out - back, part.holder))
    outside = convert_one(reduction.outside, reduction.quote, own, presentation)
    cta = paid + outside - left
    if outside:
        lines.append(EntryLine(chart.roles.nci, outside, code))
    lines += apart
    if cta:
        lines.append(EntryLine(chart.roles.cta, -cta, code))
    entry = Entry(
        id=f"RED-{code}-{number}",
        layer=LayerName.ELIMINATION,
        kind="capital_reduction",
        reason="entries.capital-reduction",
        standard="IFRS 10.B86(b)",
        currency=presentation,
        lines=tuple(line for line in lines if line.amount),
        entity=code,
        reference=str(reduction.on),
    )
    return entry, Returned(code, reduction.in_period, tuple(holders), outside, cta)


def follow_reductions(
    chains: dict[str, Chain], made: Iterable[Returned], outsiders: Mapping[str, Fraction]
) -> None:
    """
    Move what came up a chain from the outsiders of the payer to those of the holder.

    Args:
        chains: By company; filled further.
        made: Every reduction that was undone.
        outsiders: The outsiders' indirect share of each company that has some.
    """
    for each in made:
        for holder, amount in each.holders:
            if (theirs := outsiders.get(holder)) is None:
                continue
            part = share_of(amount, theirs)
            above = chains.setdefault(holder, Chain())
            below = chains.setdefault(each.entity, Chain())
            if each.in_period:
                above.intragroup += part
                below.intragroup -= part
            else:
                above.at_acquisition += part
                below.at_acquisition -= part
