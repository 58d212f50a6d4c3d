"""A company sold with those below it: by hand, as a folder, and drawn."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from monthclose.analysis.lineage import every_figure, explain
from monthclose.consolidation.disposal import LeftInPart
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.equity import owners_of
from monthclose.ledger.events import Derecognition
from tests.changes.chain import closed, under, wrong
from tests.changes.kept import ASSOCIATE, KEPT
from tests.changes.subgroup import sells
from tests.changes.tale import GAIN, MONTHS, Tale
from tests.changes.test_chain import names
from tests.changes.test_drawn import Drawn, opens_otherwise
from tests.changes.test_golden import expected, sheet, totals
from tests.changes.test_pickup import LIVES, PAIRS, moved_by
from tests.changes.told import CHART, YEAR, Closes, months, sold_abroad, tell
from tests.consolidation.groups import CODES, cents, engine, holds
from tests.groupfolder.folders import add, edit, places, put


@pytest.mark.parametrize("day", ["2025-09-30", "2025-12-31", "2026-02-28", "2026-03-20"])
@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(4))
def test_a_company_sold_with_the_one_below_is_proved_and_opens_as_closed(seed, full, day):
    tale = Drawn(seed, full=full, until=day)
    described, books = sells(*under(tale.group, tale.books()), day, "7000.00")
    made = closed(described, books)
    assert wrong(made) == []
    assert list(opens_otherwise(made)) == []


@pytest.mark.parametrize("seller", ["T", "U"])
@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(4))
def test_three_levels(seed, full, seller):
    """U over T over P over S: T with outsiders sells P and S, or U sells all three."""
    tale = Drawn(seed, full=full, until="2025-11-30")
    tall = under(*under(tale.group, tale.books()), "U")
    described, books = sells(*tall, "2025-11-30", "7000.00", seller)
    made = closed(described, books)
    assert wrong(made) == []
    assert list(opens_otherwise(made)) == []


@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(6))
def test_the_gain_is_what_the_group_that_kept_them_had_less(seed: int, full: bool):
    """
    Another road: the same group without the sale, on the same day.

    T has 9,000.00 of capital. Of what its owners had, T's own cash is 9,000.00 less the cost of
    P; the rest was in P and S, and the price takes its place. Their CTA goes to the result.
    """
    month = "2025-11"
    tale = Drawn(seed, full=full, until="2025-11-01")
    kept = closed(*under(tale.group, tale.books()))[MONTHS.index(month)]
    described, books = sells(*under(tale.group, tale.books()), "2025-11-30", "7000.00")
    book = closed(described, books)[MONTHS.index(month)]
    lost = book.changes[-1]
    assert isinstance(lost, Derecognition)
    assert lost.left == ("P", "S")
    cost = cents("5600.00" if tale.owner == "USD" else "868.00")
    assert kept.changes_in_equity is not None
    assert kept.equity is not None
    had = owners_of(kept.changes_in_equity.closing) - (cents("9000.00") - cost)
    assert lost.gain_before_recycling == cents("7000.00") - had
    assert lost.cta_recycled == kept.equity.cta_parent.closing
    earned = kept.totals.net_income_parent + lost.gain
    assert book.totals.net_income_parent == earned
    assert book.totals.net_income_nci == kept.totals.net_income_nci
    whole = cents("9000.00") - cost + cents("7000.00")
    assert book.totals.total_equity == book.totals.equity_attributable_to_parent == whole
    roles = book.chart.roles
    assert (book.figure(roles.cta), book.figure(roles.nci), book.figure(roles.goodwill)) == (
        0,
        0,
        0,
    )


CHART_B = (*CHART, "1701,Shares,asset,,")


def told(folder: Path, *, above: bool = False) -> Path:
    """
    T has 80 % of H, H 75 % of S; T sells H on 30 November, and S leaves with it.

    With *above*, U has 90 % of T and reports.
    """
    sold = {"1010": "700.00", "3000": "-500.00", "4510": "-200.00"}
    after = {"1010": "700.00", "3000": "-500.00", "3300": "-200.00"}
    h = {"1010": "340.00", "1701": "160.00", "3000": "-500.00"}
    s = {"1010": "1100.00", "3000": "-1000.00", "4000": "-100.00"}
    u = {"U": {"1010": "50.00", "1700": "450.00", "3000": "-500.00"}} if above else {}
    balances = {
        "2025-10": {"S": {"1010": "1000.00", "3000": "-1000.00"}},  # when it was bought
        "2025-11": {**u, "T": sold, "H": h, "S": s},
        "2025-12": {**u, "T": sold},
        "2026-01": {**u, "T": after},
    }
    rates = ["date,base,quote,value,kind", "2025-11-01,BRL,USD,0.20,historical"]
    rates += ["2025-10,BRL,USD,0.20,closing"]
    for month, closing, average in (
        ("2025-11", "0.30", "0.25"), ("2025-12", "0.10", "0.10"), ("2026-01", "0.10", "0.10"),
    ):  # fmt: skip
        rates += [f"{month},BRL,USD,{closing},closing", f"{month},BRL,USD,{average},average"]
    head = (
        "id,acquirer,target,date,kind,consideration,consideration_currency,investment_account,"
        "investment,nci,nci_percent,share_capital"
    )
    bought = [
        "ACQ-H,T,H,2025-11-01,formation,400.00,USD,1700,400.00,proportionate,20,-500.00",
        "ACQ-S,H,S,2025-11-01,purchase,800.00,BRL,1701,160.00,proportionate,25,-1000.00",
    ]
    entities = ["T,T,USD,full" if above else "T,T,USD,parent", "H,H,USD,full", "S,S,BRL,full"]
    owned = ["T,H,80,2025-11-01", "T,H,0,2025-11-30", "H,S,75,2025-11-01"]
    if above:
        entities.insert(0, "U,U,USD,parent")
        owned.insert(0, "U,T,90,2025-11-01")
        bought.insert(
            0, "ACQ-T,U,T,2025-11-01,formation,450.00,USD,1700,450.00,proportionate,10,-500.00"
        )
    return tell(
        folder,
        balances,
        first_period="2025-11",
        chart=CHART_B,
        entities=["code,name,currency,method,first_period", *(f"{e},2025-11" for e in entities)],
        ownership=["holder,investee,percent,from", *owned],
        rates=rates,
        acquisitions=[head, *bought],
        changes=[
            "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account",
            "2025-11-30,disposal,H,T,80,600.00,400.00,200.00,1700,4510",
        ],
    )


def test_by_hand_as_a_folder(tmp_path: Path):
    """
    S: 1,100.00 x 0.30 = 330.00, CTA 330.00 - 200.00 - 25.00 = 105.00.

    H bought it with goodwill of 160.00 - 150.00 = 10.00, now 15.00; H has 340.00 of its own.

    Of S outsiders have 40 %, 132.00; of H 20 % of 340.00 + 15.00, 71.00. For 600.00 T gains
    600.00 + 203.00 - 670.00 - 15.00 = 118.00, and 60 % of 105.00 with 80 % of the 5.00 on
    goodwill are recycled: 67.00. S earned 25.00, 10.00 of it for outsiders.
    """
    closes = Closes(told(tmp_path / "told"))
    for month in ("2025-11", "2025-12"):
        book = closes.book(month)
        (lost,) = book.changes
        assert isinstance(lost, Derecognition)
        assert (lost.net_assets, lost.goodwill, lost.nci) == (670_00, 15_00, 203_00)
        assert (lost.gain_before_recycling, lost.cta_recycled, lost.gain) == (118_00, 67_00, 185_00)
        assert (book.totals.net_income, book.totals.net_income_nci) == (210_00, 10_00)
        assert (book.totals.total_equity, book.nci["S"].closing) == (700_00, 0)
        assert book.figure("1010") == 700_00
        (entry,) = [each for each in book.entries if each.kind == "disposal"]
        assert {line.entity for line in entry.lines} == {"T", "H", "S"}
    assert closes.book("2026-01").totals.total_equity == 700_00
    assert closes.findings(months("2025-11", 3)) == []
    assert closes.unused == ()


def test_outsiders_of_the_seller_have_their_part_by_hand(tmp_path: Path):
    """
    The same with U over T: of S outsiders have 46 %, 151.80, of H 28 % of 355.00, 99.40.

    Those of T had a tenth of 80 % of 355.00, 28.40, and of 60 % of 330.00, 19.80: that stays.
    The gain before recycling is 118.00 as before, of which 11.80 is theirs; a tenth of the
    67.00 is not recycled. They own a tenth of T's 700.00 in the end.
    """
    closes = Closes(told(tmp_path / "told", above=True))
    book = closes.book("2025-12")
    (lost,) = book.changes
    assert isinstance(lost, Derecognition)
    assert (lost.nci, lost.gain_before_recycling, lost.cta_recycled) == (203_00, 118_00, 60_30)
    assert book.nci["H"].intragroup == -28_40
    assert book.nci["S"].intragroup == -19_80
    assert (book.nci["T"].intragroup, book.nci["T"].closing) == (48_20, 70_00)
    assert closes.findings(months("2025-11", 3)) == []


def test_a_holding_between_changes_nothing_of_the_golden_sale(tmp_path: Path):
    """G18, with H between P and S: P sells H, and its one asset S with it, for the same price."""
    folder = sold_abroad(tmp_path / "told")
    add(folder, "entities.csv", "H,Holding,USD,full")
    edit(folder, "ownership.csv", "P,S,80,2022-01-03", "H,S,80,2022-01-03\nP,H,100,2022-01-03")
    edit(folder, "ownership.csv", "P,S,0,2024-09-30", "P,H,0,2024-09-30")
    edit(folder, "acquisitions.csv", "ACQ-S,P,S", "ACQ-S,H,S")
    row = "ACQ-H,P,H,2022-01-03,formation,80000.00,USD,1700,80000.00,,,-80000.00,"
    add(folder, "acquisitions.csv", row)
    edit(folder, "changes.csv", "disposal,S,P,80", "disposal,H,P,100")
    for month in YEAR[:9]:
        add(folder, f"balances/{month}.csv", "H,1700,80000.00")
        add(folder, f"balances/{month}.csv", "H,3000,-80000.00")
    closes = Closes(folder)
    book, figures = closes.book("2024-12"), expected("G18")
    for found, wanted in (sheet(book, figures), totals(book, figures)):
        assert found == wanted
    (lost,) = book.changes
    assert isinstance(lost, Derecognition)
    of_case = figures["disposal"]
    assert lost.gain == cents(of_case["gain_total"])
    assert lost.cta_recycled == cents(of_case["cta_recycled"])
    assert lost.nci == cents(of_case["nci_derecognised"])
    assert closes.findings(YEAR) == []


def test_an_associate_of_the_company_sold_leaves_with_it(tmp_path: Path):
    """
    H paid 30.00, 150.00 reais, for 30 % of X, which earns 20.00: 6.00 reais, 1.50.

    156.00 reais are 46.80 on the day, 16.80 more than in the books; 15.30 of it is CTA. A fifth
    is of H's outsiders: gain 118.00 - 16.80 + 3.36, and 80 % of 15.30 more is recycled.
    """
    folder = told(tmp_path / "told")
    add(folder, "chart.csv", "1750,Associates,asset,,")
    add(folder, "chart.csv", "4400,Share of associates,income,,associate_result")
    add(folder, "chart.csv", "4200,Dividends,income,,dividend_income")
    add(folder, "entities.csv", "X,X,BRL,equity,2025-11")
    add(folder, "ownership.csv", "H,X,30,2025-11-01")
    add(
        folder,
        "acquisitions.csv",
        "ACQ-X,H,X,2025-11-01,associate,150.00,BRL,1750,30.00,,,-500.00",
    )
    edit(folder, "balances/2025-11.csv", "H,1010,340.00", "H,1010,310.00\nH,1750,30.00")
    put(folder, "associates.csv", "period,entity,result\n2025-11,X,20.00\n")
    closes = Closes(folder)
    for month in ("2025-11", "2025-12"):
        (lost,) = closes.book(month).changes
        assert isinstance(lost, Derecognition)
        assert (lost.net_assets, lost.nci) == (686_80, 206_36)
        assert (lost.gain_before_recycling, lost.cta_recycled) == (104_56, 79_24)
        assert closes.book(month).totals.total_equity == 700_00
        assert closes.book(month).figure("1750") == 0
    assert closes.book("2026-01").associates == {}
    assert closes.findings(months("2025-11", 3)) == []


@pytest.mark.parametrize(("owner", "owned"), PAIRS)
@pytest.mark.parametrize("life", ["a part", "thrice"])
def test_what_is_left_is_the_same_under_equity_pickup(life: str, owner: str, owned: str):
    """Another road: the same tale with S at cost in P's books."""
    known = LIVES[life]
    roads = []
    for tale in (
        known.under_pickup(owner, owned, moved_by(owner, owned)),
        known.at_cost(owner, owned),
    ):
        made = closed(*sells(*under(tale.group, tale.books()), "2026-02-28", "7000.00"))
        assert wrong(made) == []
        roads.append(made)
    for one, other in zip(*roads, strict=True):
        for made, like in zip(one.changes, other.changes, strict=True):
            assert abs(made.cta_recycled - like.cta_recycled) <= 64
        assert abs(one.totals.net_income - other.totals.net_income) <= 64
        assert abs(one.totals.total_equity - other.totals.total_equity) <= 64


