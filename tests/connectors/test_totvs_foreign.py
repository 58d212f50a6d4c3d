"""Titles of Protheus in another currency: at its own value in reais, or named."""

from datetime import date
from typing import Any

import pytest

from tests.connectors.totvs_month import Run

pytestmark = pytest.mark.server

HERE = "01,0101"


class TestForeign:
    """A title of 1,000.00 dollars, which Protheus has at 5,830.00 reais."""

    def run(self, **more):
        run = Run(settings={"currency_2": "USD"})
        told: dict[str, Any] = {
            "valor": 1_000.0, "saldo": 1_000.0, "moeda": 2, "vlcruz": 5_830.0, **more,
        }  # fmt: skip
        run.server.insert(
            HERE, "SE1", prefixo="X", num="77", tipo="NF", cliente="000123", loja="01",
            naturez="101001", emissao=date(2025, 1, 20), **told,
        )  # fmt: skip
        return run

    def pay(self, run, on, **more):
        run.server.insert(
            HERE, "SE5", prefixo="X", numero="77", tipo="NF", clifor="000123", loja="01",
            seq="01", tipodoc="VL", recpag="R", data=on, valor=2_900.0, **more,
        )  # fmt: skip

    def item(self, details):
        return {i.document: i for i in details.items}.get("77")

    def test_it_is_open_at_the_value_in_reais_and_keeps_its_own(self):
        details = self.run().titles()
        item = self.item(details)
        assert item is not None
        assert (item.amount, item.currency) == (5_830_00, "BRL")
        assert (item.document_amount, item.document_currency) == (1_000_00, "USD")
        (flow,) = [each for each in details.flows if each.document == "77"]
        assert (flow.amount, flow.document_amount) == (-5_830_00, -1_000_00)
        assert (details.gaps, details.notes) == ((), ())

    def test_one_paid_later_was_open_whole(self):
        run = self.run(saldo=0.0)
        self.pay(run, date(2025, 2, 10))
        item = self.item(run.titles())
        assert item is not None
        assert item.amount == 5_830_00

    @pytest.mark.parametrize(
        ("told", "paid"),
        [
            ({"vlcruz": 0.0}, ()),
            ({"saldo": 500.0}, ()),
            ({"saldo": 0.0}, (date(2025, 1, 25), date(2025, 2, 10))),
        ],
        ids=["no value in reais", "paid in part", "paid in part then, and whole since"],
    )
    def test_what_nobody_can_value_is_named_and_left_out(self, told, paid):
        run = self.run(**told)
        for number, day in enumerate(paid, 1):
            self.pay(run, day, **({} if number == 1 else {"parcela": ""}))
        details = run.titles()
        assert self.item(details) is None
        assert {i.document for i in details.items} == {"1002", "2002"}
        assert details.gaps == ()
        ((code, facts),) = details.notes
        assert (code, facts["count"], "77" in facts["titles"]) == (
            "titles-without-value", "1", True,
        )  # fmt: skip

    def test_a_yen_has_no_cents(self):
        run = self.run(valor=150_000.0, saldo=150_000.0)
        run.connection["settings"] = {"currency_2": "JPY"}
        item = self.item(run.titles())
        assert item is not None
        assert (item.document_amount, item.document_currency) == (150_000, "JPY")

    def test_a_nature_may_name_the_account_it_is_posted_to(self):
        run = self.run()
        run.connection["settings"] = {"currency_2": "USD", "nature_101001": "3110101001"}
        assert {f.account for f in run.titles().flows if f.document == "77"} == {"3110101001"}
