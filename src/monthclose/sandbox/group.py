"""The sandbox group as a group folder: the same companies, figures and bytes for the same seed."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from itertools import repeat
from pathlib import Path
from typing import Any

from monthclose.ledger.money import plain, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote
from monthclose.sandbox import history
from monthclose.sandbox.chart import standard_chart
from monthclose.sandbox.companies import PARENT
from monthclose.sandbox.contracts import contract_rows
from monthclose.sandbox.ecb import quotes_needed
from monthclose.sandbox.hidden import LAST, MONTHS, PARENT_NAME, HiddenLedger, OwnLine

RATES_TO = date(2025, 7, 5)

type Row = Mapping[str, Any]

type Tables = dict[str, list[Row]]
"""Every table of a group folder, by file name without its ending."""


def write_demo_group(
    folder: Path,
    seed: int = 2025,
    entities: int = 7,
    months: int = MONTHS,
    change: Callable[[Tables], Tables] | None = None,
) -> str:
    """
    Write a group of Brazilian software companies as a group folder.

    A holding in reais, its companies with charts of their own, one with outsiders, one
    bought, one founded in March 2025; January to June 2025, and the reference rates of
    the ECB. Files of an earlier run are written again, byte for byte; months that are no
    longer given are removed.

    Args:
        folder: Where to; made when it is not there.
        seed: Another one gives other figures.
        entities: How many companies, the holding among them.
        months: How many months up to June 2025 at least; they begin with a January.
        change: Makes the tables that are written of the group's own; None: as they are.

    Returns:
        The last month, such as `2025-06`.

    Raises:
        RatesNotInstalled: the package with the rates is not there.
        ValueError: fewer than two companies, or months before 2022.
    """
    group = SandboxGroup(seed, entities, months)
    folder.mkdir(parents=True, exist_ok=True)
    tables = group.tables()
    if change is not None:
        tables = change(tables)
    for kind in ("balances", "intercompany"):
        (folder / kind).mkdir(exist_ok=True)
        for path in (folder / kind).glob("*.csv"):
            if f"{kind}/{path.stem}" not in tables:
                path.unlink()
    (folder / "group.toml").write_text(settings_text(entities, group.first), "utf-8", newline="\n")
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(csv_text(rows), "utf-8", newline="\n")
    return str(LAST)


class SandboxGroup(HiddenLedger):
    """The same as the tables of a group folder."""

    def tables(self) -> Tables:
        """Every table."""
        quotes = quotes_needed(self.cut.replace(day=1), RATES_TO, self._event_days())
        tables: Tables = {
            "entities": list(self._entities()),
            "ownership": list(self._ownership()),
            "chart": list(standard_chart()),
            "mappings": [
                {"entity": code, "account": own.code, "standard_account": own.standard}
                for code, chart in self.charts.items()
                for accounts in chart.values()
                for own in accounts
            ],
            "rates": [rate_row(quote) for quote in quotes],
            "openings": list(self._openings()),
            "acquisitions": list(self._acquisitions()),
            "events": list(self._dividends()),
            "subscriptions": list(contract_rows(self.companies, LAST, self.seed)),
        }
        if sold := list(self._sales()):
            tables["changes"] = sold
        for period in self.periods:
            tables[f"intercompany/{period}"] = list(self._between(period))
        return tables | {f"balances/{p}": rows for p, rows in self._balances().items()}

    def _ownership(self) -> Iterable[Row]:
        for each in self.companies:
            pair = {"holder": PARENT, "investee": each.code}
            yield pair | {"percent": each.percent, "from": each.since}
            if each.until is not None:
                yield pair | {"percent": 0, "from": each.until}

    def _event_days(self) -> list[date]:
        """The days whose rates history and dividends need."""
        days = [day for each in self.companies for day, _ in each.capital]
        days += [each.dividend for each in self.companies if each.dividend]
        return [*days, self.cut]

    def _entities(self) -> Iterable[Row]:
        yield {
            "code": PARENT,
            "name": PARENT_NAME,
            "currency": history.FUNCTIONAL,
            "method": "parent",
            "tax_id": self.cnpj(PARENT),
        }
        for each in self.companies:
            yield {
                "code": each.code,
                "name": each.name,
                "currency": history.FUNCTIONAL,
                "method": "full",
                "tax_id": each.cnpj(self.seed),
                "erp": each.erp,
                "first_period": str(Period.of(each.since)) if self.joins(each) else "",
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

    def _openings(self) -> Iterable[Row]:
        """Equity before the first month, as translated; CTA and outsiders as computed then."""
        yield from _opening(
            PARENT, self._parent_capital(), self._parent_retained(), Fraction(0), self.cut
        )
        for each in self._old:
            outsiders = Fraction(100 - each.percent, 100)
            yield from _opening(
                each.code,
                history.capital(each, self.cut),
                self.retained[each.code],
                outsiders,
                self.cut,
            )

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

    def _sales(self) -> Iterable[Row]:
        """What was sold, and what the holding booked of it."""
        for each in self.companies:
            if each.until is not None:
                yield {
                    "date": each.until,
                    "kind": "disposal",
                    "entity": each.code,
                    "holder": PARENT,
                    "percent": each.percent,
                    "proceeds": plain(each.proceeds),
                    "cost": plain(each.cost),
                    "gain": plain(each.proceeds - each.cost),
                    "investment_account": "1500",
                    "gain_account": "4510",
                }

    def _between(self, period: Period) -> Iterable[Row]:
        """What both sides of each month's fees booked; a fee is paid in the month after."""
        for each in self.companies:
            if self.trades_from(each) > period or not self.has(each, period):
                continue
            for provider, fee in self._fees(each, period).items():
                sides = (
                    (provider, each.code, "AR", "1150", fee),
                    (each.code, provider, "AP", "2150", -fee),
                    (provider, each.code, "REV", "4110", -fee),
                    (each.code, provider, "EXP", "6050", fee),
                )
                for entity, partner, kind, account, amount in sides if fee else ():
                    yield {
                        "entity": entity,
                        "partner": partner,
                        "kind": kind,
                        "account": account,
                        "reference": f"{provider}-{period}-{each.code}",
                        "amount": plain(amount),
                        "document_currency": history.FUNCTIONAL,
                    }

    def _balances(self) -> dict[str, list[Row]]:
        """Every month's trial balances, in the companies' own charts."""
        own: dict[str, dict[tuple[str, str], int]] = {}
        months: dict[str, list[Row]] = {}
        for month in self.months():
            kept = own.setdefault(month.entity, {})
            rows = months.setdefault(str(month.period), [])
            rows += map(_row, repeat(month.entity), self.own_lines(month, kept))
        return months


