"""Goodwill, accumulated amortisation and deferred tax go down to the record of the purchase."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.lineage import explain
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.lineage import Node
from tests.analysis.test_lineage import check_whole
from tests.groupfolder.folders import edit, put
from tests.groupfolder.purchases import abroad_in
from tests.groupfolder.test_within_year import RESULTS, folder_of


def loaded(folder: Path) -> ConsolidationEngine:
    """An engine with the balances of a folder."""
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    return engine


def of_kind(node: Node, kind: str) -> list[Fraction]:
    """The amounts of a kind of node."""
    return [each.amount for each in node.walk() if each.kind == kind]


def test_every_figure_adds_up_from_its_leaves(tmp_path):
    """Two years with charges and a loss; a year in which a company was bought; amortisation."""
    within, abroad = folder_of(tmp_path), abroad_in(tmp_path)
    put(within, "acquired_results.csv", RESULTS)
    edit(abroad, "acquisitions.csv", "tax_rate_pct\n", "tax_rate_pct,goodwill_life\n")
    edit(abroad, "acquisitions.csv", "-1000.00,34\n", "-1000.00,34,20\n")
    for folder, month in ((abroad, "2026-03"), (within, "2025-08"), (within, "2026-01")):
        engine = loaded(folder)
        check_whole(engine.consolidate(month), engine.month_before)


class TestDown:
    @pytest.fixture
    def figures(self, tmp_path: Path) -> dict[str, Node]:
        """Figures of February 2026."""
        engine = loaded(abroad_in(tmp_path))
        book = engine.consolidate("2026-02")
        return {
            name: explain(book, name, before=engine.month_before)
            for name in ("1600", "1515", "2500", "6210", "6220")
        }

    def test_goodwill_names_what_was_written_off(self, figures):
        """159.92 of 209.92 at 0.23."""
        assert of_kind(figures["1600"], "goodwill") == [159_92]
        assert of_kind(figures["1600"], "written_off") == [-50_00]

    def test_accumulated_amortisation_is_months_of_a_life_of_the_record(self, figures):
        """14 of 24 months of 360.00 = 210.00, at 0.23 = 48.30."""
        (node,) = (each for each in figures["1515"].walk() if each.kind == "of_life")
        assert (node.amount, node.factor, node.facts["months"]) == (
            -210_00,
            Fraction(-14, 24),
            "14",
        )
        assert of_kind(figures["1515"], "step_up") == [360_00]
        assert figures["1515"].amount == -48_30

    def test_deferred_tax_is_its_rate_of_what_is_carried(self, figures):
        """34 % x (360.00 - 210.00) = 51.00."""
        (node,) = (each for each in figures["2500"].walk() if each.kind == "tax_on")
        assert (node.amount, node.facts["percent"]) == (-51_00, "34")
        assert of_kind(figures["2500"], "step_up") == [360_00, 360_00]

    def test_charges_are_months_at_their_averages_and_a_loss_has_its_day(self, figures):
        def quotes(nodes: Iterable[Node]) -> list[str]:
            return [each.facts["quote"].on for each in nodes if each.kind == "part"]

        assert of_kind(figures["6210"], "charged_month") == [15_00, 15_00]
        assert quotes(figures["6210"].walk()) == ["2026-01", "2026-02"]
        assert of_kind(figures["6220"], "loss") == [50_00]
        assert quotes(figures["6220"].walk()) == ["2026-02-10"]
