"""A batch that contradicts itself is taken by nobody."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from monthclose.connectors.errors import BatchInvalid
from monthclose.connectors.fields import brasilia_day, plain_tax_id
from monthclose.connectors.validation import DataValidator
from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.money import LARGEST_MINOR
from monthclose.ledger.sources import Extract, Flow, OpenItem, Side, SourceAccount, Subledger

VALIDATOR = DataValidator("omie", "ALFA", "2025-01", "BRL")


def column(*amounts):
    return np.array(amounts, dtype=np.int64)


GOOD = RawBalance(
    "ALFA",
    "2025-01",
    "BRL",
    ("1", "2"),
    column(150, -150),
    opening=column(100, -100),
    debit=column(50, 0),
    credit=column(0, 50),
    basis=Basis.DERIVED,
)


def extract(balance=GOOD, codes=("1", "2", "3")):
    return Extract(balance, tuple(SourceAccount(code, code) for code in codes))


def item(**facts):
    made = OpenItem(
        Side.RECEIVABLE, "7", "7", "11222333000181", "B", "AR", 100, "BRL", date(2025, 1, 9)
    )
    return replace(made, **facts)


class TestBalance:
    def test_what_is_whole_passes(self):
        assert VALIDATOR.check(extract()).balance is GOOD

    @pytest.mark.parametrize(
        ("wrong", "problem"),
        [
            (extract(replace(GOOD, entity="BETA")), "other-company"),
            (extract(replace(GOOD, period="2025-02")), "other-month"),
            (extract(replace(GOOD, currency="USD")), "other-currency"),
            (extract(codes=("1", "2", "2")), "account-twice"),
            (extract(replace(GOOD, accounts=("1", "1"))), "line-twice"),
            (extract(codes=("1",)), "account-unknown"),
            (extract(replace(GOOD, debit=column(51, 0))), "does-not-roll"),
            (
                extract(replace(GOOD, opening=column(200, -100), debit=column(-50, 0))),
                "negative-side",
            ),
            (
                extract(
                    replace(
                        GOOD,
                        amounts=column(LARGEST_MINOR + 1, -150),
                        opening=None,
                        debit=None,
                        credit=None,
                    )
                ),
                "amount-too-large",
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, wrong, problem):
        with pytest.raises(BatchInvalid) as refused:
            VALIDATOR.check(wrong)
        assert refused.value.problem == f"batch-{problem}"

    def test_one_account_with_two_partners_is_two_lines(self):
        balance = replace(GOOD, accounts=("1", "1"), partners=("B", "C"))
        assert VALIDATOR.check(extract(balance)).balance is balance


class TestSubledger:
    @pytest.mark.parametrize(
        ("items", "flows", "problem"),
        [
            ([item(), item()], [], "item-twice"),
            ([item(issued=date(2025, 2, 1))], [], "item-of-later"),
            ([item(currency="USD")], [], "other-currency"),
            ([item(tax_id="11222333000182")], [], "cnpj-wrong"),
            (
                [],
                [Flow("1", "", "", "", "CAT:1", 1, "BRL", date(2025, 2, 1), Side.RECEIVABLE)],
                "flow-of-another-month",
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, items, flows, problem):
        with pytest.raises(BatchInvalid) as refused:
            VALIDATOR.check_subledger(Subledger("ALFA", "2025-01", tuple(items), tuple(flows)))
        assert refused.value.problem == f"batch-{problem}"

    def test_the_same_number_on_both_sides_is_two_items(self):
        items = (item(), item(side=Side.PAYABLE, amount=-100))
        details = Subledger("ALFA", "2025-01", items)
        assert VALIDATOR.check_subledger(details) is details


class TestDays:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2025-01-31", date(2025, 1, 31)),
            ("2025-01-31T22:00:00", date(2025, 1, 31)),
            ("2025-02-01T01:00:00Z", date(2025, 1, 31)),
            ("2025-02-01T03:00:00Z", date(2025, 2, 1)),
            ("2025-01-31 23:59:59", date(2025, 1, 31)),
            ("2025-01-31T23:30:00-05:00", date(2025, 2, 1)),
        ],
    )
    def test_a_moment_never_moves_into_another_month_than_brasilias(self, text, day):
        assert brasilia_day(text) == day


class TestTaxIds:
    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("22.333.444/0001-81", "22333444000181"),
            ("12.abc.345/01de-35", "12ABC34501DE35"),
            ("111.222.333-44", "11122233344"),
            ("", ""),
            ("123", ""),
        ],
    )
    def test_marks_and_case_do_not_count(self, text, plain):
        assert plain_tax_id(text) == plain
