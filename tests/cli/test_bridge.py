"""`bridge`, as a person types it: from a folder, from the database, and the golden case."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from monthclose.groupfolder import write_example
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings

ENTRIES = """\
period,entry,layer,entity,account,amount,reason,topic
2025-05,G-1,gaap,BETA,1100,-500.00,"development, ASC 730",development_cost
2025-05,G-1,gaap,BETA,5000,500.00,"development, ASC 730",development_cost
2025-06,G-2,gaap,BETA,1100,100.00,written off in the books,development_cost
2025-06,G-2,gaap,BETA,5000,-100.00,written off in the books,development_cost
2025-06,L-1,gaap,HOLD,1100,10.00,straight line,leases
2025-06,L-1,gaap,HOLD,5000,-10.00,straight line,leases
"""


@pytest.fixture(scope="module")
def bridged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with entries to US GAAP."""
    folder = tmp_path_factory.mktemp("bridged") / "example"
    write_example(folder)
    (folder / "adjustments.csv").write_text(ENTRIES, "utf-8")
    return folder


class TestFolder:
    """
    BETA expenses 500.00 in May at 5 and gets 100.00 back in June at 4: 100.00 - 25.00.

    400.00 stand at 5: -80.00, so that -5.00 is translation; 20 % of all are outsiders'. HOLD
    gains 10.00 at 4, 2.50, of which 2.00 stand at 5.
    """

    def test_leads_from_the_book_to_the_other_framework(self, run, bridged):
        answer = json.loads(run("bridge", "2025-06", "--folder", bridged, "--json").stdout)
        book = json.loads(run("consolidate", bridged, "-p", "2025-06", "--json").stdout)
        assert answer["sha256"] == book["sha256"]
        assert answer["from"] == {
            "framework": "IFRS",
            "net_income": "37.00",
            "net_income_parent": "16.00",
            "equity": "2510.00",
            "equity_parent": "2310.00",
        }
        assert answer["to"] == {
            "framework": "US GAAP",
            "net_income": "-35.50",
            "net_income_parent": "-41.50",
            "equity": "2432.00",
            "equity_parent": "2248.00",
        }
        development = answer["topics"][0]
        assert development["whole"]["profit"] == "-75.00"
        assert development["whole"]["cta"] == "-5.00"
        assert development["outsiders"]["closing"] == "-16.00"
        assert [each["cta_proof"] for each in answer["items"]] == ["-5.00", "-0.50"]
        assert answer["items"][0]["entries"][0]["reason"] == "development, ASC 730"

    def test_a_page_says_it(self, run, bridged):
        said = run("bridge", "2025-06", "--folder", bridged, "--verbose")
        assert said.returncode == 0, said.stderr
        assert "Development cost" in said.stdout
        assert "(75.00)" in said.stdout
        assert "2,432.00" in said.stdout
        assert "entry G-1 of 2025-05: development, ASC 730" in said.stdout

    def test_it_speaks_portuguese(self, run, bridged):
        said = run("bridge", "2025-06", "--folder", bridged, "--lang", "pt-BR")
        assert "Gastos de" in said.stdout
        assert "2.432,00" in said.stdout

    def test_without_an_entry_both_ends_are_the_same(self, run, example):
        words = ("bridge", "2025-06", "--folder", example)
        answer = json.loads(run(*words, "--json").stdout)
        assert answer["from"]["equity"] == answer["to"]["equity"] == "2510.00"
        assert "No entry leads from IFRS to US GAAP" in run(*words).stdout

    def test_the_workbook_has_a_sheet_of_it(self, run, bridged, example, tmp_path):
        import openpyxl

        for folder, printed in ((bridged, True), (example, False)):
            path = tmp_path / f"{printed}.xlsx"
            words = ("consolidate", folder, "-p", "2025-06", "--xlsx", path)
            assert run(*words, "--lang", "pt-BR").returncode == 0
            workbook = openpyxl.load_workbook(path, data_only=True)
            assert ("Conciliação IFRS - US GAAP" in workbook.sheetnames) is printed


@pytest.mark.server
def test_a_stored_version_is_reconciled_as_its_folder(run, bridged, tmp_path_factory):
    """Again after an entry was added: the second version has it, the first has not."""
    home = tmp_path_factory.mktemp("home")
    with open_desk(Settings(home=home), portfolio=None) as desk:
        desk.import_folder(bridged)
        assert desk.close("2025-06").error is None
        stored = json.loads(run("bridge", "2025-06", "--json", home=home).stdout)
        folder = json.loads(run("bridge", "2025-06", "--folder", bridged, "--json").stdout)
        assert stored | {"label": ""} == folder | {"label": ""}
        more = ENTRIES.replace("10.00", "20.00")
        (bridged / "adjustments.csv").write_text(more, "utf-8")
        desk.import_folder(bridged)
        assert desk.close("2025-06").error is None
    (bridged / "adjustments.csv").write_text(ENTRIES, "utf-8")
    now = json.loads(run("bridge", "2025-06@2", "--json", home=home).stdout)
    then = json.loads(run("bridge", "2025-06@1", "--json", home=home).stdout)
    assert (then["to"]["net_income"], now["to"]["net_income"]) == ("-35.50", "-33.00")
    diff = json.loads(run("diff", "2025-06@1", "2025-06@2", "--json", home=home).stdout)
    assert [(c["cause"], c["subject"]) for c in diff["changes"]] == [
        ("journal", "2025-06 HOLD L-1 gaap lines")
    ]


