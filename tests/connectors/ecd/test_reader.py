"""A file of the ECD read line by line: what it says, and every way in which it can be broken."""

import hashlib
import tracemalloc

import pytest

from bench.ecd import Made
from monthclose.connectors.ecd.problems import EcdUnusable
from monthclose.connectors.ecd.reader import read_ecd
from monthclose.connectors.ecd.writer import encoded
from monthclose.ledger.sources import Nature
from tests.connectors.ecd.made import (
    CNPJ,
    balances,
    by_account,
    changed,
    codes,
    counted,
    lines_of,
    mini,
    read,
    year,
)

BANK = "|I155|1.1||9000,00|D|1234,56|34,56|10200,00|D|"
RESULT = "|I155|3.1||5000,00|C|6200,00|1200,00|0,00|D|"


class TestRead:
    def test_company_chart_and_hash(self):
        books = read(mini())
        assert (books.cnpj, books.name, books.kind) == (CNPJ, "ALFA SISTEMAS LTDA", "G")
        assert (books.layout, books.referential, books.lines) == (9, "1", 25)
        assert books.sha256 == hashlib.sha256(b"".join(mini())).hexdigest()
        bank = books.accounts["1.1"]
        assert (bank.name, bank.nature, bank.parent) == ("BANCO ITAÚ", Nature.ASSET, "1")
        assert bank.referential == "1.01.01.02.01"
        assert not books.accounts["1"].posting

    def test_a_signature_behind_the_last_line_is_hashed_and_not_read(self):
        signature = b"SBRCAAEPDR0\x00\xff|I155|9|\r\n" * 50_000
        books = read(mini(), signature)
        assert books.lines == 25
        assert books.sha256 == hashlib.sha256(b"".join(mini()) + signature).hexdigest()

    def test_cost_centres_are_added_up(self):
        made = year(2, centres={"3.2": ("A", "B", "C"), "1.1": ("X", "Y")})
        plain = balances(read(lines_of(year(2))))
        split = balances(read(lines_of(made)))
        assert sum(line.startswith(b"|I155|3.2|") for line in lines_of(made)) == 6
        assert {p: by_account(raw) for p, raw in split.items()} == {
            p: by_account(raw) for p, raw in plain.items()
        }

    @pytest.mark.parametrize("layout", [7, 8, 9])
    def test_referential_codes_of_every_layout(self, layout: int):
        books = read(lines_of(year(1, layout=layout)))
        assert books.accounts["1.1"].referential == "1.01.01.02.01"
        assert books.referential == "1"

    def test_several_referential_codes_are_no_code(self):
        line = "|I051||1.01.01.02.01|"
        books = read(changed(mini(), line, "|I051|A|1.01.01.02.01|\n|I051|B|1.01.01.01.01|"))
        assert books.accounts["1.1"].referential == ""
        assert books.several_codes == {"1.1": ("1.01.01.01.01", "1.01.01.02.01")}

    def test_an_annex_of_any_length_is_passed_over(self):
        annex = b"|J801|001|" + b"A" * 300_000 + b"|J801FIM|\r\n"
        lines = [*mini()[:-2], annex, *mini()[-2:]]
        assert read(counted(lines)).lines == 26

    def test_an_indicator_beside_nil_says_nothing(self):
        assert codes(changed(mini(), RESULT, RESULT.replace("0,00|D|", "0,00||"))) == []

    def test_amounts_of_a_functional_currency(self):
        """The six further fields of I155, the two of I355: a tenth of the reais here."""
        lines = []
        for line in mini():
            fields = line.decode("latin-1").strip("|\r\n").split("|")
            if fields[0] == "0000":
                fields[18] = "S"
            if fields[0] in ("I155", "I355"):
                fields += [_tenth(field) for field in fields[3:]]
            lines.append(encoded(fields))
        in_dollars = balances(read(lines, functional=True), currency="USD")["2024-12"]
        assert by_account(in_dollars) == {"1.1": 102000, "2.3": -40000, "3.1": -62000}
        assert by_account(balances(read(lines))["2024-12"])["1.1"] == 1020000
        assert codes(mini(), functional=True) == [(1, "ecd-no-functional")]

    def test_characters_nobody_sees_are_taken_out_and_counted(self):
        lines = [line.replace(b"BANCO ITA", b"BANCO\x00\x9f ITA") for line in mini()]
        books = read(lines)
        assert books.accounts["1.1"].name == "BANCO ITAÚ"
        assert books.removed_characters == 2


