"""What group companies have with each other: translated, matched, taken out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monthclose.consolidation.matching import IntercompanyMatcher
from monthclose.consolidation.reporting_dates import of_other_dates
from monthclose.ledger.accounts import Chart, UnknownAccount
from monthclose.ledger.balances import PeriodRates
from monthclose.ledger.digest import digest
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Cause, Item, Match, NetInvestment, Unmatched
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Translation

LONGEST_ID = 100
"""Characters that an entry's id may have."""


@dataclass(frozen=True, slots=True)
class Intercompany:
    """
    What a month's intercompany items came to.

    Attributes:
        matches: In order of matching.
        unmatched: In the order the items were given; they stay where they stand.
        entries: The eliminations.
    """

    matches: tuple[Match, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    entries: tuple[Entry, ...] = ()


def eliminate_intercompany(
    group: Group, facts: PeriodFacts, translations: Mapping[str, Translation]
) -> Intercompany:
    """
    Match a month's items and take out what faces each other.

    Items with companies that are not consolidated, such as associates, are not looked at:
    balances with them are not eliminated. Neither are those with a company that was sold.

    Args:
        group: Names currencies and accounts.
        facts: With the items and the tolerance.
        translations: Of every consolidated company, by code.

    Raises:
        UnknownEntity: an item of a company that is not consolidated.
        UnknownAccount: an item on an account that the chart does not have.
        RateUnusable: a foreign item without a rate.
        ItemTwice: two items have one id.

    Source:
        IFRS 10.B86(c); ASC 810-10-45-1.
    """
    if not facts.items:
        return Intercompany()
    others = outside(group)
    inside = [
        item
        for item in facts.items
        if not {item.entity, item.partner} & others and not group.left_before(item.partner, item)
    ]
    for item in inside:
        if item.entity not in translations:
            raise UnknownEntity(item.entity, group.code)
        if item.account not in group.chart:
            raise UnknownAccount(item.account, item.entity)
    items = translate_items(inside, translations, facts.rates)
    matching = IntercompanyMatcher(facts.tolerance).match(items)
    if group.lags:
        matching = of_other_dates(group, facts.period, matching)
    generator = EliminationGenerator(group.chart, group.presentation)
    entries = (
        *generator.eliminate(matching.matches),
        *generator.clear_cents(matching.matches, translations),
    )
    return Intercompany(matching.matches, matching.unmatched, entries)


def outside(group: Group) -> frozenset[str]:
    """Companies of the group that are not consolidated."""
    return frozenset(each.code for each in group.entities if each.method == "equity")


def translate_items(
    items: Iterable[Item],
    translations: Mapping[str, Translation],
    rates: Mapping[str, PeriodRates],
) -> list[Item]:
    """
    Translate items, each rounded once: at their own rate, else at their company's.

    Balances take the closing rate, flows the average (IAS 21.39). A company in the
    presentation currency needs none.
    """
    translated = []
    for item in items:
        of = translations[item.entity]
        quote = item.quote
        if quote is None and of.foreign and (known := rates.get(item.entity)):
            quote = known.average if item.kind.flow else known.closing
        amount = convert_one(item.amount, quote, of.functional, of.presentation)
        translated.append(replace(item, translated=amount))
    return translated


class EliminationGenerator:
    """
    Makes the entries that take matched items out.

    Each side leaves its account in full. What the two leave goes to a visible account:
    of the balance sheet for balances, of the result for flows; never to CTA, retained
    earnings or exchange gains. So an elimination changes neither net income nor net assets.

        entries = EliminationGenerator(chart, "USD").eliminate(matching.matches)

    Args:
        chart: Names the difference accounts.
        currency: Presentation currency.
    """

    def __init__(self, chart: Chart, currency: str) -> None:
        self.chart, self.currency = chart, currency

    def residual_account(self, match: Match) -> str:
        """Where the residual of a match goes; empty when it leaves none."""
        if not match.residual:
            return ""
        roles = self.chart.roles
        return roles.difference_result if match.kind.flow else roles.difference_position

    def eliminate(self, matches: Iterable[Match]) -> Iterator[Entry]:
        """
        Take both sides of each match out of their accounts.

        Source:
            IFRS 10.B86(c); ASC 810-10-45-1.
        """
        for match in matches:
            first, second = match.a[0], match.b[0]
            lines = [EntryLine(i.account, -(i.translated or 0), i.entity) for i in match.items]
            if residual := match.residual:
                lines.append(EntryLine(self.residual_account(match), residual, first.entity))
            yield Entry(
                id=_entry_id("IC", first.id, second.id),
                layer=LayerName.ELIMINATION,
                kind="intercompany",
                reason=f"entries.intercompany-{match.cause}",
                standard="IFRS 10.B86(c)",
                currency=self.currency,
                lines=tuple([line for line in lines if line.amount]),
                entity=first.entity,
                reference=first.reference or second.reference,
            )

    def clear_cents(
        self, matches: Sequence[Match], translations: Mapping[str, Translation]
    ) -> Iterator[Entry]:
        """
        Take out the cents that an account was rounded apart from its items.

        An account is translated as a whole, its items one by one. When they are all that
        stands on it and all have matched, half a cent for each rounding is no balance
        with anybody, and goes to the difference account.

        Args:
            matches: What was eliminated.
            translations: By company.
        """
        gone: dict[tuple[str, str], list[Item]] = {}
        for match in matches:
            for item in match.items:
                if translations[item.entity].foreign:
                    gone.setdefault((item.entity, item.account), []).append(item)
        for (entity, account), items in gone.items():
            of = translations[entity]
            lines = self.chart.slots(of.accounts, entity).lines.get(account, ())
            booked = sum([int(of.reported[line]) for line in lines])
            if booked != sum([item.amount for item in items]):
                continue
            left = sum([int(of.amounts[line]) for line in lines])
            left -= sum([item.translated or 0 for item in items])
            rounds = len(items) + len(lines) * len({item.quote for item in items})
            if left and 2 * abs(left) <= rounds:
                flow, roles = items[0].kind.flow, self.chart.roles
                to = roles.difference_result if flow else roles.difference_position
                yield Entry(
                    id=_entry_id("ICR", entity, account),
                    layer=LayerName.ELIMINATION,
                    kind="intercompany",
                    reason=f"entries.intercompany-{Cause.ROUNDING}",
                    standard="IFRS 10.B86(c)",
                    currency=self.currency,
                    lines=(EntryLine(account, -left, entity), EntryLine(to, left, entity)),
                    entity=entity,
                )


def _entry_id(*parts: str) -> str:
    """
    Name an entry after what it is about; by a hash where that is too long to be kept.

    The key of an electronic invoice alone has 44 digits, and both sides name it.
    """
    whole = "-".join(parts)
    return whole if len(whole) <= LONGEST_ID else f"{parts[0]}-{digest(parts)[:32]}"


def move_to_reserve(loan: NetInvestment, booked_by: Translation, chart: Chart) -> tuple[Entry, int]:
    """
    Take an exchange difference on a net investment out of the result, into the CTA.

    It belongs to the owners of the company that booked it, outsiders among them. What
    earlier years booked is no result any more, but retained earnings as they opened.

    Args:
        loan: With its rate.
        booked_by: The company's translation.
        chart: Names the CTA.

    Returns:
        The entry, and what it brings into the CTA: presentation currency, credit positive.

    Raises:
        UnknownAccount: the account is not in the chart.

    Source:
        IAS 21.15, 21.32; ASC 830-20-35-3(b).
    """
    if loan.account not in chart:
        raise UnknownAccount(loan.account, loan.entity)
    presentation = booked_by.presentation
    amount = loan.amount
    if loan.months:
        amount = sum(each.into(presentation) for each in loan.months)
    elif loan.quote is not None:
        amount = convert_one(amount, loan.quote, booked_by.functional, presentation)
    account = chart.roles.retained_earnings if loan.opened else loan.account
    lines = (
        EntryLine(account, -amount, loan.entity),
        EntryLine(chart.roles.cta, amount, loan.entity),
    )
    entry = Entry(
        id=f"NETINV-OPEN-{loan.id}" if loan.opened else f"NETINV-{loan.id}",
        layer=LayerName.ELIMINATION,
        kind="net_investment",
        reason="entries.net-investment-opened" if loan.opened else "entries.net-investment",
        standard="IAS 21.32",
        currency=presentation,
        lines=tuple(line for line in lines if line.amount),
        entity=loan.entity,
        reference=loan.id,
    )
    return entry, -amount
