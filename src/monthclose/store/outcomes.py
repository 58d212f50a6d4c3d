"""What the steps of a run leave in its tables: cells, errors, findings, reports."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from monthclose.ledger.findings import CheckResult, Finding, Severity, Validation
from monthclose.ledger.runs import Printed, StepRecord, StepStatus
from monthclose.store.bulk import insert_columns
from monthclose.store.lookup import hundredths, month
from monthclose.store.nouns import to_json
from monthclose.store.tables import validation_results

MEDIA = {
    "workbook": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "deck": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "board_book": "application/pdf",
}
"""What a printed report is, by its kind."""

_NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
_UPDATE = text(f"""
    update run_steps as s
       set status = u.status, attempt = u.attempt, input_hash = u.input_hash,
           output_hash = u.output_hash, row_count = u.row_count, error_code = u.error_code,
           started_at = now() - u.seconds * interval '1 second', finished_at = now()
      from unnest(
               cast(:steps as text[]), cast(:companies as uuid[]), cast(:statuses as text[]),
               cast(:attempts as integer[]), cast(:inputs as bytea[]),
               cast(:outputs as bytea[]), cast(:rows as bigint[]), cast(:codes as text[]),
               cast(:seconds as float8[]))
           as u (step, entity_id, status, attempt, input_hash, output_hash, row_count,
                 error_code, seconds)
     where s.tenant_id = :t and s.run_id = :r and s.step = u.step
       and coalesce(s.entity_id, {_NOBODY}) = coalesce(u.entity_id, {_NOBODY})
""")  # noqa: S608 - a constant of this module
_REPORT = text("""
    insert into reports (tenant_id, version_id, period, kind, language, media_type, sha256,
                         size, storage_key)
    select v.tenant_id, v.id, v.period, :kind, p.language, :media, :sha256, :size, :path
      from runs as r
      join portfolios as p on p.id = r.tenant_id
      join close_versions as v on v.tenant_id = r.tenant_id and v.period = r.period
       and v.result_hash = r.result_hash
     where r.tenant_id = :t and r.id = :r
     order by v.number desc limit 1
        on conflict do nothing
 returning id
""")


def _company(ids: Mapping[str, UUID], entity: str) -> UUID | None:
    return ids[entity] if entity else None


def _bytes(hexadecimal: str) -> bytes | None:
    return bytes.fromhex(hexadecimal) if hexadecimal else None


def update_steps(
    session: Session,
    tenant: UUID,
    run: UUID,
    ids: Mapping[str, UUID],
    steps: Sequence[StepRecord],
) -> None:
    """
    Store how cells of the matrix ended, all in one statement.

    Raises:
        LookupError: the matrix has no such cell.
    """
    if not steps:
        return
    done = session.execute(
        _UPDATE,
        {
            "t": tenant,
            "r": run,
            "steps": [each.step.value for each in steps],
            "companies": [_company(ids, each.entity) for each in steps],
            "statuses": [each.status.value for each in steps],
            "attempts": [each.attempt for each in steps],
            "inputs": [_bytes(each.input_hash) for each in steps],
            "outputs": [_bytes(each.output_hash) for each in steps],
            "rows": [each.rows for each in steps],
            "codes": [each.error_code or None for each in steps],
            "seconds": [each.seconds for each in steps],
        },
    )
    if getattr(done, "rowcount", len(steps)) != len(steps):
        raise LookupError(f"{len(steps)} cells finished, not all of them in the matrix")


def insert_errors(
    session: Session,
    tenant: UUID,
    run: UUID,
    ids: Mapping[str, UUID],
    steps: Sequence[StepRecord],
) -> None:
    """Store what failed cells say, in figures: seen by who may see the entity, or the group."""
    for each in steps:
        if each.status is StepStatus.FAILED:
            session.execute(
                text(
                    "insert into run_errors (tenant_id, run_id, entity_id, step, attempt,"
                    " error_code, facts) values (:t, :r, :e, :s, :a, :c, cast(:f as jsonb))"
                    " on conflict do nothing"
                ),
                {
                    "t": tenant,
                    "r": run,
                    "e": _company(ids, each.entity),
                    "s": each.step.value,
                    "a": each.attempt,
                    "c": each.error_code,
                    "f": Jsonb({"message": each.error}),
                },
            )


def insert_findings(
    session: Session,
    tenant: UUID,
    run: UUID,
    period: str,
    ids: Mapping[str, UUID],
    validation: Validation,
) -> None:
    """
    Store every check: first the check over its whole population, then what it found.

    The first line of a check blocks nothing, so that what is open is counted once.
    """
    rows: list[dict[str, Any]] = []
    for result in validation.results:
        rows.append(_check(result))
        rows += [
            _finding(finding, line, ids) for line, finding in enumerate(result.findings, start=2)
        ]
    if not rows:
        return
    insert_columns(
        session,
        validation_results,
        {
            "tenant_id": tenant,
            "run_id": run,
            "period": month(period),
            **{name: [row[name] for row in rows] for name in rows[0]},
        },
    )


def _check(result: CheckResult) -> dict[str, Any]:
    return {
        "entity_id": None,
        "check_code": result.check,
        "line": 1,
        "severity": "info" if result.passed else _severity(result.severity),
        "blocking": False,
        "passed": result.passed,
        "expected": None,
        "actual": None,
        "facts": Jsonb(
            {
                "weight": result.weight,
                "population": result.population,
                "tested": str(result.tested),
                "unexplained": str(result.unexplained),
                "ratio": str(result.ratio),
                "currency": result.currency,
                "findings": len(result.findings),
                "evidence": to_json(result.evidence),
            }
        ),
    }


def _finding(finding: Finding, line: int, ids: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        "entity_id": ids.get(finding.subject),
        "check_code": finding.check,
        "line": line,
        "severity": _severity(finding.severity),
        "blocking": finding.severity is Severity.BLOCKING,
        "passed": False,
        "expected": _amount(finding.expected, finding.currency),
        "actual": _amount(finding.actual, finding.currency),
        "facts": Jsonb(
            {
                "code": finding.code,
                "subject": finding.subject,
                "currency": finding.currency,
                "expected": to_json(finding.expected),
                "actual": to_json(finding.actual),
                "facts": to_json(finding.facts),
            }
        ),
    }


def _severity(severity: Severity) -> str:
    return "error" if severity is Severity.BLOCKING else "warning"


def _amount(minor: int | None, currency: str) -> int | None:
    """An amount in hundredths; a count of items is in the facts alone."""
    return None if minor is None or not currency else int(hundredths(minor, currency))


def insert_report(session: Session, tenant: UUID, run: UUID, printed: Printed) -> UUID | None:
    """
    Store a report of the version that a run made or kept.

    Returns:
        Its id; None when the same bytes are there already.
    """
    made: UUID | None = session.scalar(
        _REPORT,
        {
            "t": tenant,
            "r": run,
            "kind": printed.kind,
            "media": MEDIA.get(printed.kind, "application/octet-stream"),
            "sha256": bytes.fromhex(printed.sha256),
            "size": printed.size,
            "path": printed.path,
        },
    )
    return made
