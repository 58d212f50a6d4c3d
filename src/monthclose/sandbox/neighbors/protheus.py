"""
A stand-in for a Protheus server: its tables in SQL, behind the generic query service.

Conditions run as SQL over padded texts, so that one which compares carelessly finds nothing
here either. A tenant that the server does not know answers for its own branch.
"""

import sqlite3
import weakref
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from threading import Lock
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Nature, Side, SourceAccount
from monthclose.ledger.titles import Settlement, Title
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.protheus_tables import NUMBERS, SHARED, WIDTHS, padded
from monthclose.sandbox.neighbors.totvs import Fields, Told, TotvsServer, paged, whole
from monthclose.sandbox.neighbors.wire import Clock, reais
from monthclose.sandbox.served import LedgerEntry, Served

GENERIC = "/api/framework/v1/genericQuery"
CALENDAR = "/api/ctb/v1/AccountingCalendar"
OPEN, BLOCKED = "1", "4"
CENTRES = "/api/ctb/v1/costcenters"
LONG_TEXT = 40


class Protheus(TotvsServer):
    """
    Companies by tenant; the first is the server's own.

    Attributes:
        hidden: Fields that the user may not see.
        deaf: Whether the server does not take the tenant, and answers for its own.
    """

    def __init__(
        self,
        companies: Mapping[str, Served],
        users: Mapping[str, str],
        script: Script | None = None,
        *,
        clock: Clock = monotonic,
    ) -> None:
        """
        Serve companies.

        Args:
            companies: By tenant, such as `01,0101`.
            users: Passwords by name.
            script: Faults.
            clock: Seconds that only grow.
        """
        super().__init__(users, script, clock=clock)
        self._companies, self._tenants = dict(companies), list(companies)
        self._groups: dict[str, sqlite3.Connection] = {}
        self._turn = Lock()
        self.hidden: set[str] = set()
        self.deaf = False
        for tenant, company in companies.items():
            group, branch = tenant.split(",")
            if group not in self._groups:
                self._groups[group] = _empty()
                weakref.finalize(self, self._groups[group].close)
            self._fill(group, branch, company)

    def credentials(self, request: Request, body: bytes) -> tuple[str, str, str]:  # noqa: ARG002
        """From headers or from the query."""
        asked, told = request.query_params, request.headers
        if asked.get("grant_type") == "refresh_token":
            return "", "", asked.get("refresh_token", "-")
        if asked.get("grant_type") != "password":
            raise Told(400, "grant_type invalido")
        return (
            asked.get("username", told.get("username", "")),
            asked.get("password", told.get("password", "")),
            "",
        )

    def insert(self, tenant: str, table: str, *, deleted: bool = False, **fields: Any) -> None:
        """Put one row into a table as somebody in the ERP did; fields without their prefix."""
        group, branch = tenant.split(",")
        prefix = next(iter(WIDTHS[table])).partition("_")[0]
        row = {f"{prefix}_{name}": value for name, value in fields.items()}
        row.setdefault(f"{prefix}_filial", "" if table in SHARED else branch)
        self._insert(group, table, row, deleted=deleted)

    def run(self, tenant: str, sql: str) -> None:
        """Change tables as somebody with a database console would."""
        with self._turn:
            self._groups[tenant.split(",", maxsplit=1)[0]].execute(sql)

    def answer(self, request: Request) -> Any:
        """Answer a user that is known."""
        tenant = self._tenant(request)
        path = request.url.path.removeprefix(self.root)
        if path == GENERIC:
            return self._query(request, tenant)
        if path == CENTRES:
            return paged(request, [_centre(tenant)])
        if path == CALENDAR:
            return paged(request, _calendar(self._companies[tenant]))
        raise Told(404, "Nao encontrado", request.url.path)

    def another(self, request: Request, body: bytes) -> Response:
        """Answer for the server's own branch, or the next one when that was asked for."""
        held = self._tenants, self.deaf
        others = [each for each in self._tenants if each != self._tenant(request)]
        try:
            self._tenants, self.deaf = others, True
            return self.respond(request, body)
        finally:
            self._tenants, self.deaf = held

    def _tenant(self, request: Request) -> str:
        """The company and branch asked for, or the server's own."""
        asked = request.headers.get("tenantid", "")
        return asked if asked in self._tenants and not self.deaf else self._tenants[0]

    def _query(self, request: Request, tenant: str) -> Any:
        """Answer the generic query service."""
        asked = request.query_params
        table = asked.get("tables", "")
        if table not in WIDTHS:
            raise Told(500, "Internal Server Error", f"Tabela {table} inexistente")
        if not asked.get("fields"):
            raise Told(400, "Campo obrigatorio", "Informe ao menos um campo em fields")
        if asked["fields"] == "*":
            raise Told(500, "Internal Server Error", "invalid field *")
        wanted = [name.strip().lower() for name in asked["fields"].split(",")]
        known = [name for name in wanted if name in WIDTHS[table]]
        hidden = sorted(self.hidden & set(known))
        known = [name for name in known if name not in self.hidden]
        group, branch = tenant.split(",")
        prefix = next(iter(WIDTHS[table]))
        where = ["(" + asked["where"] + ")"] if asked.get("where") else []
        if asked.get("FilialFilter") == "true":
            own = "" if table in SHARED else branch
            where.append(f"{prefix}='{padded(prefix, own, table)}'")
        if asked.get("DeletedFilter") == "true":
            where.append("D_E_L_E_T_=' '")
        order = asked.get("order") or "R_E_C_N_O_ DESC"
        sql = f"SELECT {','.join(known)} FROM {table}"  # noqa: S608 (a stand-in, in memory)
        sql += f" WHERE {' AND '.join(where)}" if where else ""
        page, size = whole(request, "page", 1), whole(request, "pageSize", 10)
        try:
            with self._turn:
                rows = self._groups[group].execute(f"{sql} ORDER BY {order}").fetchall()
        except sqlite3.Error as error:
            raise Told(500, "Internal Server Error", str(error)) from None
        part = rows[(page - 1) * size : page * size]
        left = max(0, len(rows) - page * size)
        return {
            "items": [dict(zip(known, row, strict=True)) for row in part],
            "hasNext": left > 0,
            "remainingRecords": left,
            "protectedDataFields": hidden,
            "nivelFields": [],
        }

    def _insert(self, group: str, table: str, row: Mapping[str, Any], *, deleted: bool) -> None:
        """Put a row into a table; what it does not say is blank or nil."""
        values = [padded(name, row.get(name), table) for name in WIDTHS[table]]
        marks = ",".join("?" * (len(values) + 1))
        columns = ",".join((*WIDTHS[table], "D_E_L_E_T_"))
        with self._turn:
            self._groups[group].execute(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608
                (*values, "*" if deleted else " "),
            )

    def _fill(self, group: str, branch: str, company: Served) -> None:
        """Put what a company has done so far into the tables."""
        tenant = f"{group},{branch}"
        seen = self._groups[group].execute("SELECT ct1_conta FROM CT1").fetchall()
        codes = {code.strip() for (code,) in seen}
        for account in company.accounts:
            if account.code not in codes:
                self.insert(tenant, "CT1", **_account(account))
        entries = [e for e in company.entries if e.on <= company.today]
        self._balances(tenant, entries)
        for entry in entries:
            for row in _lines(entry):
                self.insert(tenant, "CT2", **row)
        for side, table in ((Side.RECEIVABLE, "SA1"), (Side.PAYABLE, "SA2")):
            names = {t.tax_id for t in company.dealings.titles if t.side is side}
            for party in company.parties:
                if party.tax_id in names:
                    self.insert(
                        tenant,
                        table,
                        cod=party.id,
                        loja="01",
                        nome=party.name,
                        pessoa="J" if len(party.tax_id) == 14 else "F",
                        cgc=party.tax_id,
                        conta=party.receivable if side is Side.RECEIVABLE else party.payable,
                    )
        for title in company.dealings.titles:
            if title.accrued <= company.today:
                self._title(tenant, title, company)

    def _balances(self, tenant: str, entries: list[LedgerEntry]) -> None:
        """CQ0 as Protheus keeps it: by account, month and whether it is a closing."""
        sums: dict[tuple[str, date, str], list[int]] = defaultdict(lambda: [0, 0])
        for entry in entries:
            for line in entry.lines:
                month_end = Period.of(entry.on).last_day
                both = sums[line.account, month_end, "Z" if entry.closing else "N"]
                both[line.amount < 0] += abs(line.amount)
        for (account, on, mark), (debit, credit) in sums.items():
            self.insert(
                tenant,
                "CQ0",
                conta=account,
                moeda="01",
                data=on,
                tpsald="1",
                lp=mark,
                debito=reais(debit),
                credit=reais(credit),
            )

    def _title(self, tenant: str, title: Title, company: Served) -> None:
        """A title with what is open of it now, and what settled it."""
        receivable = title.side is Side.RECEIVABLE
        party = next((p.id for p in company.parties if p.tax_id == title.tax_id), "")
        gone = title.cancelled is not None and title.cancelled <= company.today
        paid = [each for each in title.settlements if each.on <= company.today]
        own: dict[str, Any] = {"prefixo": "NF", "parcela": "", "tipo": "NF", "loja": "01"}
        self.insert(
            tenant,
            "SE1" if receivable else "SE2",
            deleted=gone,
            **own,
            **{"cliente" if receivable else "fornece": party},
            num=title.document,
            naturez=title.parts[0].category,
            emissao=title.accrued,
            vencrea=title.due,
            valor=reais(title.amount),
            saldo=reais(title.amount - sum(each.principal for each in paid)),
            moeda=1,
            vlcruz=reais(title.amount),
        )
        for number, each in enumerate(paid, 1):
            self.insert(
                tenant,
                "SE5",
                **own,
                numero=title.document,
                clifor=party,
                seq=f"{number:02d}",
                **_paid(each, receivable=receivable),
            )


