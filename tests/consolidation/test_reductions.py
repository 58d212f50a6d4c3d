"""Capital given back, by hand: what leaves capital, what outsiders get, what stays in the CTA."""

from datetime import date
from fractions import Fraction

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.capital_returned import check_parts
from monthclose.consolidation.reductions import (
    CapitalReductionBeyond,
    CapitalReductionDiffers,
    CapitalReductionRefused,
    CapitalReductionUneven,
    CapitalReductionUnheld,
)
from monthclose.ledger.acquisitions import Received, Transfer
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.equity import EquityMove, EquityPart
from monthclose.ledger.reductions import CapitalReduction
from tests.consolidation.groups import (
    CODES,
    bought,
    cents,
    engine,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    subsidiary,
)

RATES = {
    "2024-12": ("0.20", "0.20"),
    "2025-01": ("0.22", "0.21"),
    "2025-02": ("0.25", "0.23"),
    "2025-03": ("0.26", "0.25"),
    "2025-04": ("0.24", "0.25"),
    "2025-05": ("0.24", "0.24"),
    "2025-06": ("0.25", "0.25"),
    "2025-07": ("0.25", "0.25"),
    "2025-08": ("0.26", "0.26"),
    "2025-09": ("0.26", "0.26"),
    "2025-10": ("0.26", "0.26"),
    "2025-11": ("0.27", "0.27"),
    "2025-12": ("0.28", "0.27"),
    "2026-01": ("0.30", "0.29"),
    "2026-02": ("0.31", "0.30"),
    "2026-03": ("0.30", "0.31"),
}
MONTHS = tuple(RATES)[1:]
DAY = "2025-02-15"
QUOTES = (*monthly(RATES), on("2025-01-01", "0.20"), on(DAY, "0.24"), on("2026-02-10", "0.305"))


def returned(
    entity: str = "S",
    amount: str = "400.00",
    day: str = DAY,
    received: tuple[tuple[str, str, str], ...] = (("P", "96.00", "400.00"),),
    account: str = "capital",
) -> CapitalReduction:
    """Capital given back; *received*: holder, what it booked, the same in the payer's currency."""
    parts = tuple(Received(h, cents(got), None, "", cents(paid)) for h, got, paid in received)
    when = date.fromisoformat(day)
    return CapitalReduction(entity, CODES[account][0], cents(amount), when, parts)


def close(
    *reductions: CapitalReduction, months: int = 2, share: str = "100", **facts: object
) -> list[Book]:
    """
    P (dollars) bought its share of S (reais) on the first day: capital of 1,000.00 at 0.20.

    S earns 100.00 every month. What comes back moves capital of S, and the investment of P.
    """
    of_s: list[dict[str, int]] = [{"revenue": -100_00} for _ in range(months)]
    of_p: list[dict[str, int]] = [{} for _ in range(months)]
    cost = 2 * int(share)
    of_s[0] |= {"capital": -1000_00}
    of_p[0] |= {"capital": -500_00, "investment": cost * 100}
    for each in reductions:
        place = MONTHS.index(str(each.on)[:7]) if str(each.on)[:7] in MONTHS[:months] else None
        if place is None:
            continue
        of_s[place]["capital"] = of_s[place].get("capital", 0) + each.amount
        for part in each.received:
            off = of_p[place].get("investment", 0) - part.amount
            of_p[place]["investment"] = off
    described = group(
        parent(),
        subsidiary(),
        interests=(holds("P", "S", share),),
        acquisitions=(
            bought(
                paid=f"{10 * int(share)}.00",
                carried=f"{cost}.00",
                nci=None if share == "100" else str(100 - int(share)),
                capital="-1000.00",
            ),
        ),
        reductions=reductions,
        quotes=QUOTES,
        **facts,
    )
    balances = [*lived("P", of_p, currency="USD"), *lived("S", of_s)]
    made = engine(described, *balances)
    return [made.consolidate(month) for month in MONTHS[:months]]


def blocking(books: list[Book]) -> list[str]:
    """What the validation of each month says, against the month before."""
    return [
        f"{book.period} {each.check} {each.code} {each.subject} {each.expected} {each.actual}"
        for book, last in zip(books, [None, *books], strict=False)
        for each in validate(book, last.left() if last else None).blocking
    ]


