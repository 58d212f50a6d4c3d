"""Who faces whom: references, order, tolerance, and that speed changes no result."""

import random
from fractions import Fraction

import pytest

from monthclose.consolidation import matching
from monthclose.consolidation.matching import IntercompanyMatcher, Matching
from monthclose.ledger.intercompany import Basis, Cause, Item, ItemKind, ItemTwice, Reason

KINDS = (ItemKind.RECEIVABLE, ItemKind.PAYABLE)


def side(
    name: str,
    amount: int,
    reference: str = "",
    document: tuple[str, int | None] | None = None,
    kind: ItemKind | None = None,
    pair: tuple[str, str] = ("A", "B"),
    together: str = "",
) -> Item:
    """What A has with B (names from `a`) or B with A; debit positive, minor units."""
    leads = name.startswith("a")
    entity, partner = pair if leads else pair[::-1]
    currency, stated = document or ("", None)
    return Item(
        id=name,
        entity=entity,
        partner=partner,
        kind=kind or KINDS[not leads],
        account="1150" if leads else "2050",
        amount=amount,
        reference=reference,
        document_currency=currency,
        document_amount=stated,
        together=together,
        translated=amount,
    )


def match(*items: Item, tolerance: Fraction = Fraction(1, 100)) -> Matching:
    """Match with a tolerance of one percent."""
    return IntercompanyMatcher(tolerance).match(items)


def pairs(found: Matching) -> list[tuple[str, str]]:
    """Ids of each match."""
    return [(each.a[0].id, each.b[0].id) for each in found.matches]


def reasons(found: Matching) -> list[tuple[str, str]]:
    """Why each that is left was left."""
    return [(each.item.id, each.reason) for each in found.unmatched]


class TestReferences:
    def test_two_references_that_differ_never_match(self):
        """100.00 and 100.00 are equal, and of two invoices."""
        found = match(side("a", 100_00, "X"), side("b", -100_00, "Y"))
        assert pairs(found) == []
        assert reasons(found) == [("a", Reason.OTHER_REFERENCE), ("b", Reason.OTHER_REFERENCE)]

    def test_the_same_reference_comes_before_a_smaller_difference(self):
        """b2 is nearer to a1 (0 against 0.5 %), but has no reference."""
        found = match(side("a1", 200_00, "X"), side("b1", -199_00, "X"), side("b2", -200_00))
        assert pairs(found) == [("a1", "b1")]
        assert reasons(found) == [("b2", Reason.NO_COUNTERPART)]

    def test_what_its_own_reference_does_not_cover_may_match_where_one_is_missing(self):
        """100.00 and 50.00 of one reference differ by half; 100.00 without one agrees."""
        found = match(side("a1", 100_00, "X"), side("b1", -50_00, "X"), side("b2", -100_00))
        assert pairs(found) == [("a1", "b2")]
        assert reasons(found) == [("b1", Reason.NO_COUNTERPART)]

    def test_both_references_may_be_missing(self):
        """Nothing contradicts."""
        assert pairs(match(side("a", 100_00), side("b", -100_00))) == [("a", "b")]


class TestWhoMayFace:
    @pytest.mark.parametrize(
        ("left", "right"),
        [("AR", "AP"), ("REV", "EXP"), ("LOANR", "LOANP"), ("INTINC", "INTEXP"), ("DIVR", "DIVP")],
    )
    def test_each_kind_faces_its_own(self, left, right):
        """And no other: a right side of the next pair finds nobody."""
        kinds = [ItemKind(left), ItemKind(right)]
        found = match(side("a", 10_00, kind=kinds[0]), side("b", -10_00, kind=kinds[1]))
        assert pairs(found) == [("a", "b")]
        other = ItemKind.PAYABLE if right != "AP" else ItemKind.EXPENSE
        assert not match(side("a", 10_00, kind=kinds[0]), side("b", -10_00, kind=other)).matches

    def test_companies_must_name_each_other(self):
        """A has it with B, and C with A."""
        found = match(side("a", 10_00, "X"), side("b", -10_00, "X", pair=("A", "C")))
        assert reasons(found) == [("a", Reason.NO_COUNTERPART), ("b", Reason.NO_COUNTERPART)]

    def test_two_debits_do_not_face_each_other(self):
        """100.00 and 100.00 on one side: the two differ by 200.00, twice the larger."""
        found = match(side("a", 100_00, "X"), side("b", 100_00, "X"))
        assert reasons(found) == [("a", Reason.BEYOND_TOLERANCE), ("b", Reason.BEYOND_TOLERANCE)]

    def test_a_credit_note_turns_both_sides(self):
        """A receivable of -30.00 and a payable of +30.00."""
        assert pairs(match(side("a", -30_00), side("b", 30_00))) == [("a", "b")]

    def test_nil_faces_nil_only(self):
        """Nil against a centavo is all of the larger side."""
        assert pairs(match(side("a", 0), side("b", 0))) == [("a", "b")]
        assert pairs(match(side("a", 0), side("b", -1))) == []


