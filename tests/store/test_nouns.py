"""Nouns as JSON and back, exactly."""

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from monthclose.close.steps import records_hash
from monthclose.groupfolder import read_group, write_example
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind, Dividend, Received
from monthclose.ledger.book import ClosedPosition, LastClose
from monthclose.ledger.group import Group
from monthclose.ledger.rates import Quote, RateKind
from monthclose.ledger.record_order import in_order
from monthclose.ledger.translations import Rollforward
from monthclose.sandbox.group import write_demo_group
from monthclose.store.nouns import from_json, to_json

QUOTE = Quote("USD", "BRL", 10**19 + 1, RateKind.HISTORICAL, "2025-05-10", "desk")
NOUNS = [
    Acquisition(
        "A",
        "TOP",
        "SUB",
        AcquisitionKind.PURCHASE,
        date(2024, 2, 29),
        in_period=True,
        quote=QUOTE,
        consideration=2**62,
        nci_share=Fraction(1, 3),
        equity={"3000": -(2**62), "3300": 0},
        investment_historical=None,
    ),
    Dividend("SUB", 5, None, None, (Received("TOP", 4, QUOTE, "4200"), Received("X", 1, None, ""))),
    LastClose(
        "2025-05",
        (ClosedPosition("SUB", Rollforward(-1, 1), Rollforward(-1, 2), Rollforward(-1, 3)),),
    ),
    LastClose("2025-05", ()),
]


class TestJson:
    @pytest.mark.parametrize("noun", NOUNS)
    def test_what_goes_in_comes_out(self, noun):
        written = json.dumps(to_json(noun))
        assert from_json(type(noun), json.loads(written)) == noun

    def test_a_field_that_was_not_written_keeps_its_default(self):
        assert from_json(Quote, {"base": "A", "quote": "B", "value_e10": "7", "later": 1}) == Quote(
            "A", "B", 7
        )

    def test_integers_are_texts(self):
        said = to_json({"a": 2**62, "b": np.int64(5), "c": Decimal("1.50"), "d": True, "e": None})
        assert said == {"a": str(2**62), "b": "5", "c": "1.50", "d": True, "e": None}

    @pytest.mark.parametrize("value", [1.5, {1, 2}, object()])
    def test_what_no_noun_holds_is_refused(self, value):
        with pytest.raises(TypeError):
            to_json(value)

    def test_a_kind_that_is_not_written_is_not_read(self):
        @dataclass
        class Odd:
            field: bytes

        with pytest.raises(TypeError):
            from_json(Odd, {"field": "x"})


class TestGroups:
    @pytest.mark.parametrize("write", [write_example, write_demo_group])
    def test_a_whole_group_comes_back_as_it_was(self, write, tmp_path):
        """Whatever its records are: they have the same hash."""
        write(tmp_path / "group")
        group = in_order(read_group(tmp_path / "group").group)
        written = json.loads(json.dumps(to_json(replace(group, mappings={}))))
        again = replace(from_json(Group, written), mappings=group.mappings)
        assert records_hash(again) == records_hash(group)
