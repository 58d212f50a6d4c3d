"""The rows of one company as Bling shows them on its day."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from monthclose.ledger.cnpj import punctuated
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import BankEntry, BankTransfer, Settlement, Title
from monthclose.sandbox.neighbors.wire import reais
from monthclose.sandbox.served import Served

OPEN, PAID, PARTLY, CANCELLED = 1, 2, 3, 5

type Told = dict[str, Any]


class Book:
    """What one company's account answers from; everything is as of today."""

    def __init__(self, company: Served, *, net: bool = False) -> None:
        """Serve *company* on its day; *net*: what a batch calls paid is without the discount."""
        self._company, self._net = company, net
        self.today = company.today

    def is_of(self, company: Served, *, net: bool) -> bool:
        """Whether this is the book of that company, and calls paid what is to be called so."""
        return self._company is company and self._net == net

    def company_row(self) -> Told:
        """The company, its CNPJ with marks."""
        told = self._company
        return {
            "id": told.id,
            "nome": told.name,
            "cnpj": punctuated(told.cnpj),
            "email": "someone@example.com",
            "dataContrato": "2021-03-01",
        }

    def banks(self) -> list[Told]:
        """Bank and cash accounts: no chart, no balances."""
        return [
            {"id": int(each.id), "descricao": each.name, "tipo": each.kind, "aliasIntegracao": ""}
            for each in self._company.dealings.banks
        ]

    def categories(self) -> list[Told]:
        """Categories, without a line of an income statement."""
        return [
            {"id": int(each.code), "idCategoriaPai": 0, "descricao": each.name, "tipo": 3}
            for each in self._company.dealings.categories
        ]

    def titles(self, side: Side) -> list[Title]:
        """Titles of one side that are there today."""
        return self._there[side]

    def title(self, side: Side, number: str) -> Title | None:
        """One title of a side by its id, if it is there today."""
        return self._by_id.get((side, number))

    def issued(self, title: Title) -> date:
        """The day of issue: that of accrual, of every third 20 days before, never to come."""
        before = timedelta(days=0 if int(title.id) % 3 else 20)
        return min(title.accrued - before, self.today)

    def days(self, title: Title, dated: str) -> list[date]:
        """The days that a filter looks at."""
        if dated == "E":
            return [self.issued(title)]
        if dated == "V":
            return [title.due] if title.due else []
        return [each.on for each in self._paid(title)]

    def situation(self, title: Title) -> int:
        """1 open, 2 paid, 3 partly, 5 cancelled; when that was is told nowhere."""
        if title.cancelled and title.cancelled <= self.today:
            return CANCELLED
        paid = sum(each.principal for each in self._paid(title))
        if not paid:
            return OPEN
        return PAID if paid == title.amount else PARTLY

    def listed(self, title: Title) -> Told:
        """A row of a list; that of payables is bare."""
        row: Told = {
            "id": int(title.id),
            # What is paid in part is still shown as open in a list.
            "situacao": {PARTLY: OPEN}.get(self.situation(title), self.situation(title)),
            "vencimento": str(title.due or self.issued(title)),
            "valor": reais(title.amount),
            "contato": {"id": self._contact(title)},
            "formaPagamento": {"id": 11},
        }
        if title.side is Side.RECEIVABLE:
            row["dataEmissao"] = str(self.issued(title))
            row["contato"] |= {"nome": title.name, "numeroDocumento": title.tax_id, "tipo": "J"}
            row["contaContabil"] = {"id": 501, "descricao": "Banco"}
            row["origem"] = {"id": 555, "tipoOrigem": "venda", "numero": title.document}
        return row

    def record(self, title: Title) -> Told:
        """The whole record; the balance is of today."""
        paid = self._paid(title)
        return {
            **self.listed(title),
            "situacao": self.situation(title),
            "dataEmissao": str(self.issued(title)),
            "saldo": reais(title.amount - sum(each.principal for each in paid)),
            "vencimentoOriginal": str(title.due or self.issued(title)),
            "numeroDocumento": title.document,
            "competencia": str(title.accrued),
            "historico": "",
            "numeroBanco": "",
            "portador": {"id": 501},
            "categoria": {"id": int(title.parts[0].category or 0)},
            "borderos": sorted({int(each.id) for each in paid if not _own(each)}),
            "ocorrencia": {"tipo": 1},
        }

    def batch(self, number: str) -> Told | None:
        """A batch with every payment in it."""
        paid = self._batches.get(number)
        if paid is None:
            return None
        return {
            "id": int(number),
            "data": str(paid[0][1].on),
            "historico": "",
            "portador": {"id": int(paid[0][1].bank)},
            "categoria": {"id": int(paid[0][0].parts[0].category or 0)},
            "pagamentos": [
                {
                    "contato": {"id": self._contact(title)},
                    "numeroDocumento": title.document,
                    "valorPago": reais(each.principal - each.discount * self._net),
                    "juros": reais(each.interest),
                    "desconto": reais(each.discount),
                    "acrescimo": reais(each.fine),
                    "tarifa": reais(each.fee),
                }
                for title, each in paid
            ],
        }

    def contacts(self) -> list[Told]:
        """Customers and suppliers, their CNPJ with marks."""
        return [
            {
                "id": number,
                "nome": name,
                "codigo": "",
                "situacao": "A",
                "numeroDocumento": punctuated(tax_id),
                "telefone": "11 5555-0100",
                "celular": "",
            }
            for (tax_id, name), number in self._contacts.items()
        ]

    def cash(self) -> list[Told]:
        """The cash book as its list shows it: ids are texts, and there is no category."""
        hidden = ("saldo", "transferencia", "competencia", "categoria", "parcela")
        return [
            {**{name: value for name, value in row.items() if name not in hidden}, "id": number}
            for number, row in self._cash.items()
        ]

    def cash_record(self, number: str) -> Told | None:
        """One entry's whole record, which is wrapped in nothing."""
        return self._cash.get(number)

    @cached_property
    def _there(self) -> dict[Side, list[Title]]:
        """Titles that are there today, by side."""
        found: dict[Side, list[Title]] = {side: [] for side in Side}
        for title in self._company.dealings.titles:
            if self.issued(title) <= self.today:
                found[title.side].append(title)
        return found

    @cached_property
    def _by_id(self) -> dict[tuple[Side, str], Title]:
        """The same by side and id; of two with one id the first."""
        titles = [title for side in Side for title in self._there[side]]
        return {(title.side, title.id): title for title in reversed(titles)}

    @cached_property
    def _batches(self) -> dict[str, list[tuple[Title, Settlement]]]:
        """What each batch settled until today, by its id."""
        found: dict[str, list[tuple[Title, Settlement]]] = {}
        for title in self._company.dealings.titles:
            for each in self._paid(title):
                found.setdefault(each.id, []).append((title, each))
        return found

    @cached_property
    def _contacts(self) -> dict[tuple[str, str], int]:
        """Ids of customers and suppliers by tax id and name."""
        known = {(each.tax_id, each.name): int(each.id) for each in self._company.parties}
        for title in self._company.dealings.titles:
            known.setdefault((title.tax_id, title.name), 70_000 + len(known))
        return known

    def _contact(self, title: Title) -> int:
        """Id of the other side of a title."""
        return self._contacts[title.tax_id, title.name]

    def _paid(self, title: Title) -> list[Settlement]:
        """What has settled a title until today."""
        return [each for each in title.settlements if each.on <= self.today]

    @cached_property
    def _cash(self) -> dict[str, Told]:
        """Every entry until today by its id, as a text."""
        rows = sorted(self._entries(), key=lambda row: (row["data"], row["id"]))
        return {str(row["id"]): row for row in rows if row["data"] <= str(self.today)}

    def _entries(self) -> Iterator[Told]:
        """Settlements, both legs of transfers, direct entries, and lines that are no money."""
        dealings, number = self._company.dealings, 900_000
        for title in dealings.titles:
            sign = 1 if title.side is Side.RECEIVABLE else -1
            for each in title.settlements:
                number += 1
                net = sign * (each.principal + each.interest + each.fine - each.discount)
                origin = ("duplicata", title.id) if _own(each) else ("bordero", each.id)
                row = _entry(number, each.on, each.bank, net, origin, title.parts[0].category)
                row["contato"] = {
                    "id": self._contact(title), "nome": title.name, "cnpj": title.tax_id
                }  # fmt: skip
                yield row
        for moved in dealings.transfers:
            yield from _legs(moved)
        for entry in dealings.entries:
            yield _direct(entry)
        for bank, start in self._company.bank_starts.items():
            number += 1
            first = min((row.on for row in dealings.entries), default=self.today)
            row = _entry(number, first, bank, start, ("caixa", str(number)), "")
            yield {**row, "saldo": "S"}


