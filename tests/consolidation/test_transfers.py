"""Transfers inside equity: no rate of their own, no CTA, the same outsiders."""

from datetime import date

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.facts import EquityUnexplained
from monthclose.consolidation.transfers import TransferBeyond
from monthclose.ledger.acquisitions import Transfer
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.rates import MissingRate
from tests.consolidation.groups import (
    CODES,
    balance,
    bought,
    cents,
    engine,
    group,
    holds,
    monthly,
    on,
    opening,
    paid_in,
    parent,
    subsidiary,
)

JANUARY, FEBRUARY, NEXT = "2025-01", "2025-02", "2026-01"
YEAR = [f"2025-{month:02}" for month in range(1, 13)]
RATES = {
    "2024-12": ("0.20", "0.20"),
    JANUARY: ("0.22", "0.21"),
    FEBRUARY: ("0.25", "0.24"),
    **dict.fromkeys(YEAR[2:], ("0.25", "0.25")),
    NEXT: ("0.26", "0.255"),
}
CAPITAL, RETAINED = ("-900.00", "-180.00"), ("-300.00", "-66.00")


def moved(
    amount: str, day: str, source: str = "retained", account: str = "legal_reserve"
) -> Transfer:
    """A transfer of S."""
    codes = CODES[source][0], CODES[account][0]
    return Transfer("S", *codes, cents(amount), date.fromisoformat(day))


def close(
    *transfers: Transfer,
    months: list[tuple[str, dict[str, str]]],
    retained: tuple[str, str] | None = RETAINED,
    share: str = "100",
) -> list[Book]:
    """P holds S, bought at the start of 2024 with 900.00 of capital; S lives some months."""
    openings = [opening("S", "capital", *CAPITAL)]
    if retained:
        openings.append(opening("S", "retained", *retained))
    # Net assets at 0.20: 1,200.00 are 240.00, and their parts were translated as 246.00.
    openings.append(opening("S", "3400", None, "6.00" if retained else "0.00"))
    nci = None if share == "100" else str(100 - int(share))
    paid = f"{9 * int(share)}.00"
    carried = f"{cents(paid) * 2 // 1000}.00"
    described = group(
        parent(),
        subsidiary(),
        interests=(holds("P", "S", share),),
        acquisitions=(
            bought(day="2024-01-01", paid=paid, carried=carried, nci=nci, capital="-900.00"),
        ),
        openings=tuple(openings),
        transfers=transfers,
        quotes=(*monthly(RATES), on("2024-01-01", "0.20")),
        first_period=JANUARY,
    )
    cash = f"{500_00 - cents(carried):d}"
    balances: list[TrialBalance] = []
    for month, lines in months:
        balances.append(
            balance(
                "P", month, "USD", cash=f"{int(cash) // 100}.00", investment=carried,
                capital="-500.00",
            )
        )  # fmt: skip
        balances.append(balance("S", month, **lines))
    book = engine(described, *balances)
    return [book.consolidate(month) for month, _ in months]


def blocking(books: list[Book]) -> list[str]:
    """What the validation of each month says, against the month before."""
    return [
        f"{book.period} {each.check} {each.code} {each.subject}"
        for book, last in zip(books, [None, *books], strict=False)
        for each in validate(book, last.left() if last else None).blocking
    ]


PLAIN = {"cash": "1200.00", "capital": "-900.00", "retained": "-300.00"}
RESERVED = PLAIN | {"retained": "-200.00", "legal_reserve": "-100.00"}


