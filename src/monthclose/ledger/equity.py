"""Equity of owners and outsiders: its roll-forwards, and the statement of its changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import Rollforward


@dataclass(frozen=True, slots=True)
class OciMovement:
    """
    Other comprehensive income that a company recognised on a day, or took out of a reserve.

    Attributes:
        entity: Code of the company.
        account: The reserve, of class `oci`.
        amount: Minor units of the company's currency, a gain is positive.
        on: Its day.
        quote: Rate of that day; None: found in the records.
        reference: Tells two of one day apart.

    Source:
        IAS 1.7, 1.82A; IAS 21.39(b).
    """

    entity: str
    account: str
    amount: int
    on: date
    quote: Quote | None = None
    reference: str = ""


class EquityPart(StrEnum):
    """A column: a component of the owners' equity, or the outsiders' interest."""

    SHARE_CAPITAL = "share-capital"
    APIC = "apic"
    RESERVES = "reserves"
    RETAINED = "retained"
    OCI = "oci"
    CTA = "cta"
    NCI = "nci"


OWNERS = tuple(part for part in EquityPart if part is not EquityPart.NCI)
"""Components that belong to the owners of the parent."""


class EquityMove(StrEnum):
    """A row, in the order of the statement (IAS 1.106(d))."""

    RESTATEMENT = "restatement"
    RESULT = "result"
    TRANSLATION = "translation"
    OCI = "oci-associates"
    RECOGNISED = "recognised"
    CONTRIBUTION = "contribution"
    REDUCTION = "capital-reduction"
    DIVIDENDS = "dividends"
    TRANSFER = "transfer"
    ACQUISITION = "acquisition"
    OWNERSHIP = "ownership"
    LOSS_OF_CONTROL = "loss-of-control"


COMPREHENSIVE = (
    EquityMove.RESULT,
    EquityMove.TRANSLATION,
    EquityMove.OCI,
    EquityMove.RECOGNISED,
)
"""Total comprehensive income: result and other comprehensive income."""

type Parts = Mapping[EquityPart, int]
"""Minor units of the presentation currency by component, credit positive; nil left out."""


@dataclass(frozen=True, slots=True)
class OutsidePart:
    """
    One thing that a subsidiary's outsiders share in; presentation currency, credit positive.

    Attributes:
        name: What it is: `retained`, `profit`, `cta_opening`, `cta`, `reserve`, or `moved` for
            what became capital or a reserve.
        account: Whose line of the attribution has it.
        share: Their share of it; None: carried forward, because their share has changed.
        whole: All of it.
        part: Theirs, rounded once.
    """

    name: str
    account: str
    share: Fraction | None
    whole: int
    part: int


@dataclass(frozen=True, slots=True)
class NciRollforward:
    """
    Outsiders' interest in one subsidiary, presentation currency, credit positive.

    Attributes:
        entity: The subsidiary.
        percent: Their share, shortest decimal percentage.
        opening: At the start of the period.
        acquired: Recognised by an acquisition of the period.
        contributed: Of capital paid in during the period.
        share_of_profit: Of the result.
        share_of_cta: Of the CTA's movement.
        dividends: Paid to them, negative.
        derecognised: What left with them when control was lost, negative.
        recognised: What they bought of the owners, its CTA included; and their part of the
            price of shares that the subsidiary sold of another.
        intragroup: Moved between levels of a chain, by dividends inside it or the sale of
            the company below.
        share_of_oci: Of other comprehensive income but the CTA.
        returned: Capital they got back, negative.
    """

    entity: str
    percent: str
    opening: int
    acquired: int
    contributed: int
    share_of_profit: int
    share_of_cta: int
    dividends: int
    derecognised: int = 0
    recognised: int = 0
    intragroup: int = 0
    share_of_oci: int = 0
    returned: int = 0

    @property
    def closing(self) -> int:
        """At the end of the period."""
        return (
            self.opening
            + self.acquired
            + self.contributed
            + self.share_of_profit
            + self.share_of_cta
            + self.dividends
            + self.derecognised
            + self.recognised
            + self.intragroup
            + self.share_of_oci
            + self.returned
        )


@dataclass(frozen=True, slots=True)
class EquityRollforward:
    """
    The parent's owners and outsiders, from opening to closing; credit positive.

    Attributes:
        retained_opening: Retained earnings of the parent's owners at the start.
        net_income_parent: Their part of the result.
        dividends_parent: Paid to them, negative.
        transfers_parent: What transfers inside equity brought into retained earnings.
        retained_closing: Retained earnings at the end.
        cta_parent: Their part of the CTA.
        nci_opening: All outsiders at the start.
        nci_closing: All outsiders at the end.
        transactions_parent: What sales to outsiders brought into retained earnings.
        cta_reattributed: What of the owners' CTA went to outsiders with them, part of its
            movement.
        oci_parent: Their part of other comprehensive income but the CTA.
    """

    retained_opening: int
    net_income_parent: int
    dividends_parent: int
    retained_closing: int
    cta_parent: Rollforward
    nci_opening: int
    nci_closing: int
    transfers_parent: int = 0
    transactions_parent: int = 0
    cta_reattributed: int = 0
    oci_parent: int = 0


@dataclass(frozen=True, slots=True)
class EquityStatement:
    """
    Changes in equity over the fiscal year to date, or since the group's first month.

    Attributes:
        reported: Opening balances as the last close left them.
        moves: What moved them, by row; rows with nothing in them are left out.
        closing: Closing balances, as the accounts hold them.

    Source:
        IAS 1.106; CPC 26 (R1) 106; Law 6.404 art. 186 § 2.
    """

    reported: Parts
    moves: Mapping[EquityMove, Parts]
    closing: Parts

    @property
    def opening(self) -> Parts:
        """Opening balances as restated: where the period really begins."""
        corrected = self.moves.get(EquityMove.RESTATEMENT, {})
        return {part: self.reported.get(part, 0) + corrected.get(part, 0) for part in EquityPart}

    @property
    def comprehensive(self) -> Parts:
        """Total comprehensive income by component."""
        return self._sum(COMPREHENSIVE)

    @property
    def with_owners(self) -> Parts:
        """Transactions with owners in their capacity as owners (IAS 1.106(d)(iii))."""
        rows = [row for row in EquityMove if row not in (*COMPREHENSIVE, EquityMove.RESTATEMENT)]
        return self._sum(rows)

    @property
    def columns(self) -> tuple[EquityPart, ...]:
        """Components that hold anything in any row, in order."""
        rows = (self.reported, self.closing, *self.moves.values())
        return tuple(part for part in EquityPart if any(row.get(part) for row in rows))

    def _sum(self, rows: Iterable[EquityMove]) -> Parts:
        moves = [self.moves.get(row, {}) for row in rows]
        return {part: sum(each.get(part, 0) for each in moves) for part in EquityPart}


def owners_of(parts: Parts) -> int:
    """What of *parts* belongs to the owners of the parent, credit positive."""
    return sum(parts.get(part, 0) for part in OWNERS)


def whole(parts: Parts) -> int:
    """Owners and outsiders together, credit positive."""
    return sum(parts.values())
