"""Shares that outsiders' past cannot be rolled forward with."""

from dataclasses import replace
from datetime import date

import pytest

from monthclose.consolidation.ownership import OutsidersDiffer, OwnershipChanged
from monthclose.ledger.acquisitions import AcquisitionKind, NciMethod
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Interest
from tests.analysis.books import balances, described
from tests.consolidation.groups import engine, holds, lived, paid_in, subsidiary


def closed(month: str, *interests: Interest) -> Book:
    """P buys 80 % of S on 1 January 2025; S earns 100.00 a month."""
    return engine(replace(described(), interests=interests), *balances()).consolidate(month)


class TestOwnership:
    def test_a_company_that_is_owned_only_after_its_first_month_is_refused(self):
        """January's profit is nobody's by these interests; from the month of control on all is."""
        late = holds("P", "S", "80", "2025-02-10")
        with pytest.raises(OwnershipChanged) as refused:
            closed("2025-02", late)
        assert (refused.value.facts["was"], refused.value.facts["now"]) == ("0", "80")
        assert closed("2025-02", holds("P", "S", "80", "2025-01-01")).nci["S"].percent == "20"

    def test_a_share_that_moves_within_the_group_s_time_is_refused(self):
        """At 30 % outsiders would share in January's profit, which was theirs at 20 %."""
        moving = (holds("P", "S", "80"), holds("P", "S", "70", "2025-02-10"))
        assert closed("2025-01", *moving).nci["S"].percent == "20"
        for month in ("2025-02", "2026-01"):
            with pytest.raises(OwnershipChanged) as refused:
                closed(month, *moving)
            facts = refused.value
            assert (facts.entity, facts.on, facts.was, facts.now) == ("S", "2025-02-10", "80", "70")

    def test_a_share_repeated_or_passed_on_within_the_group_has_not_moved(self):
        """80 = 50 + 30: H, wholly owned and not there yet, counts as the group."""
        for later in (
            [holds("P", "S", "80", "2025-02-10")],
            [holds("P", "S", "50", "2025-02-10"), holds("H", "S", "30", "2025-02-10")],
        ):
            group = replace(
                described(),
                entities=(*described().entities, subsidiary("H", first_period="2025-03")),
                interests=(holds("P", "H"), holds("P", "S", "80"), *later),
            )
            book = engine(group, *balances()).consolidate("2025-02")
            assert book.nci["S"].percent == "20"

    def test_what_was_owned_before_the_first_month_is_history(self):
        for earlier in ("2019-05-01", "2025-01-01"):
            moving = (holds("P", "S", "60", "2018-01-01"), holds("P", "S", "80", earlier))
            assert closed("2025-02", *moving).nci["S"].percent == "20"

    @pytest.mark.parametrize(("owned", "theirs"), [("75", "25"), ("100", "0")])
    def test_outsiders_at_acquisition_are_those_of_the_interests(self, owned: str, theirs: str):
        """At acquisition 20 % of 900.00 would be theirs, and another share of the rest."""
        with pytest.raises(OutsidersDiffer) as refused:
            closed("2025-01", holds("P", "S", owned))
        facts = refused.value
        assert (facts.acquisition, facts.stated, facts.owned) == ("ACQ-S", "20", theirs)

    @pytest.mark.parametrize("kind", ["purchase", "formation"])
    def test_outsiders_left_out_of_an_acquisition_are_refused(self, kind: str):
        """1,000.00 for 80 % of 900.00 are goodwill of 280.00; without outsiders, of 100.00."""
        group = described()
        paid = replace(group.acquisitions[0], kind=AcquisitionKind(kind), nci_method=NciMethod.NONE)
        with pytest.raises(OutsidersDiffer) as refused:
            engine(replace(group, acquisitions=(paid,)), *balances()).consolidate("2025-01")
        assert (refused.value.stated, refused.value.owned) == ("0", "20")

    def test_a_founder_may_record_its_own_part_alone(self):
        """P paid 720.00 of a capital of 900.00 for 80 %; outsiders paid in the rest."""
        group = described()
        own = replace(
            group.acquisitions[0],
            kind=AcquisitionKind.FORMATION,
            nci_method=NciMethod.NONE,
            consideration=720_00,
            equity={"3000": -720_00},
        )
        known = replace(
            group, acquisitions=(own,), contributions=(paid_in("S", "180.00", "2025-01-01"),)
        )
        closing = engine(
            known,
            *lived("S", [{"capital": -900_00}]),
            *lived("P", [{"capital": -500_00, "investment": 200_00}], currency="USD"),
        )
        assert closing.consolidate("2025-01").nci["S"].percent == "20"

    def test_outsiders_at_fair_value_have_an_amount_and_no_share(self):
        group = described()
        valued = replace(group.acquisitions[0], nci_method=NciMethod.FAIR_VALUE, nci_amount=200_00)
        closing = engine(replace(group, acquisitions=(valued,)), *balances())
        assert closing.consolidate("2025-01").purchases["ACQ-S"].nci == 200_00

    def test_an_acquisition_older_than_every_interest_is_taken_as_stated(self):
        assert described().acquisitions[0].on == date(2025, 1, 1)
        book = closed("2025-01", holds("P", "S", "80", "2025-01-02"))
        assert book.nci["S"].percent == "20"
