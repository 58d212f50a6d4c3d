"""Titles and bank entries as Conta Azul shows them: events with instalments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from monthclose.ledger.sources import Side
from monthclose.ledger.titles import BankEntry, Settlement, Title
from monthclose.sandbox.neighbors.wire import reais
from monthclose.sandbox.served import Served

LATE = timedelta(days=1)
"""How long a status lags behind the date."""


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What titles alone do not say of how Conta Azul shows them.

    Attributes:
        events: Event of a title; one that is not named is an event of its own.
        replaced: Titles that were renegotiated, with the day of it; others replace them.
        arrivals: Day on which a transfer arrives, where it takes days.
        began: Day of the starting balances.
    """

    events: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, date] = field(default_factory=dict)
    arrivals: Mapping[str, str] = field(default_factory=dict)
    began: str = "2020-01-01"


@dataclass(frozen=True, slots=True)
class Event:
    """
    What was agreed at once, and its instalments.

    Attributes:
        id: Of the event.
        titles: Its instalments, in their order.
        replaced: Those that were renegotiated, with the day of it.
    """

    id: str
    titles: tuple[Title, ...]
    replaced: Mapping[str, date]

    def split(self) -> dict[str, int]:
        """The event's split over categories: of all its instalments together."""
        split: dict[str, int] = {}
        for title in self.titles:
            for part in title.parts:
                split[part.category] = split.get(part.category, 0) + part.amount
        return split


def events_of(company: Served, shown: Shown) -> list[Event]:
    """
    Titles and bank entries as events.

    Raises:
        ValueError: Conta Azul has no place for something: taxes the customer keeps.
    """
    titles = [*company.dealings.titles, *map(_entry, company.dealings.entries)]
    if any(title.withheld for title in titles):
        raise ValueError("there is no place for taxes withheld")
    grouped: dict[str, list[Title]] = {}
    for title in titles:
        grouped.setdefault(shown.events.get(title.id, f"e-{title.id}"), []).append(title)
    return [Event(number, tuple(each), shown.replaced) for number, each in grouped.items()]


def _entry(entry: BankEntry) -> Title:
    """A bank entry with no title behind it: an event that is settled at once."""
    amount = abs(entry.amount)
    return Title(
        side=Side.RECEIVABLE if entry.amount >= 0 else Side.PAYABLE,
        id=f"b-{entry.id}",
        document="",
        tax_id=entry.tax_id,
        name=entry.name,
        accrued=entry.on,
        due=entry.on,
        amount=amount,
        parts=entry.parts,
        settlements=(Settlement(f"s-{entry.id}", entry.on, entry.bank, amount),),
    )


def _known(title: Title, today: date) -> list[Settlement]:
    """What has settled a title so far, losses too."""
    return [each for each in title.settlements if each.on <= today]


def _changed(event: Event, title: Title, today: date) -> date:
    """The day a title last changed."""
    days = [title.accrued, *(each.on for each in _known(title, today))]
    if title.cancelled:
        days.append(title.cancelled)
    if title.id in event.replaced:
        days.append(event.replaced[title.id])
    return max((day for day in days if day <= today), default=title.accrued)


def _state(event: Event, title: Title, today: date) -> str:
    """What a title is now, in one word of our own."""
    if title.cancelled and title.cancelled <= today:
        return "cancelled"
    if title.id in event.replaced and event.replaced[title.id] <= today:
        return "replaced"
    known = _known(title, today)
    if any(each.loss for each in known):
        return "lost"
    settled = sum(each.principal for each in known)
    if settled >= title.amount:
        return "settled"
    if settled:
        return "partial"
    return "late" if title.due and title.due + LATE < today else "open"


WORDS = {
    # as lists say it, as lists translate it, as the detail says it
    "cancelled": ("CANCELED", "CANCELADO", "CANCELADO"),
    "replaced": ("RENEGOTIATED", "RENEGOCIADO", "RENEGOCIADO"),
    "lost": ("LOST", "PERDIDO", "PERDIDO"),
    "settled": ("ACQUITTED", "RECEBIDO", "QUITADO"),
    "partial": ("PARTIAL", "RECEBIDO_PARCIAL", "RECEBIDO_PARCIAL"),
    "late": ("OVERDUE", "ATRASADO", "ATRASADO"),
    "open": ("PENDING", "EM_ABERTO", "PENDENTE"),
}


def list_row(event: Event, title: Title, company: Served) -> dict[str, Any]:
    """An instalment as the lists show it: as of now, without amounts by category."""
    today = company.today
    state = _state(event, title, today)
    paid = [each for each in _known(title, today) if not each.loss]
    extra = sum(each.interest + each.fine for each in paid)
    settled = sum(each.principal for each in _known(title, today))
    gone = state in ("cancelled", "replaced")
    party = next((p for p in company.parties if p.tax_id == title.tax_id), None)
    receivable = title.side is Side.RECEIVABLE
    changed = _changed(event, title, today).isoformat()
    return {
        "id": title.id,
        "descricao": title.document,
        "data_vencimento": (title.due or title.accrued).isoformat(),
        "status": WORDS[state][0],
        "status_traduzido": WORDS[state][1],
        "total": reais(title.amount + extra),
        "nao_pago": reais(0 if gone else title.amount - settled),
        "pago": reais(sum(each.principal for each in paid) + extra),
        "data_criacao": f"{title.accrued.isoformat()}T09:00:00",
        "data_alteracao": f"{changed}T14:00:00",
        "data_competencia": title.accrued.isoformat(),
        "categorias": [{"id": each, "nome": each} for each in event.split()],
        "centros_custo" if receivable else "centros_de_custo": [],
        "cliente" if receivable else "fornecedor": (
            {"id": party.id, "nome": party.name} if party else None
        ),
        "renegociacao": None,
    }


