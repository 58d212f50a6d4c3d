"""Subscriptions of a folder: as they are read, and the metrics they give."""

import json
from pathlib import Path

import pytest

from monthclose.analysis.metrics import stored
from monthclose.close.metrics import measure_month
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.money import parse_amount, plain, rounded
from tests.groupfolder.folders import edit, places, put

CHART = """code,name,class,cash,metric,role
1000,Cash,asset,yes,,
3000,Capital,share_capital,,,
3300,Retained,retained_earnings,,,retained_earnings
4000,Subscriptions,income,,subscription_revenue,
4100,Services,income,,other_revenue,
5000,Hosting,expense,,cost_of_revenue,
6000,Sales,expense,,sales_marketing,
6100,Other,expense,,,
6200,Depreciation,expense,,outside_ebitda,
"""


def closed(folder, period):
    """The metrics of a folder's month, the group first."""
    engine = ConsolidationEngine(folder.group)
    for raw in folder.balances:
        engine.load_trial_balance(raw)
    return measure_month(engine, engine.consolidate(period))


class Months:
    """A company's months, each told by what it earned and spent; cash takes all of it."""

    def __init__(self, folder: Path, currency: str = "USD") -> None:
        self.folder, self.cash, self.retained = folder, 10_000_00, 0
        self.year: dict[str, int] = {}
        put(folder, "chart.csv", CHART)
        put(folder, "entities.csv", f"code,name,currency,method\nP,Company,{currency},parent\n")
        put(
            folder,
            "group.toml",
            '[group]\ncode = "K"\nname = "K"\npresentation_currency = "USD"\n',
        )
        acquired = "date,kind,entity,account,amount\n2021-12-31,contribution,P,3000,10000.00\n"
        put(folder, "events.csv", acquired)

    def add(self, period: str, **moved: int) -> None:
        """A month; amounts of accounts in minor units, debit positive."""
        if period.endswith("-01"):
            self.retained += sum(self.year.values())
            self.year = {}
        for name, amount in moved.items():
            account = name.removeprefix("a")
            self.year[account] = self.year.get(account, 0) + amount
            self.cash -= amount
        rows = {"1000": self.cash, "3000": -10_000_00, "3300": self.retained} | self.year
        lines = [f"P,{account},{plain(amount)}" for account, amount in rows.items() if amount]
        put(
            self.folder,
            f"balances/{period}.csv",
            "\n".join(["entity,account,closing", *lines, ""]),
        )


def window(last: tuple[int, int], months: int) -> list[str]:
    """So many months up to the last."""
    end = last[0] * 12 + last[1] - 1
    return [f"{place // 12}-{place % 12 + 1:02}" for place in range(end - months + 1, end + 1)]


class TestGolden:
    def test_the_case_by_dated_records(self, tmp_path, shared):
        """
        The golden case as a folder: two years of books, fourteen months of contracts.

        Sums that the case gives over several months stand in one of them: revenue of the
        quarter in its last month, of the year's other months in the first.
        """
        case = json.loads((shared / "golden" / "G14-kpi-mrr-movements.json").read_text("utf-8"))
        kpi, expected = case["inputs"]["kpi"], case["expected"]["kpi"]
        lines = ["period,entity,customer,mrr"]
        for each in kpi["customers"]:
            if parse_amount(each.get("mrr_before_window", "0.00")):
                lines.append(f"2023-01,P,{each['customer']},{each['mrr_before_window']}")
            for month, mrr in zip(kpi["months"], each["mrr"], strict=True):
                if parse_amount(mrr):
                    lines.append(f"{month},P,{each['customer']},{mrr}")
        put(tmp_path, "subscriptions.csv", "\n".join([*lines, ""]))
        self.books(tmp_path, {key: value for key, value in kpi.items() if isinstance(value, str)},
                   [parse_amount(each) for each in kpi["sales_marketing_expense"]])  # fmt: skip
        made = closed(read_group(tmp_path), "2024-03")[0].metrics
        moved = {name: plain(getattr(made.movements, name)) for name in expected["mrr_movements"]}
        assert moved == expected["mrr_movements"]
        counted = {name: getattr(made.customers, name) for name in expected["customers"]}
        assert counted == expected["customers"]
        ratios = {
            "nrr_monthly": stored(made.nrr_monthly),
            "grr_monthly": stored(made.grr_monthly),
            "logo_churn_monthly": stored(made.logo_churn),
            "revenue_churn_monthly": stored(made.revenue_churn),
            "nrr_ttm": stored(made.nrr),
            "grr_ttm": stored(made.grr),
            "gross_margin": stored(made.gross_margin),
            "logo_churn_t3m_average": stored(made.logo_churn_average),
            "ltv_to_cac": stored(made.ltv_to_cac),
            "cac_payback_months": stored(made.payback, 1),
            "magic_number": stored(made.magic_number),
            "burn_multiple": stored(made.burn_multiple),
            "revenue_growth_pct": stored(made.growth, 2),
            "ebitda_margin_pct": stored(made.ebitda_margin, 2),
            "rule_of_40": stored(made.rule_of_40, 2),
        }
        assert ratios == {name: expected[name] for name in ratios}
        amounts = {
            "arr": made.arr,
            "arpa": made.arpa,
            "cac_t3m": made.cac,
            "ltv": made.ltv,
            "net_new_arr_quarter": made.net_new_arr,
        }
        assert {name: plain(rounded(each)) for name, each in amounts.items()} == {
            name: expected[name] for name in amounts
        }
        assert made.why == {}

    def books(self, folder: Path, kpi: dict[str, str], spent: list[int]) -> None:
        """Twenty-five months of books that hold the case's sums."""
        months = Months(folder)
        amount = {key: parse_amount(value) for key, value in kpi.items() if "." in value}
        labels = window((2024, 3), 25)
        year = (amount["revenue_ttm"], amount["revenue_prior_ttm"])
        quarters = (amount["revenue_quarter"], amount["revenue_prior_quarter"])
        for place, label in enumerate(labels):
            moved = {"a4100": 0, "a5000": 0, "a6000": 0, "a6100": 0}
            if place == 1:
                moved["a4100"] = -year[1]
            if place == 13:
                moved["a4100"] = quarters[0] + quarters[1] - year[0]
            if place == 19:
                moved["a6000"] = amount["sales_marketing_prior_quarter"]
                moved["a4100"] = -quarters[1]
            if place >= 22:
                moved["a6000"] = spent[place - 22]
            if place == 24:
                moved["a4000"] = -amount["subscription_revenue_t3m"]
                moved["a4100"] = amount["subscription_revenue_t3m"] - quarters[0]
                moved["a5000"] = amount["subscription_cogs_t3m"]
                # What is left of EBITDA of the year, and of the cash burnt in the quarter.
                known = amount["sales_marketing_prior_quarter"] + sum(spent) + moved["a5000"]
                moved["a6100"] = year[0] - known - amount["ebitda_ttm"]
                burnt = sum(spent) + moved["a5000"] + moved["a6100"] - quarters[0]
                moved["a6200"] = amount["net_burn_quarter"] - burnt
            months.add(label, **moved)


