"""SaaS metrics as rows: what each one is, and how its figure is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import plain, rounded, write_amount
from monthclose.ledger.subscriptions import CustomerCounts, Measured, MrrMovements, Why
from monthclose.wording import say


class Form(StrEnum):
    """How a figure is written."""

    AMOUNT = "amount"
    COUNT = "count"
    SHARE = "share"
    PERCENT = "percent"
    TIMES = "times"
    MONTHS = "months"


DIGITS = {Form.SHARE: 4, Form.PERCENT: 2, Form.TIMES: 4, Form.MONTHS: 1, Form.COUNT: 0}
"""Decimals that a figure is stored with; amounts have those of their currency."""

MOVEMENTS = (
    "opening",
    "rate_effect",
    "new",
    "reactivation",
    "expansion",
    "contraction",
    "churn",
    "closing",
)
CUSTOMERS = ("opening", "new", "reactivated", "churned", "closing")

_METRICS: tuple[tuple[str, tuple[tuple[str, Form], ...]], ...] = (
    (
        "retention",
        (
            ("nrr", Form.SHARE),
            ("grr", Form.SHARE),
            ("nrr_monthly", Form.SHARE),
            ("grr_monthly", Form.SHARE),
            ("logo_churn", Form.SHARE),
            ("logo_churn_average", Form.SHARE),
            ("revenue_churn", Form.SHARE),
        ),
    ),
    (
        "unit",
        (
            ("arpa", Form.AMOUNT),
            ("gross_margin", Form.SHARE),
            ("cac", Form.AMOUNT),
            ("ltv", Form.AMOUNT),
            ("ltv_to_cac", Form.TIMES),
            ("payback", Form.MONTHS),
        ),
    ),
    (
        "efficiency",
        (
            ("net_new_arr", Form.AMOUNT),
            ("magic_number", Form.TIMES),
            ("burn_multiple", Form.TIMES),
            ("growth", Form.PERCENT),
            ("ebitda_margin", Form.PERCENT),
            ("rule_of_40", Form.PERCENT),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class MetricRow:
    """
    One metric of the group or of a company.

    Attributes:
        group: What it stands under: `movements`, `customers`, `retention`, …
        key: Its name in the catalogue (`metrics`).
        form: How its figure is written.
        figure: Exact, amounts in minor units; None: there is none.
        why: The reasons, or what is missing.
        whole: Whether the roll-forward that it is part of is known.
    """

    group: str
    key: str
    form: Form
    figure: Fraction | int | None
    why: tuple[Why, ...]
    whole: bool = False

    def stored(self, currency: str) -> str | None:
        """The figure as it is stored, plain digits; None stays."""
        if self.figure is None:
            return None
        if self.form is Form.AMOUNT:
            return plain(rounded(Fraction(self.figure)), minor_digits(currency))
        digits = DIGITS[self.form]
        return plain(rounded(Fraction(self.figure) * 10**digits), digits)

    def shown(self, currency: str, lang: str) -> str:
        """The figure to be read; `n/a` when there is none."""
        if self.figure is None:
            return say("words.not-available", lang)
        exact = Fraction(self.figure)
        match self.form:
            case Form.AMOUNT:
                return write_amount(rounded(exact), minor_digits(currency), lang)
            case Form.SHARE:
                return write_amount(rounded(exact * 10_000), 2, lang) + " %"
            case Form.PERCENT:
                return write_amount(rounded(exact * 100), 2, lang) + " %"
            case Form.TIMES:
                return write_amount(rounded(exact * 100), 2, lang) + " ×"
            case _:
                digits = DIGITS[self.form]
                return write_amount(rounded(exact * 10**digits), digits, lang)

    def said(self, lang: str) -> str:
        """Why there is no figure, or what it is without; nothing when it is whole."""
        if not self.why:
            return ""
        reasons = "; ".join(
            say(f"metrics.why-{each.code}", lang, **each.facts) for each in self.why
        )
        return say(
            f"metrics.why-{'none' if self.figure is None else 'partial'}", lang, reasons=reasons
        )


def metric_rows(measured: Measured) -> tuple[MetricRow, ...]:
    """Every metric of the group or of a company, in the order in which they are shown."""
    found, why = measured.metrics, measured.metrics.why
    moved, counted = found.movements, found.customers
    rows = [
        MetricRow(
            "movements",
            key,
            Form.AMOUNT,
            *_part(moved, key, found.mrr, why.get("movements", ())),
            whole=moved is not None,
        )
        for key in MOVEMENTS
    ]
    rows.append(MetricRow("movements", "arr", Form.AMOUNT, found.arr, why.get("arr", ())))
    rows += [
        MetricRow(
            "customers",
            f"customers-{key}",
            Form.COUNT,
            *_part(counted, key, found.paying, why.get("customers", ())),
            whole=counted is not None,
        )
        for key in CUSTOMERS
    ]
    rows += [
        MetricRow(group, key, form, getattr(found, key), why.get(key, ()))
        for group, metrics in _METRICS
        for key, form in metrics
    ]
    return tuple(rows)


def _part(
    parts: MrrMovements | CustomerCounts | None, key: str, closing: int | None, why: tuple[Why, ...]
) -> tuple[int | None, tuple[Why, ...]]:
    """One part of a roll-forward; its end is known without its beginning."""
    if parts is not None:
        return getattr(parts, key), ()
    if key == "closing" and closing is not None:
        return closing, ()
    return None, why


def scope_name(measured: Measured, lang: str) -> str:
    """What the metrics are of: a company's code, or the group."""
    return measured.facts.entity or say("metrics.of-group", lang)


def currencies_of(measured: Iterable[Measured]) -> tuple[str, ...]:
    """Currencies that contracts were translated from."""
    return tuple(sorted({each for one in measured for each in one.facts.subscriptions.rates}))
