"""A company in a currency that loses its worth: months by hand, over the end of a year."""

import pytest

from monthclose.analysis.changes import changes_between
from monthclose.analysis.lineage import every_figure, explain
from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.errors import CloseError
from monthclose.ledger.runs import CloseInputs
from monthclose.wording import LANGUAGES
from tests.groupfolder.folders import edit, put
from tests.groupfolder.hyperinflation import MONTHS, write_pesos


@pytest.fixture
def folder(tmp_path):
    return write_pesos(tmp_path / "pesos")


def engine_of(folder):
    """An engine with every balance of a folder."""
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for raw in found.balances:
        engine.load_trial_balance(raw)
    return engine


def lines(book):
    """Restated pesos of ARG by account, minor units."""
    (restated,) = book.facts.restated
    return dict(zip(restated.accounts, restated.amounts.tolist(), strict=True))


def argentina(book):
    return next(each for each in book.translations if each.entity == "ARG")


def said(validation):
    """What a validation finds; its holding does nothing all year, and W8 says so."""
    return [each.code for each in validation.findings if each.code != "entity-idle"]


class TestByHand:
    def test_the_second_month(self, folder):
        """
        November to December the index goes from 120 to 150: a factor of 1.25.

        Land 600 x 1.25 = 750, capital 1000 x 1.25 = 1250, revenue 60 x 1.25 + 90 = 165,
        expense 40, cash 510: 115 are missing. Money of 460 lost a quarter: 115. At 20
        pesos: revenue 8.25, expense 2.00, monetary loss 5.75; net assets 1260 / 20 = 63.00.
        CTA 63.00 - 100.00 - 0.50 = -37.50 = 1000 x (1.25/20 - 1/10). Outsiders 20 percent.
        """
        book = engine_of(folder).consolidate("2024-12")
        assert lines(book) == {
            "1000": 510_00, "1400": 750_00, "3000": -1250_00, "4000": -165_00, "6000": 40_00,
            "6800": 115_00,
        }  # fmt: skip
        assert (book.figure("4000"), book.figure("6000"), book.figure("6800")) == (-825, 200, 575)
        assert argentina(book).net_assets == 63_00
        assert argentina(book).cta.closing == argentina(book).proof().total == -37_50
        assert book.totals.net_income == 50
        assert book.totals.non_controlling_interests == 12_60

    def test_the_first_month_of_the_next_year(self, folder):
        """
        December to January: 1.2. Capital 1500, retained 10 x 1.2 = 12, money 510 x 0.2 = 102 lost.

        Land of 900 is half used: 450 go, the books say 300, so 150 are restated use. At 25:
        4.00 - 12.00 - 6.00 - 4.08 = -18.08; net assets 1060 / 25 = 42.40. The CTA moves by
        1260 x (1.2/25 - 1/20) = -2.52 to -40.02.
        """
        book = engine_of(folder).consolidate("2025-01")
        assert lines(book) == {
            "1000": 610_00, "1400": 450_00, "3000": -1500_00, "3300": -12_00, "4000": -100_00,
            "6000": 300_00, "6800": 102_00, "6850": 150_00,
        }  # fmt: skip
        assert argentina(book).net_assets == 42_40
        assert argentina(book).net_income == -18_08
        cta = argentina(book).cta
        assert (cta.opening, cta.movement) == (-37_50, -2_52)
        assert argentina(book).proof().total == -2_52
        assert book.totals.non_controlling_interests == 8_48

    def test_a_dividend_of_the_year(self, folder):
        """
        ARS 50.00 on 20 November at 12.50, 40.00 of it to P: USD 3.20.

        Money of 410 loses 102.50; the result is 165 - 40 - 102.50 = 22.50. Net assets
        1210 / 20 = 60.50. CTA = 60.50 - 100.00 + 4.00 - 1.12 = -36.62; its proof is
        1000 x (1.25/20 - 1/10) - 50 x (1.25/20 - 1/12.5) = -36.625.
        """
        events = "date,kind,entity,account,amount,holder,received,income_account\n"
        events += "2024-11-01,contribution,P,3000,1000.00,,,\n"
        events += "2024-11-20,dividend,ARG,,40.00,P,3.20,4200\n"
        events += "2024-11-20,dividend,ARG,,10.00,,,\n"
        put(folder, "events.csv", events)
        with (folder / "rates.csv").open("a", encoding="utf-8") as rates:
            rates.write("2024-11-20,USD,ARS,12.5,historical\n")
        for month, cash in (("2024-11", "460.00"), ("2024-12", "510.00")):
            less = {"460.00": "410.00", "510.00": "460.00"}[cash]
            file = f"balances/{month}.csv"
            edit(folder, file, f"ARG,1000,{cash}", f"ARG,1000,{less}\nARG,3350,50.00")
            edit(folder, file, "P,1000,920.00", "P,1000,923.20\nP,4200,-3.20")
        engine = engine_of(folder)
        book = engine.consolidate("2024-12")
        assert argentina(book).net_assets == 60_50
        assert argentina(book).cta.closing == -36_62
        assert lines(book)["6800"] == 102_50
        assert said(validate(book, engine.consolidate("2024-11").left())) == []

    def test_what_it_pays_another_company_is_taken_out_as_it_was_restated(self, folder):
        """
        ARS 20.00 of November for USD 1.60, at 12.50.

        In December they are 20 x 1.25 / 20 = 1.25 of expense against 1.60 of revenue: both go,
        and 0.35 stay visible as a difference of the rates.
        """
        chart = "4110,Group revenue,income,,\n6050,Group expense,expense,,\n"
        with (folder / "chart.csv").open("a", encoding="utf-8") as accounts:
            accounts.write(chart)
        for month, cash in (("2024-11", "460.00"), ("2024-12", "510.00")):
            file = f"balances/{month}.csv"
            less = {"460.00": "440.00", "510.00": "490.00"}[cash]
            edit(folder, file, "entity,account,closing", "entity,account,closing,partner")
            text = (folder / file).read_text("utf-8").replace("0\n", "0,\n")
            text = text.replace(f"ARG,1000,{cash},", f"ARG,1000,{less},\nARG,6050,20.00,P")
            text = text.replace("P,1000,920.00,", "P,1000,921.60,\nP,4110,-1.60,ARG")
            put(folder, file, text)
        items = "entity,partner,kind,account,reference,amount,document_currency,document_amount\n"
        items += "P,ARG,REV,4110,F1,-1.60,USD,-1.60\nARG,P,EXP,6050,F1,20.00,USD,1.60\n"
        put(folder, "intercompany/2024-11.csv", items)
        book = engine_of(folder).consolidate("2024-12")
        assert lines(book)["6050"] == 25_00
        assert (book.figure("4110"), book.figure("6050"), book.figure("6990")) == (0, 0, -35)
        assert book.unmatched == ()

    def test_its_cash_flows_are_not_stated(self, folder):
        edit(folder, "chart.csv", "class,monetary,role", "class,cash,role")
        engine = engine_of(folder)
        (problem, *_) = [
            each
            for each in engine.cash_flows(engine.consolidate("2025-01")).problems
            if each.code == "cash-restated"
        ]
        assert "IAS 29.33" in problem.message("pt-BR")