def test_mistakes_have_their_place(tmp_path: Path):
    """Of S 5 % are T's own, which stay; S is sold by H when H has left."""
    folder = told(tmp_path / "told")
    row = "2025-12-31,disposal,S,H,75,200.00,160.00,40.00,1701,4510"
    add(folder, "ownership.csv", "H,S,0,2025-12-31")
    add(folder, "changes.csv", row)
    assert places(folder) == [("changes.csv", 3, "entity", "change-after-sale")]
    folder = told(tmp_path / "again")
    add(folder, "ownership.csv", "T,S,5,2025-11-01")
    edit(folder, "acquisitions.csv", "1701,160.00,proportionate,25", "1701,160.00,proportionate,20")
    assert places(folder) == [("changes.csv", 2, "entity", "change-below")]


def test_a_balance_after_the_day_is_named(tmp_path: Path):
    folder = told(tmp_path / "told")
    add(folder, "balances/2025-12.csv", "S,1010,0.00")
    assert places(folder) == [("balances/2025-12.csv", 5, "entity", "balance-after-sale")]


def test_a_company_that_somebody_else_holds_too_is_refused():
    """T, which stays, has 5 % of S besides."""
    tale = Drawn(1, full=False, until="2025-11-01")
    described, books = sells(*under(tale.group, tale.books()), "2025-11-30", "7000.00")
    above, own = described.acquisitions
    both = replace(
        described,
        interests=(*described.interests, holds("T", "S", "5", "2025-01-01")),
        acquisitions=(above, replace(own, nci_share=Fraction(15, 100))),
    )
    with pytest.raises(LeftInPart) as refused:
        engine(both, *books).consolidate("2025-11")
    assert "T holds" in str(refused.value)


