"""Eliminations by a second road: drawn groups, worked out pair by pair in decimals."""

import random
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.intercompany import EliminationGenerator
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.balances import OpeningPosition, PeriodRates, TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Interest, Method
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item, ItemKind, NetInvestment
from monthclose.ledger.rates import Quote, RateKind, parse_rate
from tests.consolidation.groups import engine

JUNE = "2025-06"
ACCOUNTS = {
    "AR": ("1150", AccountClass.ASSET),
    "AP": ("2050", AccountClass.LIABILITY),
    "REV": ("4050", AccountClass.INCOME),
    "EXP": ("5050", AccountClass.EXPENSE),
}
CHART = chart_of(
    (
        Account("1010", "cash", AccountClass.ASSET, cash=True),
        Account("4300", "exchange", AccountClass.INCOME),
        *(Account(code, kind, of, intercompany=kind) for kind, (code, of) in ACCOUNTS.items()),
    )
)
CURRENCIES = {"P": "USD", "S": "BRL", "T": "EUR"}
FACES = {"AR": "AP", "REV": "EXP"}


@dataclass(frozen=True)
class Drawn:
    """A group with its items, and what they are worth, worked out in decimals."""

    items: tuple[Item, ...]
    worth: dict[str, int]
    facts: PeriodFacts
    balances: tuple[TrialBalance, ...]


def quote(currency: str, value: str, kind: RateKind) -> Quote:
    """Reais per dollar divide, dollars per euro multiply."""
    pair = ("USD", "BRL") if currency == "BRL" else ("EUR", "USD")
    return Quote(*pair, parse_rate(value), kind, JUNE)


