"""Cash flows of an entity, and the statement that they translate to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import apart
from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import CtaProof


class CashUnexplained(CloseError):
    """Opening cash and the flows do not add up to closing cash."""

    code = "cash-unexplained"

    def __init__(self, entity: str, currency: str, known: int, booked: int) -> None:
        super().__init__(
            entity=entity,
            **apart(currency, known, booked),
        )


class Section(StrEnum):
    """Where a cash flow belongs (IAS 7.10)."""

    OPERATING = "operating"
    INVESTING = "investing"
    FINANCING = "financing"


@dataclass(frozen=True, slots=True)
class CashFlow:
    """
    One line of an entity's cash flow statement.

    Attributes:
        section: Operating, investing or financing.
        label: What it is.
        amount: Minor units of the entity's currency, an inflow is positive.
        quote: Rate of the flow, or the average (IAS 7.25-26); None: no translation.
    """

    section: Section
    label: str
    amount: int
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class CashMovements:
    """
    An entity's cash from opening to closing, in its currency.

    Attributes:
        entity: Short code.
        currency: Of its books.
        opening: Cash at the start.
        closing: Cash at the end.
        flows: What lies between, but for *remeasured*.
        opening_quote: Closing rate of the last close.
        closing_quote: Of the period's end.
        remeasured: Exchange differences on its own foreign-currency cash (IAS 7.28).
    """

    entity: str
    currency: str
    opening: int
    closing: int
    flows: tuple[CashFlow, ...]
    opening_quote: Quote | None = None
    closing_quote: Quote | None = None
    remeasured: int = 0


@dataclass(frozen=True, slots=True)
class CashFlowStatement:
    """
    Translated cash flows, presentation currency, inflows positive.

    Attributes:
        lines: Section, label and amount, in order.
        opening: Cash at the start, as the last close translated it.
        closing: Cash at the end, at its closing rate.
        effect: Of exchange rates on cash: what is left.
        proof: The same from opening cash and each flow.
        rounded_lines: How many were rounded, for the bound of the proof.
    """

    lines: tuple[tuple[Section, str, int], ...]
    opening: int
    closing: int
    effect: int
    proof: CtaProof
    rounded_lines: int

    @property
    def sections(self) -> Mapping[Section, int]:
        """Net cash of each section."""
        return {
            section: sum(amount for of, _, amount in self.lines if of is section)
            for section in Section
        }


class Part(StrEnum):
    """How a line of the indirect method comes about (IAS 7.18(b), 7.20)."""

    RESULT = "result"
    ADJUSTMENT = "adjustment"
    MOVEMENT = "movement"


class Own(StrEnum):
    """Lines that are no account's."""

    RESULT = "result"
    DIVIDENDS = "dividends"
    DIVIDENDS_OWNERS = "dividends-owners"
    DIVIDENDS_OUTSIDERS = "dividends-outsiders"
    CAPITAL_OUTSIDERS = "capital-outsiders"
    WRITTEN_OFF = "written-off"
    INTRAGROUP = "intragroup"
    ACQUIRED = "acquired"
    SOLD = "sold"
    OUTSIDERS_TRADED = "outsiders-traded"
    CORRECTIONS = "corrections"


@dataclass(frozen=True, slots=True, order=True)
class LineKey:
    """
    What a line of a cash flow statement is.

    Attributes:
        section: Where it belongs.
        part: How it comes about.
        account: Code of the account whose movement it is; empty: none's alone.
        own: What else it is; empty for an account.
    """

    section: Section
    part: Part
    account: str = ""
    own: str = ""


def own_line(section: Section, own: Own, part: Part = Part.MOVEMENT) -> LineKey:
    """The key of a line that is no account's."""
    return LineKey(section, part, own=own.value)


NO_PROOF = CtaProof((), 0)
"""Of a statement in the currency of the books, which no rate touches."""

RESULT_LINE = own_line(Section.OPERATING, Own.RESULT, Part.RESULT)
"""The line every statement begins with: the result of the time."""


@dataclass(frozen=True, slots=True)
class StatedCash:
    """
    A cash flow statement by the indirect method. It foots, or it does not exist.

    Attributes:
        entity: Short code of the company; empty: the group.
        currency: ISO 4217 code of every amount.
        since: First month of the time it covers.
        period: Last month.
        lines: Minor units by line, inflows positive; no line is nil.
        opening: Cash at the start.
        closing: Cash at the end.
        effect: Of exchange rates on cash, shown apart from the flows (IAS 7.28): in the
            presentation currency of translation, in a company's own of its foreign cash.
        proof: The effect from opening cash and each flow, by cause.
        rounded_lines: How many amounts were rounded: the bound of the proof.
    """

    entity: str
    currency: str
    since: str
    period: str
    lines: Mapping[LineKey, int]
    opening: int
    closing: int
    effect: int
    proof: CtaProof = NO_PROOF
    rounded_lines: int = 0

    def __post_init__(self) -> None:
        explained = self.opening + sum(self.lines.values()) + self.effect
        if explained != self.closing:
            raise CashUnexplained(self.entity, self.currency, explained, self.closing)

    @property
    def sections(self) -> Mapping[Section, int]:
        """Net cash of each section."""
        return {
            section: sum(amount for key, amount in self.lines.items() if key.section is section)
            for section in Section
        }


@dataclass(frozen=True, slots=True)
class CompanyCash:
    """One company's cash flows: in the currency of its books, and as they were translated."""

    functional: StatedCash
    translated: StatedCash


@dataclass(frozen=True, slots=True)
class CashFlows:
    """
    The cash flows of a month's close, fiscal year to date.

    Attributes:
        period: The month.
        group: The group's statement; None: it cannot be stated.
        companies: Those that can be stated, in the group's order.
        problems: Why the group or a company cannot be stated, each with its remedy.
    """

    period: str
    group: StatedCash | None
    companies: tuple[CompanyCash, ...]
    problems: tuple[CloseError, ...] = ()
