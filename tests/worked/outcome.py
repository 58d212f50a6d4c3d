"""Write a book the way worked cases expect it, and compare leaf by leaf."""

from fractions import Fraction
from typing import Any

from monthclose.analysis.metrics import measure, stored
from monthclose.consolidation.cash_flow import translate_cash
from monthclose.consolidation.intercompany import EliminationGenerator
from monthclose.ledger.accounts import CONTRIBUTED, POSITION, RESULT, AccountClass
from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.bridge import Bridge
from monthclose.ledger.cash_flows import CashFlowStatement
from monthclose.ledger.events import Derecognition, Reattribution, Remeasurement
from monthclose.ledger.journal import LayerName
from monthclose.ledger.money import in_units, plain, rounded
from monthclose.ledger.restatements import Restatement
from monthclose.ledger.subscriptions import SaasMetrics
from monthclose.ledger.translations import Rollforward, Translation
from tests.worked.case import HUNDREDTHS, Case

type Json = dict[str, Any]

ACCOUNT_MAPS = ("lines", "balance_sheet", "income_statement", "eliminations")
"""Maps in which an account that is missing equals nil."""

BLOCKS = ("assets", "liabilities_and_equity")
"""The same, in whole units."""


def outcome(case: Case, book: Book) -> Json:
    """Everything the engine says, under the names of a case's `expected`."""
    written: Json = {
        "derived_rates": {
            each["id"]: plain(case.quotes[each["id"]].value_e10, 10)
            for each in case.inputs["rates"]
            if each["value"] is None
        },
        "translation": {t.entity: translation(t) for t in book.translations if t.foreign},
        "ppa": {
            each.acquisition: purchase(each, book.presentation)
            for each in book.purchases.values()
            if _says_something(case, each)
        },
        "eliminations": eliminations(book),
        "nci": {code: nci(book, code) for code in book.nci},
        "disposal": disposal(book),
        "associates": {code: associate(book, code) for code in book.associates},
        "partial_disposal": partial_disposal(book),
        "step_acquisition": step_acquisition(book),
        "restatement": {code: restatement(each) for code, each in book.restatements.items()},
        "consolidated": consolidated(book),
        "intercompany": intercompany(book) if case.facts.items else None,
    }
    if "report_units" in case.inputs:
        written["report_thousands"] = in_thousands(book)
    if case.contracts is not None:
        written["kpi"] = kpi(measure(*case.contracts))
    if case.cash is not None:
        written["cash_flow"] = cash_flow(translate_cash(case.cash, book.presentation))
    if case.bridge is not None:
        written["gaap_reconciliation"] = bridge(case.bridge)
    return {part: each for part, each in written.items() if each or part == "translation"}


def translation(t: Translation) -> Json:
    """One entity's translated lines, CTA and proof."""
    proof = t.proof()
    components = []
    for each in proof.components:
        component = {"label": each.label, "amount": plain(each.amount)}
        if each.quote is not None:
            component["rate"] = each.quote.name
        components.append(component)
    lines: dict[str, int] = {}
    for account, amount in zip(t.accounts, t.amounts.tolist(), strict=True):
        lines[account] = lines.get(account, 0) + amount
    return {
        "lines": {account: plain(amount) for account, amount in lines.items()},
        "net_income": plain(t.net_income),
        "net_assets": plain(t.net_assets),
        "cta": rollforward(t.cta),
        "cta_proof": {
            "components": components,
            "total": plain(proof.total),
            "rounding_difference": plain(t.cta.movement - proof.total),
        },
    }


def kpi(metrics: SaasMetrics) -> Json:
    """SaaS metrics of the current month."""
    moved, customers = metrics.movements, metrics.customers
    movements = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "closing")
    return {
        "mrr_movements": {name: plain(getattr(moved, name)) for name in movements},
        "customers": {
            name: getattr(customers, name)
            for name in ("opening", "new", "reactivated", "churned", "closing")
        },
        "arr": in_units_of_currency(metrics.arr),
        "nrr_monthly": stored(metrics.nrr_monthly),
        "grr_monthly": stored(metrics.grr_monthly),
        "logo_churn_monthly": stored(metrics.logo_churn),
        "revenue_churn_monthly": stored(metrics.revenue_churn),
        "nrr_ttm": stored(metrics.nrr),
        "grr_ttm": stored(metrics.grr),
        "arpa": in_units_of_currency(metrics.arpa),
        "gross_margin": stored(metrics.gross_margin),
        "cac_t3m": in_units_of_currency(metrics.cac),
        "logo_churn_t3m_average": stored(metrics.logo_churn_average),
        "ltv": in_units_of_currency(metrics.ltv),
        "ltv_to_cac": stored(metrics.ltv_to_cac),
        "cac_payback_months": stored(metrics.payback, 1),
        "net_new_arr_quarter": in_units_of_currency(metrics.net_new_arr),
        "magic_number": stored(metrics.magic_number),
        "burn_multiple": stored(metrics.burn_multiple),
        "revenue_growth_pct": stored(metrics.growth, 2),
        "ebitda_margin_pct": stored(metrics.ebitda_margin, 2),
        "rule_of_40": stored(metrics.rule_of_40, 2),
    }


