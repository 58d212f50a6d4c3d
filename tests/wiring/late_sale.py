"""Stand-ins in which somebody entered a sale of March after March was closed."""

from dataclasses import replace
from datetime import date
from typing import Any

from monthclose.ledger.sources import Side
from monthclose.ledger.titles import Part
from monthclose.sandbox.apart import Wish, wished
from monthclose.sandbox.served import Served
from monthclose.sandbox.serving import Neighbors

CENTS = 700_00


def late_sale(wish: Wish) -> Neighbors:
    """The stand-ins of a wish; every company in Omie sold 700.00 more on 20 March."""
    made = wished(wish)
    omie: Any = made.applications["omie"]
    omie._companies = {keys: _with_more(served) for keys, served in omie._companies.items()}
    return made


def _with_more(served: Served) -> Served:
    """A company with one more title to a customer outside the group."""
    outside = {party.tax_id for party in served.parties if not party.receivable}
    like = next(
        title
        for title in served.dealings.titles
        if title.side is Side.RECEIVABLE and title.tax_id in outside
    )
    sale = replace(
        like,
        id="99999990",
        document="TARDIA",
        accrued=date(2025, 3, 20),
        due=date(2025, 7, 20),
        amount=CENTS,
        parts=(Part(like.parts[0].category, CENTS),),
        withheld=0,
        cancelled=None,
        settlements=(),
    )
    dealings = replace(served.dealings, titles=(*served.dealings.titles, sale))
    return replace(served, dealings=dealings)
