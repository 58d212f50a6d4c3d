"""What moved between two versions is its causes, exactly, in a fixed order."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from monthclose.analysis.changes import changes_between
from monthclose.analysis.differences import (
    CAUSES,
    Moved,
    cause_of,
    differ,
    figures_of,
)
from monthclose.close.steps import EntityDesk
from monthclose.ledger.acquisitions import OpeningBalance
from monthclose.ledger.balances import RawBalance, Source
from monthclose.ledger.group import Group
from monthclose.ledger.lineage import DifferenceBroken
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.money import Money
from monthclose.ledger.rates import RateTable
from monthclose.ledger.runs import CloseInputs
from monthclose.wording import LANGUAGES, catalogue
from tests.consolidation.groups import (
    founded,
    group,
    holds,
    lived,
    monthly,
    on,
    opening,
    paid_in,
    parent,
    subsidiary,
)

MONTH = "2025-01"


def remake(inputs):
    """The figures that the engine makes of inputs."""
    desk = EntityDesk(inputs, MONTH, lambda: 0.0)
    _, failures = desk.work()
    if failures:
        raise failures[0][1]
    return figures_of(desk.engine.consolidate(MONTH))


def described(closing="0.20", revenue=100_00):
    """A company founded with 1,000.00 at 0.20; it earns *revenue* at an average of 0.20."""
    made = group(
        parent(),
        subsidiary(),
        quotes=(*monthly({MONTH: (closing, "0.20")}), on("2025-01-01", "0.20")),
        interests=(holds("P", "S"),),
        acquisitions=(founded(paid="1000.00", carried="200.00", capital="-1000.00"),),
        first_period=MONTH,
    )
    own = lived("S", [{"capital": -1000_00, "revenue": -revenue}])
    holder = lived("P", [{"capital": -200_00, "investment": 200_00}], currency="USD")
    return CloseInputs(made, tuple(each.as_sent() for each in (*own, *holder)))


def moved(difference, account, entity="S"):
    """One figure of a difference."""
    return next(
        each for each in difference.moved if (each.entity, each.account) == (entity, account)
    )


class TestDiffer:
    def test_each_cause_is_exchanged_in_its_turn(self):
        """
        Cash, at old rates, then at new ones.

        1,100.00 x 0.20 = 220.00; 1,200.00 x 0.20 = 240.00, the source's 20.00;
        1,200.00 x 0.21 = 252.00, the rate's 12.00.
        """
        was, now = described(), described("0.21", 200_00)
        difference = differ((was, remake(was)), (now, remake(now)), remake)
        cash = moved(difference, "1010")
        assert (cash.was, cash.now) == (220_00, 252_00)
        assert cash.causes == {"source": 20_00, "rate": 12_00}
        assert difference.causes == ("source", "rate")
        assets = difference.headlines[0]
        assert (assets.account, assets.was, assets.now) == ("total_assets", 220_00, 252_00)
        assert assets.causes == cash.causes

    def test_the_same_twice_has_no_difference(self):
        inputs = described()
        figures = remake(inputs)
        difference = differ((inputs, figures), (inputs, figures), remake)
        assert (difference.moved, difference.changes, difference.causes) == ((), (), ())

    def test_what_the_same_inputs_gave_otherwise_is_the_programs(self):
        """The stored cash of the later version is 0.05 above what this program makes of it."""
        inputs = described()
        figures = remake(inputs)
        other = {**figures, ("S", "1010"): figures["S", "1010"] + 5}
        difference = differ((inputs, figures), (inputs, other), remake)
        assert [(each.account, each.causes) for each in difference.moved] == [("1010", {"code": 5})]

    def test_what_the_earlier_program_gave_otherwise_is_the_programs_too(self):
        """0.05 in the earlier version alone: the program took it away."""
        inputs = described()
        figures = remake(inputs)
        other = {**figures, ("S", "1010"): figures["S", "1010"] + 5}
        difference = differ((inputs, other), (inputs, figures), remake)
        assert moved(difference, "1010").causes == {"code": -5}

    def test_a_cause_that_can_stand_alone_does_not_wait_for_those_that_cannot(self):
        """
        A company comes with its balance, interest and acquisition; a rate is corrected.

        Neither the company nor its acquisition stands without the other; the rate, which
        comes before them, moves S's cash: 1,100.00 x 0.01 = 11.00.
        """
        was, now = described(), described("0.21")
        t = [each.as_sent() for each in lived("T", [{"capital": -50_00}], currency="USD")]
        came = founded("T", account="investment_b", paid="50.00", capital="-50.00")
        more = replace(
            now.group,
            entities=(*now.group.entities, subsidiary("T", "USD")),
            interests=(*now.group.interests, holds("P", "T")),
            acquisitions=(*now.group.acquisitions, came),
        )
        p = lived(
            "P", [{"capital": -200_00, "investment": 200_00, "investment_b": 50_00}], currency="USD"
        )
        others = [raw for raw in now.balances if raw.entity != "P"]
        now = replace(now, group=more, balances=(*others, p[0].as_sent(), *t))
        difference = differ((was, remake(was)), (now, remake(now)), remake)
        assert difference.causes == ("source", "rate", "journal+rule")
        assert moved(difference, "1010").causes == {"rate": 11_00}
        assert moved(difference, "1010", "T").causes == {"journal+rule": 50_00}

    def test_causes_that_cannot_be_exchanged_alone_go_together(self):
        """A new account in the balance, which only the new mapping reads."""

        def sent(account):
            mapping = EntityMapping(
                "P", {account: (Target("1010"),), "C": (Target("3000"),)}, version=1
            )
            raw = RawBalance(
                "P",
                MONTH,
                "USD",
                (account, "C"),
                np.array([7_00 if account == "A" else 9_00, 0], dtype=np.int64),
            )
            amounts = raw.amounts.copy()
            amounts[1] = -amounts[0]
            made = group(parent(), mappings={"P": mapping}, first_period=MONTH)
            return CloseInputs(made, (replace(raw, amounts=amounts),))

        was, now = sent("A"), sent("B")
        difference = differ((was, remake(was)), (now, remake(now)), remake)
        assert difference.causes == ("source+map",)
        assert moved(difference, "1010", "P").causes == {"source+map": 2_00}

    def test_a_difference_that_its_causes_do_not_explain_does_not_exist(self):
        with pytest.raises(DifferenceBroken):
            Moved("S", "1010", 1, 3, {"source": 1})

    def test_every_part_of_the_inputs_has_a_cause(self):
        names = ["balances", *(each.name for each in fields(Group))]
        assert {cause_of(name, described()) for name in names} == set(CAUSES) - {"code"}


def nouns_in(hint: Any, known: set[type]) -> set[type]:
    """The nouns that a field of a group is made of, over however many others."""
    for part in get_args(hint):
        nouns_in(part, known)
    if isinstance(hint, type) and is_dataclass(hint) and hint not in known:
        known.add(hint)
        for each in get_type_hints(hint).values():
            nouns_in(each, known)
    return known


class TestWords:
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_field_of_every_record_has_a_word(self, lang: str):
        known: set[type] = set()
        for hint in get_type_hints(Group).values():
            nouns_in(hint, known)
        names = {each.name for noun in known for each in fields(noun)}
        said = catalogue(lang)
        assert sorted(n for n in names if f"lineage.field-{n}" not in said) == []
        of_group = [each.name for each in fields(Group)]
        assert [n for n in of_group if f"lineage.records-{n}" not in said] == []


class TestChanges:
    def test_a_row_says_where_it_stands(self):
        source = Source("balances/2025-01.csv", "ab", np.array([4, 5, 6], dtype=np.int32))
        was, now = described(), described(revenue=200_00)
        marked = tuple(
            replace(raw, source=replace(source, rows=source.rows[: len(raw.accounts)]))
            for raw in now.balances
        )
        found = changes_between("source", "balances", was, CloseInputs(now.group, marked))
        assert [(each.subject, each.was, each.now, each.where) for each in found] == [
            ("S 2025-01 1010", Money(1100_00, "BRL"), Money(1200_00, "BRL"), source.name + ":5"),
            ("S 2025-01 4000", Money(-100_00, "BRL"), Money(-200_00, "BRL"), source.name + ":6"),
        ]

    def test_a_rate_says_what_it_was(self):
        (change,) = changes_between("rate", "rates", described(), described("0.21"))
        assert (change.was, change.now) == ("0.2", "0.21")
        assert change.subject == "USD/BRL closing 2025-01 by hand"

    def test_a_corrected_record_is_one_change_and_a_new_one_another(self):
        """A contribution of 5.00 becomes one of 6.00; a second one comes."""
        inputs = described()

        def with_paid(*paid):
            return CloseInputs(replace(inputs.group, contributions=paid), ())

        was = with_paid(paid_in("S", "5.00", "2025-01-05"))
        now = with_paid(paid_in("S", "6.00", "2025-01-05"), paid_in("S", "1.00", "2025-01-09"))
        first, second = changes_between("journal", "contributions", was, now)
        assert (first.named("en"), first.was, first.now) == (
            "S 3000 2025-01-05 amount",
            Money(5_00, "BRL"),
            Money(6_00, "BRL"),
        )
        assert second.said("en") == ("", "amount BRL 1.00")

    def test_records_of_every_kind_can_be_told(self):
        """Openings in two currencies, shares in percent, targets that are split, a new account."""
        inputs = described()
        halves = (Target("1010", Fraction(1, 2)), Target("1100", Fraction(1, 2)))
        accounts = inputs.group.chart.accounts
        now = CloseInputs(
            replace(
                inputs.group,
                openings=(opening("S", "retained", "-1.00", "-0.20"),),
                interests=(holds("P", "S", "80"),),
                mappings={"S": EntityMapping("S", {"A": halves})},
                chart=replace(
                    inputs.group.chart, accounts=(replace(accounts[0], name="Cash"), *accounts[1:])
                ),
                rates=RateTable(()),
                acquisitions=(
                    replace(inputs.group.acquisitions[0], on=date(2025, 1, 2), investment=1),
                ),
                first_period="2025-02",
            ),
            (),
        )
        said = {
            name: [
                (each.named("en"), *each.said("en"))
                for each in changes_between("", name, inputs, now)
            ]
            for name in ("openings", "interests", "mappings", "chart", "acquisitions")
        }
        assert said["openings"][0][2] == "in its currency BRL -1.00, translated USD -0.20"
        assert said["interests"] == [("P S share", "100 %", "80 %")]
        assert said["mappings"] == [("S A", "", "1010 50 %, 1100 50 %")]
        assert len(said["chart"]) == 1
        assert ("USD 200.00", "USD 0.01") in [each[1:] for each in said["acquisitions"]]
        (first,) = changes_between("rule", "first_period", inputs, now)
        assert (first.was, first.now) == (MONTH, "2025-02")
        assert len(changes_between("rate", "rates", inputs, now)) == 3
        assert all(each.now == "" for each in changes_between("source", "balances", inputs, now))

    def test_records_of_two_companies_are_never_one_that_was_corrected(self):
        """An interest in T comes as that in S goes; both are said whole."""
        was = described()
        now = replace(was, group=replace(was.group, interests=(holds("P", "T", "80"),)))
        said = changes_between("journal", "interests", was, now)
        assert [(each.named("en"), *each.said("en")) for each in said] == [
            ("P T", "", "share 80 %"),
            ("P S", "share 100 %", ""),
        ]

    def test_what_is_gone_is_said_in_its_own_currency_and_has_no_row(self):
        """S goes with its opening in reais; what stood in its balance stands nowhere now."""
        inputs = described()
        rows = (opening("S", "retained", "-1.00", "-0.20"),)
        was = replace(inputs, group=replace(inputs.group, openings=rows))
        left = replace(inputs.group, entities=inputs.group.entities[:1])
        now = CloseInputs(left, inputs.balances[1:])
        (gone,) = changes_between("journal", "openings", was, now)
        assert gone.said("en")[0] == "in its currency BRL -1.00, translated USD -0.20"
        (company,) = changes_between("rule", "entities", was, now)
        assert (company.named("en"), *company.said("en")) == (
            "S", "name S Ltda., currency BRL", ""
        )  # fmt: skip
        assert {each.where for each in changes_between("source", "balances", was, now)} == {""}

    def test_thousands_of_records_are_compared_by_their_keys(self):
        """Every one of 20,000 openings corrected: found once each."""
        inputs = described()
        many = tuple(OpeningBalance("S", str(n), 1, 1) for n in range(20_000))
        was = replace(inputs, group=replace(inputs.group, openings=many))
        now = replace(
            was, group=replace(was.group, openings=tuple(replace(o, functional=2) for o in many))
        )
        assert len(changes_between("journal", "openings", was, now)) == 20_000