def _tenth(field: str) -> str:
    if "," not in field:
        return field
    minor = int(field.replace(",", "")) // 10
    return f"{minor // 100},{minor % 100:02d}"


class TestFormerChart:
    def test_balances_carried_from_a_former_chart(self):
        """In February 1.1 becomes 1.9: I157 says where it came from."""
        assert codes(_renamed("|I157|1.1||560,00|D|")) == []
        found = balances(read(_renamed("|I157|1.1||560,00|D|")))
        assert by_account(found["2024-02"])["1.9"] == 62000

    def test_one_that_is_not_the_opening(self):
        told = codes(_renamed("|I157|1.1||559,99|D|"))
        assert [code for _, code in told] == [
            "ecd-continuity", "ecd-continuity", "ecd-carried",
        ]  # fmt: skip

    def test_none_at_all(self):
        told = codes(_renamed(""))
        assert [code for _, code in told] == ["ecd-continuity", "ecd-continuity"]


def _renamed(carried: str) -> list[bytes]:
    """Two months without entries, the second in a chart that calls the bank 1.9."""
    lines = lines_of(year(2, kind="B"))
    february = next(i for i, line in enumerate(lines) if line.startswith(b"|I150|01022024|"))
    fresh = []
    for place, line in enumerate(lines):
        renamed = place > february and line.startswith(b"|I155|1.1|")
        fresh.append(line.replace(b"|1.1|", b"|1.9|") if renamed else line)
        if renamed and carried:
            fresh.append(carried.encode() + b"\r\n")
        if line.startswith(b"|I050|") and b"|1.1|" in line:
            fresh.append(line.replace(b"|1.1|", b"|1.9|"))
    return counted(fresh)


