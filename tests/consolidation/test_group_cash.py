"""A group's cash flows: what passed between its companies is no flow of the group."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.acquisitions import Acquisition, Dividend, Received
from monthclose.ledger.cash_flows import RESULT_LINE, CashFlows, Own, Section, own_line
from monthclose.ledger.periods import FiscalYear, Period
from tests.consolidation.cash_groups import ACCOUNTS, engine, group, lived, net
from tests.consolidation.groups import (
    bought,
    founded,
    holds,
    monthly,
    on,
    opening,
    paid_in,
    parent,
    subsidiary,
)

OPERATING, INVESTING, FINANCING = Section.OPERATING, Section.INVESTING, Section.FINANCING
RATES = monthly(
    {
        "2024-12": ("0.20", "0.20"),
        "2025-01": ("0.21", "0.20"),
        "2025-02": ("0.23", "0.22"),
        "2025-03": ("0.24", "0.25"),
        "2025-04": ("0.25", "0.24"),
    }
)
DAYS = (on("2025-01-15", "0.205"), on("2025-02-10", "0.215"), on("2025-03-20", "0.245"))
S_MONTHS: tuple[Mapping[str, str], ...] = (
    {"capital": "-1000.00", "revenue": "-100.00"},
    {"investment": "300.00", "due_from": "60.00", "revenue": "-60.00"},
    {"due_from": "-60.00", "dividends": "100.00"},
)
T_MONTHS: tuple[Mapping[str, str], ...] = (
    {"capital": "-300.00", "due_to": "-60.00", "costs": "60.00"},
    {"due_to": "60.00", "revenue": "-40.00"},
)
P_MONTHS: tuple[Mapping[str, str], ...] = (
    {"capital": "-500.00"},
    {"investment": "164.00"},
    {},
    {"dividend_income": "-19.60"},
)
DIVIDEND = Dividend("S", 100_00, None, date(2025, 3, 20), (Received("P", 19_60, None, "4200"),))


def on_1700(acquisition: Acquisition) -> Acquisition:
    return replace(acquisition, investment_account=ACCOUNTS["investment"].code)


FOUNDED_S = on_1700(
    founded("S", "2025-01-15", paid="800.00", carried="164.00", nci="20", capital="-1000.00")
)
FOUNDED_T = on_1700(founded("T", "2025-02-10", acquirer="S", paid="300.00", capital="-300.00"))


def three(*s_months: Mapping[str, str], **facts: Any) -> ConsolidationEngine:
    """P in dollars founds S (80 %) in January; S founds T in February; both keep reais."""
    given: dict[str, Any] = {"quotes": (*RATES, *DAYS), "dividends": (DIVIDEND,)} | facts
    described = group(
        parent(),
        subsidiary("S", first_period="2025-01"),
        subsidiary("T", first_period="2025-02"),
        openings=(opening("P", "capital", "-500.00", "-500.00"),),
        interests=(holds("P", "S", "80"), holds("S", "T")),
        acquisitions=(FOUNDED_S, FOUNDED_T),
        **given,
    )
    return engine(
        described,
        *lived("S", s_months or S_MONTHS, "2025-01"),
        *lived("T", T_MONTHS, "2025-02"),
        *lived("P", P_MONTHS, currency="USD"),
    )


def flows(made: ConsolidationEngine, period: str) -> CashFlows:
    return made.cash_flows(made.consolidate(period))


def test_a_group_of_three_by_hand():
    """
    500 + 30 + 41 - 4.90 + 39.10 = 605.20.

    Result 100 x 0.20 + 40 x 0.25 = 30.00: the fee of 60 is one's income and the other's
    cost. S's capital 1,000 x 0.205 = 205.00 is P's 164.00 and 41.00 of outsiders; T's is
    S's own 64.50. The dividend 100 x 0.245 = 24.50 is 19.60 inside and 4.90 to outsiders.

    Cash 760 x 0.24 + 280 x 0.24 + 355.60 = 605.20, and 500 + 30 + 41 - 4.90 = 566.10. The
    rest of 39.10 again: S 5 + 1 + 22 - 4.50 + 8 - 0.60 + 0.50, T 4.50 + 3 + 0.20.
    """
    found = flows(three(), "2025-03")
    assert found.problems == ()
    whole = found.group
    assert whole is not None
    assert whole.lines == {
        RESULT_LINE: 30_00,
        own_line(FINANCING, Own.CAPITAL_OUTSIDERS): 41_00,
        own_line(FINANCING, Own.DIVIDENDS_OUTSIDERS): -4_90,
    }
    assert (whole.opening, whole.closing) == (500_00, 605_20)
    assert (whole.effect, whole.proof.total) == (39_10, 39_10)


def test_its_companies_keep_what_passed_between_them():
    found = flows(three(), "2025-03")
    s, t, p = (
        next(each.functional for each in found.companies if each.functional.entity == code)
        for code in "STP"
    )
    assert net(s) == (160_00, -300_00, 900_00)
    assert net(t) == (-20_00, 0, 300_00)
    assert net(p) == (19_60, -164_00, 0)


def test_a_dividend_that_is_not_paid_yet_is_no_flow_until_it_is():
    """
    What was declared and is owed set each other off.

    Declared in March at 0.245: S owes 100.00, P is owed 19.60. Paid in April, whose
    average is 0.24: outsiders get 20 x 0.24 = 4.80. P gets 19.20 and books the 0.40 as
    a loss, which is no cash: the two sides differ by it, and it adjusts the result.
    """
    made = three(
        *S_MONTHS[:2],
        {"due_from": "-60.00", "dividends": "100.00", "dividends_payable": "-100.00"},
        {"dividends_payable": "100.00"},
    )
    for each in (
        *lived("T", (*T_MONTHS, {}), "2025-02"),
        *lived(
            "P",
            (
                *P_MONTHS[:3],
                {"dividend_income": "-19.60", "dividends_due": "19.60"},
                {"dividends_due": "-19.60", "costs": "0.40"},
            ),
            currency="USD",
        ),
    ):
        made.load_trial_balance(each)
    outsiders = own_line(FINANCING, Own.DIVIDENDS_OUTSIDERS)
    march = flows(made, "2025-03").group
    assert march is not None
    assert outsiders not in march.lines
    assert own_line(FINANCING, Own.DIVIDENDS_OWNERS) not in march.lines
    april = flows(made, "2025-04").group
    assert april is not None
    assert april.lines[outsiders] == -4_80
    assert april.lines[own_line(OPERATING, Own.INTRAGROUP)] == 40
    assert april.closing == april.opening + sum(april.lines.values()) + april.effect


def test_each_dividend_goes_to_those_it_was_declared_to():
    """
    April declares 50.00 more at 0.25, of which P gets 45.00: 11.25, and outsiders 1.25.

    With March's 4.90 that is 6.15, and nothing is left between the two sides.
    """
    later = Dividend("S", 50_00, None, date(2025, 4, 10), (Received("P", 11_25, None, "4200"),))
    made = three(
        *S_MONTHS, {"dividends": "50.00"},
        dividends=(DIVIDEND, later), quotes=(*RATES, *DAYS, on("2025-04-10", "0.25")),
    )  # fmt: skip
    for each in (
        *lived("T", (*T_MONTHS, {}), "2025-02"),
        *lived("P", (*P_MONTHS, {"dividend_income": "-11.25"}), currency="USD"),
    ):
        made.load_trial_balance(each)
    april = flows(made, "2025-04").group
    assert april is not None
    assert april.lines[own_line(FINANCING, Own.DIVIDENDS_OUTSIDERS)] == -6_15
    assert own_line(OPERATING, Own.INTRAGROUP) not in april.lines


def test_a_company_that_was_bought_brings_its_cash():
    """
    P pays 90.00 on 1 January for S, whose cash was 250 x 0.20 = 50.00: 40.00 net.

    S's own capital and what it earned before are no flow of the group.
    """
    purchase = on_1700(
        bought("S", "2025-01-01", paid="450.00", carried="90.00", capital="-300.00",
               retained="-100.00")
    )  # fmt: skip
    described = group(
        parent(),
        subsidiary("S"),
        quotes=(*RATES, on("2025-01-01", "0.20")),
        openings=(opening("P", "capital", "-500.00", "-500.00"),),
        interests=(holds("P", "S"),),
        acquisitions=(purchase,),
    )
    made = engine(
        described,
        *lived("S", ({"receivables": "150.00", "capital": "-300.00", "revenue": "-100.00"},
                     {"revenue": "-70.00"}, {})),
        *lived("P", ({"capital": "-500.00"}, {"investment": "90.00"}, {}), currency="USD"),
    )  # fmt: skip
    whole = flows(made, "2025-02").group
    assert whole is not None
    assert whole.lines == {
        RESULT_LINE: 14_00,
        own_line(INVESTING, Own.ACQUIRED): -40_00,
    }
    assert (whole.opening, whole.closing) == (500_00, 410_00 + 73_60)
    assert whole.effect == whole.proof.total == 9_60


NAMES = (
    "receivables", "losses", "equipment", "accumulated", "payables", "loan",
    "dividends_payable", "deferred", "revenue", "gain", "costs", "depreciation", "on_cash", "tax",
)  # fmt: skip
MOVED = st.fixed_dictionaries({name: st.integers(-(10**8), 10**8) for name in NAMES})
DRAWN_MONTHS = [Period(2024, 4).plus(place) for place in range(14)]


@settings(max_examples=15)
@given(
    st.lists(MOVED, min_size=14, max_size=14),
    st.lists(MOVED, min_size=14, max_size=14),
    st.lists(st.integers(1_500, 2_900), min_size=30, max_size=30),
    st.lists(st.integers(0, 10**8), min_size=4, max_size=4),
    st.sampled_from([0, 20, 33]),
)
def test_flows_foot_whatever_the_books(one, two, rates, given_amounts, nci):
    """
    Fourteen months of two companies across a fiscal year's end, in both currencies.

    Opening cash and flows lead to closing cash, which is the balance sheet's; the effect of
    exchange rates is proved within half a cent a rounded amount.
    """
    capital, paid, declared, capital_later = given_amounts
    months = [str(month) for month in [Period(2024, 3), *DRAWN_MONTHS]]
    quotes = [
        *monthly(
            {m: (f"0.{rates[2 * i]:04}", f"0.{rates[2 * i + 1]:04}") for i, m in enumerate(months)}
        ),
        on("2024-04-01", "0.20"), on("2024-09-09", "0.21"), on("2025-05-20", "0.22"),
    ]  # fmt: skip
    acquisitions, balances, invested = [], [], 0
    outside = {}
    for code, moves in (("S", one), ("T", two)):
        cost = capital * (100 - nci) // 500
        invested += cost
        acquisitions.append(
            replace(
                on_1700(founded(code, "2024-04-01", paid="0.00", nci=str(nci))),
                consideration=capital * (100 - nci) // 100,
                equity={"3000": -capital},
                investment=cost,
            )
        )
        lives = [dict(each) for each in moves]
        lives[0]["capital"] = -capital
        outside[code] = [paid, capital_later] if nci else [0, 0]
        lives[5]["capital"] = -outside[code][0]
        lives[13]["dividends"] = declared
        balances += lived(code, lives, "2024-04", year=FiscalYear(3))
    ours = declared * (100 - nci) // 500
    p_lives = [{"capital": -(10**10)}, {"investment": invested}, *({} for _ in range(12))]
    p_lives.append({"dividend_income": -2 * ours})
    balances += lived("P", p_lives, "2024-03", "USD", FiscalYear(3))
    described = group(
        parent(),
        *(subsidiary(code, first_period="2024-04") for code in "ST"),
        quotes=quotes,
        first_period="2024-04",
        fiscal_year=FiscalYear(3),
        openings=(opening("P", "capital", "-100000000.00", "-100000000.00"),),
        interests=tuple(holds("P", code, str(100 - nci)) for code in "ST"),
        acquisitions=tuple(acquisitions),
        contributions=tuple(
            replace(paid_in(code, "1.00", "2024-09-09"), amount=amounts[0])
            for code, amounts in outside.items()
            if amounts[0]
        ),
        dividends=tuple(
            Dividend(code, declared, None, date(2025, 5, 20), (Received("P", ours, None, "4200"),))
            for code in "ST"
            if declared
        ),
    )
    made = engine(described, *balances)
    for period in ("2024-04", "2025-03", "2025-05"):
        book = made.consolidate(period)
        found = made.cash_flows(book)
        assert found.problems == ()
        whole = found.group
        assert whole is not None
        assert whole.closing == book.figure(ACCOUNTS["cash"].code)
        assert whole.lines.get(RESULT_LINE, 0) == book.totals.net_income
        assert 2 * abs(whole.effect - whole.proof.total) <= whole.rounded_lines
        for each in found.companies:
            for stated in (each.functional, each.translated):
                assert stated.closing == stated.opening + sum(stated.lines.values()) + stated.effect
        if period == "2025-05":
            last = made.cash_flows(made.consolidate("2025-03")).group
            assert last is not None
            assert whole.opening == last.closing
