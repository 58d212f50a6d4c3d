"""
A whole group into the database, whole or not at all.

Two people take part, because the admin does not touch figures and the manager does not
grant rights: so there are two transactions. In the first the operator makes the portfolio
and its companies and grants them; in the second the manager loads everything else. A
failure of the second leaves companies without figures, and the same import completes it.

Loading the same again changes nothing. What changed becomes the next number of its kind,
what is new is added; what the group no longer says is withdrawn, never erased. Quotes, balances and
contracts that are no longer given stay, because a group may give its latest months only:
the result names them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.digest import digest
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.money import Money
from monthclose.ledger.record_order import in_order
from monthclose.store.bulk import insert_columns
from monthclose.store.errors import NotGranted
from monthclose.store.intake_balances import load_balances
from monthclose.store.intake_charts import load_chart, load_company_charts, open_months
from monthclose.store.intake_contracts import load_contracts
from monthclose.store.intake_records import RecordLoader
from monthclose.store.lookup import Directory, lock_key, month
from monthclose.store.nouns import to_json
from monthclose.store.papers import Document, Papers
from monthclose.store.session import acting
from monthclose.store.staying import staying
from monthclose.store.tables import portfolio_entities, portfolios
from monthclose.store.trail import note


class ImportInProgress(CloseError):
    """Another import of the same portfolio is under way."""

    code = "import-in-progress"

    def __init__(self, portfolio: str) -> None:
        super().__init__(portfolio=portfolio)


class PortfolioTaken(CloseError):
    """The code belongs to a portfolio that the operator does not run."""

    code = "portfolio-taken"

    def __init__(self, portfolio: str) -> None:
        super().__init__(portfolio=portfolio)


class SettledOtherwise(CloseError):
    """A group or a company was made with something that never changes."""

    code = "import-settled"

    def __init__(self, subject: str, what: str, stored: str, given: str) -> None:
        super().__init__(subject=subject, what=what, stored=stored, given=given)


class UnknownCompany(CloseError):
    """A balance is of a company, or names a partner, that the group does not have."""

    code = "import-company-unknown"

    def __init__(self, company: str, entity: str, period: str) -> None:
        super().__init__(company=company, entity=entity, period=period)


class NothingToImport(CloseError):
    """There is no balance, so no month to open."""

    code = "import-empty"

    def __init__(self, portfolio: str) -> None:
        super().__init__(portfolio=portfolio)


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """A balance that was kept although it does not balance; a close stops at it."""

    entity: str
    period: str
    out_by: Money


@dataclass(frozen=True, slots=True)
class ImportResult:
    """
    What an import did.

    Attributes:
        portfolio: Id of the portfolio.
        counts: How many were added, changed or withdrawn, by what they are.
        batches: New balances.
        standing: Balances that stood already.
        unbalanced: Those of the balances given that do not balance.
        staying: What is no longer given and still counts, by kind.
    """

    portfolio: UUID
    counts: Mapping[str, int]
    batches: int
    standing: int
    unbalanced: tuple[Unbalanced, ...] = field(default=())
    staying: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def unchanged(self) -> bool:
        """Whether everything was there already."""
        return not any(self.counts.values())


def import_group(
    engine: Engine,
    operator: UUID,
    manager: UUID,
    group: Group,
    balances: Sequence[RawBalance],
    documents: Iterable[Document] = (),
) -> ImportResult:
    """
    Load a group.

    Args:
        engine: Of the application's role.
        operator: Makes the portfolio and its companies, and grants them.
        manager: Loads everything else. In a portfolio that exists, somebody who writes
            figures of the whole group already: an import widens nobody's rights.
        group: With its dated records.
        balances: One a company and month.
        documents: Files that they were read from.

    Raises:
        CloseError: it cannot be loaded, and why: `NotGranted`, `PeriodClosed`,
            `ImportInProgress`, `SettledOtherwise`, … Nothing was.
    """
    group = in_order(group)
    _check(group, balances)
    with acting(engine, operator) as session:
        _alone(session, group.code)
        tenant, counts = _Founding(session, group, manager).found()
        _note(session, tenant, "group.found", counts, ())
    periods = sorted({raw.period for raw in balances})
    with acting(engine, manager) as session:
        _alone(session, group.code)
        did = {"accounts": load_chart(session, tenant, group.chart)}
        directory = Directory.read(session, tenant)
        if not {entity.code for entity in group.entities} <= directory.companies.keys():
            raise NotGranted
        did["months"] = open_months(session, tenant, directory, group, balances)
        charts, did["company_accounts"] = load_company_charts(
            session, tenant, directory, group, balances
        )
        did |= RecordLoader(session, tenant, group, directory, charts, periods[0]).load()
        papers = Papers(session, tenant, documents)
        loaded = load_balances(session, tenant, directory, charts, balances, papers)
        contracts = load_contracts(session, tenant, directory, group.subscriptions, papers)
        did |= {**loaded.counts, "documents": papers.added, "subscriptions": contracts}
        left = staying(session, tenant, group, balances)
        _note(session, tenant, "group.import", did, loaded.hashes)
    return ImportResult(
        portfolio=tenant,
        counts={**counts, **did},
        batches=did["balances"],
        standing=len(balances) - did["balances"],
        unbalanced=tuple(
            Unbalanced(raw.entity, raw.period, Money(raw.out_by, raw.currency))
            for raw in balances
            if raw.out_by
        ),
        staying=left,
    )


def _check(group: Group, balances: Sequence[RawBalance]) -> None:
    """See that the balances are of the group's companies."""
    if not balances:
        raise NothingToImport(group.code)
    known = {entity.code for entity in group.entities} | {""}
    for raw in balances:
        for company in (raw.entity, *(raw.partners and set(raw.partners))):
            if company not in known:
                raise UnknownCompany(company, raw.entity, raw.period)


