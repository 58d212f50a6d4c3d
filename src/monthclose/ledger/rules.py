"""Thresholds as data: a value from a month on, its unit, its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from monthclose.ledger.errors import CloseError


class RuleUndefined(CloseError):
    """A rule that has no value for the month."""

    code = "rule-undefined"

    def __init__(self, rule: str, period: str) -> None:
        super().__init__(rule=rule, period=period)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One threshold.

    Attributes:
        name: `subject.part`, such as `stale_rate.closing`.
        unit: What the value counts: a currency, `days`, `1`.
        values: Value by the first month (`2024-01`) it holds for, oldest first.
        source: Where it comes from.
    """

    name: str
    unit: str
    values: tuple[tuple[str, Decimal], ...]
    source: str

    def at(self, period: str) -> Decimal:
        """
        The value in force in *period*.

        Raises:
            RuleUndefined: the first value begins later.
        """
        value = None
        for since, each in self.values:
            if since <= period:
                value = each
        if value is None:
            raise RuleUndefined(self.name, period)
        return value


def parse_rules(text: str) -> dict[str, Rule]:
    """
    Read rules from TOML: a table a subject with its `source`, an inline table a part.

    Values are texts, so that no threshold passes through a float.
    """
    rules: dict[str, Rule] = {}
    for subject, parts in tomllib.loads(text).items():
        source = str(parts.get("source", ""))
        for part, rule in parts.items():
            if not isinstance(rule, Mapping):
                continue
            dated = rule["values"].items()
            values = tuple(sorted((since, Decimal(value)) for since, value in dated))
            name = f"{subject}.{part}"
            rules[name] = Rule(name, str(rule["unit"]), values, source)
    return rules
