"""One company at Conta Azul, and a run against its stand-in over real HTTP."""

import asyncio
from datetime import date

import numpy as np

from monthclose.connectors.base import Connection
from monthclose.connectors.contaazul import ContaAzulConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import (
    BankAccount,
    BankTransfer,
    Category,
    Dealings,
    Part,
    Settlement,
    Title,
)
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.neighbors.contaazul_rows import Shown
from monthclose.sandbox.served import Party, Served
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock, MemoryVault

CATEGORIES = (
    Category("c-1", "Assinaturas", line="01.01"),
    Category("c-2", "Implantação", line="01.02"),
    Category("c-3", "Aluguel", line="DESPESAS_ADMINISTRATIVAS"),
    Category("c-4", "Tarifas", line="05.01"),
    Category("c-5", "Compra de imobilizado"),
)

BETA = Party("p-1", "Beta Comercio Ltda", "44555666000181")
DELTA = Party("p-2", "Coligada Ltda", "22333444000181")
GAMA = Party("p-3", "Gama Imoveis Ltda", "55666777000181")
JOAO = Party("p-4", "Joao da Silva", "11144477735")


def receivable(number, party, accrued, amount, *parts, due=None, **facts):
    return title(Side.RECEIVABLE, number, party, accrued, amount, parts, due, facts)


def payable(number, party, accrued, amount, *parts, due=None, **facts):
    return title(Side.PAYABLE, number, party, accrued, amount, parts, due, facts)


def title(side, number, party, accrued, amount, parts, due, facts):
    split = tuple(Part(*each) for each in parts) or (
        Part("c-1" if side is Side.RECEIVABLE else "c-3", amount),
    )
    return Title(
        side, number, number, party.tax_id, party.name, accrued, due or accrued, amount, split,
        **facts,
    )  # fmt: skip


TITLES = (
    # paid late, with interest and a fine
    receivable(
        "1001", BETA, date(2024, 12, 10), 3_000_00, due=date(2025, 1, 5),
        settlements=(Settlement("b1", date(2025, 1, 9), "k-1", 3_000_00, 24_00, 6_00),),
    ),
    # one event of two instalments over two categories; the first received in part, less a
    # fee; the second paid in February
    receivable(
        "1002", DELTA, date(2025, 1, 10), 2_500_00, ("c-1", 1_500_00), ("c-2", 1_000_00),
        due=date(2025, 1, 20),
        settlements=(
            Settlement("b2", date(2025, 1, 20), "k-1", 1_200_00, fee=2_50),
            Settlement("b3", date(2025, 2, 20), "k-1", 1_300_00),
        ),
    ),
    receivable(
        "1003", DELTA, date(2025, 1, 10), 2_500_00, ("c-1", 1_500_00), ("c-2", 1_000_00),
        due=date(2025, 2, 10),
        settlements=(Settlement("b4", date(2025, 2, 9), "k-1", 2_500_00),),
    ),
    # written off
    receivable(
        "1004", JOAO, date(2024, 11, 4), 400_00,
        settlements=(Settlement("1004/perda", date(2025, 1, 31), "", 400_00, loss=True),),
    ),
    # renegotiated in December, and what replaces it
    receivable("1005", BETA, date(2024, 12, 1), 900_00, due=date(2024, 12, 20)),
    receivable("1006", BETA, date(2024, 12, 1), 900_00, due=date(2025, 3, 20)),
    # paid with a discount
    payable(
        "2001", GAMA, date(2024, 12, 15), 1_200_00, due=date(2025, 1, 20),
        settlements=(Settlement("b5", date(2025, 1, 20), "k-1", 1_200_00, discount=20_00),),
    ),
    payable("2002", GAMA, date(2025, 1, 15), 1_500_00, due=date(2025, 2, 5)),
)  # fmt: skip

SHOWN = Shown(
    events={"1002": "e-2", "1003": "e-2"},
    replaced={"1005": date(2024, 12, 28)},
)

BANKS = (BankAccount("k-1", "Itau", "CONTA_CORRENTE"), BankAccount("k-2", "Caixinha", "CAIXINHA"))

COMPANY = Served(
    "1",
    "ALFA SISTEMAS LTDA",
    "11222333000181",
    date(2025, 3, 4),
    Dealings(
        TITLES,
        transfers=(BankTransfer("t-1", date(2025, 1, 28), "k-1", "k-2", 1_000_00),),
        categories=CATEGORIES,
        banks=BANKS,
    ),
    (BETA, DELTA, GAMA, JOAO),
    bank_starts={"k-1": 10_000_00},
)


def opening(period="2024-12", **amounts):
    codes = tuple(code.replace("BANK_k_", "BANK:k-") for code in amounts)
    return RawBalance(
        "ALFA", period, "BRL", codes, np.array(list(amounts.values()), dtype=np.int64)
    )


OPENING = opening(
    BANK_k_1=10_000_00, AR=4_300_00, AP=-1_200_00, CAPITAL=-8_000_00, RETAINED=-5_100_00
)


class Run:
    """Extractions against a stand-in."""

    def __init__(self, script=None, company=COMPANY, shown=SHOWN, limited=False, **facts):
        self.clock = FakeClock()
        self.clock.pass_(facts.pop("later", 0))
        self.azul = ContaAzul(
            {"alfa": company, "other": Served("2", "OUTRA", "99888777000155", date(2025, 3, 4))},
            script,
            shown=shown,
            limited=limited,
            clock=lambda: self.clock.now().timestamp(),
        )
        granted = self.azul.tokens("alfa")
        ends = self.clock.now().timestamp() + facts.pop("lasts", 3600)
        self.vault = MemoryVault(
            client_id="client",
            client_secret="secret",
            access_token=str(granted["access_token"]),
            refresh_token=str(granted["refresh_token"]),
            expires_at=type(self.clock.now())
            .fromtimestamp(ends, self.clock.now().tzinfo)
            .isoformat(),
        )
        self.facts = facts

    def connection(self, url):
        return Connection("ALFA", "contaazul", base_url=url, **self.facts)

    def ask(self, act):
        async def go(url, addresses):
            around = Neighborhood.alone(self.clock, test=addresses, times=Times(read=1, total=2))
            async with ContaAzulConnector(self.connection(url), self.vault, around) as connector:
                return await act(connector)

        with Servers({"it": self.azul}) as servers:
            return asyncio.run(go(servers.url("it"), servers.addresses))

    def extract(self, period="2025-01", start=OPENING):
        return self.ask(lambda c: c.get_trial_balance(period, start))

    def items(self, period="2025-01"):
        return self.ask(lambda c: c.get_subledger_details(period))


def rows(extract):
    balance = extract.balance
    columns = (balance.opening, balance.debit, balance.credit, balance.amounts)
    return {
        code: tuple(int(column[i]) for column in columns) for i, code in enumerate(balance.accounts)
    }


def closing(extract):
    return {code: row[3] for code, row in rows(extract).items() if row[3]}
