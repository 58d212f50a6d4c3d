"""The workbook as a file: its parts, its values, what it looks like, what it refuses."""

import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import ironcalc
import numpy as np
import pytest

from monthclose import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, Chart, chart_of
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity, Validation
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.reports import data_sheet
from monthclose.reports.excel import SHEETS, workbook_bytes, write_workbook
from monthclose.reports.identity import CloseIdentity
from monthclose.wording import LANGUAGES, say
from tests.conftest import Golden
from tests.reports.group import CHECKED, PRINTED, close, group
from tests.reports.reading import computed, formulas, minor, parts, table, values

NOTHING = Validation(())


@pytest.fixture(scope="module")
def closed() -> tuple[Book, Validation, CloseIdentity]:
    return close()


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def content(closed: tuple[Book, Validation, CloseIdentity], lang: str) -> bytes:
    book, validation, identity = closed
    return workbook_bytes(book, validation, lang=lang, close=identity)


def sheet_title(key: str, lang: str) -> str:
    return say(f"reports.sheet-{key}", lang)


def single(chart: Chart, *balances: tuple[str, dict[str, int]]) -> Book:
    """Close one month of companies that keep their books in the group's currency."""
    described = group()
    holding, other = described.entities[0], replace(described.entities[1], currency="USD")
    engine = ConsolidationEngine(
        replace(described, chart=chart, entities=(holding, other), acquisitions=())
    )
    for code, amounts in balances:
        column = np.array(list(amounts.values()), dtype=np.int64)
        engine.load_trial_balance(TrialBalance(code, "2025-01", "USD", tuple(amounts), column))
    return engine.consolidate("2025-01")


class TestParts:
    def test_are_as_expected(
        self, closed: tuple[Book, Validation, CloseIdentity], lang: str, golden: Golden
    ):
        """In English every part; in Portuguese what a language changes."""
        content = workbook_bytes(closed[0], CHECKED, lang=lang, close=PRINTED)
        golden(f"{lang}/parts.txt", "\n".join(sorted(parts(content))) + "\n")
        changing = {"docProps/core.xml", "xl/sharedStrings.xml", "xl/workbook.xml"}
        for name, part in parts(content).items():
            if lang == "en" or name in changing:
                golden(f"{lang}/{name.replace('/', '_')}", part)

    def test_hold_no_link_macro_or_merged_cell(self, content: bytes):
        names = set(parts(content))
        assert not [n for n in names if re.search(r"externalLink|vba|drawing|hyperlink", n)]
        assert not [n for n, part in parts(content).items() if "mergeCell" in part]
        assert not [n for n, part in parts(content).items() if "<hyperlink" in part]

    def test_use_a_short_list_of_functions_none_of_them_volatile(self, content: bytes):
        found = re.findall(r"<f>(.*?)</f>", "".join(parts(content).values()))
        used = {name for formula in found for name in re.findall(r"([A-Z]+)\(", formula)}
        assert used == {"SUMIFS", "SUM", "ROUND", "ABS", "IF", "COUNTIF"}

    def test_every_formula_has_its_value_beside_it(self, content: bytes):
        joined = "".join(parts(content).values())
        assert joined.count("</f>\n<v>") == joined.count("<f>") > 300
        assert "</f>\n<v></v>" not in joined

    def test_bear_no_time_but_the_last_day_of_the_period(self, content: bytes):
        with ZipFile(BytesIO(content)) as packed:
            assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = parts(content)["docProps/core.xml"]
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2025-01-31T00:00:00Z"}

    def test_name_language_close_and_hash(
        self, content: bytes, lang: str, closed: tuple[Book, Validation, CloseIdentity]
    ):
        core = parts(content)["docProps/core.xml"]
        assert f"<dc:language>{lang}</dc:language>" in core
        assert closed[0].digest in core
        assert "2025-01@1" in core
        assert "Hand &amp; Sons" in core

    def test_amounts_are_decimals_as_the_ledger_has_them(self):
        """8,999,999,999,999.99 has no exact float; its text has all fifteen digits."""
        chart = chart_of(
            (
                Account("1", "One", AccountClass.ASSET),
                Account("3", "Three", AccountClass.SHARE_CAPITAL),
            )
        )
        big = 899_999_999_999_999
        book = single(chart, ("H", {"1": big, "3": -big}), ("S", {"1": 0, "3": 0}))
        data = list(parts(workbook_bytes(book, NOTHING, lang="en")).values())
        assert any("<v>8999999999999.99</v>" in part for part in data)
        assert not any("8999999999999.991" in part or "E+" in part for part in data)