def rate_row(quote: Quote) -> Row:
    """A quote as a row of the rates."""
    return {
        "date": quote.on,
        "base": quote.base,
        "quote": quote.quote,
        "value": quote.value,
        "kind": quote.kind.value,
        "source": quote.source,
    }


def _row(entity: str, line: OwnLine) -> Row:
    """A line of a balance as a row."""
    return {
        "entity": entity,
        "account": line.account.code,
        "name": line.account.name,
        "partner": line.partner,
        "opening": plain(line.opening),
        "debit": plain(line.debit),
        "credit": plain(line.credit),
        "closing": plain(line.opening + line.debit - line.credit),
    }


def _opening(
    entity: str,
    capital: list[history.Part],
    retained: list[history.Part],
    outsiders: Fraction,
    cut: date,
) -> Iterable[Row]:
    """The rows of one company; debit positive."""
    cta = history.opening_cta(capital, retained, cut)
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


def settings_text(entities: int, first: Period) -> str:
    """The group's own settings, as `group.toml`."""
    keys = {
        "code": f"VERO{entities}",
        "name": "Grupo Vero",
        "presentation_currency": history.PRESENTATION,
        "framework": "IFRS",
        "fiscal_year_end": 12,
        "language": "pt-BR",
        "number_locale": "plain",
        "first_period": str(first),
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(["[group]", *lines, ""])


def csv_text(rows: list[Row]) -> str:
    """Write rows under every column that one of them has."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows([row.get(name, "") for name in header] for row in rows)
    return text.getvalue()
