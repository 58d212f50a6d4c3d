"""A small group worked by hand: a holding in dollars, and 80 percent of a company in reais."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from monthclose import ConsolidationEngine
from monthclose.analysis.validation import validate
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind, NciMethod
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Interest, Method
from monthclose.ledger.findings import CheckResult, Finding, Severity, Validation
from monthclose.ledger.group import Group
from monthclose.ledger.money import parse_amount
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate
from monthclose.reports.identity import CloseIdentity

PERIOD = "2025-01"


@dataclass(frozen=True)
class Step:
    """A step of a trail that no engine made."""

    step: str
    subject: str
    period: str
    inputs: str
    outputs: str


PRINTED = CloseIdentity(
    f"{PERIOD}@1",
    "c" * 64,
    (
        Step("translate", "S", PERIOD, "a" * 64, "b" * 64),
        Step("consolidate", "HS", PERIOD, "b" * 64, "c" * 64),
    ),
)
"""Made-up hashes, for documents that are compared with expected ones."""

CHECKED = Validation(
    (
        CheckResult("V3", Severity.BLOCKING, 5, 1, 3_350_00, 0, "USD", ()),
        CheckResult(
            "W4",
            Severity.WARNING,
            0,
            12,
            12,
            1,
            "",
            (Finding("W4", "cash-negative", Severity.WARNING, "1010", 0, -5_00, "USD"),),
        ),
    )
)
"""Two checks, one of them with a warning."""

NAMES = {
    "1010": ("Cash", AccountClass.ASSET),
    "1100": ("Trade receivables", AccountClass.ASSET),
    "1500": ("Investments in subsidiaries", AccountClass.ASSET),
    "1600": ("Goodwill", AccountClass.ASSET),
    "2010": ("Trade payables", AccountClass.LIABILITY),
    "3000": ("Share capital", AccountClass.SHARE_CAPITAL),
    "3300": ("Retained earnings", AccountClass.RETAINED_EARNINGS),
    "3400": ("Translation adjustment", AccountClass.CTA),
    "3900": ("Non-controlling interests", AccountClass.NCI),
    "4000": ("Revenue", AccountClass.INCOME),
    "5000": ("Cost of services", AccountClass.EXPENSE),
    "6000": ("Operating expenses", AccountClass.EXPENSE),
}

HOLDING = {
    "1010": "1000.00",
    "1500": "360.00",
    "2010": "-100.00",
    "3000": "-1200.00",
    "4000": "-100.00",
    "6000": "40.00",
}
SUBSIDIARY = {
    "1010": "1600.00",
    "1100": "900.00",
    "2010": "-300.00",
    "3000": "-2000.00",
    "4000": "-800.00",
    "5000": "400.00",
    "6000": "200.00",
}


def quote(value: str, kind: RateKind, on: str) -> Quote:
    """Reais for one dollar."""
    return Quote("USD", "BRL", parse_rate(value), kind, on, "made up")


def group(names: dict[str, str] | None = None, **entities: str) -> Group:
    """
    The holding H and the company S it founded on 1 January 2025, 80 percent of it.

    Args:
        names: Other names of accounts, by code.
        entities: Other names of H and S, by code.
    """
    accounts = tuple(
        Account(code, (names or {}).get(code, name), kind) for code, (name, kind) in NAMES.items()
    )
    return Group(
        code="HS",
        name="Hand & Sons",
        presentation="USD",
        chart=chart_of(accounts),
        entities=(
            Entity("H", entities.get("H", "Hand Holding"), "USD", Method.PARENT),
            Entity("S", entities.get("S", "Sons do Brasil Ltda."), "BRL"),
        ),
        interests=(Interest("H", "S", 80_000_000),),
        rates=RateTable(
            (
                quote("5.00", RateKind.HISTORICAL, "2025-01-01"),
                quote("4.00", RateKind.AVERAGE, "2025-01"),
                quote("4.00", RateKind.CLOSING, "2025-01-31"),
            )
        ),
        acquisitions=(
            Acquisition(
                id="ACQ-S",
                acquirer="H",
                target="S",
                kind=AcquisitionKind.PURCHASE,
                on=date(2025, 1, 1),
                consideration=1_800_00,
                nci_method=NciMethod.PROPORTIONATE,
                nci_share=Interest("", "", 20_000_000).share,
                equity={"3000": -2_000_00},
                investment_account="1500",
                investment=360_00,
            ),
        ),
        first_period=PERIOD,
    )


def balance(entity: str, currency: str, amounts: dict[str, str]) -> TrialBalance:
    """A trial balance from decimals, debit positive."""
    minor = np.array([parse_amount(text) for text in amounts.values()], dtype=np.int64)
    return TrialBalance(entity, PERIOD, currency, tuple(amounts), minor)


def close(described: Group | None = None) -> tuple[Book, Validation, CloseIdentity]:
    """Close January: the book, what its checks found, and which close it is."""
    engine = ConsolidationEngine(described or group())
    engine.load_trial_balance(balance("H", "USD", HOLDING))
    engine.load_trial_balance(balance("S", "BRL", SUBSIDIARY))
    book = engine.consolidate(PERIOD)
    trail = tuple(engine.get_audit_trail())
    return book, validate(book), CloseIdentity(f"{PERIOD}@1", book.digest, trail)
