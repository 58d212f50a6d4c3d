"""Changes of ownership over months and fiscal years: what a year opens with is what was closed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.changes import OutsidersNotStated
from monthclose.consolidation.facts import carried_from_close
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.acquisitions import OpeningBalance
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.findings import Finding
from tests.changes.tale import MONTHS, Deal, Tale, ties

SALE = Deal(ChangeKind.DISPOSAL, "2025-06-17", "80", "1350.00", "1000.00")
PART = Deal(ChangeKind.PARTIAL_DISPOSAL, "2025-05-31", "20", "400.00", "250.00")
WITHIN = Deal(ChangeKind.PARTIAL_DISPOSAL, "2025-08-13", "15", "170.00", "200.00")
MORE = Deal(ChangeKind.INCREASE, "2025-10-09", "25", "510.00", "510.00")
ALL = Deal(ChangeKind.INCREASE, "2025-03-31", "20", "300.00", "300.00")
REST = Deal(ChangeKind.DISPOSAL, "2026-02-11", "60", "1500.00", "750.00")

TALES = {
    "sold": ([SALE], {"2025-01-01": "80", "2025-06-17": "0"}),
    "part": ([PART], {"2025-01-01": "80", "2025-05-31": "60"}),
    "within": ([WITHIN], {"2025-01-01": "80", "2025-08-13": "65"}),
    "bought out": ([ALL], {"2025-01-01": "80", "2025-03-31": "100"}),
    "thrice": (
        [PART, WITHIN, MORE],
        {"2025-01-01": "80", "2025-05-31": "60", "2025-08-13": "45", "2025-10-09": "70"},
    ),
    "part, then the rest": (
        [PART, REST],
        {"2025-01-01": "80", "2025-05-31": "60", "2026-02-11": "0"},
    ),
}
PAID = {
    "2025-02-05": "100.00",
    "2025-06-20": "40.00",
    "2025-11-12": "70.00",
    "2026-03-03": "30.00",
}
CURRENCIES = [("USD", "EUR"), ("BRL", "EUR"), ("BRL", "BRL"), ("USD", "USD"), ("BRL", "USD")]


@pytest.fixture(params=CURRENCIES, ids="-".join)
def currencies(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Of the holder's books, and of the company's."""
    pair: tuple[str, str] = request.param
    return pair


@pytest.mark.parametrize("told", TALES.values(), ids=TALES)
class TestEveryMonth:
    def test_opens_with_what_was_closed(self, told, currencies):
        """Retained earnings and CTA of the owners, and outsiders: to the cent."""
        changes, shares = told
        tale = Tale(changes, owner=currencies[0], owned=currencies[1], shares=shares)
        assert ties(tale.close()) == []

    def test_passes_every_check(self, told, currencies):
        changes, shares = told
        tale = Tale(changes, owner=currencies[0], owned=currencies[1], shares=shares)
        found: list[Finding] = []
        last = None
        for book in tale.close():
            found += validate(book, last).blocking
            last = book.left()
        assert found == []


@pytest.mark.parametrize("name", ["part", "within", "bought out", "thrice"])
class TestCapitalPaidIn:
    """Capital of S paid in before, between and after the changes; outsiders have their share."""

    def test_opens_as_it_was_closed_and_passes_every_check(self, name, currencies):
        deals, shares = TALES[name]
        tale = Tale(deals, owner=currencies[0], owned=currencies[1], shares=shares, paid=PAID)
        books = tale.close()
        assert ties(books) == []
        last = None
        for book in books:
            assert validate(book, last).blocking == ()
            last = book.left()


class TestBeforeTheFirstMonth:
    """Closed here from January 2026 on, with what December left as openings."""

    def begin(self, name: str, owner: str, *, stated: bool = True) -> tuple[Book, Book]:
        """March 2026 of the tale, and of a group that begins in January."""
        deals, shares = TALES[name]
        tale = Tale(deals, owner=owner, shares=shares)
        december, march = tale.close([MONTHS[11], MONTHS[14]])
        rows = [*openings(december)]
        if not stated:
            rows = [row for row in rows if row.account != "3900"]
        later = replace(tale.group, openings=tuple(rows), first_period="2026-01")
        engine = ConsolidationEngine(later)
        for made in tale.books():
            if made.period >= "2026-01":
                engine.load_trial_balance(made)
        return march, engine.consolidate("2026-03")

    @pytest.mark.parametrize("name", ["part", "within", "bought out", "thrice"])
    @pytest.mark.parametrize("owner", ["USD", "BRL"])
    def test_goes_on_as_if_all_of_it_had_been_closed_here(self, name: str, owner: str):
        march, begun = self.begin(name, owner)
        assert begun.totals == march.totals
        rolled, other = begun.nci["S"], march.nci["S"]
        assert (rolled.opening, rolled.closing) == (other.opening, other.closing)
        assert validate(begun).blocking == ()

    def test_what_outsiders_had_has_to_be_stated(self):
        with pytest.raises(OutsidersNotStated) as refused:
            self.begin("part", "USD", stated=False)
        assert "3900" in str(refused.value)

    def test_a_company_sold_before_it_is_not_there(self):
        march, begun = self.begin("sold", "BRL")
        assert begun.totals == march.totals
        assert begun.equity == march.equity


def openings(book: Book) -> Iterator[OpeningBalance]:
    """What a December leaves, as a group that begins afterwards would load it."""
    chart = book.chart
    for translation in book.translations:
        if translation.entity in book.group.sold_on:
            continue
        for account, both in carried_from_close(book.group, translation).accounts.items():
            yield OpeningBalance(translation.entity, account, *both)
        if translation.foreign:
            cta = -translation.cta.closing
            yield OpeningBalance(translation.entity, chart.roles.cta, None, cta)
        if translation.entity in book.nci:
            nci = -book.nci[translation.entity].closing
            yield OpeningBalance(translation.entity, chart.roles.nci, None, nci)


class TestSold:
    def test_nothing_of_the_company_is_left_in_the_next_year(self):
        """Only the cash, capital and earnings that P's own books show."""
        changes, shares = TALES["sold"]
        book = Tale(changes, owner="USD", shares=shares).close(MONTHS[12:13])[0]
        assert [each.entity for each in book.translations] == ["P"]
        assert book.entries == ()
        assert book.of_kind(AccountClass.NCI) == 0