TOPICS = {
    "development_costs": "development_cost",
    "operating_lease": "leases",
    "ppe_revaluation": "ppe_revaluation",
    "impairment_reversal": "impairment_reversal",
    "goodwill_amortisation": "goodwill",
}


def effects(item: Mapping[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    """Opening equity, profit and OCI of an item before tax, as the golden cases define them."""
    texts = ("id", "kind", "taxable", "note")
    of = {name: Decimal(value) for name, value in item.items() if name not in texts}
    none = Decimal(0)
    match item["kind"]:
        case "development_costs":
            return -of["opening_carrying_amount"], -of["capitalised"] + of["amortisation"], none
        case "operating_lease":
            cost = of["ifrs_depreciation"] + of["ifrs_interest"] - of["straight_line_cost"]
            return of["opening_rou_us_gaap"] - of["opening_rou_ifrs"], cost, none
        case "ppe_revaluation":
            revalued = -of["revaluation_in_period"]
            return -of["opening_excess_over_cost"], of["excess_depreciation"], revalued
        case "impairment_reversal":
            back = -of["reversal"] + of["excess_depreciation"]
            return -of["opening_reversal_carrying_amount"], back, none
        case _:
            return -of["opening_accumulated"], -of["amortisation"], none


def test_the_golden_case_told_as_dated_entries(run, shared, tmp_path):
    """
    G12: each item becomes an entry of the year before and one of the year, with its tax.

    What opened is income and expense of December 2023, which is retained earnings by 2024;
    the consolidated figures it starts from are those of its trial balance.
    """
    case = json.loads((shared / "golden" / "G12-gaap-reconciliation-development-costs.json")
                      .read_text("utf-8"))  # fmt: skip
    given, expected = case["inputs"]["gaap_reconciliation"], case["expected"]["gaap_reconciliation"]
    accounts = case["inputs"]["trial_balances"][0]["accounts"]
    rate = Decimal(given["tax_rate"]) / 100
    rows = ["period,entry,layer,entity,account,amount,reason,topic"]
    for item in given["items"]:
        opening, profit, oci = effects(item)
        taxed = rate if item["taxable"] else Decimal(0)
        for period, before_tax, reserve in (("2023-12", opening, 0), ("2024-12", profit, oci)):
            lines = {
                "1500": before_tax + reserve,
                "1800": -(before_tax + reserve) * taxed,
                "6000": -before_tax,
                "6910": before_tax * taxed,
                "3500": -reserve * (1 - taxed),
            }
            rows += [
                f"{period},{item['id']},gaap,P,{code},{amount:.2f},{item['id']},"
                + TOPICS[item["kind"]]
                for code, amount in lines.items()
                if amount
            ]
    tables = {
        "entities.csv": "code,name,currency,method\nP,Group,USD,parent\n",
        "chart.csv": "code,name,class,deferred_tax\n"
        + "".join(f"{a['code']},{a['code']},{a['class']},\n" for a in accounts
                  if a["code"] not in ("1600", "3300"))
        + "1800,Deferred tax,asset,yes\n6910,Deferred tax,expense,yes\n3500,Reserve,oci,\n",
        "balances/2024-12.csv": "entity,account,closing\n"
        + "".join(f"P,{a['code']},{a['balance']}\n" for a in accounts),
        "adjustments.csv": "\n".join(rows) + "\n",
        "group.toml": '[group]\ncode = "G12"\nname = "Group"\npresentation_currency = "USD"\n'
        'framework = "IFRS"\nfiscal_year_end = 12\nlanguage = "en"\n'
        'first_period = "2024-12"\n',
    }  # fmt: skip
    (tmp_path / "balances").mkdir()
    for name, text in tables.items():
        (tmp_path / name).write_text(text, "utf-8")
    said = run("bridge", "2024-12", "--folder", tmp_path, "--json")
    assert said.returncode == 0, said.stderr
    answer = json.loads(said.stdout)
    assert answer["from"]["net_income"] == given["net_income_from"]
    assert answer["from"]["equity"] == given["equity_from"]
    assert answer["to"]["net_income"] == expected["net_income_to"]
    assert answer["to"]["equity"] == expected["equity_to"]
    found = {each["topic"]: each["whole"] for each in answer["topics"]}
    for item in given["items"]:
        effect, wanted = found[TOPICS[item["kind"]]], expected["items"][item["id"]]
        assert {
            "opening_equity_effect": effect["opening"],
            "net_income_effect_pre_tax": effect["profit"],
            "tax_effect": effect["tax"],
            "net_income_effect": effect["net_income"],
            "oci_effect": effect["oci"],
            "closing_equity_effect": effect["closing"],
        } == wanted
