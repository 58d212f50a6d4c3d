"""Shared cases of purchases told as dated records in a folder: the same figures."""

import json
from pathlib import Path
from typing import Any

import pytest

from monthclose.ledger.book import Book
from monthclose.ledger.money import plain
from tests.groupfolder.purchases import close, months, put_balances, settings, write
from tests.worked.case import SHARED, Case, read_case
from tests.worked.outcome import differences, differing, outcome

ROLES = {
    "2500": ("liability", "deferred_tax"),
    "6910": ("expense", "deferred_tax_result"),
    "6220": ("expense", "goodwill_impairment"),
}
STEP_UPS = ("1590", "1595", "1510", "1515")
CHARGES = ("6215", "6210")


def case_of(folder: Path, name: str) -> Case:
    """A case; labels for years become years, a currency that does not exist becomes one."""
    (file,) = SHARED.glob(f"{name}-*.json")
    text = file.read_text("utf-8").replace("20X1", "2021").replace("DIN", "MXN")
    copied = folder / f"{name}.json"
    copied.write_text(text, "utf-8")
    return read_case(copied)


def told(folder: Path, case: Case, companies: tuple[str, ...], rates: list[str]) -> Path:
    """The companies, chart, ownership and purchases of a case as tables; balances apart."""
    inputs = case.inputs
    sheets = [each for each in inputs["trial_balances"] if each["entity"] in companies]
    chart = {a["code"]: a["class"] for each in sheets for a in each["accounts"]}
    rows = [f"{code},A {code},{kind}," for code, kind in chart.items() if code != "3350"]
    rows += [f"{code},A {code},{kind},{role}" for code, (kind, role) in ROLES.items()]
    rows += [f"{code},A {code},asset," for code in STEP_UPS if code not in chart]
    rows += [f"{code},A {code},expense," for code in CHARGES]
    bought = [each for each in inputs["acquisitions"] if each["target"] in companies]
    return write(
        folder,
        {
            "group.toml": settings(inputs["policies"]["presentation_currency"], first_of(case)),
            "entities.csv": table(
                "code,name,currency,method",
                [
                    f"{e['id']},{e['name']},{e['functional_currency']},{e['method']}"
                    for e in inputs["entities"]
                    if e["id"] in companies
                ],
            ),
            "chart.csv": table("code,name,class,role", [r for r in rows if r[:4] != "3300"]),
            "ownership.csv": table(
                "holder,investee,percent",
                [
                    f"{e['holder']},{e['investee']},{e['pct']}"
                    for e in inputs["ownership"]
                    if e["investee"] in companies
                ],
            ),
            "rates.csv": table("date,base,quote,value,kind", rates),
            "acquisitions.csv": table(
                "id,acquirer,target,date,kind,consideration,consideration_currency,"
                "investment_account,investment,nci,nci_percent,nci_amount,share_capital,"
                "retained_earnings,tax_rate_pct",
                [acquisition(each) for each in bought],
            ),
            **step_ups(bought),
        },
    )


def table(header: str, rows: list[str]) -> str:
    """A file."""
    return "\n".join([header, *rows, ""])


def first_of(case: Case) -> str:
    """The month a case begins with."""
    start: str = case.inputs["period"]["start"]
    return start[:7]


def acquisition(each: dict[str, Any]) -> str:
    """A row of `acquisitions`."""
    nci, equity, paid = each["nci"], each["equity_at_acquisition"], each["consideration"]
    rate = each.get("deferred_tax_rate", "") if each.get("fair_value_adjustments") else ""
    cells = [each["id"], each["acquirer"], each["target"], each["date"], each["kind"]]
    cells += [paid["amount"], paid["currency"]]
    cells += [each["investment"]["account"], each["investment"]["balance"], nci["method"]]
    cells += [nci.get("pct", ""), nci.get("amount", ""), equity["3000"], equity["3300"], rate]
    return ",".join(cells)


def step_ups(bought: list[dict[str, Any]]) -> dict[str, str]:
    """The table `step_ups`, when there are any."""
    rows = [
        f"{each['id']},{s['id']},{s['amount']},{s['useful_life_months'] or ''},"
        f"{s['asset_account']},{s['accumulated_account']},{s['expense_account']}"
        for each in bought
        for s in each.get("fair_value_adjustments", [])
    ]
    header = "acquisition,id,amount,life,asset_account,accumulated_account,expense_account"
    return {"step_ups.csv": table(header, rows)} if rows else {}


def loss(folder: Path, day: str, company: str, case: Case) -> None:
    """The impairment of a case as an event of a day."""
    (bought,) = case.inputs["acquisitions"]
    (lost,) = bought["goodwill"]["impairments"]
    row = f"{day},impairment,{company},{lost['amount']},{bought['id']}"
    write(folder, {"events.csv": table("date,kind,entity,amount,reference", [row])})


