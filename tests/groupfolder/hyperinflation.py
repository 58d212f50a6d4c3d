"""
A group with a company in pesos that lose half of their worth, as a folder.

P in dollars founds ARG on 1 November 2024 with 80 percent of a capital of ARS 1000.00.
The index is 120 in November, 150 in December, 180 in January; a dollar costs 10 pesos on
the day of the foundation, then 12.50, 20 and 25 at the ends of the months.
"""

from pathlib import Path

from tests.groupfolder.folders import put

MONTHS = ("2024-11", "2024-12", "2025-01")
CHART = """code,name,class,monetary,role
1000,Cash,asset,yes,
1400,Land,asset,,
1500,Investment,asset,,
2000,Payables,liability,yes,
3000,Capital,share_capital,,
3300,Retained,retained_earnings,,retained_earnings
4000,Revenue,income,,
6000,Expense,expense,,
6800,Net monetary result,expense,,monetary_result
6850,Restated use,expense,,restated_use
"""
BOOKS = {
    "2024-11": {"1000": "460.00", "1400": "600.00", "3000": "-1000.00", "4000": "-60.00"},
    "2024-12": {
        "1000": "510.00", "1400": "600.00", "3000": "-1000.00", "4000": "-150.00", "6000": "40.00",
    },
    "2025-01": {
        "1000": "610.00", "1400": "300.00", "3000": "-1000.00", "3300": "-110.00",
        "4000": "-100.00", "6000": "300.00",
    },
}  # fmt: skip


def write_pesos(folder: Path) -> Path:
    """Write the folder; ARG uses half of its land in January."""
    folder.mkdir(exist_ok=True)
    put(folder, "group.toml", '[group]\ncode = "ARS"\nname = "Pesos"\n'
        'presentation_currency = "USD"\nfirst_period = "2024-11"\n')  # fmt: skip
    put(folder, "chart.csv", CHART)
    put(folder, "entities.csv", "code,name,currency,method,index\nP,Parent,USD,parent,\n"
        "ARG,Argentina,ARS,full,IPC\n")  # fmt: skip
    put(folder, "ownership.csv", "holder,investee,percent,from\nP,ARG,80,2024-11-01\n")
    put(folder, "indices.csv", "index,month,value,source\nIPC,2024-11,120,INDEC\n"
        "IPC,2024-12,150,INDEC\nIPC,2025-01,180,INDEC\n")  # fmt: skip
    put(folder, "acquisitions.csv",
        "id,acquirer,target,date,kind,consideration,consideration_currency,investment_account,"
        "investment,nci,nci_percent,share_capital\n"
        "F,P,ARG,2024-11-01,formation,800.00,,1500,80.00,proportionate,20,-1000.00\n")  # fmt: skip
    put(folder, "events.csv", "date,kind,entity,account,amount\n"
        "2024-11-01,contribution,P,3000,1000.00\n")  # fmt: skip
    rates = ["date,base,quote,value,kind", "2024-11-01,USD,ARS,10,historical"]
    for month, closing in zip(MONTHS, ("12.5", "20", "25"), strict=True):
        rates += [f"{month},USD,ARS,{closing},closing", f"{month},USD,ARS,{closing},average"]
    put(folder, "rates.csv", "\n".join([*rates, ""]))
    for month, books in BOOKS.items():
        lines = ["entity,account,closing", "P,1000,920.00", "P,1500,80.00", "P,3000,-1000.00"]
        lines += [f"ARG,{account},{amount}" for account, amount in books.items()]
        put(folder, f"balances/{month}.csv", "\n".join([*lines, ""]))
    return folder
