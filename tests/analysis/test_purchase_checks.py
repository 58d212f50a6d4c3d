"""V11 sees a purchase that does not close, a schedule off its life, deferred tax off its rate."""

from dataclasses import replace
from pathlib import Path

import pytest

from monthclose.analysis.equity_checks import check_cta_proof
from monthclose.analysis.purchase_checks import check_purchases
from monthclose.ledger.book import Book, Purchase
from tests.analysis.books import good
from tests.groupfolder.folders import edit
from tests.groupfolder.purchases import abroad_in, close
from tests.worked.case import SHARED, close_case, read_case


def closed() -> Book:
    """The worked month end with step-ups of 1,800,000.00 and tax of 34 %."""
    (file,) = SHARED.glob("G13-*.json")
    return close_case(read_case(file))


def spoilt(book: Book, purchase: Purchase) -> Book:
    """The same book with one purchase replaced."""
    return replace(book, purchases={**book.purchases, purchase.acquisition: purchase})


def test_purchases_that_close_are_accepted(shared: Path):
    result = check_purchases(closed())
    assert result.passed, shared
    assert check_purchases(good()).passed


def test_the_layer_is_proved_with_the_other_ctas(shared: Path):
    """-6,479.02 balancing; the proof never looks at the translated lines."""
    result = check_cta_proof(closed())
    assert result.passed, shared
    assert result.evidence["B ACQ-B FVA"].startswith("-6479.02 ")


@pytest.mark.parametrize("code", ["purchase-open", "schedule-open", "deferred-tax-differs"])
def test_one_cent_is_noticed(shared: Path, code: str):
    book = closed()
    purchase = book.purchases["ACQ-B"]
    schedule = purchase.schedule
    assert schedule is not None, shared
    closing = schedule.closing
    first, *rest = closing.accumulated
    wrong = {
        "purchase-open": replace(purchase, goodwill=purchase.goodwill + 1),
        "schedule-open": replace(
            purchase,
            schedule=replace(schedule, closing=replace(closing, accumulated=(first + 1, *rest))),
        ),
        "deferred-tax-differs": replace(
            purchase,
            schedule=replace(
                schedule, closing=replace(closing, deferred_tax=closing.deferred_tax + 1)
            ),
        ),
    }[code]
    (finding,) = check_purchases(spoilt(book, wrong)).findings
    assert (finding.code, finding.difference) == (code, 1)
    assert finding.said("pt-BR")


def test_goodwill_is_worked_out_from_its_losses_and_its_life(tmp_path: Path):
    """
    209.92 over 20 months from January 2025, 50.00 lost in February 2026: 10.82 are left.

    Each charge that is a cent off, and a loss that was forgotten, is noticed.
    """
    folder = abroad_in(tmp_path)
    edit(folder, "acquisitions.csv", "tax_rate_pct\n", "tax_rate_pct,goodwill_life\n")
    edit(folder, "acquisitions.csv", "-1000.00,34\n", "-1000.00,34,20\n")
    book = close(folder, ["2026-03"])["2026-03"]
    purchase = book.purchases["ACQ-S"]
    schedule = purchase.goodwill_schedule
    assert schedule.closing == 10_82
    first, *rest = schedule.charges
    off = replace(schedule, charges=(replace(first, amount=first.amount - 1), *rest))
    kept = tuple(each for each in schedule.charges if each.account != "6220")
    for wrong, by in ((off, 1), (replace(schedule, charges=kept), 50_00)):
        made = check_purchases(spoilt(book, replace(purchase, goodwill_schedule=wrong)))
        (finding,) = made.findings
        assert (finding.code, finding.difference) == ("goodwill-open", by)


@pytest.mark.parametrize(("place", "subject"), [(0, "S ACQ-S"), (1, "S ACQ-S FVA")])
def test_charges_of_a_layer_are_those_of_its_months(tmp_path: Path, place: int, subject: str):
    """A cent more in the result than the months of the year come to, in either layer."""
    book = close(abroad_in(tmp_path), ["2026-03"])["2026-03"]
    purchase = book.purchases["ACQ-S"]
    layer = purchase.layers[place]
    account, amount = next(iter(layer.charges.items()))
    wrong = replace(layer, charges={**layer.charges, account: amount + 1})
    other = (
        replace(purchase, goodwill_layer=wrong)
        if place == 0
        else replace(purchase, fair_value_layer=wrong)
    )
    made = check_cta_proof(spoilt(book, other))
    assert [(f.code, f.subject, f.difference) for f in made.findings] == [
        ("charges-unproved", subject, 1)
    ]
    assert made.findings[0].said("pt-BR")
