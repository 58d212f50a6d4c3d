"""Companies with an earlier reporting date, told as folders."""

from pathlib import Path

import pytest

from monthclose.analysis.lineage import explain
from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.consolidation.reporting_dates import ReportingLagRefused
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.errors import CloseError
from monthclose.ledger.intercompany import Cause, Reason
from monthclose.ledger.money import parse_amount, plain
from monthclose.ledger.periods import Period
from tests.groupfolder.folders import places
from tests.groupfolder.told import balances, books, closed, entry, sheet, tell

CHART = """code,name,class,role,cash
1010,Cash,asset,,yes
1150,Due from group,asset,,
1700,Investments,asset,,
1990,Between companies,asset,difference_position,
2050,Due to group,liability,,
3000,Share capital,share_capital,,
3300,Retained earnings,retained_earnings,retained_earnings,
3350,Dividends,dividends,dividends,
4000,Revenue,income,,
4200,Dividend income,income,dividend_income,
6000,Expenses,expense,,
6900,Interest on equity,expense,,
"""


def golden(folder: Path) -> Path:
    """
    G10 with S three months behind: its January to March are April to June of the group.

    Both have a fiscal year of their own calendar: S ends it in December, the group in March.
    No rate after March 2025 is loaded: none is needed.
    """
    s = {"2025-04": "100.00", "2025-05": "300.00", "2025-06": "600.00"}
    return tell(
        folder,
        'fiscal_year_end = 3\nfirst_period = "2025-04"\n',
        entities="code,name,currency,method,year_end,reporting_lag\nP,Parent,USD,parent,,\n"
        "S,Subsidiary,EUR,full,12,3",
        chart=CHART,
        ownership="holder,investee,percent,from\nP,S,100,",
        rates="""date,base,quote,value,kind
            2024-06-30,USD,EUR,0.5,historical
            2024-12,USD,EUR,0.5,closing
            2025-01,USD,EUR,0.5,average
            2025-01,USD,EUR,0.55,closing
            2025-02,USD,EUR,0.6,average
            2025-02,USD,EUR,0.65,closing
            2025-03,USD,EUR,0.7,average
            2025-03,USD,EUR,0.7,closing""",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-S,P,S,2024-06-30,formation,100.00,1700,200.00,-100.00",
        openings="entity,account,functional,translated\nS,3000,-100.00,-200.00\nS,3400,,0.00",
        balances=balances(
            books(
                "P", {key: {"1010": "1000.00", "1700": "200.00", "3000": "-1200.00"} for key in s}
            ),
            books(
                "S",
                {
                    month: {
                        "1010": plain(100_00 + int(held[:-3]) * 100),
                        "3000": "-100.00",
                        "4000": f"-{held}",
                    }
                    for month, held in s.items()
                },
            ),
        ),
    )


def loaded(folder: Path) -> ConsolidationEngine:
    """An engine with the balances of a folder; the first one may be of before its months."""
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    return engine