def in_units_of_currency(minor: Fraction | int | None) -> str | None:
    """An amount that need not be whole cents, rounded to cents."""
    return None if minor is None else plain(rounded(Fraction(minor)))


def cash_flow(statement: CashFlowStatement) -> Json:
    """Translated flows, and the effect of exchange rates with its proof."""
    return {
        "lines": [
            {"label": label, "amount": plain(amount)} for _, label, amount in statement.lines
        ],
        **{section.value: plain(amount) for section, amount in statement.sections.items()},
        "opening_cash": plain(statement.opening),
        "closing_cash": plain(statement.closing),
        "effect_of_exchange_rates": plain(statement.effect),
        "fx_proof": {
            "components": [
                {"label": each.label, "amount": plain(each.amount)}
                for each in statement.proof.components
            ],
            "total": plain(statement.proof.total),
            "rounding_difference": plain(statement.effect - statement.proof.total),
        },
    }


def bridge(built: Bridge) -> Json:
    """From one framework to the other, item by item."""
    return {
        "items": {
            each.id: {
                "opening_equity_effect": plain(each.opening),
                "net_income_effect_pre_tax": plain(each.profit),
                "tax_effect": plain(each.tax),
                "net_income_effect": plain(each.net_income),
                "oci_effect": plain(each.oci),
                "closing_equity_effect": plain(each.closing),
            }
            for each in built.effects
        },
        "net_income_to": plain(built.net_income_to),
        "equity_to": plain(built.equity_to),
    }


def rollforward(each: Rollforward) -> Json:
    """Opening, movement, closing."""
    return {
        "opening": plain(each.opening),
        "movement": plain(each.movement),
        "closing": plain(each.closing),
    }


def purchase(each: Purchase, presentation: str) -> Json:
    """A purchase equation in both currencies, its schedules and layers."""
    written: Json = {
        "functional": {
            "currency": each.currency.removesuffix(HUNDREDTHS),
            "consideration": plain(each.consideration),
            "nci_at_acquisition": plain(each.nci),
            "book_equity": plain(each.book_equity),
            "fair_value_adjustments": plain(each.step_ups),
            "deferred_tax_liability_at_acquisition": plain(each.deferred_tax),
            "identifiable_net_assets": plain(each.identifiable_net_assets),
            "goodwill_at_acquisition": plain(each.goodwill),
            "bargain_purchase_gain": plain(each.bargain_gain),
            "goodwill_reduction_current": plain(each.goodwill_schedule.reduction_current),
            "goodwill_carrying_amount": plain(each.goodwill_schedule.closing),
        }
    }
    if each.previously_held:
        written["functional"]["previously_held_fair_value"] = plain(each.previously_held)
    schedule, layer = each.schedule, each.fair_value_layer
    if schedule is not None:
        written["functional"] |= {
            "amortisation_current": plain(schedule.amortisation_current),
            "amortisation_cumulative": plain(schedule.amortisation_cumulative),
            "intangibles_carrying_amount": plain(schedule.closing.carrying),
            "deferred_tax_liability_closing": plain(schedule.closing.deferred_tax),
            "deferred_tax_release_current": plain(schedule.release_current),
        }
    if each.currency != presentation:
        written["presentation"] = {
            "goodwill_at_acquisition": plain(each.goodwill_presentation),
            "goodwill_closing": plain(each.goodwill_closing),
            "nci_at_acquisition": plain(each.nci_presentation),
            "cta_fair_value_layer": rollforward(
                layer.cta if layer is not None else Rollforward(0, 0)
            ),
            "cta_goodwill_layer": rollforward(each.cta),
        }
        if layer is not None:
            lines = {**layer.lines}
            for account, amount in layer.charges.items():
                lines[account] = lines.get(account, 0) + amount
            written["presentation"]["lines"] = {a: plain(m) for a, m in lines.items()}
    return written


def _says_something(case: Case, each: Purchase) -> bool:
    """A formation without goodwill or gain has no block of its own."""
    kinds = {a.id: a.kind for a in case.facts.acquisitions}
    return kinds[each.acquisition] != "formation" or bool(
        each.goodwill or each.bargain_gain or each.schedule
    )


