"""Translation: the rate of each class, month by month, and a CTA that can be proved."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.translation import translate
from monthclose.consolidation.treatments import TreatmentIncomplete
from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Layer,
    Layers,
    MonthAmount,
    Monthly,
    OpeningPosition,
    PeriodRates,
    Treatment,
    TrialBalance,
)
from monthclose.ledger.money import Amounts
from monthclose.ledger.rates import MissingRate, RateUnusable, parse_rate
from monthclose.ledger.translations import Translation
from tests.consolidation.groups import CHART, CODES, balance, dollars, ptax


def rates(closing: str, average: str = "", opening: str = "", **treatments: Treatment):
    """Dollars for one real; treatments by name of the account."""
    return PeriodRates(
        presentation="USD",
        opening=dollars(opening) if opening else None,
        average=dollars(average) if average else None,
        closing=dollars(closing) if closing else None,
        treatments={CODES[name][0]: each for name, each in treatments.items()},
    )


def layers(*parts: tuple[int, str], flow: bool = False) -> Layers:
    """Parts of an account in minor units, each at its own rate."""
    return Layers(tuple(Layer(amount, dollars(rate), flow=flow) for amount, rate in parts))


def began(net_assets: int, rate: str, cta: int = 0) -> OpeningPosition:
    """Where the roll-forward starts."""
    return OpeningPosition("S", net_assets, dollars(rate), cta)


class TestTranslate:
    def test_a_falling_currency_leaves_a_debit_cta(self):
        """
        A loss of 23.00: the assets are worth less, the profit a little more.

        Opening net assets 500.00 x (0.20 - 0.25) = -25.00, and a profit of 200.00 x
        (0.20 - 0.19) = +2.00.
        """
        # given capital paid in when one real bought 0.25 dollars
        june = balance(
            cash="1000.00", payables="-300.00", capital="-500.00",
            revenue="-400.00", expenses="200.00",
        )  # fmt: skip
        # when June closes at 0.20 after averaging 0.19
        translated = translate(
            june,
            rates("0.20", "0.19", capital=layers((-500_00, "0.25"))),
            CHART,
            began(500_00, "0.25"),
        )
        # then each class took its own rate, and the difference is the CTA
        assert translated.amounts.tolist() == [200_00, -60_00, -125_00, -76_00, 38_00]
        assert (translated.cta.opening, translated.cta.movement) == (0, -23_00)
        assert translated.proof().total == -23_00
        assert [(c.label, c.amount) for c in translated.proof().components] == [
            ("opening_net_assets", -25_00),
            ("result", 2_00),
        ]
        assert (translated.net_income, translated.net_assets) == (38_00, 140_00)

    def test_ptax_divides(self):
        """1,000.00 / 5.00 = 200.00 and 100.00 / 5.20 = 19.2307... -> 19.23."""
        june = balance(cash="1000.00", capital="-900.00", revenue="-100.00")
        given_ = PeriodRates(
            "USD",
            average=ptax("5.20"),
            closing=ptax("5.00"),
            treatments={"3000": Layers((Layer(-900_00, ptax("4.50")),))},
        )
        translated = translate(june, given_, CHART)
        assert translated.amounts.tolist() == [200_00, -200_00, -19_23]
        assert translated.cta.closing == -19_23

    def test_a_line_is_rounded_once_and_a_half_goes_away_from_zero(self):
        """0.01 x 0.5 = 0.005 -> 0.01 and -0.01 -> -0.01; 0.03 x 0.5 = 0.015 -> 0.02."""
        june = balance(cash="0.01", receivables="0.03", payables="-0.01", due_to="-0.03")
        translated = translate(june, rates("0.5"), CHART)
        assert translated.amounts.tolist() == [1, 2, -1, -2]

    def test_an_entity_in_presentation_currency_stays_as_it_is(self):
        june = balance(currency="USD", cash="1000.01", capital="-900.00", revenue="-100.01")
        translated = translate(june, PeriodRates("USD"), CHART)
        assert translated.amounts.tolist() == june.amounts.tolist()
        assert (translated.cta.opening, translated.cta.closing) == (0, 0)
        assert not translated.foreign
        assert translated.proof().total == 0
        assert translated.net_income == 100_01
        translated.amounts[0] = 0
        assert june.amounts[0] == 1000_01

    def test_a_balance_without_lines_has_nothing_to_translate(self):
        translated = translate(balance(), rates(""), CHART)
        assert translated.amounts.tolist() == []
        assert translated.cta.closing == 0

    def test_a_quote_of_other_currencies_is_refused(self):
        june = balance(currency="EUR", cash="1.00", capital="-1.00")
        with pytest.raises(RateUnusable):
            translate(june, rates("0.20", capital=layers((-1_00, "0.2"))), CHART)


class TestMissingRates:
    """A rate is missed when money needs it, and only then."""

    def test_no_average_is_needed_without_a_result(self):
        june = balance(cash="10.00", revenue="0.00", capital="-10.00")
        translated = translate(june, rates("0.20", capital=layers((-10_00, "0.20"))), CHART)
        assert translated.amounts.tolist() == [2_00, 0, -2_00]

    def test_no_closing_rate_is_needed_without_a_position(self):
        june = balance(cash="0.00", revenue="-1.00", expenses="1.00")
        assert translate(june, rates("", "0.5"), CHART).amounts.tolist() == [0, -50, 50]

    @pytest.mark.parametrize(
        ("lines", "given_", "kind", "where"),
        [
            ({"cash": "1.00", "payables": "-1.00"}, rates("", "0.2"), "closing", "S 1010"),
            ({"revenue": "1.00", "costs": "-1.00"}, rates("0.2"), "average", "S 4000"),
            (
                {"cash": "1.00", "capital": "-1.00"},
                rates("0.2", "0.2"),
                "historical",
                "S 3000 (share_capital)",
            ),
            (
                {"cash": "1.00", "retained": "-1.00"},
                rates("0.2", "0.2"),
                "historical",
                "S 3300 (retained_earnings)",
            ),
            (
                {"cash": "1.00", "reserve": "-1.00"},
                rates("0.2", "0.2"),
                "historical",
                "S 3500 (oci)",
            ),
        ],
    )
    def test_it_says_which_line_needs_what(self, lines, given_: PeriodRates, kind, where):
        with pytest.raises(MissingRate) as refused:
            translate(balance(**lines), given_, CHART)
        assert refused.value.facts == {
            "currency": "BRL",
            "presentation": "USD",
            "kind": kind,
            "when": "2025-01",
            "where": where,
        }

    def test_a_line_with_a_treatment_of_its_own_needs_no_class_rate(self):
        june = balance(revenue="-1.00", costs="1.00")
        given_ = rates("", "", revenue=AtRate(dollars("0.5")), costs=AtRate(dollars("0.4")))
        assert translate(june, given_, CHART).amounts.tolist() == [-50, 40]


class TestTreatments:
    def test_capital_keeps_the_rate_of_each_contribution(self):
        """300.00 x 0.25 + 200.00 x 0.20 = 75.00 + 40.00 = 115.00, whatever the closing rate."""
        june = balance(cash="500.00", capital="-500.00")
        paid = layers((-300_00, "0.25"), (-200_00, "0.20"))
        for closing in ("0.10", "0.30"):
            translated = translate(june, rates(closing, capital=paid), CHART)
            assert translated.amount("3000") == -115_00

    def test_layers_are_added_before_they_are_rounded(self):
        """0.01 x 0.4 + 0.01 x 0.4 = 0.008 -> 0.01; rounded one by one it would be nil."""
        june = balance(cash="0.02", capital="-0.02")
        paid = layers((-1, "0.4"), (-1, "0.4"))
        assert translate(june, rates("0.4", capital=paid), CHART).amount("3000") == -1

    def test_layers_that_are_not_the_whole_account_are_refused(self):
        june = balance(cash="500.00", capital="-500.00")
        with pytest.raises(TreatmentIncomplete) as refused:
            translate(june, rates("0.2", capital=layers((-300_00, "0.25"))), CHART)
        assert refused.value.size.minor == -200_00
        assert "BRL -200.00" in refused.value.message("en")
        assert "BRL -200,00" in refused.value.message("pt-BR")

    def test_what_is_carried_forward_is_not_translated_again(self):
        june = balance(cash="100.00", retained="-100.00")
        for closing in ("0.10", "0.30"):
            given_ = rates(closing, retained=CarriedForward(-33_33))
            assert translate(june, given_, CHART).amount("3300") == -33_33

    def test_what_came_on_top_takes_its_own_rate(self):
        """33.33 brought forward, and 10.00 x 0.5 = 5.00 paid in since: 38.33."""
        june = balance(cash="110.00", capital="-110.00")
        top = (Layer(-10_00, dollars("0.5"), flow=True),)
        given_ = rates("0.2", capital=CarriedForward(-33_33, top))
        assert translate(june, given_, CHART).amount("3000") == -38_33

    def test_dividends_take_the_rate_of_their_declaration(self):
        """
        Of 100.00 net assets at 0.20, 40.00 are declared at 0.25 and the month closes at 0.30.

        100.00 x (0.30 - 0.20) - 40.00 x (0.30 - 0.25) = 10.00 - 2.00 = 8.00.
        """
        june = balance(cash="60.00", capital="-100.00", dividends="40.00")
        given_ = rates(
            "0.30",
            capital=CarriedForward(-20_00),
            dividends=layers((40_00, "0.25"), flow=True),
        )
        translated = translate(june, given_, CHART, began(100_00, "0.20"))
        assert translated.amount("3350") == 10_00
        assert translated.cta.movement == translated.proof().total == 8_00
        assert [(c.label, c.amount) for c in translated.proof().components][1:] == [
            ("dividends", -2_00)
        ]

    def test_months_are_rounded_one_by_one(self):
        """0.01 x 0.4 = 0.004 -> 0.00 in each of two months; in one sum it would be 0.01."""
        june = balance(cash="0.02", revenue="-0.02")
        months = Monthly(tuple(MonthAmount(m, -1, dollars("0.4")) for m in ("2025-01", "2025-02")))
        assert translate(june, rates("0.4", revenue=months), CHART).amount("4000") == 0

    def test_months_that_are_not_the_whole_account_are_refused(self):
        june = balance(cash="0.02", revenue="-0.02")
        months = Monthly((MonthAmount("2025-01", -1, dollars("0.4")),))
        with pytest.raises(TreatmentIncomplete):
            translate(june, rates("0.4", revenue=months), CHART)

    def test_an_item_at_the_rate_of_its_date_leaves_the_others_at_average(self):
        """100.00 x 0.19 = 19.00, the large sale of 50.00 at its own 0.22 = 11.00."""
        june = balance(cash="150.00", revenue="-100.00", dividend_income="-50.00")
        given_ = rates("0.20", "0.19", dividend_income=AtRate(dollars("0.22")))
        translated = translate(june, given_, CHART)
        assert translated.amounts.tolist() == [30_00, -19_00, -11_00]
        # 100.00 x (0.20 - 0.19) + 50.00 x (0.20 - 0.22) = 1.00 - 1.00
        assert translated.cta.movement == translated.proof().total == 0

    @pytest.mark.parametrize(
        "treatment",
        [
            CarriedForward(-25_00),
            layers((-100_00, "0.25")),
            Monthly((MonthAmount("2025-01", -100_00, dollars("0.25")),)),
            AtRate(dollars("0.25")),
        ],
    )
    def test_an_account_with_several_partners_is_translated_once(self, treatment: Treatment):
        """100.00 x 0.25 = 25.00, of which 30 % and 70 % are 7.50 and 17.50."""
        june = TrialBalance(
            "S",
            "2025-01",
            "BRL",
            ("1010", "3000", "3000"),
            np.array([100_00, -30_00, -70_00]),
            ("", "A", "B"),
        )
        given_ = rates("0.20", capital=treatment)
        # months are flows of the period, the others were there when it opened
        start = None if isinstance(treatment, Monthly) else began(100_00, "0.25")
        translated = translate(june, given_, CHART, start)
        assert translated.amounts.tolist() == [20_00, -7_50, -17_50]
        assert translated.cta.movement == translated.proof().total == -5_00

    def test_a_flow_of_an_account_with_several_partners_is_proved_once(self):
        """40.00 at 0.25, closing at 0.30: -40.00 x 0.05 = -2.00, not twice."""
        june = TrialBalance(
            "S",
            "2025-01",
            "BRL",
            ("1010", "3000", "3350", "3350"),
            np.array([60_00, -100_00, 30_00, 10_00]),
            ("", "", "P", "Q"),
        )
        given_ = rates(
            "0.30",
            capital=CarriedForward(-20_00),
            dividends=layers((30_00, "0.25"), (10_00, "0.25"), flow=True),
        )
        translated = translate(june, given_, CHART, began(100_00, "0.20"))
        assert translated.amount("3350") == 10_00
        assert translated.cta.movement == translated.proof().total == 8_00

    def test_equity_that_left_nil_in_the_books_keeps_what_it_was_translated_at(self):
        """A profit of 100.00 at 0.20 and a loss of 100.00 at 0.19 leave 1.00, and no line."""
        june = balance(cash="50.00", capital="-50.00")
        given_ = rates("0.20", capital=CarriedForward(-10_00), retained=CarriedForward(-1_00))
        translated = translate(june, given_, CHART, began(50_00, "0.20", cta=-1_00))
        assert translated.amount("3300") == -1_00
        assert translated.cta.movement == translated.proof().total == 0
        shown = translate(
            balance(cash="50.00", capital="-50.00", retained="0.00"),
            given_,
            CHART,
            began(50_00, "0.20", cta=-1_00),
        )
        assert shown.amounts.tolist() == translated.amounts.tolist()


def half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


LINES = ("cash", "revenue", "costs", "expenses")
MOVES = st.lists(
    st.tuples(
        st.dictionaries(
            st.tuples(st.sampled_from(LINES[1:]), st.sampled_from(["", "A", "B"])),
            st.integers(-(10**9), 10**9),
            max_size=5,
        ),
        st.integers(10**6, 10**12),
        st.integers(10**6, 10**12),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def month_balance(standing: dict[tuple[str, str], int], drop: bool) -> TrialBalance:
    """Lines as they stand; those of nil are left out when *drop* says so."""
    kept = {key: amount for key, amount in standing.items() if amount or not drop}
    kept["cash", ""] = -sum(kept.values())
    return TrialBalance(
        "S",
        "2025-01",
        "BRL",
        tuple(CODES[name][0] for name, _ in kept),
        np.array(list(kept.values()), dtype=np.int64),
        tuple(partner for _, partner in kept) if any(p for _, p in kept) else (),
    )


def accumulated(months) -> list[Translation]:
    """Translate month after month."""
    standing: dict[tuple[str, str], int] = {}
    translated: list[Translation] = []
    for moves, average, closing, drop in months:
        for key, amount in moves.items():
            standing[key] = standing.get(key, 0) + amount
        given_ = PeriodRates(
            "USD",
            average=replace(ptax("1"), value_e10=average),
            closing=replace(ptax("1"), value_e10=closing),
            result_label=f"result {len(translated)}",
        )
        before = translated[-1] if translated else None
        given_balance = month_balance(standing, drop)
        translated.append(translate(given_balance, given_, CHART, None, before))
    return translated


class TestMonthAfterMonth:
    def test_a_month_that_follows_keeps_what_was_translated_before(self):
        """100.00 x 0.20 = 20.00 in January, 50.00 x 0.30 = 15.00 in February: 35.00 to date."""
        january = translate(balance(cash="100.00", revenue="-100.00"), rates("0.2", "0.20"), CHART)
        february = translate(
            balance(cash="150.00", revenue="-150.00"), rates("0.2", "0.30"), CHART, None, january
        )
        assert january.amount("4000") == -20_00
        assert february.amount("4000") == -35_00

    def test_an_account_that_disappears_stays_with_what_it_was_translated_at(self):
        """100.00 earned at 0.20 and given back at 0.30: 20.00 - 30.00 = -10.00."""
        january = translate(balance(cash="100.00", revenue="-100.00"), rates("0.2", "0.20"), CHART)
        february = translate(balance(cash="0.00"), rates("0.2", "0.30"), CHART, None, january)
        march = translate(balance(cash="0.00"), rates("0.2", "0.90"), CHART, None, february)
        for each in (february, march):
            assert each.amount("4000") == 10_00
            assert each.net_income == -10_00

    @given(MOVES)
    def test_a_year_to_date_is_the_sum_of_its_months_each_rounded_once(self, months):
        """Per account, partner and month, against Decimal at sixty digits."""
        expected: dict[tuple[str, str], int] = {}
        last = accumulated(months)[-1]
        with localcontext(prec=60):
            for moves, average, _, _ in months:
                for (name, partner), amount in moves.items():
                    key = (CODES[name][0], partner)
                    part = Decimal(amount) * 10**10 / average
                    expected[key] = expected.get(key, 0) + half_up(part)
        partners = last.partners or ("",) * len(last.accounts)
        got = dict(
            zip(zip(last.accounts, partners, strict=True), last.amounts.tolist(), strict=True)
        )
        for key, amount in expected.items():
            assert got.get(key, 0) == amount
        assert last.net_income == -sum(expected.values())

    @given(MOVES)
    def test_the_proof_closes_within_half_a_cent_for_each_rounded_line(self, months):
        for each in accumulated(months):
            difference = each.cta.movement - each.proof().total
            assert 2 * abs(difference) <= each.rounded_lines

    @given(MOVES, st.integers(0, 10**6))
    def test_a_line_that_is_wrong_by_more_breaks_the_proof(self, months, which: int):
        """An error of one line lands in the CTA, where no total shows it and the proof does."""
        last = accumulated(months)[-1]
        line = which % len(last.amounts)
        wrong: Amounts = last.amounts.copy()
        wrong[line] += last.rounded_lines + 1
        left_over = int(wrong.sum())
        broken = replace(last, amounts=wrong, cta=replace(last.cta, movement=left_over))
        assert int(broken.amounts.sum()) - broken.cta.closing == 0
        difference = broken.cta.movement - broken.proof().total
        assert 2 * abs(difference) > broken.rounded_lines

    def test_the_direction_of_a_quote_changes_no_more_than_a_rounding(self):
        """PTAX 5 and its exact inverse 0.2 are one rate."""
        june = balance(cash="1234.56", revenue="-1234.56")
        divided = translate(june, PeriodRates("USD", average=ptax("5"), closing=ptax("5")), CHART)
        multiplied = translate(june, rates("0.2", "0.2"), CHART)
        assert divided.amounts.tolist() == multiplied.amounts.tolist() == [246_91, -246_91]
        assert parse_rate("0.2") * parse_rate("5") == 10**20
