"""A company that begins in mid-life: what it opens with, and January read from there."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from monthclose.connectors.ecd.writer import Entry, MadeBooks, write_ecd
from monthclose.connectors.errors import OpeningMissing
from monthclose.groupfolder.balancetes.grids import TableUnusable
from monthclose.ledger.cutover import CutOver, OpeningLine, OpeningsUnbalanced
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.sources import Nature, SourceAccount
from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.neighbors.wire import Neighbor
from monthclose.sandbox.server import Servers
from monthclose.store.connections import NewConnection
from monthclose.store.errors import NotGranted, PeriodClosed
from monthclose.store.openings import OpeningsInMidLife
from monthclose.wiring.build import Desk
from monthclose.wiring.imports import EcdAsked, import_ecd
from monthclose.wiring.openings import (
    OpeningsAccount,
    OpeningsAsked,
    OpeningsDate,
    OpeningsNone,
    import_openings,
)
from monthclose.wiring.settings import Settings
from tests.connectors.bling_case import COMPANY as BLING
from tests.connectors.fakes import FakeClock
from tests.connectors.test_omie import COMPANY
from tests.wiring.sourced import Place
from tests.wiring.test_sources import HAND

pytestmark = pytest.mark.server

CHART = (
    SourceAccount("1", "ATIVO", Nature.ASSET, posting=False),
    SourceAccount("1.1", "BANCO ITAÚ", Nature.ASSET, parent="1"),
    SourceAccount("1.2", "CLIENTES", Nature.ASSET, parent="1"),
    SourceAccount("2", "PASSIVO", Nature.LIABILITY, posting=False),
    SourceAccount("2.1", "FORNECEDORES", Nature.LIABILITY, parent="2"),
    SourceAccount("2.3", "CAPITAL", Nature.EQUITY, parent="2"),
    SourceAccount("2.4", "LUCROS ACUMULADOS", Nature.EQUITY, parent="2"),
    SourceAccount("3", "RESULTADO", Nature.RESULT, posting=False),
    SourceAccount("3.1", "RECEITA", Nature.RESULT, parent="3"),
)
DAY = date(2024, 12, 31)
BOOKS = MadeBooks(
    cnpj=COMPANY.cnpj,
    name=COMPANY.name,
    months=("2024-12",),
    accounts=CHART,
    openings={"1.1": 9_200_00, "1.2": 3_000_00, "2.1": -1_200_00, "2.3": -8_000_00,
              "2.4": -3_000_00},
    entries=(
        Entry(DAY, (("1.1", 800_00), ("3.1", -800_00))),
        Entry(DAY, (("3.1", 800_00), ("2.4", -800_00)), closes=True),
    ),
    results={"2024-12": {"3.1": -800_00}},
)  # fmt: skip
NAMES = ("1.1=BANK:501", "1.2=AR", "2.1=AP")
CUT_OVER = {
    **{code: amount for code, amount in HAND.items() if code not in ("CAPITAL", "RETAINED")},
    "2.3": -8_000_00,
    "2.4": -3_000_00,
    "RETAINED": -800_00,
}
"""January: 800.00 of December's result has gone to retained earnings."""

TABLE = """\
Conta;Descrição;Saldo Inicial;D/C
1;ATIVO;13.000,00;D
1.1;BANCO ITAÚ;10.000,00;D
1.2;CLIENTES;3.000,00;D
2;PASSIVO;13.000,00;C
2.1;FORNECEDORES;1.200,00;C
2.3;CAPITAL;8.000,00;C
2.4;LUCROS ACUMULADOS;3.800,00;C
"""


