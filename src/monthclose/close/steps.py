"""What each entity step of a close does: extract, validate, map, translate."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from monthclose.consolidation.group import ConsolidationEngine, OtherCurrency
from monthclose.consolidation.months import BalanceMissing
from monthclose.ledger.accounts import Chart
from monthclose.ledger.balances import RawBalance, UnbalancedTrialBalance
from monthclose.ledger.digest import digest
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import RateTable
from monthclose.ledger.record_order import in_order
from monthclose.ledger.runs import ENTITY_STEPS, CloseInputs, Step, StepRecord, StepStatus
from monthclose.ledger.subscriptions import ContractMonth

type Failure = tuple[StepRecord, CloseError]


def records_hash(group: Group) -> str:
    """SHA-256 over everything a group recorded, balances apart, in whatever order it came."""
    return digest(*_recorded(in_order(group)))


def _recorded(group: Group) -> Iterator[Any]:
    """Every field of a group with its name; records that it has none of change no hash."""
    for each in fields(Group):
        recorded = getattr(group, each.name)
        if recorded == ():
            continue
        yield each.name
        match recorded:
            case Chart():
                yield recorded.accounts
                yield recorded.roles
            case RateTable():
                yield recorded.quotes
            case Mapping():
                yield {entity: mapping.digest for entity, mapping in recorded.items()}
            case (ContractMonth(), *_):
                yield [month.content for month in recorded]
            case _:
                yield recorded


def balance_hash(raw: RawBalance) -> str:
    """SHA-256 over a balance as it was sent; where it was read from is not part of it."""
    return digest(
        raw.entity,
        raw.period,
        raw.currency,
        raw.accounts,
        raw.partners,
        raw.amounts,
        raw.basis,
        raw.gaps,
        *(() if raw.opening is None else (raw.opening,)),
    )


type Hashes = Mapping[tuple[str, str], str]
"""Hash of each balance, by entity and month."""


def balance_hashes(inputs: CloseInputs) -> Hashes:
    """The hash of every balance that a close reads."""
    # Company by company: its months have one list of accounts.
    balances = sorted(inputs.balances, key=lambda raw: raw.entity)
    return {(raw.entity, raw.period): balance_hash(raw) for raw in balances}


def inputs_hash(inputs: CloseInputs, period: str, code: str, balances: Hashes | None = None) -> str:
    """SHA-256 over everything a close reads: the same inputs give the same figures."""
    known = balance_hashes(inputs) if balances is None else balances
    hashed = [known[key] for key in sorted(known)]
    return digest(period, code, records_hash(inputs.group), hashed, inputs.last)


class EntityDesk:
    """
    Takes every entity of a month through its own steps.

    One entity failing does not stop the others.
    """

    def __init__(
        self,
        inputs: CloseInputs,
        period: str,
        clock: Callable[[], float],
        hashes: Hashes | None = None,
        failed: Mapping[str, CloseError] = MappingProxyType({}),
    ) -> None:
        self.period, self.clock, self._hashes = period, clock, hashes or {}
        self._failed, self._unplaced = failed, inputs.unplaced
        self.engine = ConsolidationEngine(inputs.group)
        self.outputs: dict[str, str] = {}
        self._group = inputs.group
        sent = {raw.entity for raw in inputs.balances if raw.period <= period}
        self._scope = inputs.group.in_month(period, sent)
        self._raw: dict[str, list[RawBalance]] = {entity.code: [] for entity in self._scope}
        for raw in sorted(inputs.balances, key=lambda each: each.period):
            if raw.entity in self._raw and raw.period <= period:
                self._raw[raw.entity].append(raw)
        self._chart = digest(inputs.group.chart.accounts, inputs.group.chart.roles)

    @property
    def entities(self) -> tuple[str, ...]:
        """Codes of the entities in scope, in the group's order."""
        return tuple(entity.code for entity in self._scope)

    def work(self) -> tuple[list[StepRecord], list[Failure]]:
        """
        Take every entity as far as it goes.

        Returns:
            The cells that are over, and those of them that failed with what stopped them.
        """
        cells: dict[str, list[StepRecord]] = {entity.code: [] for entity in self._scope}
        failures: list[Failure] = []
        for code, balances in self._raw.items():
            self.outputs[code] = digest([self._hash(raw) for raw in balances])
        for step in ENTITY_STEPS:
            shared = self._together() if step is Step.TRANSLATE else 0.0
            for entity in self._scope:
                if entity.code in self.outputs:
                    cell, error = self._cell(step, entity, shared)
                    cells[entity.code].append(cell)
                    if error is not None:
                        failures.append((cell, error))
        order = {code: place for place, code in enumerate(self.entities)}
        failures.sort(key=lambda each: order[each[0].entity])
        return [cell for each in cells.values() for cell in each], failures

    def _hash(self, raw: RawBalance) -> str:
        return self._hashes.get((raw.entity, raw.period)) or balance_hash(raw)

    def _due(self, entity: Entity) -> str:
        """The month whose balance an entity owes: of a company sold, that of its sale."""
        if entity.code not in self._group.sold_on:
            return self.period
        return str(self._group.until(entity.code, Period.parse(self.period)))

    def _together(self) -> float:
        """Translate all that have come so far; each one's part of the time it took."""
        started = self.clock()
        self.engine.translate_month(self.period)
        return (self.clock() - started) / max(1, len(self.outputs))

    def _cell(
        self, step: Step, entity: Entity, shared: float
    ) -> tuple[StepRecord, CloseError | None]:
        """Do one step of one entity; one that fails leaves nothing for the next."""
        entered, started = self.outputs.pop(entity.code), self.clock() - shared
        if step is Step.TRANSLATE and entity.method is Method.EQUITY:
            self.outputs[entity.code] = entered  # translated as what its holder has of it
            return StepRecord(step, entity.code, StepStatus.NOT_APPLICABLE), None
        try:
            left, rows = self._do(step, entity, entered)
        except CloseError as error:
            cell = StepRecord(
                step,
                entity.code,
                StepStatus.FAILED,
                1,
                entered,
                seconds=self.clock() - started,
                error_code=error.code,
                error=str(error),
            )
            return cell, error
        self.outputs[entity.code] = left
        seconds = self.clock() - started
        cell = StepRecord(step, entity.code, StepStatus.DONE, 1, entered, left, rows, seconds)
        return cell, None

    def _do(self, step: Step, entity: Entity, entered: str) -> tuple[str, int]:
        """One step of one entity: the hash of what it leaves, and how many lines it handled."""
        balances = self._raw[entity.code]
        rows = sum(len(raw.accounts) for raw in balances)
        if step is Step.EXTRACT:
            if (error := self._failed.get(entity.code)) is not None:
                raise error
            # An associate without a balance of the month may have been recorded instead.
            sends, due = entity.method is not Method.EQUITY, self._due(entity)
            if sends and not any(raw.period == due for raw in balances):
                raise BalanceMissing(entity.code, due, self.period)
            return entered, rows
        if step is Step.VALIDATE:
            for raw in balances:
                check_balance(raw, entity)
            return entered, rows
        if step is Step.MAP:
            if (error := self._unplaced.get(entity.code)) is not None:
                raise error
            mapped = [self.engine.load_trial_balance(raw) for raw in balances]
            made = digest([(each.accounts, each.partners, each.amounts) for each in mapped])
            mapping = self._group.mappings.get(entity.code)
            lines = mapping.digest if mapping else ""
            policy = self._group.adjustments_of.get((entity.code, LayerName.POLICY), ())
            beside = [each for each in policy if each.period <= self.period]
            return digest(entered, made, lines, self._chart, *beside), rows
        rates, translation = self.engine.translate_entity(entity.code, self.period)
        quotes = [rates.opening, rates.average, rates.closing]
        return digest(entered, translation.amounts, translation.cta, quotes), rows


def check_balance(raw: RawBalance, entity: Entity) -> None:
    """
    Intake of one balance: it balances, in the currency of its entity's books.

    Raises:
        UnbalancedTrialBalance: debits and credits differ.
        OtherCurrency: it is in another currency.
    """
    if raw.currency != entity.currency:
        raise OtherCurrency(raw.entity, raw.period, raw.currency, entity.currency)
    if raw.out_by:
        raise UnbalancedTrialBalance(raw.entity, raw.period, raw.currency, raw.out_by)
