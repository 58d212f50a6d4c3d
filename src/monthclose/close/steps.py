"""What each entity step of a close does: extract, validate, map, translate."""

from collections.abc import Callable

from monthclose.consolidation.group import BalanceMissing, ConsolidationEngine, OtherCurrency
from monthclose.ledger.balances import RawBalance, UnbalancedTrialBalance
from monthclose.ledger.digest import digest
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group, in_order
from monthclose.ledger.runs import ENTITY_STEPS, CloseInputs, Step, StepRecord, StepStatus

type Failure = tuple[StepRecord, CloseError]


def records_hash(group: Group) -> str:
    """SHA-256 over everything a group recorded, balances apart, in whatever order it came."""
    group = in_order(group)
    return digest(
        group.code,
        group.name,
        group.presentation,
        group.framework,
        group.language,
        group.first_period,
        group.fiscal_year,
        group.chart.accounts,
        group.chart.roles,
        group.entities,
        group.interests,
        group.rates.quotes,
        {entity: mapping.digest for entity, mapping in group.mappings.items()},
        group.openings,
        group.acquisitions,
        group.contributions,
        group.dividends,
    )


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
    )


def inputs_hash(inputs: CloseInputs, period: str, code: str) -> str:
    """SHA-256 over everything a close reads: the same inputs give the same figures."""
    ordered = sorted(inputs.balances, key=lambda raw: (raw.entity, raw.period))
    balances = [balance_hash(raw) for raw in ordered]
    return digest(period, code, records_hash(inputs.group), balances, inputs.last)


class EntityDesk:
    """
    Takes every entity of a month through its own steps.

    One entity failing does not stop the others.
    """

    def __init__(self, inputs: CloseInputs, period: str, clock: Callable[[], float]) -> None:
        self.period, self.clock = period, clock
        self.engine = ConsolidationEngine(inputs.group)
        self.outputs: dict[str, str] = {}
        self._group = inputs.group
        self._scope = [
            entity
            for entity in inputs.group.entities
            if entity.method is not Method.EQUITY
            and (not entity.first_period or entity.first_period <= period)
        ]
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
        cells: list[StepRecord] = []
        failures: list[Failure] = []
        for entity in self._scope:
            entered = digest([balance_hash(raw) for raw in self._raw[entity.code]])
            for step in ENTITY_STEPS:
                started = self.clock()
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
                    cells.append(cell)
                    failures.append((cell, error))
                    break
                seconds = self.clock() - started
                cells.append(
                    StepRecord(step, entity.code, StepStatus.DONE, 1, entered, left, rows, seconds)
                )
                entered = left
            else:
                self.outputs[entity.code] = entered
        return cells, failures

    def _do(self, step: Step, entity: Entity, entered: str) -> tuple[str, int]:
        """One step of one entity: the hash of what it leaves, and how many lines it handled."""
        balances = self._raw[entity.code]
        rows = sum(len(raw.accounts) for raw in balances)
        if step is Step.EXTRACT:
            if not any(raw.period == self.period for raw in balances):
                raise BalanceMissing(entity.code, self.period, self.period)
            return entered, rows
        if step is Step.VALIDATE:
            for raw in balances:
                check_balance(raw, entity)
            return entered, rows
        if step is Step.MAP:
            mapped = [self.engine.load_trial_balance(raw) for raw in balances]
            made = digest([(each.accounts, each.partners, each.amounts) for each in mapped])
            mapping = self._group.mappings.get(entity.code)
            lines = mapping.digest if mapping else ""
            return digest(entered, made, lines, self._chart), rows
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
