"""The company of `test_omie.py`, with a ledger: the same January, and the year before it."""

import asyncio
from dataclasses import replace
from datetime import date

from monthclose.connectors.base import Connection
from monthclose.connectors.totvs import TotvsConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.ledger.sources import Nature, Side, SourceAccount
from monthclose.ledger.titles import Dealings, Part, Settlement, Title
from monthclose.sandbox.neighbors.protheus import Protheus
from monthclose.sandbox.served import LedgerEntry, LedgerLine, Party, Served
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock, MemoryVault

BANK, PETTY, CLIENTS = "1110101001", "1110101002", "1120101001"
SUPPLIERS, CAPITAL, RETAINED = "2110101001", "2310101001", "2320101001"
SALES, SETUP, INTEREST, DISCOUNTS = "3110101001", "3110101002", "3210101001", "3210101002"
RENT, FEES = "4110101001", "4110101002"

_NATURES = {"1": Nature.ASSET, "21": Nature.LIABILITY, "23": Nature.EQUITY}
_NAMES = {
    "1": "ATIVO", "111": "DISPONIVEL", "1110101": "BANCOS", BANK: "BANCO ITAU", PETTY: "CAIXINHA",
    "1120101": "A RECEBER", CLIENTS: "CLIENTES", "2": "PASSIVO", SUPPLIERS: "FORNECEDORES",
    CAPITAL: "CAPITAL SOCIAL", RETAINED: "LUCROS ACUMULADOS", "3": "RECEITAS",
    SALES: "ASSINATURAS", SETUP: "IMPLANTAÇÃO", INTEREST: "JUROS", DISCOUNTS: "DESCONTOS",
    "4": "DESPESAS", RENT: "ALUGUEL", FEES: "TARIFAS",
}  # fmt: skip


def _account(code):
    natures = [nature for start, nature in _NATURES.items() if code.startswith(start)]
    parents = ["", *(other for other in _NAMES if code != other and code.startswith(other))]
    nature = natures[0] if natures else (Nature.RESULT if code[0] in "34" else Nature.LIABILITY)
    return SourceAccount(
        code,
        _NAMES[code],
        nature,
        posting=len(code) == 10,
        parent=max(parents, key=len),
    )


CHART = tuple(map(_account, _NAMES))


def entry(number, on, *lines, closing=False, text=""):
    return LedgerEntry(
        number, on, tuple(LedgerLine(a, amount, text=text) for a, amount in lines), closing
    )


CLOSING = entry(
    6, date(2024, 12, 31), (SALES, 7_000_00), (RENT, -3_200_00), (RETAINED, -3_800_00), closing=True
)
ENTRIES = (
    entry(1, date(2024, 1, 2), (BANK, 8_000_00), (CAPITAL, -8_000_00)),
    entry(2, date(2024, 6, 10), (CLIENTS, 7_000_00), (SALES, -7_000_00)),
    entry(3, date(2024, 7, 10), (BANK, 4_000_00), (CLIENTS, -4_000_00)),
    entry(4, date(2024, 12, 15), (RENT, 3_200_00), (SUPPLIERS, -3_200_00)),
    entry(5, date(2024, 12, 20), (SUPPLIERS, 2_000_00), (BANK, -2_000_00)),
    CLOSING,
    entry(7, date(2025, 1, 5), (BANK, 3_030_00), (CLIENTS, -3_000_00), (INTEREST, -30_00)),
    entry(8, date(2025, 1, 10), (CLIENTS, 5_000_00), (SALES, -3_000_00), (SETUP, -2_000_00)),
    entry(9, date(2025, 1, 15), (RENT, 1_500_00), (SUPPLIERS, -1_500_00)),
    entry(10, date(2025, 1, 20), (SUPPLIERS, 1_200_00), (BANK, -1_180_00), (DISCOUNTS, -20_00)),
    entry(
        11, date(2025, 1, 25), (FEES, 45_90), (BANK, -45_90),
        text="TARIFA DE MANUTENCAO DA CONTA CORRENTE REFERENTE A JANEIRO",
    ),
    entry(12, date(2025, 1, 28), (PETTY, 1_000_00), (BANK, -1_000_00)),
    entry(13, date(2025, 2, 9), (BANK, 5_000_00), (CLIENTS, -5_000_00)),
)  # fmt: skip

