"""Balances before closing entries out of books after them."""

import csv
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monthclose.connectors.ecd.balances import Wanted, extracts
from monthclose.connectors.ecd.continuity import continuity
from monthclose.connectors.ecd.problems import EcdClosingAccountUnknown, EcdMonthMissing
from monthclose.connectors.ecd.writer import Entry, MadeBooks
from monthclose.ledger.balances import Basis
from monthclose.ledger.sources import Nature, SourceAccount
from tests.connectors.ecd.made import (
    CHART,
    CNPJ,
    SHARED,
    balances,
    by_account,
    changed,
    counted,
    lines_of,
    mini,
    read,
    year,
)


class TestDecember:
    def test_revenue_of_december_is_what_was_before_closing_less_november(self):
        """
        From balances before and after, by hand.

        3.1 opens at 5,000.00 C, closes at nil, and I355 says 6,200.00 C: December sold
        1,200.00. Equity loses the 6,200.00 that the closing put there: 4,000.00 C.
        """
        december = balances(read(mini()))["2024-12"]
        assert by_account(december) == {"1.1": 1020000, "2.3": -400000, "3.1": -620000}
        place = december.accounts.index("3.1")
        assert december.opening is not None
        assert december.opening[place] == -500000
        assert december.debit is not None
        assert december.debit[place] == 0
        assert december.credit is not None
        assert december.credit[place] == 120000
        assert december.basis is Basis.IMPORTED_ECD
        assert december.out_by == 0

    def test_the_account_that_took_the_result_is_named_when_only_its_amount_tells(self):
        (found,) = extracts(read(mini()), Wanted("ALF"))
        assert ("ecd-closing-account", {"account": "2.3", "period": "2024-12"}) in found.notes
        assert ("ecd-within-year", {"period": "2024-12"}) in found.notes

    def test_two_accounts_that_could_have_taken_it_stop_the_import(self):
        lines = changed(
            mini(),
            "|I155|2.3||4000,00|C|0,00|6200,00|10200,00|C|",
            "|I155|2.3||4000,00|C|0,00|6200,00|10200,00|C|\n"
            "|I155|2.4||0,00|D|6200,00|6200,00|0,00|D|",
        )
        chart = "|I050|01012020|03|A|2|2.3|2|LUCROS ACUMULADOS|"
        books = read(changed(lines, chart, f"{chart}\n{chart.replace('2.3', '2.4')}"))
        with pytest.raises(EcdClosingAccountUnknown) as told:
            extracts(books, Wanted("ALF"))
        assert told.value.facts["candidates"] == ("2.3", "2.4")
        # one that is named is taken
        (found,) = extracts(books, Wanted("ALF", retained="2.3"))
        assert by_account(found.balance)["2.3"] == -400000

    def test_entries_that_close_the_year_name_the_account_themselves(self):
        found = balances(read(lines_of(year(12))))
        assert by_account(found["2024-11"]) == {
            "1.1": 50000 + 11 * 6000, "2.1": -30000, "2.3": -20000,
            "3.1": -110000, "3.2": 44000,
        }  # fmt: skip
        assert by_account(found["2024-12"])["3.1"] == -120000
        assert by_account(found["2024-12"])["2.3"] == -20000


class TestQuarters:
    def test_results_go_on_over_quarterly_closings(self):
        """March closes 300.00 less 120.00; June is 600.00 less 240.00 since January."""
        found = balances(read(lines_of(year(6, quarterly=True))))
        assert {p: by_account(raw)["3.1"] for p, raw in found.items()} == {
            f"2024-0{month}": -10000 * month for month in range(1, 7)
        }
        assert {by_account(raw)["2.3"] for raw in found.values()} == {-20000}
        assert all(raw.out_by == 0 for raw in found.values())

    def test_without_entries_the_result_says_it_alone(self):
        with_entries = balances(read(lines_of(year(6, quarterly=True))))
        without = balances(read(lines_of(year(6, quarterly=True, kind="B"))), retained="2.3")
        assert {p: by_account(raw) for p, raw in without.items()} == {
            p: by_account(raw) for p, raw in with_entries.items()
        }

    def test_a_fiscal_year_that_ends_in_march_begins_again_in_april(self):
        found = balances(read(lines_of(year(6, quarterly=True))), year_end=3)
        assert by_account(found["2024-03"])["3.1"] == -30000
        assert by_account(found["2024-04"])["3.1"] == -10000
        assert by_account(found["2024-04"])["2.3"] == -20000 - 18000


