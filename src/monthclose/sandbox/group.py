"""The sandbox group as a group folder: the same companies, figures and bytes for the same seed."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from monthclose.ledger.money import plain, share_of
from monthclose.ledger.periods import Period
from monthclose.sandbox import history
from monthclose.sandbox.books import Books, Line, borrow, monthly_revenue, open_books, part, trade
from monthclose.sandbox.chart import OwnAccount, own_chart, standard_chart
from monthclose.sandbox.companies import HOST, PARENT, Company, companies
from monthclose.sandbox.contracts import contract_rows
from monthclose.sandbox.ecb import quotes_needed

FIRST, LAST = Period(2025, 1), Period(2025, 6)
RATES_FROM, RATES_TO = date(2024, 12, 1), date(2025, 7, 5)
MANAGEMENT_BP, HOSTING_BP = 200, 150
"""What the parent and the host charge a company, of its revenue."""

_WEIGHTS_BP = (0, 3_000, 2_000, 1_000)
"""Of an account kept in several: what each but the first takes."""

type Row = Mapping[str, Any]


def write_demo_group(folder: Path, seed: int = 2025, entities: int = 7) -> str:
    """
    Write a group of Brazilian software companies as a group folder.

    A holding in reais, its companies with charts of their own, one with outsiders, one
    bought, one founded in March 2025; January to June 2025, and the reference rates of
    the ECB. Files of an earlier run are written again, byte for byte.

    Args:
        folder: Where to; made when it is not there.
        seed: Another one gives other figures.
        entities: How many companies, the holding among them.

    Returns:
        The last month, such as `2025-06`.

    Raises:
        RatesNotInstalled: the package with the rates is not there.
        ValueError: fewer than two companies.
    """
    group = SandboxGroup(seed, entities)
    folder.mkdir(parents=True, exist_ok=True)
    for months in ("balances", "intercompany"):
        (folder / months).mkdir(exist_ok=True)
    (folder / "group.toml").write_text(_settings(entities), "utf-8", newline="\n")
    for name, rows in group.tables().items():
        (folder / f"{name}.csv").write_text(_csv(rows), "utf-8", newline="\n")
    return str(LAST)


class SandboxGroup:
    """
    A group with its hidden ledger.

    Attributes:
        companies: The operating companies.
        charts: Accounts of each company's own chart, by company and standard account.
    """

    def __init__(self, seed: int, entities: int) -> None:
        self.seed = seed
        self.companies = companies(seed, entities)
        self.charts: dict[str, dict[str, tuple[OwnAccount, ...]]] = {
            each.code: own_chart(each.erp, number) for number, each in enumerate(self.companies, 1)
        }
        self.retained = {each.code: history.retained(each) for each in self._old}
        self.names = {row["code"]: row["name"] for row in standard_chart()}

    @property
    def _old(self) -> list[Company]:
        """The companies that were there before the first month."""
        return [each for each in self.companies if not each.founded_in_view]

    def tables(self) -> dict[str, list[Row]]:
        """Every table, by file name without its ending."""
        quotes = quotes_needed(RATES_FROM, RATES_TO, self._event_days())
        tables: dict[str, list[Row]] = {
            "entities": list(self._entities()),
            "ownership": [
                {"holder": PARENT, "investee": c.code, "percent": c.percent, "from": c.since}
                for c in self.companies
            ],
            "chart": list(standard_chart()),
            "mappings": [
                {"entity": code, "account": own.code, "standard_account": own.standard}
                for code, chart in self.charts.items()
                for accounts in chart.values()
                for own in accounts
            ],
            "rates": [
                {
                    "date": quote.on,
                    "base": quote.base,
                    "quote": quote.quote,
                    "value": quote.value,
                    "kind": quote.kind.value,
                    "source": quote.source,
                }
                for quote in quotes
            ],
            "openings": list(self._openings()),
            "acquisitions": list(self._acquisitions()),
            "events": list(self._dividends()),
            "subscriptions": list(contract_rows(self.companies, LAST, self.seed)),
        }
        for number in range(LAST.month - FIRST.month + 1):
            period = FIRST.plus(number)
            tables[f"intercompany/{period}"] = list(self._between(period))
        return tables | {f"balances/{p}": rows for p, rows in self._balances().items()}

    def _event_days(self) -> list[date]:
        """The days whose rates history and dividends need."""
        days = [day for each in self.companies for day, _ in each.capital]
        days += [each.dividend for each in self.companies if each.dividend]
        return [*days, history.CUT]

    def _entities(self) -> Iterable[Row]:
        parent = Company(PARENT, "", "", date(2015, 3, 2), 100, 0, 0, 0, ())
        yield {
            "code": PARENT,
            "name": "Vero Participações S.A.",
            "currency": history.FUNCTIONAL,
            "method": "parent",
            "tax_id": parent.cnpj(self.seed),
        }
        for each in self.companies:
            yield {
                "code": each.code,
                "name": each.name,
                "currency": history.FUNCTIONAL,
                "method": "full",
                "tax_id": each.cnpj(self.seed),
                "erp": each.erp,
                "first_period": str(Period.of(each.since)) if each.founded_in_view else "",
            }

    def _acquisitions(self) -> Iterable[Row]:
        """One a payment of capital, so that every part is cancelled at its own rate."""
        for each in self.companies:
            for number, (day, amount) in enumerate(each.capital, 1):
                cost = each.price if each.bought else amount * each.percent // 100
                row: dict[str, Any] = {
                    "id": f"ACQ-{each.code}" + (f"-{number}" if number > 1 else ""),
                    "acquirer": PARENT,
                    "target": each.code,
                    "date": day,
                    "kind": "purchase" if each.bought else "formation",
                    "consideration": plain(cost),
                    "investment_account": "1500",
                    "investment": plain(cost),
                    "nci": "none" if each.percent == 100 else "proportionate",
                    "share_capital": plain(-amount),
                }
                if each.percent != 100:
                    row["nci_percent"] = 100 - each.percent
                if each.earned_before:
                    row["retained_earnings"] = plain(-each.earned_before)
                yield row

    def _parent_capital(self) -> list[history.Part]:
        """The holding's own capital: what it invested, and a tenth more, on the same days."""
        return [
            history.Part((each.price if each.bought else amount) * 11 // 10, history.rate_of(day))
            for each in self.companies
            for day, amount in each.capital
            if day <= history.CUT
        ]

    def _parent_retained(self) -> list[history.Part]:
        """A modest surplus of each year since 2016."""
        return [history.Part(21_000_000, history.average_of(year)) for year in range(2016, 2025)]

    def _openings(self) -> Iterable[Row]:
        """Equity at the end of 2024, as it was translated; CTA and outsiders as computed then."""
        yield from _opening(PARENT, self._parent_capital(), self._parent_retained(), Fraction(0))
        for each in self._old:
            outsiders = Fraction(100 - each.percent, 100)
            yield from _opening(
                each.code, history.capital(each), self.retained[each.code], outsiders
            )

    def _dividend(self, company: Company) -> tuple[int, int]:
        """A company's dividend and the parent's part; an eighth of its earnings, whole reais."""
        whole = history.total(self.retained[company.code]) // 80_000 * 10_000
        return whole, whole * company.percent // 100

    def _dividends(self) -> Iterable[Row]:
        for each in self.companies:
            if each.dividend is None:
                continue
            whole, ours = self._dividend(each)
            common = {"date": each.dividend, "kind": "dividend", "entity": each.code}
            yield common | {
                "amount": plain(ours),
                "holder": PARENT,
                "received": plain(ours),
                "income_account": "4200",
            }
            if whole != ours:
                yield common | {"amount": plain(whole - ours)}

    def _fees(self, company: Company, period: Period) -> dict[str, int]:
        """What a company is charged for a month, by who charges it."""
        revenue = monthly_revenue(company, period, self.seed)
        fees = {PARENT: part(revenue, MANAGEMENT_BP)}
        if company.code != HOST:
            fees[HOST] = part(revenue, HOSTING_BP)
        return fees

    def _between(self, period: Period) -> Iterable[Row]:
        """What both sides of each month's fees booked; a fee is paid in the month after."""
        for each in self.companies:
            if Period.of(each.since) > period:
                continue
            for provider, fee in self._fees(each, period).items():
                sides = (
                    (provider, each.code, "AR", "1150", fee),
                    (each.code, provider, "AP", "2150", -fee),
                    (provider, each.code, "REV", "4110", -fee),
                    (each.code, provider, "EXP", "6050", fee),
                )
                for entity, partner, kind, account, amount in sides:
                    yield {
                        "entity": entity,
                        "partner": partner,
                        "kind": kind,
                        "account": account,
                        "reference": f"{provider}-{period}-{each.code}",
                        "amount": plain(amount),
                        "document_currency": history.FUNCTIONAL,
                    }

    def _opening_books(self) -> dict[str, Books]:
        """Every company's balance sheet of December 2024."""
        between: dict[str, dict[tuple[str, str], int]] = {c.code: {} for c in self.companies}
        between[PARENT] = {}
        for each in self._old:
            for provider, fee in self._fees(each, FIRST.plus(-1)).items():
                between[each.code]["2150", provider] = -fee
                between[provider]["1150", each.code] = fee
        books = {
            each.code: open_books(
                each, history.total(self.retained[each.code]), between[each.code], self.seed
            )
            for each in self._old
        }
        invested = sum(
            each.price if each.bought else amount * each.percent // 100
            for each in self._old
            for _, amount in each.capital
        )
        sheet = {
            ("1500", ""): invested,
            ("3010", ""): -history.total(self._parent_capital()),
            ("3300", ""): -history.total(self._parent_retained()),
            **between[PARENT],
        }
        sheet["1010", ""] = -sum(sheet.values())
        books[PARENT] = Books(sheet)
        return books

    def _balances(self) -> dict[str, list[Row]]:
        """Every month's trial balances, in the companies' own charts."""
        books = self._opening_books()
        own: dict[str, dict[tuple[str, str], int]] = {}
        months: dict[str, list[Row]] = {}
        for number in range(LAST.month - FIRST.month + 1):
            period = FIRST.plus(number)
            there = [each for each in self.companies if Period.of(each.since) <= period]
            self._post(books, there, period)
            rows = months.setdefault(str(period), [])
            for code in (PARENT, *(each.code for each in there)):
                lines = books[code].close()
                kept = own.setdefault(code, {})
                rows += [row for line in lines for row in self._rows(code, line, kept)]
        return months

    def _post(self, books: dict[str, Books], there: list[Company], period: Period) -> None:
        """Post one month of every company: its business, fees among them, dividends, capital."""
        parent = books[PARENT]
        for each in there:
            if each.founded_in_view and Period.of(each.since) == period:
                books[each.code] = Books()
                capital = sum(amount for _, amount in each.capital)
                books[each.code].post("1010", "3010", capital)
                parent.post("1500", "1010", capital * each.percent // 100)
        for each in there:
            self._charge(books, each, period)
        for each in there:
            ledger = books[each.code]
            trade(ledger, each, period, self.seed)
            if each.dividend and Period.of(each.dividend) == period:
                whole, ours = self._dividend(each)
                ledger.post("3350", "1010", whole)
                parent.post("1010", "4200", ours)
            borrow(ledger)
        fees = sum(self._fees(each, period)[PARENT] for each in there)
        parent.post("4090", "2030", part(fees, 1_425))
        parent.post("2030", "1010", -parent.balances.get(("2030", ""), 0))
        parent.post("6030", "1010", part(fees, 6_100))
        parent.post("1010", "4300", part(fees, 300))
        borrow(parent)

    def _charge(self, books: dict[str, Books], company: Company, period: Period) -> None:
        """Pay what was charged a month ago, and charge this month."""
        ledger = books[company.code]
        for provider, fee in self._fees(company, period).items():
            owed = -ledger.balances.get(("2150", provider), 0)
            ledger.post("2150", "1010", owed, provider)
            books[provider].post("1010", "1150", owed, company.code)
            ledger.post("6050", "2150", fee, provider)
            books[provider].post("1150", "4110", fee, company.code)

    def _rows(self, code: str, line: Line, kept: dict[tuple[str, str], int]) -> Iterable[Row]:
        """A line in the company's own accounts; an own account carries its own balance on."""
        standard = OwnAccount(line.account, self.names[line.account], line.account)
        accounts = self.charts.get(code, {}).get(line.account, (standard,))
        debits, credits = _spread(line.debit, len(accounts)), _spread(line.credit, len(accounts))
        first = _spread(line.opening, len(accounts))
        for own, start, debit, credit in zip(accounts, first, debits, credits, strict=True):
            opening = kept.get((own.code, line.partner), start)
            closing = opening + debit - credit
            kept[own.code, line.partner] = closing
            if opening or debit or credit:
                yield {
                    "entity": code,
                    "account": own.code,
                    "name": own.name,
                    "partner": line.partner,
                    "opening": plain(opening),
                    "debit": plain(debit),
                    "credit": plain(credit),
                    "closing": plain(closing),
                }


def _opening(
    entity: str, capital: list[history.Part], retained: list[history.Part], outsiders: Fraction
) -> Iterable[Row]:
    """The rows of one company; debit positive."""
    cta = history.opening_cta(capital, retained)
    for account, parts in (("3010", capital), ("3300", retained)):
        yield {
            "entity": entity,
            "account": account,
            "functional": plain(-history.total(parts)),
            "translated": plain(-history.translated(parts)),
        }
    yield {"entity": entity, "account": "3400", "translated": plain(-cta)}
    if outsiders:
        theirs = sum(
            history.Part(share_of(each.amount, outsiders), each.quote).translated
            for each in capital
        )
        theirs += share_of(history.translated(retained), outsiders) + share_of(cta, outsiders)
        yield {"entity": entity, "account": "3900", "translated": plain(-theirs)}


def _spread(amount: int, count: int) -> list[int]:
    """Divide an amount over accounts; the first takes what is left."""
    others = [part(amount, share_bp) for share_bp in _WEIGHTS_BP[1:count]]
    return [amount - sum(others), *others]


def _settings(entities: int) -> str:
    keys = {
        "code": f"VERO{entities}",
        "name": "Grupo Vero",
        "presentation_currency": history.PRESENTATION,
        "framework": "IFRS",
        "fiscal_year_end": 12,
        "language": "pt-BR",
        "number_locale": "plain",
        "first_period": str(FIRST),
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(["[group]", *lines, ""])


def _csv(rows: list[Row]) -> str:
    """Write rows under every column that one of them has."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows([row.get(name, "") for name in header] for row in rows)
    return text.getvalue()