class TestTolerance:
    def test_it_is_inclusive_and_of_the_larger_side(self):
        """1.00 of 100.00 is 1 %; 1.01 is not, and 1.00 of 99.99 is more than 1 %."""
        assert match(side("a", 100_00), side("b", -99_00)).matches[0].difference == Fraction(1, 100)
        assert not match(side("a", 100_00), side("b", -98_99)).matches
        assert not match(side("a", 98_99), side("b", -99_99)).matches

    def test_the_comparison_is_exact(self):
        """
        9,000,000,000,000.00 less 1 % is 8,910,000,000,000.00; a centavo less is too much.

        As binary fractions the two differences are one number.
        """
        largest = 900_000_000_000_000
        assert match(side("a", largest), side("b", -891_000_000_000_000)).matches
        assert not match(side("a", largest), side("b", -890_999_999_999_999)).matches

    def test_nil_tolerance_asks_for_equality(self):
        """A centavo in a million is a difference."""
        assert not match(side("a", 10**8), side("b", 1 - 10**8), tolerance=Fraction(0)).matches

    def test_a_tolerance_of_the_whole_is_refused(self):
        """Anything would match anything."""
        with pytest.raises(ValueError, match="tolerance"):
            IntercompanyMatcher(Fraction(1))


class TestBasis:
    def test_documents_are_compared_when_both_state_one_currency(self):
        """Translated 100.00 and 90.00 differ by 10 %; both say 50.00 dollars."""
        found = match(
            side("a", 100_00, document=("USD", 50_00)), side("b", -90_00, document=("USD", -50_00))
        ).matches[0]
        assert (found.basis, found.difference, found.residual) == (
            Basis.DOCUMENT,
            Fraction(0),
            10_00,
        )
        assert (found.cause, found.status) == (Cause.FX, "matched")

    def test_two_document_currencies_leave_the_translated_amounts(self):
        """50.00 dollars and 250.00 reais say nothing of each other; 100.00 and 99.50 do."""
        found = match(
            side("a", 100_00, document=("USD", 50_00)), side("b", -99_50, document=("BRL", -250_00))
        ).matches[0]
        assert (found.basis, found.cause) == (Basis.PRESENTATION, Cause.AMOUNT)
        assert (found.difference, found.status) == (Fraction(1, 200), "matched_within_tolerance")

    def test_a_currency_without_an_amount_states_nothing(self):
        """One side names the currency only."""
        found = match(
            side("a", 100_00, document=("USD", None)), side("b", -100_00, document=("USD", -1))
        )
        assert found.matches[0].basis is Basis.PRESENTATION

    @pytest.mark.parametrize(
        ("translated", "stated", "cause"),
        [
            (-100_00, -50_00, Cause.NONE),
            (-99_99, -50_00, Cause.ROUNDING),
            (-99_98, -50_00, Cause.FX),
            (-99_99, -49_99, Cause.AMOUNT),
            (-100_00, -49_99, Cause.NONE),
        ],
    )
    def test_each_cause(self, translated, stated, cause):
        """Documents of 50.00 and as given, translated 100.00 and as given."""
        found = match(
            side("a", 100_00, document=("USD", 50_00)),
            side("b", translated, document=("USD", stated)),
        )
        assert found.matches[0].cause is cause


