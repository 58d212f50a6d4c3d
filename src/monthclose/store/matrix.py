"""The latest run of a month, read back: its matrix, its version, its reports."""

from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from monthclose.ledger.errors import CloseError
from monthclose.ledger.runs import Printed, RunRecord, RunStatus, Step, StepRecord, StepStatus
from monthclose.store.bulk import fetch
from monthclose.store.lookup import month


class RunAbandoned(CloseError):
    """The process that ran the month ended before the run did."""

    code = "run-abandoned"

    def __init__(self, period: str) -> None:
        super().__init__(period=period)


_RUN = """
    select r.id, r.status, r.input_hash, r.result_hash, r.error_code, r.error_step,
           (select max(v.number) from close_versions as v
             where v.tenant_id = r.tenant_id and v.period = r.period
               and v.result_hash = r.result_hash
               and v.created_at <= coalesce(r.finished_at, now())),
           coalesce(p.settings -> 'companies', '[]')
      from runs as r join portfolios as p on p.id = r.tenant_id
     where r.tenant_id = %(t)s and r.period = %(p)s
     order by r.created_at desc limit 1
"""
_STEPS = """
    select s.step, coalesce(e.code, ''), s.status, s.attempt, s.input_hash, s.output_hash,
           coalesce(s.row_count, 0), extract(epoch from s.finished_at - s.started_at)::float8,
           coalesce(s.error_code, ''), coalesce(x.facts ->> 'message', '')
      from run_steps as s
      left join portfolio_entities as e on e.id = s.entity_id
      left join run_errors as x
        on x.tenant_id = s.tenant_id and x.run_id = s.run_id and x.step = s.step
       and x.entity_id is not distinct from s.entity_id and x.attempt = s.attempt
     where s.tenant_id = %(t)s and s.run_id = %(r)s
"""
_REPORTS = """
    select distinct on (p.kind) p.kind, p.storage_key, p.sha256, p.size
      from run_steps as s
      join reports as p on p.tenant_id = s.tenant_id and p.sha256 = s.output_hash
     where s.tenant_id = %(t)s and s.run_id = %(r)s and s.step = 'report' and p.period = %(p)s
     order by p.kind, p.created_at desc
"""


def read_latest(session: Session, tenant: UUID, period: str) -> RunRecord | None:
    """Read the latest run of a month, with its matrix and its reports."""
    rows = fetch(session, _RUN, t=tenant, p=month(period))
    if not rows:
        return None
    run, status, entered, made, code, stopped, version, order = rows[0]
    place = {company: at for at, company in enumerate(order)}
    steps = [
        StepRecord(
            Step(row[0]),
            row[1],
            StepStatus(row[2]),
            row[3],
            _hex(row[4]),
            _hex(row[5]),
            row[6],
            row[7] or 0.0,
            row[8],
            row[9],
        )
        for row in fetch(session, _STEPS, t=tenant, r=run)
    ]
    columns = list(Step)
    steps.sort(
        key=lambda each: (
            not each.entity,
            place.get(each.entity, len(place)),
            each.entity,
            columns.index(each.step),
        )
    )
    failed = next((s for s in steps if s.status is StepStatus.FAILED and s.step == stopped), None)
    error = RunAbandoned(period).message() if code == RunAbandoned.code else ""
    return RunRecord(
        id=str(run),
        period=period,
        status=RunStatus(status),
        input_hash=_hex(entered),
        result_hash=_hex(made),
        version=version or 0,
        steps=tuple(steps),
        reports=tuple(
            Printed(row[0], PurePath(row[1]).name, _hex(row[2]), row[3], row[1])
            for row in fetch(session, _REPORTS, t=tenant, r=run, p=month(period))
        ),
        error_code=code or "",
        error_entity=failed.entity if failed else "",
        error=failed.error if failed else error,
    )


def _hex(stored: Any) -> str:
    return bytes(stored).hex() if stored is not None else ""
