"""Balances and flows between group companies: who faces whom, and what stays open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.errors import CloseError
from monthclose.ledger.journal import Entry
from monthclose.ledger.rates import Quote
from monthclose.ledger.stated import Stated


class ItemKind(StrEnum):
    """What an intercompany item is; each kind faces exactly one other."""

    RECEIVABLE = "AR"
    PAYABLE = "AP"
    REVENUE = "REV"
    EXPENSE = "EXP"
    LOAN_RECEIVABLE = "LOANR"
    LOAN_PAYABLE = "LOANP"
    INTEREST_INCOME = "INTINC"
    INTEREST_EXPENSE = "INTEXP"
    DIVIDEND_RECEIVABLE = "DIVR"
    DIVIDEND_PAYABLE = "DIVP"

    @property
    def leads(self) -> bool:
        """Whether it is the side of the asset or income."""
        return self in FACING

    @property
    def flow(self) -> bool:
        """Whether it is income or expense, translated at average; else a balance, at closing."""
        return self in FLOWS


FACING = {
    ItemKind.RECEIVABLE: ItemKind.PAYABLE,
    ItemKind.REVENUE: ItemKind.EXPENSE,
    ItemKind.LOAN_RECEIVABLE: ItemKind.LOAN_PAYABLE,
    ItemKind.INTEREST_INCOME: ItemKind.INTEREST_EXPENSE,
    ItemKind.DIVIDEND_RECEIVABLE: ItemKind.DIVIDEND_PAYABLE,
}
"""The kind that faces each asset or income."""

FACED = {other: kind for kind, other in FACING.items()}
"""The same seen from the liability or expense."""

FLOWS = frozenset(
    {
        ItemKind.REVENUE,
        ItemKind.EXPENSE,
        ItemKind.INTEREST_INCOME,
        ItemKind.INTEREST_EXPENSE,
    }
)


class ItemUnplaced(CloseError):
    """Items within the group stand on an account that is divided over several, or over none."""

    code = "intercompany-item-unplaced"

    def __init__(self, entity: str, period: str, account: str, count: int) -> None:
        super().__init__(entity=entity, period=period, account=account, count=count)


class ItemTwice(CloseError):
    """Two intercompany items have one id, so that nothing could say which of them is meant."""

    code = "intercompany-item-twice"

    def __init__(self, item: str) -> None:
        super().__init__(item=item)


@dataclass(frozen=True, slots=True)
class Item:
    """
    What one company has with another: an open invoice, a loan, a sale of the period.

    Attributes:
        id: Unique in the period.
        entity: Code of the company whose books it stands in.
        partner: Code of the company on the other side.
        kind: What it is.
        account: Where it stands, standard chart.
        amount: Minor units of the entity's currency, debit positive.
        reference: Document both sides know, such as an invoice number; empty: none.
        document_currency: ISO 4217 code of the document; empty: not stated.
        document_amount: Minor units of the document's currency as this side sees it,
            debit positive; None: not stated.
        quote: Its rate to the presentation currency; None: the entity's closing rate
            for a balance, its average for a flow.
        together: Items of the same name here are compared as one sum a side: one payment
            for several invoices. Empty: it stands alone.
        period: The month it is of, such as `2025-06`; empty: that of its facts.
        translated: Minor units of the presentation currency, debit positive; None: not yet.
        on: Day of recognition; None: not stated.
        due: Day it falls due; None: not stated.
        source: Where it was read, such as `omie 2025-01 (12)`, and what it is called there;
            empty: it was recorded.
    """

    id: str
    entity: str
    partner: str
    kind: ItemKind
    account: str
    amount: int
    reference: str = ""
    document_currency: str = ""
    document_amount: int | None = None
    quote: Quote | None = None
    together: str = ""
    period: str = ""
    translated: int | None = None
    on: date | None = None
    due: date | None = None
    source: str = ""


class Basis(StrEnum):
    """What two sides were compared in."""

    DOCUMENT = "document"
    PRESENTATION = "presentation"


class Cause(StrEnum):
    """Why two matched sides leave a residual after translation."""

    NONE = "none"
    ROUNDING = "rounding"
    FX = "fx"
    AMOUNT = "amount"
    REPORTING_DATE = "reporting-date"


class Reason(StrEnum):
    """Why an item found no other side."""

    NO_COUNTERPART = "no-counterpart"
    OTHER_REFERENCE = "other-reference"
    BEYOND_TOLERANCE = "beyond-tolerance"
    REPORTING_DATE = "reporting-date"


@dataclass(frozen=True, slots=True)
class Match:
    """
    Two sides that face each other.

    Attributes:
        a: The side of the asset or income, translated; several items only when they were
            put together by name.
        b: The side of the liability or expense.
        basis: What they were compared in.
        difference: Exact, as a part of the larger side: nil, or up to the tolerance.
        cause: Why a residual is left.
    """

    a: tuple[Item, ...]
    b: tuple[Item, ...]
    basis: Basis
    difference: Fraction
    cause: Cause

    @property
    def items(self) -> tuple[Item, ...]:
        """Both sides."""
        return self.a + self.b

    @property
    def kind(self) -> ItemKind:
        """The kind of the leading side."""
        return self.a[0].kind

    @property
    def amount_a(self) -> int:
        """Translated, presentation currency, debit positive."""
        return translated_sum(self.a)

    @property
    def amount_b(self) -> int:
        """Translated, presentation currency, debit positive."""
        return translated_sum(self.b)

    @property
    def residual(self) -> int:
        """What both sides leave together, presentation currency, debit positive."""
        return self.amount_a + self.amount_b

    @property
    def status(self) -> str:
        """`matched` when nothing differs, else `matched_within_tolerance`."""
        return "matched_within_tolerance" if self.difference else "matched"


def behind(entries: Iterable[Entry], matches: Iterable[Match]) -> dict[str, Match]:
    """What each elimination of items was made from, by the entry's id: one a match, in order."""
    made = (entry for entry in entries if entry.kind == "intercompany")
    return {entry.id: match for entry, match in zip(made, matches, strict=False)}


def translated_sum(items: tuple[Item, ...]) -> int:
    """What items come to in the presentation currency, debit positive."""
    return sum([item.translated or 0 for item in items])


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An item that stays where it stands, and why."""

    item: Item
    reason: Reason


@dataclass(frozen=True, slots=True)
class NetInvestment:
    """
    An exchange difference of the period on a loan that is part of a net investment.

    Attributes:
        id: Unique in the period.
        entity: Code of the company that booked it.
        account: Where it booked it, income or expense.
        amount: Minor units of its currency, debit positive (a loss); only the part after
            the loan was designated.
        quote: Its rate to the presentation currency; None: it is in that currency already.
        months: The months that *amount* adds up, each at its own rate, instead of *quote*.
        opened: Whether it is of fiscal years before, and so of retained earnings by now.

    Source:
        IAS 21.15, 21.32; ASC 830-20-35-3(b).
    """

    id: str
    entity: str
    account: str
    amount: int
    quote: Quote | None = None
    months: tuple[Stated, ...] = ()
    opened: bool = False