def _empty() -> sqlite3.Connection:
    """Tables without rows."""
    made = sqlite3.connect(":memory:", check_same_thread=False)
    for table, widths in WIDTHS.items():
        columns = ",".join(f"{name} {'NUMERIC' if name in NUMBERS else 'TEXT'}" for name in widths)
        made.execute(
            f"CREATE TABLE {table} ({columns}, D_E_L_E_T_ TEXT, R_E_C_N_O_ INTEGER PRIMARY KEY)"
        )
    return made


def _account(account: SourceAccount) -> dict[str, Any]:
    """An account as CT1 has it."""
    credit = account.nature in (Nature.LIABILITY, Nature.EQUITY)
    return {
        "conta": account.code,
        "desc01": account.name,
        "classe": "2" if account.posting else "1",
        "normal": "2" if credit else "1",
        "ctasup": account.parent,
        "res": account.code[-6:],
        "natcta": account.nature.value,
        "bloq": "2",
    }


def _lines(entry: LedgerEntry) -> list[dict[str, Any]]:
    """An entry as CT2 has it: both sides on one line where it has two, texts going on."""
    head = {
        "data": entry.on,
        "lote": "008850",
        "sblote": "001",
        "doc": f"{entry.number % 1_000_000:06d}",
        "moedlc": "01",
        "tpsald": "1",
    }
    lines = entry.lines
    if len(lines) == 2 and lines[0].amount == -lines[1].amount:
        debit, credit = sorted(lines, key=lambda line: -line.amount)
        both = {"dc": "3", "debito": debit.account, "credit": credit.account}
        rows = [{**both, "valor": reais(debit.amount), "hist": debit.text}]
    else:
        rows = [
            {
                "dc": "1" if line.amount >= 0 else "2",
                "debito" if line.amount >= 0 else "credit": line.account,
                "valor": reais(abs(line.amount)),
                "hist": line.text,
            }
            for line in lines
        ]
    if len(lines[0].text) > LONG_TEXT:
        rows.append({"dc": "4", "valor": 0, "hist": lines[0].text[LONG_TEXT:]})
    return [{**head, "linha": f"{number:03d}", **row} for number, row in enumerate(rows, 1)]


