"""The thresholds the product comes with: data with a date, a unit and a source."""

from functools import cache
from importlib import resources

from monthclose.ledger.rules import Rule, parse_rules


@cache
def builtin() -> dict[str, Rule]:
    """Every built-in rule by `subject.part`; a group may replace any of them."""
    rules: dict[str, Rule] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml"):
            rules |= parse_rules(file.read_text("utf-8"))
    return rules