class TestGolden:
    def test_the_figures_of_g10_at_rates_of_its_own_dates(self, tmp_path):
        """100/0.5 + 200/0.6 + 300/0.7 = 961.90; the CTA -161.90 is proved from its months."""
        book = closed(golden(tmp_path))["2025-06"]
        s = next(each for each in book.translations if each.entity == "S")
        lines = dict(zip(s.accounts, map(plain, s.amounts.tolist()), strict=True))
        assert lines == {"1010": "1000.00", "3000": "-200.00", "4000": "-961.90"}
        assert plain(s.cta.movement) == plain(s.proof().total) == "-161.90"
        proved = [(each.label, plain(each.amount)) for each in s.proof().components]
        assert proved[0][1] == "-57.14"
        assert proved[1:4] == [
            ("result 2025-01", "-57.14"), ("result 2025-02", "-47.62"), ("result 2025-03", "0.00"),
        ]  # fmt: skip
        assert sheet(book) == {
            "1010": "2000.00", "3000": "-1200.00", "3300": "-961.90", "3400": "161.90",
        }  # fmt: skip
        assert (book.totals.net_income, book.totals.oci_cta) == (961_90, -161_90)
        assert {code: str(on) for code, on in book.reporting_dates.items()} == {"S": "2025-03-31"}

    def test_explain_names_the_rates_of_those_dates(self, tmp_path):
        engine = loaded(golden(tmp_path))
        book = engine.consolidate("2025-06")
        node = explain(book, "4000", "S", engine.month_before)
        quotes = [each.facts["quote"] for each in node.walk() if each.facts.get("quote")]
        assert {(each.on, each.value) for each in quotes} == {
            ("2025-01", "0.5"), ("2025-02", "0.6"), ("2025-03", "0.7"),
        }  # fmt: skip

    def test_an_average_is_held_against_the_days_of_its_own_month(self, tmp_path):
        """W3: 0.7 of March lies outside the two days of March; the month before it is February."""
        folder = golden(tmp_path)
        rates = folder / "rates.csv"
        days = "2025-03-03,USD,EUR,0.60,daily\n2025-03-31,USD,EUR,0.62,daily\n"
        rates.write_text(rates.read_text("utf-8") + days, "utf-8")
        engine = loaded(folder)
        book = engine.consolidate("2025-06")
        previous = book.facts.rates["S"].previous
        assert previous is not None
        assert (previous.on, previous.value) == ("2025-02", "0.65")
        beyond = [each for each in validate(book).findings if each.code == "average-beyond"]
        assert [(each.subject, each.facts["lowest"], each.facts["highest"]) for each in beyond] == [
            ("S", "0.6", "0.62")
        ]

    def test_it_is_read_and_written(self, tmp_path):
        read = read_group(golden(tmp_path / "told"))
        assert [each.reporting_lag for each in read.group.entities] == [0, 3]
        write_group(tmp_path / "again", read.group, read.balances)
        assert read_group(tmp_path / "again").group.entities == read.group.entities

    def test_a_rate_of_its_own_date_that_is_missing_is_named(self, tmp_path):
        folder = golden(tmp_path)
        rates = folder / "rates.csv"
        rates.write_text(rates.read_text("utf-8").replace("2025-02,USD,EUR,0.6,average\n", ""))
        with pytest.raises(CloseError) as refused:
            closed(folder)
        assert refused.value.code == "rate-missing"
        assert refused.value.facts["when"] == "2025-02"


def late(folder: Path, **tables: str) -> Path:
    """
    P in dollars has all of S, two months behind, since before the group's first month.

    S has 500.00 reais of capital at 0.20 and earns 10.00 a month; a real costs 0.20 to the
    end of January, 0.25 after it. Both have calendar years. P's books open with 100.00.
    """
    months = [f"2025-{month:02d}" for month in range(1, 13)] + ["2026-01", "2026-02", "2026-03"]
    rates = ["date,base,quote,value,kind", "2020-01-02,BRL,USD,0.20,historical"]
    for month in ("2024-09", "2024-10", "2024-11", "2024-12", "2025-01"):
        rates += [f"{month},BRL,USD,0.20,closing", f"{month},BRL,USD,0.20,average"]
    for month in (*months[1:],):
        rates += [f"{month},BRL,USD,0.25,closing", f"{month},BRL,USD,0.25,average"]
    told = {
        "entities": "code,name,currency,method,reporting_lag\nP,Parent,USD,parent,\n"
        "S,Subsidiary,BRL,full,2",
        "chart": CHART,
        "ownership": "holder,investee,percent,from\nP,S,100,",
        "rates": "\n".join(rates),
        "acquisitions": "id,acquirer,target,date,kind,consideration,investment_account,"
        "investment,share_capital\nACQ-S,P,S,2020-01-02,formation,500.00,1700,100.00,-500.00",
        "openings": "entity,account,functional,translated\nS,3000,-500.00,-100.00\n"
        "S,3300,-100.00,-20.00\nS,3400,,0.00",
    }
    return tell(folder, 'first_period = "2025-01"\n', **{**told, **tables})


def until(last: int) -> dict[str, dict[str, str]]:
    """
    What S hands in for December 2024 and so many months after it: its books of two before.

    Its year 2024 began with nil, so that December is its October with 100.00 of revenue.
    """
    made = {}
    for place in range(last + 1):
        years, month = divmod(place + 9, 12)
        made[str(Period(2024, 12).plus(place))] = {
            "1010": f"{500 + 120 * years + 10 * (month + 1)}.00",
            "3000": "-500.00",
            "4000": f"-{10 * (month + 1)}.00",
            **({"3300": f"-{120 * years}.00"} if years else {}),
        }
    return made


