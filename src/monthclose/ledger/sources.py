"""What a source of balances answers, in the words of every source alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from monthclose.ledger.balances import Gap, RawBalance, Source
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Money
from monthclose.ledger.rates import Quote
from monthclose.wording import Word, say

SUSPENSE = "SUSPENSE"
"""Account of what a source gives without saying what it is; never a plug."""


class Nature(StrEnum):
    """What kind an account is, as SPED and Protheus number them; unknown where nobody says."""

    ASSET = "01"
    LIABILITY = "02"
    EQUITY = "03"
    RESULT = "04"
    MEMO = "05"
    OTHER = "09"
    UNKNOWN = ""


class Side(StrEnum):
    """Which side of trade an open item is on."""

    RECEIVABLE = "receivable"
    PAYABLE = "payable"


BETWEEN = {
    Side.RECEIVABLE: "AR:GROUP",
    Side.PAYABLE: "AP:GROUP",
}
"""Accounts of what a company is owed and owes within the group, beside its control accounts."""


@dataclass(frozen=True, slots=True)
class SourceCompany:
    """
    A company as a source knows it.

    Attributes:
        id: What the source calls it: company and branch, a key, an account.
        name: Its name there.
        cnpj: 14 characters, letters and digits only; empty: the source does not say.
    """

    id: str
    name: str
    cnpj: str = ""


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """
    One account of a source's own chart.

    Attributes:
        code: As the source writes it, or as we name what it has no code for: `AR`, `BANK:501`.
        name: As the source calls it.
        nature: What kind it is.
        posting: Whether entries go to it; otherwise it only adds up others.
        parent: The account it is part of, or empty.
        referential: Code of the chart of the Receita Federal it was given, or empty.
        line: Line of the source's own income statement it belongs to, or empty.
        bank: Whether it is a bank or cash account.
    """

    code: str
    name: str
    nature: Nature = Nature.UNKNOWN
    posting: bool = True
    parent: str = ""
    referential: str = ""
    line: str = ""
    bank: bool = False


@dataclass(frozen=True, slots=True)
class OpenItem:
    """
    A receivable or payable open at the end of a month.

    Attributes:
        side: Receivable or payable.
        id: What the source calls it.
        document: Number on the invoice, or empty.
        tax_id: CNPJ or CPF of the other side, letters and digits only; empty: the source
            does not say, and the item is unmatched, never a third party's.
        name: Of the other side.
        account: Control account it is part of.
        amount: Open then, minor units, debit positive.
        currency: ISO 4217 code of *amount*.
        issued: Day of recognition.
        due: Day it falls due, or None.
        document_currency: ISO 4217 code of the document, where it is another; or empty.
        document_amount: Open then in that currency, minor units, debit positive; or None.
    """

    side: Side
    id: str
    document: str
    tax_id: str
    name: str
    account: str
    amount: int
    currency: str
    issued: date
    due: date | None = None
    document_currency: str = ""
    document_amount: int | None = None

    @property
    def root(self) -> str:
        """Root of the CNPJ, which names a legal entity; empty for a person or nobody."""
        return self.tax_id[:8] if len(self.tax_id) == 14 else ""


@dataclass(frozen=True, slots=True)
class Flow:
    """
    Income or expense of a month with one counterparty.

    Attributes:
        id: What the source calls it.
        document: Number on the invoice, or empty.
        tax_id: As in an open item.
        name: Of the other side.
        account: Category or result account.
        amount: Of the month, minor units, debit positive.
        currency: ISO 4217 code of *amount*.
        on: Day of recognition.
        side: Whether it is of a receivable, income, or of a payable, expense.
        document_currency: ISO 4217 code of the document, where it is another; or empty.
        document_amount: Of the month in that currency, minor units, debit positive; or None.
    """

    id: str
    document: str
    tax_id: str
    name: str
    account: str
    amount: int
    currency: str
    on: date
    side: Side
    document_currency: str = ""
    document_amount: int | None = None

    @property
    def root(self) -> str:
        """As of an open item."""
        return self.tax_id[:8] if len(self.tax_id) == 14 else ""


@dataclass(frozen=True, slots=True)
class Moved:
    """
    By how much what is open with one counterparty moved in a month.

    Attributes:
        side: Receivable or payable.
        tax_id: As in an open item.
        account: Control account it moved on.
        debit: Minor units, positive.
        credit: Minor units, positive.
    """

    side: Side
    tax_id: str
    account: str
    debit: int
    credit: int

    @property
    def root(self) -> str:
        """As of an open item."""
        return self.tax_id[:8] if len(self.tax_id) == 14 else ""


@dataclass(frozen=True, slots=True)
class BookItem:
    """
    An open item or a flow as it is kept with its month: whose it is, and where it stands.

    Attributes:
        side: Receivable, or income; payable, or expense.
        flow: Whether it is income or expense of the month; else open at its end.
        id: What the source calls it.
        document: Number on the invoice, or empty.
        tax_id: CNPJ of the other side; empty: a person's, or the source does not say.
        partner: Short code of the other side, if it is a company of the group; or empty.
        account: Of the company's own chart, where it stands in the balance; empty: nowhere
            that anybody could tell.
        control: The control account that it was taken out of; empty: it was left where it is.
        amount: Minor units, debit positive.
        currency: ISO 4217 code of *amount*.
        on: Day of recognition.
        due: Day it falls due, or None.
        document_currency: ISO 4217 code of the document, where it is another; or empty.
        document_amount: In that currency, minor units, debit positive; or None.
    """

    side: Side
    flow: bool
    id: str
    document: str
    tax_id: str
    partner: str
    account: str
    control: str
    amount: int
    currency: str
    on: date
    due: date | None = None
    document_currency: str = ""
    document_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Subledger:
    """
    What one company is owed and owes at the end of a month, and with whom it traded.

    Attributes:
        entity: Short code of the company.
        period: The month.
        items: Open at its end.
        flows: Of the month, by counterparty.
        gaps: What the source could not tell of it, such as what was settled since.
        moved: By how much what is open moved in the month; None: the source does not tell.
        notes: What a person has to be told of it, by code, with facts.
    """

    entity: str
    period: str
    items: tuple[OpenItem, ...] = ()
    flows: tuple[Flow, ...] = ()
    gaps: tuple[Gap, ...] = ()
    moved: tuple[Moved, ...] | None = None
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SourceDocument:
    """
    Bytes a source sent, as they are kept.

    Attributes:
        label: What a person calls it, such as `omie ListarCategorias 1/3`.
        endpoint: Host and path, without query and without secrets.
        media_type: As the source declared it.
        content: The bytes; without fields that must not be kept.
        fetched_at: When they came; with a time zone.
    """

    label: str
    endpoint: str
    media_type: str
    content: bytes = field(repr=False)
    fetched_at: datetime

    @property
    def sha256(self) -> str:
        """Hash of the bytes, hexadecimal."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class TieOut:
    """
    A figure reached by two roads within one source.

    Attributes:
        name: What is compared, as the catalogue says it (`words.tie-…`): `debits_credits`,
            `closing`, `bank`, `open_receivables`, `open_payables`, `entries`,
            `closing_entries`, `settlement` (money moved and posted), `title` (open now, by
            the source and by us), `unpaid`, `result`; of a filed ECD `position`, `performance`,
            `year_opening`.
        account: The account it is about, or empty: the whole balance.
        expected: By the second road, minor units, debit positive.
        actual: In the balance.
    """

    name: str
    account: str
    expected: int
    actual: int

    @property
    def out_by(self) -> int:
        """By how much the balance is more."""
        return self.actual - self.expected

    @property
    def said(self) -> Word:
        """What was compared, in the words of the catalogue."""
        return Word(f"tie-{self.name.replace('_', '-')}")