def eliminations(book: Book) -> dict[str, str]:
    """Net elimination per account."""
    net: dict[str, int] = {}
    for entry in book.entries:
        if entry.layer is LayerName.ELIMINATION:
            for line in entry.lines:
                net[line.account] = net.get(line.account, 0) + line.amount
    return {account: plain(amount) for account, amount in net.items() if amount}


def intercompany(book: Book) -> Json:
    """What faces what, and what found no other side."""
    generator = EliminationGenerator(book.chart, book.presentation)
    return {
        "matches": [
            {
                "a": each.a[0].id,
                "b": each.b[0].id,
                "status": each.status,
                "basis": each.basis,
                "difference_pct": plain(rounded(each.difference * 10**6), 4),
                "amount_a": plain(each.amount_a),
                "amount_b": plain(each.amount_b),
                "residual": plain(each.residual),
                "residual_account": generator.residual_account(each) or None,
                "cause": each.cause,
            }
            for each in book.matches
        ],
        "unmatched": [
            {"id": each.item.id, "amount": plain(each.item.translated or 0)}
            for each in book.unmatched
        ],
    }


def associate(book: Book, code: str) -> Json:
    """One associate by the equity method; the components of its proof name no rates."""
    each = book.associates[code]
    return {
        "goodwill_functional": plain(each.goodwill),
        "share_of_result_functional": plain(each.share_of_result),
        "recognised_result_functional": plain(each.recognised),
        "unrecognised_losses_functional": plain(each.losses),
        "dividends_functional": plain(each.dividends),
        "carrying_functional": plain(each.carrying),
        "share_of_result": plain(each.income),
        "unrealised_profit_eliminated": plain(each.eliminated),
        "dividends": plain(each.received),
        "carrying_amount": plain(each.carrying_presentation),
        "cta": rollforward(each.cta),
        "cta_proof": {
            "components": [
                {"label": part.label, "amount": plain(part.amount)}
                for part in each.proof.components
            ],
            "total": plain(each.proof.total),
            "rounding_difference": plain(each.cta.movement - each.proof.total),
        },
    }


def nci(book: Book, code: str) -> Json:
    """Outsiders of one subsidiary."""
    each = book.nci[code]
    lost = change_of(book, Derecognition)
    return {
        "nci_pct": each.percent,
        "opening": plain(each.opening),
        "acquired": plain(each.acquired),
        "share_of_profit": plain(each.share_of_profit),
        "share_of_cta": plain(each.share_of_cta),
        "dividends": plain(each.dividends),
        "intragroup_dividend_transfer": plain(each.intragroup),
        "equity_transactions": plain(each.contributed + each.recognised),
        "closing": plain(each.closing),
    } | ({"derecognised": plain(each.derecognised)} if lost and lost.entity == code else {})


def change_of[T](book: Book, kind: type[T]) -> T | None:
    """What the one event of a kind did; None: there was none."""
    return next((each for each in book.changes if isinstance(each, kind)), None)


def disposal(book: Book) -> Json | None:
    """What the loss of control of a company did."""
    each = change_of(book, Derecognition)
    if each is None:
        return None
    kept = {"fair_value_retained": plain(each.retained)} if each.retained else {}
    return kept | {
        "proceeds": plain(each.proceeds),
        "net_assets_derecognised": plain(each.net_assets),
        "goodwill_derecognised": plain(each.goodwill),
        "nci_derecognised": plain(each.nci),
        "gain_before_recycling": plain(each.gain_before_recycling),
        "cta_recycled": plain(each.cta_recycled),
        "gain_total": plain(each.gain),
    }


def partial_disposal(book: Book) -> Json | None:
    """What a sale without loss of control did."""
    each = change_of(book, Reattribution)
    if each is None:
        return None
    return {
        "net_assets_at_date": plain(each.net_assets),
        "cta_at_date": plain(each.cta),
        "nci_recognised": plain(each.nci),
        "cta_reattributed_to_nci": plain(each.cta_reattributed),
        "difference_to_equity_total": plain(each.difference),
        "adjustment_to_retained_earnings": plain(each.adjustment),
    }


def step_acquisition(book: Book) -> Json | None:
    """What a step to control made of the interest held before."""
    each = change_of(book, Remeasurement)
    if each is None:
        return None
    return {
        "carrying_amount_previously_held": plain(each.carrying),
        "fair_value_previously_held": plain(each.fair_value),
        "remeasurement_gain_before_recycling": plain(each.gain_before_recycling),
        "cta_recycled": plain(each.cta_recycled),
        "gain_total": plain(each.gain),
    }


