"""What a close reads, out of the database: the group as imported and its balances as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from monthclose.ledger.accounts import Chart, Roles
from monthclose.ledger.acquisitions import (
    Acquisition,
    OpeningBalance,
)
from monthclose.ledger.balances import Basis, Gap, RawBalance, Source
from monthclose.ledger.book import LastClose
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest, Method
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.hyperinflation import IndexLevel
from monthclose.ledger.mappings import Columns, EntityMapping, Target
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.rates import RateTable
from monthclose.ledger.record_order import in_order
from monthclose.ledger.runs import CloseInputs
from monthclose.store.answers import LISTED, as_list
from monthclose.store.budgets import read_budget
from monthclose.store.bulk import fetch
from monthclose.store.errors import NotGranted
from monthclose.store.events import EVENT_KINDS
from monthclose.store.intake_charts import read_company_charts
from monthclose.store.intake_contracts import read_contracts
from monthclose.store.intake_rates import read_rates
from monthclose.store.lookup import account_of, by_number, minor_of, month, period_of
from monthclose.store.nouns import from_json
from monthclose.store.papers import PART
from monthclose.store.session import acting
from monthclose.store.subledgers import Placing, read_booked
from monthclose.store.tie_outs import read_noted, read_tie_outs


class MonthEmpty(CloseError):
    """Nobody loaded a balance of the month."""

    code = "records-month-empty"

    def __init__(self, portfolio: str, period: str) -> None:
        super().__init__(portfolio=portfolio, period=period)


@dataclass(frozen=True, slots=True)
class StoredRecords:
    """
    The records of a portfolio, as one person reads them.

    A close reads the whole group: who does not see every company gets no part of it.

    Attributes:
        engine: Of the application's role.
        user: Who reads.
        tenant: The portfolio.
    """

    engine: Engine
    user: UUID
    tenant: UUID

    def inputs(self, period: str) -> CloseInputs:
        """
        Read everything a month's close needs.

        Raises:
            NotGranted: the portfolio is absent, or the person does not see it whole.
            MonthEmpty: there is no balance of the month.
        """
        Period.parse(period)
        with acting(self.engine, self.user) as session:
            reading = Reading(session, self.tenant)
            group = reading.group(period)
            balances = reading.balances(period)
            last, after = reading.last(period)
            of = (session, self.tenant, reading.companies, period)
            beside = read_tie_outs(*of), read_noted(*of), read_budget(*of)
        if not any(raw.period == period for raw in balances):
            raise MonthEmpty(group.code, period)
        return CloseInputs(group, balances, last, after, *beside, reading.unplaced)

    def group(self) -> Group:
        """
        Read the group with its dated records, without balances.

        Raises:
            NotGranted: the portfolio is absent, or the person does not see it whole.
        """
        with acting(self.engine, self.user) as session:
            return Reading(session, self.tenant).group()


class Reading:
    """One transaction of reading."""

    def __init__(self, session: Session, tenant: UUID) -> None:
        self.session, self.tenant = session, tenant
        found = self._rows(
            "select code, name, presentation_currency, framework, fiscal_year_end, language,"
            " settings, entities from portfolios where id = %(t)s"
        )
        if not found:
            raise NotGranted
        self.portfolio = found[0]
        self.settings: Mapping[str, Any] = found[0][6]
        rows = self._rows(
            "select id, code, name, functional_currency, method, tax_id, erp, first_period,"
            " number, active from portfolio_entities where tenant_id = %(t)s"
        )
        if len(rows) != found[0][7]:
            raise NotGranted
        self.companies = {row[0]: row[1] for row in rows}
        self.currencies = {row[1]: row[3] for row in rows}
        self.partners = by_number({row[1]: row[8] for row in rows})
        self.described = {row[1]: row for row in rows}

    def _rows(self, query: str, **facts: Any) -> list[tuple[Any, ...]]:
        return fetch(self.session, query, t=self.tenant, **facts)

    def group(self, period: str = "") -> Group:
        """The group, its records in order; contracts up to *period*, without one all."""
        code, name, presentation, framework, year_end, language, _, _ = self.portfolio
        chart, mappings, records = self._chart(), self.mappings(), self._events()
        read = read_booked(self.session, self.tenant, self.companies, self.partners, period)
        placing = Placing(chart, mappings, FiscalYear(year_end), period)
        records["items"] = placing.place(read, records["items"])
        self.unplaced = placing.unplaced
        return in_order(
            Group(
                code=code,
                name=name,
                presentation=presentation,
                chart=chart,
                entities=self._entities(),
                interests=self._interests(),
                rates=RateTable(read_rates(self.session, self.tenant)),
                mappings=mappings,
                openings=self._openings(presentation),
                acquisitions=self._acquisitions(),
                **records,
                subscriptions=read_contracts(self.session, self.tenant, period),
                indices=tuple(
                    from_json(IndexLevel, each) for each in self.settings.get("indices", ())
                ),
                tolerance=Fraction(self.settings.get("tolerance", "1/100")),
                framework=framework.replace("_", " "),
                fiscal_year=FiscalYear(year_end),
                first_period=self.settings.get("first_period", ""),
                language=language,
            )
        )

    def _entities(self) -> tuple[Entity, ...]:
        """Active companies, in the group's order; one that it does not name comes last."""
        order = {code: place for place, code in enumerate(self.settings.get("companies", ()))}
        active = [row for row in self.described.values() if row[9]]
        active.sort(key=lambda row: (order.get(row[1], len(order)), row[8]))
        return tuple(
            Entity(
                code=row[1],
                name=row[2],
                currency=row[3],
                method=Method(row[4]),
                tax_id=row[5],
                erp=row[6],
                first_period=period_of(row[7]) if row[7] else "",
                index=self.settings.get("indexed", {}).get(row[1], ""),
                year_end=self.settings.get("year_ends", {}).get(row[1], 0),
                reporting_lag=self.settings.get("reporting_lags", {}).get(row[1], 0),
            )
            for row in active
        )

    def _chart(self) -> Chart:
        rows = self._rows(
            "select code, name, class, parent_code, statement_line, monetary, intercompany, cash,"
            " cash_flow, deferred_tax, contra, gaap, number, active, metric"
            " from standard_chart_of_accounts where tenant_id = %(t)s"
        )
        self.standard = by_number({row[0]: row[12] for row in rows})
        accounts = sorted(
            (account_of(row) for row in rows if row[13]),
            key=lambda account: account.code,
        )
        return Chart(tuple(accounts), from_json(Roles, self.settings.get("roles", {})))

    def _interests(self) -> tuple[Interest, ...]:
        rows = self._rows(
            "select holder_id, investee_id, (share * 100000000)::bigint, since"
            " from ownership_interests"
            " where tenant_id = %(t)s and status in ('submitted', 'approved')"
        )
        return tuple(
            Interest(self.companies[row[0]], self.companies[row[1]], *row[2:]) for row in rows
        )

    def mappings(self, chosen: Mapping[str, int] | None = None) -> dict[str, EntityMapping]:
        """
        The mapping of each company.

        Args:
            chosen: Version by company; None: the highest version not withdrawn.
        """
        if chosen is None:
            versions = self._rows(
                "select distinct on (entity_id) id, entity_id, number from mapping_versions"
                " where tenant_id = %(t)s and status in ('submitted', 'approved')"
                " order by entity_id, number desc"
            )
        else:
            versions = [
                row
                for row in self._rows(
                    "select id, entity_id, number from mapping_versions where tenant_id = %(t)s"
                )
                if chosen.get(self.companies[row[1]]) == row[2]
            ]
        if not versions:
            return {}
        ids, companies = [row[0] for row in versions], [row[1] for row in versions]
        whole: dict[UUID, dict[str, str]] = {}
        split: dict[UUID, dict[str, tuple[Target, ...]]] = {}
        some = False
        # Kept as arrays beside the lines: a group of a thousand companies has a million of them.
        for key, company, accounts, standard, parts in self._rows(
            "select k.version, k.entity, coalesce(m.account_numbers, '{}'),"
            "       coalesce(m.standard_numbers, '{}'), coalesce(m.divided, false)"
            "  from unnest(%(v)s::uuid[], %(c)s::uuid[]) as k (version, entity)"
            "  left join mapping_columns as m"
            "    on m.entity_id = k.entity and m.mapping_version_id = k.version",
            v=ids,
            c=companies,
        ):
            codes = self._charts[company][accounts].tolist() if len(accounts) else ()
            whole[key] = dict(zip(codes, self.standard[standard].tolist(), strict=True))
            split[key] = {}
            some = some or parts
        if some:
            self._divide(ids, companies, split)
        return {
            (code := self.companies[company]): EntityMapping(
                code, Columns(whole[key], split[key]), number
            )
            for key, company, number in versions
        }

    def _divide(
        self,
        ids: list[UUID],
        companies: list[UUID],
        split: Mapping[UUID, dict[str, tuple[Target, ...]]],
    ) -> None:
        """Add the accounts that go to several others, each to a share of them."""
        for key, company, account, number, share in self._rows(
            "select mapping_version_id, entity_id, account_number, standard_number,"
            "       (share * 100000000)::bigint from account_mappings"
            " where tenant_id = %(t)s and entity_id = any(%(c)s)"
            "   and mapping_version_id = any(%(v)s) and share < 1",
            v=ids,
            c=companies,
        ):
            code = self._charts[company][account]
            part = Target(self.standard[number], Fraction(share, SHARE_UNIT))
            split[key][code] = (*split[key].get(code, ()), part)

    @cached_property
    def standard(self) -> NDArray[np.object_]:
        """Codes of the standard accounts, by number."""
        rows = self._rows(
            "select code, number from standard_chart_of_accounts where tenant_id = %(t)s"
        )
        return by_number(dict(rows))

    @cached_property
    def _charts(self) -> dict[UUID, NDArray[np.object_]]:
        """Codes of each company's own chart, by number."""
        charts = {}
        for company, (codes, numbers) in read_company_charts(self.session, self.tenant).items():
            charts[company] = np.full(int(numbers.max()) + 1, "", dtype=object)
            charts[company][numbers] = codes
        return charts

    def _openings(self, presentation: str) -> tuple[OpeningBalance, ...]:
        rows = self._rows(
            "select entity_id, standard_number, (amount * 100)::bigint,"
            " (translated * 100)::bigint from openings where tenant_id = %(t)s"
        )
        found = []
        for company_id, number, functional, translated in rows:
            company = self.companies[company_id]
            currency = self.currencies[company]
            found.append(
                OpeningBalance(
                    company,
                    str(self.standard[number]),
                    None if functional is None else minor_of(functional, currency),
                    minor_of(translated, presentation),
                )
            )
        return tuple(found)

    def _acquisitions(self) -> tuple[Acquisition, ...]:
        rows = self._rows(
            "select terms from acquisitions"
            " where tenant_id = %(t)s and status in ('submitted', 'approved')"
        )
        return tuple(from_json(Acquisition, row[0]) for row in rows)

    def _events(self) -> dict[str, tuple[Any, ...]]:
        """What is stored as rows of `group_events`, by the field of a group that keeps it."""
        found: dict[str, list[Any]] = {}
        for kind, facts in self._rows(
            "select kind, facts from group_events"
            " where tenant_id = %(t)s and status in ('submitted', 'approved')"
        ):
            found.setdefault(kind, []).append(facts)
        return {
            kind.field: tuple(from_json(kind.noun, each) for each in found.get(kind.name, ()))
            for kind in EVENT_KINDS
        }

    def balances(
        self,
        period: str,
        chosen: Mapping[str, Mapping[str, int]] | None = None,
        entities: Sequence[Entity] | None = None,
    ) -> tuple[RawBalance, ...]:
        """
        The balances of each company and month, up to and including *period*.

        Args:
            period: The last month.
            chosen: Numbers of the balances, by month and company; None: the latest.
            entities: In the group's order; None: those that are active now.
        """
        ids = {code: key for key, code in self.companies.items()}
        numbers = [
            (ids[code], month(when), number)
            for when, companies in (chosen or {}).items()
            for code, number in companies.items()
        ]
        companies, days, kept = map(list, zip(*numbers, strict=True)) if numbers else ([], [], [])
        rows = self._rows(
            "select b.entity_id, b.period, b.currency, b.basis, b.gaps,"
            # Nearly every month has the accounts of the one before, and no partners: said once.
            "       case when c.account_numbers = lag(c.account_numbers) over months"
            "            then null else c.account_numbers end,"
            "       case when 0 <> any(c.partner_numbers) then c.partner_numbers end, c.net,"
            # Cash flows begin with it where the month before is not there.
            "       case when lag(b.period) over months = b.period - interval '1 month'"
            "            then null else c.opening end,"
            "       d.label,"
            "       case when d.media_type = %(slip)s"
            "            then convert_from(substr(d.bytes, 1, 64), 'UTF8')"
            "            else encode(d.sha256, 'hex') end, b.number, d.media_type = %(list)s"
            "  from (select distinct on (entity_id, period) * from etl_batches"
            "         where tenant_id = %(t)s and kind = 'trial_balance' and period <= %(p)s"
            "           and (%(all)s or (entity_id, period, number) in (select * from unnest("
            "                %(c)s::uuid[], %(d)s::date[], %(n)s::integer[])))"
            "         order by entity_id, period, number desc) as b"
            "  join trial_balance_columns as c"
            "    on c.entity_id = b.entity_id and c.period = b.period and c.batch_id = b.id"
            "  left join source_documents as d"
            "    on d.entity_id = b.entity_id and d.id = b.source_document_id"
            " where c.period <= %(p)s"
            " window months as (partition by b.entity_id order by b.period)"
            " order by b.entity_id, b.period",
            p=month(period),
            slip=PART,
            list=LISTED,
            all=chosen is None,
            c=companies,
            d=days,
            n=kept,
        )
        order = {entity.code: place for place, entity in enumerate(entities or self._entities())}
        lists: dict[tuple[str, bytes], tuple[str, ...]] = {}
        said: dict[UUID, tuple[str, ...]] = {}
        found = []
        for company_id, day, currency, basis, gaps, accounts, partners, *rest in rows:
            net, opening, name, sha256, number, is_list = rest
            company = self.companies[company_id]
            if company not in order:
                continue
            if accounts is not None:
                key = (company, accounts.tobytes())
                if key not in lists:
                    # A company that never had a line has no chart either.
                    named = self._charts[company_id][accounts].tolist() if len(accounts) else ()
                    lists[key] = tuple(named)
                said[company_id] = lists[key]
            found.append(
                RawBalance(
                    entity=company,
                    period=period_of(day),
                    currency=currency,
                    accounts=said[company_id],
                    amounts=net,
                    partners=() if partners is None else tuple(self.partners[partners].tolist()),
                    basis=Basis(basis),
                    gaps=tuple(from_json(Gap, gap) for gap in gaps),
                    opening=opening,
                    source=(as_list if is_list else Source)(name, sha256) if name else None,
                    number=number,
                )
            )
        found.sort(key=lambda raw: (raw.period, order[raw.entity]))
        return tuple(found)

    def last(self, period: str) -> tuple[LastClose | None, tuple[str, int] | None]:
        """What the current version of the latest month before *period* left, and which it is."""
        rows = self._rows(
            "select p.pins -> 'left', v.period, v.number from close_versions as v"
            "  join version_pins as p on p.tenant_id = v.tenant_id and p.version_id = v.id"
            " where v.tenant_id = %(t)s and v.status = 'current' and v.period < %(p)s"
            " order by v.period desc limit 1",
            p=month(period),
        )
        if not rows:
            return None, None
        left, day, number = rows[0]
        return from_json(LastClose, left) if left else None, (period_of(day), number)
