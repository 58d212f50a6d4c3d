"""The sheet of SaaS metrics, and the same figures taken apart: of the sandbox group."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.lineage import explain
from monthclose.analysis.metric_lineage import COHORT, MRR_FIGURES, explain_metric
from monthclose.close.metrics import measure_month
from monthclose.close.steps import EntityDesk
from monthclose.groupfolder import read_group
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.findings import Validation
from monthclose.ledger.lineage import FigureUnknown
from monthclose.ledger.runs import CloseInputs
from monthclose.reports.excel import SHEETS, workbook_bytes
from monthclose.reports.metric_rows import metric_rows
from monthclose.sandbox.group import write_demo_group
from monthclose.wording import say
from tests.reports.reading import computed, parts, values


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """Book and metrics of the sandbox group's June."""
    folder = tmp_path_factory.mktemp("group")
    period = write_demo_group(folder)
    found = read_group(folder)
    desk = EntityDesk(CloseInputs(found.group, found.balances), period, lambda: 0.0)
    assert desk.work()[1] == []
    book = desk.engine.consolidate(period)
    return book, measure_month(desk.engine, book)


class TestSheet:
    def printed(self, closed, lang="en"):
        book, measured = closed
        return workbook_bytes(book, Validation(()), lang=lang, metrics=measured)

    @pytest.mark.parametrize(
        ("lang", "title"), [("en", "SaaS metrics"), ("pt-BR", "Indicadores SaaS")]
    )
    def test_it_stands_behind_the_statements(self, closed, lang, title):
        names = values(self.printed(closed, lang)).sheetnames
        assert names[SHEETS.index("by-entity")] == title
        assert len(names) == len(SHEETS) + 2

    def test_a_group_without_subscriptions_has_none(self, closed):
        content = workbook_bytes(closed[0], Validation(()), lang="en")
        assert "SaaS metrics" not in values(content).sheetnames

    def test_it_shows_what_was_measured(self, closed):
        """Every amount and count of the group, in order; None where the word stands."""
        sheet = values(self.printed(closed))["SaaS metrics"]
        shown = {row[2].value: row[3].value for row in sheet.iter_rows(min_row=6) if row[2].value}
        for row in metric_rows(closed[1][0]):
            found = shown[say(f"metrics.{row.key}", "en")]
            if row.figure is None:
                assert found == "n/a"
            elif row.form in ("amount", "count", "share", "percent"):
                assert abs(float(row.stored("USD") or "") - found) < 0.00005

    def test_its_formulas_give_the_same_again(self, closed, tmp_path: Path):
        file = tmp_path / "metrics.xlsx"
        file.write_bytes(self.printed(closed))
        found = [each for each in computed(file) if "SaaS" in each.where]
        # MRR, ARR and customers at the end, of the group and six companies; and the header.
        assert len(found) == 3 * 7 + 1
        assert [each for each in found if not each.same] == []

    def test_reasons_stand_below(self, closed):
        text = "".join(parts(self.printed(closed)).values())
        assert "books not loaded or not closable: 2023-07–2024-12" in text

    def test_the_same_close_gives_the_same_bytes(self, closed):
        assert self.printed(closed) == self.printed(closed)
        assert isinstance(values(self.printed(closed)).properties.created, datetime)


class TestLineage:
    @pytest.mark.parametrize("figure", MRR_FIGURES)
    def test_a_figure_is_the_sum_of_its_rows(self, closed, figure):
        """The group's is that of its companies, and each is worked out from the leaves alone."""
        book, measured = closed
        whole = explain_metric(book, measured, figure, "")
        assert whole.from_leaves() == whole.amount
        companies = [
            explain_metric(book, measured, figure, each.facts.entity).amount
            for each in measured[1:]
            if figure not in COHORT or each.metrics.nrr is not None  # LUME is younger than that
        ]
        assert sum(companies) == whole.amount != 0
        rows = [node for node in whole.walk() if node.kind == "row"]
        assert {node.facts["document"] for node in rows} == {"subscriptions.csv"}
        assert all(node.facts["row"] > 1 for node in rows)

    def test_retention_is_made_of_its_parts(self, closed):
        """NRR is what the cohort pays now over then; rounding is below a cent a customer."""
        book, measured = closed
        then, now, kept = (
            explain_metric(book, measured, figure, "").amount
            for figure in ("cohort_then", "cohort_now", "cohort_kept")
        )
        metrics = measured[0].metrics
        assert abs(now / then - metrics.nrr) < Fraction(1, 10**5)
        assert abs(kept / then - metrics.grr) < Fraction(1, 10**5)

    def test_a_ratio_says_what_can_be_asked_instead(self, closed):
        with pytest.raises(FigureUnknown) as refused:
            explain(closed[0], "nrr")
        assert "mrr_churn" in refused.value.message("en")

    def test_a_company_without_contracts_has_none(self, closed):
        with pytest.raises(UnknownEntity):
            explain_metric(closed[0], closed[1], "mrr", "VERO")