class TestBroken:
    @pytest.mark.parametrize(
        ("was", "now", "row", "code"),
        [
            (BANK, BANK.replace("10200,00", "10200,01"), 18, "ecd-row"),
            (BANK, BANK.replace("1234,56", "1.234,56"), 18, "ecd-amount"),
            (BANK, BANK.replace("1234,56", "1234,567"), 18, "ecd-amount"),
            (BANK, BANK.replace("1234,56", "-1234,56"), 18, "ecd-amount"),
            (BANK, BANK.replace("9000,00|D", "9000,00|X"), 18, "ecd-side"),
            (BANK, BANK.replace("1.1", "1.7"), 18, "ecd-account-unknown"),
            (BANK, BANK.replace("1.1", "1"), 18, "ecd-account-group"),
            (BANK, f"{BANK}\n{BANK}", 19, "ecd-twice"),
            (BANK, BANK.replace("|34,56", ""), 18, "ecd-fields"),
            (BANK, BANK[1:-1], 18, "ecd-bars"),
            (BANK, BANK.replace("1234,56", f"{10**16},00"), 18, "ecd-amount-large"),
            ("|I150|01122024|31122024|", "|I150|01122024|32122024|", 17, "ecd-date"),
            ("|I150|01122024|31122024|", "|I150|01112024|31122024|", 17, "ecd-month-span"),
            ("|I350|31122024|", "|I350|30122024|", 21, "ecd-closing-day"),
            ("|I355|3.1||6200,00|C|", "|I355|2.3||6200,00|C|", 17, "ecd-result-nature"),
            ("|I010|G|9.00|", "|I010|G|6.00|", 6, "ecd-layout"),
            ("|I010|G|9.00|", "|I010|G|8.00|\n|I051||1|", 7, "ecd-order"),
            ("|I051||2.03.04.01.01|", "|I051|1||2.03.04.01.01|", 13, "ecd-fields"),
            ("|9999|25|", "|9999|24|", 25, "ecd-line-count"),
        ],
    )
    def test_each_mistake_has_its_line_and_its_sentence(
        self, was: str, now: str, row: int, code: str
    ):
        lines = _mended(was, now)
        assert (row, code) in codes(lines)
        with pytest.raises(EcdUnusable) as told:
            read(lines)
        for lang in ("en", "pt-BR"):
            assert str(row) in told.value.message(lang)

    def test_a_result_that_was_closed_without_a_word(self):
        lines = [line for line in mini() if not line.startswith((b"|I350|", b"|I355|"))]
        assert codes(counted(lines)) == [(17, "ecd-result-missing")]

    def test_a_result_that_is_said_to_be_closed_and_is_not(self):
        lines = lines_of(year(2))
        result = [encoded(("I350", "29022024")), encoded(("I355", "3.1", "", "200,00", "C"))]
        assert {code for _, code in codes(counted([*lines[:-1], *result, lines[-1]]))} == {
            "ecd-not-closed"
        }

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "ecd-cut"),
            (b"PK\x03\x04" + b"\0" * 100, "ecd-none"),
            (b"account;amount\r\n1;2\r\n", "ecd-none"),
            (b"|0000|017|0|01012024|31122024|X|\r\n|9999|2|\r\n", "ecd-none"),
            (b"\xef\xbb\xbf|0000|LECD|\r\n", "ecd-encoding"),
            (b"|0000|LECD|" + b"x" * 200_000, "ecd-line-long"),
            (b"".join(mini()[:18]), "ecd-cut"),
            (b"".join(mini()).decode("latin-1").encode("utf-8"), "ecd-encoding"),
        ],
    )
    def test_what_is_no_such_file(self, content: bytes, code: str):
        assert code in [code for _, code in codes([content])]

    def test_months_that_do_not_follow_each_other(self):
        lines = lines_of(year(3))
        first = next(i for i, line in enumerate(lines) if line.startswith(b"|I150|01022024|"))
        after = next(i for i, line in enumerate(lines) if line.startswith(b"|I150|01032024|"))
        assert codes(counted([*lines[:first], *lines[after:]]))[0][1] == "ecd-month-order"

    def test_a_month_that_does_not_open_as_the_one_before_closed(self):
        lines = [
            line.replace(b"|C|0,00|0,00|300,00|C|", b"|C|0,01|0,00|299,99|C|")
            if place < 30 and line.startswith(b"|I155|2.1|") else line
            for place, line in enumerate(lines_of(year(2)))
        ]  # fmt: skip
        told = codes(lines)
        assert "ecd-continuity" in [code for _, code in told]
        assert "ecd-closing-unbalanced" in [code for _, code in told]

    def test_entries_that_do_not_balance_or_are_of_another_amount(self):
        lines = lines_of(year(1))
        place = next(i for i, line in enumerate(lines) if line.startswith(b"|I250|3.1|"))
        cut = [*lines[:place], lines[place].replace(b"100,00", b"99,99"), *lines[place + 1 :]]
        assert codes(cut) == [(place - 1, "ecd-entry-unbalanced")]
        head = [*lines]
        head[place - 2] = head[place - 2].replace(b"|100,00|", b"|100,01|")
        assert codes(head) == [(place - 1, "ecd-entry-amount")]

    def test_a_file_full_of_mistakes_stops_early(self):
        broken = [*mini()[:18], *[b"|I155|9||x|D|y|z|0,00|D|\r\n"] * 10_000, *mini()[18:]]
        assert len(codes(broken)) == 200


def _mended(was: str, now: str) -> list[bytes]:
    lines = mini()
    place = [line.decode("latin-1").rstrip() for line in lines].index(was)
    fresh = [f"{line}\r\n".encode("latin-1") for line in now.split("\n")]
    lines = [*lines[:place], *fresh, *lines[place + 1 :]]
    return lines if was.startswith("|9999") else counted(lines)


class TestStreams:
    def test_memory_does_not_grow_with_the_file(self):
        """Eight megabytes of entries pass through less than four of memory: blocks of one."""
        stream = Made(50_000)
        tracemalloc.start()
        try:
            books = read_ecd(stream, "large.txt")  # type: ignore[arg-type]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert books.lines == 150_008
        assert stream.size > 8 * 10**6
        assert peak < 4 * 2**20
        assert books.months[0].entries["1"].debit == 50_000_00
