"""What a system without a ledger holds: titles, what settled them, bank entries."""

from dataclasses import dataclass
from datetime import date

from monthclose.ledger.sources import Side


@dataclass(frozen=True, slots=True)
class Part:
    """
    A part of a title or bank entry under one category.

    Attributes:
        category: The system's code of it; empty: nobody gave it one.
        amount: Minor units, positive.
    """

    category: str
    amount: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    What settled a title, or a part of it; all amounts in minor units, positive.

    Attributes:
        id: What the system calls it.
        on: The day the money moved.
        bank: The bank or cash account.
        principal: What the title went down by.
        interest: Paid on top, late.
        fine: Paid on top, late.
        discount: Not paid after all.
        fee: Kept by the bank out of a receipt, or paid on top of a payment.
        loss: Whether nothing moved: the rest was written off.
    """

    id: str
    on: date
    bank: str
    principal: int
    interest: int = 0
    fine: int = 0
    discount: int = 0
    fee: int = 0
    loss: bool = False


@dataclass(frozen=True, slots=True)
class Title:
    """
    A receivable or payable, from recognition to its last settlement.

    Attributes:
        side: Receivable or payable.
        id: What the system calls it.
        document: Number on the invoice, or empty.
        tax_id: CNPJ or CPF of the other side, letters and digits only, or empty.
        name: Of the other side.
        accrued: The day that decides the month it is recognised in.
        due: The day it falls due, or None.
        amount: Gross, minor units, positive.
        parts: Its split over categories; they add up to *amount*.
        withheld: Taxes that whoever pays keeps for the treasury, minor units, positive.
        cancelled: The day it was cancelled, or None.
        settlements: In any order.
    """

    side: Side
    id: str
    document: str
    tax_id: str
    name: str
    accrued: date
    due: date | None
    amount: int
    parts: tuple[Part, ...]
    withheld: int = 0
    cancelled: date | None = None
    settlements: tuple[Settlement, ...] = ()

    def open_at(self, day: date) -> int:
        """
        What is open at the end of a day, minor units, positive; negative: paid in advance.

        Never what the system shows as open now: it may have been paid since.
        """
        gone = self.cancelled is not None and self.cancelled <= day
        due = 0 if gone or self.accrued > day else self.amount - self.withheld
        return due - sum(each.principal for each in self.settlements if each.on <= day)


@dataclass(frozen=True, slots=True)
class BankEntry:
    """
    Money in or out of a bank account with no title behind it.

    Attributes:
        id: What the system calls it.
        on: The day it moved.
        bank: The account.
        amount: Minor units, received positive, paid negative.
        parts: Its split over categories, positive; they add up to it without sign.
        tax_id: CNPJ or CPF of the other side, or empty.
        name: Of the other side, or empty.
    """

    id: str
    on: date
    bank: str
    amount: int
    parts: tuple[Part, ...]
    tax_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class BankTransfer:
    """
    Money moved between two accounts of the company itself.

    Attributes:
        id: What the system calls it.
        on: The day.
        source: The account it left.
        destination: The account it reached.
        amount: Minor units, positive.
    """

    id: str
    on: date
    source: str
    destination: str
    amount: int


@dataclass(frozen=True, slots=True)
class Category:
    """
    A category of income and expense, which is not an account and not always a result.

    Attributes:
        code: The system's code.
        name: Its name.
        line: Line of the system's income statement, or empty: it has to be mapped by
            hand, and is never an expense because nobody said what else it is.
        transfer: Whether it is for money between the company's own accounts.
        totals: Whether it only adds others up: nothing may be posted to it.
    """

    code: str
    name: str
    line: str = ""
    transfer: bool = False
    totals: bool = False


@dataclass(frozen=True, slots=True)
class BankAccount:
    """
    A bank, cash, card or loan account.

    Attributes:
        id: The system's id.
        name: Its name.
        kind: The system's kind of it, which decides the standard account.
    """

    id: str
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Dealings:
    """
    Everything of one company that decides its balance of a month.

    Attributes:
        titles: Recognised, settled, cancelled or open in the month, at least.
        entries: Of the month.
        transfers: Of the month.
        categories: The list of them.
        banks: The list of them.
        bank_closings: What the system itself says each account held at the end of the
            month, minor units, by account; only where it says so.
    """

    titles: tuple[Title, ...] = ()
    entries: tuple[BankEntry, ...] = ()
    transfers: tuple[BankTransfer, ...] = ()
    categories: tuple[Category, ...] = ()
    banks: tuple[BankAccount, ...] = ()
    bank_closings: tuple[tuple[str, int], ...] = ()