class TestFromRetainedEarnings:
    def test_it_takes_its_part_of_the_translated_amount(self):
        """300.00 stand at 66.00: 100.00 take 22.00 along, and leave 44.00."""
        (book,) = close(moved("100.00", "2025-01-20"), months=[(JANUARY, RESERVED)])
        assert book.figure("3320") == -22_00
        assert book.figure("3300") == -44_00
        (plain,) = close(months=[(JANUARY, PLAIN)])
        assert book.figure("3400") == plain.figure("3400")
        assert blocking([book]) == blocking([plain]) == []

    def test_the_proof_of_the_cta_does_not_see_it(self):
        """1,200.00 x (0.22 - 0.20) = 24.00, and opening equity was translated as 246.00."""
        (book,) = close(moved("100.00", "2025-01-20"), months=[(JANUARY, RESERVED)])
        of_s = next(each for each in book.translations if each.entity == "S")
        assert [flow.label for flow in of_s.flows] == []
        assert of_s.cta.movement == of_s.proof().total == 24_00

    def test_the_amount_is_fixed_for_good(self):
        months = [(JANUARY, RESERVED), (FEBRUARY, RESERVED)]
        january, february = close(moved("100.00", "2025-01-20"), months=months)
        assert january.figure("3320") == february.figure("3320") == -22_00
        assert blocking([january, february]) == []

    def test_it_is_carried_into_the_next_year(self):
        """Last year's profit of 10.00 a month joins what is left; the reserve stays."""
        books = close(
            moved("100.00", "2025-03-31"),
            months=[
                *((m, PLAIN) for m in YEAR[:2]),
                *((m, RESERVED) for m in YEAR[2:]),
                (NEXT, RESERVED),
            ],
        )
        assert [book.figure("3320") for book in books[1:4]] == [0, -22_00, -22_00]
        assert books[-1].figure("3320") == -22_00
        assert blocking(books) == []
        equity = books[2].equity
        assert equity is not None
        assert equity.transfers_parent == -22_00
        assert equity.retained_opening == books[1].equity.retained_opening  # type: ignore[union-attr]

    def test_all_of_it_leaves_nothing_behind(self):
        emptied = {"cash": "1200.00", "capital": "-900.00", "legal_reserve": "-300.00"}
        third = close(
            moved("33.33", "2025-01-05"),
            moved("66.67", "2025-01-06"),
            moved("200.00", "2025-01-07"),
            months=[(JANUARY, emptied)],
        )
        assert third[0].figure("3320") == -66_00
        assert third[0].figure("3300") == 0
        assert blocking(third) == []

    def test_the_profit_of_the_running_year_takes_the_average_of_the_month(self):
        """No profits retained: 5.00 of February's 100.00 go to the reserve at 0.24 = 1.20."""
        january = {"cash": "900.00", "capital": "-900.00"}
        february = {
            "cash": "1000.00", "capital": "-900.00", "revenue": "-100.00", "retained": "5.00",
            "legal_reserve": "-5.00",
        }  # fmt: skip
        books = close(
            moved("5.00", "2025-02-28"),
            months=[(JANUARY, january), (FEBRUARY, february)],
            retained=None,
        )
        assert books[1].figure("3320") == -1_20
        assert books[1].figure("3300") == 1_20
        assert blocking(books) == []

    def test_only_what_they_do_not_hold_is_of_the_running_year(self):
        """400.00: the 300.00 that stand at 66.00, and 100.00 x 0.21 = 21.00."""
        lines = {"cash": "1400.00", "capital": "-900.00", "retained": "100.00",
                 "legal_reserve": "-400.00", "revenue": "-200.00"}  # fmt: skip
        (book,) = close(moved("400.00", "2025-01-31"), months=[(JANUARY, lines)])
        assert book.figure("3320") == -87_00
        assert book.figure("3300") == 21_00
        assert blocking([book]) == []

    def test_it_is_not_looked_for_in_a_month_before(self):
        (january, _) = close(
            moved("100.00", "2025-02-01"), months=[(JANUARY, PLAIN), (FEBRUARY, RESERVED)]
        )
        assert january.figure("3320") == 0
        with pytest.raises(EquityUnexplained):
            close(moved("100.00", "2025-02-01"), months=[(JANUARY, RESERVED)])


