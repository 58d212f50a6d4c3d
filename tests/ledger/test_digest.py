"""Hashes: the same content gives the same one, another content another."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.digest import digest
from monthclose.ledger.journal import EntryLine

TEXTS = st.lists(st.text(max_size=4), max_size=4).map(tuple)
CONTENT = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.binary(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple), st.dictionaries(st.text(max_size=3), inner)
    ),
    max_leaves=10,
)


def kinds(content):
    """Content with its kinds, so that True is not 1."""
    if isinstance(content, tuple):
        return ("tuple", *map(kinds, content))
    if isinstance(content, dict):
        return ("dict", *sorted((key, repr(kinds(value))) for key, value in content.items()))
    return (type(content).__name__, content)


class TestDigest:
    @given(CONTENT, CONTENT)
    @example(("ab", "c"), ("a", "bc"))
    @example(("a\0b", "c"), ("a", "b\0c"))
    @example(("a\0b",), ("a", "b"))
    @example("1", 1)
    @example(1, True)
    @example((), "")
    @example((("a",), "b"), ("a", ("b",)))
    @example({"a": "b"}, ("a", "b"))
    @example("ab", b"ab")
    def test_two_contents_share_a_hash_only_when_they_are_one(self, one, other):
        assert (digest(one) == digest(other)) == (kinds(one) == kinds(other))

    @given(TEXTS, TEXTS, TEXTS, TEXTS)
    def test_a_boundary_between_parts_is_part_of_the_content(self, a, b, c, d):
        assert (digest(a, b) == digest(c, d)) == ((a, b) == (c, d))

    def test_parts_are_not_one_part(self):
        assert digest("a", "b") != digest(("a", "b"))
        assert digest("a", "b") != digest("b", "a")
        assert digest() != digest("")

    def test_a_mapping_has_no_order(self):
        assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        assert digest({"a": 1, "b": 2}) != digest({"a": 2, "b": 1})
        assert digest(frozenset({"a", "b"})) == digest(frozenset({"b", "a"}))

    def test_columns_differ_by_value_by_shape_and_by_kind(self):
        column = np.array([1, 2, 3, 4], dtype=np.int64)
        looks = [
            column,
            column[::-1],
            column.reshape(2, 2),
            column.astype(np.int32),
            np.array([[1, 2, 3, 4]]),
            np.zeros(0, dtype=np.int64),
            np.zeros(0, dtype=np.int32),
        ]
        for one, other in combinations(looks, 2):
            assert digest(one) != digest(other)

    def test_a_column_is_hashed_by_content_and_not_by_how_it_lies_in_memory(self):
        column = np.arange(10, dtype=np.int64)
        assert digest(column) == digest(column.copy())
        assert digest(column[::2]) == digest(column[::2].copy())
        assert digest(column) == digest(column.astype(">i8"))

    def test_nouns_are_hashed_field_by_field(self):
        line = EntryLine("1010", 5, "A")
        assert digest(line) == digest(EntryLine("1010", 5, "A"))
        for other in (
            EntryLine("1010", 5, "B"),
            EntryLine("1010", 6, "A"),
            EntryLine("1010A", 5, ""),
        ):
            assert digest(line) != digest(other)

    def test_a_class_is_hashed_as_its_name(self):
        assert digest(AccountClass.ASSET) == digest("asset")
        assert digest((AccountClass.ASSET,)) == digest(("asset",))

    def test_exact_numbers_and_days_have_a_hash(self):
        assert len({digest(each) for each in (Fraction(1, 2), Fraction(2), 2, "1/2")}) == 4
        assert digest(date(2025, 6, 30)) != digest("2025-06-30")

    @pytest.mark.parametrize("thing", [1.5, object(), (1, 2.0), {"a": 0.1}])
    def test_what_has_no_exact_form_is_refused(self, thing):
        with pytest.raises(TypeError, match="has no digest"):
            digest(thing)

    def test_nouns_of_two_kinds_with_the_same_fields_differ(self):
        @dataclass(frozen=True)
        class Other:
            account: str
            amount: int
            entity: str = ""

        assert digest(Other("1010", 5)) != digest(EntryLine("1010", 5))

    def test_it_is_the_same_on_every_machine(self):
        """SHA-256 of `s1;ac2:3;x<NUL>yvint7;`, worked out once with sha256sum."""
        assert digest("a", ("x", "y"), 7) == (
            "32da1d9aa0b915405aeb496b2397828be09d2c1465859b3c3546f0201e8b05ef"
        )


class TestLongLists:
    def test_a_list_is_hashed_for_what_it_says_and_not_for_what_it_is(self):
        codes = [f"1.{number:04}" for number in range(1000)]
        once, again = tuple(codes), (*codes,)
        assert digest(once) == digest(once) == digest(again)
        assert digest(once) != digest((*codes[:-1], "2"))

    def test_lists_that_come_and_go_are_not_taken_for_each_other(self):
        """Memory is used again: a new tuple may stand where another one stood."""
        hashes = [digest((str(number),) * 101) for number in range(500)]
        assert len(set(hashes)) == 500
        assert hashes[-1] == digest(("499",) * 101)
