"""Does it tie: every check of a book, and the score they give."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monthclose.analysis.balance_checks import (
    check_balance_sheet,
    check_entries_balance,
    check_mapping,
)
from monthclose.analysis.budget_checks import Budget, check_budget
from monthclose.analysis.change_checks import check_changes
from monthclose.analysis.equity_checks import (
    check_attribution,
    check_cta_proof,
    check_openings,
)
from monthclose.analysis.intercompany_checks import check_intercompany, check_residuals
from monthclose.analysis.nci_checks import check_outsiders
from monthclose.analysis.odd_checks import check_activity, check_jumps
from monthclose.analysis.parity import check_parity
from monthclose.analysis.purchase_checks import check_purchases
from monthclose.analysis.rate_checks import check_rates
from monthclose.analysis.source_checks import Noted, TieOuts, check_sources
from monthclose.analysis.standing_checks import (
    check_capital_standing,
    check_dividends,
    check_intercompany_standing,
    check_plausible_rates,
    check_signs,
)
from monthclose.ledger.book import Book, LastClose
from monthclose.ledger.findings import Validation
from monthclose.ledger.rules import Rule
from monthclose.rules import builtin


@dataclass(frozen=True, slots=True)
class Beside:
    """
    What is known of a month besides its balances.

    Attributes:
        tie_outs: What they were compared in when they were read, by company.
        noted: What was noted of them then.
        budget: What is expected of the month, by company and account.
    """

    tie_outs: TieOuts = field(default_factory=dict)
    noted: Noted = field(default_factory=dict)
    budget: Budget = field(default_factory=dict)


NOTHING = Beside()


def validate(
    book: Book,
    last: LastClose | None = None,
    rules: Mapping[str, Rule] | None = None,
    *,
    kept: bool = False,
    beside: Beside = NOTHING,
) -> Validation:
    """
    Run every check over a book.

    Args:
        book: The close to check.
        last: What the close before it left (`Book.left`), which must be this one's
            openings; None: what the group loaded as openings.
        rules: Thresholds; None: the built-in ones.
        kept: Whether closes are kept one after the other, so that a year's end should be among
            them; a folder alone has none.
        beside: What is known of the month besides its balances.

    Returns:
        A result a check with its severity, population, amounts and evidence, and the
        accuracy score from 0.00 to 100.00. A blocking finding stops a sign-off.
    """
    thresholds = builtin() if rules is None else rules
    beside_budget = check_budget(book, beside.budget, thresholds)
    return Validation(
        (
            check_entries_balance(book),
            check_mapping(book),
            check_balance_sheet(book),
            check_openings(book, last, kept=kept),
            check_cta_proof(book),
            check_attribution(book),
            check_outsiders(book),
            check_intercompany(book),
            check_rates(book, thresholds),
            check_changes(book),
            check_purchases(book),
            check_intercompany_standing(book),
            check_capital_standing(book),
            check_plausible_rates(book, thresholds),
            check_signs(book),
            check_dividends(book),
            check_residuals(book),
            check_parity(book),
            check_activity(book),
            check_jumps(book, thresholds),
            *check_sources(book, beside.tie_outs, beside.noted),
            *((beside_budget,) if beside_budget else ()),
        )
    )
