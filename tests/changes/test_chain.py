"""Shares sold and bought by a holder that has outsiders of its own: by hand, and drawn."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from monthclose.analysis.lineage import every_figure, explain
from monthclose.analysis.validation import validate
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.equity import owners_of
from monthclose.ledger.events import Derecognition, Reattribution
from monthclose.ledger.lineage import Node
from tests.changes.chain import closed, under, wrong
from tests.changes.kept import KeptTale
from tests.changes.tale import GAIN, WITH_GAIN, Deal, Tale
from tests.changes.test_drawn import Drawn, opens_otherwise, with_loan, with_stock
from tests.consolidation.groups import (
    CODES,
    balance,
    bought,
    cents,
    engine,
    founded,
    group,
    holds,
    monthly,
    on,
    parent,
    subsidiary,
)

RATES = {"2025-01": ("0.30", "0.25"), "2025-02": ("0.30", "0.30")}


def by_hand(kind: ChangeKind, percent: str, proceeds: str, cost: str) -> list[Book]:
    """
    T has 80 % of H, and H bought 75 % of S: 1,000.00 reais, at 0.20, for 160.00 dollars.

    Goodwill is 160.00 - 150.00 = 10.00, or 50.00 reais. S earns 100.00 in January, at 0.25.
    On the 31st, at 0.30, H sells; its own gain is the price less the cost. February is quiet.
    """
    gain = cents(proceeds) - cents(cost)
    left = 75 - int(percent)
    change = OwnershipChange(
        "S", "H", kind, date(2025, 1, 31), Fraction(int(percent), 100), cents(proceeds),
        cents(cost), gain, CODES["investment_b"][0], GAIN,
    )  # fmt: skip
    base = group(
        parent("T"),
        subsidiary("H", "USD", first_period="2025-01"),
        subsidiary("S", first_period="2025-01"),
        quotes=(*monthly(RATES), on("2025-01-01", "0.20")),
        interests=(
            holds("T", "H", "80", "2025-01-01"),
            holds("H", "S", "75", "2025-01-01"),
            holds("H", "S", str(left), "2025-01-31"),
        ),
        acquisitions=(
            founded("H", acquirer="T", paid="400.00", nci="20", capital="-500.00"),
            bought("S", acquirer="H", account="investment_b", paid="800.00", carried="160.00",
                   nci="25", capital="-1000.00"),
        ),
        changes=(change,),
        first_period="2025-01",
    )  # fmt: skip
    made = []
    for month in RATES:
        made.append(
            balance("T", month, "USD", cash="100.00", investment="400.00", capital="-500.00")
        )
        held = cents("160.00") - cents(cost)
        lines = {
            CODES["cash"][0]: cents("340.00") + cents(proceeds),
            CODES["investment_b"][0]: held,
            CODES["capital"][0]: -cents("500.00"),
            GAIN: -gain,
        }
        blank = balance("H", month, "USD", cash="0", investment_b="0", capital="0", retained="0")
        amounts = blank.amounts.copy()
        amounts[:] = list(lines.values())
        made.append(replace(blank, accounts=tuple(lines), amounts=amounts))
        if month == "2025-01" or left:
            made.append(balance("S", month, cash="1100.00", capital="-1000.00", revenue="-100.00"))
    closing = engine(replace(base, chart=WITH_GAIN), *made)
    books, last = [], None
    for month in RATES:
        book = closing.consolidate(month)
        assert [str(each) for each in validate(book, last).blocking] == []
        last = book.left()
        books.append(book)
    return books


def test_a_company_sold_by_a_holder_with_outsiders():
    """
    S: net assets 1,100.00 x 0.30 = 330.00; CTA 330.00 - 200.00 - 25.00 = 105.00; goodwill 15.00.

    Its own outsiders go with 25 % of 330.00, 82.50. Gain 300.00 + 82.50 - 330.00 - 15.00 =
    37.50, and what is recycled: T's owners have 80 % x 75 % of 105.00 and 80 % of the 5.00 of
    goodwill, 67.00. H's outsiders have a fifth of the 37.50, and nothing of the 67.00: theirs,
    20 % of 83.75, was theirs already. Left with H they have 20 % of its 640.00.
    """
    for book in by_hand(ChangeKind.DISPOSAL, "75", "300.00", "160.00"):
        (lost,) = book.changes
        assert isinstance(lost, Derecognition)
        assert (lost.nci, lost.cta_recycled, lost.gain) == (82_50, 67_00, 104_50)
        assert (lost.gain_before_recycling, book.figure(GAIN)) == (37_50, -104_50)
        below, above = book.nci["S"], book.nci["H"]
        # 40 % of 25.00; below they lose 82.50 to nobody and 49.50 to the outsiders of H.
        assert (below.share_of_profit, below.share_of_cta) == (10_00, 42_00)
        assert (below.derecognised, below.intragroup, below.closing) == (-82_50, -49_50, 0)
        assert (above.share_of_profit, above.intragroup, above.closing) == (7_50, 49_50, 128_00)
        assert book.totals.net_income == 129_50
        assert book.totals.net_income_nci == 17_50
        assert book.figure(book.chart.roles.cta) == 0


def test_a_part_sold_by_a_holder_with_outsiders():
    """
    15 % for 60.00: of 330.00 outsiders of S get 49.50, of which T's owners gave 80 %.

    So S's outsiders go from 40 % to 52 %, by 39.60, with 12 % of the CTA, 12.60. Of the price
    12.00 are H's outsiders': 60.00 - 12.00 - 39.60 = 8.40 is the owners' equity, and theirs is
    in the end 20 % of H's 528.00 less the investment, 128.00, and of the goodwill, 15.00.
    """
    for book in by_hand(ChangeKind.PARTIAL_DISPOSAL, "15", "60.00", "32.00"):
        (made,) = book.changes
        assert isinstance(made, Reattribution)
        assert (made.nci, made.passed, made.difference) == (39_60, 12_00, 8_40)
        assert (made.cta_reattributed, made.adjustment) == (12_60, 21_00)
        assert book.nci["S"].closing == 171_60
        assert book.nci["H"].closing == 83_00
        assert book.nci["H"].share_of_profit == 0
        assert book.totals.net_income == 25_00
        # Cash of T and H, net assets of S, goodwill.
        whole = cents("100.00") + cents("400.00") + cents("330.00") + cents("15.00")
        assert book.totals.total_equity == whole
        assert book.totals.equity_attributable_to_parent == whole - 254_60


ENDS = ("", "2025-08-12", "2025-12-31", "2026-03-20")


def drawn(seed: int, *, full: bool, ends: str) -> Drawn:
    """A drawn tale; what changes hands on the last day of it does so once."""
    tale = Drawn(seed, full=full, ends=ends)
    days = [each.on for each in tale.changes]
    assert len(set(days)) == len(days)
    return tale


@pytest.mark.parametrize("levels", [1, 2], ids=["T over P", "U over T over P"])
@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(5))
def test_drawn_changes_in_a_chain_are_proved_and_open_as_closed(seed: int, full: bool, levels: int):
    """V1 to V11 in sixteen months, whatever is sold, bought and sold whole, and when."""
    for ends in ENDS:
        tale = drawn(seed, full=full, ends=ends)
        described, books = under(tale.group, tale.books())
        if levels == 2:
            described, books = under(described, books, "U")
        made = closed(described, books)
        assert wrong(made) == []
        assert list(opens_otherwise(made)) == []


@pytest.mark.parametrize("beside", [with_stock, with_loan])
@pytest.mark.parametrize("seed", [1, 5, 9])
def test_what_stands_beside_the_books_is_divided_too(seed: int, beside):
    tale = Drawn(seed, full=False)
    assert wrong(closed(*under(beside(tale), tale.books()))) == []


@pytest.mark.parametrize("associate", [True, False])
@pytest.mark.parametrize(("owner", "owned"), [("USD", "EUR"), ("BRL", "EUR"), ("BRL", "USD")])
def test_a_part_is_kept_in_a_chain(owner: str, owned: str, associate: bool):
    """At fair value, part of the gain: a share of that is of P's outsiders."""
    tale = KeptTale(owner=owner, owned=owned, associate=associate)
    assert wrong(closed(*under(tale.group, tale.books()))) == []


