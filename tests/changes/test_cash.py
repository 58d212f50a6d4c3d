"""What changes of ownership do to the cash flows: net of cash, and owners' business apart."""

import numpy as np
import pytest

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.cash_flows import RESULT_LINE, LineKey, Own, Part, Section, own_line
from monthclose.ledger.changes import ChangeKind
from tests.changes import test_by_hand as by_hand
from tests.changes.tale import MONTHS, Tale
from tests.changes.test_by_hand import GAIN, engine, group, holder, owned, sale
from tests.changes.test_years import CURRENCIES, TALES
from tests.consolidation.groups import CODES, balance, cents

SOLD = own_line(Section.INVESTING, Own.SOLD)
TRADED = own_line(Section.FINANCING, Own.OUTSIDERS_TRADED)
ADJUSTED = LineKey(Section.OPERATING, Part.ADJUSTMENT, GAIN)


def before(made: ConsolidationEngine) -> ConsolidationEngine:
    """The same with P's December: 500.00 that its owners paid in."""
    made.load_trial_balance(balance("P", "2024-12", "USD", cash="500.00", capital="-500.00"))
    return made


def test_a_company_sold_takes_its_cash_along():
    """
    Cash 500.00 + 32.00 earned + 1.00 of the sale + 67.00 of rates = 600.00.

    S earned 100 x 0.20 + 50 x 0.24 = 32.00; the group's gain of 68.00 is no cash. P got
    300.00 for a company that held 1,150 x 0.26 = 299.00. The rates of S: 1,000 x 0.02 +
    100 x 0.02 = 22.00 in January, 1,100 x 0.04 + 50 x 0.02 = 45.00 in February.
    """
    made = before(by_hand.TestSold().engine())
    found = made.cash_flows(made.consolidate("2025-02"))
    assert found.problems == ()
    assert found.group is not None
    assert found.group.lines == {RESULT_LINE: 100_00, ADJUSTED: -68_00, SOLD: 1_00}
    assert (found.group.opening, found.group.closing) == (500_00, 600_00)
    assert found.group.effect == found.group.proof.total == 67_00


def test_shares_sold_to_outsiders_are_financing():
    """
    40 % of S for 150.00 on the last day of February: all of it is the owners' business.

    500.00 + 32.00 + 150.00 + 55.50 = 737.50: P's 450.00 and 1,150 x 0.25.
    """
    deal = sale("partial_disposal", "2025-02-28", "40", "150.00", "80.00")
    made = before(
        engine(
            group(deal, left="60"),
            holder("2025-01", "300.00", "200.00", "0.00"),
            owned("2025-01", "1100.00", "100.00"),
            holder("2025-02", "450.00", "120.00", "70.00"),
            owned("2025-02", "1150.00", "150.00"),
        )
    )
    found = made.cash_flows(made.consolidate("2025-02"))
    assert found.problems == ()
    assert found.group is not None
    assert found.group.lines == {RESULT_LINE: 32_00, TRADED: 150_00}
    assert (found.group.closing, found.group.effect) == (737_50, 55_50)


@pytest.mark.parametrize("currencies", CURRENCIES, ids="-".join)
@pytest.mark.parametrize("told", TALES.values(), ids=TALES)
def test_flows_foot_over_sixteen_months_and_two_fiscal_years(told, currencies):
    """What P pays and gets for shares is one line of its section; the rest is as ever."""
    deals, shares = told
    owner, theirs = currencies
    tale = Tale(deals, owner=owner, owned=theirs, shares=shares)
    for entity, currency, lines in (
        ("P", owner, {"cash": "8000.00", "capital": "-8000.00"}),
        ("S", theirs, {"cash": "700.00", "receivables": "300.00", "capital": "-600.00",
                      "retained": "-400.00"}),
    ):  # fmt: skip
        amounts = np.array([cents(text) for text in lines.values()], dtype=np.int64)
        codes = tuple(CODES[name][0] for name in lines)
        tale.engine.load_trial_balance(TrialBalance(entity, "2024-12", currency, codes, amounts))
    for month in MONTHS:
        book = tale.engine.consolidate(month)
        found = tale.engine.cash_flows(book)
        assert found.problems == (), month
        whole = found.group
        assert whole is not None
        assert whole.lines[RESULT_LINE] == book.totals.net_income
        assert whole.closing == book.figure(CODES["cash"][0])
        assert 2 * abs(whole.effect - whole.proof.total) <= whole.rounded_lines
        investment = LineKey(Section.OPERATING, Part.MOVEMENT, CODES["investment"][0])
        assert investment not in whole.lines
        year = [each for each in tale.changes if month[:4] == str(each.on)[:4]]
        kinds = {each.kind for each in year if str(each.on)[:7] <= month}
        assert (SOLD in whole.lines) == (ChangeKind.DISPOSAL in kinds)
        assert (TRADED in whole.lines) == bool(kinds - {ChangeKind.DISPOSAL})
