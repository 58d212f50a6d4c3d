"""A threshold is data with a date."""

from decimal import Decimal

import pytest

from monthclose.ledger.rules import Rule, RuleUndefined, parse_rules
from monthclose.rules import builtin

TEXT = """
[budget_variance]
source = "close policy"
amount = {unit = "USD", values = {2025-07 = "20000", 2024-01 = "10000"}}
ratio = {unit = "1", values = {2024-01 = "0.10"}}
"""


class TestRules:
    def test_the_value_is_the_one_in_force_in_the_month(self):
        amount = parse_rules(TEXT)["budget_variance.amount"]
        assert amount.at("2024-01") == amount.at("2025-06") == Decimal(10_000)
        assert amount.at("2025-07") == amount.at("2030-01") == Decimal(20_000)

    def test_a_month_before_the_first_value_has_none(self):
        with pytest.raises(RuleUndefined) as refused:
            parse_rules(TEXT)["budget_variance.amount"].at("2023-12")
        assert refused.value.facts == {"rule": "budget_variance.amount", "period": "2023-12"}

    def test_a_value_never_passes_through_a_float(self):
        ratio = parse_rules(TEXT)["budget_variance.ratio"]
        assert str(ratio.at("2024-01")) == "0.10"
        assert ratio == Rule(
            "budget_variance.ratio", "1", (("2024-01", Decimal("0.10")),), "close policy"
        )

    def test_every_built_in_rule_has_a_unit_a_source_and_a_value(self):
        assert builtin()
        for name, rule in builtin().items():
            assert rule.name == name
            assert rule.unit
            assert rule.source
            assert rule.at("2025-06") is not None
