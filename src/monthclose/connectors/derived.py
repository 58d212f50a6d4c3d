"""
A trial balance from titles and bank entries, for systems that have no ledger.

Every event is posted once, by the date that decides its month; what cannot be known is
named as a gap, what has no category goes to a suspense account on which validation
fails, and nothing is invented to make the total come out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from monthclose.connectors.twice import titles_twice
from monthclose.ledger.balances import Basis, Gap, RawBalance
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import (
    SUSPENSE,
    Flow,
    Moved,
    Nature,
    OpenItem,
    Side,
    SourceAccount,
    Subledger,
    TieOut,
)
from monthclose.ledger.titles import BankEntry, BankTransfer, Dealings, Settlement, Title

RECEIVABLES = "AR"
PAYABLES = "AP"
INTEREST_INCOME = "INTEREST_INCOME"
INTEREST_EXPENSE = "INTEREST_EXPENSE"
DISCOUNT_GRANTED = "DISCOUNT_GRANTED"
DISCOUNT_OBTAINED = "DISCOUNT_OBTAINED"
BANK_FEES = "BANK_FEES"
CREDIT_LOSSES = "CREDIT_LOSSES"
WITHHELD_TAXES = "WITHHELD_TAXES"
WITHHELD_PAYABLE = "WITHHELD_PAYABLE"
RETAINED = "RETAINED"

OWN_ACCOUNTS = {
    RECEIVABLES: Nature.ASSET,
    PAYABLES: Nature.LIABILITY,
    SUSPENSE: Nature.UNKNOWN,
    INTEREST_INCOME: Nature.RESULT,
    INTEREST_EXPENSE: Nature.RESULT,
    DISCOUNT_GRANTED: Nature.RESULT,
    DISCOUNT_OBTAINED: Nature.RESULT,
    BANK_FEES: Nature.RESULT,
    CREDIT_LOSSES: Nature.RESULT,
    WITHHELD_TAXES: Nature.ASSET,
    WITHHELD_PAYABLE: Nature.LIABILITY,
    RETAINED: Nature.EQUITY,
}
"""Accounts that we name ourselves: the systems have none."""

GAPS = (
    "depreciation",
    "payroll",
    "taxes",
    "inventory",
    "fixed_assets",
    "loans",
    "leases",
    "deferred_revenue",
    "provisions",
    "exchange",
    "equity",
)
"""What no such system knows: external interfaces, section 0.2."""


def is_own(code: str) -> bool:
    """Whether an account is called as those of a source without a ledger are."""
    kind, mark, number = code.partition(":")
    return code in OWN_ACCOUNTS or (kind in ("BANK", "CAT") and bool(mark and number))


def bank_account(bank: str) -> str:
    """Our account of a bank account."""
    return f"BANK:{bank}"


def category_account(category: str) -> str:
    """Our account of a category; none given: suspense."""
    return f"CAT:{category}" if category else SUSPENSE


@dataclass(frozen=True, slots=True)
class Posting:
    """
    A debit and a credit.

    Attributes:
        on: The day that decides the month.
        account: Where it goes.
        amount: Minor units, debit positive.
    """

    on: date
    account: str
    amount: int


def recognition(title: Title) -> Iterator[Posting]:
    """Recognise a title on its accrual date, and take it back on the day of cancellation."""
    sign = 1 if title.side is Side.RECEIVABLE else -1
    control = RECEIVABLES if sign > 0 else PAYABLES
    taxes = WITHHELD_TAXES if sign > 0 else WITHHELD_PAYABLE
    days = [(title.accrued, sign)]
    if title.cancelled is not None:
        days.append((title.cancelled, -sign))
    for day, way in days:
        yield Posting(day, control, way * (title.amount - title.withheld))
        if title.withheld:
            yield Posting(day, taxes, way * title.withheld)
        for part in title.parts:
            yield Posting(day, category_account(part.category), -way * part.amount)


def settlement(title: Title, paid: Settlement) -> Iterator[Posting]:
    """
    Post what settled a title.

    A receipt: bank principal + interest + fine - discount - fee, discounts granted and
    fees, against receivables and interest received. A payment the other way round, a fee
    paid on top.
    """
    received = title.side is Side.RECEIVABLE
    sign = 1 if received else -1
    control = RECEIVABLES if received else PAYABLES
    yield Posting(paid.on, control, -sign * paid.principal)
    if paid.loss:
        yield Posting(paid.on, CREDIT_LOSSES, sign * paid.principal)
        return
    extra = paid.interest + paid.fine
    net = sign * (paid.principal + extra - paid.discount) - paid.fee
    yield Posting(paid.on, bank_account(paid.bank), net)
    yield Posting(paid.on, INTEREST_INCOME if received else INTEREST_EXPENSE, -sign * extra)
    discount = DISCOUNT_GRANTED if received else DISCOUNT_OBTAINED
    yield Posting(paid.on, discount, sign * paid.discount)
    yield Posting(paid.on, BANK_FEES, paid.fee)


def bank_entry(entry: BankEntry) -> Iterator[Posting]:
    """Post money that moved with no title behind it."""
    sign = 1 if entry.amount >= 0 else -1
    yield Posting(entry.on, bank_account(entry.bank), entry.amount)
    for part in entry.parts:
        yield Posting(entry.on, category_account(part.category), -sign * part.amount)


def transfer(moved: BankTransfer) -> Iterator[Posting]:
    """Post money between two accounts of the company: never income, never expense."""
    yield Posting(moved.on, bank_account(moved.destination), moved.amount)
    yield Posting(moved.on, bank_account(moved.source), -moved.amount)


def title_postings(title: Title) -> Iterator[Posting]:
    """Every posting of one title, of whatever month."""
    yield from recognition(title)
    for paid in title.settlements:
        yield from settlement(title, paid)


def postings(dealings: Dealings) -> Iterator[Posting]:
    """Every posting that the dealings call for, of whatever month."""
    for title in dealings.titles:
        yield from title_postings(title)
    for entry in dealings.entries:
        yield from bank_entry(entry)
    for moved in dealings.transfers:
        yield from transfer(moved)


@dataclass(slots=True)
class Movement:
    """Debits and credits of one account in one month, minor units, both positive."""

    debit: int = 0
    credit: int = 0

    def add(self, amount: int) -> None:
        """Post an amount, debit positive."""
        if amount >= 0:
            self.debit += amount
        else:
            self.credit -= amount


@dataclass(frozen=True, slots=True)
class Derived:
    """
    A balance that was derived, and what it was held against.

    Attributes:
        balance: With its basis and its gaps.
        accounts: Every account of it, named.
        tie_outs: What was compared; see `TieOut`.
        notes: What a person has to be told.
    """

    balance: RawBalance
    accounts: tuple[SourceAccount, ...]
    tie_outs: tuple[TieOut, ...]
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Deriving:
    """
    What a month is derived from.

    Attributes:
        entity: Short code of the company.
        period: The month.
        currency: ISO 4217 code of every amount.
        opening: Closing of the month before, as it was kept.
        dealings: Of the company.
        year_starts: Whether the fiscal year begins with the month: the result accounts of
            the year before have gone to retained earnings.
        is_result: Whether an account is a result account; None: by what the system says,
            a category with a line of its income statement.
        told: Accounts that are, whatever the system says: another chart has said so.
        retained: Account that takes the result of the year before.
    """

    entity: str
    period: str
    currency: str
    opening: RawBalance
    dealings: Dealings
    year_starts: bool = False
    is_result: Callable[[str], bool] | None = None
    told: frozenset[str] = frozenset()
    retained: str = RETAINED
    gaps: tuple[Gap, ...] = field(default_factory=lambda: tuple(Gap(name) for name in GAPS))


def derive(asked: Deriving) -> Derived:
    """
    Build a month's trial balance from opening balances and dealings.

    Opening is the closing of the month before as it was kept; each account moves by the
    month's postings. Amounts in minor units, debit positive.

    Source: external interfaces, section 0.2.
    """
    month = Period.parse(asked.period)
    named = _accounts(asked.dealings)
    opening = _opening(asked, named)
    moved: dict[str, Movement] = defaultdict(Movement)
    for posting in postings(asked.dealings):
        if Period.of(posting.on) == month and posting.amount:
            moved[posting.account].add(posting.amount)
    codes = sorted(code for code in {*opening, *moved} if opening.get(code) or code in moved)
    balance = _balance(asked, codes, opening, moved)
    closing = dict(zip(codes, balance.amounts.tolist(), strict=True))
    accounts = tuple(named.get(code, SourceAccount(code, code)) for code in codes)
    return Derived(
        balance,
        accounts,
        (*_tie_outs(asked, closing, moved),),
        (
            *_notes(asked.dealings, moved),
            *titles_twice(asked.dealings.titles, month, asked.currency),
        ),
    )


def _balance(
    asked: Deriving, codes: list[str], opening: dict[str, int], moved: dict[str, Movement]
) -> RawBalance:
    """Put opening and movement into columns, in order of the accounts."""
    starts = np.array([opening.get(code, 0) for code in codes], dtype=np.int64)
    nothing = Movement()
    debit = np.array([moved.get(code, nothing).debit for code in codes], dtype=np.int64)
    credit = np.array([moved.get(code, nothing).credit for code in codes], dtype=np.int64)
    return RawBalance(
        entity=asked.entity,
        period=asked.period,
        currency=asked.currency,
        accounts=tuple(codes),
        amounts=starts + debit - credit,
        opening=starts,
        debit=debit,
        credit=credit,
        basis=Basis.DERIVED,
        gaps=asked.gaps,
    )


def _opening(asked: Deriving, named: dict[str, SourceAccount]) -> dict[str, int]:
    """Opening balances; at the start of a year the old result stands in retained earnings."""
    opening: dict[str, int] = defaultdict(int)
    pairs = zip(asked.opening.accounts, asked.opening.amounts.tolist(), strict=True)
    for code, amount in pairs:
        if asked.year_starts and _is_result(asked, code, named):
            opening[asked.retained] += amount
        else:
            opening[code] += amount
    return opening


def _is_result(asked: Deriving, code: str, named: dict[str, SourceAccount]) -> bool:
    """Whether an account is a result account."""
    if code in asked.told:
        return True
    if asked.is_result is not None:
        return asked.is_result(code)
    account = named.get(code)
    return account is not None and account.nature is Nature.RESULT


def _accounts(dealings: Dealings) -> dict[str, SourceAccount]:
    """Every account there can be, by code."""
    named = {
        code: SourceAccount(code, code, nature=nature) for code, nature in OWN_ACCOUNTS.items()
    }
    for bank in dealings.banks:
        code = bank_account(bank.id)
        named[code] = SourceAccount(code, bank.name, line=bank.kind, bank=True)
    for each in dealings.categories:
        code = category_account(each.code)
        nature = Nature.RESULT if each.line and not each.transfer else Nature.UNKNOWN
        named[code] = SourceAccount(
            code, each.name, nature=nature, posting=not each.totals, line=each.line
        )
    return named


def _tie_outs(
    asked: Deriving, closing: dict[str, int], moved: dict[str, Movement]
) -> Iterator[TieOut]:
    """Hold the balance against what does not come from its postings."""
    debits = sum(each.debit for each in moved.values())
    credits_ = sum(each.credit for each in moved.values())
    yield TieOut("debits_credits", "", credits_, debits)
    yield TieOut("closing", "", 0, sum(closing.values()))
    for bank, amount in asked.dealings.bank_closings:
        code = bank_account(bank)
        yield TieOut("bank", code, amount, closing.get(code, 0))
    day = Period.parse(asked.period).last_day
    for side, code in ((Side.RECEIVABLE, RECEIVABLES), (Side.PAYABLE, PAYABLES)):
        sign = 1 if side is Side.RECEIVABLE else -1
        open_now = sum(t.open_at(day) for t in asked.dealings.titles if t.side is side)
        yield TieOut(f"open_{side.value}s", code, sign * open_now, closing.get(code, 0))


def _notes(dealings: Dealings, moved: dict[str, Movement]) -> Iterator[tuple[str, dict[str, str]]]:
    """Say what a person has to decide about the accounts that moved."""
    for each in dealings.categories:
        code = category_account(each.code)
        if code not in moved:
            continue
        if each.totals:
            yield "category-totals", {"account": code, "name": each.name}
        elif not each.line and not each.transfer:
            yield "category-without-line", {"account": code, "name": each.name}
    if SUSPENSE in moved:
        yield "without-category", {"account": SUSPENSE}


def subledger(entity: str, period: str, currency: str, titles: Iterable[Title]) -> Subledger:
    """
    What is open at the end of a month, and what was recognised in it, by counterparty.

    Amounts in minor units of *currency*, debit positive.
    """
    month = Period.parse(period)
    items, flows = [], []
    moved: dict[tuple[Side, str], Movement] = defaultdict(Movement)
    for title in titles:
        for posting in title_postings(title):
            if posting.account in (RECEIVABLES, PAYABLES) and Period.of(posting.on) == month:
                moved[title.side, title.tax_id].add(posting.amount)
        sign = 1 if title.side is Side.RECEIVABLE else -1
        if left := title.open_at(month.last_day):
            items.append(
                OpenItem(
                    title.side,
                    title.id,
                    title.document,
                    title.tax_id,
                    title.name,
                    RECEIVABLES if sign > 0 else PAYABLES,
                    sign * left,
                    currency,
                    title.accrued,
                    title.due,
                )
            )
        for day, way in ((title.accrued, -sign), (title.cancelled, sign)):
            if day is None or Period.of(day) != month:
                continue
            flows += [
                Flow(
                    title.id,
                    title.document,
                    title.tax_id,
                    title.name,
                    category_account(part.category),
                    way * part.amount,
                    currency,
                    day,
                    title.side,
                )
                for part in title.parts
            ]
    control = {Side.RECEIVABLE: RECEIVABLES, Side.PAYABLE: PAYABLES}
    by_party = tuple(
        Moved(side, tax_id, control[side], each.debit, each.credit)
        for (side, tax_id), each in moved.items()
    )
    return Subledger(entity, period, tuple(items), tuple(flows), moved=by_party)