class TestSheets:
    def test_stand_in_order_and_the_governed_one_is_hidden(self, content: bytes, lang: str):
        book = values(content)
        assert book.sheetnames == [*(sheet_title(key, lang) for key in SHEETS), "_data"]
        assert [s.sheet_state for s in book.worksheets] == ["visible"] * len(SHEETS) + ["hidden"]

    def test_are_found_by_keys_that_do_not_translate(self, content: bytes, lang: str):
        names = values(content).defined_names
        for key in SHEETS:
            where = names["sheet_" + key.replace("-", "_")].attr_text
            assert where == f"'{sheet_title(key, lang)}'!$B$1"

    def test_repeat_the_one_control_in_their_headers(self, content: bytes):
        written = formulas(content)
        shown = values(content)
        for sheet in written.worksheets[:-1]:
            assert sheet["B3"].value.endswith("&master_check")
            assert shown[sheet.title]["B3"].value.endswith(" OK")

    def test_scroll_below_their_header_without_gridlines(self, content: bytes):
        for sheet in formulas(content).worksheets[:-1]:
            assert sheet.freeze_panes is not None
            assert not sheet.sheet_view.showGridLines

    def test_print_on_a4_landscape_with_header_and_hash_on_every_page(
        self, content: bytes, closed: tuple[Book, Validation, CloseIdentity]
    ):
        for sheet in formulas(content).worksheets[:-1]:
            assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert sheet.page_setup.fitToWidth in (None, 1)
            assert sheet.print_title_rows.startswith("$1:$")
            assert sheet.oddFooter.left.text.strip().replace("&&", "&") == sheet.title
            assert closed[0].digest in sheet.oddFooter.center.text
            assert "2025-01@1" in sheet.oddFooter.center.text
            assert "&P" in sheet.oddFooter.right.text

    def test_many_companies_take_several_pages_across(self):
        described = group()
        more = tuple(
            replace(described.entities[0], code=f"H{n}", method=described.entities[1].method)
            for n in range(20)
        )
        interests = tuple(replace(described.interests[0], investee=each.code) for each in more)
        engine = ConsolidationEngine(
            replace(
                described,
                entities=(described.entities[0], *more),
                interests=interests,
                acquisitions=(),
            )
        )
        for each in ("H", *(entity.code for entity in more)):
            engine.load_trial_balance(
                TrialBalance(
                    each, "2025-01", "USD", ("1010", "3000"), np.array([100, -100], dtype=np.int64)
                )
            )
        content = workbook_bytes(engine.consolidate("2025-01"), NOTHING, lang="en")
        read = formulas(content)
        assert read["By Entity"].page_setup.fitToWidth > 1
        assert read["By Entity"].print_title_cols == "$B:$C"
        assert read["Summary"].page_setup.fitToWidth in (None, 1)
        # the first page names the largest, and adds the others up
        rows = table(values(content)["Summary"])
        assert rows["Other companies (2)"][1:4] == [2, 2, 0]
        assert rows["Sum before eliminations"][1:4] == [21, 21, 0]


