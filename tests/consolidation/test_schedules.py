"""The months a purchase charges follow from its day, and its accounts from the chart."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from monthclose.consolidation.dated import check_records
from monthclose.consolidation.schedules import LossMisplaced, RoleMissing, first_charged
from monthclose.groupfolder import read_group
from monthclose.ledger.acquisitions import GoodwillLoss
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from tests.consolidation.groups import bought, engine
from tests.groupfolder.folders import to_xlsx
from tests.groupfolder.purchases import abroad_in


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2025-11-01", "2025-11"),  # a Saturday, before the first weekday
        ("2025-11-03", "2025-11"),  # that Monday
        ("2025-11-04", "2025-12"),
        ("2025-10-01", "2025-10"),  # a Wednesday
        ("2025-10-02", "2025-11"),
        ("2025-12-31", "2026-01"),
    ],
)
def test_the_month_counts_when_control_passes_by_its_first_weekday(day: str, first: str):
    """Otherwise the next one does."""
    assert str(first_charged(bought(day=day, paid="1.00"))) == first


def test_a_month_that_is_recorded_comes_before_any_policy():
    recorded = replace(bought(day="2025-10-02", paid="1.00"), first_charge="2025-10")
    assert first_charged(recorded) == Period(2025, 10)
    assert first_charged(replace(bought(paid="1.00"), on=None)) is None


@pytest.fixture
def abroad(tmp_path: Path) -> Group:
    """A purchase with step-ups, tax and a loss on its goodwill."""
    return read_group(abroad_in(tmp_path)).group


@pytest.mark.parametrize("role", ["deferred_tax", "deferred_tax_result", "goodwill_impairment"])
def test_what_is_charged_needs_an_account_that_the_chart_names(
    abroad: Group, tmp_path: Path, role: str
):
    """No fixed code is taken for it, whatever accounts there are."""
    chart = replace(abroad.chart, roles=replace(abroad.chart.roles, **{role: ""}))
    made = engine(replace(abroad, chart=chart))
    for balance in read_group(abroad_in(tmp_path / "again")).balances:
        made.load_trial_balance(balance)
    with pytest.raises(RoleMissing) as refused:
        made.consolidate("2025-03")
    assert refused.value.facts == {"role": role, "acquisition": "ACQ-S"}


@pytest.mark.parametrize(
    ("acquisition", "entity", "on"),
    [("ACQ-T", "S", "2025-03-01"), ("ACQ-S", "P", "2025-03-01"), ("ACQ-S", "S", "2024-12-31")],
)
def test_a_loss_belongs_to_goodwill_that_was_there(
    abroad: Group, acquisition: str, entity: str, on: str
):
    loss = GoodwillLoss(acquisition, entity, 1_00, date.fromisoformat(on))
    with pytest.raises(LossMisplaced):
        check_records(replace(abroad, impairments=(loss,)))


def test_a_workbook_reads_like_the_table(tmp_path: Path):
    """Lives and amounts typed as numbers."""
    folder = abroad_in(tmp_path)
    read = read_group(folder).group.acquisitions
    for name in ("step_ups.csv", "acquisitions.csv"):
        to_xlsx(folder, name)
    assert read_group(folder).group.acquisitions == read
