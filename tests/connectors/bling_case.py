"""One coherent month of Bling, and an extraction of it against the stand-in."""

import asyncio
from dataclasses import replace
from datetime import date

import numpy as np

from monthclose.connectors.base import Connection
from monthclose.connectors.bling import BlingConnector
from monthclose.connectors.details import MemoryDetails
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import (
    BankAccount,
    BankEntry,
    BankTransfer,
    Category,
    Dealings,
    Part,
    Settlement,
    Title,
)
from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.served import Served
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock, MemoryVault

CATEGORIES = (
    Category("9001", "Assinaturas"),
    Category("9002", "Aluguel"),
    Category("9003", "Compra de Imobilizado"),
    Category("9004", "Tarifas Bancárias"),
)


def title(side, number, party, on, amount, category, *paid, **more):
    tax_id, name = party
    return Title(
        side, number, number, tax_id, name, date.fromisoformat(on), None, amount,
        (Part(category, amount),), settlements=paid, **more,
    )  # fmt: skip


def paid(number, on, principal, bank="501", **more):
    return Settlement(number, date.fromisoformat(on), bank, principal, **more)


BETA = ("44555666000181", "BETA")
DELTA = ("22333444000181", "DELTA")
GAMA = ("55666777000181", "GAMA")
ZETA = ("66777888000181", "ZETA")
IN, OUT = Side.RECEIVABLE, Side.PAYABLE

MONTH = Dealings(
    titles=(
        title(IN, "1001", BETA, "2024-12-10", 3_000_00, "9001",
              paid("8001", "2025-01-05", 3_000_00, interest=30_00, fee=2_50)),
        title(IN, "1002", DELTA, "2025-01-10", 5_000_00, "9001",
              paid("8090", "2025-02-10", 1_200_00, interest=12_00, fee=2_50)),
        title(IN, "1003", BETA, "2025-01-12", 600_00, "9001",
              paid("own", "2025-01-22", 600_00, interest=5_00)),
        title(OUT, "2001", GAMA, "2024-12-15", 1_200_00, "9002",
              paid("8002", "2025-01-20", 1_200_00, discount=20_00)),
        title(OUT, "2002", GAMA, "2025-01-15", 1_500_00, "9002"),
        title(OUT, "2003", GAMA, "2025-01-18", 800_00, "9003",
              paid("8003", "2025-01-28", 800_00, fine=8_00)),
        title(OUT, "2004", ZETA, "2025-01-18", 400_00, "9003",
              paid("8003", "2025-01-28", 400_00)),
    ),
    entries=(BankEntry("8100", date(2025, 1, 25), "501", -45_90, (Part("9004", 45_90),)),),
    transfers=(BankTransfer("8200", date(2025, 1, 28), "501", "502", 1_000_00),),
    categories=CATEGORIES,
    banks=(BankAccount("501", "Banco Itau", "banco"), BankAccount("502", "Caixa", "caixa")),
)  # fmt: skip

COMPANY = Served(
    "d41d8cd98f00b204",
    "ALFA SISTEMAS LTDA",
    "11222333000181",
    date(2025, 3, 4),
    MONTH,
    bank_starts={"501": 10_000_00},
)

OPENING = RawBalance(
    "ALFA",
    "2024-12",
    "BRL",
    ("BANK:501", "AR", "AP", "CAPITAL", "RETAINED"),
    np.array([10_000_00, 3_000_00, -1_200_00, -8_000_00, -3_800_00], dtype=np.int64),
)


def with_titles(company, *titles, today=None, **more):
    """A company with other titles, and perhaps another day."""
    dealings = replace(company.dealings, titles=titles, **more)
    return replace(company, dealings=dealings, today=today or company.today)


class Run:
    """Extractions of one company against a stand-in, on the day of the company."""

    def __init__(self, script=None, company=COMPANY, opening=OPENING, limited=False, **settings):
        self.clock = FakeClock()
        self.account, self.opening = "1", opening
        self.settings = {name.replace("__", ":"): told for name, told in settings.items()}
        self.details = MemoryDetails()
        self.bling = Bling(
            {self.account: company},
            script,
            limited=limited,
            clock=lambda: self.clock.now().timestamp(),
        )
        self.on(company.today)
        self.vault = MemoryVault(**self.bling.tokens.secrets(self.account))
        self.cnpj = ""
        self.results: frozenset[str] = frozenset()

    def on(self, day):
        """Let it be noon in Brasília on a day."""
        self.clock.moment = self.clock.moment.replace(
            year=day.year, month=day.month, day=day.day, hour=15
        )

    def serve(self, company):
        """Serve another state of the company, on its day."""
        self.bling.companies[self.account] = company
        self.on(company.today)
        self.vault = MemoryVault(**self.bling.tokens.secrets(self.account))

    def ask(self, act):
        async def go(url, addresses):
            around = Neighborhood.alone(
                self.clock, test=addresses, times=Times(read=1, total=2), details=self.details
            )
            connection = Connection(
                "ALFA",
                "bling",
                company=self.account,
                base_url=url,
                cnpj=self.cnpj,
                since="2025-01",
                results=self.results,
                settings=self.settings,
            )
            async with BlingConnector(connection, self.vault, around) as connector:
                return await act(connector)

        with Servers({"bling": self.bling}) as servers:
            return asyncio.run(go(servers.url("bling"), servers.addresses))

    def extract(self, period="2025-01", opening=None):
        return self.ask(lambda c: c.get_trial_balance(period, opening or self.opening))

    def calls(self, operation):
        return self.bling.script.calls[operation]


def rows(extract):
    balance = extract.balance
    columns = (balance.opening, balance.debit, balance.credit, balance.amounts)
    return {
        code: tuple(int(column[i]) for column in columns) for i, code in enumerate(balance.accounts)
    }


def out(extract):
    """Tie-outs that are out by something."""
    return [(tie.name, tie.account, tie.out_by) for tie in extract.tie_outs if tie.out_by]
