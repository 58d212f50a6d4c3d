"""The standard chart of the sandbox group, and the charts its companies keep themselves."""

from dataclasses import dataclass

STANDARD = """
code class             role                name                                flags
1010 asset             -                   Caixa_e_bancos                      cash,monetary
1020 asset             -                   Aplicações_financeiras              cash,monetary
1100 asset             -                   Contas_a_receber_de_clientes        monetary
1110 asset             -                   Perdas_estimadas_com_clientes       monetary,contra
1150 asset             -                   Partes_relacionadas_a_receber       monetary,due=AR
1200 asset             -                   Tributos_a_recuperar                -
1300 asset             -                   Despesas_antecipadas                -
1400 asset             -                   Imobilizado                         investing
1410 asset             -                   Depreciação_acumulada               contra,investing
1420 asset             -                   Software_e_intangíveis              investing
1430 asset             -                   Amortização_acumulada               contra,investing
1500 asset             -                   Investimentos_em_controladas        investing
1600 asset             goodwill            Ágio                                -
1990 asset             difference_position Diferenças_intragrupo               -
2010 liability         -                   Fornecedores                        monetary
2020 liability         -                   Salários_e_encargos                 monetary
2030 liability         -                   Tributos_a_recolher                 monetary
2100 liability         -                   Receita_diferida                    -
2150 liability         -                   Partes_relacionadas_a_pagar         monetary,due=AP
2200 liability         -                   Empréstimos_e_financiamentos        monetary,financing
2300 liability         -                   Provisões                           -
3010 share_capital     -                   Capital_social                      -
3300 retained_earnings retained_earnings   Lucros_acumulados                   -
3350 dividends         dividends           Dividendos_declarados               -
3400 cta               cta                 Ajustes_de_conversão                -
3900 nci               nci                 Participação_de_não_controladores   -
4010 income            -                   Receita_de_assinaturas              -
4020 income            -                   Receita_de_serviços                 -
4090 income            -                   Tributos_sobre_a_receita            contra
4110 income            -                   Receita_intragrupo                  due=REV
4200 income            dividend_income     Receita_de_dividendos               -
4300 income            -                   Receitas_financeiras                -
4500 income            bargain_gain        Ganho_por_compra_vantajosa          -
4510 income            -                   Ganho_na_alienação_de_investimentos -
5010 expense           -                   Hospedagem_e_infraestrutura         -
5020 expense           -                   Pessoal_de_serviços                 -
6010 expense           -                   Vendas_e_marketing                  -
6020 expense           -                   Pesquisa_e_desenvolvimento          -
6030 expense           -                   Gerais_e_administrativas            -
6040 expense           -                   Depreciação_e_amortização           investing
6050 expense           -                   Despesas_intragrupo                 due=EXP
6060 expense           -                   Perdas_com_clientes                 -
6100 expense           -                   Despesas_financeiras                -
6200 expense           -                   IRPJ_e_CSLL                         -
6990 expense           difference_result   Diferenças_intragrupo_no_resultado  -
"""

USES = {
    "4010": "subscription_revenue",
    "4020": "other_revenue",
    "4090": "other_revenue",
    "4200": "outside_ebitda",
    "4300": "outside_ebitda",
    "4500": "outside_ebitda",
    "4510": "outside_ebitda",
    "5010": "cost_of_revenue",
    "5020": "cost_of_revenue",
    "6010": "sales_marketing",
    "6040": "outside_ebitda",
    "6100": "outside_ebitda",
    "6200": "outside_ebitda",
}
"""What SaaS metrics take accounts for."""

PARTS = {
    "1010": ("Itaú", "Bradesco", "Caixa"),
    "1100": ("Nacional", "Exterior"),
    "2030": ("PIS e COFINS", "ISS", "IRPJ e CSLL"),
    "6010": ("Comissões", "Mídia", "Eventos"),
    "6020": ("Pessoal", "Ferramentas"),
    "6030": ("Aluguel", "Honorários", "Pessoal", "Viagens"),
}
"""Standard accounts that a company keeps in several; the first takes what does not divide."""

CLOSE_ONLY = ("1500", "1600", "1990", "3400", "3900", "4200", "4500", "4510", "6990")
"""Accounts that no operating company has."""


def standard_chart() -> list[dict[str, str]]:
    """The standard chart as rows of `chart.csv`."""
    header, *lines = (line.split() for line in STANDARD.strip().splitlines())
    rows = []
    for line in lines:
        row = {name: "" if cell == "-" else cell for name, cell in zip(header, line, strict=True)}
        flags = [flag for flag in row.pop("flags").split(",") if flag]
        row["name"] = row["name"].replace("_", " ")
        row["metric"] = USES.get(row["code"], "")
        for flag in flags:
            name, _, value = flag.partition("=")
            if name in ("investing", "financing"):
                row["cash_flow"] = name
            else:
                row["intercompany" if name == "due" else name] = value or "yes"
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account of a company's own chart, and the standard account it goes to."""

    code: str
    name: str
    standard: str


def own_chart(erp: str, number: int) -> dict[str, tuple[OwnAccount, ...]]:
    """
    Make the chart of a company the way its ERP numbers accounts.

    Args:
        erp: `totvs`, `omie`, `contaazul` or `bling`.
        number: The company's place in the group; no two charts are the same.

    Returns:
        Its accounts by standard account.
    """
    chart: dict[str, tuple[OwnAccount, ...]] = {}
    serial = 0
    for row in standard_chart():
        standard = row["code"]
        if standard in CLOSE_ONLY:
            continue
        accounts = []
        for part in PARTS.get(standard, ("",)):
            serial += 1
            name = f"{row['name']} – {part}" if part else row["name"]
            accounts.append(OwnAccount(_code(erp, standard, serial, number), name, standard))
        chart[standard] = tuple(accounts)
    return chart


def _code(erp: str, standard: str, serial: int, number: int) -> str:
    """Write an account code in the style of an ERP."""
    group, rest = standard[0], int(standard[1:])
    match erp:
        case "totvs":  # levels run together, analytic accounts with four digits
            return f"{group}{rest // 100 + 1}{rest % 100:02d}{serial:04d}"
        case "omie":
            return f"{group}.{rest // 100 + 1:02d}.{serial:03d}"
        case "contaazul":  # no codes of its own: an export numbers its categories
            return f"CA-{number:02d}-{serial:03d}"
        case _:  # bling: long ids in no order that means anything
            return str(14_600_000_000 + number * 1_000_003 + serial * 7_919)
