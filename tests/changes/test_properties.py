"""What holds of drawn groups with everything in them: purchase, associate, invoices, changes."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Contribution,
    NciMethod,
)
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.equity import EquityMove
from monthclose.ledger.equity import whole as whole_of
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item, ItemKind
from monthclose.ledger.rates import RateTable
from tests.changes.chain import under, wrong
from tests.changes.tale import MONTHS, of_day, rates, ties
from tests.changes.test_drawn import Drawn, with_stock
from tests.consolidation.groups import CODES, bought, cents, holds, shuffled

SHARE = Account("4400", "Share of associates", AccountClass.INCOME)
HELD = "1750"
COST = cents("90.00")
SEEDS = range(6)


def whole(seed: int) -> tuple[Group, list[TrialBalance]]:
    """A group in which P also has 30 % of X, an associate in pesos, and an invoice to S."""
    draw = Random(seed)
    tale = Drawn(seed, full=seed % 2 == 0)
    base = with_stock(tale)
    accounts = (*base.chart.accounts, SHARE, Account(HELD, "Associates", AccountClass.ASSET))
    roles = replace(base.chart.roles, associate_result=SHARE.code)
    quotes = [*rates("MXN", 600), of_day("MXN", "2025-01-01", "0.0600")]
    # 90.00 of P's money on the day, in pesos at 0.06.
    price = {"USD": "1500.00", "BRL": "232.50"}[tale.owner]
    associate = replace(
        bought("X", kind=AcquisitionKind.ASSOCIATE, paid=price, carried="90.00", capital="-200.00"),
        investment_account=HELD,
    )
    invoice = draw.randint(100, 900)
    group = replace(
        base,
        chart=replace(chart_of(accounts), roles=roles),
        entities=(*base.entities, Entity("X", "X SA", "MXN", Method.EQUITY)),
        interests=(*base.interests, holds("P", "X", "30", "2025-01-01")),
        rates=RateTable((*base.rates.quotes, *quotes)),
        acquisitions=(*base.acquisitions, associate),
        associate_months=tuple(
            AssociateMonth("X", month, draw.randint(-20_00, 60_00)) for month in MONTHS
        ),
        items=tuple(
            Item(
                f"{code}-{month}", code, other, kind, account, sign * invoice, "INV-1", period=month
            )
            for month in MONTHS
            for code, other, kind, account, sign in (
                ("P", "S", ItemKind.RECEIVABLE, CODES["due_from"][0], 1),
                ("S", "P", ItemKind.PAYABLE, CODES["due_to"][0], -1),
            )
        )
        if tale.owner == tale.owned
        else (),
    )
    balances = []
    for made in tale.books():
        moved = {CODES["cash"][0]: -COST, HELD: COST} if made.entity == "P" else {}
        if group.items:
            sign, account = (1, "due_from") if made.entity == "P" else (-1, "due_to")
            moved[CODES[account][0]] = sign * invoice
            moved[CODES["cash"][0]] = moved.get(CODES["cash"][0], 0) - sign * invoice
        balances.append(with_lines(made, moved))
    return group, balances


def with_lines(made: TrialBalance, moved: dict[str, int]) -> TrialBalance:
    """A balance with amounts added to its accounts."""
    held = dict(zip(made.accounts, made.amounts.tolist(), strict=True))
    for account, amount in moved.items():
        held[account] = held.get(account, 0) + amount
    amounts = np.array(list(held.values()), dtype=np.int64)
    return replace(made, accounts=tuple(held), amounts=amounts)


def closed(group: Group, balances: Sequence[TrialBalance]) -> list[Book]:
    """Sixteen months, over a year's end."""
    engine = ConsolidationEngine(group)
    for each in balances:
        engine.load_trial_balance(each)
    return [engine.consolidate(month) for month in MONTHS]


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_proved_month_by_month_and_opens_as_it_was_closed(seed: int):
    """V1 to V11 are clean; every layer and every entry sums to nil."""
    books = closed(*whole(seed))
    assert ties(books) == []
    last = None
    for book in books:
        assert [str(each) for each in validate(book, last).blocking] == [], book.period
        last = book.left()
        assert not book.layers.sum(axis=0).any()
        assert not any(sum(line.amount for line in each.lines) for each in book.entries)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_holds_when_the_seller_has_outsiders(seed: int):
    """T above P, which sells, buys, and has the associate and the stock."""
    group, balances = whole(seed)
    assert wrong(closed(*under(group, balances))) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_no_order_of_records_or_lines_matters(seed: int):
    group, balances = whole(seed)
    draw = Random(seed)
    others: dict[str, Any] = {
        name: tuple(draw.sample(rows, len(rows)))
        for name in ("entities", "interests", "acquisitions", "changes", "contributions",
                     "recognised", "associate_months", "items", "unrealised", "openings")
        if (rows := getattr(group, name))
    }  # fmt: skip
    mixed = replace(group, **others)
    lines = [
        shuffled(each, draw.sample(range(len(each.accounts)), len(each.accounts)))
        for each in draw.sample(balances, len(balances))
    ]
    one, other = closed(group, balances), closed(mixed, lines)
    assert [each.digest for each in one] == [each.digest for each in other]