def stand(folder: Path, case: Case, when: list[str]) -> None:
    """The balances of a case, the same in every month given."""
    for sheet in case.inputs["trial_balances"]:
        standing = {a["code"]: a["balance"] for a in sheet["accounts"] if a["code"] != "1010"}
        put_balances(folder, sheet["entity"], standing, when)


@pytest.mark.parametrize("name", ["G05", "G06"])
def test_partial_and_full_goodwill_with_a_loss_in_december(name: str, tmp_path: Path) -> None:
    """Every part of the case but none of its facts: the year's last month, alone."""
    case = case_of(tmp_path, name)
    folder = told(tmp_path / "folder", case, ("P", "H"), [])
    stand(folder, case, ["2024-12"])
    loss(folder, "2024-12-31", "H", case)
    book = close(folder, ["2024-12"])["2024-12"]
    assert differing(case, outcome(case, book)) == {}


def test_a_loss_without_a_rate_of_its_day_takes_the_average(tmp_path: Path) -> None:
    """G16: land abroad worth more, never charged; 6,000,000 lost at 11, the average."""
    case = case_of(tmp_path, "G16")
    year = months("2021-01", "2021-12")
    rates = ["2021-01-01,USD,MXN,10,historical", "2021-12,USD,MXN,12,closing"]
    rates += [f"{month},USD,MXN,11,average" for month in year]
    rates += [f"{month},USD,MXN,11,closing" for month in year[:-1]]
    folder = told(tmp_path / "folder", case, ("P", "S"), rates)
    stand(folder, case, year)
    loss(folder, "2021-12-31", "S", case)
    assert differing(case, outcome(case, close(folder, year)["2021-12"])) == {}


class TestG13:
    """
    The purchase of G13: bought on 1 July 2023, closed in January and February 2024.

    The case charges the six months of 2023 in one sum, 120,000.00 at 4.9128 = 24,425.99;
    months on their own come to 6 x 4,071.00 = 24,426.00. That cent is in the translation
    adjustment of the layer, as it opened and as it closes, and nowhere else.
    """

    @pytest.fixture
    def closed(self, tmp_path: Path) -> tuple[Case, Book]:
        """The case, and its February."""
        case = case_of(tmp_path, "G13")
        rates = ["2023-07-01,USD,BRL,4.7954,historical", "2023-12,USD,BRL,4.8413,closing"]
        rates += [f"{month},USD,BRL,4.9128,average" for month in months("2023-07", "2023-12")]
        rates += ["2024-01,USD,BRL,4.9144,average", "2024-01,USD,BRL,4.9500,closing"]
        rates += ["2024-02,USD,BRL,4.9644,average", "2024-02,USD,BRL,4.9833,closing"]
        folder = told(tmp_path / "folder", case, ("P", "B"), rates)
        (of_b,) = (each for each in case.inputs["trial_balances"] if each["entity"] == "B")
        january = {}
        for each in of_b["accounts"]:
            monthly = each.get("translate", {}).get("monthly")
            amount = monthly[0]["amount"] if monthly else each["balance"]
            january[each["code"]] = amount
        january.pop("1010")
        february = {a["code"]: a["balance"] for a in of_b["accounts"] if a["code"] != "1010"}
        put_balances(folder, "B", january, ["2024-01"])
        put_balances(folder, "B", february, ["2024-02"])
        put_balances(
            folder, "P", {"1701": "900000.00", "3000": "-2000000.00"}, ["2024-01", "2024-02"]
        )
        openings = ["B,3000,-1500000.00,-312799.77", "B,3300,-1750000.00,-363687.25"]
        openings += ["B,3400,,5179.73", "P,3000,-2000000.00,-2000000.00"]
        header = "entity,account,functional,translated"
        write(folder, {"openings.csv": table(header, openings)})
        return case, close(folder, ["2024-01", "2024-02"])["2024-02"]

    def test_equation_schedules_and_charges_are_those_of_the_case(self, closed):
        case, book = closed
        written = outcome(case, book)["ppa"]
        layer = written["ACQ-B"]["presentation"]["cta_fair_value_layer"]
        assert layer == {"opening": "-2586.87", "movement": "-6479.02", "closing": "-9065.89"}
        expected = json.loads(json.dumps(case.expected["ppa"]))
        expected["ACQ-B"]["presentation"]["cta_fair_value_layer"] = layer
        assert differences("ppa", expected, written) == []

    def test_the_company_and_its_outsiders_too(self, closed):
        case, book = closed
        written = outcome(case, book)
        assert differences("nci", case.expected["nci"], written["nci"]) == []
        wanted, found = case.expected["translation"]["B"], written["translation"]["B"]
        for each in (*wanted["cta_proof"]["components"], *found["cta_proof"]["components"]):
            each.pop("rate", None)  # the case has names for its rates
        assert differences("B", wanted, found) == []
        assert plain(book.purchases["ACQ-B"].cta.closing) == "-9237.84"