def worth(amount: int, currency: str, rate: str) -> int:
    """An amount in cents of a dollar, half away from zero."""
    exact = Decimal(amount)
    if currency == "BRL":
        exact /= Decimal(rate)
    elif currency == "EUR":
        exact *= Decimal(rate)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def draw(seed: int) -> Drawn:
    """Three companies in three currencies; documents that agree, nearly agree, or do not."""
    rng = random.Random(seed)
    rates = {
        (currency, kind): f"{rng.uniform(*span):.4f}"
        for currency, span in (("BRL", (4, 7)), ("EUR", (0.9, 1.3)))
        for kind in (RateKind.CLOSING, RateKind.AVERAGE)
    }
    items: list[Item] = []
    for number in range(rng.randrange(1, 12)):
        holder, partner = rng.sample(sorted(CURRENCIES), 2)
        kind = rng.choice(("AR", "REV"))
        amount = rng.randrange(1, 10**6) * (1 if kind == "AR" else -1)
        currency = rng.choice(("", CURRENCIES[holder], CURRENCIES[partner], "GBP"))
        off = rng.choice((0, 0, 0, 1, amount // 120, amount // 40))
        reference = rng.choice(("", f"NF-{number}", f"NF-{number}", "NF"))
        for entity, other, of, sign, apart in (
            (holder, partner, kind, 1, 0),
            (partner, holder, FACES[kind], -1, off),
        ):
            if rng.random() < 0.1:
                continue
            items.append(
                Item(
                    id=f"{rng.randrange(1000):03d}{of}{number}",
                    entity=entity,
                    partner=other,
                    kind=ItemKind(of),
                    account=ACCOUNTS[of][0],
                    amount=sign * (amount + apart) * rng.choice((1, 1, 5)),
                    reference=rng.choice((reference, reference, reference, "")),
                    document_currency=currency,
                    document_amount=sign * (amount + apart) if currency else None,
                )
            )
    valued = {}
    for item in items:
        currency = CURRENCIES[item.entity]
        kind_of_rate = RateKind.AVERAGE if item.kind in ("REV", "EXP") else RateKind.CLOSING
        valued[item.id] = worth(item.amount, currency, rates.get((currency, kind_of_rate), "1"))
    facts = PeriodFacts(
        JUNE,
        {
            code: PeriodRates(
                "USD",
                quote(currency, rates[currency, RateKind.CLOSING], RateKind.CLOSING),
                quote(currency, rates[currency, RateKind.AVERAGE], RateKind.AVERAGE),
                quote(currency, rates[currency, RateKind.CLOSING], RateKind.CLOSING),
            )
            for code, currency in CURRENCIES.items()
            if currency != "USD"
        },
        {
            code: OpeningPosition(
                code, 0, quote(each, rates[each, RateKind.CLOSING], RateKind.CLOSING), 0
            )
            for code, each in CURRENCIES.items()
            if each != "USD"
        },
        interests=(Interest("P", "S", 75_000_000), Interest("P", "T", 100_000_000)),
        items=tuple(items),
        tolerance=Fraction(rng.choice((0, 1, 2)), 100),
    )
    return Drawn(tuple(items), valued, facts, books(items))


def books(items: list[Item]) -> tuple[TrialBalance, ...]:
    """Balances that hold the items and cash, and nothing else."""
    found = []
    for code, currency in CURRENCIES.items():
        sums: dict[str, int] = {"1010": 0}
        for item in items:
            if item.entity == code:
                sums[item.account] = sums.get(item.account, 0) + item.amount
        sums["1010"] = -sum(sums.values())
        amounts = np.array(list(sums.values()), dtype=np.int64)
        found.append(TrialBalance(code, JUNE, currency, tuple(sums), amounts))
    return tuple(found)


def closed(drawn: Drawn, facts: PeriodFacts | None = None) -> Book:
    """The close of a drawn group."""
    entities = tuple(
        Entity(code, code, currency, Method.PARENT if code == "P" else Method.FULL)
        for code, currency in CURRENCIES.items()
    )
    group = Group("G", "G", "USD", CHART, entities)
    return engine(group, *drawn.balances).consolidate(JUNE, facts or drawn.facts)


type Pair = tuple[str, str, str, int, str, str]
"""Ids of both sides, basis, residual, its account, cause."""


def by_definition(drawn: Drawn) -> list[Pair]:
    """Every pair of items looked at, in the order of the method; nothing is indexed."""
    tolerance, free, found = drawn.facts.tolerance, {each.id for each in drawn.items}, []
    for same in (True, False):
        candidates = []
        for a in drawn.items:
            for b in drawn.items:
                if (a.entity, a.partner) != (b.partner, b.entity) or FACES.get(a.kind) != b.kind:
                    continue
                alike = a.reference == b.reference != ""
                if alike != same or (a.reference and b.reference and not alike):
                    continue
                document = bool(a.document_currency) and a.document_currency == b.document_currency
                sides = [(each.document_amount or 0) for each in (a, b)]
                if not document:
                    sides = [drawn.worth[each.id] for each in (a, b)]
                larger = max(map(abs, sides))
                difference = Fraction(abs(sum(sides)), larger) if larger else Fraction(0)
                if difference <= tolerance:
                    candidates.append((difference, a.id, b.id, document, a.kind))
        for difference, one, other, document, kind in sorted(candidates):
            if {one, other} <= free:
                free -= {one, other}
                residual = drawn.worth[one] + drawn.worth[other]
                cause = "none" if residual == 0 else "amount"
                if residual and document and difference == 0:
                    cause = "rounding" if abs(residual) <= 1 else "fx"
                account = ("1990" if kind == "AR" else "6990") if residual else ""
                basis = "document" if document else "presentation"
                found.append((one, other, basis, residual, account, cause))
    return found


def said(book: Book) -> list[Pair]:
    """The same as the close says it."""
    generator = EliminationGenerator(CHART, "USD")
    return [
        (
            each.a[0].id,
            each.b[0].id,
            each.basis.value,
            each.residual,
            generator.residual_account(each),
            each.cause.value,
        )
        for each in book.matches
    ]


@pytest.mark.parametrize("seed", range(200))
def test_a_drawn_group_is_eliminated_as_by_hand(seed):
    """
    Matches and residuals by definition; figures from the accounts less what matched.

    Net income, equity and outsiders are those of the same close without any item.
    """
    drawn = draw(seed)
    book, wanted = closed(drawn), by_definition(drawn)
    assert said(book) == wanted
    matched = {name for pair in wanted for name in pair[:2]}
    assert [each.item.id for each in book.unmatched] == [
        each.id for each in drawn.items if each.id not in matched
    ]
    plain = closed(drawn, PeriodFacts(JUNE, drawn.facts.rates, drawn.facts.openings,
                                      interests=drawn.facts.interests))  # fmt: skip
    expected = dict(zip(CHART.codes, plain.consolidated.tolist(), strict=True))
    for item in drawn.items:
        if item.id in matched:
            expected[item.account] -= drawn.worth[item.id]
    for _, _, _, residual, account, _ in wanted:
        if account:
            expected[account] += residual
    for of in plain.translations:
        for account in dict.fromkeys(item.account for item in drawn.items):
            items = [i for i in drawn.items if (i.entity, i.account) == (of.entity, account)]
            if items and {item.id for item in items} <= matched:
                # Cents that the account, translated as a whole, was rounded apart from its items.
                gap = of.amount(account) - sum(drawn.worth[item.id] for item in items)
                expected[account] -= gap
                expected["6990" if items[0].kind.flow else "1990"] += gap
    assert dict(zip(CHART.codes, book.consolidated.tolist(), strict=True)) == expected
    for name in ("net_income", "total_equity", "non_controlling_interests", "net_income_nci"):
        assert getattr(book.totals, name) == getattr(plain.totals, name), name
    found = {each.check for each in validate(book).blocking}
    assert found == ({"V8"} if book.unmatched else set())


def test_entries_of_long_references_keep_short_names_of_their_own():
    """Two invoices with keys of 44 digits that differ in the last one."""
    keys = [f"NFe{'35250611222333000181550010000012341000012'}{last}" for last in (1, 2)]
    drawn = draw(0)
    items = [
        Item(
            id=f"2025-06/{entity}/{partner}/{account}/{key}",
            entity=entity,
            partner=partner,
            kind=ItemKind(kind),
            account=account,
            amount=amount,
            reference=key,
            document_currency="USD",
            document_amount=amount,
        )
        for key in keys
        for entity, partner, kind, account, amount in (
            ("P", "S", "AR", "1150", 10_00),
            ("S", "P", "AP", "2050", -10_00),
        )
    ]
    facts = PeriodFacts(
        JUNE,
        drawn.facts.rates,
        drawn.facts.openings,
        interests=drawn.facts.interests,
        items=tuple(items),
    )
    entries = [each for each in closed(drawn, facts).entries if each.id.startswith("IC-")]
    assert len({each.id for each in entries}) == 2
    assert all(len(each.id) == 35 for each in entries)
    assert [each.reference for each in entries] == keys


class TestNetInvestment:
    """S, held at 75 %, and the parent hold a loan that is part of the net investment."""

    @pytest.mark.parametrize(
        ("entity", "rate", "moved", "outside"),
        [
            # 40.00 reais at 5.00 are 8.00 dollars, of which outsiders bear 25 %: 2.00.
            ("S", "5", 8_00, 2_00),
            # The parent books 40.00 dollars: its owners alone bear them.
            ("P", None, 40_00, 0),
        ],
    )
    def test_it_belongs_to_the_owners_of_who_booked_it(self, entity, rate, moved, outside):
        """A loss of 40.00, booked against cash."""
        closing = quote("BRL", "5", RateKind.CLOSING)
        average = quote("BRL", "5", RateKind.AVERAGE)
        rates = {"S": PeriodRates("USD", closing, average, closing)}
        own = quote("BRL", rate, RateKind.AVERAGE) if rate else None
        loan = NetInvestment("L", entity, "4300", 40_00, own)
        given = {
            code: np.array([-40_00, 40_00] if code == entity else [0, 0], dtype=np.int64)
            for code in ("P", "S")
        }
        balances = [
            TrialBalance(code, JUNE, CURRENCIES[code], ("1010", "4300"), amounts)
            for code, amounts in given.items()
        ]
        entities = (Entity("P", "P", "USD", Method.PARENT), Entity("S", "S", "BRL"))
        facts = PeriodFacts(
            JUNE,
            rates,
            {"S": OpeningPosition("S", 0, closing, 0)},
            interests=(Interest("P", "S", 75_000_000),),
            loans=(loan,),
        )
        book = engine(Group("G", "G", "USD", CHART, entities), *balances).consolidate(JUNE, facts)
        assert (book.totals.net_income, book.totals.oci_cta) == (0, -moved)
        assert book.totals.oci_cta_nci == -outside
        assert book.totals.net_income_nci == 0
        assert validate(book).blocking == ()
