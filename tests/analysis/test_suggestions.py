"""Where an account may belong, why, and what speaks against it."""

import csv
import io

import pytest

from monthclose.analysis.likeness import words
from monthclose.analysis.suggestions import (
    Doubt,
    Kind,
    Sibling,
    Unmapped,
    anchors,
    effect,
    suggest,
    todo,
)
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.sources import Nature, SourceAccount

CHART = chart_of(
    (
        Account("1010", "Caixa e bancos", AccountClass.ASSET, cash=True),
        Account("1020", "Aplicações financeiras", AccountClass.ASSET, cash=True),
        Account("1100", "Contas a receber de clientes", AccountClass.ASSET),
        Account("1150", "Partes relacionadas a receber", AccountClass.ASSET, intercompany="AR"),
        Account("1400", "Imobilizado", AccountClass.ASSET),
        Account("1410", "Depreciação acumulada", AccountClass.ASSET, contra=True),
        Account("2010", "Fornecedores", AccountClass.LIABILITY),
        Account("2020", "Salários e encargos", AccountClass.LIABILITY),
        Account("2150", "Partes relacionadas a pagar", AccountClass.LIABILITY, intercompany="AP"),
        Account("2200", "Empréstimos e financiamentos", AccountClass.LIABILITY),
        Account("3010", "Capital social", AccountClass.SHARE_CAPITAL),
        Account("3300", "Lucros acumulados", AccountClass.RETAINED_EARNINGS),
        Account("3400", "Ajustes de conversão", AccountClass.CTA),
        Account("4010", "Receita de assinaturas", AccountClass.INCOME),
        Account("4300", "Receitas financeiras", AccountClass.INCOME),
        Account("6020", "Salários de pesquisa", AccountClass.EXPENSE),
        Account("6030", "Gerais e administrativas", AccountClass.EXPENSE),
        Account("6040", "Depreciação e amortização", AccountClass.EXPENSE),
        Account("6100", "Despesas financeiras", AccountClass.EXPENSE),
    )
)


def best(code, name, amount=100_00, siblings=(), **facts):
    found = suggest(Unmapped(SourceAccount(code, name, **facts), amount), CHART, siblings)
    return found[0] if found else None


