"""
Mistakes on request: what a close has to find, each with its name and its size.

A mistake is made where people make it: in the ERP, or in the accountant's balancete. The
hidden ledger stays right, so what is out is known to the cent.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from monthclose.ledger.errors import CloseError
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side, Supplement
from monthclose.ledger.titles import Category, Dealings, Title
from monthclose.sandbox.habits import KINDS
from monthclose.sandbox.hidden import LAST
from monthclose.sandbox.served import LedgerEntry, LedgerLine
from monthclose.sandbox.world import Member, World

DEPRECIATION = "depreciation"


class MistakeImpossible(CloseError):
    """A mistake that nobody knows, or that nothing in the month can be made wrong with."""

    code = "sandbox-mistake-impossible"

    def __init__(self, name: str, entity: str, period: str) -> None:
        super().__init__(name=name, entity=entity or "–", period=period, known=", ".join(MISTAKES))


@dataclass(frozen=True, slots=True)
class Planted:
    """
    One mistake that was made.

    Attributes:
        name: What was done.
        entity: In which company.
        period: In which month.
        out_by: What each standard account has too much, cents, debit positive; they add
            up to nil.
    """

    name: str
    entity: str
    period: str
    out_by: tuple[tuple[str, int], ...]


def plant(world: World, name: str, entity: str = "", period: str = str(LAST)) -> Planted:
    """
    Make one mistake in a world.

    Args:
        world: It is changed.
        name: One of `MISTAKES`.
        entity: Company; empty: the first that can make it.
        period: Month.

    Raises:
        MistakeImpossible: there is no such mistake, or nothing in the month to make it with.
    """
    for code, member in world.members.items():
        if name not in MISTAKES or (entity and code != entity) or period not in member.lines:
            continue
        if made := MISTAKES[name](member, Period.parse(period)):
            changed, out_by = made
            world.members[code] = changed
            sums: dict[str, int] = {}
            for account, amount in out_by:
                sums[account] = sums.get(account, 0) + amount
            return Planted(name, code, period, tuple(sorted(sums.items())))
    raise MistakeImpossible(name, entity, period)


type Made = tuple[Member, list[tuple[str, int]]] | None
"""The company with the mistake, and what is out; None: it has nothing to make it with."""


def _double_posting(member: Member, period: Period) -> Made:
    """A supplier's bill is entered twice, or an entry posted twice."""
    if member.erp == "totvs":
        entry = _entry_on(member, period, "6030")
        if entry is None:
            return None
        entries = member.served.entries
        again = replace(entry, number=1 + max(each.number for each in entries))
        return _with_entries(member, (*entries, again)), _amounts(member, entry)
    bill = _bill(member, period, ("rent", "advice", "travel"))
    if bill is None:
        return None
    titles = member.served.dealings.titles
    again_ = replace(bill, id=_free(titles), settlements=())
    return _with_titles(member, (*titles, again_)), _recognised(member, bill)


def _missing_fee(member: Member, period: Period) -> Made:
    """A fee of the group is not entered by the company that owes it."""
    if member.erp == "totvs":
        entry = _entry_on(member, period, "6050")
        if entry is None:
            return None
        return _unbooked(member, entry, Side.PAYABLE)
    bill = _bill(member, period, ("group",))
    if bill is None or bill.settlements:
        return None
    titles = tuple(each for each in member.served.dealings.titles if each is not bill)
    return _with_titles(member, titles), _reversed(_recognised(member, bill))


def _one_sided_invoice(member: Member, period: Period) -> Made:
    """A fee of the group is not entered by the company that charges it."""
    entry = _entry_on(member, period, "4110")
    return _unbooked(member, entry, Side.RECEIVABLE) if entry else None


def _wrong_partner(member: Member, period: Period) -> Made:
    """A fee of the group is entered as another company's of the group."""
    bill = _bill(member, period, ("group",))
    if bill is None or bill.settlements:
        return None
    own = {party.tax_id: party for party in member.served.parties}
    charges = {
        title.tax_id
        for title in member.served.dealings.titles
        if {part.category for part in title.parts} <= {_code(member.served.dealings, "group")}
    }
    other = next((own[each] for each in sorted(charges) if each != bill.tax_id), None)
    if other is None:
        return None
    wrong = replace(bill, tax_id=other.tax_id, name=other.name)
    titles = tuple(wrong if each is bill else each for each in member.served.dealings.titles)
    entries = tuple(
        replace(entry, lines=tuple(_named(line, bill.tax_id, other.tax_id) for line in entry.lines))
        if Period.of(entry.on) == period and _charges(member, entry, bill)
        else entry
        for entry in member.served.entries
    )
    return _with_entries(_with_titles(member, titles), entries), []


