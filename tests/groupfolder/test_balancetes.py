"""Balancetes of different accountants come out as the same balance, or say what is wrong."""

import hashlib
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monthclose.groupfolder.balancetes.gaps import NEEDED_FOR_GAPS, read_gaps
from monthclose.groupfolder.balancetes.grids import TableUnusable
from monthclose.groupfolder.balancetes.layouts import Layout, LayoutUnclear, propose
from monthclose.groupfolder.balancetes.reading import NEEDED, Balancete, Month, read_balancete
from monthclose.groupfolder.files import Document
from monthclose.ledger.balances import Basis
from monthclose.ledger.sources import SupplementUnbalanced

MONTH = Month("ALFA", "2025-06", "BRL")
POSTING = {"1.1.01": 100000, "1.1.02": 23456, "2.1": -40000, "3.1": -90000, "3.2": 6544}
"""Debit positive: 1,000.00 + 234.56 - 400.00 - 900.00 + 65.44 = 0."""

SIDES = """\
Alfa Software Ltda;;;;;
Balancete de verificação;;Período: 01/06/2025 a 30/06/2025;;;
;;;;;
Classificação;Descrição da Conta;Saldo Anterior;Débito;Crédito;Saldo Atual
1;ATIVO;1.000,00 D;300,00;65,44;1.234,56 D
1.1;CIRCULANTE;1.000,00 D;300,00;65,44;1.234,56 D
1.1.01;CAIXA;765,44 D;300,00;65,44;1.000,00 D
1.1.02;CLIENTES;234,56 D;0,00;0,00;234,56 D
2;PASSIVO;400,00 C;;;400,00 C
2.1;CAPITAL;400,00 C;;;400,00 C
3;RESULTADO;600,00 C;65,44;300,00;834,56 C
3.1;RECEITAS;600,00 C;;300,00;900,00 C
3.2;DESPESAS;0,00;65,44;;65,44 D
;TOTAL;;365,44;365,44;0,00
"""
MINUS = """\
conta,nome,saldo final
1,Ativo,1234.56
1.1,Circulante,1234.56
1.1.01,Caixa,1000.00
1.1.02,Clientes,234.56
2.1,Capital,-400.00
3.1,Receitas,(900.00)
3.2,Despesas,65.44
"""
COLUMN = """\
Código\tConta\tTipo\tSaldo Anterior\tD/C\tSaldo\tD/C
1\tAtivo\tS\t0,00\tD\t1.234,56\tD
1.1.01\tCaixa\tA\t0,00\tD\t1.000,00\tD
1.1.02\tClientes\tA\t0,00\tD\t234,56\tD
2.1\tCapital\tA\t0,00\tD\t400,00\tC
3.1\tReceitas\tA\t0,00\tD\t900,00\tC
3.2\tDespesas\tA\t0,00\tD\t65,44\tD
"""


def document(content: str | bytes, name: str = "jun.csv", encoding: str = "utf-8") -> Document:
    raw = content if isinstance(content, bytes) else content.encode(encoding)
    return Document(name, raw, hashlib.sha256(raw).hexdigest())


def workbook(rows: Sequence[Any], title: str = "Plan1") -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def read(doc: Document, *said: str) -> Balancete:
    return read_balancete(doc, propose(doc, said, NEEDED), MONTH)


def amounts(found: Balancete) -> dict[str, int]:
    return dict(zip(found.balance.accounts, found.balance.amounts.tolist(), strict=True))


def wrong(doc: Document, *said: str) -> list[tuple[int, str, str]]:
    with pytest.raises(TableUnusable) as told:
        read(doc, *said)
    assert told.value.message("pt-BR") != told.value.message("en")
    return [(each.row, each.column, each.code) for each in told.value.problems]