class TestSuggest:
    @pytest.mark.parametrize(
        ("name", "nature", "target"),
        [
            ("CAIXA E BANCOS", Nature.ASSET, "1010"),
            ("Clientes nacionais a receber", Nature.ASSET, "1100"),
            ("Fornecedor nacional", Nature.LIABILITY, "2010"),
            ("Encargos e salários a pagar", Nature.LIABILITY, "2020"),
            ("Financiamentos bancários", Nature.LIABILITY, "2200"),
            ("Receitas de assinatura", Nature.RESULT, "4010"),
            ("Depreciações", Nature.RESULT, "6040"),
        ],
    )
    def test_a_name_in_other_words_and_forms_finds_its_account(self, name, nature, target):
        found = best("9.1", name, nature=nature)
        assert found is not None
        assert found.target == target

    def test_the_nature_decides_what_is_possible_at_all(self):
        """Depreciation is an asset's contra account or an expense: the nature tells."""
        assert best("1", "Depreciação", -5_00, nature=Nature.ASSET).target == "1410"
        assert best("1", "Depreciação", 5_00, nature=Nature.RESULT).target == "6040"

    def test_a_category_without_a_line_is_never_a_result(self):
        for each in suggest(Unmapped(SourceAccount("CAT:2.10", "Despesas financeiras"), 1), CHART):
            assert CHART[each.target].kind not in (AccountClass.INCOME, AccountClass.EXPENSE)

    def test_the_referential_code_names_related_parties(self):
        found = best("1.1.2", "Valores diversos", referential="1.01.02.02.03", nature=Nature.ASSET)
        assert found.target == "1150"
        assert found.evidence[0].kind is Kind.REFERENTIAL

    def test_third_parties_never_go_to_related_ones(self):
        found = best("1.1", "Duplicatas", referential="1.01.02.02.01", nature=Nature.ASSET)
        assert found.target == "1100"

    @pytest.mark.parametrize(("kind", "target"), [("CC", "1010"), ("CA", "1020"), ("CE", "2200")])
    def test_the_kind_of_a_bank_account_decides(self, kind, target):
        assert best("BANK:1", "Itaú 123", line=kind, bank=True).target == target

    @pytest.mark.parametrize(
        ("name", "target"), [("Itaú 123", "1010"), ("CDB Bradesco", "1020"), ("Empréstimo", "2200")]
    )
    def test_a_bank_account_of_no_kind_is_taken_as_it_is_called(self, name, target):
        assert best("BANK:1", name, bank=True).target == target

    def test_the_name_of_the_standard_account_with_its_nature_and_side_is_sure(self):
        """0.85 for the name, and 0.40 of the rest for nature and side: 1 - 0.15 x 0.60 = 0.91."""
        found = best("2.1", "Fornecedores – Exterior", -1_00, nature=Nature.LIABILITY)
        assert (found.target, found.confidence, found.doubts) == ("2010", 0.91, ())

    @pytest.mark.parametrize(
        ("amount", "nature"), [(1_00, Nature.LIABILITY), (-1_00, Nature.UNKNOWN)]
    )
    def test_without_nature_or_on_the_other_side_it_is_not(self, amount, nature):
        assert best("2.1", "Fornecedores", amount, nature=nature).confidence < 0.9

    def test_a_word_of_the_trade_tells_what_no_name_does(self):
        found = best("5.1", "Tarifas bancárias", nature=Nature.RESULT)
        assert (found.target, found.evidence[0].kind) == ("6100", Kind.WORD)

    def test_an_account_of_another_company_whose_name_ends_so_is_evidence(self):
        sister = Sibling("BETA", "6.1", "Comerciais – Comissões de parceiros", "6030")
        found = best("5.1", "Comissões", siblings=[sister], nature=Nature.RESULT)
        assert (found.target, found.evidence[0].kind) == ("6030", Kind.SIBLING_ALIKE)

    def test_a_category_without_a_line_is_a_result_only_as_another_company_has_it(self):
        """And never without a person: it is doubted, however likely."""
        sister = Sibling("BETA", "CAT:7", "Viagens", "6030")
        found = best("CAT:9", "Viagens", siblings=[sister])
        assert (found.target, found.doubts) == ("6030", (Doubt.NO_LINE,))

    @pytest.mark.parametrize(
        ("code", "target"), [("AR", "1100"), ("AP:GROUP", "2150"), ("BANK_FEES", "6100")]
    )
    def test_accounts_we_name_ourselves_are_known(self, code, target):
        assert best(code, code).target == target

    def test_what_a_sister_company_does_comes_first(self):
        sister = Sibling("BETA", "9.1", "Provisão XPTO", "2200")
        found = best("9.1", "PROVISÃO XPTO", -1, [sister])
        assert (found.target, found.evidence[0].kind) == ("2200", Kind.SIBLING_SAME)
        assert found.confidence >= 0.9

    def test_what_speaks_against_it_is_said(self):
        sisters = [
            Sibling("BETA", "1", "Fornecedores", "2010"),
            Sibling("C", "7", "Fornecedores", "2200"),
        ]
        found = best("1", "Fornecedores", 500_00, sisters, nature=Nature.LIABILITY)
        assert Doubt.SIGN in found.doubts
        assert Doubt.OTHERS in found.doubts

    def test_what_a_close_computes_is_never_suggested(self):
        assert best("1", "Ajustes de conversão") is None

    def test_nothing_alike_is_no_suggestion(self):
        assert best("77", "Zzyzx") is None


class TestTodo:
    def test_the_largest_comes_first_and_what_is_mapped_or_nil_is_left_out(self):
        accounts = [SourceAccount("1", "Caixa"), SourceAccount("2", "Fornecedores")]
        found = todo(accounts, {"1": 10, "2": -900, "3": 50, "4": 0, "5": 7}, ["5"])
        assert [(each.account.code, each.amount) for each in found] == [
            ("2", -900),
            ("3", 50),
            ("1", 10),
        ]

    def test_the_money_is_shown_before_anything_is_accepted(self):
        """Cash 100.00, supplier -30.00, income -90.00; 20.00 stay: net assets +70.00."""
        open_ = [
            Unmapped(SourceAccount(code, code), amount)
            for code, amount in (("a", 100_00), ("b", -30_00), ("c", -90_00), ("d", 20_00))
        ]
        moved = effect(open_, {"a": "1010", "b": "2010", "c": "4010"}, CHART)
        assert moved.by_target == {"1010": 100_00, "2010": -30_00, "4010": -90_00}
        assert (moved.net_assets, moved.result, moved.left) == (70_00, 90_00, 20_00)


class TestWords:
    def test_accents_case_plural_and_small_words_do_not_count(self):
        assert words("Aplicações Financeiras") == words("APLICACAO FINANCEIRA")
        assert words("Contas a receber de clientes") == {"receber", "cliente"}

    def test_every_anchor_of_the_referential_chart_exists_in_it(self, shared):
        folder = shared / "data/rfb_referential_coa"
        codes = {
            row["code"]
            for name in ("l100_a_balance_sheet.csv", "l300_a_income_statement.csv")
            for row in csv.DictReader(io.StringIO((folder / name).read_text("utf-8")))
        }
        assert set(anchors()["referential"]) - codes == set()