def test_cash_that_leaves_is_net_of_the_price():
    """The cash of P and S is one line with the price, in investing."""
    tale = Drawn(2, full=False, until="2025-11-01")
    described, books = sells(*under(tale.group, tale.books()), "2025-11-30", "7000.00")
    made = engine(described, *books)
    for month in MONTHS[1:]:
        book = made.consolidate(month)
        found = made.cash_flows(book).group
        if found is None:
            continue
        assert found.closing == book.figure(CODES["cash"][0])


def test_every_figure_is_explained():
    tale = Drawn(3, full=True, until="2025-11-01")
    described, books = sells(*under(tale.group, tale.books()), "2025-11-30", "7000.00")
    made = engine(described, *books)
    book = made.consolidate("2025-12")
    for name in every_figure(book):
        explain(book, name, before=made.month_before)  # it says where it does not add up
    tree = explain(book, GAIN, before=made.month_before)
    assert {"proceeds", "nci", "net_assets", "cta_recycled"} <= set(names(tree))


@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(3))
def test_a_part_is_kept_as_a_financial_asset(seed: int, full: bool):
    """T sells 50 of its 70 % of P, and keeps 20 % worth 1,900.00; S leaves with P."""
    tale = Drawn(seed, full=full, until="2025-11-01")
    whole, books = sells(*under(tale.group, tale.books()), "2025-11-30", "7000.00")
    *_, sale = whole.changes
    kept = replace(
        sale,
        share=Fraction(50, 100),
        gain=sale.gain + cents("1900.00"),
        retained_fair_value=cents("1900.00"),
        retained_account=CODES["receivables"][0],
    )
    *others, _ = whole.interests
    described = replace(
        whole,
        interests=(*others, holds("T", "P", "20", "2025-11-30")),
        changes=(*whole.changes[:-1], kept),
    )
    made = closed(described, [with_asset(each, cents("1900.00")) for each in books])
    assert wrong(made) == []
    lost = made[MONTHS.index("2025-11")].changes[-1]
    assert isinstance(lost, Derecognition)
    assert (lost.retained, lost.left) == (1900_00, ("P", "S"))
    (plain,) = closed(whole, books)[MONTHS.index("2025-11")].changes[-1:]
    assert isinstance(plain, Derecognition)
    assert lost.gain - plain.gain == 1900_00