def restatement(each: Restatement) -> Json:
    """What corrections of prior periods did to one entity's opening."""
    return {
        "retained_earnings_adjustment": plain(each.retained),
        "retained_earnings_adjustment_parent": plain(each.retained_parent),
        "retained_earnings_adjustment_nci": plain(each.retained_nci),
        "cta_opening_as_reported": plain(each.cta_reported),
        "cta_opening_restated": plain(each.cta_restated),
    }


def consolidated(book: Book) -> Json:
    """Balance sheet, income statement, totals and roll-forward of equity."""
    chart, totals, equity = book.chart, book.totals, book.equity
    assert equity is not None
    sheet, statement = {}, {}
    for account, before, closed in zip(
        chart.accounts, book.consolidated.tolist(), book.closed.tolist(), strict=True
    ):
        if account.kind in RESULT:
            statement[account.code] = plain(before)
        elif closed:
            sheet[account.code] = plain(closed)
    return {
        "balance_sheet": sheet,
        "income_statement": statement,
        "totals": {
            name: plain(getattr(totals, name))
            for name in (
                "total_assets",
                "total_liabilities",
                "equity_attributable_to_parent",
                "non_controlling_interests",
                "total_equity",
                "net_income",
                "net_income_parent",
                "net_income_nci",
                "oci_cta",
                "oci_cta_parent",
                "oci_cta_nci",
                "comprehensive_income",
            )
        }
        | (
            {"of_which_reclassified_to_profit_or_loss": plain(totals.reclassified)}
            if totals.reclassified
            else {}
        ),
        "equity_rollforward": {
            "retained_earnings": {
                "opening": plain(equity.retained_opening),
                "net_income_parent": plain(equity.net_income_parent),
                "dividends_parent": plain(equity.dividends_parent),
                "equity_transactions": plain(equity.transactions_parent),
                "closing": plain(equity.retained_closing),
            },
            "cta_parent": rollforward(equity.cta_parent),
            "nci": {"opening": plain(equity.nci_opening), "closing": plain(equity.nci_closing)},
        },
    }


def in_thousands(book: Book) -> Json:
    """The balance sheet in thousands that foot, both blocks in their natural sign."""
    kinds = [account.kind for account in book.chart.accounts]
    codes, sheet = book.chart.codes, book.closed.tolist()
    credit = {*CONTRIBUTED, *POSITION, AccountClass.RETAINED_EARNINGS, AccountClass.OCI}
    credit |= {AccountClass.CTA, AccountClass.NCI}
    credit.discard(AccountClass.ASSET)
    rows = list(zip(codes, kinds, sheet, strict=True))
    assets = in_units({c: a for c, k, a in rows if k is AccountClass.ASSET}, 100_000)
    claims = in_units({c: -a for c, k, a in rows if k in credit}, 100_000)
    return {
        "assets": {code: str(amount) for code, amount in assets.items()},
        "total_assets": str(sum(assets.values())),
        "liabilities_and_equity": {code: str(amount) for code, amount in claims.items()},
        "total_liabilities_and_equity": str(sum(claims.values())),
    }


def expected_part(case: Case, part: str) -> Any:
    """A part of a case as it is compared: eliminations are net per account."""
    if part != "eliminations":
        return case.expected[part]
    net: dict[str, int] = {}
    for entry in case.expected[part]:
        for line in entry["lines"]:
            cents = int(line["amount"].replace(".", ""))
            net[line["account"]] = net.get(line["account"], 0) + cents
    return {account: plain(amount) for account, amount in net.items()}


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every leaf by its path; nil accounts left out of the maps where that means nothing."""
    if isinstance(value, dict):
        found: dict[tuple[str, ...], Any] = {}
        for key, each in value.items():
            by_account = path and path[-1] in ACCOUNT_MAPS and each == "0.00"
            in_block = path and path[-1] in BLOCKS and each == "0"
            if not (by_account or in_block):
                found |= leaves(each, (*path, str(key)))
        return found
    if isinstance(value, list):
        found = {(*path, "count"): len(value)}
        for place, each in enumerate(value):
            found |= leaves(each, (*path, str(place)))
        return found
    return {path: value}


def differences(part: str, expected: Any, actual: Any) -> list[str]:
    """Every leaf that is not as expected, either way."""
    want, got = leaves(expected, (part,)), leaves(actual, (part,))
    return [
        f"{'.'.join(path)}: expected {want.get(path, 'nothing')}, got {got.get(path, 'nothing')}"
        for path in {**want, **got}
        if want.get(path) != got.get(path)
    ]


def differing(case: Case, written: Json) -> dict[str, list[str]]:
    """The parts of a case that are not as expected, with every leaf that differs."""
    found: dict[str, list[str]] = {}
    for part in case.expected:
        expected = expected_part(case, part)
        leaf = differences(part, expected, written.get(part, {} if expected else expected))
        if leaf:
            found[part] = leaf
    return found