class TestForms:
    @pytest.mark.parametrize(
        "doc",
        [
            document(SIDES),
            document(SIDES, encoding="windows-1252"),
            document("\ufeff" + SIDES),
            document(MINUS),
            document(COLUMN),
            document(
                workbook(
                    [["Empresa Alfa"], [], ["Conta", "Nome", "Saldo Atual"]]
                    + [[code, "x", minor / 100] for code, minor in POSTING.items()]
                ),
                "jun.xlsx",
            ),
        ],
        ids=["sides", "windows", "mark", "minus", "column", "workbook"],
    )
    def test_every_form_gives_the_same_balance(self, doc: Document):
        found = read(doc)
        assert amounts(found) == POSTING
        assert found.balance.basis is Basis.IMPORTED_BALANCETE
        assert found.balance.source is not None
        assert found.balance.source.sha256 == doc.sha256

    def test_groups_and_totals_are_compared_and_not_loaded(self):
        found = read(document(SIDES))
        assert found.controls == 5
        assert {each.code for each in found.accounts if not each.posting} == {"1", "1.1", "2", "3"}
        parents = {each.code: each.parent for each in found.accounts}
        assert parents["1.1.01"] == "1.1"
        assert parents["2.1"] == "2"

    def test_openings_and_turnover_come_along(self):
        raw = read(document(SIDES)).balance
        assert raw.opening is not None
        assert raw.debit is not None
        assert raw.opening.tolist() == [76544, 23456, -40000, -60000, 0]
        assert raw.debit.tolist() == [30000, 0, 0, 0, 6544]

    def test_codes_without_points_and_unsigned_figures(self):
        text = "codigo;nome;saldo\n1;Ativo;10,00\n101;Caixa;10,00\n201;Capital;10,00\n"
        assert wrong(document(text)) == [(0, "", "balancete-no-signs")]
        assert amounts(read(document(text), "credits=2")) == {"101": 1000, "201": -1000}


class TestLayouts:
    def test_a_layout_is_remembered_as_it_was(self):
        layout = propose(document(SIDES), ("number=pt-BR",), NEEDED)
        assert Layout.from_json(layout.to_json()) == layout
        assert layout.header == 4
        assert layout.number == "pt-BR"

    def test_a_table_that_changed_is_not_read_by_the_old_layout(self):
        layout = propose(document(SIDES), (), NEEDED)
        moved = document(SIDES.replace("Débito;Crédito", "Crédito;Débito"))
        with pytest.raises(TableUnusable) as told:
            read_balancete(moved, layout, MONTH)
        assert {each.code for each in told.value.problems} == {"balancete-header"}

    def test_numbers_of_which_the_form_is_in_doubt_are_not_guessed(self):
        text = "conta;saldo\n1;1.234 D\n2;1.234 C\n"
        assert (0, "", "balancete-number-form") in wrong(document(text))
        assert amounts(read(document(text), "number=pt-BR")) == {"1": 123400, "2": -123400}

    def test_accounts_of_a_derived_balance_are_codes_too(self):
        text = "conta;saldo\nBANK:501;3,00\nAR;-1,00\nAP;-2,00\n"
        assert amounts(read(document(text))) == {"BANK:501": 300, "AR": -100, "AP": -200}

    def test_a_title_can_be_named(self):
        text = "rubrica;nome;valor\n1;a;-1,00\n2;b;1,00\n"
        assert wrong(document(text)) == [(0, "", "balancete-no-header")]
        with pytest.raises(TableUnusable, match="reads: rubrica, nome, valor"):
            propose(document(text), (), NEEDED)
        found = read(document(text), "account=Rubrica", "closing=Valor")
        assert amounts(found) == {"1": -100, "2": 100}

    @pytest.mark.parametrize("word", ["closing", "colour=red", "number=en", "header=x"])
    def test_what_says_nothing_is_refused(self, word: str):
        with pytest.raises(LayoutUnclear):
            propose(document(SIDES), (word,), NEEDED)


