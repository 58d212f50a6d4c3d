"""Interest and exchange differences between companies are no financing of the group."""

from pathlib import Path

import pytest

from monthclose.ledger.cash_flows import CashFlows, Own, Section
from monthclose.wiring.folders import FolderClose, consolidate_folder
from tests.equity_method.folders import change, settings, write
from tests.groupfolder.folders import add, put

CHART = """
code,name,class,role,cash,cash_flow
1010,Cash,asset,,yes,
1170,Loans given,asset,,,financing
1700,Investments,asset,,,investing
2070,Loans taken,liability,,,financing
3000,Capital,share_capital,,,
3300,Retained,retained_earnings,retained_earnings,,
4000,Revenue,income,,,
6100,Exchange differences and interest,expense,,,financing
6200,Interest earned,income,,,
6300,Interest of loans,income,,,financing
"""
LOAN = """
entity,partner,kind,account,reference,amount,document_currency,document_amount
P,S,LOAN,1170,L,100,USD,100
S,P,LOAN,2070,L,{},USD,-100
"""


def told(folder: Path) -> Path:
    """
    P lends S 100.00 dollars in January at 5 reais, 500.00; they are 600.00 at the end of February.

    S founded with 1,000.00 reais (200.00 dollars). Averages 5 and 5.5. S books the loss of
    100.00 reais where the chart says financing; nothing else happens.
    """
    return write(
        folder,
        group=settings("USD", "2025-01"),
        chart=CHART,
        entities="code,name,currency,method\nP,Parent,USD,parent\nS,Subsidiary,BRL,full",
        ownership="holder,investee,percent,from\nP,S,100,2025-01-01",
        rates="date,base,quote,value,kind\n2025-01,USD,BRL,5,average\n2025-01,USD,BRL,5,closing\n"
        "2025-02,USD,BRL,5.5,average\n2025-02,USD,BRL,6,closing\n2025-01-01,USD,BRL,5,historical",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ,P,S,2025-01-01,formation,1000,1700,200,-1000",
        balances_2024_12="entity,account,closing\nP,1010,1000\nP,3000,-1000",
        openings="entity,account,functional,translated\nP,3000,-1000,-1000",
        balances_2025_01="entity,account,partner,closing\nP,1010,,700\nP,1170,,100\n"
        "P,1700,,200\nP,3000,,-1000\nS,1010,,1500\nS,2070,,-500\nS,3000,,-1000",
        balances_2025_02="entity,account,partner,closing\nP,1010,,700\nP,1170,,100\n"
        "P,1700,,200\nP,3000,,-1000\nS,1010,,1500\nS,2070,,-600\nS,3000,,-1000\nS,6100,,100",
        intercompany_2025_01=LOAN.format("-500"),
        intercompany_2025_02=LOAN.format("-600"),
    )


def designated(folder: Path) -> Path:
    """The same, the loan part of the net investment from the end of January on."""
    put(folder, "loans.csv", "id,entity,partner,account,from\nL,S,P,6100,2025-01-31\n")
    rows = "period,loan,entity,amount\n2025-01,L,S,0\n2025-02,L,S,100\n"
    put(folder, "exchange_differences.csv", rows)
    return folder


def close(folder: Path, period: str) -> FolderClose:
    """Close a month; nothing blocks (W1 sees a partner's line that no item eliminates)."""
    closed = consolidate_folder(folder, period)
    assert closed.validation.blocking == ()
    return closed


def stated(flows: CashFlows) -> dict[str, int]:
    """The group's flows: sections, and what is left between companies."""
    assert flows.group is not None, flows.problems
    sections = dict.fromkeys(map(str, Section), 0)
    for key, amount in flows.group.lines.items():
        sections[str(key.section)] += amount
        if key.own == Own.INTRAGROUP:
            sections["between"] = amount
    return sections


