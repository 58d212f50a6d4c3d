"""Items that were read, on the standard chart: beside what was recorded, and never on two."""

from datetime import date
from fractions import Fraction

from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.intercompany import Item, ItemKind
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.sources import BookItem, Side
from monthclose.store.subledgers import Booked, Placing, reference

KINDS = {
    "1150": AccountClass.ASSET,
    "1400": AccountClass.ASSET,
    "2150": AccountClass.LIABILITY,
    "4100": AccountClass.INCOME,
    "6050": AccountClass.EXPENSE,
}
CHART = chart_of(tuple(Account(code, code, kind) for code, kind in KINDS.items()))
TO = {"AR:GROUP": "1150", "AP:GROUP": "2150", "A": "4100", "B": "4100", "C": "6050", "D": "1400"}


def mapping(entity, **more):
    return EntityMapping(entity, {a: (Target(to),) for a, to in TO.items()} | more)


def read(entity, side, account, amount, document="7", *, name="1", flow=True, period="2025-03"):
    other = "BETA" if entity == "ALFA" else "ALFA"
    item = BookItem(
        side, flow, name, document, "", other, account, "", amount, "BRL", date(2025, 3, 5)
    )
    return Booked(entity, period, "omie 2025-03 (4)", item)


def placing(period="2025-03", **mappings):
    known = {code: mapping(code) for code in ("ALFA", "BETA")} | mappings
    return Placing(CHART, known, FiscalYear(12), period)


def recorded(kind, amount, number="7", account="6050", together=""):
    return Item(
        f"x{kind}{number}", "BETA", "ALFA", kind, account, amount, number, period="2025-03",
        together=together,
    )  # fmt: skip


class TestPlaced:
    def test_an_item_says_what_was_read_of_it(self):
        (item,) = placing().place(
            [read("ALFA", Side.RECEIVABLE, "AR:GROUP", 500, "NF 00 7", flow=False)], ()
        )
        assert (item.kind, item.account, item.amount) == (ItemKind.RECEIVABLE, "1150", 500)
        assert (item.document_currency, item.document_amount) == ("BRL", 500)
        assert (item.reference, item.source) == ("NF 00 7", "omie 2025-03 (4), 1")

    def test_what_one_side_capitalised_is_no_expense_of_it(self):
        assert placing().place([read("BETA", Side.PAYABLE, "D", 500)], ()) == ()

    def test_an_account_nobody_mapped_places_nothing_and_stops_nobody_here(self):
        """The mapping step stops the company: the account holds money."""
        desk = placing()
        assert desk.place([read("ALFA", Side.RECEIVABLE, "Z", -500)], ()) == ()
        assert desk.unplaced == {}


class TestDivided:
    HALVES = (Target("4100", Fraction(1, 2)), Target("6050", Fraction(1, 2)))

    def test_a_divided_account_is_told_of_its_company(self):
        desk = placing(ALFA=mapping("ALFA", A=self.HALVES))
        assert desk.place([read("ALFA", Side.RECEIVABLE, "A", -500)], ()) == ()
        assert list(desk.unplaced) == ["ALFA"]

    def test_of_another_year_it_stops_nothing(self):
        desk = placing(ALFA=mapping("ALFA", A=self.HALVES))
        desk.place([read("ALFA", Side.RECEIVABLE, "A", -500, period="2024-12")], ())
        assert desk.unplaced == {}


class TestTogether:
    """ALFA has one invoice of 500 on two accounts."""

    PARTS = (
        read("ALFA", Side.RECEIVABLE, "A", -300),
        read("ALFA", Side.RECEIVABLE, "B", -200),
    )

    def groups(self, booked, known=()):
        return [item.together for item in placing().place(booked, known)]

    def test_both_sides_of_it_are_compared_as_a_whole(self):
        assert self.groups([*self.PARTS, read("BETA", Side.PAYABLE, "C", 500)]) == ["7"] * 3
        assert self.groups(self.PARTS, [recorded(ItemKind.EXPENSE, 500, "007")]) == ["007"] * 3

    def test_with_another_number_each_part_stands_alone(self):
        other = read("BETA", Side.PAYABLE, "C", 500, "8")
        assert self.groups([*self.PARTS, other]) == [""] * 3

    def test_whoever_put_it_together_otherwise_is_left_alone(self):
        known = [recorded(ItemKind.EXPENSE, 500, together="by hand")]
        assert self.groups(self.PARTS, known) == ["by hand", "", ""]

    def test_two_invoices_of_one_account_are_two(self):
        twice = [
            read("ALFA", Side.RECEIVABLE, "A", -300, name="1"),
            read("ALFA", Side.RECEIVABLE, "A", -200, name="2"),
            read("BETA", Side.PAYABLE, "C", 500),
        ]
        assert self.groups(twice) == [""] * 3


def test_a_number_is_the_same_however_it_is_filled_up():
    assert {reference(each) for each in ("nf-1", " NF-1 ", "00NF-1")} == {"NF-1"}
    assert reference("000") == ""
    assert reference("10") != reference("1")