class TestFigures:
    def test_of_the_trial_balance_are_the_layers(
        self, content: bytes, lang: str, closed: tuple[Book, Validation, CloseIdentity]
    ):
        book = closed[0]
        rows = table(values(content)[sheet_title("trial-balance", lang)])
        for place, account in enumerate(book.chart.accounts):
            if not book.layers[place].any():
                continue
            row = [minor(each) for each in rows[account.code][2 : 3 + len(GROUP_LAYERS)]]
            assert row == [*book.layers[place].tolist(), int(book.consolidated[place])]
        assert [minor(each) for each in rows[say("reports.sum", lang)][2:9]] == [0] * 7

    def test_by_company_foot_across_and_down(
        self, content: bytes, lang: str, closed: tuple[Book, Validation, CloseIdentity]
    ):
        """Companies, their sum, eliminations, PPA, outsiders, group: seven columns here."""
        book = closed[0]
        rows = table(values(content)[sheet_title("by-entity", lang)])
        down = [0] * 7
        for place, account in enumerate(book.chart.accounts):
            if account.code not in rows:
                assert not book.layers[place].any()
                continue
            row = [minor(each) for each in rows[account.code][1:8]]
            assert row[:2] == book.entity_amounts[:, place].tolist()
            assert row[2] == sum(row[:2])
            assert row[6] == sum(row[2:6]) == int(book.consolidated[place])
            down = [a + b for a, b in zip(down, row, strict=True)]
        assert down == [0] * 7 == [minor(each) for each in rows[say("reports.sum", lang)][1:8]]

    def test_of_the_statements_are_those_worked_by_hand(self, content: bytes, lang: str):
        """Assets 1,675.00; result 110.00, of it outsiders 10.00: see the statements' tests."""
        book = values(content)
        sheet = table(book[sheet_title("balance-sheet", lang)])
        income = table(book[sheet_title("income-statement", lang)])
        assert minor(sheet[say("reports.total-assets", lang)][5]) == 1_675_00
        assert minor(sheet[say("reports.total-claims", lang)][5]) == 1_675_00
        assert minor(sheet["3900"][5]) == 110_00
        assert minor(income["5000"][5]) == -100_00
        assert minor(income[say("reports.result", lang)][5]) == 110_00

    def test_of_rates_are_the_quotes_used_and_the_proof_of_the_cta(self, content: bytes, lang: str):
        """CTA 100.00 = 2,000.00 x (1/4 - 1/5) + 200.00 x (1/4 - 1/4); nothing is left over."""
        sheet = values(content)[sheet_title("fx-rates", lang)]
        cells = [list(row) for row in sheet.iter_rows(values_only=True)]
        quotes = [row for row in cells if row[1] == "USD/BRL"]
        assert [row[5] for row in quotes] == [4, 4, 5]
        (rolled,) = [row for row in cells if row[1] == "S" and row[9] == "OK"]
        assert rolled[3:8] == [0, 100, 100, 100, 0]
        (goodwill,) = [row for row in cells if row[1] == "ACQ-S"]
        assert goodwill[3:6] == [0, 10, 10]
        (causes,) = [row for row in cells if row[1] == "S" and row[9] != "OK"]
        assert causes[3:7] == [100, 0, 100, 0]

    def test_of_the_entries_have_a_reason_and_two_equal_sides(
        self, content: bytes, lang: str, closed: tuple[Book, Validation, CloseIdentity]
    ):
        rows = table(values(content)[sheet_title("eliminations", lang)])
        for entry in closed[0].entries:
            assert "Sons do Brasil Ltda." in rows[entry.id][0]
            assert rows[entry.id][5] == entry.standard
        lines = [line.amount for entry in closed[0].entries for line in entry.lines]
        side = sum(amount for amount in lines if amount > 0)
        assert [minor(each) for each in rows[say("reports.sum", lang)][2:4]] == [side, side]

    def test_of_the_trail_are_the_engine_s_steps(
        self, content: bytes, lang: str, closed: tuple[Book, Validation, CloseIdentity]
    ):
        rows = table(values(content)[sheet_title("audit-log", lang)])
        trail = closed[2].trail
        assert [rows[str(n)][3:5] for n in range(1, len(trail) + 1)] == [
            [step.inputs, step.outputs] for step in trail
        ]


class TestRecalculation:
    def test_gives_every_value_that_stands_beside_a_formula(
        self, content: bytes, lang: str, tmp_path: Path
    ):
        file = tmp_path / "close.xlsx"
        file.write_bytes(content)
        cells = list(computed(file))
        assert len(cells) > 300
        assert [cell for cell in cells if not cell.same] == []

    def test_keeps_codes_apart_that_look_like_numbers_patterns_or_comparisons(self, tmp_path: Path):
        """A criterion `1.1` would also find `1.10`, `1*` every one of them, `>0` all."""
        codes = ["1.1", "1.10", "1.100", "01.1", "1*", "?", ">0", "<>", "", "1E2", "100", "=1"]
        amounts = {code: 10**place for place, code in enumerate(codes)}
        accounts = tuple(Account(code, f"Account {code}", AccountClass.ASSET) for code in codes)
        chart = chart_of((*accounts, Account("c", "Capital", AccountClass.SHARE_CAPITAL)))
        book = single(
            chart,
            ("H", {**amounts, "c": -sum(amounts.values())}),
            ("S", dict.fromkeys(("1.1", "c"), 0)),
        )
        file = tmp_path / "close.xlsx"
        write_workbook(book, NOTHING, file, lang="en")
        assert [cell for cell in computed(file) if not cell.same] == []

    def test_keeps_lines_apart_that_share_a_code(
        self, closed: tuple[Book, Validation, CloseIdentity], tmp_path: Path
    ):
        """
        A chart may call its accounts what the statements call their totals.

        Cash and payables print on a line `total-assets`, revenue on a line `result`: what
        they add up to is the same as ever.
        """
        lines = {"1010": "total-assets", "2010": "total-assets", "4000": "result"}
        accounts = tuple(
            replace(account, statement_line=lines.get(account.code, ""))
            for account in group().chart.accounts
        )
        book, validation, _ = close(replace(group(), chart=chart_of(accounts)))
        file = tmp_path / "close.xlsx"
        write_workbook(book, validation, file, lang="en")
        assert [cell for cell in computed(file) if not cell.same] == []
        shown, plain = (
            table(values(each)["Summary"], first=5)
            for each in (file.read_bytes(), workbook_bytes(*closed[:2], lang="en"))
        )
        for label in ("Total assets", "Result", "Comprehensive income"):
            assert shown[label][1] == plain[label][1]

    def test_a_sheet_that_somebody_changed_shows_it(
        self, closed: tuple[Book, Validation, CloseIdentity], tmp_path: Path
    ):
        """A cent more on one governed figure, and every header says ERROR."""
        file = tmp_path / "close.xlsx"
        write_workbook(closed[0], closed[1], file, lang="en", close=closed[2])
        model = ironcalc.load_from_xlsx(str(file))
        data = formulas(file.read_bytes())["_data"]
        column = next(c.column for c in data[1] if c.value == "closed_translation")
        total = next(c.column for c in data[1] if c.value == "closed_total")
        for each in (column, total):
            value = data.cell(2, each).value
            model.set_user_input(len(SHEETS), 2, each, str(value + 0.01))
        model.evaluate()
        assert {model.get_cell_value(n, 3, 2) for n in range(len(SHEETS))} == {"Checks: ERROR"}