def _wrong_bank(member: Member, period: Period) -> Made:
    """A receipt is entered in another bank account than the one it came to."""
    if member.erp not in ("omie", "contaazul"):  # the others say nothing of what a bank holds
        return None
    right, *_, wrong = (each.id for each in member.served.dealings.banks)
    for title in member.served.dealings.titles:
        for paid in title.settlements:
            plain_ = not (paid.interest or paid.fine or paid.discount or paid.fee or paid.loss)
            if (
                Period.of(paid.on) == period
                and paid.bank == right
                and title.side is Side.RECEIVABLE
                and plain_
            ):
                moved = replace(paid, bank=wrong)
                settled = tuple(moved if each is paid else each for each in title.settlements)
                titles = tuple(
                    replace(each, settlements=settled) if each is title else each
                    for each in member.served.dealings.titles
                )
                amount = paid.principal
                beside = ((right, paid.on, amount), (wrong, paid.on, -amount))
                made = _with_titles(member, titles)
                out = [
                    (member.mapping[f"BANK:{wrong}"], amount),
                    (member.mapping[f"BANK:{right}"], -amount),
                ]
                return replace(made, served=replace(made.served, beside=beside)), out
    return None


def _duplicate_title(member: Member, period: Period) -> Made:
    """An invoice to a customer is entered twice."""
    if member.erp == "totvs":
        return None
    codes = {_code(member.served.dealings, "subscriptions")}
    titles = member.served.dealings.titles
    for title in titles:
        here = Period.of(title.accrued) == period and title.cancelled is None
        if here and {part.category for part in title.parts} <= codes:
            again = replace(title, id=_free(titles), settlements=())
            income = member.mapping[f"CAT:{title.parts[0].category}"]
            out = [("1100", title.amount), (income, -title.amount)]
            return _with_titles(member, (*titles, again)), out
    return None


def _open_month(member: Member, period: Period) -> Made:
    """Nobody has closed the month in the ERP: entries may still be posted to it."""
    if member.erp != "totvs":
        return None
    served = replace(member.served, open_months=member.served.open_months | {str(period)})
    return replace(member, served=served), []


def _wrong_category(member: Member, period: Period) -> Made:
    """A bill for rent is entered as marketing."""
    bill = max(_bills(member, period, ("rent",)), key=lambda each: each.amount, default=None)
    if member.erp == "totvs" or bill is None:
        return None
    media = _code(member.served.dealings, "media")
    wrong = replace(bill, parts=(replace(bill.parts[0], category=media),))
    titles = tuple(wrong if each is bill else each for each in member.served.dealings.titles)
    return _with_titles(member, titles), [("6010", bill.amount), ("6030", -bill.amount)]


def _no_depreciation(member: Member, period: Period) -> Made:
    """A month's depreciation is not posted, or not on the balancete."""
    if member.erp == "totvs":
        gone = [
            each
            for each in _of_month(member.served.entries, period)
            if any(member.mapping[line.account] == "6040" for line in each.lines)
        ]
        if not gone:
            return None
        left = tuple(each for each in member.served.entries if each not in gone)
        out = [pair for each in gone for pair in _reversed(_amounts(member, each))]
        return _with_entries(member, left), out
    told = member.supplements[str(period)]
    lines = [line for line in told.lines if line.gap == DEPRECIATION]
    if not lines:
        return None
    rest = tuple(line for line in told.lines if line.gap != DEPRECIATION)
    less = Supplement(told.entity, told.period, told.currency, rest, told.none)
    out = [(member.mapping[line.account], line.credit - line.debit) for line in lines]
    return replace(member, supplements={**member.supplements, str(period): less}), out


