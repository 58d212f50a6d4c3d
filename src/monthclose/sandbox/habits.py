"""How companies keep their dealings in each ERP: categories, banks, and what a title may hold."""

from dataclasses import dataclass
from random import Random
from uuid import UUID

from monthclose.ledger.titles import BankAccount, Category


@dataclass(frozen=True, slots=True)
class Kind:
    """
    What a category is for.

    Attributes:
        key: Name of ours.
        name: As companies call it.
        standard: Standard account it goes to.
        line: Line of Omie's income statement and entry of Conta Azul's; empty: it is no
            result, whatever list it stands in.
    """

    key: str
    name: str
    standard: str
    line: tuple[str, str] | None = None


KINDS = (
    Kind("subscriptions", "Assinaturas", "4010", ("1.01.01", "RECEITA_SERVICOS")),
    Kind("services", "Serviços de implantação", "4020", ("1.01.02", "RECEITA_SERVICOS")),
    Kind("charged", "Serviços ao grupo", "4110", ("1.01.03", "OUTRAS_RECEITAS")),
    Kind("yield", "Rendimentos de aplicações", "4300", ("1.03.01", "RECEITAS_FINANCEIRAS")),
    Kind("recovered", "Recuperação de créditos baixados", "6060", ("1.03.02", "OUTRAS_RECEITAS")),
    Kind("hosting", "Hospedagem e infraestrutura", "5010", ("3.01.01", "CUSTO_SERVICOS")),
    Kind("commissions", "Comissões", "6010", ("4.01.01", "DESPESAS_COMERCIAIS")),
    Kind("media", "Mídia e eventos", "6010", ("4.01.02", "DESPESAS_COMERCIAIS")),
    Kind("rent", "Aluguel", "6030", ("4.02.01", "DESPESAS_ADMINISTRATIVAS")),
    Kind("advice", "Honorários", "6030", ("4.02.02", "DESPESAS_ADMINISTRATIVAS")),
    Kind("travel", "Viagens", "6030", ("4.02.03", "DESPESAS_ADMINISTRATIVAS")),
    Kind("group", "Taxas do grupo", "6050", ("4.02.04", "DESPESAS_ADMINISTRATIVAS")),
    Kind("charges", "Tarifas bancárias", "6100", ("5.01.01", "DESPESAS_FINANCEIRAS")),
    Kind("wages", "Salários e encargos pagos", "2020"),
    Kind("taxes", "Tributos pagos", "2030"),
    Kind("equipment", "Compra de imobilizado", "1400"),
    Kind("software", "Compra de software", "1420"),
    Kind("loans", "Empréstimos recebidos", "2200"),
    Kind("capital", "Aporte de capital", "3010"),
    Kind("dividends", "Dividendos pagos", "3350"),
)
"""Categories of every company: a result where the system has a line for it, else none."""

OWN = {
    "AR": "1100",
    "AP": "2010",
    "AR:GROUP": "1150",
    "AP:GROUP": "2150",
    "INTEREST_INCOME": "4300",
    "DISCOUNT_OBTAINED": "4300",
    "INTEREST_EXPENSE": "6100",
    "DISCOUNT_GRANTED": "6100",
    "BANK_FEES": "6100",
    "CREDIT_LOSSES": "6060",
    "RETAINED": "3300",
}
"""Standard accounts of the accounts that a derived balance has of its own."""

GAPS = {
    frozenset(("4010", "2100")): "deferred_revenue",
    frozenset(("4090", "2030")): "taxes",
    frozenset(("6200", "2030")): "taxes",
    frozenset(("5020", "2020")): "payroll",
    frozenset(("6020", "2020")): "payroll",
    frozenset(("6040", "1410")): "depreciation",
    frozenset(("6040", "1430")): "depreciation",
    frozenset(("6060", "1110")): "provisions",
}
"""What the accountant's balancete tells, by the two accounts of a posting."""

NOTHING = ("inventory", "fixed_assets", "loans", "leases", "exchange", "equity")
"""Gaps of which the accountant says every month that there is nothing."""


@dataclass(frozen=True, slots=True)
class Habits:
    """
    What an ERP lets a company write down.

    Attributes:
        split: Whether a title may have several categories.
        entries: Whether money may move with no title behind it; else it takes a title
            that is settled on its day.
        extras: Whether settlements carry interest, fines and discounts.
        fees: Whether they carry what the bank kept.
        losses: Whether the rest of a title may be written off.
        cancels: Whether a cancellation has a day.
        bank: Its kind of a current account, and of one for deposits.
    """

    split: bool = True
    entries: bool = True
    extras: bool = True
    fees: bool = False
    losses: bool = False
    cancels: bool = False
    bank: tuple[str, str] = ("CC", "CA")


HABITS = {
    "omie": Habits(cancels=True),
    "contaazul": Habits(
        entries=False, fees=True, losses=True, bank=("CONTA_CORRENTE", "APLICACAO")
    ),
    "bling": Habits(split=False, fees=True, bank=("conta-bancaria", "banco")),
    "totvs": Habits(split=False, extras=False),
}


class Numbers:
    """Ids as an ERP gives them, each once, the same for the same seed."""

    def __init__(self, erp: str, seed: str) -> None:
        self._erp, self._random = erp, Random(f"{seed}/ids")
        start = {"bling": 14_000_000_000, "omie": 4_000_000}.get(erp, 0)
        self._next = start and start + self._random.randrange(1_000_000) * 10

    def id(self) -> str:
        """One more: a number, six digits at TOTVS, or a UUID at Conta Azul."""
        if self._erp == "contaazul":
            return str(UUID(int=self._random.getrandbits(128), version=4))
        if self._erp == "totvs":
            self._next += 1
            return f"{self._next:06d}"
        self._next += 10  # Omie numbers the second leg of a transfer one after the first
        return str(self._next)


def category_list(erp: str, numbers: Numbers) -> dict[str, Category]:
    """The categories of a company, by key; the code and the line are its ERP's."""
    made = {}
    for place, kind in enumerate(KINDS, 1):
        line = "" if kind.line is None else kind.line[erp == "contaazul"]
        match erp:
            case "omie":
                code = f"{1 if kind.standard[0] == '4' else 2}.{place:02d}.01"
            case "totvs":
                code = f"{place:04d}"
            case _:
                code = numbers.id()
        made[kind.key] = Category(code, kind.name, "" if erp == "bling" else line)
    if erp == "omie":
        made["receipts"] = Category("1", "Receitas", totals=True)
        made["moved"] = Category("0.01.01", "Transferência entre contas", transfer=True)
    return made


def bank_list(erp: str, numbers: Numbers) -> tuple[BankAccount, ...]:
    """Two current accounts and one for deposits."""
    current, deposits = HABITS[erp].bank
    return (
        BankAccount(numbers.id(), "Itaú", current),
        BankAccount(numbers.id(), "Bradesco", current),
        BankAccount(numbers.id(), "Aplicação CDB", deposits),
    )
