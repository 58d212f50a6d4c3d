"""Capital given back up a chain, by the parent, under equity pick-up, and as cash."""

from dataclasses import replace
from datetime import date

import pytest

from monthclose.ledger.acquisitions import Received
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import Own, Section, own_line
from monthclose.ledger.equity import EquityMove, EquityPart
from monthclose.ledger.pickups import PickupMonth
from monthclose.ledger.reductions import CapitalReduction
from tests.consolidation import cash_groups
from tests.consolidation.groups import (
    CHART,
    bought,
    cents,
    engine,
    founded,
    group,
    holds,
    lived,
    monthly,
    opening,
    paid_in,
    parent,
    subsidiary,
)
from tests.consolidation.test_reductions import DAY, MONTHS, QUOTES, RATES, blocking, returned


def given(entity: str, amount: str, *parts: tuple[str, str, str]) -> CapitalReduction:
    """A reduction in February; each part: holder, what it booked, the same in payer's currency."""
    return returned(entity, amount, received=parts)


CURRENCIES = [
    # M, S: what M paid for 75% of S, what it got back of 200.00 of S, in its own currency
    ("BRL", "BRL", "600.00", "150.00"),
    ("USD", "BRL", "120.00", "36.00"),
    ("BRL", "USD", "3000.00", "625.00"),
    ("USD", "USD", "600.00", "150.00"),
]


class TestChain:
    def close(self, m: str, s: str, cost: str, back: str, months: int) -> list[Book]:
        """P holds 80% of M, M 75% of S; all at 0.20 on the first day, S returns at 0.24."""
        rate = 20 if m == "BRL" else 100
        capital = 5000_00 if m == "BRL" else 1000_00
        share = capital * 80 // 100
        carried = share * rate // 100
        of_p = [{"capital": -2000_00, "investment": carried}, *[{} for _ in range(months - 1)]]
        of_m: list[dict[str, int]] = [{"revenue": -30_00} for _ in range(months)]
        of_m[0] |= {"capital": -capital, "investment": cents(cost)}
        of_m[1]["investment"] = -cents(back)
        of_s: list[dict[str, int]] = [{"revenue": -100_00} for _ in range(months)]
        of_s[0]["capital"] = -800_00
        of_s[1]["capital"] = 200_00
        described = group(
            parent(),
            subsidiary("M", m),
            subsidiary("S", s),
            interests=(holds("P", "M", "80"), holds("M", "S", "75")),
            acquisitions=(
                bought(
                    "M", paid=f"{share // 100}.00", carried=f"{carried // 100}.00", nci="20",
                    capital=f"-{capital // 100}.00",
                ),
                bought("S", acquirer="M", paid="600.00", carried=cost, nci="25", capital="-800.00"),
            ),
            reductions=(given("S", "200.00", ("M", back, "150.00")),),
            quotes=QUOTES,
        )  # fmt: skip
        made = engine(
            described,
            *lived("P", of_p, currency="USD"),
            *lived("M", of_m, currency=m),
            *lived("S", of_s, currency=s),
        )
        return [made.consolidate(month) for month in MONTHS[:months]]

    @pytest.mark.parametrize(("m", "s", "cost", "back"), CURRENCIES)
    def test_every_check_stays_clean_over_a_year(self, m, s, cost, back):
        assert blocking(self.close(m, s, cost, back, 14)) == []

    def test_what_came_up_is_of_the_outsiders_above(self):
        """
        In dollars throughout: outsiders of S own 1 - 60% = 40% of it, 25% themselves.

        They got 50.00. Of the 150.00 that M got, 20% go from S's outsiders to M's: 30.00.
        S then has 800.00 + 200.00 - 200.00, and 40% of that are 320.00.
        """
        book = self.close("USD", "USD", "600.00", "150.00", 2)[1]
        assert (book.nci["S"].returned, book.nci["S"].intragroup) == (-50_00, -30_00)
        assert (book.nci["M"].returned, book.nci["M"].intragroup) == (0, 30_00)
        assert book.nci["S"].closing == 320_00