MISTAKES: dict[str, Callable[[Member, Period], Made]] = {
    "double-posting": _double_posting,
    "missing-fee": _missing_fee,
    "wrong-category": _wrong_category,
    "unposted-depreciation": _no_depreciation,
    "duplicate-title": _duplicate_title,
    "one-sided-invoice": _one_sided_invoice,
    "wrong-partner": _wrong_partner,
    "wrong-bank": _wrong_bank,
    "open-month": _open_month,
}
"""By name."""


def _unbooked(member: Member, entry: LedgerEntry, side: Side) -> Made:
    """The company without a fee of the group: neither its entry nor its title is there."""
    partner = next(line.partner for line in entry.lines if line.partner)
    titles = member.served.dealings.titles
    own = next(t for t in titles if (t.side, t.tax_id, t.accrued) == (side, partner, entry.on))
    left = _with_entries(member, tuple(e for e in member.served.entries if e is not entry))
    return (
        _with_titles(left, tuple(each for each in titles if each is not own)),
        _reversed(_amounts(member, entry)),
    )


def _charges(member: Member, entry: LedgerEntry, bill: Title) -> bool:
    """Whether an entry posts a bill of the group."""
    return any(
        member.mapping[line.account] == "6050"
        and line.amount == bill.amount
        and bill.tax_id in {each.partner for each in entry.lines}
        for line in entry.lines
    )


def _named(line: LedgerLine, was: str, now: str) -> LedgerLine:
    """A line with another partner, where it has the one."""
    return replace(line, partner=now) if line.partner == was else line


def _of_month(entries: Iterable[LedgerEntry], period: Period) -> Iterable[LedgerEntry]:
    """The entries of a month that are no closing."""
    return (each for each in entries if Period.of(each.on) == period and not each.closing)


def _entry_on(member: Member, period: Period, standard: str) -> LedgerEntry | None:
    """The first entry of a month that touches a standard account."""
    for entry in _of_month(member.served.entries, period):
        if any(member.mapping[line.account] == standard for line in entry.lines):
            return entry
    return None


def _amounts(member: Member, entry: LedgerEntry) -> list[tuple[str, int]]:
    """What an entry does to standard accounts."""
    return [(member.mapping[line.account], line.amount) for line in entry.lines]


def _reversed(amounts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The same the other way round."""
    return [(account, -amount) for account, amount in amounts]


def _bill(member: Member, period: Period, keys: tuple[str, ...]) -> Title | None:
    """The first bill of a month under one of some categories."""
    return next(_bills(member, period, keys), None)


def _bills(member: Member, period: Period, keys: tuple[str, ...]) -> Iterator[Title]:
    """The bills of a month under one of some categories."""
    codes = {_code(member.served.dealings, key) for key in keys}
    for title in member.served.dealings.titles:
        here = Period.of(title.accrued) == period and title.cancelled is None
        if here and title.side is Side.PAYABLE and {p.category for p in title.parts} <= codes:
            yield title


def _recognised(member: Member, bill: Title) -> list[tuple[str, int]]:
    """What the recognition of a bill does to standard accounts."""
    out = [(member.mapping[f"CAT:{part.category}"], part.amount) for part in bill.parts]
    control = "2150" if out[0][0] == "6050" else "2010"
    return [*out, (control, -bill.amount)]


def _code(dealings: Dealings, key: str) -> str:
    """The code that a company has for a category."""
    name = next(kind.name for kind in KINDS if kind.key == key)
    found: Category = next(each for each in dealings.categories if each.name == name)
    return found.code


def _free(titles: Iterable[Title]) -> str:
    """An id that no title and no settlement has, in the form the ERP gives them."""
    used = [title.id for title in titles]
    used += [paid.id for title in titles for paid in title.settlements]
    if all(each.isdigit() for each in used):
        return str(max(map(int, used)) + 100_000)
    return "00000000-0000-4000-8000-000000000001"


def _with_titles(member: Member, titles: tuple[Title, ...]) -> Member:
    """The company with other titles."""
    dealings = replace(member.served.dealings, titles=titles)
    return replace(member, served=replace(member.served, dealings=dealings))


def _with_entries(member: Member, entries: tuple[LedgerEntry, ...]) -> Member:
    """The company with other entries."""
    return replace(member, served=replace(member.served, entries=entries))
