"""Files of every form: encodings, separators, quotes, limits."""

import pytest

from monthclose.groupfolder import read_group, tables
from monthclose.groupfolder.files import LARGEST_FILE
from tests.groupfolder.folders import edit, places, put

MAY = "balances/2025-05.csv"


class TestForms:
    def test_a_byte_order_mark_is_passed_over(self, example):
        content = (example / MAY).read_bytes()
        (example / MAY).write_bytes(b"\xef\xbb\xbf" + content)
        assert places(example) == []

    def test_semicolons_are_taken_when_the_header_has_no_comma(self, example):
        text = (example / "entities.csv").read_text("utf-8")
        put(example, "entities.csv", text.replace(",", ";"))
        assert places(example) == []

    def test_lines_may_end_as_on_windows(self, example):
        for file in (MAY, "entities.csv", "group.toml"):
            put(example, file, (example / file).read_text("utf-8").replace("\n", "\r\n"))
        assert places(example) == []

    def test_a_cell_may_hold_a_comma_a_quote_and_a_line_break(self, example):
        edit(example, "entities.csv", "Beta Dados", '"Beta ""Dados"", Ltda"')
        assert read_group(example).group.entities[2].name == 'Beta "Dados", Ltda'

    def test_rows_after_a_line_break_in_a_cell_keep_their_number(self, example):
        """The name of row 3 takes two lines of text; the mistake below it is in row 4 still."""
        edit(example, "entities.csv", "Alfa Software", '"Alfa\nSoftware"')
        edit(example, "entities.csv", "33444555000181", "1")
        assert places(example) == [("entities.csv", 4, "tax_id", "tax-id-wrong")]

    def test_columns_may_stand_in_any_order(self, example):
        put(example, "ownership.csv", "percent,investee,holder\n100,ALFA,HOLD\n80,BETA,HOLD\n")
        assert [each.share_e8 for each in read_group(example).group.interests] == [10**8, 8 * 10**7]

    def test_empty_ends_of_a_spreadsheet_are_left_out(self, example):
        put(example, "ownership.csv", "holder,investee,percent,,\nHOLD,ALFA,100,,\n,,,,\n")
        assert places(example) == []

    @pytest.mark.parametrize(
        ("content", "row", "offset"),
        [
            ("entity,account,closing\nHOLD,1000,1.00\nHOLD,Ágio,1.00\n".encode("cp1252"), 3, 43),
            (b"\xef\xbb\xbfentity\n\xff", 2, 10),
            ("entity,account\n".encode("utf-16"), 1, 0),
        ],
    )
    def test_another_encoding_is_refused_with_its_byte(self, example, content, row, offset):
        (example / MAY).write_bytes(content)
        with pytest.raises(Exception, match=f"byte {offset} is not UTF-8"):
            read_group(example)
        assert (MAY, row, "", "encoding") in places(example)

    @pytest.mark.parametrize("text", ["", "\n\n", ",,\n"])
    def test_a_table_without_a_header_is_refused(self, example, text):
        put(example, "rates.csv", text)
        assert places(example) == [("rates.csv", 0, "", "table-empty")]

    def test_a_table_of_a_header_alone_is_an_empty_one(self, example):
        put(example, "events.csv", "date,kind,entity,amount\n")
        assert read_group(example).group.dividends == ()

    def test_a_column_that_is_missing_is_named_and_the_others_are_read(self, example):
        put(example, "ownership.csv", "holder,percent\nHOLD,x\nGAMA,80\n")
        assert places(example) == [
            ("ownership.csv", 1, "investee", "column-missing"),
            ("ownership.csv", 2, "percent", "percent-unreadable"),
            ("ownership.csv", 3, "holder", "entity-unknown"),
        ]


class TestLimits:
    def test_a_file_may_not_be_larger_than_ten_mebibytes(self, example):
        text = "entity,account,closing,name\nHOLD,1000,0.00,"
        put(example, MAY, text + "x" * (LARGEST_FILE - len(text)))
        assert (MAY, 0, "", "file-too-large") not in places(example)
        put(example, MAY, text + "x" * (LARGEST_FILE - len(text) + 1))
        assert (MAY, 0, "", "file-too-large") in places(example)

    def test_a_hundred_thousand_rows_are_read_and_one_more_is_not(self, example):
        lines = "".join(f"HOLD,x{number},0.00\n" for number in range(tables.MOST_ROWS))
        put(example, MAY, "entity,account,closing\n" + lines)
        assert places(example) == []
        put(example, MAY, "entity,account,closing\n" + lines + "HOLD,y,0.00\n")
        assert places(example) == [(MAY, 0, "", "too-many-rows")]

    def test_neither_are_more_than_256_columns(self, example):
        header = ",".join(f"c{number}" for number in range(257))
        put(example, "events.csv", header + "\n")
        assert places(example) == [("events.csv", 0, "", "too-many-columns")]