class TestCurrencies:
    def test_one_without_hundredths_is_written_without_them(self, tmp_path: Path):
        """100 yen are 100, not 1.00."""
        chart = chart_of(
            (
                Account("1", "One", AccountClass.ASSET),
                Account("3", "Three", AccountClass.SHARE_CAPITAL),
            )
        )
        described = replace(group(), chart=chart, presentation="JPY", acquisitions=())
        holding = replace(described.entities[0], currency="JPY")
        engine = ConsolidationEngine(replace(described, entities=(holding,), interests=()))
        column = np.array([100, -100], dtype=np.int64)
        engine.load_trial_balance(TrialBalance("H", "2025-01", "JPY", ("1", "3"), column))
        file = tmp_path / "yen.xlsx"
        write_workbook(engine.consolidate("2025-01"), NOTHING, file, lang="en")
        cell = values(file.read_bytes())["Balance Sheet"]["D7"]
        assert (cell.value, cell.number_format) == (100, '#,##0_);(#,##0);"–"_)')
        assert [each for each in computed(file) if not each.same] == []


class TestControls:
    def test_a_blocking_finding_turns_the_one_control(
        self, closed: tuple[Book, Validation, CloseIdentity], lang: str
    ):
        finding = Finding("V3", "balance-sheet-open", Severity.BLOCKING, "HS", 1, 2, "USD")
        result = CheckResult("V3", Severity.BLOCKING, 5, 1, 3, 1, "USD", (finding,))
        content = workbook_bytes(closed[0], Validation((result,)), lang=lang)
        shown = values(content)
        word = say("reports.error", lang)
        assert shown[sheet_title("summary", lang)]["B3"].value.endswith(" " + word)
        row = table(shown[sheet_title("checks", lang)])["V3"]
        assert row[1:5] == [0, 0.01, 0.01, word]
        assert finding.said(lang) in {c.value for c in shown[sheet_title("checks", lang)]["C"]}

    def test_a_warning_does_not(self, closed: tuple[Book, Validation, CloseIdentity]):
        finding = Finding("W4", "cash-negative", Severity.WARNING, "1010", 0, -5, "USD")
        result = CheckResult("W4", Severity.WARNING, 0, 9, 9, 1, "", (finding,))
        shown = values(workbook_bytes(closed[0], Validation((result,)), lang="en"))
        assert table(shown["Checks"])["W4"][4] == "WARNING"
        assert shown["Summary"]["B3"].value == "Checks: OK"

    def test_figures_beyond_fifteen_digits_are_counted_not_hidden(self):
        """9,000,000,000,000.00 twice is 18 trillion: sixteen digits with its cents."""
        chart = chart_of(
            (
                Account("1", "One", AccountClass.ASSET),
                Account("3", "Three", AccountClass.SHARE_CAPITAL),
            )
        )
        big = 900_000_000_000_000
        book = single(chart, ("H", {"1": big, "3": -big}), ("S", {"1": big, "3": -big}))
        shown = values(workbook_bytes(book, NOTHING, lang="en"))
        rows = table(shown["Checks"])
        (digits,) = [row for row in rows.values() if row[0] == say("reports.tie-digits")]
        assert digits[2] > 0
        assert digits[4] == "ERROR"
        assert shown["Summary"]["B3"].value == "Checks: ERROR"


