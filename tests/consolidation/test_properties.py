"""What holds of every group: division, scale, and proofs that add up."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from tests.consolidation.groups import (
    CODES,
    engine,
    founded,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    shuffled,
    subsidiary,
)
from tests.consolidation.groups import (
    RESULT as RESULT_NAMES,
)

MONTHS = ("2025-01", "2025-02", "2025-03")
NAMES = ("receivables", "payables", "revenue", "costs", "expenses")
MOVEMENTS = st.lists(
    st.fixed_dictionaries({name: st.integers(-(10**8), 10**8) for name in NAMES}),
    min_size=3,
    max_size=3,
)
RATES = st.lists(st.integers(1_500, 2_900), min_size=8, max_size=8)
CAPITAL = 90_000_00


def closed(
    parts: Sequence[tuple[str, int, Sequence[dict[str, int]]]],
    rates: Sequence[int],
    nci: int,
    own: int = 200_000_00,
    mixed: Random | None = None,
) -> list[Book]:
    """
    Three months of P and the companies it founded at 0.20, held alike.

    Args:
        parts: Code, capital in minor units and movements by month of each company.
        rates: Closing and average of December to March, in ten-thousandths.
        nci: Share of outsiders in each, percent.
        own: Capital of P, minor units.
        mixed: Draws the order of companies, balances and lines; None: as they are made.
    """
    months = ("2024-12", *MONTHS)
    quotes = monthly(
        {m: (f"0.{rates[2 * i]:04}", f"0.{rates[2 * i + 1]:04}") for i, m in enumerate(months)}
    )
    acquisitions: list[Acquisition] = []
    balances: list[TrialBalance] = []
    invested = 0
    for code, capital, moves in parts:
        paid = capital * (100 - nci) // 100
        cost = paid // 5
        invested += cost
        acquisitions.append(
            replace(
                founded(code, paid="0.00", nci=str(nci)),
                consideration=paid,
                equity={CODES["capital"][0]: -capital},
                investment=cost,
            )
        )
        balances += lived(code, [{"capital": -capital} | moves[0], *moves[1:]])
    balances += lived("P", [{"capital": -own, "investment": invested}, {}, {}], currency="USD")
    described = group(
        parent(),
        *(subsidiary(code) for code, _, _ in parts),
        quotes=(*quotes, on("2025-01-01", "0.20")),
        interests=tuple(holds("P", code, str(100 - nci)) for code, _, _ in parts),
        acquisitions=tuple(acquisitions),
        first_period=MONTHS[0],
    )
    if mixed:
        entities = mixed.sample(described.entities, len(described.entities))
        described = replace(described, entities=tuple(entities))
        balances = [
            shuffled(each, mixed.sample(range(len(each.accounts)), len(each.accounts)))
            for each in mixed.sample(balances, len(balances))
        ]
    closing = engine(described, *balances)
    return [closing.consolidate(month) for month in MONTHS]


def apart(one: Book, other: Book) -> int:
    """The largest difference of an account between two books."""
    return int(np.abs(one.closed - other.closed).max())


class TestDivision:
    @given(MOVEMENTS, MOVEMENTS, RATES, st.sampled_from([0, 20, 33]))
    def test_a_company_divided_by_lines_is_the_same_group(self, whole, part, rates, nci):
        """Each line of the two is rounded on its own: half a cent a line, month and company."""
        rest = [
            {name: month[name] - some[name] for name in NAMES}
            for month, some in zip(whole, part, strict=True)
        ]
        undivided = closed([("S", CAPITAL, whole)], rates, nci)
        divided = closed(
            [("S", CAPITAL // 3, part), ("T", CAPITAL - CAPITAL // 3, rest)], rates, nci
        )
        lines = len(RESULT_NAMES) + len(NAMES) + 2
        for place, (one, two) in enumerate(zip(undivided, divided, strict=True), start=1):
            for name in ("receivables", "payables"):  # one line here, two there
                assert abs(one.figure(CODES[name][0]) - two.figure(CODES[name][0])) <= 1
            for name in ("revenue", "costs", "expenses"):
                assert abs(one.figure(CODES[name][0]) - two.figure(CODES[name][0])) <= 2 * place
            assert 2 * apart(one, two) <= 3 * place * lines


class TestScale:
    @given(MOVEMENTS, RATES, st.sampled_from([0, 20, 33]), st.sampled_from([10, 100, 1000]))
    def test_all_amounts_times_as_much_is_a_group_times_as_large(self, moves, rates, nci, times):
        """What was rounded by half a cent a line comes out *times* as much, and half a cent."""
        small = closed([("S", CAPITAL, moves)], rates, nci)
        large = closed(
            [("S", CAPITAL * times, [{n: a * times for n, a in month.items()} for month in moves])],
            rates,
            nci,
            200_000_00 * times,
        )
        lines = len(NAMES) + 2
        for place, (one, other) in enumerate(zip(small, large, strict=True), start=1):
            for subject in ("net_income", "total_assets", "non_controlling_interests"):
                grown = getattr(one.totals, subject) * times
                bound = (times + 1) * lines * place
                assert 2 * abs(getattr(other.totals, subject) - grown) <= bound


class TestRepetition:
    def test_a_hundred_runs_have_one_digest(self):
        """Every run with an engine of its own; the order of companies and lines is drawn."""
        random = Random(100)
        moves = [dict.fromkeys(NAMES, 10**6 + 137 * place) for place in range(3)]
        rates = [1_900, 1_950, 2_000, 1_930, 2_100, 2_060, 2_200, 2_130]
        digests = set()
        for _ in range(100):
            books = closed(
                [("S", CAPITAL, moves), ("T", CAPITAL * 2, moves)], rates, 20, mixed=random
            )
            digests.add(tuple(book.digest for book in books))
        assert len(digests) == 1
        assert len(set(*digests)) == len(MONTHS)


class TestSums:
    @given(MOVEMENTS, MOVEMENTS, RATES, st.sampled_from([0, 20, 33]))
    def test_proofs_add_up_to_the_group_s_translation_difference(self, one, two, rates, nci):
        """The group's movement of the CTA is that of the proofs, rounded line by line."""
        for book in closed([("S", CAPITAL, one), ("T", CAPITAL * 2, two)], rates, nci):
            assert book.equity is not None
            outside = sum(each.share_of_cta for each in book.nci.values())
            proved = sum(each.proof().total for each in book.translations if each.foreign)
            moved = book.equity.cta_parent.movement + outside
            assert 2 * abs(moved - proved) <= sum(each.rounded_lines for each in book.translations)

    @given(MOVEMENTS, MOVEMENTS, RATES, st.sampled_from([0, 20, 33]))
    def test_every_layer_and_every_entry_sums_to_nil(self, one, two, rates, nci):
        for book in closed([("S", CAPITAL, one), ("T", CAPITAL * 2, two)], rates, nci):
            assert not book.layers.sum(axis=0).any()
            assert [
                each.id for each in book.entries if sum(line.amount for line in each.lines)
            ] == []

    @given(MOVEMENTS, MOVEMENTS, RATES, st.sampled_from([0, 20, 33]))
    def test_accounts_that_nothing_is_posted_to_are_the_sum_of_the_companies(
        self, one, two, rates, nci
    ):
        for book in closed([("S", CAPITAL, one), ("T", CAPITAL * 2, two)], rates, nci):
            for name in NAMES:
                code = CODES[name][0]
                summed = sum(
                    int(amount)
                    for each in book.translations
                    for account, amount in zip(each.accounts, each.amounts, strict=True)
                    if account == code
                )
                assert book.figure(code) == summed

    @given(MOVEMENTS, MOVEMENTS, RATES, st.sampled_from([0, 20, 33]))
    def test_outsiders_have_their_share_of_net_assets(self, one, two, rates, nci):
        """The closed form: their share of translated net assets, a cent a component."""
        for book in closed([("S", CAPITAL, one), ("T", CAPITAL * 2, two)], rates, nci):
            assert set(book.nci) == ({"S", "T"} if nci else set())
            for code, rolled in book.nci.items():
                of_it = next(each for each in book.translations if each.entity == code)
                exact = Fraction(nci, 100) * of_it.net_assets
                assert abs(rolled.closing - exact) <= 5