class Office(Place):
    """A house beside an Omie, and what people there import."""

    def __init__(self, home, database, folder: Path):
        super().__init__(home, database.engine, FakeClock())
        self.database, self.folder = database, folder

    def desk(self, who="manager"):
        house = self.house
        ((login,),) = house.ask("select login from users where id = :u", u=house.people[who])
        return Desk(house.settings, self.database, login, house.code)

    def ecd(self, books=BOOKS):
        path = self.folder / "ecd.txt"
        path.write_bytes(b"".join(write_ecd(books)))
        return import_ecd(self.desk(), EcdAsked(path, "ALFA"))

    def openings(self, text=None, *accounts, on="2024-12-31", who="manager", **facts):
        path = None
        if text is not None:
            path = self.folder / "saldos.csv"
            path.write_text(text, "utf-8")
        return import_openings(self.desk(who), OpeningsAsked(path, "ALFA", on, accounts, **facts))

    def balance(self, period="2025-01"):
        rows = self.house.ask(
            "select a.code, (t.closing * 100)::bigint from trial_balances t"
            " join entity_chart_of_accounts a"
            "   on a.entity_id = t.entity_id and a.number = t.account_number"
            " join etl_batches b on b.entity_id = t.entity_id and b.id = t.batch_id"
            "   and b.period = t.period"
            " where b.tenant_id = :t and b.period = :p and b.number = (select max(number)"
            "   from etl_batches where entity_id = b.entity_id and period = b.period"
            "    and kind = 'trial_balance') and b.erp = 'omie'",
            p=f"{period}-01",
        )
        return dict(rows)

    def names(self):
        return dict(
            self.house.ask(
                "select a.code, a.name from entity_chart_of_accounts a join portfolio_entities e"
                " on e.id = a.entity_id where e.tenant_id = :t and e.code = 'ALFA'"
            )
        )


@pytest.fixture
def office(home, database, tmp_path):
    with Office(home, database, tmp_path) as opened:
        opened.add()
        yield opened


class TestCutOver:
    def test_january_is_pulled_from_the_ecd_of_december(self, office):
        """Bank 10,000.00, receivables 3,000.00 and payables 1,200.00 are called as in Omie."""
        office.ecd()
        found = office.openings(None, *NAMES)
        assert (found.number, found.renamed, found.apart) == (1, 3, ("2.3", "2.4", "3.1"))
        done = office.pull()
        assert (done.outcome, done.failing) == (Outcome.TAKEN, ())
        assert office.balance() == CUT_OVER
        assert office.names()["2.4"] == "LUCROS ACUMULADOS"
        assert office.pull(period="2025-02").failing == ()
        assert office.pull().outcome is Outcome.STANDING

    def test_without_a_word_on_which_account_is_which_that_is_said(self, office):
        """The ECD serves as it is; but its bank and Omie's are two accounts then, and it shows."""
        office.ecd()
        done = office.pull()
        assert ("opening-of-another-chart", {"count": "6"}) in done.notes
        out = {tie.name for tie in done.failing}
        assert {"bank", "open_receivables", "open_payables"} <= out
        assert office.balance()["RETAINED"] == -800_00
        assert office.balance().get("3.1") is None
        office.openings(None, *NAMES)
        again = office.pull()
        assert (again.outcome, again.number, again.failing) == (Outcome.TAKEN, 2, ())
        assert office.balance() == CUT_OVER


class TestTable:
    def test_a_table_of_openings_is_shown_then_taken_then_known(self, office):
        shown = office.openings(TABLE, *NAMES)
        assert (shown.number, shown.remembered) == (0, False)
        taken = office.openings(TABLE, *NAMES, accept=True)
        assert (taken.number, taken.remembered) == (1, False)
        again = office.openings(TABLE, *NAMES)
        assert (again.number, again.remembered) == (1, True)
        done = office.pull()
        assert (done.outcome, done.failing) == (Outcome.TAKEN, ())
        assert office.balance() == {
            **{code: each for code, each in HAND.items() if code not in ("CAPITAL", "RETAINED")},
            "2.3": -8_000_00,
            "2.4": -3_800_00,
        }
        assert office.names()["2.3"] == "CAPITAL"
        other = office.openings(TABLE, *NAMES[:2])
        assert (other.number, office.openings(TABLE, *NAMES).number) == (2, 3)

    def test_what_does_not_sum_to_nil_is_out_by_so_much(self, office):
        wrong = TABLE.replace("2.4;LUCROS ACUMULADOS;3.800,00", "2.4;LUCROS ACUMULADOS;3.790,00")
        with pytest.raises(TableUnusable) as refused:
            office.openings(wrong.replace("2;PASSIVO;13.000,00", "2;PASSIVO;12.990,00"))
        assert "out by BRL 10.00" in str([each.message("en") for each in refused.value.problems])
        with pytest.raises(OpeningsUnbalanced, match=r"out by BRL 10\.00"):
            CutOver("ALFA", "2025-01", "BRL", (OpeningLine("AR", "", 10_00),))

    def test_the_day_is_the_last_of_a_month_that_is_over(self, office):
        for on in ("2024-12-30", "2025-01-01", "31/12/2024", "2999-12-31"):
            with pytest.raises(OpeningsDate):
                office.openings(TABLE, on=on)

    @pytest.mark.parametrize("word", ["1.1", "9.9=AR", "1.1=BANK:", "1.1=1000", "1.1=CAT", "=AR"])
    def test_a_word_that_names_nothing_is_refused(self, office, word):
        with pytest.raises(OpeningsAccount):
            office.openings(TABLE, word)

    def test_two_accounts_may_be_one_in_the_source(self, office):
        split = TABLE.replace(
            "1.2;CLIENTES;3.000,00;D", "1.2;CLIENTES;2.000,00;D\n1.3;CH;1.000,00;D"
        )
        found = office.openings(split, *NAMES, "1.3=AR", store=False)
        assert {line.account: line.amount for line in found.given.lines}["AR"] == 3_000_00