class TestWhollyOwned:
    def test_capital_leaves_at_its_history_and_the_cta_stays(self):
        """
        Net assets by hand: 1,100.00 at 0.22; then 1,000.00 + 200.00 - 400.00 at 0.25 are 200.00.

        Capital of S: 200.00 less 80.00. CTA of S: 200.00 - 120.00 - (21.00 + 23.00) = 36.00;
        by its causes 1,000.00 x 0.05 + 100.00 x 0.04 + 100.00 x 0.02 - (400.00 x 0.25 - 80.00)
        is 50.00 + 4.00 + 2.00 - 20.00. In the group 400.00 x (0.24 - 0.20) = 16.00 comes back:
        52.00, as 1,000.00 x 0.05 - 400.00 x 0.01 + 4.00 + 2.00.
        """
        books = close(returned())
        of_s = next(each for each in books[1].translations if each.entity == "S")
        assert of_s.amount("3000") == -120_00
        assert of_s.cta.closing == of_s.proof().total == 36_00
        assert books[1].figure("3400") == -52_00
        assert books[1].figure("1700") == 0
        assert books[1].figure("3000") == -500_00
        assert blocking(books) == []

    def test_the_entry_balances_by_the_rates_of_both(self):
        """80.00 come back to capital, 96.00 to the investment: 16.00 stay in the CTA."""
        entry = next(e for e in close(returned())[1].entries if e.kind == "capital_reduction")
        lines = {(line.account, line.entity): line.amount for line in entry.lines}
        assert lines == {("3000", "S"): -80_00, ("1700", "P"): 96_00, ("3400", "S"): -16_00}

    def test_it_changes_nothing_of_the_groups_equity_on_its_day(self):
        """Cash of S at 0.25 and of P: 400.00 BRL are 100.00, but P got 96.00 on the day."""
        with_it, without = close(returned())[1], close()[1]
        assert without.figure("3400") - with_it.figure("3400") == -(400_00 * 1 // 100)
        for account in ("3000", "3300", "4000"):
            assert with_it.figure(account) == without.figure(account)


class TestWithOutsiders:
    PARTS = (("P", "76.80", "320.00"),)

    def test_outsiders_get_their_part_at_the_rate_of_the_day(self):
        """20%: 40.00 + 44.00 x 20% + 52.00 x 20% - 80.00 x 0.24 = 40.00 = 200.00 x 20%."""
        books = close(returned(received=self.PARTS), share="80")
        rolled = books[1].nci["S"]
        assert (rolled.opening, rolled.acquired, rolled.returned) == (0, 40_00, -19_20)
        assert (rolled.share_of_profit, rolled.share_of_cta) == (8_80, 10_40)
        assert rolled.closing == 40_00
        assert books[1].figure("3900") == -40_00
        assert blocking(books) == []

    def test_the_statement_of_changes_has_a_row_of_it(self):
        book = close(returned(received=self.PARTS), share="80")[1]
        assert book.changes_in_equity is not None
        row = book.changes_in_equity.moves[EquityMove.REDUCTION]
        assert {part: each for part, each in row.items() if each} == {EquityPart.NCI: -19_20}

    @pytest.mark.parametrize("share", ["80", "100"])
    def test_over_years_every_check_stays_clean(self, share):
        """Fifteen months, a second reduction in the next year, at another average."""
        first = self.PARTS if share == "80" else (("P", "96.00", "400.00"),)
        second = (("P", "24.40", "80.00"),) if share == "80" else (("P", "30.50", "100.00"),)
        books = close(
            returned(received=first),
            returned(amount="100.00", day="2026-02-10", received=second),
            months=15,
            share=share,
        )
        assert blocking(books) == []
        # 600.00 stand at 120.00: 100.00 more take 20.00 along.
        of_s = next(each for each in books[-1].translations if each.entity == "S")
        assert of_s.amount("3000") == -100_00
        # Net assets: 1,000.00 - 500.00 + 15 x 100.00 = 2,000.00, at 0.30 are 600.00.
        assert of_s.net_assets == 600_00
        if share == "80":
            assert abs(books[-1].nci["S"].closing - 120_00) <= 2
            assert books[-1].nci["S"].returned == -6_10
            assert books[11].nci["S"].returned == -19_20
        # From causes alone: opening of the year 1,000.00 - 400.00 + 1,200.00 at 0.28.
        proof = 1800_00 * 2 + 100_00 * (1 + 0 - 1) - 100_00 * 30 + 20_00 * 100
        assert of_s.cta.movement == of_s.proof().total == proof // 100


class TestRefusals:
    def test_more_than_there_is(self):
        """1,000.00 were there."""
        much = returned(amount="1000.01", received=(("P", "240.00", "1000.01"),))
        with pytest.raises(CapitalReductionBeyond) as raised:
            close(much)
        assert "1,000.01" in str(raised.value)
        assert "1,000.00" in str(raised.value)

    def test_more_than_was_left(self):
        twice = returned(amount="700.00", received=(("P", "168.00", "700.00"),))
        with pytest.raises(CapitalReductionBeyond):
            close(returned(), twice)

    @pytest.mark.parametrize(
        "parts", [(("P", "72.00", "300.00"),), (("P", "81.60", "340.00"),), ()]
    )
    def test_out_of_proportion(self, parts):
        """P owns 80%: 320.00 of 400.00, and neither more nor less."""
        with pytest.raises(CapitalReductionUneven) as raised:
            close(returned(received=parts), share="80")
        assert "320.00" in str(raised.value)

    def test_outsiders_who_do_not_exist(self):
        with pytest.raises(CapitalReductionUneven):
            close(returned(amount="400.01"))

    def test_a_holder_without_shares(self):
        described = group(parent(), subsidiary(), interests=(holds("P", "S"),))
        with pytest.raises(CapitalReductionUnheld):
            check_parts(described, returned())  # no acquisition
        with pytest.raises(CapitalReductionUnheld):
            check_parts(described, returned("P", "1.00", received=(("S", "5.00", "1.00"),)))

    def test_another_amount_than_was_paid(self):
        """400.00 are 96.00 on the day; 98.00 are beyond one percent of it, 96.50 are not."""
        with pytest.raises(CapitalReductionDiffers):
            close(returned(received=(("P", "98.00", "400.00"),)))
        books = close(returned(received=(("P", "96.50", "400.00"),)), months=13)
        assert books[1].figure("6990") == -50
        assert blocking(books) == []

    def test_shares_that_changed_hands(self):
        sold = OwnershipChange(
            "S", "P", ChangeKind.PARTIAL_DISPOSAL, date(2025, 2, 28), Fraction(1, 10), 30_00, 20_00
        )
        with pytest.raises(CapitalReductionRefused):
            close(returned(), changes=(sold,))


def test_losses_absorbed_take_their_translated_amount_along():
    """
    A transfer serves: 400.00 of 1,000.00 at 0.20 are 80.00, from capital to retained earnings.

    No cash, no rate and no proof: the CTA is that without it.
    """
    absorbed = Transfer("S", "3000", "3300", 400_00, date.fromisoformat(DAY))
    plain = close()[1]
    of_s = [{"revenue": -100_00, "capital": -1000_00}, {"revenue": -100_00}]
    of_s[1] |= {"capital": 400_00, "retained": -400_00}
    of_p = [{"capital": -500_00, "investment": 200_00}, {}]
    described = group(
        parent(),
        subsidiary(),
        interests=(holds("P", "S"),),
        acquisitions=(bought(paid="1000.00", carried="200.00", capital="-1000.00"),),
        transfers=(absorbed,),
        quotes=QUOTES,
    )
    made = engine(described, *lived("P", of_p, currency="USD"), *lived("S", of_s))
    books = [made.consolidate(month) for month in MONTHS[:2]]
    translated = next(each for each in books[1].translations if each.entity == "S")
    assert (translated.amount("3000"), translated.amount("3300")) == (-120_00, -80_00)
    assert books[1].figure("3400") == plain.figure("3400")
    assert blocking(books) == []