TITLES = Dealings(
    titles=(
        Title(
            Side.RECEIVABLE, "1001", "1001", "44555666000181", "BETA", date(2024, 12, 10),
            date(2025, 1, 5), 3_000_00, (Part("101001", 3_000_00),),
            settlements=(Settlement("1", date(2025, 1, 5), "501", 3_000_00, interest=30_00),),
        ),
        Title(
            Side.RECEIVABLE, "1002", "1002", "22333444000181", "DELTA", date(2025, 1, 10),
            date(2025, 2, 10), 5_000_00, (Part("101001", 5_000_00),),
            settlements=(
                Settlement("2", date(2025, 1, 30), "501", 1_000_00),
                Settlement("3", date(2025, 2, 9), "501", 4_000_00, fine=10_00, discount=4_00),
            ),
        ),
        Title(
            Side.PAYABLE, "2001", "2001", "55666777000181", "GAMA", date(2024, 12, 15),
            date(2025, 1, 20), 1_200_00, (Part("201001", 1_200_00),),
            settlements=(Settlement("4", date(2025, 1, 20), "501", 1_200_00, discount=20_00),),
        ),
        Title(
            Side.PAYABLE, "2002", "2002", "55666777000181", "GAMA", date(2025, 1, 15),
            date(2025, 2, 5), 1_500_00, (Part("201001", 1_500_00),),
        ),
    ),
)  # fmt: skip

PARTIES = (
    Party("000120", "BETA LTDA", "44555666000181"),
    Party("000123", "DELTA LTDA", "22333444000181"),
    Party("000900", "GAMA LTDA", "55666777000181"),
)

COMPANY = Served(
    "01,0101", "ALFA SISTEMAS LTDA", "11222333000181", date(2025, 3, 4),
    dealings=TITLES, parties=PARTIES, accounts=CHART, entries=ENTRIES,
)  # fmt: skip

OTHER = replace(
    COMPANY,
    id="01,0102",
    entries=(entry(1, date(2025, 1, 2), (BANK, 77_00), (CAPITAL, -77_00)),),
    dealings=Dealings(),
)

USER = {"username": "INTEGRA", "password": "s3nha-do-protheus"}


class Run:
    """Questions to a stand-in."""

    def __init__(self, script=None, served=COMPANY, user=USER, today=None, **connection):
        self.clock = FakeClock()
        if today:
            self.clock.moment = self.clock.moment.replace(
                year=today.year, month=today.month, day=today.day
            )
        self.server = Protheus(
            {"01,0102": OTHER, "01,0101": served, "02,0101": OTHER},
            {USER["username"]: USER["password"]},
            script,
            clock=lambda: self.clock.now().timestamp(),
        )
        self.vault = MemoryVault(**user)
        self.connection = {"company": "01,0101", **connection}

    def ask(self, act):
        async def go(url, addresses):
            around = Neighborhood.alone(self.clock, test=addresses, times=Times(read=1, total=2))
            connection = Connection("ALFA", "totvs", base_url=url + "/rest", **self.connection)
            async with TotvsConnector(connection, self.vault, around) as connector:
                return await act(connector)

        with Servers({"totvs": self.server}) as servers:
            return asyncio.run(go(servers.url("totvs"), servers.addresses))

    def extract(self, period="2025-01"):
        return self.ask(lambda c: c.get_trial_balance(period))

    def titles(self, period="2025-01"):
        return self.ask(lambda c: c.get_subledger_details(period))


def rows(extract):
    balance = extract.balance
    columns = (balance.opening, balance.debit, balance.credit, balance.amounts)
    return {
        code: tuple(int(column[i]) for column in columns) for i, code in enumerate(balance.accounts)
    }


def closing(extract):
    return {code: row[3] for code, row in rows(extract).items() if row[3]}


def notes(extract):
    return dict(extract.notes)
