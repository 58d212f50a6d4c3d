"""A group folder to a group: every table read and checked, then all of it or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monthclose.groupfolder.adjustments import read_adjustments
from monthclose.groupfolder.balances import read_balances
from monthclose.groupfolder.changes import Neighbours, read_changes, turned_in
from monthclose.groupfolder.columns import Known, Sheet
from monthclose.groupfolder.equity_method import associates_in, read_associate_months, read_pickups
from monthclose.groupfolder.events import Events, read_acquisitions, read_events
from monthclose.groupfolder.files import Document, Files, Found
from monthclose.groupfolder.indices import indexed_in, read_indices
from monthclose.groupfolder.intercompany import read_items
from monthclose.groupfolder.problems import GroupFolderInvalid, Problems
from monthclose.groupfolder.purchases import (
    Results,
    acquisitions_of,
    complete,
    read_acquired_results,
    read_step_ups,
)
from monthclose.groupfolder.records import (
    codes_of,
    currencies_of,
    entity_mappings,
    read_chart,
    read_entities,
    read_mappings,
    read_openings,
    read_ownership,
    read_rates,
)
from monthclose.groupfolder.schema import (
    ACQUIRED_RESULTS,
    ACQUISITIONS,
    ADJUSTMENTS,
    ASSET_SALES,
    ASSOCIATES,
    BALANCES,
    CHANGES,
    CHART,
    CORRECTIONS,
    ENTITIES,
    EVENTS,
    EXCHANGE_DIFFERENCES,
    INDICES,
    INTERCOMPANY,
    LOANS,
    MAPPINGS,
    OPENINGS,
    OWNERSHIP,
    PICKUPS,
    RATES,
    STEP_UPS,
    SUBSCRIPTIONS,
    UNREALISED,
)
from monthclose.groupfolder.settings import Settings, read_settings
from monthclose.groupfolder.specs import Kind, TableSpec
from monthclose.groupfolder.subscriptions import read_contracts
from monthclose.groupfolder.tables import read_table
from monthclose.groupfolder.unrealised import (
    read_asset_sales,
    read_corrections,
    read_exchange,
    read_loans,
    read_unrealised,
)
from monthclose.ledger.accounts import Chart, chart_of
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.changes import ChangeKind, OwnershipChange, gone_with
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.rates import RateTable
from monthclose.wording import say

_RECORDS: Mapping[str, Callable[[Sheet, Chart | None, Known], Any]] = {
    OWNERSHIP.name: lambda sheet, _, __: read_ownership(sheet),
    RATES.name: lambda sheet, _, __: read_rates(sheet),
    INDICES.name: lambda sheet, _, __: read_indices(sheet),
    OPENINGS.name: read_openings,
    STEP_UPS.name: lambda sheet, chart, _: read_step_ups(sheet, chart),
    ASSOCIATES.name: lambda sheet, _, known: read_associate_months(sheet, known),
    PICKUPS.name: lambda sheet, _, known: read_pickups(sheet, known),
    SUBSCRIPTIONS.name: lambda sheet, _, __: read_contracts(sheet),
    UNREALISED.name: read_unrealised,
    ASSET_SALES.name: read_asset_sales,
    LOANS.name: read_loans,
    EXCHANGE_DIFFERENCES.name: read_exchange,
    CORRECTIONS.name: read_corrections,
}
"""How the lines of a table become nouns that nothing else is read with."""


@dataclass(frozen=True, slots=True)
class Unused:
    """
    Something that was read and checked, and that no step of the close uses yet.

    Attributes:
        file: Its name.
        kind: The kind of event, or the policy; empty: the whole file.
        rows: How many rows there are of it.
    """

    file: str
    kind: str
    rows: int

    def shown(self, lang: str) -> str:
        """Write `budget.csv (rows: 12)`, or `events.csv, impairment (rows: 1)`."""
        key = "groupfolder.unused-kind" if self.kind else "groupfolder.unused-file"
        return say(key, lang, file=self.file, kind=self.kind, rows=self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class GroupFolder:
    """
    A group as its folder describes it.

    Attributes:
        group: The group, without its balances.
        balances: One a company and month: months in order, companies in order of the file.
        documents: Every file that was read.
        unused: What no step uses yet.
        policies: Choices of `group.toml` that no step uses yet.
        number_locale: How its files write numbers.
    """

    group: Group
    balances: tuple[RawBalance, ...]
    documents: tuple[Document, ...]
    unused: tuple[Unused, ...]
    policies: Mapping[str, str] = field(default_factory=dict)
    number_locale: str = "plain"

    @property
    def periods(self) -> tuple[str, ...]:
        """The months that have a balance, in order."""
        return tuple(sorted({balance.period for balance in self.balances}))


def read_group(folder: Path) -> GroupFolder:
    """
    Read a group folder whole.

    Args:
        folder: Holds `group.toml` and the tables that `docs/group-folder.md` describes.

    Raises:
        GroupFolderMissing: there is no such folder.
        GroupFolderInvalid: with every mistake found, by file, row and column.
    """
    reading = _Reading(folder)
    read = reading.read()
    if reading.problems:
        raise GroupFolderInvalid(folder.name, reading.problems.in_order())
    return read


class _Reading:
    """One folder while it is read: what is known so far, and what was found."""

    def __init__(self, folder: Path) -> None:
        self.problems = Problems()
        self.files = Files(folder, self.problems)
        self.known = Known()
        self.lang = ""
        self.chart: Chart | None = None
        # None: there is a table that cannot be read, so nothing is known of any mapping.
        self.mappings: dict[str, Any] | None = {}
        self.nouns: dict[str, Any] = {}
        self.balances: list[RawBalance] = []
        self.items: list[Item] = []
        self.unused: list[Unused] = []
        self.acquisitions: Sheet | None = None

    def read(self) -> GroupFolder:
        """Read everything; with problems the result is not for use."""
        document = self.files.settings()
        settings = read_settings(document, self.problems) if document else Settings()
        self.known.locale, self.known.presentation = settings.locale, settings.presentation
        self.known.year = FiscalYear(settings.end_month)
        self.lang = settings.language
        found = self.files.tables()
        self.known.stepped, self.known.kept = turned_in(found)
        for table in found:
            self._take(table)
        if not any(table.spec is BALANCES for table in found):
            self.problems.add(BALANCES.name, "balances-none")
        for name, value in settings.policies.items():
            self.unused.append(Unused("group.toml", f"{name} = {value}", 1))
        documents = [document] if document else []
        return GroupFolder(
            group=self._group(settings),
            balances=tuple(self.balances),
            documents=(*documents, *(table.document for table in found)),
            unused=tuple(self.unused),
            policies=settings.policies,
            number_locale=settings.locale,
        )

    def _take(self, found: Found) -> None:
        """Read one table and keep what it says."""
        spec, file = found.spec, found.document.name
        table = read_table(found.document, spec, found.period or spec.name, self.problems)
        if table is None:
            self._lost(spec)
            return
        table.sha256 = found.document.sha256
        sheet = Sheet(table, spec, self.known, self.problems)
        if any(c.needed and c.name not in table.columns for c in spec.columns):
            self._lost(spec)
            return  # what its lines mean is in doubt; their cells have been read
        if spec is BALANCES:
            hash_of = found.document.sha256
            self.balances += read_balances(
                sheet, found.period, hash_of, self.chart, self.mappings, self.known
            )
        elif spec is INTERCOMPANY:
            self.items += read_items(sheet, found.period, self.chart, self.known)
        elif spec.used:
            self._keep(spec, sheet)
        else:
            self.unused.append(Unused(file, "", sheet.size))
        if sheet.bad and not self.problems:
            raise RuntimeError(f"{file}: lines were left out without a word")

    def _lost(self, spec: TableSpec) -> None:
        """A table cannot be read: what names something in it is not checked."""
        if spec is MAPPINGS:
            self.mappings = None
        elif spec is ACQUISITIONS:
            self.known.acquisitions = None
        elif spec is LOANS:
            self.known.loans = None

    def _keep(self, spec: TableSpec, sheet: Sheet) -> None:
        """Turn a table's lines into nouns."""
        readers: Mapping[str, Callable[[Sheet], Any]] = {
            ENTITIES.name: self._entities,
            CHART.name: self._chart,
            MAPPINGS.name: self._mappings,
            ACQUISITIONS.name: self._acquired,
            ACQUIRED_RESULTS.name: self._acquired_results,
            EVENTS.name: self._events,
            CHANGES.name: self._changes,
            ADJUSTMENTS.name: self._adjustments,
        }
        own = readers.get(spec.name)
        made = own(sheet) if own else _RECORDS[spec.name](sheet, self.chart, self.known)
        self.nouns[spec.name] = made

    def _entities(self, sheet: Sheet) -> tuple[Entity, ...]:
        """Read the companies, which other tables name."""
        made = read_entities(sheet)
        self.known.entities = currencies_of(sheet)
        self.known.associates = associates_in(sheet)
        self.known.indexed = indexed_in(sheet)
        if sheet.lost:
            self.known.unsure.add(Kind.ENTITY)
        return made

    def _chart(self, sheet: Sheet) -> None:
        """Read the standard chart, whose accounts other tables name."""
        self.known.accounts = codes_of(sheet)
        if sheet.lost:
            self.known.unsure.add(Kind.ACCOUNT)
        chart = read_chart(sheet, self.lang)
        # With a line in doubt the classes are too: codes are checked, classes are not.
        self.chart = None if sheet.bad or sheet.lost else chart

    def _mappings(self, sheet: Sheet) -> None:
        """Read the mappings, by which balances are mapped."""
        mappings = dict(read_mappings(sheet, self.chart))
        self.mappings = None if sheet.bad else mappings

    def _events(self, sheet: Sheet) -> Events:
        """Read dated events."""
        return read_events(sheet, self.chart, self.known)

    def _changes(self, sheet: Sheet) -> tuple[OwnershipChange, ...]:
        """Changes of ownership; a table with a mistake is not held against them."""
        sound = {} if self.problems else self.nouns
        beside = Neighbours(
            sound.get(ENTITIES.name),
            sound.get(OWNERSHIP.name),
            sound.get(ACQUISITIONS.name),
            self.chart,
        )
        made = read_changes(sheet, beside)
        whole = ChangeKind.DISPOSAL
        gone = (e for e in made if e.kind is whole and e.retained_cost is None)
        self.known.sold = {each.entity: each.on for each in gone}
        if made and beside.interests is not None:
            equity = [code for code, each in beside.methods.items() if each is Method.EQUITY]
            below = gone_with(made, beside.interests, equity)
            self.known.sold |= {code: sale.on for code, sale in below.items()}
        return made

    def _adjustments(self, sheet: Sheet) -> tuple[Adjustment, ...]:
        """Entries beside the books."""
        companies = self.nouns.get(ENTITIES.name) or ()
        associates = {each.code for each in companies if each.method is Method.EQUITY}
        return read_adjustments(sheet, self.chart, frozenset(associates))

    def _acquired(self, sheet: Sheet) -> tuple[Acquisition, ...]:
        """Read the acquisitions, which other tables name."""
        self.acquisitions, self.known.acquisitions = sheet, acquisitions_of(sheet)
        if sheet.table.lost or None in sheet.values["id"]:
            self.known.unsure.add(Kind.ACQUISITION)
        return read_acquisitions(sheet, self.chart, self.known)

    def _acquired_results(self, sheet: Sheet) -> Results:
        """Read what companies bought within a fiscal year had earned before."""
        return read_acquired_results(sheet, self.chart, self.known.year)

    def _group(self, settings: Settings) -> Group:
        """Put the group together."""
        events = self.nouns.get(EVENTS.name) or Events()
        acquisitions = complete(
            self.nouns.get(ACQUISITIONS.name) or (),
            self.nouns.get(STEP_UPS.name) or {},
            self.nouns.get(ACQUIRED_RESULTS.name) or {},
            self.acquisitions,
        )
        return Group(
            code=settings.code,
            name=settings.name,
            presentation=settings.presentation,
            chart=self.chart or chart_of(()),
            entities=self.nouns.get(ENTITIES.name) or (),
            interests=self.nouns.get(OWNERSHIP.name) or (),
            rates=RateTable(self.nouns.get(RATES.name) or ()),
            mappings={} if self.problems else entity_mappings(self.mappings or {}),
            openings=self.nouns.get(OPENINGS.name) or (),
            acquisitions=acquisitions,
            **events.records,
            pickups=self.nouns.get(PICKUPS.name) or (),
            associate_months=self.nouns.get(ASSOCIATES.name) or (),
            items=tuple(self.items),
            changes=self.nouns.get(CHANGES.name) or (),
            adjustments=self.nouns.get(ADJUSTMENTS.name) or (),
            indices=self.nouns.get(INDICES.name) or (),
            subscriptions=self.nouns.get(SUBSCRIPTIONS.name) or (),
            unrealised=self.nouns.get(UNREALISED.name) or (),
            asset_sales=self.nouns.get(ASSET_SALES.name) or (),
            loans=self.nouns.get(LOANS.name) or (),
            exchange=self.nouns.get(EXCHANGE_DIFFERENCES.name) or (),
            corrections=self.nouns.get(CORRECTIONS.name) or (),
            tolerance=settings.tolerance,
            framework=settings.framework,
            fiscal_year=self.known.year,
            first_period=settings.first_period,
            language=settings.language,
        )