def with_asset(
    given: TrialBalance, amount: int, asset: str = CODES["receivables"][0]
) -> TrialBalance:
    """T's books with what it kept, from the day on."""
    if given.entity != "T" or given.period < "2025-11":
        return given
    account = GAIN if given.period < "2026" else CODES["retained"][0]
    lines = dict(zip(given.accounts, given.amounts.tolist(), strict=True))
    lines[account] = lines.get(account, 0) - amount
    lines[asset] = amount
    amounts = np.array(list(lines.values()), dtype=np.int64)
    return replace(given, accounts=tuple(lines), amounts=amounts)


@pytest.mark.parametrize(("owner", "owned"), PAIRS)
def test_a_part_is_kept_as_an_associate(owner: str, owned: str):
    """The equity method goes on from the fair value, with what P and S earn together."""
    tale = Tale([], owner=owner, owned=owned, shares={"2025-01-01": "80"})
    whole, books = sells(*under(tale.group, tale.books()), "2025-11-17", "7000.00")
    (sale,) = whole.changes
    cost, fair = sale.cost * 2 // 7, cents("1900.00")
    kept = replace(
        sale,
        share=Fraction(50, 100),
        gain=sale.gain + cost,
        retained_fair_value=fair,
        retained_cost=cost,
        retained_account=ASSOCIATE,
    )
    going_on = Acquisition(
        id="KEPT-P",
        acquirer="T",
        target="P",
        kind=AcquisitionKind.ASSOCIATE,
        on=kept.on,
        consideration=fair,
        consideration_currency="USD",
        equity={"3000": -800000, "3300": -90000},
        investment_account=ASSOCIATE,
        investment=cost,
    )
    *others, _ = whole.interests
    described = replace(
        whole,
        chart=KEPT,
        interests=(*others, holds("T", "P", "20", "2025-11-17")),
        acquisitions=(*whole.acquisitions, going_on),
        changes=(kept,),
        associate_months=tuple(
            AssociateMonth("P", month, 3000 + 700 * place)
            for place, month in enumerate(MONTHS[10:])
        ),
    )
    made = closed(described, [with_asset(each, cost, ASSOCIATE) for each in books])
    assert wrong(made) == []
    (lost,) = made[MONTHS.index("2025-12")].changes
    assert isinstance(lost, Derecognition)
    assert (lost.retained, lost.left) == (fair, ("P", "S"))
    assert made[-1].associates["P"].carrying > 0
