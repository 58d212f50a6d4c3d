"""A planted mistake moves the accounts it names by what it says, and nothing else."""

from collections import defaultdict

import pytest

from monthclose.connectors.derived import Deriving, derive
from monthclose.consolidation.supplements import supplemented
from monthclose.ledger.periods import Period
from monthclose.sandbox.planted import MISTAKES, MistakeImpossible, Planted, plant
from monthclose.sandbox.world import Member, World
from tests.sandbox.worlds import in_standard

RIGHT = World()

ABLE = {
    "wrong-category": ("FISC", "AGRO", "SAUD"),
    "duplicate-title": ("FISC", "AGRO", "SAUD"),
    "one-sided-invoice": ("VERO", "NUVE"),
    "wrong-partner": ("PAGO", "FISC", "AGRO", "SAUD"),
    "wrong-bank": ("FISC", "AGRO"),
    "open-month": ("VERO", "NUVE"),
}
"""Who can make a mistake that not everybody can."""


def closing(member: Member, period: str) -> dict[str, int]:
    """A month's balance by standard account; receivables and payables with partners apart."""
    sums: dict[str, int] = defaultdict(int)
    if member.erp == "totvs":
        for entry in member.served.entries:
            if entry.on <= Period.parse(period).last_day:
                for line in entry.lines:
                    sums[member.mapping[line.account]] += line.amount
        return sums
    opening = member.opening
    for month in member.lines:
        made = derive(Deriving(member.code, month, "BRL", opening, member.served.dealings))
        opening = supplemented(made.balance, member.supplements[month])
        if month == period:
            break
    for (account, _), amount in in_standard(member, opening).items():
        sums[account] += amount
    return sums


def out_by(planted: Planted, member: Member) -> dict[str, int]:
    """By how much the company is out at the end of the month."""
    right, wrong = (closing(m, planted.period) for m in (RIGHT.members[member.code], member))
    found = {a: wrong[a] - right[a] for a in {*right, *wrong}}
    return {account: amount for account, amount in found.items() if amount}


class TestPlanted:
    @pytest.mark.parametrize(
        ("name", "entity"),
        [
            (name, entity)
            for name in MISTAKES
            for entity in ABLE.get(name, ("NUVE", "FISC", "AGRO", "SAUD"))
        ],
    )
    def test_what_is_out_is_what_was_planted(self, name, entity):
        world = World()
        planted = plant(world, name, entity, "2025-06")
        assert (planted.name, planted.entity, planted.period) == (name, entity, "2025-06")
        assert sum(amount for _, amount in planted.out_by) == 0
        # A derived balance has what is owed within the group on its one control account.
        told = dict(planted.out_by)
        if "2150" in told and RIGHT.members[entity].erp != "totvs":
            told["2010"] = told.pop("2150")
        assert out_by(planted, world.members[entity]) == told
        others = {code: m for code, m in world.members.items() if code != entity}
        assert all(RIGHT.members[code].served == m.served for code, m in others.items())

    def test_a_receipt_in_the_wrong_bank_is_on_the_statement_of_the_right_one(self):
        """The dealings move it; what the banks say of themselves stays."""
        world = World()
        planted = plant(world, "wrong-bank", "FISC")
        (account, amount) = planted.out_by[1]
        assert (account, amount > 0) == ("1020", True)
        day = Period.parse("2025-06").last_day
        for bank in RIGHT.members["FISC"].served.dealings.banks:
            right, wrong = (w.members["FISC"].served for w in (RIGHT, world))
            assert wrong.bank_balance(bank.id, day) == right.bank_balance(bank.id, day)

    def test_a_fee_under_another_company_moves_no_account(self):
        world = World()
        assert plant(world, "wrong-partner", "PAGO").out_by == ()
        was, now = (
            {(t.tax_id, t.amount) for t in w.members["PAGO"].served.dealings.titles}
            for w in (RIGHT, world)
        )
        ((gone, amount),), ((come, same),) = was - now, now - was
        assert (amount, gone != come) == (same, True)

    def test_a_double_posting_has_a_number_of_its_own(self):
        """The bill is there twice, with the same document, and its id is not."""
        world = World()
        plant(world, "double-posting", "FISC")
        titles = world.members["FISC"].served.dealings.titles
        assert len({t.id for t in titles}) == len(titles)
        assert len({t.document for t in titles}) == len(titles) - 1

    def test_missing_depreciation_leaves_its_gap_open(self):
        """Nobody says that there is none."""
        world = World()
        plant(world, "unposted-depreciation", "SAUD", "2025-03")
        told = world.members["SAUD"].supplements
        assert "depreciation" not in told["2025-03"].filled
        assert "depreciation" in told["2025-02"].filled

    def test_without_a_company_the_first_that_can_makes_it(self):
        world = World()
        assert plant(world, "wrong-category").entity == "FISC"
        assert plant(world, "unposted-depreciation").entity == "NUVE"

    @pytest.mark.parametrize(
        ("name", "entity", "period"),
        [
            ("earthquake", "", "2025-06"),
            ("wrong-category", "NUVE", "2025-06"),
            ("missing-fee", "FISC", "2024-12"),
            ("missing-fee", "XXXX", "2025-06"),
        ],
    )
    def test_what_cannot_be_planted_is_refused(self, name, entity, period):
        with pytest.raises(MistakeImpossible):
            plant(World(), name, entity, period)