class TestExchange:
    def test_of_a_loan_that_nothing_names_the_loss_stays_where_the_chart_has_it(self, tmp_path):
        """18.18 dollars (100.00 at 5.5): no cash, and no record says that P is the other side."""
        found = stated(close(told(tmp_path), "2025-02").cash)
        assert found == {"operating": 18_18, "investing": 0, "financing": -18_18, "between": 18_18}

    def test_with_its_partner_it_is_no_financing(self, tmp_path):
        """The result of -18.18 is adjusted, and the loan meets it between companies."""
        folder = told(tmp_path)
        change(folder, "balances/2025-02.csv", "S,6100,,100", "S,6100,P,100")
        found = stated(close(folder, "2025-02").cash)
        assert found == {"operating": 0, "investing": 0, "financing": 0}

    def test_of_a_designated_loan_it_is_known_by_its_record(self, tmp_path):
        """It is in the translation adjustment: the result has nothing to adjust either."""
        folder = designated(told(tmp_path))
        closed = close(folder, "2025-02")
        assert closed.book.totals.net_income == 0
        assert stated(closed.cash) == {"operating": 0, "investing": 0, "financing": 0}

    def test_a_record_and_a_partner_are_one_thing(self, tmp_path):
        folder = designated(told(tmp_path))
        change(folder, "balances/2025-02.csv", "S,6100,,100", "S,6100,P,100")
        found = stated(close(folder, "2025-02").cash)
        assert found == {"operating": 0, "investing": 0, "financing": 0}


class TestNextYear:
    def test_only_the_year_s_own_differences_count(self, tmp_path):
        """
        The year ends in February; in March 650.00 are owed, 50.00 more, 8.00 at 6.25.

        The 100.00 of the year before are retained earnings by then.
        """
        folder = told(tmp_path)
        change(folder, "group.toml", "[group]", "[group]\nfiscal_year_end = 2")
        add(folder, "openings.csv", "S,6100,0,0")  # nothing came before in that year
        put(folder, "intercompany/2025-03.csv", LOAN.strip().format("-650") + "\n")
        change(
            folder, "rates.csv", "2025-02,USD,BRL,6,closing",
            "2025-02,USD,BRL,6,closing\n2025-03,USD,BRL,6.25,average\n"
            "2025-03,USD,BRL,6.5,closing",
        )  # fmt: skip
        february = (folder / "balances" / "2025-02.csv").read_text("utf-8")
        march = february.replace("S,2070,,-600", "S,2070,,-650")
        put(
            folder, "balances/2025-03.csv",
            march.replace("S,6100,,100", "S,3300,,100\nS,6100,P,50"),
        )  # fmt: skip
        closed = close(folder, "2025-03")
        assert closed.book.totals.net_income == -8_00
        assert stated(closed.cash) == {"operating": 0, "investing": 0, "financing": 0}


class TestInterest:
    """S pays 11.00 reais, 2.00 dollars at 5.5, which P earns where no section is marked."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = told(tmp_path)
        for was, now in (
            ("P,1010,,700", "P,1010,,702\nP,6200,,-2"),
            ("S,1010,,1500", "S,1010,,1489"),
            ("S,6100,,100", "S,6100,P,111"),
        ):
            change(folder, "balances/2025-02.csv", was, now)
        with (folder / "intercompany" / "2025-02.csv").open("a", encoding="utf-8") as stream:
            stream.write("P,S,INTEREST,6200,I,-2,USD,-2\nS,P,INTEREST,6100,I,11,USD,2\n")
        return folder

    def test_paid_inside_the_group_it_is_in_no_section(self, folder):
        """What P earned is operating, and what S paid comes off there too."""
        found = stated(close(folder, "2025-02").cash)
        assert (found["operating"], found["financing"]) == (0, 0)

    def test_by_its_items_alone_too(self, folder):
        """Then the loss of 100.00 on the loan stays: nothing names its other side."""
        change(folder, "balances/2025-02.csv", "S,6100,P,111", "S,6100,,111")
        found = stated(close(folder, "2025-02").cash)
        assert (found["operating"], found["financing"]) == (18_18, -18_18)

    def test_earned_in_the_section_without_a_name_it_meets_what_was_paid_there(self, folder):
        """P earns on 6300, naming nobody: of S its line with P stays too, but for the items."""
        change(folder, "balances/2025-02.csv", "P,6200,,-2", "P,6300,,-2")
        change(folder, "intercompany/2025-02.csv", "P,S,INTEREST,6200", "P,S,INTEREST,6300")
        found = stated(close(folder, "2025-02").cash)
        assert (found["operating"], found["financing"]) == (18_18, -18_18)
