"""
The matrix of a close in the database. Each call is one transaction.

Whoever runs a month holds a lock of the server on it, on a connection of its own, for as
long as the run lives. A process that dies loses its connection and with it the lock: so a
run that looks active while the lock is free has been abandoned, and the next one says so
and starts. Whoever lost the lock and comes back finds its run ended, and stores nothing.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from monthclose.ledger.book import Book
from monthclose.ledger.errors import CloseError
from monthclose.ledger.findings import Validation
from monthclose.ledger.runs import (
    ENTITY_STEPS,
    GROUP_STEPS,
    CloseInputs,
    Printed,
    RunRecord,
    RunStatus,
    StepRecord,
    StepStatus,
)
from monthclose.store.books import keep
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.errors import PeriodClosed
from monthclose.store.holds import Hold, hold
from monthclose.store.lookup import lock_key, month
from monthclose.store.matrix import RunAbandoned, read_latest
from monthclose.store.outcomes import insert_errors, insert_findings, insert_report, update_steps
from monthclose.store.session import acting
from monthclose.store.tables import run_steps
from monthclose.store.trail import note


class RunInProgress(CloseError):
    """Another run of the month is active; *run* is its id."""

    code = "run-in-progress"

    def __init__(self, period: str, run: str) -> None:
        super().__init__(period=period, run=run or "–")


class RunOvertaken(CloseError):
    """The run has ended meanwhile, so nothing more of it is stored."""

    code = "run-overtaken"

    def __init__(self, run: str) -> None:
        super().__init__(run=run)


class StoredRuns:
    """
    The runs of a portfolio, for one person.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
    """

    def __init__(self, engine: Engine, user: UUID, tenant: UUID) -> None:
        self.engine, self.user, self.tenant = engine, user, tenant
        self._held: Hold | None = None
        self._companies: dict[str, UUID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the month; a run that has not ended counts as abandoned from here on."""
        if self._held is not None:
            self._held()
            self._held = None

    def latest(self, period: str) -> RunRecord | None:
        """The latest run of a month, whatever became of it, as far as the person sees it."""
        with acting(self.engine, self.user) as session:
            return read_latest(session, self.tenant, period)

    def begin(self, period: str, input_hash: str, entities: Sequence[str], code: str) -> RunRecord:
        """
        Start a run and lay out its matrix, every step waiting.

        Args:
            period: The month, such as `2025-06`.
            input_hash: SHA-256 of all it reads, hexadecimal.
            entities: Codes of the companies in scope, in the group's order.
            code: Version of the program.

        Raises:
            RunInProgress: another run of the month is active.
            PeriodClosed: the month is locked.
            NotGranted: the person may not run it.
        """
        self._hold(period)
        run = uuid4()
        try:
            with acting(self.engine, self.user, run) as session:
                self._require_open(session, period)
                self._end_abandoned(session, period)
                session.execute(
                    text(
                        "insert into runs (id, tenant_id, period, status, code_version,"
                        " input_hash, started_at)"
                        " values (:r, :t, :p, 'running', :c, :h, now())"
                    ),
                    {
                        "r": run,
                        "t": self.tenant,
                        "p": month(period),
                        "c": code,
                        "h": bytes.fromhex(input_hash),
                    },
                )
                steps = self._lay_out(session, run, entities)
                note(
                    session,
                    self.tenant,
                    "run.start",
                    "run",
                    run,
                    period=period,
                    input_hash=input_hash,
                    code=code,
                )
        except BaseException:
            self.close()
            raise
        return RunRecord(str(run), period, RunStatus.RUNNING, input_hash, steps=steps)

    def _hold(self, period: str) -> None:
        """Take the lock of the month, on a connection that lives as long as the run."""
        self.close()
        self._held = hold(self, self.engine, lock_key("run", self.tenant, period))
        if self._held is not None:
            return
        with acting(self.engine, self.user) as session:
            active = session.scalar(
                text(
                    "select id::text from runs where tenant_id = :t and period = :p"
                    " and status in ('pending', 'running', 'cancelling')"
                ),
                {"t": self.tenant, "p": month(period)},
            )
        raise RunInProgress(period, active or "")

    def _require_open(self, session: Session, period: str) -> None:
        """Refuse a locked month at once; the database does when something is stored."""
        is_open = session.scalar(
            text(
                "select exists (select from group_locks where tenant_id = :t and period = :p"
                " and (state in ('open', 'closing')"
                "      or state = 'reopened' and reopened_until > now()))"
            ),
            {"t": self.tenant, "p": month(period)},
        )
        if not is_open:
            raise PeriodClosed(f"{period} is locked")

    def _end_abandoned(self, session: Session, period: str) -> None:
        """End runs that nobody runs: their lock was free."""
        abandoned = session.scalars(
            text(
                "update runs set status = 'failed', error_code = :c, finished_at = now()"
                " where tenant_id = :t and period = :p"
                "   and status in ('pending', 'running', 'cancelling') returning id"
            ),
            {"t": self.tenant, "p": month(period), "c": RunAbandoned.code},
        ).all()
        for run in abandoned:
            note(session, self.tenant, "run.abandon", "run", run, period=period)

    def _lay_out(
        self, session: Session, run: UUID, entities: Sequence[str]
    ) -> tuple[StepRecord, ...]:
        ids = self._ids(session)
        steps = [
            StepRecord(step, entity, StepStatus.WAITING)
            for entity in entities
            for step in ENTITY_STEPS
        ]
        steps += [StepRecord(step, "", StepStatus.WAITING) for step in GROUP_STEPS]
        insert_columns(
            session,
            run_steps,
            {
                "tenant_id": self.tenant,
                "run_id": run,
                "step": [each.step.value for each in steps],
                "entity_id": [ids[each.entity] if each.entity else None for each in steps],
            },
        )
        return tuple(steps)

    def _ids(self, session: Session) -> dict[str, UUID]:
        """Ids of the companies, by code."""
        if not self._companies:
            rows = fetch(
                session,
                "select code, id from portfolio_entities where tenant_id = %(t)s",
                t=self.tenant,
            )
            self._companies = dict(rows)
        return self._companies

    def finish(self, run: str, steps: Sequence[StepRecord]) -> None:
        """
        Store the outcome of steps: done, failed or not applicable.

        Raises:
            RunOvertaken: the run has ended meanwhile.
        """
        if not steps:
            return
        with acting(self.engine, self.user, UUID(run)) as session:
            self._finish(session, run, steps)

    def _finish(self, session: Session, run: str, steps: Sequence[StepRecord]) -> str:
        """Store steps of a run that is active, and give the month it is of."""
        period: str | None = session.scalar(
            text(
                "select to_char(period, 'YYYY-MM') from runs"
                " where tenant_id = :t and id = :r and status = 'running' for share"
            ),
            {"t": self.tenant, "r": UUID(run)},
        )
        if period is None:
            raise RunOvertaken(run)
        ids = self._ids(session)
        update_steps(session, self.tenant, UUID(run), ids, steps)
        insert_errors(session, self.tenant, UUID(run), ids, steps)
        return period

    def keep_book(self, run: str, step: StepRecord, book: Book, inputs: CloseInputs) -> int:
        """
        Store the book and finish its step in one transaction.

        Returns:
            The number of the version that holds it: the next one when its figures are
            new, the current one when they are the same.

        Raises:
            PeriodClosed: the month is locked, and the figures are new.
            RunOvertaken: the run has ended meanwhile.
        """
        with acting(self.engine, self.user, UUID(run)) as session:
            self._finish(session, run, [step])
            kept = keep(session, self.tenant, UUID(run), book, inputs)
            session.execute(
                text("update runs set result_hash = :h where tenant_id = :t and id = :r"),
                {"h": bytes.fromhex(book.digest), "t": self.tenant, "r": UUID(run)},
            )
            if kept.fresh:
                note(
                    session,
                    self.tenant,
                    "version.make",
                    "close_version",
                    kept.id,
                    period=book.period,
                    number=kept.number,
                    result_hash=book.digest,
                    entries=len(book.entries),
                )
        return kept.number

    def keep_findings(self, run: str, step: StepRecord, validation: Validation) -> None:
        """Store what the checks found and finish their step, in one transaction."""
        with acting(self.engine, self.user, UUID(run)) as session:
            period = self._finish(session, run, [step])
            # A company without books of its own, such as an associate, has no month to hold
            # the finding by; the finding still names it.
            known = text("select entity_id from period_locks where tenant_id = :t and period = :p")
            held = set(session.scalars(known, {"t": self.tenant, "p": month(period)}))
            ids = {code: each for code, each in self._ids(session).items() if each in held}
            insert_findings(session, self.tenant, UUID(run), period, ids, validation)

    def keep_report(self, run: str, step: StepRecord, printed: Printed) -> None:
        """Store what was printed and finish its step, in one transaction."""
        with acting(self.engine, self.user, UUID(run)) as session:
            period = self._finish(session, run, [step])
            report = insert_report(session, self.tenant, UUID(run), printed)
            if report is not None:
                note(
                    session,
                    self.tenant,
                    "report.make",
                    "report",
                    report,
                    period=period,
                    kind=printed.kind,
                    sha256=printed.sha256,
                )

    def complete(self, run: str, result_hash: str) -> None:
        """End a run whose steps are all over, and let go of the month."""
        self._end(run, "completed", [], result_hash=bytes.fromhex(result_hash))

    def fail(self, run: str, step: StepRecord) -> None:
        """End a run that a step stopped, and let go of the month."""
        self._end(run, "failed", [step], error_code=step.error_code, error_step=step.step.value)

    def _end(self, run: str, status: str, steps: Sequence[StepRecord], **values: Any) -> None:
        with acting(self.engine, self.user, UUID(run)) as session:
            period = self._finish(session, run, steps)
            facts = {"result_hash": None, "error_code": None, "error_step": None, **values}
            session.execute(
                text(
                    "update runs set status = :s, finished_at = now(),"
                    " result_hash = coalesce(cast(:result_hash as bytea), result_hash),"
                    " error_code = :error_code, error_step = :error_step"
                    " where tenant_id = :t and id = :r"
                ),
                {"s": status, "t": self.tenant, "r": UUID(run), **facts},
            )
            said = {
                name: value.hex() if isinstance(value, bytes) else value
                for name, value in values.items()
            }
            action = "run.complete" if status == "completed" else "run.fail"
            note(session, self.tenant, action, "run", UUID(run), period=period, **said)
        self.close()
