"""What a simulated neighbor serves of one company."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from monthclose.ledger.sources import SourceAccount
from monthclose.ledger.titles import Dealings


@dataclass(frozen=True, slots=True)
class Party:
    """
    A customer or supplier.

    Attributes:
        id: As the system calls it.
        name: Its name.
        tax_id: CNPJ or CPF, letters and digits only; empty: nobody wrote it down.
        receivable: Account of the own chart that takes what it owes, in a system with a
            ledger; empty: nobody said.
        payable: The same of what it is owed.
    """

    id: str
    name: str
    tax_id: str = ""
    receivable: str = ""
    payable: str = ""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """
    One side of an entry of a general ledger.

    Attributes:
        account: Of the company's own chart.
        amount: Minor units, debit positive.
        partner: Tax id of the other side, or empty.
        text: What the entry is about.
    """

    account: str
    amount: int
    partner: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """
    One balanced entry of a general ledger.

    Attributes:
        number: Unique in the company.
        on: The day it is posted.
        lines: They sum to zero.
        closing: Whether it zeroes result accounts at the end of a year.
    """

    number: int
    on: date
    lines: tuple[LedgerLine, ...]
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """
    One company of a neighbor.

    Attributes:
        id: What the neighbor calls the company.
        name: Its name.
        cnpj: 14 characters.
        today: The day on which the neighbor answers: balances "now" are of this day.
        dealings: Of a system without a ledger: all of them, whatever the month.
        parties: Customers and suppliers, by tax id or name as titles give them.
        accounts: Of a system with a ledger: its chart.
        entries: Of a system with a ledger: all of them.
        bank_starts: What each bank account held before its first movement, minor units.
        beside: What a bank's own statement shows and the dealings do not: account, day and
            amount in minor units, received positive.
        open_months: Of a system with a ledger: months that nobody has blocked.
    """

    id: str
    name: str
    cnpj: str
    today: date
    dealings: Dealings = field(default_factory=Dealings)
    parties: tuple[Party, ...] = ()
    accounts: tuple[SourceAccount, ...] = ()
    entries: tuple[LedgerEntry, ...] = ()
    bank_starts: Mapping[str, int] = field(default_factory=dict)
    beside: tuple[tuple[str, date, int], ...] = ()
    open_months: frozenset[str] = frozenset()

    def bank_balance(self, bank: str, day: date) -> int:
        """What a bank account held at the end of a day, minor units."""
        held = self.bank_starts.get(bank, 0)
        held += sum(amount for each, on, amount in self.beside if each == bank and on <= day)
        for title in self.dealings.titles:
            sign = 1 if title.side.value == "receivable" else -1
            for paid in title.settlements:
                if paid.bank == bank and paid.on <= day and not paid.loss:
                    net = paid.principal + paid.interest + paid.fine - paid.discount
                    held += sign * net - paid.fee
        held += sum(e.amount for e in self.dealings.entries if e.bank == bank and e.on <= day)
        for moved in self.dealings.transfers:
            if moved.on <= day:
                held += moved.amount * ((moved.destination == bank) - (moved.source == bank))
        return held