class TestChecks:
    def test_every_month_is_clean_and_opens_as_the_last_one_left_it(self, folder):
        engine, last = engine_of(folder), None
        for month in MONTHS:
            book = engine.consolidate(month)
            validation = validate(book, last)
            assert said(validation) == []
            assert str(validation.score) == ("94.99" if validation.findings else "100.00")
            last = book.left()

    def test_money_that_no_record_explains_is_found(self, folder):
        """ARS 100.00 came into capital in December, and no record says so."""
        edit(folder, "balances/2024-12.csv", "ARG,1000,510.00", "ARG,1000,610.00")
        edit(folder, "balances/2024-12.csv", "ARG,3000,-1000.00", "ARG,3000,-1100.00")
        found = validate(engine_of(folder).consolidate("2024-12")).findings
        unproved = [each for each in found if each.code == "monetary-result-unproved"]
        assert [(each.expected, each.actual) for each in unproved] == [(-115_00, -15_00)]
        assert "115.00" in unproved[0].said("en")

    def test_every_figure_is_taken_apart(self, folder):
        engine = engine_of(folder)
        for month in MONTHS:
            book = engine.consolidate(month)
            for figure in every_figure(book):
                node = explain(book, figure, "", engine.month_before)
                assert node.from_leaves() == node.amount

    def test_order_of_loading_changes_nothing(self, folder):
        found = read_group(folder)
        engine = ConsolidationEngine(found.group)
        for raw in reversed(found.balances):
            engine.load_trial_balance(raw)
        other = engine_of(folder).consolidate("2025-01")
        assert engine.consolidate("2025-01").digest == other.digest

    def test_what_is_written_reads_back(self, folder, tmp_path):
        found = read_group(folder)
        write_group(tmp_path / "again", found.group, found.balances)
        again = engine_of(tmp_path / "again").consolidate("2025-01")
        assert again.digest == engine_of(folder).consolidate("2025-01").digest

    def test_a_revised_index_is_told_as_it_was_published(self, folder):
        was = CloseInputs(read_group(folder).group, ())
        edit(folder, "indices.csv", "2025-01,180", "2025-01,180.5")
        now = CloseInputs(read_group(folder).group, ())
        (change,) = changes_between("rate", "indices", was, now)
        assert (change.named("en"), change.was, change.now) == ("IPC 2025-01 level", "180", "180.5")


