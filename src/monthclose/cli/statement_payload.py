"""Statements as `--json` prints them: every figure as text, in its currency's digits."""

from typing import Any

from monthclose.cli.payload import in_digits
from monthclose.ledger.accounts import Chart
from monthclose.ledger.cash_flows import CashFlows, StatedCash
from monthclose.reports.statements import Statement
from monthclose.wording import say


def statement_payload(statement: Statement, currency: str) -> dict[str, Any]:
    """The lines of a statement with the group's figures."""
    plain = in_digits(currency)
    return {
        "statement": statement.key,
        "currency": currency,
        "lines": [
            {
                "line": line.key,
                "name": line.label,
                "kind": line.kind.value,
                "amount": plain(line.total) if line.amounts else None,
            }
            for line in statement.lines
            if line.label
        ],
    }


def cash_payload(cash: CashFlows, chart: Chart, lang: str) -> dict[str, Any]:
    """The group's cash flows, every company's, and why something cannot be stated."""
    return {
        "group": stated_payload(cash.group, chart, lang) if cash.group else None,
        "companies": [
            {
                "entity": each.functional.entity,
                "functional": stated_payload(each.functional, chart, lang),
                "translated": stated_payload(each.translated, chart, lang),
            }
            for each in cash.companies
        ],
        "problems": [{"code": e.code, "said": e.message(lang)} for e in cash.problems],
    }


def stated_payload(stated: StatedCash, chart: Chart, lang: str) -> dict[str, Any]:
    """One statement of cash flows: inflows positive."""
    plain = in_digits(stated.currency)
    return {
        "currency": stated.currency,
        "since": stated.since,
        "period": stated.period,
        "opening": plain(stated.opening),
        "lines": [
            {
                "section": key.section.value,
                "part": key.part.value,
                "account": key.account,
                "line": key.own,
                "name": chart[key.account].name
                if key.account
                else say(f"reports.cash-line-{key.own}", lang),
                "amount": plain(amount),
            }
            for key, amount in stated.lines.items()
        ],
        "sections": {name.value: plain(amount) for name, amount in stated.sections.items()},
        "effect": plain(stated.effect),
        "closing": plain(stated.closing),
        "proof": {
            "components": [
                {"label": each.label, "amount": plain(each.amount)}
                for each in stated.proof.components
            ],
            "total": plain(stated.proof.total),
            "difference": plain(stated.effect - stated.proof.total),
            "rounded_lines": stated.rounded_lines,
        }
        if stated.proof.components
        else None,
    }
