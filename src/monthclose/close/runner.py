"""Runs a close step by step, stores what each step did, and does nothing twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from monthclose.analysis.validation import Beside, validate
from monthclose.close.metrics import measure_month
from monthclose.close.ports import Extraction, Extractor, Press, Records, Runs
from monthclose.close.states import NOT_BUILT
from monthclose.close.steps import EntityDesk, balance_hashes, inputs_hash
from monthclose.consolidation.collecting import collected_later
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.book import Book
from monthclose.ledger.digest import digest
from monthclose.ledger.errors import CloseError
from monthclose.ledger.findings import Validation
from monthclose.ledger.journal import LayerName
from monthclose.ledger.runs import (
    GROUP_STEPS,
    CloseInputs,
    RunRecord,
    RunStatus,
    Step,
    StepRecord,
    StepStatus,
)
from monthclose.ledger.subscriptions import Measured

type OnStep = Callable[[StepRecord], None]

ADJUSTING = frozenset({LayerName.PPA, LayerName.GAAP, LayerName.MANUAL})


@dataclass(frozen=True, eq=False)
class CloseOutcome:
    """
    What became of a close.

    Attributes:
        run: The run as it stands.
        computed: Steps that this call executed; none: nothing had changed.
        book: The book; None when an earlier one stands, or a step failed.
        validation: What the checks found; None as for *book*.
        error: What stopped it, or None.
        metrics: SaaS metrics of the group and each company; () without subscriptions.
        extractions: What was read from the companies' systems, and became of it.
        reading_s: How long that took, seconds.
    """

    run: RunRecord
    computed: tuple[StepRecord, ...]
    book: Book | None = None
    validation: Validation | None = None
    error: CloseError | None = None
    metrics: tuple[Measured, ...] = ()
    extractions: tuple[Extraction, ...] = ()
    reading_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Closer:
    """
    Closes months of one group.

    Attributes:
        records: Where the group is kept.
        runs: Where the matrix is kept.
        press: Prints the packs.
        code: Version of the program: other code may give other figures.
        clock: Seconds of a clock that never goes back.
        extractor: Reads months from the companies' systems; None: they are loaded.
    """

    records: Records
    runs: Runs
    press: Press
    code: str
    clock: Callable[[], float]
    extractor: Extractor | None = None

    def run(
        self, period: str, on_step: OnStep | None = None, *, pull: bool = False
    ) -> CloseOutcome:
        """
        Close a month.

        A month whose inputs are those of its last completed run is not computed again.
        Otherwise every entity is taken as far as it goes; one that fails does not stop
        the others, and the group waits until all have arrived.

        Args:
            period: The month, such as `2025-06`.
            on_step: Told of each step as it ends; None: nobody is.
            pull: Whether to read months from the companies' systems that are there already;
                those that are not are read in any case.

        Raises:
            CloseError: the run could not begin: nothing to close, locked, or running.
        """
        started = self.clock()
        read = self.extractor.extract(period, again=pull) if self.extractor else ()
        seconds = self.clock() - started
        with collected_later():
            outcome = self._run(period, on_step, read)
        return replace(outcome, extractions=read, reading_s=seconds)

    def _run(
        self, period: str, on_step: OnStep | None, read: tuple[Extraction, ...]
    ) -> CloseOutcome:
        """Close a month, as `run` says."""
        failed = {each.entity: each.error for each in read if each.error is not None}
        try:
            inputs = self.records.inputs(period)
        except CloseError:
            # A month with nothing in it: what could not be read says why.
            if failed:
                raise next(iter(failed.values())) from None
            raise
        balances = balance_hashes(inputs)
        hashed = inputs_hash(inputs, period, self.code, balances)
        latest = self.runs.latest(period)
        if (
            latest
            and latest.status is RunStatus.COMPLETED
            and latest.input_hash == hashed
            and not failed
        ):
            return CloseOutcome(latest, ())
        desk = EntityDesk(inputs, period, self.clock, balances, failed)
        run = self.runs.begin(period, hashed, desk.entities, self.code)
        return _Run(self, inputs, desk, run, latest, on_step).go()


class _Run:
    """One run under way."""

    def __init__(
        self,
        closer: Closer,
        inputs: CloseInputs,
        desk: EntityDesk,
        run: RunRecord,
        earlier: RunRecord | None,
        on_step: OnStep | None,
    ) -> None:
        self.closer, self.inputs, self.desk, self.run = closer, inputs, desk, run
        self.runs, self.on_step = closer.runs, on_step
        self.at = Step.CONSOLIDATE
        self.computed: list[StepRecord] = []
        self.stood = {
            (step.step, step.entity): step
            for step in (earlier.steps if earlier else ())
            if step.status is StepStatus.DONE
        }

    def go(self) -> CloseOutcome:
        """Take the entities, then the group, as far as they go."""
        done, errors = self.desk.work()
        self._finish(done)
        if errors:
            first = min(errors, key=lambda each: list(Step).index(each[0].step))
            self.runs.fail(self.run.id, first[0])
            return self._outcome(error=first[1])
        try:
            return self._group()
        except CloseError as error:
            step = StepRecord(
                self.at,
                "",
                StepStatus.FAILED,
                1,
                error_code=error.code,
                error=str(error),
            )
            self._finish([step])
            self.runs.fail(self.run.id, step)
            return self._outcome(error=error)

    def _group(self) -> CloseOutcome:
        """Adjust, consolidate, control and report."""
        engine, runs, run = self.desk.engine, self.runs, self.run.id
        entered = digest(self.desk.outputs, self.inputs.group.acquisitions)
        self._finish(
            StepRecord(step, "", StepStatus.NOT_APPLICABLE)
            for step in GROUP_STEPS
            if step in NOT_BUILT
        )
        started = self.closer.clock()
        book = engine.consolidate(self.run.period)
        seconds = self.closer.clock() - started
        made = tuple(entry for entry in book.entries if entry.layer in ADJUSTING)
        matched, count = digest(book.matches, book.unmatched), len(book.facts.items)
        self._finish(
            [
                self._cell(Step.INTERCOMPANY, entered, matched, count, 0.0),
                self._cell(Step.ADJUST, entered, digest(made), len(made), 0.0),
            ]
        )
        step = self._cell(Step.CONSOLIDATE, entered, book.digest, len(book.entries), seconds)
        version = runs.keep_book(run, step, book, self.inputs)
        self._note(step)
        validation, step = self._control(book)
        runs.keep_findings(run, step, validation)
        self._note(step)
        metrics = self._analyse(engine, book)
        self._report(engine, book, (validation, metrics), version)
        runs.complete(run, book.digest)
        return self._outcome(book=book, validation=validation, metrics=metrics)

    def _control(self, book: Book) -> tuple[Validation, StepRecord]:
        """Run the checks."""
        self.at = Step.CONTROL
        started = self.closer.clock()
        given = self.inputs
        validation = validate(
            book,
            given.last,
            kept=True,
            beside=Beside(given.tie_outs, given.noted, given.budget),
        )
        seconds = self.closer.clock() - started
        entered = digest(book.digest, self.inputs.last)
        found = digest([(f.check, f.code, f.subject, f.difference) for f in validation.findings])
        count = len(validation.results)
        return validation, self._cell(Step.CONTROL, entered, found, count, seconds)

    def _analyse(self, engine: ConsolidationEngine, book: Book) -> tuple[Measured, ...]:
        """Work out the metrics of a group that has subscriptions."""
        self.at = Step.ANALYSE
        started = self.closer.clock()
        metrics = measure_month(engine, book)
        seconds = self.closer.clock() - started
        made = digest([each.metrics for each in metrics])
        self._finish([self._cell(Step.ANALYSE, book.digest, made, len(metrics), seconds)])
        return metrics

    def _report(
        self,
        engine: ConsolidationEngine,
        book: Book,
        found: tuple[Validation, tuple[Measured, ...]],
        version: int,
    ) -> None:
        """Print the packs, with what the checks and the analysis found."""
        validation, metrics = found
        self.at = Step.REPORT
        started = self.closer.clock()
        label = f"{self.run.period}@{version}"
        trail, cash = engine.get_audit_trail(), partial(engine.cash_flows, book)
        printed = self.closer.press.workbook(book, validation, label, trail, cash, metrics)
        seconds = self.closer.clock() - started
        entered = digest(book.digest, label, str(validation.score))
        step = self._cell(Step.REPORT, entered, printed.sha256, 1, seconds)
        self.runs.keep_report(self.run.id, step, printed)
        self._note(step)

    def _cell(self, step: Step, entered: str, made: str, rows: int, seconds: float) -> StepRecord:
        """A group step that is over; nothing to do is not applicable."""
        if rows == 0:
            return StepRecord(step, "", StepStatus.NOT_APPLICABLE)
        return self._kept(StepRecord(step, "", StepStatus.DONE, 1, entered, made, rows, seconds))

    def _kept(self, step: StepRecord) -> StepRecord:
        """The step, marked as standing when an earlier run did the same and got the same."""
        before = self.stood.get((step.step, step.entity))
        same = before is not None and (before.input_hash, before.output_hash) == (
            step.input_hash,
            step.output_hash,
        )
        return replace(step, attempt=0) if same and step.status is StepStatus.DONE else step

    def _finish(self, steps: Iterable[StepRecord]) -> None:
        """Store steps that are over."""
        over = [self._kept(step) for step in steps]
        self.runs.finish(self.run.id, over)
        for step in over:
            self._note(step)

    def _note(self, step: StepRecord) -> None:
        if step.attempt:
            self.computed.append(step)
        if self.on_step:
            self.on_step(step)

    def _outcome(
        self,
        book: Book | None = None,
        validation: Validation | None = None,
        error: CloseError | None = None,
        metrics: tuple[Measured, ...] = (),
    ) -> CloseOutcome:
        """What became of the run, read back as stored."""
        run = self.runs.latest(self.run.period) or self.run
        return CloseOutcome(run, tuple(self.computed), book, validation, error, metrics)
