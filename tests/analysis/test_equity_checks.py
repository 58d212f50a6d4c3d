"""V4 to V6: openings, the proof of the CTA, and equity as a whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.validation import validate
from monthclose.ledger.acquisitions import Contribution, NciMethod
from monthclose.ledger.balances import CarriedForward
from monthclose.ledger.book import Book, ClosedPosition, LastClose
from monthclose.ledger.findings import Severity
from monthclose.ledger.rates import Quote, RateKind, parse_rate
from monthclose.ledger.translations import Rollforward
from tests.analysis.books import (
    FEBRUARY,
    JANUARY,
    balances,
    check,
    described,
    good,
    only,
    purchase,
)
from tests.consolidation.groups import (
    CODES,
    balance,
    bought,
    engine,
    group,
    holds,
    lived,
    monthly,
    on,
    opening,
    parent,
    ptax,
    subsidiary,
)


def began(**nci: str) -> Book:
    """S, 80 % owned, begins March with a past; its outsiders stated, if *nci* says so."""
    rows = [
        opening("S", "capital", "-900.00", "-180.00"),
        opening("S", "retained", "-300.00", "-60.00"),
        opening("S", "revenue", "-100.00", "-21.00"),
        opening("S", "3400", None, "-64.00"),
    ]
    rows += [opening("S", "3900", None, text) for text in nci.values()]
    known = group(
        parent(),
        subsidiary(),
        quotes=(*monthly({"2025-02": ("0.25", "0.24"), "2025-03": ("0.24", "0.26")}),
                on("2024-01-01", "0.20")),
        interests=(holds("P", "S", "80"),),
        acquisitions=(replace(purchase(), on=purchase_day(), equity={"3000": -900_00}),),
        openings=tuple(rows),
        first_period="2025-03",
    )  # fmt: skip
    return engine(
        known,
        balance("P", "2025-03", "USD", cash="300.00", investment="200.00", capital="-500.00"),
        balance("S", "2025-03", cash="1400.00", capital="-900.00", retained="-300.00",
                revenue="-200.00"),
    ).consolidate("2025-03")  # fmt: skip


def purchase_day():
    """The first day of the year before."""
    day = purchase().on
    assert day is not None
    return day.replace(year=2024)


def moved(last: LastClose, **changes: Rollforward) -> LastClose:
    """A last close that left S in another place."""
    positions = tuple(
        replace(each, **changes) if each.entity == "S" else each  # type: ignore[arg-type]
        for each in last.positions
    )
    return replace(last, positions=positions)


def of_s(last: LastClose) -> ClosedPosition:
    return next(each for each in last.positions if each.entity == "S")


OPENINGS = {
    "cta": "opening-cta-differs",
    "retained": "opening-equity-differs",
    "nci": "opening-nci-differs",
}


class TestOpeningsAgainstTheLastClose:
    """V4 with a last close."""

    def test_within_a_year_the_openings_stay_the_same(self):
        result = check(good("2025-03"), "V4", good("2025-02").left())
        assert result.passed
        assert (result.severity, result.weight) == (Severity.BLOCKING, 10)
        assert result.population == 6
        assert result.evidence == {"last_close": "2025-02", "compared": 6}

    def test_in_a_new_year_they_are_what_the_last_one_closed_with(self):
        last = good("2025-12").left()
        result = check(good("2026-01"), "V4", last)
        assert result.passed
        assert of_s(last).retained.closing != of_s(last).retained.opening
        assert result.tested == sum(
            abs(each.closing)
            for position in last.positions
            for each in (position.cta, position.retained, position.nci)
        )

    def test_a_year_closed_up_to_a_month_within_it_is_no_opening(self):
        """After October came two months more: January does not open with what it left."""
        result = check(good("2026-01"), "V4", good("2025-10").left())
        assert result.passed
        assert result.evidence["last_close"] == "openings"

    @pytest.mark.parametrize(
        ("month", "before", "asked"),
        [
            ("2026-01", "2025-10", True),
            ("2026-01", "2025-12", False),
            ("2025-03", "2025-01", False),
            ("2026-01", None, True),
            ("2025-01", None, False),
        ],
    )
    def test_where_closes_are_kept_the_end_of_the_year_is_asked_for(self, month, before, asked):
        """A folder alone keeps none; the first year of the group has none before it."""
        last = good(before).left() if before else None
        assert validate(good(month), last).findings == ()
        found = validate(good(month), last, kept=True)
        assert [(each.check, each.code) for each in found.findings] == [
            ("V4", "year-unclosed")
        ] * asked
        assert found.blocking == ()
        for lang, words in (("en", "Close 2025-12 first"), ("pt-BR", "Feche 2025-12 primeiro")):
            assert all(words in each.said(lang) for each in found.findings)

    @pytest.mark.parametrize("what", OPENINGS)
    @pytest.mark.parametrize(("month", "before"), [("2025-03", "2025-02"), ("2026-01", "2025-12")])
    def test_an_opening_that_moved_is_found(self, what: str, month: str, before: str):
        """By ten cents, both in its opening and in its closing."""
        last = good(before).left()
        was: Rollforward = getattr(of_s(last), what)
        spoilt = moved(last, **{what: replace(was, opening=was.opening - 10)})
        (finding,) = only(good(month), "V4", last=spoilt)
        assert (finding.code, finding.subject) == (OPENINGS[what], "S")
        assert (finding.difference, finding.currency) == (10, "USD")
        assert check(good(month), "V4", spoilt).unexplained == 10

    @pytest.mark.parametrize("what", ["cta", "retained"])
    def test_not_one_cent_of_equity_or_cta_may_move(self, what: str):
        last = good("2025-12").left()
        was: Rollforward = getattr(of_s(last), what)
        spoilt = moved(last, **{what: replace(was, movement=was.movement + 1)})
        (finding,) = only(good("2026-01"), "V4", last=spoilt)
        assert finding.difference == -1

    def test_outsiders_are_rounded_anew_in_a_new_year_and_only_then(self):
        """Six components of half a cent: three cents may differ, the fourth may not."""
        for month, before, allowed in (("2025-03", "2025-02", 0), ("2026-01", "2025-12", 3)):
            last, book = good(before).left(), good(month)
            was = of_s(last).nci
            within = moved(last, nci=replace(was, opening=was.opening + allowed))
            beyond = moved(last, nci=replace(was, opening=was.opening + allowed + 1))
            assert check(book, "V4", within).passed
            assert check(book, "V4", within).unexplained == 0
            assert not check(book, "V4", beyond).passed

    def test_a_company_that_was_not_there_has_no_last_close(self):
        last = good("2025-02").left()
        alone = replace(last, positions=tuple(p for p in last.positions if p.entity == "P"))
        assert check(good("2025-03"), "V4", alone).population == 3


class TestOpeningsAgainstTheLoaded:
    """V4 in the first month."""

    def test_what_was_loaded_is_what_it_opens_with(self):
        """A CTA of 64.00 and retained earnings of 60.00, which nothing has moved since."""
        result = check(began(), "V4")
        assert result.passed
        assert result.evidence == {"last_close": "openings", "compared": 2}
        assert result.tested == 64_00 + 60_00

    def test_another_cta_in_the_roll_forward_is_found(self):
        book = began()
        position = book.facts.openings["S"]
        facts = replace(book.facts, openings={"S": replace(position, cta=position.cta + 1)})
        (finding,) = only(replace(book, facts=facts), "V4")
        assert (finding.code, finding.expected, finding.actual) == (
            "opening-cta-differs",
            64_00,
            64_01,
        )

    def test_other_retained_earnings_in_the_roll_forward_are_found(self):
        book = began()
        rates = book.facts.rates["S"]
        treatments = {**rates.treatments, "3300": CarriedForward(-60_01)}
        facts = replace(book.facts, rates={"S": replace(rates, treatments=treatments)})
        (finding,) = only(replace(book, facts=facts), "V4")
        assert (finding.code, finding.difference) == ("opening-equity-differs", 1)

    def test_a_parent_in_the_presentation_currency_opens_with_its_own_last_year(self):
        """P earned 10.00 a month: 120.00, where its books of January show 119.00."""
        closing = engine(described(), *balances())
        assert check(closing.consolidate("2026-01"), "V4").evidence["compared"] == 1
        closing.load_trial_balance(
            balance("P", "2026-01", "USD", cash="429.00", investment="200.00",
                    capital="-500.00", retained="-119.00", revenue="-10.00")
        )  # fmt: skip
        (finding,) = only(closing.consolidate("2026-01"), "V4")
        assert (finding.code, finding.subject) == ("opening-equity-differs", "P")
        assert (finding.expected, finding.actual) == (120_00, 119_00)

    def test_outsiders_stated_otherwise_are_found(self):
        opens = began().nci["S"].opening
        stated = f"{-opens / 100:.2f}"
        assert check(began(nci=stated), "V4").passed
        (finding,) = only(began(nci=f"{-(opens + 10) / 100:.2f}"), "V4")
        assert (finding.code, finding.difference) == ("opening-nci-differs", -10)


class TestCtaProof:
    """V5."""

    def test_a_good_book_proves_each_company_and_each_goodwill(self):
        """
        S in February: 900.00 x (0.25 - 0.20) + 100.00 x (0.04 + 0.01) = 50.00.

        Goodwill: 280.00 x 0.05 = 14.00.
        """
        result = check(good(), "V5")
        assert result.passed
        assert (result.severity, result.weight, result.population) == (Severity.BLOCKING, 15, 2)
        assert result.evidence == {"S": "50.00 50.00", "S ACQ-S": "14.00 14.00"}
        assert result.tested == 64_00

    def test_a_wrong_amount_brought_forward_hides_in_the_cta_and_is_found(self):
        """Every total still ties: the CTA has taken the 10.00."""
        book = good()
        rates = book.facts.rates["S"]
        treatments = {**rates.treatments, "3300": CarriedForward(-70_00)}
        facts = replace(
            book.facts,
            rates={**book.facts.rates, "S": replace(rates, treatments=treatments)},
        )
        plain = replace(described(), acquisitions=())
        alone = replace(facts, acquisitions=(), interests=(holds("P", "S"),))
        closing = engine(plain, *balances())
        honest = replace(alone, rates=book.facts.rates)
        # January's result is at February's average here, in the one as in the other
        assert validate(closing.consolidate("2025-02", honest)).blocking == ()
        (finding,) = only(closing.consolidate("2025-02", alone), "V5", "V10")
        assert (finding.code, finding.subject) == ("cta-unproved", "S")
        assert abs(finding.difference) == 10_00

    def test_the_bound_is_half_a_cent_for_each_rounded_line(self):
        book = good()
        translations = {t.entity: t for t in book.translations}
        s = translations["S"]
        for by, found in ((s.rounded_lines // 2, False), (s.rounded_lines // 2 + 1, True)):
            cta = Rollforward(s.cta.opening - by, s.cta.movement + by)
            spoilt = replace(book, translations=(translations["P"], replace(s, cta=cta)))
            result = check(spoilt, "V5")
            assert result.passed is not found
            assert result.unexplained == (1 if found else 0)
            if found:
                (finding,) = only(spoilt, "V5")
                assert finding.facts == {"lines": s.rounded_lines}

    def test_goodwill_left_at_its_acquisition_rate_is_found(self):
        book = good()
        wrong = replace(book.purchases["ACQ-S"], cta=Rollforward(0, 0))
        (finding,) = only(replace(book, purchases={"ACQ-S": wrong}), "V5")
        assert (finding.subject, finding.expected, finding.actual) == ("S ACQ-S", 14_00, 0)

    @pytest.mark.parametrize(
        ("month", "paid", "left", "given"),
        [("2026-01", "1100.00", 56_00, 76_00), (FEBRUARY, "500.00", 56_00, -44_00)],
    )
    def test_goodwill_starts_at_what_was_given_and_not_at_what_is_left(
        self, month: str, paid: str, left: int, given: int
    ):
        """
        The books carry 200.00, so 200.00 + 36.00 - 180.00 = 56.00 are left for goodwill.

        A consideration of 1,100.00 makes (1,100.00 + 180.00 - 900.00) x 0.20 = 76.00, and the
        20.00 would be CTA for ever; one of 500.00 a gain of 220.00 x 0.20 = 44.00, and a
        loss of 56.00 would stand in the result.
        """
        wrong = replace(purchase(), consideration=int(paid.replace(".", "")))
        book = engine(described(wrong), *balances()).consolidate(month)
        (finding,) = only(book, "V5")
        assert (finding.code, finding.subject) == ("purchase-unproved", "S ACQ-S")
        assert (finding.actual, finding.expected, finding.facts) == (left, given, {"lines": 6})

    def test_the_tenth_decimal_of_a_crossed_rate_is_no_error(self):
        """
        P pays 5.4 trillion reais for S, at 6.06 reais and 1.10 dollars a euro.

        Its cost crosses at 5.5090909091, which is 1.65e-12 too much: 1.62 of 980 billion
        dollars. Allowed are half a cent for each 5.509e10 cents of what was given and of
        what was there, 2 x 9.802e13: 3,559 half cents, and 3 + 1 + 2 of the others.
        """
        given = 540_000_000_000_000
        worth = 89_108_910_891_089  # euros: given / 6.06
        quotes = tuple(
            Quote("EUR", other, parse_rate(value), RateKind.DAILY, day, "ECB")
            for day in ("2025-01-01", "2025-01-31")
            for other, value in (("BRL", "6.06"), ("USD", "1.10"))
        )
        paid = bought(capital="0.00")
        known = group(
            parent("P", "BRL"),
            subsidiary("S", "EUR"),
            quotes=quotes,
            interests=(holds("P", "S"),),
            acquisitions=(
                replace(
                    paid,
                    consideration=given,
                    consideration_currency="BRL",
                    investment=given,
                    equity={"3000": -worth},
                ),
            ),
            contributions=(Contribution("P", "3000", given, date(2025, 1, 1)),),
        )
        book = engine(
            known,
            *lived("P", [{"capital": -given, "investment": given}]),
            *lived("S", [{"capital": -worth}], currency="EUR"),
        ).consolidate(JANUARY)
        purchase = book.purchases["ACQ-S"]
        assert (purchase.goodwill, purchase.goodwill_presentation) == (0, -162)
        assert check(book, "V5").passed
        acquisition = replace(book.facts.acquisitions[0], investment_quote=None)
        (finding,) = only(
            replace(book, facts=replace(book.facts, acquisitions=(acquisition,))), "V5"
        )
        assert finding.facts == {"lines": 6}

    @given(
        st.lists(st.integers(1, 10**9), min_size=3, max_size=3),
        st.integers(1, 10**10),
        st.integers(30_000, 70_000),
        st.integers(30_000, 70_000),
    )
    def test_the_cents_of_a_purchase_equation_are_no_error(self, equity, paid, then, now):
        """Cost, outsiders and each equity account are rounded once: goodwill takes the rest."""
        names = ("capital", "premium", "retained")
        day = ptax(f"{then / 10**4}", "2025-01-01")
        cost = (paid * 10**4 + then // 2) // then
        acquisition = replace(
            purchase(),
            consideration=paid,
            investment=cost,
            nci_method=NciMethod.PROPORTIONATE,
            nci_share=Fraction(1, 5),
            equity={CODES[n][0]: -amount for n, amount in zip(names, equity, strict=True)},
        )
        known = replace(
            described(acquisition),
            rates=group(
                quotes=(day, *monthly({JANUARY: (f"{now / 10**4}", f"{now / 10**4}")}, ptax))
            ).rates,
        )
        first = {name: -amount for name, amount in zip(names, equity, strict=True)}
        book = engine(
            known,
            *lived("S", [first]),
            *lived("P", [{"capital": -500_00, "investment": cost}], currency="USD"),
        ).consolidate(JANUARY)
        assert validate(book).blocking == ()


PLANTED: dict[str, Callable[[Book], Book]] = {
    "result-differs": lambda b: with_equity(b, net_income_parent=1),
    "retained-earnings-differ": lambda b: with_equity(b, retained_closing=1),
    "nci-differs": lambda b: with_equity(b, nci_closing=1),
    "cta-differs": lambda b: with_equity(b, cta_parent=1),
}


def with_equity(book: Book, **by: int) -> Book:
    """The same book with a figure of its equity roll-forward off by a cent."""
    equity = book.equity
    assert equity is not None
    ((name, cent),) = by.items()
    if name == "cta_parent":
        cta = replace(equity.cta_parent, movement=equity.cta_parent.movement + cent)
        return replace(book, equity=replace(equity, cta_parent=cta))
    values = {
        "net_income_parent": equity.net_income_parent,
        "retained_closing": equity.retained_closing,
        "nci_closing": equity.nci_closing,
    }
    changed = {name: values[name] + cent}
    return replace(book, equity=replace(equity, **changed))  # type: ignore[arg-type]


class TestAttribution:
    """V6."""

    def test_a_good_book_compares_four_figures(self):
        """
        Result 45.00 of S and 20.00 of P; retained 9.00 less to outsiders: 56.00.

        CTA: 50.00 - 10.00 to outsiders + 14.00 of goodwill; outsiders 36.00 + 9.00 + 10.00.
        """
        result = check(good(), "V6")
        assert result.passed
        assert (result.severity, result.weight, result.population) == (Severity.BLOCKING, 10, 4)
        assert result.evidence == {
            "result-differs result": "65.00",
            "retained-earnings-differ 3300": "56.00",
            "cta-differs 3400": "54.00",
            "nci-differs 3900": "55.00",
        }

    @pytest.mark.parametrize("code", PLANTED)
    def test_a_cent_in_any_of_them_is_found(self, code: str):
        spoilt = PLANTED[code](good())
        (finding,) = only(spoilt, "V6")
        assert (finding.code, finding.difference) == (code, 1)
        assert check(spoilt, "V6").unexplained == 1