def detail(event: Event, title: Title, company: Served) -> dict[str, Any]:
    """An instalment in detail; its split is the event's."""
    today = company.today
    state = _state(event, title, today)
    known = _known(title, today)
    paid = [each for each in known if not each.loss]
    lost = next((each for each in known if each.loss), None)
    settled = sum(each.principal for each in known)
    gone = state in ("cancelled", "replaced")
    names = {each.id: each.name for each in company.dealings.banks}
    return {
        "evento": {
            "id": event.id,
            "data_competencia": title.accrued.isoformat(),
            "condicao_pagamento": {"quantidade_parcelas": len(event.titles)},
            "agendado": False,
            "tipo": "RECEITA" if title.side is Side.RECEIVABLE else "DESPESA",
            "codigo_referencia": title.document,
            "rateio": [
                {
                    "id_categoria": category,
                    "nome_categoria": category,
                    "valor": reais(amount),
                    "valor_bruto": reais(amount),
                    "rateio_centro_custo": [],
                }
                for category, amount in event.split().items()
            ],
        },
        "id": title.id,
        "versao": 1,
        "indice": event.titles.index(title) + 1,
        "conciliado": False,
        "status": WORDS[state][2],
        "valor_pago": reais(sum(each.principal for each in paid)),
        "perda": {"data": lost.on.isoformat(), "valor": reais(lost.principal)} if lost else None,
        "nao_pago": reais(0 if gone else title.amount - settled),
        "data_vencimento": (title.due or title.accrued).isoformat(),
        "descricao": title.document,
        "nota": "",
        "valor_composicao": _worth(title.amount, title.amount),
        "baixas": [_paid(each, title.side, names) for each in paid],
        "data_alteracao": f"{_changed(event, title, today).isoformat()}T14:00:00",
        "renegociacao": None,
    }


def _paid(each: Settlement, side: Side, names: Mapping[str, str]) -> dict[str, Any]:
    """A settlement; a fee is kept out of a receipt and comes on top of a payment."""
    fee = each.fee if side is Side.PAYABLE else -each.fee
    net = each.principal + each.interest + each.fine - each.discount + fee
    return {
        "id": each.id,
        "versao": 1,
        "data_pagamento": each.on.isoformat(),
        "valor_composicao": _worth(each.principal, net, each),
        "conta_financeira": {"id": each.bank, "nome": names.get(each.bank, "")},
        "metodo_pagamento": "BOLETO_BANCARIO",
        "origem": "LANCAMENTO_FINANCEIRO",
        "atualizado_em": f"{each.on.isoformat()}T08:37:05",
    }


def _worth(gross: int, net: int, paid: Settlement | None = None) -> dict[str, Any]:
    """The block of amounts."""
    return {
        "multa": reais(paid.fine if paid else 0),
        "juros": reais(paid.interest if paid else 0),
        "valor_bruto": reais(gross),
        "desconto": reais(paid.discount if paid else 0),
        "taxa": reais(paid.fee if paid else 0),
        "valor_liquido": reais(net),
    }


def wanted(title: Title, query: Mapping[str, str], today: date) -> bool:
    """Whether an instalment fits the filters of a list."""
    days: dict[str, Iterable[date]] = {
        "data_vencimento": [title.due or title.accrued],
        "data_competencia": [title.accrued],
        "data_pagamento": [each.on for each in _known(title, today) if not each.loss],
    }
    for name, each in days.items():
        first, last = query.get(f"{name}_de", ""), query.get(f"{name}_ate", "9999")
        asked = f"{name}_de" in query or f"{name}_ate" in query
        if asked and not any(first <= day.isoformat() <= last for day in each):
            return False
    return True


def tree(company: Served) -> Any:
    """
    The tree of the income statement, no paging; categories hang on the leaves.

    A line in capitals is no code of the tree, but an `entrada_dre`.
    """
    lines: dict[str, list[Any]] = {}
    for each in company.dealings.categories:
        if each.line and not each.line.isupper():
            one = {"id": each.code, "codigo": "1", "nome": each.name, "ativo": True}
            lines.setdefault(each.line, []).append(one)
    roots = sorted({line.partition(".")[0] for line in lines})
    return {
        "itens": [
            _node(root, [_node(line, [], lines[line]) for line in sorted(lines) if line != root
                         and line.partition(".")[0] == root], lines.get(root, []))
            for root in roots
        ]
        + [_node("99", [], [], totals=True)]
    }  # fmt: skip


def _node(code: str, children: list[Any], categories: list[Any], *, totals: bool = False) -> Any:
    """One node of the tree."""
    return {
        "id": f"dre-{code}",
        "descricao": code,
        "codigo": code,
        "posicao": 1,
        "indica_totalizador": totals,
        "representa_soma_custo_medio": False,
        "subitens": children,
        "categorias_financeiras": categories,
    }