class TestTextFromOutside:
    CORPUS = (
        "=1+1", "+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", "\uff1d1+1",
        '=HYPERLINK("http://x.invalid","y")', "=cmd|' /C calc'!A0", "{=1+1}", "<r>&</r>",
        "<r><t>x</t></r>", "</t></si>", "_x0041_", "http://x.invalid", "mailto:x@x.invalid",
        "internal:Sheet!A1", "]]>", "\ud800", "a" * 40_000, "&amp;", "😀",
    )  # fmt: skip

    @pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
    def test_never_becomes_a_formula_or_a_link_and_never_breaks_the_file(
        self, text: str, closed: tuple[Book, Validation, CloseIdentity]
    ):
        described = replace(
            group(dict.fromkeys(("1010", "4000"), text), H=text, S=text), name=text, framework=text
        )
        book, validation, _ = close(described)
        identity = CloseIdentity(text, book.digest)
        told = workbook_bytes(book, validation, lang="en", close=identity)
        plain = workbook_bytes(*closed[:2], lang="en", close=CloseIdentity("", book.digest))
        for name, part in parts(told).items():
            assert part.count("<f>") == parts(plain)[name].count("<f>")
            assert "<hyperlink" not in part
        shown = formulas(told)
        for sheet in shown.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "s" and isinstance(cell.value, str):
                        assert not cell.value.startswith(
                            tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
                        )


class TestDeterminism:
    SCRIPT = (
        "from hashlib import sha256; from pathlib import Path; "
        "from tests.reports.group import close; "
        "from monthclose.reports.excel import write_workbook; "
        "book, validation, identity = close(); "
        "write_workbook(book, validation, Path('it.xlsx'), lang='pt-BR', close=identity); "
        "print(sha256(Path('it.xlsx').read_bytes()).hexdigest())"
    )

    @pytest.mark.parametrize(
        ("zone", "language", "seed"),
        [("Asia/Tokyo", "pt_BR.UTF-8", "1"), ("America/Sao_Paulo", "C", "4242")],
    )
    def test_the_same_close_gives_the_same_bytes_anywhere(
        self,
        zone: str,
        language: str,
        seed: str,
        tmp_path: Path,
        closed: tuple[Book, Validation, CloseIdentity],
    ):
        root = Path(__file__).resolve().parents[2]
        environment = {
            "TZ": zone,
            "LANG": language,
            "LC_ALL": language,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(root),
        }
        done = subprocess.run(
            [sys.executable, "-c", self.SCRIPT],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        here = workbook_bytes(closed[0], closed[1], lang="pt-BR", close=closed[2])
        assert done.stdout.strip() == sha256(here).hexdigest()


class TestWriting:
    def test_replaces_an_older_file_whole(
        self, closed: tuple[Book, Validation, CloseIdentity], tmp_path: Path
    ):
        file = tmp_path / "close.xlsx"
        file.write_bytes(b"older")
        write_workbook(closed[0], closed[1], file, lang="en", close=closed[2])
        assert file.read_bytes()[:2] == b"PK"
        assert list(tmp_path.iterdir()) == [file]

    def test_leaves_the_older_file_when_the_move_fails(
        self,
        closed: tuple[Book, Validation, CloseIdentity],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ):
        file = tmp_path / "close.xlsx"
        file.write_bytes(b"older")

        def refuse(self: Path, target: Path) -> Path:
            raise PermissionError(target)

        monkeypatch.setattr(Path, "replace", refuse)
        with pytest.raises(PermissionError):
            write_workbook(closed[0], closed[1], file, lang="en", close=closed[2])
        assert file.read_bytes() == b"older"
        assert list(tmp_path.iterdir()) == [file]

    def test_a_close_that_nobody_published_has_its_hash_and_no_version(
        self, closed: tuple[Book, Validation, CloseIdentity]
    ):
        shown = values(workbook_bytes(closed[0], closed[1], lang="en"))
        cells = {cell.value for row in shown["Summary"].iter_rows() for cell in row}
        assert {"not published", closed[0].digest} <= cells

    def test_titles_fit_a_spreadsheet_in_every_language(self, lang: str):
        titles = [sheet_title(key, lang) for key in SHEETS]
        assert len(set(titles)) == len(titles)
        assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in titles)
        assert "History" not in titles
        assert data_sheet.KEY not in titles