class TestParent:
    def test_its_own_leaves_capital_and_the_difference_stays_in_the_cta(self):
        """
        P keeps reais: 1,000.00 at 0.20; 400.00 leave in February as 80.00, paid as 96.00.

        CTA: 600.00 x 0.25 - 120.00 = 30.00, and 1,000.00 x 0.05 - (100.00 - 80.00).
        """
        described = group(
            parent(currency="BRL"),
            reductions=(given("P", "400.00"),),
            contributions=(paid_in("P", "1000.00", "2025-01-01"),),
            quotes=QUOTES,
        )
        months: list[dict[str, int]] = [{"capital": -1000_00}, {"capital": 400_00}]
        months += [{} for _ in range(11)]
        made = engine(described, *lived("P", months))
        books = [made.consolidate(month) for month in MONTHS[:13]]
        assert blocking(books) == []
        assert books[1].figure("3000") == -120_00
        assert books[1].figure("3400") == -30_00
        statement = books[1].changes_in_equity
        assert statement is not None
        row = statement.moves[EquityMove.REDUCTION]
        assert row[EquityPart.SHARE_CAPITAL] == -80_00
        # The next year opens with it: 600.00 at 0.28 are 168.00, less capital of 120.00.
        assert books[12].translations[0].cta.opening == 48_00
        statement = books[12].changes_in_equity
        assert statement is not None
        assert EquityMove.REDUCTION not in statement.moves


class TestEquityPickup:
    @pytest.mark.parametrize("months", [2, 14])
    def test_a_holder_under_equity_pickup_takes_it_off_as_well(self, months):
        """P books 80% of S's 100.00 a month at the average, and 76.80 of capital back."""
        chart = replace(CHART, roles=replace(CHART.roles, equity_pickup="4200"))
        earned = [cents(RATES[month][1]) * 80 for month in MONTHS[:months]]
        of_p = [{"dividend_income": -each, "investment": each} for each in earned]
        of_p[0]["capital"] = -500_00
        of_p[0]["investment"] += 160_00
        of_p[1]["investment"] -= 76_80
        of_s: list[dict[str, int]] = [{"revenue": -100_00} for _ in range(months)]
        of_s[0]["capital"] = -1000_00
        of_s[1]["capital"] = 400_00
        described = replace(
            group(
                parent(),
                subsidiary(),
                interests=(holds("P", "S", "80"),),
                acquisitions=(
                    bought(paid="800.00", carried="160.00", nci="20", capital="-1000.00"),
                ),
                reductions=(returned(received=(("P", "76.80", "320.00"),)),),
                pickups=tuple(
                    PickupMonth("P", "ACQ-S", month, each)
                    for month, each in zip(MONTHS, earned, strict=False)
                ),
                quotes=QUOTES,
            ),
            chart=chart,
        )
        made = engine(described, *lived("P", of_p, currency="USD"), *lived("S", of_s))
        books = [made.consolidate(month) for month in MONTHS[:months]]
        assert blocking(books) == []
        assert books[1].nci["S"].returned == -19_20
        assert books[1].figure("1700") == 0


def test_its_cash_is_financing_and_only_outsiders_part_left_the_group():
    """
    S (80%) returns 400.00 at 0.24: P's 76.80 inside, 19.20 to outsiders.

    S in reais: 400.00 out, of financing; P: 76.80 in, of investing.
    """
    quotes = (*monthly(RATES), *QUOTES[-3:])
    bought_s = replace(
        founded("S", "2025-01-01", paid="800.00", carried="160.00", nci="20", capital="-1000.00"),
        investment_account="1700",
    )
    described = cash_groups.group(
        parent(),
        subsidiary("S", first_period="2025-01"),
        interests=(holds("P", "S", "80"),),
        acquisitions=(bought_s,),
        reductions=(
            CapitalReduction(
                "S", "3000", 400_00, date.fromisoformat(DAY),
                (Received("P", 76_80, None, "", 320_00),),
            ),
        ),
        openings=(opening("P", "capital", "-500.00", "-500.00"),),
        quotes=quotes,
    )  # fmt: skip
    made = cash_groups.engine(
        described,
        *cash_groups.lived("S", ({"capital": "-1000.00"}, {"capital": "400.00"}), "2025-01"),
        *cash_groups.lived(
            "P",
            ({"capital": "-500.00"}, {"investment": "160.00"}, {"investment": "-76.80"}),
            currency="USD",
        ),
    )
    book = made.consolidate("2025-02")
    found = made.cash_flows(book)
    assert found.problems == ()
    assert found.group is not None
    assert found.group.lines == {own_line(Section.FINANCING, Own.CAPITAL_OUTSIDERS): 40_00 - 19_20}
    by_company = {each.functional.entity: each for each in found.companies}
    assert cash_groups.net(by_company["S"].functional) == (0, 0, 600_00)
    assert cash_groups.net(by_company["P"].functional) == (0, -160_00 + 76_80, 0)
