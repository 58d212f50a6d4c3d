"""V10: opening net assets, comprehensive income and owners' transactions are closing equity."""

from dataclasses import replace

from monthclose.ledger.balances import CarriedForward
from monthclose.ledger.equity import EquityMove, EquityPart, owners_of, whole
from monthclose.ledger.events import Reattribution
from tests.analysis.books import balances, check, described, good, only
from tests.consolidation.groups import engine
from tests.worked.case import OWN, SHARED, close_case, read_case


def test_a_good_book_starts_and_ends_where_it_should():
    """
    S opens with 900.00 at 0.20 = 180.00, bought in January: nothing of it opened.

    P opens with 500.00. Results: 10.00 x 2 and 100.00 x 0.21 + 100.00 x 0.24 = 65.00;
    CTA 50.00 + 14.00 of goodwill; outsiders came with 36.00: 500 + 65 + 64 + 36 = 665.00.
    """
    result = check(good(), "V10")
    assert result.passed
    assert result.evidence == {"G": "665.00 665.00"}


def test_a_year_later_the_opening_is_put_together_from_its_parts():
    closing = engine(described(), *balances())
    last, book = closing.consolidate("2025-12"), closing.consolidate("2026-01")
    statement = book.changes_in_equity
    assert statement is not None
    assert whole(statement.opening) == last.totals.total_equity
    assert owners_of(statement.opening) == last.totals.equity_attributable_to_parent
    assert check(book, "V10").passed


def test_equity_that_its_net_assets_do_not_explain_is_found():
    """S carries 10.00 more than its opening net assets come to; the proof of V5 sees it too."""
    closing = engine(described(), *balances())
    book = closing.consolidate("2026-01")
    rates = book.facts.rates["S"]
    was = rates.treatments["3300"]
    assert isinstance(was, CarriedForward)
    wrong = {**rates.treatments, "3300": replace(was, translated=was.translated - 10_00)}
    facts = replace(book.facts, rates={**book.facts.rates, "S": replace(rates, treatments=wrong)})
    (finding,) = only(closing.consolidate("2026-01", facts), "V10", "V5")
    assert (finding.code, finding.subject, finding.difference) == (
        "opening-equity-unproved", "S", 10_00,
    )  # fmt: skip
    assert finding.said("en") != finding.said("pt-BR")


def test_a_transaction_left_out_of_the_statement_is_found():
    book = good()
    statement = book.changes_in_equity
    assert statement is not None
    moves = dict(statement.moves)
    del moves[EquityMove.ACQUISITION]
    spoilt = replace(book, changes_in_equity=replace(statement, moves=moves))
    (finding,) = only(spoilt, "V10")
    assert (finding.code, finding.subject) == ("equity-change-unexplained", "G")
    assert (finding.expected, finding.actual) == (629_00, 665_00)


def test_every_worked_case_is_explained_to_the_cent(shared):
    """Twenty-two shared cases and our own; the bound of rounding is not used up by any."""
    for file in (*SHARED.glob("G*.json"), *OWN.glob("W*.json")):
        book = close_case(read_case(file))
        result, statement = check(book, "V10"), book.changes_in_equity
        assert result.passed, (file.name, shared)
        assert statement is not None
        assert whole(statement.closing) == book.totals.total_equity, file.name
        assert statement.closing[EquityPart.NCI] == book.totals.non_controlling_interests
        assert whole(statement.comprehensive) == book.totals.comprehensive_income, file.name


def test_the_rows_of_a_sale_without_loss_of_control(shared):
    """
    10 % sold: outsiders get their part of net assets, the owners the rest of the price.

    The CTA that goes with it leaves the owners' column and is no income of anybody.
    """
    (file,) = SHARED.glob("G19-*.json")
    book = close_case(read_case(file))
    statement, (change,) = book.changes_in_equity, book.changes
    assert statement is not None, shared
    assert isinstance(change, Reattribution)
    row = statement.moves[EquityMove.OWNERSHIP]
    assert row[EquityPart.NCI] == change.nci
    assert row[EquityPart.CTA] == -change.cta_reattributed
    assert whole(row) == change.proceeds
