"""What checks find of a company that sends no books is stored all the same."""

from dataclasses import replace
from uuid import UUID

import pytest

from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.runs import Step, StepRecord, StepStatus
from tests.store.office import Office
from tests.store.test_runs import CODES, HASH, MAY, closer

pytestmark = pytest.mark.server


def test_a_company_without_a_month_is_named_all_the_same(app, database):
    """As an associate: it sends no books, so that it has no month that could be locked."""
    office = Office(app, database)
    office.load(office.small())
    validation = closer(office).run(MAY).validation
    finding = Finding("V4", "opening-cta-differs", Severity.BLOCKING, "JP", 2, 1, "USD", {})
    found = CheckResult("V4", Severity.BLOCKING, 1, 1, 1, 1, "USD", (finding,))
    validation = replace(validation, results=(found,))
    with office.runs() as runs:
        run = runs.begin(MAY, HASH, CODES, "2")
        office.ask(
            "delete from period_locks where tenant_id = %(t)s and period = '2025-05-01' and"
            " entity_id = (select id from portfolio_entities where tenant_id = %(t)s"
            " and code = 'JP')"
            " returning 1"
        )
        runs.keep_findings(run.id, StepRecord(Step.CONTROL, "", StepStatus.DONE), validation)
    rows = office.ask(
        "select entity_id, facts ->> 'subject' from validation_results"
        " where tenant_id = %(t)s and run_id = %(run)s and line > 1",
        run=UUID(run.id),
    )
    assert rows == [(None, "JP")]
