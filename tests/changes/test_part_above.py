"""A part of a company that holds others is sold, or more of it bought: by hand, told, drawn."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.lineage import every_figure, explain
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.events import Reattribution
from monthclose.ledger.group import Group
from tests.changes.chain import closed, under, wrong
from tests.changes.subgroup import Part, deals, sells
from tests.changes.test_chain import names
from tests.changes.test_drawn import Drawn, opens_otherwise, with_loan, with_stock
from tests.changes.test_pickup import LIVES, PAIRS
from tests.changes.test_subgroup import told
from tests.changes.told import Closes, months
from tests.consolidation.groups import CODES, engine
from tests.groupfolder.folders import add, edit, put

SOLD, MORE = ChangeKind.PARTIAL_DISPOSAL, ChangeKind.INCREASE
STORIES = {
    "a part": [Part(SOLD, "2025-06-30", 10, "900.00")],
    "within a month": [Part(SOLD, "2025-07-11", 7, "700.00")],
    "more": [Part(MORE, "2025-03-31", 10, "1200.00")],
    "all the rest": [Part(MORE, "2025-12-31", 30, "3000.00")],
    "thrice": [
        Part(SOLD, "2025-05-20", 10, "900.00"),
        Part(MORE, "2025-10-31", 25, "2500.00"),
        Part(SOLD, "2026-02-17", 5, "400.00"),
    ],
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(4))
def test_a_part_of_a_holder_is_proved_and_opens_as_closed(seed: int, full: bool, story: str):
    """V1 to V11 in sixteen months, with P selling and buying shares of S meanwhile."""
    tale = Drawn(seed, full=full)
    made = closed(*deals(*under(tale.group, tale.books()), STORIES[story]))
    assert wrong(made) == []
    assert list(opens_otherwise(made)) == []


TALL = {
    "T sells": (
        "T",
        [Part(SOLD, "2025-06-30", 10, "900.00"), Part(SOLD, "2026-01-15", 5, "400.00")],
    ),
    "U sells": (
        "U",
        [Part(SOLD, "2025-04-13", 20, "900.00"), Part(MORE, "2025-09-30", 5, "500.00")],
    ),
}


@pytest.mark.parametrize("who", TALL)
@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(3))
def test_four_levels(seed: int, full: bool, who: str):
    """U over T over P over S: the price is T's, who has outsiders, or U's, who reports."""
    seller, parts = TALL[who]
    tale = Drawn(seed, full=full)
    tall = under(*under(tale.group, tale.books()), "U")
    made = closed(*deals(*tall, parts, seller))
    assert wrong(made) == []
    assert list(opens_otherwise(made)) == []


@pytest.mark.parametrize("story", ["a part", "within a month", "more"])
@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(3))
def test_afterwards_all_of_it_is_sold(seed: int, full: bool, story: str):
    tale = Drawn(seed, full=full, until="2026-02-28")
    told = deals(*under(tale.group, tale.books()), STORIES[story])
    made = closed(*sells(*told, "2026-02-28", "5000.00"))
    assert wrong(made) == []
    assert list(opens_otherwise(made)) == []


@pytest.mark.parametrize("beside", [with_stock, with_loan])
@pytest.mark.parametrize("story", STORIES)
def test_what_stands_beside_the_books_is_divided_too(story: str, beside):
    tale = Drawn(5, full=False)
    made = closed(*deals(*under(beside(tale), tale.books()), STORIES[story]))
    assert wrong(made) == []


@pytest.mark.parametrize(("owner", "owned"), PAIRS)
@pytest.mark.parametrize("life", ["a part", "thrice"])
@pytest.mark.parametrize("story", STORIES)
def test_outsiders_have_the_same_under_equity_pickup(life, owner, owned, story):
    """Another road: P's books at cost. What passes on the day differs by cents of rounding."""
    known, roads = LIVES[life], []
    for tale in (known.under_pickup(owner, owned), known.at_cost(owner, owned)):
        made = closed(*deals(*under(tale.group, tale.books()), STORIES[story]))
        assert wrong(made) == []
        roads.append(made)
    for one, other in zip(*roads, strict=True):
        assert [e.kind for e in one.changes] == [e.kind for e in other.changes]
        for made, like in zip(one.changes, other.changes, strict=True):
            assert isinstance(made, Reattribution)
            assert isinstance(like, Reattribution)
            assert abs(made.nci - like.nci) <= 16, (one.period, made.entity)
            assert abs(made.cta_reattributed - like.cta_reattributed) <= 32
        for code, rolled in one.nci.items():
            assert abs(rolled.closing - other.nci[code].closing) <= 64
            assert abs(rolled.share_of_profit - other.nci[code].share_of_profit) <= 32


