"""
A company's first five months, over a year's end, with every figure worked by hand.

`S` keeps reais and is held at 80 %. Founded with 1,000.00 on 1 October at 0.18, 300.00 more paid
in on 10 November at 0.215, a result of 100.00 a month in 2025 and of 50.00 in 2026, 60.00 of
retained earnings to the legal reserve on 20 January, a dividend of 100.00 on 15 February at 0.255.
It has nothing but cash, so that its net assets, translated, are cash at the closing rate.
"""

from dataclasses import replace
from datetime import date

from monthclose.ledger.acquisitions import AcquisitionKind, Dividend, Received, Transfer
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from tests.consolidation.groups import (
    CODES,
    balance,
    bought,
    cents,
    founded,
    group,
    holds,
    monthly,
    on,
    parent,
    subsidiary,
)

MONTHS = ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02")

EXPECTED = {
    # closing cash x rate: 1,100 x 0.20, 1,500 x 0.22, 1,600 x 0.25, 1,650 x 0.24, 1,600 x 0.26;
    # 20 % of it is the outsiders', 80 % of what it exceeds capital and profits by the owners' CTA.
    "net income": ("19.00", "40.00", "64.00", "13.00", "25.50"),
    "outsiders": ("44.00", "66.00", "80.00", "79.20", "83.20"),
    "owners' CTA": ("16.80", "36.40", "73.20", "59.60", "86.00"),
    "legal reserve": ("0.00", "0.00", "0.00", "12.80", "12.80"),
}
"""By month, credit positive: 19 = 100 x 0.19; 12.80 = 60 of the 300 that stand at 64.00."""


def _balances() -> list[TrialBalance]:
    """P has what it paid for S taken from 1,000.00, and the dividend of 80.00 x 0.255 added."""
    reais = (
        {"cash": "1100.00", "capital": "-1000.00", "revenue": "-100.00"},
        {"cash": "1500.00", "capital": "-1300.00", "revenue": "-200.00"},
        {"cash": "1600.00", "capital": "-1300.00", "revenue": "-300.00"},
        {"cash": "1650.00", "capital": "-1300.00", "retained": "-240.00",
         "legal_reserve": "-60.00", "revenue": "-50.00"},
        {"cash": "1600.00", "capital": "-1300.00", "retained": "-240.00",
         "legal_reserve": "-60.00", "revenue": "-100.00", "dividends": "100.00"},
    )  # fmt: skip
    dollars = (
        {"cash": "856.00", "investment": "144.00"},
        *({"cash": "804.40", "investment": "195.60"},) * 3,
        {"cash": "824.80", "investment": "195.60", "dividend_income": "-20.40"},
    )
    held = [balance("S", month, **lines) for month, lines in zip(MONTHS, reais, strict=True)]
    held += [
        balance("P", month, "USD", capital="-1000.00", **lines)
        for month, lines in zip(MONTHS, dollars, strict=True)
    ]
    return held


BALANCES = _balances()

_RATES = {
    "2025-09": ("0.18", "0.18"),
    "2025-10": ("0.20", "0.19"),
    "2025-11": ("0.22", "0.21"),
    "2025-12": ("0.25", "0.24"),
    "2026-01": ("0.24", "0.26"),
    "2026-02": ("0.26", "0.25"),
}

GROUP = group(
    parent(),
    subsidiary("S", "BRL", MONTHS[0]),
    interests=(holds("P", "S", "80"),),
    acquisitions=(
        founded("S", "2025-10-01", paid="800.00", carried="144.00", nci="20", capital="-1000.00"),
        replace(
            bought(
                "S", "2025-11-10", kind=AcquisitionKind.FORMATION, paid="240.00", carried="51.60",
                nci="20", capital="-300.00",
            ),
            id="ACQ-S-2",
        ),
    ),
    dividends=(
        Dividend(
            "S",
            100_00,
            None,
            date(2026, 2, 15),
            (Received("P", 20_40, None, CODES["dividend_income"][0]),),
        ),
    ),
    transfers=(
        Transfer("S", CODES["retained"][0], CODES["legal_reserve"][0], 60_00, date(2026, 1, 20)),
    ),
    quotes=(
        *monthly(_RATES),
        on("2025-10-01", "0.18"),
        on("2025-11-10", "0.215"),
        on("2026-02-15", "0.255"),
    ),
    first_period=MONTHS[0],
)  # fmt: skip


def differing(book: Book) -> list[str]:
    """The figures of a month that are not as worked."""
    place = MONTHS.index(book.period)
    assert book.equity is not None
    found = {
        "net income": book.totals.net_income,
        "outsiders": book.totals.non_controlling_interests,
        "owners' CTA": book.equity.cta_parent.closing,
        "legal reserve": -book.figure(CODES["legal_reserve"][0]),
    }
    return [name for name, minor in found.items() if minor != cents(EXPECTED[name][place])]