class TestTieOuts:
    def test_turnover_that_no_entry_explains_is_named(self):
        lines = lines_of(year(1))
        place = next(i for i, line in enumerate(lines) if line.startswith(b"|I200|2|"))
        without = [*lines[:place], *lines[place + 3 :]]
        without[-1] = f"|9999|{len(without)}|\r\n".encode()
        (found,) = extracts(read(without), Wanted("ALF"))
        assert {(t.account, t.out_by) for t in found.tie_outs if t.name == "entries"} == {
            ("1.1", -4000), ("3.2", 4000),
        }  # fmt: skip

    def test_statements_filed_are_held_against_the_accounts(self):
        """The example of the official manual: every line of J100 and J150 is its account."""
        (found,) = extracts(read(lines_of(_manual())), Wanted("ALF"))
        filed = [each for each in found.tie_outs if each.name in ("position", "performance")]
        assert len(filed) == 25
        assert {each.out_by for each in filed} == {0}

    def test_a_statement_that_says_otherwise_is_named_by_its_line(self):
        """Line 4006 is 1,000.00 in the accounts; the statement filed says 1,001.00."""
        lines = [
            line.replace(b"|1000|D|", b"|1001|D|") if b"|4006|D|" in line else line
            for line in lines_of(_manual())
        ]
        (found,) = extracts(read(lines), Wanted("ALF"))
        wrong = [(each.name, each.account, each.out_by) for each in found.tie_outs if each.out_by]
        assert wrong == [("performance", "4006", -1_00)]


class TestPeriods:
    def test_only_the_months_asked_for(self):
        (found,) = extracts(read(lines_of(year(6, quarterly=True))), Wanted("ALF"), ["2024-05"])
        assert by_account(found.balance)["3.1"] == -50000

    def test_a_month_that_is_not_there_is_named(self):
        with pytest.raises(EcdMonthMissing) as told:
            extracts(read(lines_of(year(3))), Wanted("ALF"), ["2024-04"])
        assert "2024-01 to 2024-03" in str(told.value)


RESULTS = ("3.1", "3.2")


@st.composite
def made_books(draw: st.DrawFn) -> tuple[MadeBooks, dict[str, dict[str, int]]]:
    """Books, and what each month has to be before closing."""
    amounts = st.integers(1, 10**11)
    quarterly = draw(st.booleans())
    start = {"1.1": draw(amounts), "2.1": -draw(amounts)}
    start["2.3"] = -start["1.1"] - start["2.1"]
    state = dict.fromkeys(("1.1", "2.1", "2.3", *RESULTS), 0) | start
    open_result = dict.fromkeys(RESULTS, 0)
    entries: list[Entry] = []
    results: dict[str, dict[str, int]] = {}
    expected = {}
    last_days = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30}
    for month in range(1, 7):
        # each month sells more than all else moves: no result is back at nil by chance
        moves = [("1.1", "3.1", 10**13)]
        for _ in range(draw(st.integers(1, 3))):
            one, other = draw(st.permutations(sorted(state)))[:2]
            moves.append((one, other, draw(amounts)))
        for one, other, amount in moves:
            entries.append(Entry(date(2024, month, 5), ((one, amount), (other, -amount))))
            for account, moved in ((one, amount), (other, -amount)):
                state[account] += moved
                if account in RESULTS:
                    open_result[account] += moved
        expected[f"2024-0{month}"] = {code: amount for code, amount in state.items() if amount}
        if quarterly and month % 3 == 0 and any(open_result.values()):
            lines = [(code, -amount) for code, amount in open_result.items() if amount]
            lines.append(("2.3", sum(open_result.values())))
            closing = tuple((code, amount) for code, amount in lines if amount)
            entries.append(Entry(date(2024, month, last_days[month]), closing, closes=True))
            results[f"2024-0{month}"] = dict(open_result)
            open_result = dict.fromkeys(RESULTS, 0)
    months = tuple(expected)
    centres = {"3.2": ("A", "B", "C"), "1.1": ("X", "Y")} if draw(st.booleans()) else {}
    layout = draw(st.sampled_from((7, 8, 9)))
    made = MadeBooks(CNPJ, "ALFA", months, CHART, start, entries, results, centres, layout=layout)
    return made, expected