def _own(paid: Settlement) -> bool:
    """Whether a title was settled by itself, in no batch: its id has a letter before it."""
    return not paid.id.isdigit()


def _direct(entry: BankEntry) -> Told:
    """Money with no title behind it."""
    origin = ("caixa", entry.id)
    row = _entry(int(entry.id), entry.on, entry.bank, entry.amount, origin, entry.parts[0].category)
    row["contato"] = {"id": 0, "nome": entry.name, "cnpj": entry.tax_id}
    return row


def _legs(moved: BankTransfer) -> Iterator[Told]:
    """Both legs of a transfer, which do not name each other."""
    number = int(moved.id)
    for leg, bank, amount in (
        (number, moved.source, -moved.amount),
        (number + 1, moved.destination, moved.amount),
    ):
        yield {
            **_entry(leg, moved.on, bank, amount, ("caixa", str(leg)), ""),
            "transferencia": "1",
        }


def _entry(
    number: int, on: date, bank: str, amount: int, origin: tuple[str, str], category: str
) -> Told:
    """One entry of the cash book."""
    kind, of = origin
    return {
        "id": number,
        "debCred": "C" if amount >= 0 else "D",
        "situacao": "R",
        "valor": reais(abs(amount)),
        "data": str(on),
        "observacoes": "",
        "descricao": "",
        "origem": {"id": int(of), "tipo": kind},
        "contato": {"id": 0, "nome": "", "cnpj": ""},
        "contaFinanceira": {"id": int(bank), "descricao": ""},
        "saldo": "N",
        "transferencia": "0",
        "competencia": str(on),
        "categoria": {"id": int(category or 0), "descricao": ""},
        "parcela": "1",
    }