class TestMistakes:
    @pytest.mark.parametrize(
        ("was", "now", "told"),
        [
            ("1.000,00 D\n", "1.000,01 D\n", (7, "Saldo Atual", "balancete-row")),
            ("1;ATIVO;1.000,00 D", "1;ATIVO;1.000,01 D", (5, "Saldo Anterior", "balancete-group")),
            ("365,44;365,44", "365,44;365,45", (14, "Crédito", "balancete-total")),
            ("234,56 D;0,00", "234,56 D;x", (8, "Débito", "amount-unreadable-pt")),
            ("234,56 D;0,00", "234,56 D;0,001", (8, "Débito", "amount-decimals")),
            ("900,00 C", "-900,00 C", (12, "Saldo Atual", "balancete-two-signs")),
            ("1.1.02;CL", "1.1.01;CL", (8, "Classificação", "balancete-twice")),
            ("CLIENTES", "CLI\u200bENTES", (8, "Descrição da Conta", "text-unclean")),
        ],
    )
    def test_each_points_to_its_cell(self, was: str, now: str, told: tuple[int, str, str]):
        assert was in SIDES
        assert told in wrong(document(SIDES.replace(was, now, 1)))

    def test_balances_that_do_not_sum_to_nil(self):
        assert wrong(document(MINUS.replace("65.44", "65.45"))) == [(0, "", "balancete-unbalanced")]

    def test_files_that_are_none(self):
        assert wrong(document(b"\xd0\xcf\x11\xe0old"))[0][2] == "workbook-old"
        assert wrong(document(b"PK\x03\x04broken"))[0][2] == "workbook-unreadable"
        assert wrong(document(b"conta;saldo\n1;\x001\n"))[0][2] == "text-binary"
        assert wrong(document(b""))[0][2] == "table-empty"

    def test_a_cell_of_a_workbook_that_was_never_calculated(self):
        rows = [["Conta", "Nome", "Saldo"], ["1", "a", "=1+1"], ["2", "b", -2]]
        assert (2, "Saldo", "formula-uncalculated") in wrong(document(workbook(rows), "a.xlsx"))


class TestAnyBalance:
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=12),
        st.sampled_from(("sides", "minus", "brackets", "plain")),
    )
    def test_written_and_read(self, figures: list[int], form: str):
        figures = [*figures, -sum(figures)]
        lines = ["conta;nome;saldo", *(
            f"1.{place:02d};x;{_written(minor, form)}" for place, minor in enumerate(figures, 1)
        )]  # fmt: skip
        number = "plain" if form == "plain" else "pt-BR"
        if not any(figures):
            return
        found = read(document("\n".join(lines)), f"number={number}")
        assert list(amounts(found).values()) == figures


def _written(minor: int, form: str) -> str:
    whole, cents = divmod(abs(minor), 100)
    if form == "plain":
        return f"{'-' if minor < 0 else ''}{whole}.{cents:02d}"
    size = f"{whole:,}".replace(",", ".") + f",{cents:02d}"
    if form == "sides":
        return f"{size} {'D' if minor >= 0 else 'C'}"
    if minor >= 0:
        return size
    return f"-{size}" if form == "minus" else f"({size})"


GAPS = "conta;nome;débito;crédito;lacuna\n{}"
KNOWN = ("depreciation", "payroll", "equity")


def gaps(rows: str) -> Any:
    doc = document(GAPS.format(rows))
    return read_gaps(doc, propose(doc, ("number=pt-BR",), NEEDED_FOR_GAPS), MONTH, KNOWN)


class TestGaps:
    def test_lines_name_their_gap(self):
        found = gaps(
            "4.1;Depreciação;100,00;;depreciation\n1.9;Acumulada;;100,00;depreciation\n;;;;equity\n"
        )
        assert [(line.account, line.debit, line.credit) for line in found.lines] == [
            ("4.1", 10000, 0), ("1.9", 0, 10000),
        ]  # fmt: skip
        assert found.filled == {"depreciation", "equity"}

    def test_lines_that_do_not_balance(self):
        with pytest.raises(SupplementUnbalanced):
            gaps("4.1;x;100,00;;depreciation\n")

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("4.1;x;1,00;;rent\n", "gap-unknown"),
            ("4.1;x;1,00;1,00;payroll\n", "gap-both-sides"),
            ("4.1;x;-1,00;;payroll\n", "gap-negative"),
            ("4.1;x;1.0;;payroll\n", "amount-unreadable-pt"),
            (";x;1,00;;payroll\n", "cell-empty"),
        ],
    )
    def test_mistakes_point_to_their_row(self, row: str, code: str):
        with pytest.raises(TableUnusable) as told:
            gaps(row)
        assert (2, code) in [(each.row, each.code) for each in told.value.problems]
