"""Purchases with step-ups that are sold again, and those of a subsidiary with outsiders."""

from pathlib import Path

import pytest

from tests.groupfolder.folders import add, put
from tests.groupfolder.purchases import (
    CHART,
    IN_2025,
    IN_2026,
    abroad_in,
    close,
    figures,
    put_balances,
    settings,
    write,
)


class TestSold:
    def test_nothing_is_charged_after_control_is_lost(self, tmp_path: Path):
        """
        Sold on 28 February 2026 at 0.2345 for 300.00, carried at 240.00 by its holder.

        Net assets 1,200.00 x 0.2345 = 281.40, step-ups 84.42 - 49.25 - 11.96 = 23.21,
        goodwill 159.92 = 37.50, outsiders 20 % x 304.61 = 60.92. The owners' CTA is 80 % x
        (35.40 + 6.61) + 7.77 = 41.38. Gain 300.00 + 60.92 - 304.61 - 37.50 + 41.38 = 60.19.
        """
        folder = abroad_in(tmp_path)
        add(folder, "rates.csv", "2026-02-28,BRL,USD,0.2345,historical,by hand")
        add(folder, "chart.csv", "4510,Result of sales,income,")
        put(folder, "ownership.csv", "holder,investee,percent,from\nP,S,80,\nP,S,0,2026-02-28\n")
        put(
            folder,
            "changes.csv",
            "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account\n"
            "2026-02-28,disposal,S,P,80,300.00,240.00,60.00,1700,4510\n",
        )
        for month in ("2026-02", "2026-03"):
            file = folder / "balances" / f"{month}.csv"
            lines = [
                line
                for line in file.read_text("utf-8").splitlines()
                if line[:2] != "P," and not (month == "2026-03" and line[:2] == "S,")
            ]
            file.write_text("\n".join([*lines, ""]), "utf-8")
        sold = {"3000": "-500.00", "4510": "-60.00"}
        put_balances(folder, "P", sold, ["2026-02", "2026-03"])
        books = close(folder, IN_2025 + IN_2026)
        for month in ("2026-02", "2026-03"):
            assert figures(books[month], "4510", "6210", "6910", "6220", "1510", "1600") == {
                "4510": "-60.19",
                "6210": "7.20",
                "6910": "-2.44",
                "6220": "12.25",
                "1510": "0.00",
                "1600": "0.00",
            }


def chain(folder: Path, holder: str, nci: str, share: str) -> Path:
    """
    P founds A in January; A, in reais or dollars, buys 75 % of B, in reais, on 15 May.

    B brings step-ups and loses goodwill in both years; P owns *share* percent of A.
    """
    values = ("0.20", "0.21", "0.22", "0.24", "0.23", "0.25", "0.26", "0.24", "0.22", "0.23",
              "0.24", "0.25", "0.24", "0.26", "0.27")  # fmt: skip
    rates = [
        f"{month},BRL,USD,{value},{kind}"
        for month, value in zip(IN_2025 + IN_2026, values, strict=True)
        for kind in ("closing", "average")
    ]
    rates += [f"{day},BRL,USD,0.21,historical" for day in ("2025-01-01", "2025-05-15")]
    cost = {"BRL": 630, "USD": 3000}[holder] * int(share) // 100
    outside = f"proportionate,{100 - int(share)},"
    write(
        folder,
        {
            "group.toml": settings(first="2025-01"),
            "entities.csv": "code,name,currency,method,first_period\nP,P Inc.,USD,parent,\n"
            f"A,A Ltda.,{holder},full,\nB,B Ltda.,BRL,full,2025-05\n",
            "chart.csv": CHART,
            "rates.csv": "\n".join(["date,base,quote,value,kind", *rates, ""]),
            "ownership.csv": "holder,investee,percent,from\n"
            f"P,A,{share},2025-01-01\nA,B,75,2025-05-15\n",
            "acquisitions.csv": "id,acquirer,target,date,kind,consideration,"
            "consideration_currency,investment_account,investment,nci,nci_percent,nci_amount,"
            "share_capital,retained_earnings,tax_rate_pct,goodwill_life\n"
            f"ACQ-A,P,A,2025-01-01,formation,{30 * int(share)}.00,{holder},1700,{cost}.00,{outside}"
            ",-3000.00,,,\n"
            f"ACQ-B,A,B,2025-05-15,purchase,1000.00,{holder},1700,1000.00,{nci},"
            "-300.00,-100.00,34,30\n",
            "acquired_results.csv": "acquisition,account,amount\nACQ-B,4000,-70.00\n"
            "ACQ-B,6000,10.00\n",
            "step_ups.csv": "acquisition,id,amount,life,asset_account,accumulated_account,"
            "expense_account\nACQ-B,CUST,33.33,7,1510,1515,6210\nACQ-B,LAND,5.00,,1510,,\n",
            "events.csv": "date,kind,entity,amount,reference\n"
            "2025-11-11,impairment,B,2.22,ACQ-B\n2026-02-11,impairment,B,1.11,ACQ-B\n",
        },
    )
    put_balances(folder, "P", {"1700": f"{cost}.00", "3000": "-9000.00"}, IN_2025 + IN_2026)
    put_balances(folder, "A", {"3000": "-3000.00", "4000": "-50.00"}, IN_2025[:4])
    later = {"3000": "-3000.00", "1700": "1000.00"}
    put_balances(folder, "A", later | {"4000": "-60.00"}, IN_2025[4:])
    put_balances(folder, "A", later | {"3300": "-60.00", "4000": "-7.00"}, IN_2026)
    of_b = {"3000": "-300.00", "3300": "-100.00", "4000": "-150.00", "6000": "25.00"}
    put_balances(folder, "B", of_b, IN_2025[4:])
    put_balances(folder, "B", of_b | {"3300": "-225.00", "4000": "-10.00", "6000": "0"}, IN_2026)
    return folder


class TestChain:
    @pytest.mark.parametrize("holder", ["BRL", "USD"])
    @pytest.mark.parametrize("nci", ["proportionate,25,", "fair_value,,77.77"])
    def test_outsiders_of_the_buyer_share_in_what_it_bought(self, tmp_path, holder, nci):
        """
        No month of two years has a check that blocks; before May nobody owns B.

        Goodwill of B: 1,000.00 (of A's dollars 1,000.00 / 0.21 = 4,761.90) and outsiders,
        25 % x 485.30 = 121.33 or 77.77, less 460.00 + 38.33 - 13.03 = 485.30.
        """
        books = close(chain(tmp_path / "chain", holder, nci, "80"), IN_2025 + IN_2026)
        purchase = books["2025-05"].purchases["ACQ-B"]
        given = {"BRL": 1000_00, "USD": 4761_90}[holder]
        theirs = 121_33 if nci.startswith("prop") else 77_77
        assert purchase.goodwill == given + theirs - 485_30
        assert set(books["2025-04"].nci) == {"A"}
        assert books["2026-03"].nci["B"].percent == "40"
        assert figures(books["2026-03"], "6220") == {"6220": "0.29"}  # 1.11 x 0.26