P = {"1010": "100.00", "1700": "100.00", "3000": "-200.00"}


class TestYears:
    def test_its_calendar_year_turns_two_months_later_by_hand(self, tmp_path):
        """
        December of the group is its October 2024: 100.00, retained when the group's year began.

        April of the group is its February 2025: two months of its new year, of which the group
        has had four: 20.00 at 0.20 of November and December, 10.00 each at 0.20 and 0.25.
        Net assets 640.00 x 0.25 = 160.00; 100.00 capital, 20.00 retained, 8.50 result: CTA 31.50.
        """
        s = until(4)
        told = late(tmp_path, balances=balances(books("P", dict.fromkeys(s, P)), books("S", s)))
        engine = loaded(told)
        made = {each: engine.consolidate(each) for each in ("2025-01", "2025-04")}
        assert made["2025-01"].figure("4000") == -2_00
        book = made["2025-04"]
        assert book.figure("4000") == -(2_00 + 2_00 + 2_00 + 2_50)
        translated = next(each for each in book.translations if each.entity == "S")
        assert plain(translated.net_assets) == "160.00"
        assert plain(translated.cta.closing) == plain(translated.proof().total) == "31.50"


def paying(folder: Path) -> Path:
    """S credits interest on equity of 40.00 on 20 December 2025, when a real costs 0.25."""
    s = until(15)
    for month in ("2026-02", "2026-03"):
        s[month]["1010"] = plain(parse_amount(s[month]["1010"]) - 40_00)
    s["2026-02"]["6900"] = "40.00"
    s["2026-03"]["3300"] = "-200.00"  # its year 2025 is over
    p = {month: P if month < "2025-12" else P | {"1010": "110.00"} for month in s}
    p["2025-12"] = p["2025-12"] | {"4200": "-10.00"}
    for month in ("2026-01", "2026-02", "2026-03"):
        p[month] = p[month] | {"3300": "-10.00"}
    told = late(
        folder,
        events="date,kind,entity,account,amount,holder,received,income_account\n"
        "2025-12-20,jcp,S,6900,40.00,P,10.00,4200",
        balances=balances(books("P", p), books("S", s)),
    )
    rates = told / "rates.csv"
    rates.write_text(rates.read_text("utf-8") + "2025-12-20,BRL,USD,0.25,historical\n", "utf-8")
    return told


class TestInterestOnEquity:
    def test_it_counts_when_it_was_credited_though_a_year_ends_before_its_books_come(
        self, tmp_path
    ):
        """
        P has 10.00 on 20 December; the books of S of that day come with February.

        The group has no income of it. Until February S owes 40.00 between companies, at 0.25;
        in the new year they stand against retained earnings, and are gone when its books say so.
        """
        engine, last = loaded(paying(tmp_path)), None
        for place in range(1, 16):
            month = str(Period(2024, 12).plus(place))
            book = engine.consolidate(month)
            assert validate(book, last).blocking == (), month
            last = book.left()
            assert book.figure("4200") == book.figure("6900") == 0, month
            assert book.figure("1990") == (-10_00 if month in ("2025-12", "2026-01") else 0)
            assert book.totals.net_income == -book.figure("4000")
        december = engine.consolidate("2025-12")
        node = explain(december, "1990", "S", engine.month_before)
        said = [each.facts["note"] for each in node.walk() if each.kind == "policy"]
        assert said == ["dividend of 2025-12-20: the company's books of that day come with 2026-02"]

    def test_cash_flows_are_stated_in_every_month(self, tmp_path):
        """In December 10.00 came to P, and S has not paid yet: it is between the two."""
        engine = loaded(paying(tmp_path))
        for month in ("2025-02", "2025-12", "2026-01", "2026-02", "2026-03"):
            cash = engine.cash_flows(engine.consolidate(month))
            assert cash.problems == (), (month, [each.message("en") for each in cash.problems])
            assert cash.group is not None