class TestIntoCapital:
    CAPITALISED = PLAIN | {"capital": "-1000.00", "retained": "-200.00"}

    @pytest.mark.parametrize("share", ["100", "80", "70", "60"])
    def test_outsiders_have_what_they_had(self, share):
        """100.00 of retained earnings become capital at the 22.00 they were translated at."""
        days = [(JANUARY, PLAIN), (FEBRUARY, self.CAPITALISED)]
        books = close(moved("100.00", "2025-02-10", account="capital"), months=days, share=share)
        plain = close(months=[(JANUARY, PLAIN), (FEBRUARY, PLAIN)], share=share)
        assert blocking(books) == blocking(plain) == []
        for made, kept in zip(books, plain, strict=True):
            difference = made.figure("3900") - kept.figure("3900")
            assert abs(difference) <= 1  # capital and profits are rounded apart
            assert made.figure("3400") == kept.figure("3400")
        if share == "100":
            assert books[1].figure("3000") - plain[1].figure("3000") == -22_00

    def test_a_reserve_makes_good_a_loss(self):
        """An accumulated loss of 300.00 (66.00): the premium of 120.00 (24.00) goes to it."""
        described = group(
            parent(), subsidiary(), interests=(holds("P", "S"),),
            openings=(
                opening("S", "capital", "-900.00", "-180.00"),
                opening("S", "premium", "-120.00", "-24.00"),
                opening("S", "retained", "300.00", "66.00"),
                opening("S", "3400", None, "-6.00"),
            ),
            acquisitions=(
                bought(day="2024-01-01", paid="1020.00", carried="204.00", capital="-900.00",
                       premium="-120.00"),
            ),
            transfers=(moved("120.00", "2025-01-20", "premium", "retained"),),
            quotes=(*monthly(RATES), on("2024-01-01", "0.20")),
            first_period=JANUARY,
        )  # fmt: skip
        book = engine(
            described,
            balance("P", JANUARY, "USD", cash="296.00", investment="204.00", capital="-500.00"),
            balance("S", JANUARY, cash="720.00", capital="-900.00", retained="180.00"),
        ).consolidate(JANUARY)
        of_s = next(each for each in book.translations if each.entity == "S")
        amounts = dict(zip(of_s.accounts, of_s.amounts.tolist(), strict=True))
        assert amounts[CODES["retained"][0]] == 42_00
        assert blocking([book]) == []


class TestPresentationCurrency:
    def test_the_books_say_it_and_openings_are_held_without_it(self):
        described = group(
            parent(),
            openings=(
                opening("P", "capital", "-500.00", "-500.00"),
                opening("P", "retained", "-100.00", "-100.00"),
            ),
            transfers=(
                Transfer(
                    "P", CODES["retained"][0], CODES["premium"][0], 40_00, date(2025, 1, 9)
                ),
            ),
            first_period=JANUARY,
        )  # fmt: skip
        lines = {"cash": "600.00", "capital": "-500.00", "premium": "-40.00"}
        book = engine(
            described, balance("P", JANUARY, "USD", retained="-60.00", **lines)
        ).consolidate(JANUARY)
        assert blocking([book]) == []
        assert book.equity is not None
        assert (book.equity.retained_opening, book.equity.transfers_parent) == (100_00, -40_00)


class TestRefusals:
    def test_an_account_that_held_less_is_named(self):
        lines = PLAIN | {"capital": "-800.00", "retained": "-400.00"}
        with pytest.raises(TransferBeyond) as refused:
            close(
                moved("100.00", "2025-01-20", "legal_reserve", "retained"),
                months=[(JANUARY, lines)],
            )
        error = refused.value
        assert (error.entity, error.account) == ("S", "3320")
        assert (error.held.minor, error.amount.minor) == (0, 100_00)

    def test_the_average_of_its_month_has_to_be_there(self):
        described = group(
            parent(), subsidiary(),
            interests=(holds("P", "S"),),
            contributions=(paid_in("S", "900.00", "2024-12-01"),),
            transfers=(moved("5.00", "2024-12-31"),),
            quotes=(
                *(each for each in monthly(RATES) if each.on != "2024-12"
                  or each.kind != "average"),
                on("2024-12-01", "0.20"),
            ),
            first_period=JANUARY,
        )  # fmt: skip
        with pytest.raises(MissingRate) as refused:
            engine(
                described,
                balance("P", JANUARY, "USD", cash="500.00", capital="-500.00"),
                balance(
                    "S", JANUARY, cash="900.00", capital="-900.00", retained="5.00",
                    legal_reserve="-5.00",
                ),
            ).consolidate(JANUARY)  # fmt: skip
        assert "2024-12" in str(refused.value)
