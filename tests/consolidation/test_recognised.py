"""Other comprehensive income: at the rate of its day, shared with outsiders, kept in a reserve."""

from dataclasses import replace
from datetime import date

from monthclose.analysis.validation import validate
from monthclose.ledger.acquisitions import Transfer
from monthclose.ledger.equity import EquityMove, EquityPart, OciMovement
from tests.analysis.books import balances, described
from tests.consolidation.groups import CODES, cents, engine, lived, on

RESERVE = CODES["reserve"][0]
GAIN = OciMovement("S", RESERVE, cents("50.00"), date(2025, 2, 10))
TO_RETAINED = Transfer("S", RESERVE, "3300", cents("20.00"), date(2025, 3, 5))


def closing(*, transfer: bool = False):
    """S, 80 % owned, gains 50.00 in February; 20.00 of it become retained earnings in March."""
    group = described()
    group = replace(
        group,
        recognised=(GAIN,),
        rates=replace(group.rates, quotes=(*group.rates.quotes, on("2025-02-10", "0.23"))),
        transfers=(TO_RETAINED,) if transfer else (),
    )
    s = {"capital": -600_00, "retained": -300_00, "revenue": -100_00}
    months = [s] + [{"revenue": -100_00} for _ in range(12)]
    months[1]["reserve"] = -50_00
    if transfer:
        months[2] |= {"reserve": 20_00, "retained": -20_00}
    of_p = [each for each in balances() if each.entity == "P"]
    return engine(group, *lived("S", months), *of_p)


def test_a_gain_takes_the_rate_of_its_day_and_outsiders_their_part():
    """
    50.00 x 0.23 = 11.50, of which 20 % = 2.30 are the outsiders'.

    CTA of S: 900.00 x 0.05 + 100.00 x 0.04 + 100.00 x 0.01 + 50.00 x (0.25 - 0.23) = 51.00.
    """
    book = closing().consolidate("2025-02")
    assert (book.totals.oci_other, book.totals.oci_other_nci) == (11_50, 2_30)
    assert -book.figure(RESERVE) == 9_20
    (s,) = (each for each in book.translations if each.entity == "S")
    assert s.cta.movement == s.proof().total == 51_00
    assert book.totals.comprehensive_income == 65_00 + 51_00 + 14_00 + 11_50
    statement = book.changes_in_equity
    assert statement is not None
    row = statement.moves[EquityMove.RECOGNISED]
    assert (row[EquityPart.OCI], row[EquityPart.NCI]) == (9_20, 2_30)
    assert validate(book).findings == ()


def test_it_opens_the_next_year_where_it_closed_this_one():
    made = closing()
    last, book = made.consolidate("2025-12"), made.consolidate("2026-01")
    assert last.totals.oci_other == 11_50
    assert (book.totals.oci_other, -book.figure(RESERVE)) == (0, 9_20)
    assert book.nci["S"].opening == last.nci["S"].closing
    assert validate(book, last.left()).findings == ()


def test_what_becomes_retained_earnings_takes_its_part_along():
    """
    20.00 of 50.00 take 4.60 of 11.50 along, 80 % of it the owners': 3.68.

    Nothing of it is income, and the outsiders' interest does not move.
    """
    plain, moved = closing().consolidate("2025-03"), closing(transfer=True).consolidate("2025-03")
    assert -moved.figure(RESERVE) == 9_20 - 3_68
    assert moved.nci["S"].closing == plain.nci["S"].closing
    assert moved.totals.comprehensive_income == plain.totals.comprehensive_income
    statement = moved.changes_in_equity
    assert statement is not None
    row = statement.moves[EquityMove.TRANSFER]
    assert {part: amount for part, amount in row.items() if amount} == {
        EquityPart.OCI: -3_68, EquityPart.RETAINED: 3_68,
    }  # fmt: skip
    assert validate(moved).findings == ()
    made = closing(transfer=True)
    last, book = made.consolidate("2025-12"), made.consolidate("2026-01")
    assert validate(book, last.left()).findings == ()