class TestWrittenAndRead:
    @settings(max_examples=60, deadline=None)
    @given(made_books())
    def test_books_written_come_back_to_the_cent(
        self, books: tuple[MadeBooks, dict[str, dict[str, int]]]
    ):
        made, expected = books
        found = balances(read(lines_of(made)))
        for period, amounts in expected.items():
            read_back = {code: a for code, a in by_account(found[period]).items() if a}
            assert read_back == amounts


def _manual() -> MadeBooks:
    """The manual's example as one year: opening, one entry, the closing, both statements."""
    folder = SHARED / "data" / "sped_ecd_example"
    chart, start, delta, results = [], {}, {}, {}
    statements: list[list[str]] = [["J005", "01122024", "31122024", "1", ""]]
    with (folder / "j100_balance_sheet.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            statements.append(["J100", *row.values()])
            if row["ind_cod_agl"] == "D":
                code = f"B{row['cod_agl']}"
                nature = Nature.ASSET if row["ind_grp_bal"] == "A" else Nature.EQUITY
                chart.append(SourceAccount(code, row["descr_cod_agl"], nature))
                start[code] = _signed(row, "ini")
                delta[code] = _signed(row, "fin") - start[code]
    with (folder / "j150_income_statement.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            statements.append(["J150", *row.values()])
            if row["ind_cod_agl"] == "D":
                code = f"R{row['cod_agl']}"
                chart.append(SourceAccount(code, row["descr_cod_agl"], Nature.RESULT))
                results[code] = _signed(row, "fin")
    result = sum(results.values())
    equity = chart[[each.nature for each in chart].index(Nature.EQUITY)].code
    lines = {code: amount for code, amount in (delta | results).items() if amount}
    lines[equity] = lines.get(equity, 0) - result
    closing = (*((code, -amount) for code, amount in results.items() if amount), (equity, result))
    entries = [
        Entry(date(2024, 12, 10), tuple((c, a) for c, a in lines.items() if a)),
        Entry(date(2024, 12, 31), closing, closes=True),
    ]
    return MadeBooks(
        CNPJ, "ALFA", ("2024-12",), tuple(chart), start, entries, {"2024-12": results},
        lines={each.code: each.code[1:] for each in chart}, statements=statements,
    )  # fmt: skip


def _signed(row: dict[str, str], end: str) -> int:
    amount = int(row[f"vl_cta_{end}"] or 0) * 100
    return amount if row[f"ind_dc_cta_{end}"] == "D" else -amount


class TestContinuity:
    def test_what_i157_carries_is_taken_along(self):
        """An account of the former chart closed at 500.00 stands on 1.1 now."""
        lines = lines_of(year(1))
        place = next(n for n, each in enumerate(lines) if each.startswith(b"|I155|1.1|"))
        lines = counted([*lines[: place + 1], b"|I157|9.1||500,00|D|\r\n", *lines[place + 1 :]])
        books = read(lines)
        (first,) = extracts(books, Wanted("ALF"))
        before = replace(
            first.balance, accounts=("9.1",), amounts=np.array([50000], dtype=np.int64),
            opening=None, debit=None, credit=None, partners=(),
        )  # fmt: skip
        ties = list(continuity(books, first, before))
        assert [(tie.account, tie.expected, tie.actual) for tie in ties] == [("1.1", 50000, 50000)]
        unsaid = read(lines_of(year(1)))
        (first,) = extracts(unsaid, Wanted("ALF"))
        assert [tie.out_by for tie in continuity(unsaid, first, before)] == [50000]
