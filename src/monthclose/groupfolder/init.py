"""A small group to begin with: three companies, two months, figures one can check by hand."""

from pathlib import Path

from monthclose.groupfolder.files import SETTINGS
from monthclose.groupfolder.writer import Row, begin, write_table

_SETTINGS = """\
# A group of companies. The tables beside this file hold everything else; every column
# is described in docs/group-folder.md. Check the folder and close a month with
#     monthclose consolidate . --period 2025-06

[group]
code = "EXAMPLE"
name = "Grupo Exemplo"
# The currency the group reports in (ISO 4217).
presentation_currency = "USD"
# IFRS or "US GAAP".
framework = "IFRS"
# The month its fiscal years end in.
fiscal_year_end = 12
# Language of its reports: pt-BR or en.
language = "pt-BR"
# How the tables write numbers. plain: 1234.56 and nothing else; pt-BR: 1.234,56.
number_locale = "plain"
# The first month that is closed here. What earlier closes left behind is in openings.csv.
first_period = "2025-05"
"""

_ENTITIES = """
code name            currency method tax_id
HOLD Exemplo_Holding BRL      parent 11222333000181
ALFA Alfa_Software   BRL      full   22333444000181
BETA Beta_Dados      BRL      full   33444555000181
"""

_OWNERSHIP = """
holder investee percent from
HOLD   ALFA     100     2020-01-02
HOLD   BETA     80      2024-12-31
"""

_CHART = """
code name                   class             role
1000 Caixa_e_bancos         asset             -
1100 Clientes               asset             -
1500 Investimentos          asset             -
1600 Ágio                   asset             goodwill
2000 Fornecedores           liability         -
3000 Capital_social         share_capital     -
3300 Lucros_acumulados      retained_earnings retained_earnings
3350 Dividendos_declarados  dividends         dividends
3400 Ajuste_de_conversão    cta               cta
3900 Não_controladores      nci               nci
4000 Receita                income            -
4200 Receita_de_dividendos  income            dividend_income
5000 Despesas               expense           -
"""

# ALFA keeps its own chart; the other two keep their books in the standard chart.
_MAPPINGS = """
entity account standard_account
ALFA   1.1.01  1000
ALFA   1.1.02  1100
ALFA   2.1.01  2000
ALFA   2.3.01  3000
ALFA   2.3.02  3300
ALFA   3.1.01  4000
ALFA   3.2.01  5000
"""

# Reais for one dollar: round, so that the figures stay round.
_RATES = """
date       base quote value kind       source
2025-04    USD  BRL   5     closing    example
2025-05    USD  BRL   5     average    example
2025-05    USD  BRL   4     closing    example
2025-06    USD  BRL   4     average    example
2025-06    USD  BRL   5     closing    example
2020-01-02 USD  BRL   4     historical example
2024-12-31 USD  BRL   6.25  historical example
2025-06-10 USD  BRL   4     historical example
"""

# Equity at the end of April with its translation, the result of January to April, and
# the CTA: net assets at 5.00 less all of that.
_OPENINGS = """
entity account functional translated
HOLD   3000    -9000.00   -2250.00
HOLD   3300    -1500.00   -300.00
HOLD   5000    500.00     90.00
HOLD   3400    -          460.00
ALFA   3000    -1000.00   -250.00
ALFA   3300    -1000.00   -200.00
ALFA   4000    -800.00    -128.00
ALFA   5000    600.00     96.00
ALFA   3400    -          42.00
BETA   3000    -3000.00   -480.00
BETA   3300    -2000.00   -320.00
BETA   4000    -1000.00   -200.00
BETA   5000    700.00     140.00
BETA   3400    -          -200.00
"""

_ACQUISITIONS = """
id       acquirer target date       kind      consideration investment_account investment nci          nci_percent share_capital retained_earnings
ACQ-ALFA HOLD     ALFA   2020-01-02 formation 1000.00       1500               1000.00    none         -           -1000.00      -
ACQ-BETA HOLD     BETA   2024-12-31 purchase  5000.00       1500               5000.00    proportionate 20         -3000.00      -2000.00
"""  # noqa: E501 - a table

# BETA pays 500.00: 400.00 to HOLD, the rest to its other shareholders.
_EVENTS = """
date       kind     entity amount holder received income_account
2025-06-10 dividend BETA   400.00 HOLD   400.00   4200
2025-06-10 dividend BETA   100.00 -      -        -
"""

# Closing balances, debit positive; income and expense from January on.
_BALANCES = {
    "2025-05": """
entity account closing
HOLD   1000    3900.00
HOLD   1500    6000.00
HOLD   3000    -9000.00
HOLD   3300    -1500.00
HOLD   5000    600.00
ALFA   1.1.01  2050.00
ALFA   1.1.02  500.00
ALFA   2.1.01  -300.00
ALFA   2.3.01  -1000.00
ALFA   2.3.02  -1000.00
ALFA   3.1.01  -1000.00
ALFA   3.2.01  750.00
BETA   1000    4100.00
BETA   1100    2000.00
BETA   2000    -700.00
BETA   3000    -3000.00
BETA   3300    -2000.00
BETA   4000    -1250.00
BETA   5000    850.00
""",
    "2025-06": """
entity account closing
HOLD   1000    4200.00
HOLD   1500    6000.00
HOLD   3000    -9000.00
HOLD   3300    -1500.00
HOLD   4200    -400.00
HOLD   5000    700.00
ALFA   1.1.01  2150.00
ALFA   1.1.02  500.00
ALFA   2.1.01  -300.00
ALFA   2.3.01  -1000.00
ALFA   2.3.02  -1000.00
ALFA   3.1.01  -1300.00
ALFA   3.2.01  950.00
BETA   1000    3700.00
BETA   1100    2000.00
BETA   2000    -700.00
BETA   3000    -3000.00
BETA   3300    -2000.00
BETA   3350    500.00
BETA   4000    -1600.00
BETA   5000    1100.00
""",
}


def write_example(folder: Path) -> None:
    """
    Write a small working group: `monthclose init DIR`.

    A holding and two companies in reais, one founded and one bought (80 percent), that
    report in dollars for May and June 2025.

    Raises:
        GroupFolderNotEmpty: the folder holds something already.
    """
    begin(folder)
    (folder / SETTINGS).write_text(_SETTINGS, "utf-8", newline="\n")
    tables = {
        "entities": _ENTITIES,
        "ownership": _OWNERSHIP,
        "chart": _CHART,
        "mappings": _MAPPINGS,
        "rates": _RATES,
        "openings": _OPENINGS,
        "acquisitions": _ACQUISITIONS,
        "events": _EVENTS,
    }
    for name, table in tables.items():
        write_table(folder, name, _rows(table))
    for period, table in _BALANCES.items():
        write_table(folder, "balances", _rows(table), period)


def _rows(table: str) -> list[Row]:
    """Read a table set in columns: `-` is an empty cell, `_` a blank."""
    header, *lines = (line.split() for line in table.strip().splitlines())
    return [
        {
            name: "" if cell == "-" else cell.replace("_", " ") if name == "name" else cell
            for name, cell in zip(header, line, strict=True)
        }
        for line in lines
    ]
