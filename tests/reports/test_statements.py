"""The statements of the group worked by hand in `tests/reports/group.py`."""

from dataclasses import replace

import pytest

from monthclose import ConsolidationEngine
from monthclose.ledger.accounts import chart_of
from monthclose.ledger.book import Book
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.reports.statements import (
    LineKind,
    Statement,
    balance_sheet,
    closed_layers,
    income_statement,
)
from monthclose.wording import LANGUAGES
from tests.reports.group import balance, close, group


@pytest.fixture(scope="module")
def book() -> Book:
    return close()[0]


def amounts(statement: Statement, *keys: str) -> list[int]:
    return [statement.line(key).total for key in keys]


class TestBalanceSheet:
    def test_assets_are_at_the_closing_rate_with_goodwill(self, book: Book):
        """
        Reais divide by four.

        Cash 1,000.00 + 1,600.00 / 4 = 1,400.00; receivables 900.00 / 4 = 225.00. Goodwill is
        1,800.00 + 20% of 2,000.00 - 2,000.00 = 200.00 reais, at 4.00 it is 50.00. The
        investment of 360.00 is gone: together 1,675.00.
        """
        sheet = balance_sheet(book, "en")
        assert amounts(sheet, "1010", "1100", "1500", "1600", "total-assets") == [
            1_400_00, 225_00, 0, 50_00, 1_675_00,
        ]  # fmt: skip

    def test_claims_are_positive_on_their_side(self, book: Book):
        """
        What owners, outsiders and others have adds up to the assets.

        Payables 100.00 + 300.00 / 4 = 175.00. Owners: capital 1,200.00, result 60.00 + 80% of
        200.00 / 4 = 100.00, CTA 80% of 100.00 + 10.00 on goodwill = 90.00: 1,390.00. Outsiders:
        20% of 400.00 + 20% of 50.00 + 20% of 100.00 = 110.00. 175 + 1,390 + 110 = 1,675.00.
        """
        sheet = balance_sheet(book, "en")
        assert amounts(sheet, "total-liabilities", "3000", "3300", "3400", "equity-owners") == [
            175_00, 1_200_00, 100_00, 90_00, 1_390_00,
        ]  # fmt: skip
        assert amounts(sheet, "3900", "total-equity", "total-claims", "balance-check") == [
            110_00, 1_500_00, 1_675_00, 0,
        ]  # fmt: skip

    def test_every_layer_balances_by_itself(self, book: Book):
        """
        Nothing hides in a column.

        Eliminations take 360.00 of investment and leave 40.00 of goodwill at its first
        amount: -320.00 on both sides. PPA carries goodwill at 50.00: +10.00 on both sides.
        """
        sheet = balance_sheet(book, "en")
        assert sheet.line("total-assets").amounts == (1_985_00, -320_00, 10_00, 0, 1_675_00)
        assert sheet.line("total-claims").amounts == (1_985_00, -320_00, 10_00, 0, 1_675_00)
        assert set(sheet.line("balance-check").amounts) == {0}

    def test_closed_layers_sum_to_zero_and_to_the_closed_book(self, book: Book):
        layers = closed_layers(book)
        assert layers.sum(axis=0).tolist() == [0] * len(GROUP_LAYERS)
        assert layers.sum(axis=1).tolist() == book.closed.tolist()

    def test_accounts_of_one_line_print_together_below_their_parent(self):
        """Receivables 225.00 join cash 1,400.00 on line 1010; goodwill stands beside it."""
        described = group()
        accounts = tuple(
            replace(each, parent="10", statement_line="1010" if each.code == "1100" else "")
            if each.code in ("1010", "1100", "1600")
            else each
            for each in described.chart.accounts
        )
        sheet = balance_sheet(close(replace(described, chart=chart_of(accounts)))[0], "en")
        head = sheet.line("10")
        assert (head.kind, head.total) == (LineKind.GROUP, 1_675_00)
        assert [(sheet.lines[place].key, sheet.lines[place].total) for place in head.adds] == [
            ("1010", 1_625_00),
            ("1600", 50_00),
        ]
        assert sheet.line("total-assets").total == 1_675_00
        with pytest.raises(KeyError):
            sheet.line("1100")


class TestIncomeStatement:
    def test_income_is_positive_and_expense_negative(self, book: Book):
        """
        Reais at the average, four.

        Revenue 100.00 + 800.00 / 4 = 300.00; cost 400.00 / 4 = 100.00; expenses 40.00 +
        200.00 / 4 = 90.00. Result 300.00 - 190.00 = 110.00.
        """
        statement = income_statement(book, "en")
        assert amounts(statement, "4000", "5000", "6000", "total-expense", "result") == [
            300_00, -100_00, -90_00, -190_00, 110_00,
        ]  # fmt: skip

    def test_owners_and_outsiders_share_result_and_comprehensive_income(self, book: Book):
        """
        Outsiders have a fifth of what the subsidiary earned and of its CTA.

        Outsiders: 20% of 50.00 = 10.00 of the result and 20% of the CTA of 100.00 = 20.00.
        The CTA moved by 100.00 + 10.00 on goodwill = 110.00; comprehensive 110 + 110 = 220.00.
        """
        statement = income_statement(book, "en")
        assert amounts(statement, "net_income_parent", "net_income_nci") == [100_00, 10_00]
        assert amounts(statement, "oci_cta", "comprehensive-income") == [110_00, 220_00]
        assert amounts(statement, "comprehensive_parent", "comprehensive_nci") == [190_00, 30_00]

    def test_what_comes_from_a_rollforward_has_no_layer(self, book: Book):
        statement = income_statement(book, "en")
        assert statement.line("oci_cta").amounts == (None, None, None, None, 110_00)
        assert statement.line("comprehensive-income").amounts[:-1] == (None,) * 4


class TestBoth:
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_sum_is_what_it_adds_less_what_it_takes(self, book: Book, lang: str):
        for statement in (balance_sheet(book, lang), income_statement(book, lang)):
            for line in statement.lines:
                for column, amount in enumerate(line.amounts):
                    if amount is None or not line.adds:
                        continue
                    parts = [statement.lines[place].amounts[column] or 0 for place in line.adds]
                    taken = [statement.lines[place].amounts[column] or 0 for place in line.less]
                    assert amount == sum(parts) - sum(taken), line.label

    def test_keys_are_the_same_in_every_language(self, book: Book):
        for make in (balance_sheet, income_statement):
            keys = {lang: [line.key for line in make(book, lang).lines] for lang in LANGUAGES}
            assert keys["en"] == keys["pt-BR"]

    def test_a_group_of_one_has_no_column_a_layer(self):
        """Nothing was eliminated: translation is all there is."""
        described = group()
        alone = replace(described, entities=described.entities[:1], interests=(), acquisitions=())
        engine = ConsolidationEngine(alone)
        engine.load_trial_balance(balance("H", "USD", {"1010": "5.00", "3000": "-5.00"}))
        sheet = balance_sheet(engine.consolidate("2025-01"), "en")
        assert sheet.layers == ()
        assert sheet.line("total-assets").amounts == (5_00,)