def times(record: Any, factor: int) -> Any:
    """The same record with every amount so many times as large."""
    amounts: dict[str, Any] = {
        name: value * factor
        for name in ("amount", "proceeds", "cost", "gain", "fair_value", "net_assets", "result",
                     "buyer_amount", "turnover", "consideration", "nci_amount", "investment",
                     "investment_historical", "functional", "translated", "document_amount")
        if name in {each.name for each in fields(record)}
        and isinstance(value := getattr(record, name), int)
    }  # fmt: skip
    if isinstance(record, Acquisition):
        amounts["equity"] = {account: each * factor for account, each in record.equity.items()}
        amounts["step_ups"] = tuple(times(each, factor) for each in record.step_ups)
    return replace(record, **amounts)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_amounts_times_a_thousand_are_a_group_a_thousand_times_as_large(seed: int):
    """What was rounded by half a cent a line and month comes out a thousand times as much."""
    group, balances = whole(seed)
    records: dict[str, Any] = {
        name: tuple(times(each, 1000) for each in getattr(group, name))
        for name in ("acquisitions", "changes", "contributions", "recognised", "openings",
                     "associate_months", "items", "unrealised")
    }  # fmt: skip
    grown = replace(group, **records)
    larger = [replace(each, amounts=each.amounts * 1000) for each in balances]
    for place, (one, other) in enumerate(
        zip(closed(group, balances), closed(grown, larger), strict=True), start=1
    ):
        for subject in ("net_income", "total_assets", "total_equity", "net_income_nci",
                        "non_controlling_interests"):  # fmt: skip
            apart = abs(getattr(other.totals, subject) - 1000 * getattr(one.totals, subject))
            assert apart <= 1001 * 10 * (place + 4), (other.period, subject, apart)


@pytest.mark.parametrize("currency", ["USD", "BRL"])
def test_a_group_of_one_is_that_one(currency: str):
    """Its balance, translated: no entry, no layer beside it."""
    group, balances = whole(0)
    alone = next(each for each in group.entities if each.method is Method.PARENT)
    paid = Contribution(alone.code, CODES["capital"][0], cents("8000.00"), date(2025, 1, 1))
    single = replace(
        Group("G", "Group", "USD", group.chart, (replace(alone, currency=currency),)),
        rates=RateTable((*rates("BRL", 1700), of_day("BRL", "2025-01-01", "0.1550"))),
        contributions=(paid,),
        first_period="2025-01",
    )
    own = [replace(each, currency=currency) for each in balances if each.entity == alone.code]
    for book, balance in zip(closed(single, own), own, strict=True):
        assert book.entries == ()
        (translation,) = book.translations
        assert book.totals.net_income == translation.net_income
        if currency == "USD":
            for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
                assert int(book.consolidated[book.chart.index[account]]) == amount
        assert book.totals.total_equity == translation.net_assets


IN_DOLLARS = [seed for seed in range(20) if Drawn(seed, full=False).owner == "USD"][:5]
"""Where no retranslation of an investment is part of it."""


@pytest.mark.parametrize("seed", IN_DOLLARS)
def test_what_rates_did_to_equity_is_the_sum_of_what_is_proved_of_each_layer(seed: int):
    """Books by their causes, step-ups and goodwill, the associate, profit in stock."""
    for book in closed(*whole(seed)):
        stated = book.changes_in_equity
        assert stated is not None
        proved = sum(each.proof().total for each in book.translations if each.foreign)
        proved += sum(
            layer.cta.movement
            for each in book.purchases.values()
            for layer in (each.fair_value_layer, each.goodwill_layer)
            if layer
        )
        proved += sum(each.proof.total for each in book.associates.values())
        proved -= sum(each.opening_cta for each in book.facts.profits)
        proved -= sum(
            line.amount
            for entry in book.entries
            if entry.id.startswith("UP-CLOSE")
            for line in entry.lines
            if line.account == book.chart.roles.cta
        )
        moved = whole_of(stated.moves.get(EquityMove.TRANSLATION, {}))
        lines = sum(each.rounded_lines for each in book.translations)
        lines += sum(each.rounded_amounts for each in book.associates.values())
        assert 2 * abs(moved - proved) <= lines, book.period


def test_the_drawn_groups_have_everything_between_them():
    groups = [whole(seed)[0] for seed in SEEDS]
    assert any(each.items for each in groups)
    assert all(each.changes and each.recognised and each.unrealised for each in groups)
    kinds = {change.kind for each in groups for change in each.changes}
    assert kinds == {ChangeKind.PARTIAL_DISPOSAL, ChangeKind.INCREASE}
    methods = {a.nci_method for each in groups for a in each.acquisitions if a.target == "S"}
    assert methods == {NciMethod.PROPORTIONATE, NciMethod.FAIR_VALUE}
