"""Entries beside the books: what stands in their table, and what is wrong with it."""

import pytest

from monthclose.groupfolder import read_group
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.journal import LayerName
from tests.groupfolder.folders import add, places, put


class TestMistakes:
    @pytest.mark.parametrize(
        ("line", "column", "code"),
        [
            ("policy,HOLD,3300,-1.00,a,", "account", "account-class"),
            ("gaap,HOLD,2000,-1.00,a,", "layer", "entry-differs"),
            ("policy,HOLD,2000,-1.00,b,", "reason", "entry-differs"),
            ("policy,HOLD,2000,-1.00,a,leases", "topic", "value-unexpected"),
            ("policy,HOLD,2000,-1.00,a,rent", "topic", "choice-unknown"),
        ],
    )
    def test_an_entry_that_cannot_stand_is_seen(self, example, line, column, code):
        rows = f"2025-06,A,policy,HOLD,5000,1.00,a,\n2025-06,A,{line}\n"
        header = "period,entry,layer,entity,account,amount,reason,topic\n"
        put(example, "adjustments.csv", header + rows)
        assert places(example)[:1] == [("adjustments.csv", 3, column, code)]

    def test_an_entry_of_an_associate_is_seen(self, example):
        add(example, "entities.csv", "COLI,Coligada,BRL,equity,")
        put(
            example,
            "adjustments.csv",
            "period,entry,layer,entity,account,amount,reason\n"
            "2025-06,A-1,policy,COLI,5000,50.00,late\n"
            "2025-06,A-1,policy,COLI,2000,-50.00,late\n",
        )
        assert {each[3] for each in places(example)} == {"entry-of-associate"}


def test_the_rows_of_an_entry_are_one_noun(example):
    put(
        example,
        "adjustments.csv",
        "period,entry,layer,entity,account,amount,reason\n"
        "2025-06,A-1,policy,HOLD,5000,50.00,late invoice\n"
        "2025-06,A-1,policy,HOLD,2000,-50.00,late invoice\n",
    )
    found = read_group(example)
    assert found.group.adjustments == (
        Adjustment(
            "A-1",
            "2025-06",
            LayerName.POLICY,
            "HOLD",
            {"5000": 50_00, "2000": -50_00},
            "late invoice",
        ),
    )
    assert found.unused == ()