def said_note(code: str, facts: Mapping[str, str], lang: str) -> str:
    """
    Say a note of an extract.

    Facts `minor`, `closed` and `found` are amounts in minor units of `currency`; the first is
    said as `{size}`.
    """
    told: dict[str, Any] = dict(facts)
    for name, as_said in (("minor", "size"), ("closed", "closed"), ("found", "found")):
        if name in facts:
            told[as_said] = Money(int(facts[name]), facts["currency"])
    return say(f"words.note-{code}", lang, **told)


@dataclass(frozen=True, slots=True)
class Extract:
    """
    One company's month as a source gave it, whole.

    Attributes:
        balance: In the source's own accounts, with its basis, gaps and source.
        accounts: The source's chart, at least every account of the balance.
        documents: What it was read from, in the order it came.
        tie_outs: What was compared; those that are out by something fail validation.
        notes: What a person has to be told, by code, with facts: accounts without
            closing entries, categories without a line, a status nobody knows.
        removed_characters: How many control characters were taken out of texts.
        papers: Documents that people sent and whose lines are in it; they are kept already.
        items: What was open at the end of the month, and traded in it within the group, of
            which *balance* names the partners; None: nobody asked, or could tell.
        supplement: Number of the lines for gaps that are in *balance*; nil: none are.
    """

    balance: RawBalance
    accounts: tuple[SourceAccount, ...]
    documents: tuple[SourceDocument, ...] = ()
    tie_outs: tuple[TieOut, ...] = ()
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()
    removed_characters: int = 0
    papers: tuple[Source, ...] = ()
    items: tuple[BookItem, ...] | None = None
    supplement: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """
    What a cheap question to a source told.

    Attributes:
        reachable: Whether it answered and took the credential.
        code: Code of the error otherwise, or empty.
        said: What to tell a person, or empty.
        companies: What the credential opens.
    """

    reachable: bool
    code: str = ""
    said: str = ""
    companies: tuple[SourceCompany, ...] = ()