class TestRefusals:
    @pytest.mark.parametrize(
        ("file", "old", "new", "code", "word"),
        [
            ("indices.csv", "IPC,2024-12,150,INDEC\n", "", "index-missing", "2024-12"),
            ("entities.csv", "ARS,full,IPC", "ARS,full,OTHER", "index-missing", "OTHER"),
            ("group.toml", 'presentation_currency = "USD"',
             'presentation_currency = "USD"\nframework = "US GAAP"', "restatement-refused",
             "ASC 830"),
            ("acquisitions.csv", "formation", "purchase", "restatement-refused", "IAS 21.47"),
            ("entities.csv", "USD,parent,", "USD,parent,IPC", "restatement-refused", "IAS 29"),
            ("chart.csv", "expense,,monetary_result", "expense,,", "restatement-role-missing",
             "monetary_result"),
            ("chart.csv", "expense,,restated_use", "expense,,", "restatement-role-missing",
             "restated_use"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_restated_says_why(self, folder, file, old, new, code, word):
        edit(folder, file, old, new)
        with pytest.raises(CloseError) as refused:
            engine_of(folder).consolidate("2025-01")
        assert refused.value.code == code
        for lang in LANGUAGES:
            assert word in refused.value.message(lang)

    def test_an_error_of_an_earlier_year_has_another_side_that_nobody_named(self, folder):
        put(
            folder,
            "corrections.csv",
            "entity,account,amount,origin,from,reason\nARG,3300,5.00,2024,2025-01,left out\n",
        )
        assert engine_of(folder).consolidate("2024-12").period == "2024-12"
        with pytest.raises(CloseError) as refused:
            engine_of(folder).consolidate("2025-01")
        assert refused.value.code == "restatement-refused"
        for lang in LANGUAGES:
            assert "IAS 8.42" in refused.value.message(lang)

    def test_a_company_with_a_past_needs_the_balance_it_opened_with(self, folder):
        """First closed for January: land of 750 and equity of 1260 were restated to December."""
        edit(folder, "group.toml", "2024-11", "2025-01")
        openings = "entity,account,functional,translated\nARG,3000,-1250.00,-100.00\n"
        openings += "ARG,3300,-10.00,-0.50\nARG,3400,,37.50\nARG,3900,,-12.60\n"
        openings += "P,3000,-1000.00,-1000.00\nARG,1400,750.00,37.50\n"
        put(folder, "openings.csv", openings)
        engine = engine_of(folder)
        book = engine.consolidate("2025-01")
        assert lines(book)["6800"] == 102_00
        assert argentina(book).cta.movement == -2_52
        assert said(validate(book)) == []
        edit(folder, "openings.csv", "750.00,37.50", "750.00,38.50")
        with pytest.raises(CloseError) as refused:
            engine_of(folder).consolidate("2025-01")
        assert refused.value.code == "restated-opening-differs"
        (folder / "balances" / "2024-12.csv").unlink()
        with pytest.raises(CloseError) as refused:
            engine_of(folder).consolidate("2025-01")
        assert refused.value.code == "balance-missing"
