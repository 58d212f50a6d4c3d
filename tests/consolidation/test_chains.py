"""Chains of holdings of any shape, held against the closed form of outsiders' interest."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.nci_checks import closed_forms
from monthclose.analysis.validation import validate
from monthclose.ledger.acquisitions import Acquisition, Dividend, NciMethod, Received
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Interest, group_shares
from monthclose.ledger.group import Group
from monthclose.ledger.money import plain
from tests.consolidation.groups import (
    CODES,
    bought,
    engine,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    subsidiary,
)

RATES = {"2024-12": ("0.20", "0.20"), "2025-01": ("0.22", "0.21"), "2025-02": ("0.25", "0.24")}
FOUNDED, DECLARED = Fraction(1, 5), Fraction(23, 100)
INVESTMENT = CODES["investment"][0]

COMPONENTS = 6
"""Of a roll-forward: at acquisition (two), retained, opening CTA, result, CTA's movement."""


@dataclass
class Holding:
    """One company of a drawn group: its currency, its holders, what they paid in."""

    currency: str
    shares: dict[str, int]
    capital: int


def in_dollars(currency: str, rate: Fraction) -> Fraction:
    """What a unit of a currency is worth."""
    return Fraction(1) if currency == "USD" else rate


def drawn(random: Random, *, goodwill: str) -> tuple[Group, list[TrialBalance]]:
    """
    One to five companies below P, each held by one or two of those before it.

    Bought on 1 January for their capital, or more; dividends in February. What holders
    paid is such that no rate rounds it.
    """
    codes = [f"E{number}" for number in range(1, random.randint(1, 5) + 1)]
    companies: dict[str, Holding] = {}
    currencies, invested = {"P": "USD"}, dict.fromkeys(("P", *codes), 0)
    interests: list[Interest] = []
    acquisitions: list[Acquisition] = []
    for place, code in enumerate(codes):
        currency = currencies[code] = random.choice(["USD", "BRL"])
        holders = random.sample(["P", *codes[:place]], min(place + 1, random.choice([1, 2])))
        alone = [60, 70, 80, 100] if len(holders) == 1 else [30, 40, 45]
        shares = {holder: random.choice(alone) for holder in holders}
        held = sum(shares.values())
        company = companies[code] = Holding(currency, shares, held * 500 * random.randint(20, 200))
        for holder, percent in shares.items():
            part = company.capital * percent // held
            paid = part * held // 100 + (random.choice([0, 50_000]) if goodwill else 0)
            rate = in_dollars(currency, FOUNDED) / in_dollars(currencies[holder], FOUNDED)
            interests.append(holds(holder, code, str(percent)))
            invested[holder] += int(paid * rate)
            one = bought(
                code, acquirer=holder, paid=plain(paid), carried=plain(int(paid * rate)),
                nci=str(100 - held) if held < 100 else None, capital=plain(-part),
            )  # fmt: skip
            if goodwill == "full" and held < 100:
                outside = part * (100 - held) // 100 + random.choice([0, 10_000, 50_000])
                one = replace(
                    one,
                    nci_method=NciMethod.FAIR_VALUE,
                    nci_amount=outside,
                    nci_share=Fraction(0),
                )
            acquisitions.append(replace(one, id=f"ACQ-{code}-{holder}"))
    dividends: list[Dividend] = []
    received = dict.fromkeys(("P", *codes), 0)
    for code, company in companies.items():
        declared = random.choice([0, random.randint(1, 50) * 10_000])
        parts = []
        for holder, percent in company.shares.items() if declared else ():
            rate = in_dollars(company.currency, DECLARED) / in_dollars(currencies[holder], DECLARED)
            amount = int(declared * percent // 100 * rate)
            received[holder] += amount
            parts.append(Received(holder, amount, None, CODES["dividend_income"][0]))
        if declared:
            dividends.append(Dividend(code, declared, None, date(2025, 2, 10), tuple(parts)))
    paid_out = {each.payer: each.amount for each in dividends}
    balances: list[TrialBalance] = []
    for code in ("P", *codes):
        capital = companies[code].capital if code in companies else 500_000_00
        january = {"capital": -capital, "revenue": -random.randint(1, 10**7)}
        february = {"revenue": -random.randint(1, 10**7)}
        january |= {"investment": invested[code]} if invested[code] else {}
        february |= {"dividends": paid_out[code]} if code in paid_out else {}
        february |= {"dividend_income": -received[code]} if received[code] else {}
        balances += lived(code, [january, february], currency=currencies[code])
    described = group(
        parent(),
        *(subsidiary(code, currencies[code]) for code in codes),
        quotes=(*monthly(RATES), on("2025-01-01", "0.20"), on("2025-02-10", "0.23")),
        interests=tuple(interests),
        acquisitions=tuple(acquisitions),
        dividends=tuple(dividends),
    )
    return described, balances


def closed_form(book: Book, code: str) -> Fraction:
    """
    Their share of net assets less own investments, with the goodwill the company bought.

    Source: IFRS 10.B94, 3.19; the goodwill is partial, and so the acquirer's.
    """
    share = 1 - group_shares(book.group.entities, book.facts.interests)[code]
    of_it = next(each for each in book.translations if each.entity == code)
    lines = zip(of_it.accounts, of_it.amounts, strict=True)
    own = sum(int(amount) for account, amount in lines if account == INVESTMENT)
    goodwill = sum(
        book.purchases[each.id].goodwill_closing
        for each in book.facts.acquisitions
        if each.acquirer == code
    )
    return share * (of_it.net_assets - own + goodwill)


@pytest.mark.parametrize("goodwill", ["", "partial"])
@given(random=st.randoms(use_true_random=False))
def test_outsiders_of_every_level_have_their_closed_form(random: Random, goodwill: str) -> None:
    described, balances = drawn(random, goodwill=goodwill)
    book = engine(described, *balances).consolidate("2025-02")
    shares = group_shares(described.entities, described.interests)
    assert set(book.nci) == {code for code, share in shares.items() if share < 1}
    for code, rolled in book.nci.items():
        components = COMPONENTS + len(book.purchases)
        assert 2 * abs(rolled.closing - closed_form(book, code)) <= components
    assert -book.figure("3900") == sum(each.closing for each in book.nci.values())
    assert validate(book).blocking == ()


@given(random=st.randoms(use_true_random=False))
def test_outsiders_at_fair_value_have_theirs_too(random: Random) -> None:
    """
    V7's closed form holds the roll-forward, whoever bought full goodwill in a chain.

    What a holder paid for its own part of it stays with the holder's owners; what it has
    gained since is shared below, by indirect share.
    """
    described, balances = drawn(random, goodwill="full")
    book = engine(described, *balances).consolidate("2025-02")
    assert set(closed_forms(book)) == set(book.nci)
    assert validate(book).blocking == ()


def test_two_holders_that_record_their_parts_apart() -> None:
    """
    P holds 60 % of A and 45 % of B, A 40 % of B; B's 850.00 of capital are recorded apart.

    Outsiders of A own 40 % x 40 % of B = 16 % of 850.00 at 0.20 = 27.20 through A, and 15 %
    = 25.50 directly. A has 1,000.00: 40 % at 0.20 = 80.00, less 27.20.
    """
    described = group(
        parent(), subsidiary("A"), subsidiary("B"),
        quotes=(*monthly(RATES), on("2025-01-01", "0.20")),
        interests=(holds("P", "A", "60"), holds("P", "B", "45"), holds("A", "B", "40")),
        acquisitions=(
            bought("A", paid="600.00", carried="120.00", nci="40", capital="-1000.00"),
            replace(
                bought("B", paid="382.50", carried="76.50", nci="15", capital="-450.00"),
                id="ACQ-B-P",
            ),
            replace(
                bought("B", acquirer="A", paid="340.00", nci="15", capital="-400.00"),
                id="ACQ-B-A",
            ),
        ),
    )  # fmt: skip
    balances = [
        *lived("P", [{"capital": -500_00, "investment": 196_50}], currency="USD"),
        *lived("A", [{"capital": -1000_00, "investment": 340_00}]),
        *lived("B", [{"capital": -850_00}]),
    ]
    book = engine(described, *balances).consolidate("2025-01")
    assert (book.nci["A"].acquired, book.nci["B"].acquired) == (52_80, 52_70)
    assert book.nci["A"].closing == closed_form(book, "A")
    assert book.nci["B"].closing == closed_form(book, "B")
