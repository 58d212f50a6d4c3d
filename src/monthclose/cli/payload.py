"""What `--json` prints: plain figures as text, so that nothing passes through a float."""

from collections.abc import Callable
from functools import partial
from typing import Any

from monthclose.cli.equity_payload import equity_method_payload
from monthclose.ledger.book import Book
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.equity import EquityPart
from monthclose.ledger.events import Change, Derecognition, Reattribution
from monthclose.ledger.findings import Validation
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.ledger.money import plain as write_plain
from monthclose.ledger.translations import Rollforward, Translation

TOTALS = (
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
    "oci_other",
    "oci_other_nci",
    "oci_associates",
    "comprehensive_income",
)


def book_payload(book: Book, validation: Validation, lang: str) -> dict[str, Any]:
    """A whole book: totals, accounts by layer, entities, proofs, checks, hash."""
    codes, plain = book.chart.codes, in_digits(book.presentation)
    return {
        "group": book.group.code,
        "period": book.period,
        "currency": book.presentation,
        "sha256": book.digest,
        "totals": {name: plain(getattr(book.totals, name)) for name in TOTALS},
        "accounts": [
            {
                "account": account.code,
                "name": account.name,
                "class": account.kind.value,
                "layers": {
                    layer.value: plain(int(amount))
                    for layer, amount in zip(GROUP_LAYERS, row, strict=True)
                    if amount
                },
                "before_closing": plain(int(before)),
                "balance_sheet": plain(int(closed)),
            }
            for account, row, before, closed in zip(
                book.chart.accounts, book.layers, book.consolidated, book.closed, strict=True
            )
            if row.any() or closed
        ],
        "entities": [entity_payload(translation) for translation in book.translations],
        "by_entity": {
            translation.entity: {
                code: plain(int(amount)) for code, amount in zip(codes, row, strict=True) if amount
            }
            for translation, row in zip(book.translations, book.entity_amounts, strict=True)
        },
        "changes_in_equity": equity_payload(book),
        "nci": {
            code: {
                "percent": each.percent,
                "opening": plain(each.opening),
                "acquired": plain(each.acquired),
                "contributed": plain(each.contributed),
                "returned": plain(each.returned),
                "share_of_profit": plain(each.share_of_profit),
                "share_of_cta": plain(each.share_of_cta),
                "share_of_oci": plain(each.share_of_oci),
                "dividends": plain(each.dividends),
                "intragroup": plain(each.intragroup),
                "recognised": plain(each.recognised),
                "derecognised": plain(each.derecognised),
                "closing": plain(each.closing),
            }
            for code, each in book.nci.items()
        },
        "restatements": restatements_payload(book),
        "reporting_dates": {code: str(on) for code, on in book.reporting_dates.items()},
        "entries": [
            {
                "id": entry.id,
                "layer": entry.layer.value,
                "kind": entry.kind,
                "standard": entry.standard,
                "lines": [
                    {"account": line.account, "entity": line.entity, "amount": plain(line.amount)}
                    for line in entry.lines
                ],
            }
            for entry in book.entries
        ],
        "changes": [
            {
                "kind": each.kind,
                "entity": each.entity,
                **_reach(each),
                **{name: plain(amount) for name, amount in each.parts.items()},
                each.made: plain(sum(each.parts.values())),
            }
            for each in book.changes
        ],
        "intercompany": intercompany_payload(book),
        **equity_method_payload(book),
        "checks": validation_payload(validation, lang),
    }


def _reach(change: Change) -> dict[str, Any]:
    """The companies that left with one, or the one above through which a part changed hands."""
    if isinstance(change, Derecognition) and change.below:
        return {"below": list(change.below)}
    if isinstance(change, Reattribution) and change.through:
        return {"through": change.through}
    return {}


def restatements_payload(book: Book) -> dict[str, Any]:
    """What corrections of prior periods did to openings, by company; credit positive."""
    plain = in_digits(book.presentation)
    names = ("retained", "retained_nci", "cta_reported", "cta_restated", "cta_nci")
    return {
        code: {name: plain(getattr(each, name)) for name in names}
        for code, each in book.restatements.items()
    }


def intercompany_payload(book: Book) -> dict[str, Any]:
    """What faces what between group companies, and what found no other side."""
    plain = in_digits(book.presentation)
    return {
        "matches": [
            {
                "a": [item.id for item in each.a],
                "b": [item.id for item in each.b],
                "status": each.status,
                "basis": each.basis.value,
                "amount_a": plain(each.amount_a),
                "amount_b": plain(each.amount_b),
                "residual": plain(each.residual),
                "cause": each.cause.value,
            }
            for each in book.matches
        ],
        "unmatched": [
            {
                "id": each.item.id,
                "amount": plain(each.item.translated or 0),
                "reason": each.reason.value,
            }
            for each in book.unmatched
        ],
    }


def entity_payload(translation: Translation) -> dict[str, Any]:
    """One entity: its currencies, rates, CTA and proof."""
    proof = translation.proof()
    closing, plain = translation.closing_quote, in_digits(translation.presentation)
    return {
        "entity": translation.entity,
        "functional": translation.functional,
        "closing_rate": {"base": closing.base, "quote": closing.quote, "value": closing.value}
        if closing
        else None,
        "net_income": plain(translation.net_income),
        "net_assets": plain(translation.net_assets),
        "cta": _rollforward(translation.cta, plain),
        "cta_proof": {
            "components": [
                {
                    "label": each.label,
                    "rate": each.quote.value if each.quote else None,
                    "amount": plain(each.amount),
                }
                for each in proof.components
            ],
            "total": plain(proof.total),
            "difference": plain(translation.cta.movement - proof.total),
            "rounded_lines": translation.rounded_lines,
        }
        if translation.foreign
        else None,
    }


def validation_payload(validation: Validation, lang: str) -> dict[str, Any]:
    """The checks, their findings and the score."""
    return {
        "score": str(validation.score),
        "colour": validation.colour,
        "results": [
            {
                "check": result.check,
                "severity": result.severity.value,
                "population": result.population,
                "tested": str(result.tested),
                "unexplained": str(result.unexplained),
                "passed": result.passed,
                "findings": [
                    {"code": f.code, "subject": f.subject, "said": f.said(lang)}
                    for f in result.findings
                ],
            }
            for result in validation.results
        ],
    }


def in_digits(currency: str) -> Callable[[int], str]:
    """How amounts of a currency are written: with its decimals, yen with none."""
    return partial(write_plain, digits=minor_digits(currency))


def _rollforward(each: Rollforward, plain: Callable[[int], str]) -> dict[str, str]:
    return {
        "opening": plain(each.opening),
        "movement": plain(each.movement),
        "closing": plain(each.closing),
    }


def equity_payload(book: Book) -> dict[str, Any]:
    """The statement of changes in equity: rows from the openings to the closing balances."""
    statement, plain = book.changes_in_equity, in_digits(book.presentation)
    if statement is None:
        return {}
    rows = [("reported", statement.reported), *statement.moves.items()]
    rows.append(("closing", statement.closing))
    return {
        str(row): {str(part): plain(parts[part]) for part in EquityPart if parts.get(part)}
        for row, parts in rows
    }