@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(4))
def test_outsiders_end_with_what_they_had_had_their_share_been_that_from_the_start(seed, full):
    """
    Another road: T had 60 % of P from its foundation on, and nobody sold anything above.

    Net assets of P and S are the same, so outsiders have the same of them; what they earned,
    and what of the CTA was theirs, they have bought. Full goodwill of a part of S that P sold
    meanwhile is of those who had it on its day, so P sells none then.
    """
    tale = Drawn(seed, full=full, until="2025-02-01" if full else "")
    described, books = under(tale.group, tale.books())
    other = closed(*always(described, books, Fraction(60, 100)))
    part = [Part(SOLD, "2025-07-31", 10, "900.00")]
    for one, always_so in zip(closed(*deals(described, books, part)), other, strict=True):
        if one.period < "2025-07":
            continue
        for code in ("P", "S"):
            theirs = one.nci[code].closing, always_so.nci[code].closing
            assert abs(theirs[0] - theirs[1]) <= 12, (one.period, code)


def always(
    described: Group, books: list[TrialBalance], share: Fraction
) -> tuple[Group, list[TrialBalance]]:
    """The same group whose top held that share of P from its foundation on."""
    (first, *rest) = described.acquisitions
    held = 1 - first.nci_share
    carried = int(first.investment * share / held)
    founded = replace(
        first,
        nci_share=1 - share,
        consideration=int(first.consideration * share / held),
        investment=carried,
    )
    interests = tuple(
        replace(each, share_e8=int(share * 10**8)) if each.holder == "T" else each
        for each in described.interests
    )
    own = []
    for each in books:
        amounts = each.amounts.copy()
        if each.entity == "T":
            amounts[each.accounts.index(CODES["investment"][0])] = carried
            amounts[each.accounts.index(CODES["cash"][0])] += first.investment - carried
        own.append(replace(each, amounts=amounts))
    return replace(described, interests=interests, acquisitions=(founded, *rest)), own


def part_told(folder: Path) -> Path:
    """T sells 20 of its 80 % of H on 30 November for 150.00, and keeps the rest."""
    told(folder)
    sold = {"1010": "250.00", "1700": "300.00", "3000": "-500.00", "4510": "-50.00"}
    after = {"1010": "250.00", "1700": "300.00", "3000": "-500.00", "3300": "-50.00"}
    h = {"1010": "340.00", "1701": "160.00", "3000": "-500.00"}
    s = {"1010": "1100.00", "3000": "-1000.00", "4000": "-100.00"}
    later = {"1010": "1100.00", "3000": "-1000.00", "3300": "-100.00"}
    for month, companies in (
        ("2025-11", {"T": sold, "H": h, "S": s}),
        ("2025-12", {"T": sold, "H": h, "S": s}),
        ("2026-01", {"T": after, "H": h, "S": later}),
    ):
        lines = [f"{c},{a},{n}" for c, each in companies.items() for a, n in each.items()]
        put(folder, f"balances/{month}.csv", "\n".join(["entity,account,closing", *lines, ""]))
    edit(folder, "ownership.csv", "T,H,0,2025-11-30", "T,H,60,2025-11-30")
    row = "2025-11-30,partial_disposal,H,T,20,150.00,100.00,50.00,1700,4510"
    edit(folder, "changes.csv", "2025-11-30,disposal,H,T,80,600.00,400.00,200.00,1700,4510", row)
    return folder