def _note(
    session: Session, tenant: UUID, action: str, counts: Mapping[str, int], hashes: Iterable[str]
) -> None:
    """Append what an import did to the chain; nothing when it did nothing."""
    if did := {name: count for name, count in counts.items() if count}:
        note(session, tenant, action, "portfolio", tenant, counts=did, sha256=digest([*hashes]))


def _alone(session: Session, code: str) -> None:
    """Let one import of a portfolio work at a time, to the end of its transaction."""
    key = lock_key("import", code)
    if not session.scalar(text("select pg_try_advisory_xact_lock(:k)"), {"k": key}):
        raise ImportInProgress(code)


class _Founding:
    """What the operator does: the portfolio, its companies, and who may work on them."""

    def __init__(self, session: Session, group: Group, manager: UUID) -> None:
        self.session, self.group, self.manager = session, group, manager
        self.framework = group.framework.replace(" ", "_")
        self.settings = {
            "companies": [entity.code for entity in group.entities],
            "first_period": group.first_period,
            "roles": to_json(group.chart.roles),
            "tolerance": to_json(group.tolerance),
            "indices": to_json(group.indices),
            "indexed": {entity.code: entity.index for entity in group.entities if entity.index},
            "year_ends": {each.code: each.year_end for each in group.entities if each.year_end},
            "reporting_lags": dict(group.lags),
        }

    def found(self) -> tuple[UUID, dict[str, int]]:
        """Make what is missing, change what is described otherwise."""
        p = portfolios.c
        stored = self.session.execute(
            select(
                p.id,
                p.presentation_currency,
                p.fiscal_year_end,
                p.name,
                p.framework,
                p.language,
                p.settings,
            ).where(p.code == self.group.code)
        ).one_or_none()
        if stored is None:
            tenant = self._make()
            self._describe(tenant)
            counts = {"portfolios": 1, "companies": self._companies(tenant)}
            self._grant(tenant, self._ids(tenant))
            self._call("select public.grant_group(:t, :u, true, true)", tenant)
            return tenant, counts
        tenant = stored[0]
        self._require_manager(tenant)
        self._check_settled(stored[1], stored[2])
        described = (
            self.group.name,
            self.framework,
            self.group.language,
            {**stored[6], **self.settings},
        )
        changed = described != tuple(stored[3:])
        if changed:
            self._describe(tenant, stored[6])
        before = self._ids(tenant)
        counts = {"portfolios": int(changed), "companies": self._companies(tenant)}
        if fresh := self._ids(tenant) - before:
            self._grant(tenant, fresh)
        return tenant, counts

    def _check_settled(self, currency: str, year_end: int) -> None:
        code, given = self.group.code, self.group.presentation
        if currency != given:
            raise SettledOtherwise(code, "presentation_currency", currency, given)
        if year_end != self.group.fiscal_year.end_month:
            given = str(self.group.fiscal_year.end_month)
            raise SettledOtherwise(code, "fiscal_year_end", str(year_end), given)

    def _make(self) -> UUID:
        """Make the portfolio, and its manager a member."""
        try:
            tenant: UUID | None = self.session.scalar(
                text(
                    "select public.create_portfolio(code => :c, name => :n,"
                    " presentation_currency => :p, framework => :f, fiscal_year_end => :y,"
                    " language => :l)"
                ),
                {
                    "c": self.group.code,
                    "n": self.group.name,
                    "p": self.group.presentation,
                    "f": self.framework,
                    "y": self.group.fiscal_year.end_month,
                    "l": self.group.language,
                },
            )
        except IntegrityError as error:
            if getattr(error.orig, "sqlstate", "") == "23505":
                raise PortfolioTaken(self.group.code) from error
            raise
        if tenant is None:
            raise NotGranted
        self._call("select public.set_role(:t, :u, 'manager')", tenant)
        return tenant

    def _require_manager(self, tenant: UUID) -> None:
        """See that who imports is a manager with the group's rights already."""
        allowed = self.session.scalar(
            text(
                "select exists (select from public.members_of(:t) as m where m.user_id = :u"
                " and m.active and m.role = 'manager' and m.group_write)"
            ),
            {"t": tenant, "u": self.manager},
        )
        if not allowed:
            raise NotGranted

    def _describe(self, tenant: UUID, settings: Mapping[str, Any] | None = None) -> None:
        """Write what the portfolio is called, and what has no column of its own."""
        self.session.execute(
            portfolios.update()
            .where(portfolios.c.id == tenant)
            .values(
                name=self.group.name,
                framework=self.framework,
                language=self.group.language,
                settings={**(settings or {}), **self.settings},
            )
        )

    def _ids(self, tenant: UUID) -> set[UUID]:
        """Ids of the companies there are."""
        e = portfolio_entities.c
        return set(self.session.scalars(select(e.id).where(e.tenant_id == tenant)))

    def _companies(self, tenant: UUID) -> int:
        """Make companies that are new, change what is described otherwise."""
        e = portfolio_entities.c
        columns = (e.name, e.tax_id, e.method, e.erp, e.first_period, e.active)
        stored = {
            row[0]: row
            for row in self.session.execute(
                select(e.code, e.functional_currency, e.number, *columns).where(
                    e.tenant_id == tenant
                )
            )
        }
        changed = 0
        fresh = [entity for entity in self.group.entities if entity.code not in stored]
        for entity in self.group.entities:
            if (row := stored.get(entity.code)) is None:
                continue
            if row[1] != entity.currency:
                raise SettledOtherwise(entity.code, "currency", row[1], entity.currency)
            if tuple(row[3:]) != _described(entity):
                self._rewrite(tenant, entity.code, _described(entity))
                changed += 1
        given = {entity.code for entity in self.group.entities}
        for code, row in stored.items():
            if code not in given and row[-1]:
                self._rewrite(tenant, code, (*row[3:-1], False))
                changed += 1
        if fresh:
            first = max((row[2] for row in stored.values()), default=0) + 1
            described = list(zip(*map(_described, fresh), strict=True))
            insert_columns(
                self.session,
                portfolio_entities,
                {
                    "tenant_id": tenant,
                    "number": list(range(first, first + len(fresh))),
                    "code": [entity.code for entity in fresh],
                    "functional_currency": [entity.currency for entity in fresh],
                }
                | {
                    column.name: list(values)
                    for column, values in zip(columns, described, strict=True)
                },
            )
        return changed + len(fresh)

    def _rewrite(self, tenant: UUID, code: str, described: Sequence[Any]) -> None:
        e = portfolio_entities.c
        names = ("name", "tax_id", "method", "erp", "first_period", "active")
        self.session.execute(
            portfolio_entities.update()
            .where(e.tenant_id == tenant, e.code == code)
            .values(dict(zip(names, described, strict=True)))
        )

    def _grant(self, tenant: UUID, companies: set[UUID]) -> None:
        self._call(
            "select public.grant_entities(:t, :u, :e, true, true)", tenant, e=sorted(companies)
        )

    def _call(self, statement: str, tenant: UUID, **facts: Any) -> None:
        """Call one of the functions that change rights."""
        self.session.execute(text(statement), {"t": tenant, "u": self.manager, **facts})


def _described(entity: Entity) -> tuple[Any, ...]:
    """What of a company may change."""
    first = month(entity.first_period) if entity.first_period else None
    return (entity.name, entity.tax_id, entity.method.value, entity.erp, first, True)
