"""Reserves and later capital of a company sold whole: to retained earnings on its last day."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from monthclose.analysis.lineage import explain
from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.equity import EquityMove, EquityPart, OciMovement
from monthclose.ledger.events import Derecognition
from monthclose.ledger.lineage import Node
from tests.changes.test_by_hand import GAIN, engine, group, holder, sale
from tests.changes.test_drawn import opens_otherwise
from tests.changes.told import CHART, Closes, tell
from tests.consolidation.groups import CODES, balance, founded, holds, on, paid_in

RESERVE, CAPITAL = CODES["reserve"][0], CODES["capital"][0]
SALE = sale("disposal", "2025-02-14", "80", "300.00", "160.00")
GAINED = OciMovement("S", RESERVE, 50_00, date(2025, 1, 15))
TO_RESULT = OciMovement("S", RESERVE, -50_00, date(2025, 2, 14))


def owned(month: str, cash: str, reserve: str, result: str) -> TrialBalance:
    """S: capital of 1,040.00, its reserve and its result of the year."""
    return balance("S", month, cash=cash, capital="-1040.00", reserve=reserve, revenue=f"-{result}")


def closes(recognised: Sequence[OciMovement], *day: str) -> ConsolidationEngine:
    """January, February with S on the *day*: reserve and result; March of P alone."""
    quotes = [("2025-01-15", "0.21"), ("2025-01-20", "0.20"), ("2025-02-14", "0.26")]
    described = replace(
        group(SALE, left="0", quotes=tuple(on(*each) for each in quotes)),
        interests=(holds("P", "S", "80", "2025-01-01"), holds("P", "S", "0", "2025-02-14")),
        acquisitions=(founded(paid="800.00", carried="160.00", nci="20", capital="-1000.00"),),
        contributions=(paid_in("S", "40.00", "2025-01-20"),),
        recognised=tuple(recognised),
    )
    return engine(
        described,
        holder("2025-01", "340.00", "160.00", "0.00"),
        owned("2025-01", "1190.00", "-50.00", "100.00"),
        holder("2025-02", "640.00", "0.00", "140.00"),
        owned("2025-02", "1240.00", *day),
        holder("2025-03", "640.00", "0.00", "0.00", retained="-140.00"),
    )


def proved(made: ConsolidationEngine) -> list[Book]:
    """The three months, every check passed, each opening component by component as closed."""
    books, last = [], None
    for month in ("2025-01", "2025-02", "2025-03"):
        book = made.consolidate(month)
        assert validate(book, last).blocking == ()
        last = book.left()
        books.append(book)
    # The fiscal year ends in February.
    closing, opening = books[1].changes_in_equity, books[2].changes_in_equity
    assert closing is not None
    assert opening is not None
    assert {k: v for k, v in closing.closing.items() if v} == {
        k: v for k, v in opening.reported.items() if v
    }
    return books


def test_they_become_retained_earnings_and_the_gain_is_the_same():
    """
    80 % of S, all that P has, sold for 300.00 on 14 February at 0.26; P carried it at 160.00.

    S: capital 1,000 x 0.20 = 200.00 and later 40 x 0.20 = 8.00, reserve 50 x 0.21 = 10.50,
    result 100 x 0.20 + 50 x 0.24 = 32.00: 250.50. Net assets 1,240 x 0.26 = 322.40, so a CTA
    of 71.90. Outsiders leave with 20 % of 322.40, 64.48; 80 % of 71.90, 57.52, is recycled.
    Gain 300.00 + 64.48 - 322.40 + 57.52 = 99.60. Of the reserve 8.40 is the owners', of the
    later capital 6.40: result 32.00 - 6.40 + 99.60 = 125.20, and 14.80 beside it, are the
    140.00 that P's books show as gain and open March with.
    """
    _, book, march = proved(closes([GAINED], "-50.00", "150.00"))
    (lost,) = book.changes
    assert lost == Derecognition(
        "S", 300_00, 322_40, 0, 64_48, 57_52, released={CAPITAL: 6_40, RESERVE: 8_40}
    )
    assert (lost.gain, book.figure(GAIN)) == (99_60, -99_60)
    assert book.totals.net_income - book.totals.net_income_nci == 125_20
    assert (book.figure(RESERVE), book.figure(CAPITAL)) == (0, -500_00)
    assert book.equity is not None
    assert (book.equity.transfers_parent, book.equity.retained_closing) == (14_80, 140_00)
    stated = book.changes_in_equity
    assert stated is not None
    moved = stated.moves[EquityMove.TRANSFER]
    assert {part: each for part, each in moved.items() if each} == {
        EquityPart.SHARE_CAPITAL: -6_40,
        EquityPart.OCI: -8_40,
        EquityPart.RETAINED: 14_80,
    }
    assert stated.moves[EquityMove.RECOGNISED][EquityPart.OCI] == 8_40
    assert stated.moves[EquityMove.CONTRIBUTION][EquityPart.SHARE_CAPITAL] == 6_40
    assert march.equity is not None
    assert march.equity.retained_opening == 140_00
    assert march.of_kind(AccountClass.OCI) == 0


def test_what_has_to_be_recycled_is_a_loss_of_the_reserve_on_the_day():
    """
    S books the 50.00 as income on its last day.

    That is 50 x 0.24 = 12.00 more result, and leaves a reserve of 10.50 - 50 x 0.26 = -2.50.
    Equity 200.00 + 8.00 + 44.00 - 2.50 = 249.50, CTA 72.90, the owners' 58.32: gain
    42.08 + 58.32 = 100.40. Result 44.00 - 8.80 + 100.40 = 135.60; of the reserve -2.00 and of
    the capital 6.40 go beside it: 140.00 again.
    """
    _, book, _ = proved(closes([GAINED, TO_RESULT], "0.00", "200.00"))
    assert book.figure(GAIN) == -100_40
    assert book.totals.net_income - book.totals.net_income_nci == 135_60
    assert book.equity is not None
    assert (book.equity.transfers_parent, book.equity.retained_closing) == (4_40, 140_00)
    assert book.figure(RESERVE) == 0


def test_every_figure_is_still_taken_apart():
    """The gain has its parts though more lines stand in its entry."""
    made = closes([GAINED], "-50.00", "150.00")
    before, book = made.consolidate("2025-01"), made.consolidate("2025-02")
    assert list(opens_otherwise([before, book])) == []
    for account in (GAIN, RESERVE, CAPITAL, book.chart.roles.retained_earnings):
        tree = explain(book, account, before=made.month_before)
        parts = {str(node.facts["name"]) for node in below(tree) if node.kind == "change"}
        assert ("net_assets" in parts) is (account == GAIN)


def below(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in node.children:
        yield from below(child)


def test_the_same_from_a_folder(tmp_path: Path):
    """The first month by hand is November here, the sale of 14 December, then a calendar year."""
    held = {"1010": "340.00", "1700": "160.00", "3000": "-500.00"}
    since = {"1010": "640.00", "3000": "-500.00"}
    of_s = {"1010": "1190.00", "3000": "-1040.00", "3500": "-50.00", "4000": "-100.00"}
    balances = {
        "2024-11": {"P": held, "S": of_s},
        "2024-12": {
            "P": since | {"4510": "-140.00"},
            "S": of_s | {"1010": "1240.00", "4000": "-150.00"},
        },
        "2025-01": {"P": since | {"3300": "-140.00"}},
    }
    folder = tell(
        tmp_path / "folder",
        balances,
        first_period="2024-11",
        chart=[*CHART, "3500,Hedges,oci,,"],
        entities=[
            "code,name,currency,method,first_period",
            "P,Parent,USD,parent,",
            "S,Sold,BRL,full,2024-11",
        ],
        ownership=["holder,investee,percent,from", "P,S,80,2024-11-01", "P,S,0,2024-12-14"],
        rates=[
            "date,base,quote,value,kind",
            "2024-11-01,BRL,USD,0.20,historical",
            "2024-11-15,BRL,USD,0.21,historical",
            "2024-11-20,BRL,USD,0.20,historical",
            "2024-12-14,BRL,USD,0.26,historical",
            "2024-11,BRL,USD,0.22,closing",
            "2024-11,BRL,USD,0.20,average",
            "2024-12,BRL,USD,0.24,average",
        ],
        acquisitions=[
            "id,acquirer,target,date,kind,consideration,consideration_currency,"
            "investment_account,investment,nci,nci_percent,share_capital",
            "ACQ-S,P,S,2024-11-01,formation,800.00,BRL,1700,160.00,proportionate,20,-1000.00",
        ],
        events=[
            "date,kind,entity,account,amount",
            "2024-11-15,oci_gain,S,3500,50.00",
            "2024-11-20,contribution,S,3000,40.00",
        ],
        changes=[
            "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account",
            "2024-12-14,disposal,S,P,80,300.00,160.00,140.00,1700,4510",
        ],
    )
    made = Closes(folder)
    assert made.findings(["2024-11", "2024-12", "2025-01"]) == []
    book = made.book("2024-12")
    assert (book.figure("4510"), book.figure("3500"), book.figure("3000")) == (-99_60, 0, -500_00)
    assert book.equity is not None
    assert (book.equity.transfers_parent, book.equity.retained_closing) == (14_80, 140_00)
    assert list(opens_otherwise([made.book(each) for each in sorted(balances)])) == []
