"""One dated record of every kind, told so that it can be corrected and then withdrawn."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monthclose.groupfolder import write_example
from tests.changes.test_kept_folders import ACQUIRED
from tests.changes.test_kept_folders import told as kept_in_part
from tests.changes.told import sold_abroad
from tests.consolidation import test_asset_sales as assets
from tests.consolidation import test_beside_books_years as years
from tests.consolidation import test_unrealised_months as stock
from tests.equity_method import test_associates as associates
from tests.equity_method import test_pickups as pickups
from tests.groupfolder.folders import add, put
from tests.groupfolder.hyperinflation import write_pesos
from tests.groupfolder.purchases import abroad_in

type Edits = tuple[tuple[str, str, str], ...]
"""File, what stands in it, what stands there instead; nothing for both: the file goes."""


@dataclass(frozen=True)
class Life:
    """
    How a record is told, corrected and withdrawn.

    Attributes:
        name: Field of the group that keeps it.
        told: Writes the folder.
        month: That is closed three times.
        corrected: What is written differently.
        says: How `diff` calls what was corrected, in each language.
        figure: A figure that is explained of each version.
        withdrawn: What is written differently then.
        given: What is added to the folder at first.
    """

    name: str
    told: Callable[[Path], Path]
    month: str
    corrected: Edits
    says: tuple[str, str]
    figure: str
    withdrawn: Edits
    given: Mapping[str, str] = field(default_factory=dict)


def rewrite(folder: Path, edits: Edits) -> None:
    """Write the files differently; what is to be replaced stands there once."""
    for file, was, now in edits:
        path = folder / file
        if not was:
            path.unlink()
            continue
        text = path.read_text("utf-8")
        assert text.count(was) == 1, (file, was, text.count(was))
        path.write_text(text.replace(was, now), "utf-8")


def begin(folder: Path, life: Life, code: str) -> Path:
    """Write the folder of a life, as a group of its own."""
    made = life.told(folder)
    settings = (made / "group.toml").read_text("utf-8")
    named = re.sub(r'^code = ".*"$', f'code = "{code}"', settings, count=1, flags=re.MULTILINE)
    put(made, "group.toml", named)
    for file, text in life.given.items():
        if (made / file).exists() and not text.startswith("="):
            add(made, file, text)
        else:
            put(made, file, text.removeprefix("=") + "\n")
    return made


def example(folder: Path) -> Path:
    """The group that `monthclose init` writes."""
    write_example(folder)
    return folder


def subscribed(folder: Path) -> Path:
    """The same with customers of BETA."""
    example(folder)
    lines = ["period,entity,customer,mrr", "2025-05,BETA,C1,100.00", "2025-06,BETA,C1,150.00"]
    put(folder, "subscriptions.csv", "\n".join([*lines, ""]))
    return folder


def reserves(folder: Path) -> Path:
    """The same with reserves that HOLD may use."""
    example(folder)
    add(folder, "chart.csv", "3100,Reservas,apic,\n3500,Ajustes de avaliação,oci,")
    return folder


def moved(folder: Path) -> Path:
    """The same after 10.00 of retained earnings became a reserve."""
    reserves(folder)
    rewrite(folder, ((BOOKS, "HOLD,3300,-1500.00", "HOLD,3300,-1490.00"),))
    return folder


def given_back(folder: Path) -> Path:
    """The group that `monthclose init` writes, after HOLD gave back 10.00 of its capital."""
    example(folder)
    rewrite(folder, ((BOOKS, "HOLD,3000,-9000.00", "HOLD,3000,-8990.00"),))
    rewrite(folder, ((BOOKS, "HOLD,1000,4200.00", "HOLD,1000,4190.00"),))
    return folder


def given_back_within(folder: Path) -> Path:
    """The same after BETA returned 300.00 of its capital, 240.00 of them to HOLD."""
    example(folder)
    put(folder, "events.csv", f"{EVENTS}\n{DIVIDENDS}\n{RETURNED}")
    rewrite(folder, GIVEN)
    return folder


def corrected(folder: Path) -> Path:
    """An error of a prior period is corrected in May 2025."""
    return years.told(folder, corrected=True)


JUNE, BOOKS = "2025-06", "balances/2025-06.csv"
EVENTS = "date,kind,entity,account,amount,reference,holder,received,income_account,from_account"
DIVIDENDS = (
    "2025-06-10,dividend,BETA,,400.00,,HOLD,400.00,4200,\n2025-06-10,dividend,BETA,,100.00,,,,,"
)
RETURNED = (
    "2025-06-10,capital_reduction,BETA,3000,240.00,R,HOLD,240.00,,\n"
    "2025-06-10,capital_reduction,BETA,3000,60.00,R,,,,\n"
)
GIVEN: Edits = (
    (BOOKS, "HOLD,1000,4200.00", "HOLD,1000,4440.00"),
    (BOOKS, "HOLD,1500,6000.00", "HOLD,1500,5760.00"),
    (BOOKS, "BETA,1000,3700.00", "BETA,1000,3400.00"),
    (BOOKS, "BETA,3000,-3000.00", "BETA,3000,-2700.00"),
)
ITEMS = "entity,partner,kind,account,reference,amount\n"
SOLD = tuple(
    edit
    for when in ("2024-09", "2024-10", "2024-11")
    for edit in (
        (f"balances/{when}.csv", "P,1010,190000.00", "P,1010,200000.00"),
        (f"balances/{when}.csv", "P,4510,-30000.00", "P,4510,-40000.00"),
    )
)

LIVES = (
    Life(
        "chart", example, JUNE,
        (("chart.csv", "1100,Clientes,asset", "1100,Clientes,liability"),),
        ("1100 kind", "1100 tipo"), "total_assets",
        (("chart.csv", "1190,Outros,asset,\n", ""),),
        {"chart.csv": "1190,Outros,asset,"},
    ),
    Life(
        "entities", write_pesos, "2024-12",
        (("entities.csv", "ARS,full,IPC", "ARS,full,IPX"),),
        ("ARG price index", "ARG índice de preços"), "net_income",
        (("entities.csv", "COLI,Associate,ARS,equity,\n", ""),),
        {
            "entities.csv": "COLI,Associate,ARS,equity,",
            "indices.csv": "IPX,2024-11,120,\nIPX,2024-12,160,\nIPX,2025-01,180,",
        },
    ),
    Life(
        "interests", associates.golden, "2024-12",
        (("ownership.csv", "P,X,30,", "P,X,25,"),),
        ("P X 2023-12-31 share", "P X 2023-12-31 participação"), "net_income",
        (("ownership.csv", "P,Y,20,2025-01-01\n", ""),),
        {"entities.csv": "Y,Another,BRL,equity", "ownership.csv": "P,Y,20,2025-01-01",
         "acquisitions.csv": "ACQ-Y,P,Y,2025-01-01,associate,0.00,1750,0.00,-10.00"},
    ),
    Life(
        "rates", example, JUNE,
        (("rates.csv", "2025-06,USD,BRL,5,closing", "2025-06,USD,BRL,5.1,closing"),),
        ("BRL/USD closing 2025-06 example", "BRL/USD closing 2025-06 example"), "total_assets",
        (("rates.csv", "2025-06-10,USD,BRL,4,historical", "2025-06-10,USD,BRL,5,historical"),),
    ),
    Life(
        "mappings", example, JUNE,
        (("mappings.csv", "ALFA,1.1.02,1100", "ALFA,1.1.02,1000"),),
        ("ALFA 1.1.02", "ALFA 1.1.02"), "1100",
        (("mappings.csv", "ALFA,9.9,1000\n", ""),),
        {"mappings.csv": "ALFA,9.9,1000"},
    ),
    Life(
        "openings", example, JUNE,
        (
            ("openings.csv", "HOLD,3300,-1500.00,-300.00", "HOLD,3300,-1500.00,-310.00"),
            ("openings.csv", "HOLD,3400,,460.00", "HOLD,3400,,470.00"),
        ),
        ("HOLD 3300 translated", "HOLD 3300 convertido"), "cta",
        (
            ("openings.csv", "HOLD,3300,-1500.00,-300.00", "HOLD,3300,-1500.00,160.00"),
            ("openings.csv", "HOLD,3400,,460.00\n", ""),
        ),
    ),
    Life(
        "acquisitions", abroad_in, "2025-02",
        (("step_ups.csv", "360.00,24,", "360.00,12,"),),
        ("ACQ-S CUST useful life in months", "ACQ-S CUST vida útil em meses"), "net_income",
        (
            ("acquisitions.csv", "-1000.00,34", "-1000.00,"),
            ("step_ups.csv", "", ""),
        ),
    ),
    Life(
        "contributions", write_pesos, "2024-11",
        (
            ("events.csv", "600.00,A", "700.00,A"),
            ("balances/2024-11.csv", "P,1000,920.00", "P,1000,1020.00"),
            ("balances/2024-11.csv", "P,3000,-1000.00", "P,3000,-1100.00"),
        ),
        ("P 3000 2024-11-01 A amount", "P 3000 2024-11-01 A valor"), "total_equity",
        (
            ("events.csv", "2024-11-01,contribution,P,3000,600.00,A\n", ""),
            ("events.csv", "400.00,B", "1000.00,B"),
        ),
        {
            "events.csv": "=date,kind,entity,account,amount,reference\n"
            "2024-11-01,contribution,P,3000,600.00,A\n2024-11-01,contribution,P,3000,400.00,B"
        },
    ),
    Life(
        "recognised", reserves, JUNE,
        (
            ("events.csv", "HOLD,3500,20.00", "HOLD,3500,30.00"),
            (BOOKS, "HOLD,3500,-20.00", "HOLD,3500,-30.00"),
            (BOOKS, "HOLD,1100,20.00", "HOLD,1100,30.00"),
        ),
        ("HOLD 3500 2025-06-10 R amount", "HOLD 3500 2025-06-10 R valor"), "total_equity",
        (
            ("events.csv", "2025-06-10,oci_gain,HOLD,3500,20.00,R,,,,\n", ""),
            (BOOKS, "HOLD,3500,-20.00\nHOLD,1100,20.00\n", ""),
        ),
        {
            "events.csv": f"={EVENTS}\n{DIVIDENDS}\n2025-06-10,oci_gain,HOLD,3500,20.00,R,,,,",
            BOOKS: "HOLD,3500,-20.00\nHOLD,1100,20.00",
        },
    ),
    Life(
        "dividends", example, JUNE,
        (
            ("events.csv", "BETA,100.00", "BETA,105.00"),
            (BOOKS, "BETA,3350,500.00", "BETA,3350,505.00"),
            (BOOKS, "BETA,1000,3700.00", "BETA,1000,3695.00"),
        ),
        ("BETA 2025-06-10 amount", "BETA 2025-06-10 valor"), "total_equity",
        (
            ("events.csv", "", ""),
            (BOOKS, "BETA,3350,500.00\n", ""),
            (BOOKS, "BETA,1000,3700.00", "BETA,1000,4200.00"),
            (BOOKS, "HOLD,4200,-400.00\n", ""),
            (BOOKS, "HOLD,1000,4200.00", "HOLD,1000,3800.00"),
        ),
    ),
    Life(
        "reductions", given_back, JUNE,
        (
            ("events.csv", "HOLD,3000,10.00,K", "HOLD,3000,20.00,K"),
            (BOOKS, "HOLD,3000,-8990.00", "HOLD,3000,-8980.00"),
            (BOOKS, "HOLD,1000,4190.00", "HOLD,1000,4180.00"),
        ),
        ("HOLD 3000 2025-06-10 K amount", "HOLD 3000 2025-06-10 K valor"), "3000",
        (
            ("events.csv", "2025-06-10,capital_reduction,HOLD,3000,10.00,K,,,,\n", ""),
            (BOOKS, "HOLD,3000,-8990.00", "HOLD,3000,-9000.00"),
            (BOOKS, "HOLD,1000,4190.00", "HOLD,1000,4200.00"),
        ),
        {
            "events.csv": f"={EVENTS}\n{DIVIDENDS}\n"
            "2025-06-10,capital_reduction,HOLD,3000,10.00,K,,,,"
        },
    ),
    Life(
        "transfers", moved, JUNE,
        (
            ("events.csv", "HOLD,3100,10.00,T", "HOLD,3100,20.00,T"),
            (BOOKS, "HOLD,3100,-10.00", "HOLD,3100,-20.00"),
            (BOOKS, "HOLD,3300,-1490.00", "HOLD,3300,-1480.00"),
        ),
        ("HOLD 3300 3100 2025-06-10 T amount", "HOLD 3300 3100 2025-06-10 T valor"),
        "3100",
        (
            ("events.csv", "2025-06-10,reserve_transfer,HOLD,3100,10.00,T,,,,3300\n", ""),
            (BOOKS, "HOLD,3100,-10.00\n", ""),
            (BOOKS, "HOLD,3300,-1490.00", "HOLD,3300,-1500.00"),
        ),
        {
            "events.csv": f"={EVENTS}\n{DIVIDENDS}\n"
            "2025-06-10,reserve_transfer,HOLD,3100,10.00,T,,,,3300",
            BOOKS: "HOLD,3100,-10.00",
        },
    ),
    Life(
        "reductions", given_back_within, JUNE,
        (
            ("events.csv", "240.00,R,HOLD,240.00", "320.00,R,HOLD,320.00"),
            ("events.csv", "60.00,R", "80.00,R"),
            (BOOKS, "HOLD,1000,4440.00", "HOLD,1000,4520.00"),
            (BOOKS, "HOLD,1500,5760.00", "HOLD,1500,5680.00"),
            (BOOKS, "BETA,1000,3400.00", "BETA,1000,3300.00"),
            (BOOKS, "BETA,3000,-2700.00", "BETA,3000,-2600.00"),
        ),
        ("BETA 3000 2025-06-10 R amount", "BETA 3000 2025-06-10 R valor"), "3400",
        (
            ("events.csv", RETURNED, ""),
            *((file, now, was) for file, was, now in GIVEN),
        ),
    ),
    Life(
        "associate_months", associates.golden, "2024-12",
        (("associates.csv", "2024-12,X,350.00", "2024-12,X,450.00"),),
        ("X 2024-12 result", "X 2024-12 resultado"), "net_income",
        (("associates.csv", "2024-12,X,350.00\n", ""),),
    ),
    Life(
        "impairments", abroad_in, "2026-02",
        (("events.csv", "S,50.00,ACQ-S", "S,60.00,ACQ-S"),),
        ("ACQ-S 2026-02-10 amount", "ACQ-S 2026-02-10 valor"), "net_income",
        (("events.csv", "", ""),),
    ),
    Life(
        "pickups", pickups.golden, "2024-12",
        (
            ("pickups.csv", "2024-12,P,ACQ-S,40000", "2024-12,P,ACQ-S,40500"),
            ("balances/2024-12.csv", "P,1700,576000", "P,1700,576500"),
            ("balances/2024-12.csv", "P,4410,-80000", "P,4410,-80500"),
        ),
        ("ACQ-S 2024-12 amount", "ACQ-S 2024-12 valor"), "net_income",
        (("pickups.csv", "2024-12,P,ACQ-S,40000,\n", ""),),
    ),
    Life(
        "items", example, JUNE,
        (("intercompany/2025-06.csv", "NF-1,300.00", "NF-1,310.00"),),
        ("2025-06/HOLD/BETA/1000/NF-1 amount", "2025-06/HOLD/BETA/1000/NF-1 valor"), "1000",
        (("intercompany/2025-06.csv", "", ""),),
        {
            "intercompany/2025-06.csv": f"{ITEMS}HOLD,BETA,AR,1000,NF-1,300.00\n"
            "BETA,HOLD,AP,2000,NF-1,-300.00"
        },
    ),
    Life(
        "tolerance", example, JUNE,
        (("group.toml", 'ic_tolerance_pct = "1"', 'ic_tolerance_pct = "5"'),),
        ("", ""), "1000",
        (
            ("intercompany/2025-06.csv", "", ""),
            ("group.toml", '[policies]\nic_tolerance_pct = "1"\n', ""),
        ),
        {
            "intercompany/2025-06.csv": f"{ITEMS}HOLD,BETA,AR,1000,NF-1,300.00\n"
            "BETA,HOLD,AP,2000,NF-1,-295.00",
            "group.toml": '[policies]\nic_tolerance_pct = "1"',
        },
    ),
    Life(
        "adjustments", example, JUNE,
        (
            ("adjustments.csv", "5000,50.00", "5000,60.00"),
            ("adjustments.csv", "2000,-50.00", "2000,-60.00"),
        ),
        ("2025-06 HOLD A-1 policy lines", "2025-06 HOLD A-1 policy linhas"), "net_income",
        (("adjustments.csv", "", ""),),
        {
            "adjustments.csv": "period,entry,layer,entity,account,amount,reason\n"
            "2025-06,A-1,policy,HOLD,5000,50.00,late\n2025-06,A-1,policy,HOLD,2000,-50.00,late"
        },
    ),
    Life(
        "subscriptions", subscribed, JUNE,
        (("subscriptions.csv", "C1,150.00", "C1,160.00"),),
        ("2025-06 BETA C1", "2025-06 BETA C1"), "mrr",
        (("subscriptions.csv", "2025-06,BETA,C1,150.00", "2025-06,BETA,C1,0.00"),),
    ),
    Life(
        "indices", write_pesos, "2025-01",
        (("indices.csv", "2025-01,180", "2025-01,190"),),
        ("IPC 2025-01 level", "IPC 2025-01 nível"), "net_income",
        (("indices.csv", "IPC,2025-01,180,INDEC\n", ""),),
    ),
    Life(
        "unrealised", stock.told, "2025-04",
        (("unrealised.csv", "5000,100.00,2025-03,240.00", "5000,110.00,2025-03,264.00"),),
        ("LOT 2025-04 amount", "LOT 2025-04 valor"), "net_income",
        (("unrealised.csv", "", ""),),
    ),
    Life(
        "asset_sales", assets.told, "2025-04",
        (("asset_sales.csv", "480.00,4,", "480.00,8,"),),
        ("M-1 useful life in months", "M-1 vida útil em meses"), "net_income",
        (("asset_sales.csv", "", ""),),
    ),
    Life(
        "loans", years.told, "2025-03",
        (
            ("loans.csv", "2025-02-15", "2025-03-01"),
            ("exchange_differences.csv", "2025-02,LOAN,S,20.00\n", ""),
        ),
        ("LOAN day", "LOAN data"), "net_income",
        (("loans.csv", "", ""), ("exchange_differences.csv", "", "")),
    ),
    Life(
        "exchange", years.told, "2025-03",
        (("exchange_differences.csv", "2025-03,LOAN,S,100.00", "2025-03,LOAN,S,90.00"),),
        ("LOAN 2025-03 amount", "LOAN 2025-03 valor"), "net_income",
        (("loans.csv", "", ""), ("exchange_differences.csv", "", "")),
    ),
    Life(
        "corrections", corrected, "2025-05",
        (
            ("corrections.csv", "3300,30.00", "3300,40.00"),
            ("balances/2025-05.csv", "S,1010,1370", "S,1010,1360"),
            ("balances/2025-05.csv", "S,3300,150", "S,3300,160"),
        ),
        ("S 3300 2025-03 2025-05 amount", "S 3300 2025-03 2025-05 valor"), "total_equity",
        (("corrections.csv", "", ""),),
    ),
    Life(
        "changes", sold_abroad, "2024-10",
        (
            ("changes.csv", "110000.00,80000.00,30000.00", "120000.00,80000.00,40000.00"),
            *SOLD,
        ),
        ("S P disposal 2024-09-30 price", "S P disposal 2024-09-30 preço"), "net_income",
        (("changes.csv", "", ""), ("ownership.csv", "P,S,0,2024-09-30\n", "")),
    ),
    Life(
        "changes", kept_in_part, "2025-02",
        (
            ("changes.csv", ",41250.00,30000.00,", ",42250.00,30000.00,"),
            ("acquisitions.csv", ",41250.00,USD,", ",42250.00,USD,"),
        ),
        (
            "S P disposal 2024-09-30 fair value of what is kept",
            "S P disposal 2024-09-30 valor justo da parcela mantida",
        ),
        "1751",
        (
            ("changes.csv", "", ""),
            ("ownership.csv", "P,S,30,2024-09-30\n", ""),
            ("acquisitions.csv", ACQUIRED + "\n", ""), ("associates.csv", "", ""),
        ),
    ),
)  # fmt: skip
"""At least one for every field of a group that holds records."""