class SupplementUnbalanced(CloseError):
    """Lines that fill a gap do not balance, so nothing could be filled with them."""

    code = "supplement-unbalanced"

    def __init__(self, entity: str, period: str, currency: str, out_by: int) -> None:
        super().__init__(entity=entity, period=period, size=Money(abs(out_by), currency))


@dataclass(frozen=True, slots=True)
class SupplementLine:
    """
    One account of what a source without a ledger does not know.

    Attributes:
        account: Of the accountant's chart, or one of the source's own.
        name: As the accountant calls it.
        debit: Of the month, minor units, positive.
        credit: Of the month, minor units, positive.
        gap: The gap it fills, such as `depreciation`.
    """

    account: str
    name: str
    debit: int
    credit: int
    gap: str


@dataclass(frozen=True, slots=True)
class Supplement:
    """
    A month's entries for the gaps of a derived balance: they balance, or do not exist.

    Attributes:
        entity: Short code of the company.
        period: The month.
        currency: ISO 4217 code of every amount.
        lines: In the order they were given.
        none: Gaps of which somebody said that there is nothing in the month.
        number: Of its load; nil while it has none.
    """

    entity: str
    period: str
    currency: str
    lines: tuple[SupplementLine, ...]
    none: tuple[str, ...] = ()
    number: int = 0

    def __post_init__(self) -> None:
        if out_by := sum(line.debit - line.credit for line in self.lines):
            raise SupplementUnbalanced(self.entity, self.period, self.currency, out_by)

    @property
    def filled(self) -> frozenset[str]:
        """The gaps that are none any more."""
        return frozenset((*self.none, *(line.gap for line in self.lines)))


@dataclass(frozen=True, slots=True, eq=False)
class FetchedRates:
    """
    Quotes as a central bank published them.

    Attributes:
        quotes: Daily, oldest first; none on days without a survey.
        published: When each was published, by base, quote currency and day; only where
            the bank says.
        documents: What they were read from.
    """

    quotes: tuple[Quote, ...]
    published: Mapping[tuple[str, str, str], datetime] = field(default_factory=dict)
    documents: tuple[SourceDocument, ...] = ()
