"""The equity method as JSON: associates, what was picked up, and whether parity holds."""

from collections.abc import Iterator
from typing import Any

from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.associates import Associate, Equity
from monthclose.ledger.book import Book
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.entities import percent
from monthclose.ledger.money import plain
from monthclose.ledger.parity import parity_of
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Rollforward


def equity_method_payload(book: Book) -> dict[str, Any]:
    """
    Associates by code, equity pick-up by acquisition, and the parity of the two roads.

    Amounts have natural signs: a profit, an asset, a gain is positive. `..._functional` are
    in the associate's (of pick-up: the holder's) currency, the others as presented. A group
    that has none of it has no such key.
    """
    made: dict[str, Any] = {}
    if book.associates:
        made["associates"] = {
            each.investee: _associate(book, each, book.associates[each.investee])
            for each in book.facts.associates
        }
    if pickups := {each.id: _pickup(book, each) for each in _picked_up(book)}:
        made["equity_pickup"] = pickups
    if parity := parity_of(book):
        digits = minor_digits(book.presentation)
        made["parity"] = [
            {
                "figure": each.figure,
                "separate": plain(each.separate, digits),
                "group": plain(each.group, digits),
                "difference": plain(each.difference, digits),
            }
            for each in parity
        ]
    return made


def _associate(book: Book, associate: Associate, equity: Equity) -> dict[str, Any]:
    """One associate: its year in its own currency, and as presented."""
    own, shown = minor_digits(associate.currency), minor_digits(book.presentation)
    return {
        "holder": equity.holder,
        "percent": percent(associate.share),
        "currency": associate.currency,
        "account": equity.account,
        "goodwill_functional": plain(equity.goodwill, own),
        "share_of_result_functional": plain(equity.share_of_result, own),
        "recognised_result_functional": plain(equity.recognised, own),
        "unrecognised_losses_functional": plain(equity.losses, own),
        "dividends_functional": plain(equity.dividends, own),
        "carrying_functional": plain(equity.carrying, own),
        "share_of_result": plain(equity.income, shown),
        "unrealised_profit_eliminated": plain(equity.eliminated, shown),
        "dividends": plain(equity.received, shown),
        "carrying_amount": plain(equity.carrying_presentation, shown),
        "opening_result": plain(equity.opening_result, shown),
        "oci": _rolled(equity.oci, shown),
        "cta": _rolled(equity.cta, shown),
        "cta_proof": {
            "components": [
                {"label": each.label, "amount": plain(each.amount, shown)}
                for each in equity.proof.components
            ],
            "total": plain(equity.proof.total, shown),
            "difference": plain(equity.cta.movement - equity.proof.total, shown),
        },
        "months": [
            {
                "period": month.earned.period,
                "percent": percent(month.earned.share),
                "share_of_result_functional": plain(month.earned.result, own),
                "recognised_result_functional": plain(month.result, own),
                "average_rate": month.earned.quote.value if month.earned.quote else None,
                "share_of_result": plain(month.income, shown),
                "oci": plain(month.oci_presentation, shown),
            }
            for month in equity.months
            if month.earned.period
        ],
        **(
            {
                "sales": [
                    {
                        "date": str(sold.on),
                        "carried_functional": plain(sold.carried, own),
                        **{name: plain(amount, shown) for name, amount in sold.parts.items()},
                        "gain": plain(sold.gain, shown),
                        "oci_released": plain(sold.released, shown),
                    }
                    for sold in equity.sales
                ]
            }
            if equity.sales
            else {}
        ),
    }


def _picked_up(book: Book) -> Iterator[Acquisition]:
    """Every acquisition whose investment is under equity pick-up."""
    bought = [*book.facts.acquisitions]
    for associate in book.facts.associates:
        bought += associate.acquisitions
    yield from (each for each in bought if each.pickup)


def _pickup(book: Book, acquisition: Acquisition) -> dict[str, Any]:
    """What the holder's books made of one investment, and what it cost."""
    pickup, currency = acquisition.pickup, book.group.currencies[acquisition.acquirer]
    if pickup is None:
        return {}
    own, shown = minor_digits(currency), minor_digits(book.presentation)
    return {
        "holder": acquisition.acquirer,
        "currency": currency,
        "income_account": pickup.income_account,
        "carried_functional": plain(acquisition.investment, own),
        "prior_functional": plain(pickup.prior, own),
        "prior": plain(pickup.prior_presentation, shown),
        "reserve_functional": plain(pickup.reserve, own),
        "reserve": plain(pickup.reserve_presentation, shown),
        **{
            name: [
                {
                    "period": part.period,
                    "amount_functional": plain(part.amount, own),
                    "amount": plain(
                        convert_one(part.amount, part.quote, currency, book.presentation)
                        if part.presentation is None
                        else part.presentation,
                        shown,
                    ),
                }
                for part in parts
            ]
            for name, parts in (("current", pickup.current), ("dividends", pickup.dividends))
        },
    }


def _rolled(each: Rollforward, digits: int) -> dict[str, str]:
    return {
        "opening": plain(each.opening, digits),
        "movement": plain(each.movement, digits),
        "closing": plain(each.closing, digits),
    }
