"""A stand-in for an RM server: movements by account and day, chart, entries, branches."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monthclose.ledger.cnpj import punctuated
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.totvs import Fields, Told, TotvsServer, ordered, paged
from monthclose.sandbox.neighbors.wire import Clock, answered, reais
from monthclose.sandbox.served import LedgerEntry, LedgerLine, Served

NORMAL, CLOSING = 1, 99
"""Batches of entries."""


class Rm(TotvsServer):
    """
    Companies by number; each has one branch.

    Attributes:
        companies: Whose books are here.
        registered: Name and CNPJ of those that are only named in eliminations, by number.
    """

    root = ""
    token_path = "/api/connect/token/"  # noqa: S105
    created = 200

    def __init__(
        self,
        companies: Mapping[str, Served],
        users: Mapping[str, str],
        script: Script | None = None,
        *,
        clock: Clock = monotonic,
        registered: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """
        Serve companies.

        Args:
            companies: By number, such as `1`.
            users: Passwords by name.
            script: Faults.
            clock: Seconds that only grow.
            registered: Name and CNPJ by number of companies whose books are elsewhere.
        """
        super().__init__(users, script, clock=clock)
        self.companies = dict(companies)
        self.registered = dict(registered or {})

    @property
    def _known_companies(self) -> dict[str, tuple[str, str]]:
        """Name and CNPJ of every company there is, by number."""
        return self.registered | {n: (c.name, c.cnpj) for n, c in self.companies.items()}

    def credentials(self, request: Request, body: bytes) -> tuple[str, str, str]:  # noqa: ARG002
        """From the body."""
        try:
            told = json.loads(body)
        except ValueError:
            raise Told(400, "Corpo invalido") from None
        return told.get("username", ""), told.get("password", ""), told.get("refresh_token", "")

    def another(self, request: Request, body: bytes) -> Response:
        """Answer for the next company there is."""
        asked = request.query_params.get("companyId", "")
        held = self.companies
        other = next((each for number, each in held.items() if number != asked), held[asked])
        try:
            self.companies = {**held, asked: other}
            response = self.respond(request, body)
        finally:
            self.companies = held
        number = next(n for n, each in held.items() if each is other)
        told = json.loads(bytes(response.body))
        for row in told.get("items", ()):
            row["companyId"] = int(number)
        return answered(told, response.status_code)

    def answer(self, request: Request) -> Any:
        """Answer a user that is known."""
        order = request.query_params.get("order", "")
        match self.operation(request, b""):
            case "Branches":
                return paged(request, [_branch(n, *c) for n, c in self._known_companies.items()])
            case "AccountingPlan":
                number, company = self._company(request)
                return paged(request, ordered(_chart(number, company), order, _code))
            case "AccountingTransactions":
                return paged(request, ordered(self._movements(request), order, _id))
            case "AccountingEntries":
                number, company = self._company(request)
                return paged(request, ordered(self._entries(number, company), order, _entry))
        raise Told(404, "Nao encontrado", request.url.path)

    def _company(self, request: Request) -> tuple[str, Served]:
        """The company asked for."""
        number = request.query_params.get("companyId", "")
        if number not in self.companies:
            raise Told(404, "Coligada nao encontrada", number)
        return number, self.companies[number]

    def _movements(self, request: Request) -> list[Fields]:
        """What accounts moved by, a row an account and day."""
        asked = request.query_params
        if not asked.get("companyId") or not asked.get("date"):
            raise Told(502, "Filtros obrigatorios", "companyId e date sao obrigatorios")
        number, company = self._company(request)
        days = [date.fromisoformat(each) for each in asked["date"].split(",")]
        sums: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
        for entry in company.entries:
            if days[0] <= entry.on <= min(days[-1], company.today):
                for line in entry.lines:
                    sums[line.account, entry.on][line.amount < 0] += abs(line.amount)
        return [
            {
                "id": f"{number}|1|{account}|R$|{on.isoformat()}",
                "companyId": int(number),
                "branchId": 1,
                "account": account,
                "currency": "R$",
                "date": f"{on.isoformat()}T00:00:00-03:00",
                "value": reais(debit - credit),
                "debitValue": reais(debit),
                "creditValue": reais(credit),
                "costCenterCode": "",
                "natureAccount": 0,
            }
            for (account, on), (debit, credit) in sums.items()
        ]

    def _entries(self, number: str, company: Served) -> list[Fields]:
        """Every entry of a company, whatever the day."""
        others = {cnpj: each for each, (_, cnpj) in self._known_companies.items()}
        return [
            {
                "companyId": int(number),
                "entryId": entry.number,
                "batchCode": CLOSING if entry.closing else NORMAL,
                "reversal": False,
                "description": entry.lines[0].text,
                "accountEntry": _lines(number, entry, others),
            }
            for entry in company.entries
            if entry.on <= company.today
        ]


def _lines(number: str, entry: LedgerEntry, others: Mapping[str, str]) -> list[Fields]:
    """The lines of an entry: both sides on one where there are two."""
    lines = entry.lines
    pairs: list[tuple[LedgerLine | None, LedgerLine | None]]
    if len(lines) == 2 and lines[0].amount > 0:
        pairs = [(lines[0], lines[1])]
    else:
        pairs = [(line, None) if line.amount >= 0 else (None, line) for line in lines]
    rows = []
    for count, (debit, credit) in enumerate(pairs, 1):
        one = debit or credit or lines[0]
        partner = next((e.partner for e in (debit, credit) if e and e.partner), "")
        rows.append(
            {
                "entryNumberId": count,
                "branchId": 1,
                "document": "",
                "date": f"{entry.on.isoformat()}T00:00:00",
                "debitAccount": debit.account if debit else "",
                "creditAccount": credit.account if credit else "",
                "value": reais(abs(one.amount)),
                "complement": one.text,
                "companyIdElimination": int(others.get(partner, 0)),
                "companyIdAccountElimination": int(others.get(partner, 0)),
                "accountEliminationCode": "",
                "companyIdDebitAccount": int(number),
                "companyIdCreditAccount": int(number),
            }
        )
    return rows


def _branch(number: str, name: str, cnpj: str) -> Fields:
    """The branch of a company."""
    return {
        "companyId": int(number),
        "branchId": 1,
        "name": name,
        "cnpj": punctuated(cnpj),
    }


def _chart(number: str, company: Served) -> list[Fields]:
    """The chart of a company."""
    return [
        {
            "id": f"{number}|{account.code}",
            "companyId": int(number),
            "code": account.code,
            "reduced": account.code[-3:],
            "description": account.name,
            "analytics": int(account.posting),
            "nature": 0,
            "inactive": 0,
            "spedNature": account.nature.value,
        }
        for account in company.accounts
    ]


def _code(row: Fields) -> Any:
    return row["code"]


def _id(row: Fields) -> Any:
    return row["id"]


def _entry(row: Fields) -> Any:
    return row["batchCode"], row["entryId"]
