"""
Bling: whose payment a batch holds, and what a cash entry is.

A batch of settlements ("borderô") names contact and document number, not the title; a
transfer is two cash entries that do not name each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from monthclose.connectors.errors import SettlementUnmatched
from monthclose.connectors.fields import Row
from monthclose.ledger.sources import Side, TieOut
from monthclose.ledger.titles import BankEntry, BankTransfer, Part, Settlement, Title

SOURCE = "bling"


@dataclass(frozen=True, slots=True)
class Payment:
    """
    One payment of a batch; amounts in minor units, positive.

    Attributes:
        contact: Id of the customer or supplier.
        document: Number on the invoice.
        amount: As Bling calls it paid.
        interest: Paid late.
        addition: Paid on top otherwise.
        discount: Not paid after all.
        fee: Of the bank.
    """

    contact: str
    document: str
    amount: int
    interest: int
    addition: int
    discount: int
    fee: int


@dataclass(frozen=True, slots=True)
class Batch:
    """
    A batch of settlements: one day, one bank account.

    Attributes:
        id: Bling's id.
        on: The day the money moved.
        bank: The account.
        payments: In it.
    """

    id: str
    on: date
    bank: str
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """
    A title, and the batches that it says settled it.

    Attributes:
        id: Of the title.
        side: Receivable or payable.
        contact: Id of the other side.
        document: Number on the invoice.
        amount: Of the title, minor units, positive.
        open: What Bling says is open now, minor units.
        since: The first day it can have been paid on.
        batches: Ids.
    """

    id: str
    side: Side
    contact: str
    document: str
    amount: int
    open: int
    since: date
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CashEntry:
    """
    One row of the cash book.

    Attributes:
        id: Bling's id.
        on: The day.
        bank: The account.
        amount: Minor units, received positive.
        origin: What it comes from: `caixa`, `duplicata`, `bordero`, `estoque`.
        of: Id of what it comes from.
        row: Of the list.
        detail: Of a direct entry, its own record.
    """

    id: str
    on: date
    bank: str
    amount: int
    origin: str
    of: str
    row: Row = field(repr=False)
    detail: Row | None = field(default=None, repr=False)


def batch_of(row: Row) -> Batch:
    """Read a batch."""
    bank = row.row("portador").code("id")
    if bank in ("", "0"):
        raise row.wrong("portador")
    payments = tuple(
        Payment(
            each.row("contato").code("id"),
            each.text("numeroDocumento", ""),
            each.money("valorPago"),
            each.money("juros"),
            each.money("acrescimo"),
            each.money("desconto"),
            each.money("tarifa"),
        )
        for each in row.rows("pagamentos")
    )
    return Batch(row.code("id"), row.day("data"), bank, payments)


def settled(
    claims: Iterable[Claim], batches: Mapping[str, Batch], *, net: bool = False
) -> dict[str, list[Settlement]]:
    """
    Give each title the payments of its batches, by contact and document number.

    Args:
        claims: All titles.
        batches: All batches that they name.
        net: Whether what Bling calls paid is without the discount.

    Raises:
        SettlementUnmatched: a batch has no payment of a title that names it, or more
            than can be told apart.
    """
    by_batch: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        for number in claim.batches:
            by_batch[number].append(claim)
    found: dict[str, list[Settlement]] = defaultdict(list)
    for number, claimants in by_batch.items():
        batch = batches[number]
        for claim, payment in _matched(batch, claimants):
            found[claim.id].append(_settlement(batch, payment, net=net))
    return found


def _matched(batch: Batch, claims: list[Claim]) -> Iterator[tuple[Claim, Payment]]:
    """Pair the payments of a batch with the titles that name it."""
    payments: dict[tuple[str, str], list[Payment]] = defaultdict(list)
    for payment in batch.payments:
        payments[payment.contact, payment.document].append(payment)
    groups: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[claim.contact, claim.document].append(claim)
    for key, group in groups.items():
        rows = payments.get(key, [])
        if rows and len(group) == 1:
            yield from ((group[0], row) for row in rows)
        elif rows and len(group) == len(rows):
            # Titles of one contact under one number: the larger payment is the larger's.
            ordered = sorted(group, key=lambda each: (each.amount, each.id))
            paid = sorted(rows, key=lambda each: each.amount)
            yield from zip(ordered, paid, strict=True)
        else:
            raise SettlementUnmatched(SOURCE, batch.id, group[0].id)


def _settlement(batch: Batch, payment: Payment, *, net: bool) -> Settlement:
    """A payment as what settled a title."""
    return Settlement(
        id=batch.id,
        on=batch.on,
        bank=batch.bank,
        principal=payment.amount + (payment.discount if net else 0),
        interest=payment.interest,
        fine=payment.addition,
        discount=payment.discount,
        fee=payment.fee,
    )


def settled_in_cash(
    claim: Claim, by_batches: Sequence[Settlement], entries: Sequence[CashEntry]
) -> list[Settlement]:
    """
    What settled a title without a batch, by the cash entries that come from the title itself.

    The principal is known: what the title went down by, less what batches say. One entry
    may be more or less than it, which is interest or a discount; of several entries only
    the exact sum can be told apart, and anything else is left for the tie-out to show.
    """
    left = claim.amount - claim.open - sum(each.principal for each in by_batches)
    sign = 1 if claim.side is Side.RECEIVABLE else -1
    paid = [sign * each.amount for each in entries]
    if left <= 0 or not entries or min(paid) <= 0:
        return []
    if len(entries) > 1 and sum(paid) != left:
        return []
    extra = sum(paid) - left
    return [
        Settlement(
            id=f"C{each.id}",
            on=each.on,
            bank=each.bank,
            principal=amount - extra,
            interest=max(extra, 0),
            discount=max(-extra, 0),
        )
        for each, amount in zip(entries, paid, strict=True)
    ]


def direct(entries: Iterable[CashEntry]) -> tuple[list[BankEntry], list[BankTransfer]]:
    """
    Direct entries and transfers, from cash entries with their records.

    Legs of transfers are paired by day and amount; which is paired with which makes no
    difference to any account. Legs that find no other stay without a category: suspense.
    """
    plain: list[BankEntry] = []
    legs: dict[tuple[date, int], list[CashEntry]] = defaultdict(list)
    for entry in entries:
        if entry.detail is None or _is(entry.detail, "saldo"):
            continue  # a balance line is no money
        if _is(entry.detail, "transferencia"):
            legs[entry.on, abs(entry.amount)].append(entry)
        else:
            plain.append(_plain(entry, category_of(entry.detail)))
    transfers: list[BankTransfer] = []
    for group in legs.values():
        pairs = _pairs(group)
        transfers += [BankTransfer(a.id, a.on, a.bank, b.bank, b.amount) for a, b in pairs]
        if not pairs:
            plain += [_plain(each, "") for each in group]
    return plain, transfers


def _pairs(legs: Sequence[CashEntry]) -> list[tuple[CashEntry, CashEntry]]:
    """Legs out with legs in of other accounts; none when they cannot all be paired."""
    out = sorted((each for each in legs if each.amount < 0), key=lambda each: each.bank)
    back = sorted((each for each in legs if each.amount > 0), key=lambda each: each.bank)
    if len(out) != len(back):
        return []
    for turn in range(len(back)):
        pairs = list(zip(out, back[turn:] + back[:turn], strict=True))
        if all(a.bank != b.bank for a, b in pairs):
            return pairs
    return []


def _plain(entry: CashEntry, category: str) -> BankEntry:
    """A direct entry under one category."""
    contact = entry.row.row("contato") if entry.row.has("contato") else None
    return BankEntry(
        entry.id,
        entry.on,
        entry.bank,
        entry.amount,
        (Part(category, abs(entry.amount)),),
        contact.tax_id("cnpj") if contact else "",
        contact.text("nome", "") if contact else "",
    )


def category_of(row: Row) -> str:
    """The category of a record, empty when there is none: Bling writes 0."""
    if not row.has("categoria"):
        row.value("categoria")
        return ""
    code = row.row("categoria").code("id")
    return "" if code == "0" else code


def _is(row: Row, name: str) -> bool:
    """A flag of a cash entry: Bling's own descriptions say both S/N and 1/0, or nothing."""
    value = row.code(name)
    if value not in ("S", "1", "N", "0", ""):
        raise row.wrong(name)
    return value in ("S", "1")


def cash_ties(
    entries: Iterable[CashEntry], titles: Iterable[Title], known: frozenset[str]
) -> Iterator[TieOut]:
    """
    Hold the month's cash entries of settlements against what was posted for them.

    It shows whether what Bling calls paid is before or after the discount. Bling leaves the
    bank's fee out of the entry or not; both are taken.

    Args:
        entries: Of the month.
        titles: With their settlements.
        known: Ids of titles that were read or were done before.
    """
    posted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for title in titles:
        sign = 1 if title.side is Side.RECEIVABLE else -1
        for each in title.settlements:
            net = each.principal + each.interest + each.fine - each.discount
            posted[each.id][0] += sign * net
            posted[each.id][1] += each.fee
    batches: dict[str, int] = defaultdict(int)
    for entry in entries:
        if entry.origin == "bordero":
            batches[entry.of] += entry.amount
        elif entry.origin == "duplicata" and entry.of not in known:
            yield TieOut("settlement", f"TITLE:{entry.of}", entry.amount, 0)
    for number, amount in batches.items():
        net, fee = posted.get(number, [0, 0])
        if amount not in (net, net - fee):
            yield TieOut("settlement", f"BATCH:{number}", amount, net)