class TestRefused:
    def test_a_month_with_nothing_to_build_on_says_what_to_do(self, office):
        error = office.pull(period="2025-06").error
        assert isinstance(error, OpeningMissing)
        assert "import openings" in error.message("en")
        assert "import openings" in error.message("pt-BR")

    def test_no_month_of_the_source_is_cut_in_two(self, office):
        office.pull()
        with pytest.raises(OpeningsInMidLife):
            office.openings(TABLE, *NAMES, on="2025-01-31")

    def test_there_has_to_be_a_balance_to_take_them_from(self, office):
        with pytest.raises(OpeningsNone):
            office.openings(on="2023-12-31")

    def test_a_closed_month_keeps_what_it_opened_with(self, office):
        office.pull()
        office.house.lock("2024-12")
        office.house.lock("2025-01")
        with pytest.raises(PeriodClosed):
            office.openings(TABLE, *NAMES, accept=True)

    def test_who_does_not_write_the_company_loads_nothing(self, office):
        with pytest.raises(NotGranted):
            office.openings(TABLE, *NAMES, who="reader", accept=True)
        assert office.house.ask("select from etl_batches where tenant_id = :t"
                                " and kind = 'openings'") == []  # fmt: skip

    def test_a_company_whose_openings_are_not_all_its_own_is_whole(self, office):
        """The chart of the books is not written over by what Omie calls its accounts."""
        office.ecd(replace(BOOKS, accounts=CHART))
        office.openings(None, *NAMES)
        office.pull()
        assert office.names()["3.1"] == "RECEITA"


class TestOtherSources:
    """What the company opened 2025 with, 250.00 more in the bank and in capital than stood."""

    @pytest.mark.parametrize("erp", ["bling", "contaazul"])
    def test_every_source_without_a_ledger_begins_with_them(self, home, database, tmp_path, erp):
        client = {"client_id": "client", "client_secret": "s3cr3t"}
        if erp == "bling":
            bling = Bling({"ALFA": BLING})
            stand: Neighbor = bling
            held = bling.tokens.secrets("ALFA")
        else:
            named = (client["client_id"], client["client_secret"])
            azul = ContaAzul({"ALFA": COMPANY}, client=named)
            stand = azul
            held = {**client, "refresh_token": str(azul.tokens("ALFA")["refresh_token"])}
        with Office(home, database, tmp_path) as office, Servers({erp: stand}) as servers:
            office.house.clock = None
            office.house.settings = Settings(home=home, egress_test_allow=servers.address(erp))
            sources = office.house.sources("operator")
            made = sources.add(NewConnection("ALFA", erp, "ALFA", servers.url(erp)), client)
            sources.files.put(made.secret_name, held)
            more = TABLE.replace("10.000,00", "10.250,00").replace("8.000,00", "8.250,00")
            more = more.replace("13.000,00", "13.250,00")
            office.openings(more, *NAMES, accept=True)
            done = office.pull()
            assert done.error is None
            ((opened,),) = office.house.ask(
                "select (t.opening * 100)::bigint from trial_balances t"
                " join entity_chart_of_accounts a"
                "   on a.entity_id = t.entity_id and a.number = t.account_number"
                " join etl_batches b on b.entity_id = t.entity_id and b.id = t.batch_id"
                " where b.tenant_id = :t and b.erp = :e and a.code = 'BANK:501'",
                e=erp,
            )
            assert opened == 10_250_00
