"""V7: outsiders by their closed form, beside the roll-forward that starts at acquisition."""

from dataclasses import replace

from monthclose.analysis.nci_checks import check_outsiders, closed_forms
from monthclose.ledger.book import Book
from tests.analysis.books import check, good, only
from tests.worked.case import SHARED, close_case, read_case


def with_outsiders(book: Book, **moved: int) -> Book:
    """The book, with parts of the roll-forward of S's outsiders moved by some cents."""
    rolled = book.nci["S"]
    changed = {name: getattr(rolled, name) + cents for name, cents in moved.items()}
    return replace(book, nci={"S": replace(rolled, **changed)})


def test_a_good_book_has_its_closed_form():
    """20 % of S's 1,100.00 at 0.25: 55.00; its partial goodwill is the acquirer's."""
    (form,) = closed_forms(good()).values()
    assert form.amount == 55_00
    result = check(good(), "V7")
    assert result.passed
    assert (result.population, result.tested, result.weight) == (1, 55_00, 10)
    assert result.evidence == {"S": "55.00 55.00"}


def test_a_share_of_the_result_that_is_lost_is_found():
    """Only V7 and V6 (the account) could know: 1.00 of the result left for the owners."""
    found = only(with_outsiders(good(), share_of_profit=-1_00), "V7", "V6")
    assert [(each.code, each.subject, each.difference) for each in found] == [
        ("nci-unproved", "S", -1_00)
    ]
    assert found[0].said("en") != found[0].said("pt-BR")


def test_a_cent_for_each_rounded_part_is_rounding():
    (form,) = closed_forms(good()).values()
    within = check_outsiders(with_outsiders(good(), opening=form.components))
    beyond = check_outsiders(with_outsiders(good(), opening=form.components + 1))
    assert (within.passed, beyond.passed, beyond.unexplained) == (True, False, 1)


def test_a_company_that_was_sold_has_no_outsiders_left(shared):
    """The worked sale of a company 80 % owned: its roll-forward ends at nil."""
    (file,) = SHARED.glob("G18-*.json")
    book = close_case(read_case(file))
    assert [(code, each.closing) for code, each in book.nci.items()] == [("S", 0)], shared
    assert closed_forms(book) == {}
    assert check(book, "V7").passed
