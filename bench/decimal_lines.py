"""
One company's month in `Decimal` objects: lines translated, the CTA and what caused it.

Lines are divided or multiplied at 34 digits and rounded to cents, half up (which in this module
means away from zero). Part of the peer `bench.in_decimal`.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bench.decimal_records import NIL, Company, Rate, Records
from bench.made import CAPITAL, DIVIDEND_INCOME, DIVIDENDS, RETAINED

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Flow:
    """A change of net assets, an increase positive, and its rate."""

    label: str
    amount: Decimal
    rate: Rate


@dataclass(slots=True)
class Translated:
    """A company's month in presentation currency; `cta` of the end, a gain positive."""

    company: Company
    lines: dict[str, Decimal]
    profit: Decimal
    net_assets: Decimal
    cta: Decimal
    earned: Decimal
    rounded_lines: int


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def exact(amount: Decimal, rate: Rate) -> Decimal:
    return amount / rate.value if rate.divides else amount * rate.value


def convert(amount: Decimal, rate: Rate) -> Decimal:
    amount = amount / rate.value if rate.divides else amount * rate.value
    return amount.quantize(CENT, ROUND_HALF_UP)


def translate(company: Company, records: Records, totals: dict[str, Decimal]) -> Translated:
    """Every line at the rate of its class; what is left over is the CTA."""
    position, result = records.position, records.result
    lines: dict[str, Decimal] = {}
    profit = net_assets = left_over = earned = NIL
    for account, amount in company.lines.items():
        if not company.foreign:
            value = amount
        elif account in position:
            value = convert(amount, company.closing)
        elif account in result:
            dated = company.received if account == DIVIDEND_INCOME else None
            value = convert(amount, dated or company.average)
        elif account == CAPITAL:
            if sum([part for part, _ in company.capital], NIL) != amount:
                raise ValueError(f"{company.code}: capital is not what was paid in")
            value = cents(sum([exact(part, rate) for part, rate in company.capital], NIL))
        elif account == RETAINED:
            value = company.retained
        else:
            value = convert(amount, company.declared)
        lines[account] = value
        totals[account] += value
        left_over += value
        if account in position:
            net_assets += value
        elif account in result:
            profit -= value
            earned -= amount
    totals[records.cta] -= left_over
    if company.received:
        earned += company.lines[DIVIDEND_INCOME]
    return Translated(company, lines, profit, net_assets, left_over, earned, len(lines))


def prove(each: Translated) -> tuple[list[tuple[str, Decimal]], Decimal]:
    """
    The movement of a CTA from its causes, none of the translated lines among them.

    Opening net assets at a new closing rate, and every change since at the rate it had.
    """
    company = each.company
    if not company.foreign:
        return [], NIL
    closing = company.closing
    whole = exact(company.opening_net_assets, closing)
    whole -= exact(company.opening_net_assets, company.opening)
    components = [("opening net assets", cents(whole))]
    for flow in flows(each):
        part = exact(flow.amount, closing) - exact(flow.amount, flow.rate)
        components.append((flow.label, cents(part)))
        whole += part
    return components, cents(whole)


def flows(each: Translated) -> list[Flow]:
    """What changed net assets since they opened."""
    company = each.company
    found = [
        Flow("result", each.earned, company.average),
        Flow("dividends", -company.lines[DIVIDENDS], company.declared),
    ]
    if company.received:
        found.append(Flow("result", -company.lines[DIVIDEND_INCOME], company.received))
    return [flow for flow in found if flow.amount]