@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(6))
def test_who_owns_the_holder_changes_nothing_but_whose_it_is(seed: int, full: bool):
    """
    Another road: P's owners in the group without T are T's owners and P's outsiders in it.

    What T has beside P is cash and capital, 9,000.00 less what it paid. Outsiders of S
    keep the same; only the CTA of P's outsiders is not recycled.
    """
    for ends in ("", "2025-08-12"):
        tale = drawn(seed, full=full, ends=ends)
        alone, chained = tale.close(), closed(*under(tale.group, tale.books()))
        for one, other in zip(alone, chained, strict=True):
            cash = cents("9000.00") - cents("5600.00" if tale.owner == "USD" else "868.00")
            apart = other.totals.total_equity - one.totals.total_equity - cash
            assert abs(apart) <= 2, other.period
            theirs = sum(each.cta_recycled for each in one.changes)
            ours = sum(each.cta_recycled for each in other.changes)
            assert abs(theirs * 7 - ours * 10) <= 40
            apart = one.totals.net_income - other.totals.net_income - theirs + ours
            assert abs(apart) <= 4, other.period
            owners = one.changes_in_equity, other.changes_in_equity
            assert owners[0] is not None
            assert owners[1] is not None
            # 70 % of what P's owners had, and all that T has beside it.
            expected = Fraction(owners_of(owners[0].closing) * 7, 10) + cash
            assert abs(owners_of(owners[1].closing) - expected) <= 30, other.period


def test_gain_and_outsiders_are_taken_apart():
    """Every figure of the month adds up, and the parts of the change are there."""
    deals = [Deal(ChangeKind.PARTIAL_DISPOSAL, "2025-06-17", "20", "500.00", "250.00")]
    tale = Tale(deals, shares={"2025-01-01": "80", "2025-06-17": "60"})
    described, balances = under(tale.group, tale.books())
    closing = engine(described, *balances)
    book = closing.consolidate("2025-07")
    (made,) = book.changes
    assert made.parts["passed"] < 0
    for name in every_figure(book):
        explain(book, name, before=closing.month_before)  # it says where it does not add up
    tree = explain(book, book.chart.roles.retained_earnings, before=closing.month_before)
    assert {"passed", "nci_recognised", "proceeds"} <= set(names(tree))


def names(tree: Node) -> list[str]:
    """The parts of changes below a tree."""
    own = [str(tree.facts["name"])] if tree.kind == "change" else []
    return own + [name for child in tree.children for name in names(child)]
