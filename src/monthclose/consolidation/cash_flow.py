"""The statement of cash flows: translated flow by flow, the effect of exchange rates proved."""

from collections.abc import Iterable
from fractions import Fraction

from monthclose.ledger.cash_flows import (
    CashFlowStatement,
    CashMovements,
    CashUnexplained,
    Section,
)
from monthclose.ledger.money import rounded
from monthclose.ledger.rates import convert_one, ratio_of
from monthclose.ledger.translations import CtaProof, ProofComponent


def translate_cash(cash: CashMovements, presentation: str) -> CashFlowStatement:
    """
    Translate an entity's cash flows, each at its own rate, and prove what is left.

    The difference of two translated balance sheets is no cash flow, and the closing rate
    is not allowed for flows. What opening and closing cash at their own rates leave beside
    the flows is the effect of exchange rates, and follows from opening cash and each flow.

    Args:
        cash: In the entity's currency.
        presentation: The presentation currency.

    Returns:
        Lines in the order given.

    Raises:
        CashUnexplained: the flows do not lead from opening to closing cash: an error of
            the flows, which must never pass for an exchange effect.
        RateUnusable: a rate is missing, or of other currencies.

    Source:
        IAS 7.25-28; ASC 830-230-45-1.
    """
    check_cash(cash)
    pair = (cash.currency, presentation)
    lines = tuple(
        (flow.section, flow.label, convert_one(flow.amount, flow.quote, *pair))
        for flow in cash.flows
    )
    opening = convert_one(cash.opening, cash.opening_quote, *pair)
    closing = convert_one(cash.closing, cash.closing_quote, *pair)
    return CashFlowStatement(
        lines=lines,
        opening=opening,
        closing=closing,
        effect=closing - opening - sum(amount for _, _, amount in lines),
        proof=prove_cash(cash, presentation),
        rounded_lines=len(lines) + 2,
    )


def check_cash(cash: CashMovements) -> None:
    """
    Refuse flows that do not lead from opening to closing cash.

    Raises:
        CashUnexplained: by how much.
    """
    explained = cash.opening + sum(flow.amount for flow in cash.flows) + cash.remeasured
    if explained != cash.closing:
        raise CashUnexplained(cash.entity, cash.currency, explained, cash.closing)


def prove_cash(cash: CashMovements, presentation: str) -> CtaProof:
    """The effect of exchange rates from its causes: opening cash, each flow, remeasurement."""
    pair = (cash.currency, presentation)
    closing = ratio_of(cash.closing_quote, *pair)
    causes = [("opening_cash", cash.opening, cash.opening_quote)]
    causes += [(flow.label, flow.amount, flow.quote) for flow in cash.flows]
    components, exact = [], Fraction(0)
    for label, amount, quote in causes:
        part = amount * (closing - ratio_of(quote, *pair)) if amount else Fraction(0)
        components.append(ProofComponent(label, quote, rounded(part)))
        exact += part
    if cash.remeasured:
        part = cash.remeasured * closing
        components.append(ProofComponent("remeasurement", cash.closing_quote, rounded(part)))
        exact += part
    return CtaProof(tuple(components), rounded(exact))


def add_cash(statements: Iterable[CashFlowStatement]) -> CashFlowStatement:
    """
    Add the translated statements of entities: lines of one section and label together.

    Flows between them have to be left out of each beforehand.
    """
    parts = list(statements)
    lines: dict[tuple[Section, str], int] = {}
    components: dict[str, int] = {}
    for part in parts:
        for section, label, amount in part.lines:
            lines[section, label] = lines.get((section, label), 0) + amount
        for component in part.proof.components:
            components[component.label] = components.get(component.label, 0) + component.amount
    return CashFlowStatement(
        lines=tuple((*key, amount) for key, amount in lines.items()),
        opening=sum(part.opening for part in parts),
        closing=sum(part.closing for part in parts),
        effect=sum(part.effect for part in parts),
        proof=CtaProof(
            tuple(ProofComponent(label, None, amount) for label, amount in components.items()),
            sum(part.proof.total for part in parts),
        ),
        rounded_lines=sum(part.rounded_lines for part in parts),
    )