def _paid(each: Settlement, *, receivable: bool) -> dict[str, Any]:
    """A settlement as SE5 has it: what moved, with what of it was no principal."""
    net = each.principal + each.interest + each.fine - each.discount
    return {
        "data": each.on,
        "tipodoc": "VL",
        "recpag": "R" if receivable else "P",
        "valor": reais(net),
        "vljuros": reais(each.interest),
        "vlmulta": reais(each.fine),
        "vldesco": reais(each.discount),
        "motbx": "NOR",
    }


def _calendar(company: Served) -> list[Fields]:
    """The accounting calendar: a year with its months, open or blocked."""
    years = sorted({entry.on.year for entry in company.entries} | {company.today.year})
    return [
        {
            "FinancialYear": str(year),
            "ListOfAccountingPeriods": [
                {
                    "PeriodCode": f"{month.month:02d}",
                    "InitialDate": month.first_day.isoformat(),
                    "FinalDate": month.last_day.isoformat(),
                    "PeriodStatus": OPEN if str(month) in company.open_months else BLOCKED,
                }
                for month in (Period(year, number) for number in range(1, 13))
            ],
        }
        for year in years
    ]


def _centre(tenant: str) -> dict[str, Any]:
    """The one cost centre of a company."""
    company, branch = tenant.split(",")
    return {
        "CompanyId": company,
        "BranchId": branch,
        "CompanyInternalId": f"{company}|{branch}|1040",
        "InternalId": f"{branch}|1040",
        "Code": "1040",
        "RegisterSituation": "2",
        "Name": "ENGENHARIA",
        "ShortCode": "1040",
        "Class": "2",
        "TopCode": "",
    }
