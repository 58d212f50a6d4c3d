"""Cash flows of an entity, and the statement that they translate to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import CtaProof


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