class TestReading:
    @pytest.fixture
    def folder(self, tmp_path):
        months = Months(tmp_path)
        for label in ("2025-01", "2025-02"):
            months.add(label, a4000=-100_00)
        rows = (
            "2025-01,P,C1,10.00,\n2025-02,P,C1,12.00,\n2025-02,P,C2,5.00,a\n2025-02,P,C2,1.00,b\n"
        )
        put(tmp_path, "subscriptions.csv", "period,entity,customer,mrr,plan\n" + rows)
        return tmp_path

    def test_plans_of_a_customer_are_added(self, folder):
        """12.00 of C1, and 5.00 and 1.00 of C2: two customers, 18.00; C2 is new."""
        made = closed(read_group(folder), "2025-02")[0].metrics
        assert (made.mrr, made.paying) == (18_00, 2)
        assert (made.movements.new, made.movements.expansion) == (6_00, 2_00)

    def test_each_line_knows_its_row(self, folder):
        found = read_group(folder).group.subscriptions
        assert [each.where(0) for each in found] == ["subscriptions.csv:2", "subscriptions.csv:3"]
        assert found[1].where(2) == "subscriptions.csv:5"

    def test_what_is_written_reads_back(self, folder, tmp_path):
        read = read_group(folder)
        write_group(tmp_path / "again", read.group, read.balances)
        again = read_group(tmp_path / "again").group
        assert str([each.content for each in again.subscriptions]) == str(
            [each.content for each in read.group.subscriptions]
        )
        assert again.chart["4000"].metric == "subscription_revenue"

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            ("C2,5.00,a", "C2,-5.00,a", (4, "mrr", "amount-negative")),
            ("C2,1.00,b", "C2,1.00,a", (5, "period", "key-twice")),
            ("2025-01,P", "2025-13,P", (2, "period", "month-unreadable")),
            ("2025-01,P", "2025-01,Q", (2, "entity", "entity-unknown")),
        ],
    )
    def test_mistakes_are_named_by_row_and_column(self, folder, old, new, place):
        edit(folder, "subscriptions.csv", old, new)
        assert places(folder) == [("subscriptions.csv", *place)]

    def test_a_balance_sheet_account_is_of_no_metric(self, folder):
        edit(folder, "chart.csv", "asset,yes,", "asset,yes,sales_marketing")
        assert places(folder) == [("chart.csv", 2, "class", "metric-class")]

    def test_a_hundred_thousand_rows_are_read_as_columns(self, folder):
        labels = window((2025, 2), 13)
        rows = [f"{label},P,C{n},1.00," for label in labels for n in range(7_600)]
        put(folder, "subscriptions.csv", "\n".join(["period,entity,customer,mrr,plan", *rows, ""]))
        made = closed(read_group(folder), "2025-02")[0].metrics
        assert (made.mrr, made.paying, made.nrr) == (7_600_00, 7_600, 1)