INVOICE = "period,entity,partner,kind,account,reference,amount,document_currency,document_amount\n"


class TestItems:
    def test_one_document_at_the_rates_of_two_days(self, tmp_path):
        """80.00 reais are 20.00 dollars for P at 0.25, and 16.00 in the December books of S."""
        s = until(2)
        s["2025-02"] |= {"2050": "-80.00", "1010": "700.00"}
        p = dict.fromkeys(s, P) | {"2025-02": P | {"1150": "20.00", "1010": "80.00"}}
        told = late(
            tmp_path,
            balances=balances(books("P", p), books("S", s)),
            intercompany=INVOICE + "2025-02,P,S,AR,1150,A,20.00,BRL,80.00\n"
            "2025-02,S,P,AP,2050,A,-80.00,BRL,-80.00",
        )
        book = loaded(told).consolidate("2025-02")
        (match,) = book.matches
        assert (match.cause, match.residual) == (Cause.REPORTING_DATE, 4_00)
        assert book.figure("1990") == 4_00
        (made,) = [each.id for each in book.entries if each.id.startswith("IC-")]
        assert entry(book, made) == {"1150": "-20.00", "2050": "16.00", "1990": "4.00"}

    def test_documents_that_differ_too_ask_for_a_look(self, tmp_path):
        """The books of S have 79.50 of it, within the tolerance of 1 %: 15.90 at 0.20."""
        s = until(2)
        s["2025-02"] |= {"2050": "-79.50", "1010": "699.50"}
        p = dict.fromkeys(s, P) | {"2025-02": P | {"1150": "20.00", "1010": "80.00"}}
        told = late(
            tmp_path,
            balances=balances(books("P", p), books("S", s)),
            intercompany=INVOICE + "2025-02,P,S,AR,1150,A,20.00,BRL,80.00\n"
            "2025-02,S,P,AP,2050,A,-79.50,BRL,-79.50",
        )
        book = loaded(told).consolidate("2025-02")
        found = [each for each in validate(book).findings if each.check == "W6"]
        assert [(each.code, each.actual) for each in found] == [("intercompany-other-date", 4_10)]
        assert "reporting dates" in found[0].said("en")

    def test_what_the_other_books_do_not_have_yet_says_why(self, tmp_path):
        s = until(2)
        p = dict.fromkeys(s, P) | {"2025-02": P | {"1150": "20.00", "1010": "80.00"}}
        told = late(
            tmp_path,
            balances=balances(books("P", p), books("S", s)),
            intercompany=INVOICE + "2025-02,P,S,AR,1150,A,20.00,BRL,80.00",
        )
        (alone,) = loaded(told).consolidate("2025-02").unmatched
        assert alone.reason is Reason.REPORTING_DATE


class TestRefused:
    @pytest.mark.parametrize(
        ("entities", "reason"),
        [
            ("P,Parent,USD,parent,1,\nS,Subsidiary,BRL,full,,", "parent"),
            ("P,Parent,USD,parent,,\nS,Subsidiary,BRL,full,2,IPC", "index"),
        ],
    )
    def test_by_name_with_the_remedy(self, tmp_path, entities, reason):
        s = until(1)
        told = late(
            tmp_path,
            entities=f"code,name,currency,method,reporting_lag,index\n{entities}",
            indices="index,month,value,source\nIPC,2025-01,100,x",
            balances=balances(books("P", dict.fromkeys(s, P)), books("S", s)),
        )
        with pytest.raises(ReportingLagRefused) as refused:
            loaded(told).consolidate("2025-01")
        assert refused.value.facts["reason"] == f"reporting-lag-{reason}"
        assert refused.value.message("en") != refused.value.message("pt-BR")

    def test_more_than_three_months_is_a_mistake_of_its_cell(self, tmp_path):
        s = until(1)
        told = late(
            tmp_path,
            entities="code,name,currency,method,reporting_lag\nP,Parent,USD,parent,\n"
            "S,Subsidiary,BRL,full,4",
            balances=balances(books("P", dict.fromkeys(s, P)), books("S", s)),
        )
        ((file, row, column, _),) = places(told)
        assert (file, row, column) == ("entities.csv", 3, "reporting_lag")