class TestOrder:
    def test_the_smallest_difference_is_taken_first(self):
        """a1 and b1 differ by 0.2 %, a2 and b1 by nothing: a1 is left with b2 at 0.7 %."""
        found = match(
            side("a1", 100_20), side("a2", 100_00), side("b1", -100_00), side("b2", -99_50)
        )
        assert pairs(found) == [("a2", "b1"), ("a1", "b2")]

    def test_equal_differences_follow_the_ids(self):
        """Four equal sides."""
        found = match(*(side(name, 100_00 if name[0] == "a" else -100_00) for name in IDS))
        assert pairs(found) == [("a1", "b1"), ("a2", "b2")]

    def test_unmatched_items_keep_the_order_given(self):
        """Not that of their ids."""
        found = match(side("b9", -5_00), side("a3", 1_00), side("a1", 2_00))
        assert [each.item.id for each in found.unmatched] == ["b9", "a3", "a1"]

    def test_two_items_of_one_id_are_refused(self):
        """Nothing could say which of the two was meant."""
        with pytest.raises(ItemTwice):
            match(side("a", 1_00), side("a", 1_00))


IDS = ("b2", "a2", "b1", "a1")


class TestTogether:
    def test_one_payment_for_several_invoices_when_said_so(self):
        """60.00 and 40.00 are paid by 100.00; nobody guesses it."""
        parts = (side("a1", 60_00, "X"), side("a2", 40_00, "Y"), side("b1", -100_00, "Z"))
        assert not match(*parts).matches
        named = (
            side("a1", 60_00, "X", together="P"),
            side("a2", 40_00, "Y", together="P"),
            side("b1", -100_00, "Z", together="P"),
        )
        found = match(*named).matches[0]
        assert ([each.id for each in found.a], found.residual) == (["a1", "a2"], 0)

    def test_what_is_beyond_the_tolerance_together_stays_apart(self):
        """60.00 and 30.00 against 100.00."""
        named = (
            side("a1", 60_00, together="P"),
            side("a2", 30_00, together="P"),
            side("b1", -100_00, together="P"),
        )
        found = match(*named)
        assert {reason for _, reason in reasons(found)} == {Reason.BEYOND_TOLERANCE}
        assert len(found.unmatched) == 3


def drawn(rng: random.Random) -> list[Item]:
    """A few items of few amounts, references and currencies, so that they compete."""
    amounts = [rng.randrange(90_00, 94_00) for _ in range(rng.choice((2, 5, 40)))] + [0, -91_00]
    references = rng.choice(([""], ["", "X"], ["", "X", "Y"], ["X"]))
    currencies = rng.choice(([""], ["USD"], ["", "USD"], ["", "USD", "BRL"]))
    items = []
    for number in range(rng.randrange(1, 40)):
        name, sign = rng.choice((("a", 1), ("b", -1)))
        currency = rng.choice(currencies)
        items.append(
            side(
                f"{name}{rng.randrange(100)}-{number}",
                sign * rng.choice(amounts),
                rng.choice(references),
                (currency, sign * rng.choice(amounts)) if currency else None,
            )
        )
    return items


class TestSpeed:
    def test_the_quick_way_finds_what_comparing_every_pair_finds(self, monkeypatch):
        """300 draws, each also in another order."""
        rng = random.Random(20250630)
        for _ in range(300):
            items, matcher = drawn(rng), IntercompanyMatcher(Fraction(rng.choice((0, 1, 5)), 100))
            monkeypatch.setattr(matching, "_FEW", 10**9)
            compared = matcher.match(items)
            monkeypatch.setattr(matching, "_FEW", 0)
            assert matcher.match(items) == compared
            assert matcher.match(rng.sample(items, len(items))).matches == compared.matches

    @pytest.mark.parametrize("step", [0, 1])
    def test_thousands_without_a_reference_are_not_compared_pair_by_pair(self, step, monkeypatch):
        """Twice as many items ask for about twice as many comparisons, not four times."""
        counted = []
        for count in (1000, 2000):
            asked = 0

            def counting(*sides, compare=matching._compared):
                nonlocal asked
                asked += 1
                return compare(*sides)

            items = [side(f"a{each}", 100_00 + step * each) for each in range(count)]
            items += [side(f"b{each}", -100_00 - step * each) for each in range(count)]
            with monkeypatch.context() as patched:
                patched.setattr(matching, "_compared", counting)
                assert len(match(*items).matches) == count
            counted.append(asked)
        assert counted[1] < 2.2 * counted[0]
        assert counted[1] < 40_000
