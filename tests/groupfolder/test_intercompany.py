"""Intercompany items of a folder: kinds, documents, tolerance, and a close with them."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.intercompany import Item, ItemKind
from monthclose.wiring.folders import consolidate_folder
from tests.groupfolder.folders import add, edit, places, put

FILE = "intercompany/2025-06.csv"
HEADER = "entity,partner,kind,account,reference,amount,document_currency,document_amount\n"


def items(folder: Path) -> tuple[Item, ...]:
    """The items of a folder."""
    return read_group(folder).group.items


def said(folder: Path, *lines: str) -> tuple[Item, ...]:
    """The items that some lines read as."""
    put(folder, FILE, HEADER + "\n".join(lines) + "\n")
    return items(folder)


class TestReading:
    def test_a_line_is_an_item_of_its_month(self, example):
        found = said(example, "HOLD,BETA,AR,1100,NF-1,300.00,USD,60.00")
        assert found == (
            Item(
                id="2025-06/HOLD/BETA/1100/NF-1",
                entity="HOLD",
                partner="BETA",
                kind=ItemKind.RECEIVABLE,
                account="1100",
                amount=300_00,
                reference="NF-1",
                document_currency="USD",
                document_amount=60_00,
                period="2025-06",
            ),
        )

    @pytest.mark.parametrize(
        ("kind", "account", "side"),
        [
            ("LOAN", "1100", "LOANR"),
            ("LOAN", "2000", "LOANP"),
            ("INTEREST", "4000", "INTINC"),
            ("INTEREST", "5000", "INTEXP"),
            ("DIVIDEND", "1100", "DIVR"),
            ("DIVIDEND", "2000", "DIVP"),
            ("AR", "2000", "AR"),
            ("EXP", "4000", "EXP"),
        ],
    )
    def test_the_side_follows_from_the_account_where_the_kind_has_two(
        self, example, kind, account, side
    ):
        assert said(example, f"HOLD,BETA,{kind},{account},,1.00,,")[0].kind == side

    @pytest.mark.parametrize(
        ("line", "column", "code"),
        [
            ("HOLD,BETA,AR,4000,,1.00,,", "account", "account-class"),
            ("HOLD,BETA,REV,1100,,1.00,,", "account", "account-class"),
            ("HOLD,BETA,LOAN,3000,,1.00,,", "account", "account-class"),
            ("HOLD,BETA,INTEREST,1100,,1.00,,", "account", "account-class"),
            ("HOLD,HOLD,AR,1100,,1.00,,", "partner", "partner-itself"),
            ("HOLD,GAMA,AR,1100,,1.00,,", "partner", "entity-unknown"),
            ("HOLD,BETA,AP,2000,,-1.00,USD,0.20", "document_amount", "document-sign"),
            ("HOLD,BETA,DIVR,1100,,1.00,,", "kind", "choice-unknown"),
        ],
    )
    def test_each_mistake_has_its_place(self, example, line, column, code):
        put(example, FILE, HEADER + line + "\n")
        assert places(example) == [(FILE, 2, column, code)]

    def test_a_document_without_a_currency_is_in_the_company_s(self, example):
        found = said(example, "HOLD,BETA,AR,1100,,1.00,,1.00")[0]
        assert (found.document_currency, found.document_amount) == ("BRL", 1_00)

    def test_a_document_in_the_company_s_currency_is_what_the_books_say(self, example):
        found = said(example, "HOLD,BETA,AR,1100,,1.00,BRL,")[0]
        assert found.document_amount == 1_00
        assert said(example, "HOLD,BETA,AR,1100,,1.00,USD,")[0].document_amount is None

    @pytest.mark.parametrize(
        ("written", "tolerance"), [('"0.5"', Fraction(1, 200)), ('"0"', Fraction(0))]
    )
    def test_the_tolerance_is_the_folder_s(self, example, written, tolerance):
        edit(example, "group.toml", "[group]", f"[policies]\nic_tolerance_pct = {written}\n[group]")
        assert read_group(example).group.tolerance == tolerance

    def test_a_tolerance_of_everything_is_refused(self, example):
        edit(example, "group.toml", "[group]", '[policies]\nic_tolerance_pct = "100"\n[group]')
        assert [each[3] for each in places(example)] == ["key-value"]

    def test_written_it_reads_back(self, example, tmp_path):
        found = said(
            example, "HOLD,BETA,LOAN,1100,,300.00,USD,60.00", "BETA,HOLD,LOAN,2000,X,-300.00,,"
        )
        read = read_group(example)
        both = tuple(replace(each, together="L") for each in found)
        group = replace(read.group, items=both, tolerance=Fraction(1, 200))
        write_group(tmp_path / "again", group, read.balances)
        again = read_group(tmp_path / "again").group
        assert (again.items, again.tolerance) == (both, Fraction(1, 200))


class TestClosing:
    """ALFA has 500.00 with BETA, all in reais; June closes at 5: 100.00 dollars."""

    @pytest.fixture
    def owing(self, example: Path) -> Path:
        """Of what BETA owes, 500.00 is owed to ALFA, on an account of its own each."""
        add(example, "chart.csv", "1150,Partes relacionadas,asset,")
        add(example, "chart.csv", "2150,Partes relacionadas a pagar,liability,")
        edit(example, "chart.csv", "class,role\n", "class,role,intercompany\n")
        text = (example / "chart.csv").read_text("utf-8").splitlines()
        kinds = {"1150": "AR", "2150": "AP"}
        lines = [f"{each},{kinds.get(each[:4], '')}" for each in text[1:]]
        put(example, "chart.csv", "\n".join([text[0], *lines]) + "\n")
        edit(example, "mappings.csv", "ALFA,1.1.02,1100", "ALFA,1.1.02,1150")
        edit(example, "balances/2025-06.csv", "BETA,2000,-700.00", "BETA,2000,-200.00")
        add(example, "balances/2025-06.csv", "BETA,2150,-500.00")
        return example

    def test_both_sides_leave_the_figures(self, owing):
        said(owing, "ALFA,BETA,AR,1150,NF-7,500.00,,", "BETA,ALFA,AP,2150,NF-7,-500.00,,")
        close = consolidate_folder(owing, "2025-06")
        assert [(each.amount_a, each.residual) for each in close.book.matches] == [(100_00, 0)]
        assert (close.book.figure("1150"), close.book.figure("2150")) == (0, 0)
        assert close.validation.blocking == ()
        assert close.unused == ()

    def test_one_side_alone_blocks(self, owing):
        said(owing, "ALFA,BETA,AR,1150,NF-7,500.00,,")
        close = consolidate_folder(owing, "2025-06")
        assert [(f.code, f.subject) for f in close.validation.blocking] == [
            ("intercompany-unmatched", "2025-06/ALFA/BETA/1150/NF-7"),
            ("intercompany-left", "2150"),
        ]