def test_by_hand_as_a_folder(tmp_path: Path):
    """
    Beside its investment H has 340.00 and goodwill of 15.00; S has 330.00. CTA: 5.00 and 105.00.

    20 % of H go: 71.00 and 1.00 of CTA; of S 20 % x 75 %: 49.50 and 15.75. The owners' equity
    gets 150.00 - 71.00 - 49.50 = 29.50, and nothing goes through the result: 25.00 of S, 40 %
    of it for outsiders as before. They have 40 % of 355.00 and 55 % of 330.00 in the end.
    At 0.10 it is 40 % of 340.00 + 5.00, and 55 % of 110.00.
    """
    closes = Closes(part_told(tmp_path / "told"))
    book = closes.book("2025-11")
    upper, lower = book.changes
    assert isinstance(upper, Reattribution)
    assert isinstance(lower, Reattribution)
    assert (upper.entity, upper.through, lower.entity, lower.through) == ("H", "", "S", "H")
    assert (upper.nci, upper.cta_reattributed, upper.difference) == (71_00, 1_00, 79_00)
    assert (lower.nci, lower.cta_reattributed, lower.difference) == (49_50, 15_75, -49_50)
    assert (book.totals.net_income, book.totals.net_income_nci) == (25_00, 10_00)
    assert (book.nci["H"].closing, book.nci["S"].closing) == (142_00, 181_50)
    assert book.totals.total_equity == 935_00
    for month in ("2025-12", "2026-01"):
        book = closes.book(month)
        assert (book.nci["H"].closing, book.nci["S"].closing) == (138_00, 60_50)
        assert book.totals.total_equity == 250_00 + 340_00 + 110_00 + 5_00
    assert closes.findings(months("2025-11", 3)) == []
    assert closes.unused == ()
    read = read_group(tmp_path / "told")
    write_group(tmp_path / "again", read.group, read.balances)
    assert read_group(tmp_path / "again").group.changes == closes.engine.group.changes


def test_a_dividend_before_the_day_went_to_the_old_outsiders(tmp_path: Path):
    """
    S pays 40.00 reais on 20 November, at 0.25: 7.50 to H, 2.50 to its own outsiders.

    H has 347.50 on the day, so 20 % of 362.50 go, and of S 15 % of 1,060.00 x 0.30. Of the
    7.50 a fifth had been H's outsiders'.
    """
    folder = part_told(tmp_path / "told")
    add(folder, "chart.csv", "3350,Dividends,dividends,,dividends")
    add(folder, "chart.csv", "4200,Dividend income,income,,dividend_income")
    add(folder, "rates.csv", "2025-11-20,BRL,USD,0.25,historical")
    put(
        folder,
        "events.csv",
        "date,kind,entity,amount,holder,received\n2025-11-20,dividend,S,30.00,H,7.50\n"
        "2025-11-20,dividend,S,10.00,,\n",
    )
    for month in ("2025-11", "2025-12"):
        edit(folder, f"balances/{month}.csv", "S,1010,1100.00", "S,1010,1060.00\nS,3350,40.00")
        edit(folder, f"balances/{month}.csv", "H,1010,340.00", "H,1010,347.50\nH,4200,-7.50")
    edit(folder, "balances/2026-01.csv", "S,1010,1100.00", "S,1010,1060.00")
    edit(folder, "balances/2026-01.csv", "S,3300,-100.00", "S,3300,-60.00")
    edit(folder, "balances/2026-01.csv", "H,1010,340.00", "H,1010,347.50\nH,3300,-7.50")
    closes = Closes(folder)
    upper, lower = closes.book("2025-11").changes
    assert isinstance(upper, Reattribution)
    assert isinstance(lower, Reattribution)
    assert (upper.nci, lower.nci) == (72_50, 47_70)
    rolled = closes.book("2025-12").nci
    assert (rolled["H"].intragroup, rolled["S"].intragroup) == (1_50, -1_50)
    assert (rolled["H"].share_of_profit, rolled["S"].share_of_profit) == (0, 10_00)
    assert closes.findings(months("2025-11", 3)) == []


def test_every_figure_is_explained():
    tale = Drawn(3, full=True)
    described, books = deals(*under(tale.group, tale.books()), STORIES["within a month"])
    made = engine(described, *books)
    book = made.consolidate("2025-10")
    for name in every_figure(book):
        explain(book, name, before=made.month_before)  # it says where it does not add up
    tree = explain(book, book.chart.roles.retained_earnings, before=made.month_before)
    assert {"proceeds", "nci_recognised"} <= set(names(tree))
