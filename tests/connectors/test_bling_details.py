"""What is kept of records between readings: what is left alone, and when a title went."""

from dataclasses import replace
from datetime import date

import pytest

from monthclose.connectors.details import ended_between
from monthclose.ledger.balances import RawBalance
from tests.connectors.bling_case import (
    COMPANY,
    DELTA,
    IN,
    MONTH,
    Run,
    out,
    paid,
    rows,
    title,
    with_titles,
)

pytestmark = pytest.mark.server

FEB, MAR, APR = date(2025, 2, 4), date(2025, 3, 4), date(2025, 4, 3)


def on(day, *titles, today=None):
    """The company on a day, with all its titles or these."""
    return with_titles(COMPANY, *(titles or MONTH.titles), today=today or day)


def without(number):
    return [each for each in MONTH.titles if each.id != number]


def cancelled(number, day):
    return [
        replace(each, cancelled=day, settlements=()) if each.id == number else each
        for each in MONTH.titles
    ]


def next_month(extract, period):
    balance = extract.balance
    return RawBalance("ALFA", period, "BRL", balance.accounts, balance.amounts)


def january(**settings):
    """January closed on 4 February, with what February opens with."""
    run = Run(company=on(FEB), **settings)
    return run, next_month(run.extract(), "2025-01")


class TestLeftAlone:
    def test_what_was_done_before_the_month_is_not_read_again(self):
        """1002 and 2002 are open, 1001, 1003, 2001, 2003 and 2004 were done in January."""
        run, opening = january()
        before = run.calls("contas/receber/{id}") + run.calls("contas/pagar/{id}")
        assert before == 7
        run.serve(on(MAR))
        extract = run.extract("2025-02", opening)
        after = run.calls("contas/receber/{id}") + run.calls("contas/pagar/{id}")
        assert after - before == 2
        assert rows(extract)["AR"][3] == 3_800_00
        assert out(extract) == []

    def test_and_is_when_its_row_has_changed(self):
        run, opening = january()
        run.serve(on(MAR, *[replace(each, due=date(2025, 3, 1)) for each in MONTH.titles]))
        before = run.calls("contas/pagar/{id}")
        run.extract("2025-02", opening)
        assert run.calls("contas/pagar/{id}") - before == 4

    def test_the_month_itself_is_read_again_whole(self):
        """Somebody mends a category after a first try: the next try sees it."""
        run, _ = january()
        mended = [
            replace(each, parts=(replace(each.parts[0], category="9002"),))
            if each.id == "2003"
            else each
            for each in MONTH.titles
        ]
        run.serve(on(FEB, *mended))
        assert rows(run.extract())["CAT:9002"][1] == 2_300_00

    def test_a_payment_taken_back_and_made_again_later_moves(self):
        """2001 was paid in January; the payment is undone, and made in February."""
        run, opening = january()
        again = [
            replace(each, settlements=(paid("8077", "2025-02-11", 1_200_00),))
            if each.id == "2001"
            else each
            for each in MONTH.titles
        ]
        run.serve(on(MAR, *again))
        extract = run.extract("2025-02", opening)
        assert rows(extract)["AP"][1] == 1_200_00
        # January's books have it paid: the payables that are left are out by it, and it shows
        assert ("open_payables", "AP", 1_200_00) in out(extract)

    def test_what_cannot_be_told_shows_in_every_month_until_it_is_mended(self):
        """1003 was received as 305.00 and 300.00, in no batch: which part was interest?"""
        halves = (paid("a", "2025-01-22", 300_00, interest=5_00), paid("b", "2025-01-23", 300_00))
        titles = [
            replace(each, settlements=halves) if each.id == "1003" else each
            for each in MONTH.titles
        ]
        run = Run(company=on(FEB, *titles))
        first = run.extract()
        assert ("title", "TITLE:1003", 600_00) in out(first)
        run.serve(on(MAR, *titles))
        assert ("title", "TITLE:1003", 600_00) in out(
            run.extract("2025-02", next_month(first, "2025-01"))
        )


class TestCancelled:
    def test_between_two_readings_it_is_the_end_of_the_month_before(self):
        """1002, 5,000.00, was there on 4 February and is cancelled on 4 March: 28 February."""
        run, opening = january()
        run.serve(on(MAR, *cancelled("1002", date(2025, 2, 20))))
        extract = run.extract("2025-02", opening)
        assert rows(extract)["AR"] == (5_000_00, 0, 5_000_00, 0)
        assert rows(extract)["CAT:9001"][1] == 5_000_00
        assert out(extract) == []
        assert ("cancelled-between", {"title": "1002", "from": "2025-02-04", "to": "2025-03-04",
                "day": "2025-02-28"}) in extract.notes  # fmt: skip

    def test_the_day_stays_what_it_was_found_to_be(self):
        run, opening = january()
        run.serve(on(MAR, *cancelled("1002", date(2025, 2, 20))))
        february = rows(run.extract("2025-02", opening))
        run.serve(on(APR, *cancelled("1002", date(2025, 2, 20))))
        again = run.extract("2025-02", opening)
        assert rows(again) == february
        assert ("cancelled-on", {"title": "1002", "day": "2025-02-28"}) in again.notes

    def test_the_day_is_that_of_brasilia(self):
        """At 1:30 of 1 March in Greenwich it is 28 February there, still the month it was in."""
        run, opening = january()
        run.serve(on(date(2025, 2, 28), *cancelled("1002", date(2025, 2, 20))))
        run.clock.pass_(10.5 * 3600)
        notes = dict(run.extract("2025-02", opening).notes)
        assert notes["cancelled-between"]["to"] == "2025-02-28"

    def test_within_one_month_the_month_is_certain(self):
        """Closed again on 10 February: January had it, February takes it back."""
        run, opening = january()
        run.serve(on(date(2025, 2, 10), *cancelled("1002", date(2025, 2, 6))))
        assert rows(run.extract("2025-01"))["AR"][3] == 5_000_00
        run.serve(on(MAR, *cancelled("1002", date(2025, 2, 6))))
        assert rows(run.extract("2025-02", opening))["AR"][2] == 5_000_00

    def test_a_setting_takes_the_day_it_was_seen(self):
        run, opening = january(cancelled_between="seen")
        run.serve(on(MAR, *cancelled("1002", date(2025, 2, 20))))
        extract = run.extract("2025-02", opening)
        assert rows(extract)["AR"][3] == 5_000_00
        assert out(extract) == []

    def test_a_person_may_give_the_day(self):
        run = Run(
            company=on(MAR, *cancelled("1002", date(2025, 2, 20))), cancelled__1002="2025-02-20"
        )
        first = run.extract()
        assert rows(first)["AR"][3] == 5_000_00
        assert rows(run.extract("2025-02", next_month(first, "2025-01")))["AR"][3] == 0

    def test_what_was_never_seen_counts_as_never_recognised_and_that_is_said(self):
        extract = Run(company=on(MAR, *cancelled("1002", date(2025, 2, 20)))).extract()
        assert rows(extract)["AR"] == (3_000_00, 5_600_00, 8_600_00, 0)
        assert ("cancelled-unseen", {"title": "1002"}) in extract.notes
        assert out(extract) == []

    def test_what_stands_in_the_opening_and_was_never_seen_shows(self):
        """1001, of December, is in the opening balances; cancelled since, nobody knows when."""
        extract = Run(company=on(MAR, *cancelled("1001", date(2025, 2, 1)))).extract()
        assert ("open_receivables", "AR", 3_000_00) in out(extract)

    def test_a_title_that_was_deleted_is_taken_back_like_one_cancelled(self):
        run, opening = january()
        run.serve(on(MAR, *without("1002")))
        extract = run.extract("2025-02", opening)
        assert rows(extract)["AR"] == (5_000_00, 0, 5_000_00, 0)
        assert out(extract) == []

    def test_a_title_that_was_dated_out_of_the_window_is_no_deleted_one(self):
        """1002 now says it was issued in 2023; its record is still there, and open."""
        run, opening = january(look_back="1")
        run.bling.companies["1"] = on(MAR)
        run.on(MAR)
        book = {each.id: each for each in MONTH.titles}
        moved = replace(book["1002"], due=None)
        run.serve(on(MAR, *without("1002"), moved))
        run.bling.hidden = frozenset({"1002"})
        extract = run.extract("2025-02", opening)
        assert rows(extract)["AR"][3] == 3_800_00
        assert out(extract) == []

    def test_nothing_is_taken_back_before_it_was_recognised(self):
        """A title of 15 March, there on 4 February and cancelled on 4 March: February has none."""
        ahead = title(IN, "1007", DELTA, "2025-03-15", 250_00, "9001")
        run = Run(company=on(FEB, *MONTH.titles, ahead))
        opening = next_month(run.extract(), "2025-01")
        run.serve(on(MAR, *MONTH.titles, replace(ahead, cancelled=date(2025, 3, 1))))
        extract = run.extract("2025-02", opening)
        assert "CAT:9001" in rows(extract)
        assert rows(extract)["CAT:9001"][1:3] == (0, 0)
        assert out(extract) == []

    def test_money_that_moved_for_a_title_cancelled_since_is_owed_back(self):
        """1001 was paid in January and is shown as cancelled: 3,000.00 that the customer has."""
        titles = [
            replace(each, cancelled=date(2025, 1, 30)) if each.id == "1001" else each
            for each in MONTH.titles
        ]
        run = Run(company=on(FEB, *titles), cancelled__1001="2025-01-30")
        extract = run.extract()
        assert rows(extract)["BANK:501"][3] == 10_198_60
        assert rows(extract)["AR"][3] == 5_000_00 - 3_000_00
        assert out(extract) == []
        details = run.ask(lambda c: c.get_subledger_details("2025-01"))
        assert {item.id: item.amount for item in details.items}["1001"] == -3_000_00

    @pytest.mark.parametrize(
        ("alive", "seen", "day"),
        [
            ("2025-02-04", "2025-02-20", "2025-02-20"),
            ("2025-01-06", "2025-02-03", "2025-01-31"),
            ("2025-01-31", "2025-02-03", "2025-02-03"),
            ("2024-11-05", "2025-02-03", "2025-01-31"),
        ],
    )
    def test_the_day_is_between_the_two(self, alive, seen, day):
        alive, seen, day = map(date.fromisoformat, (alive, seen, day))
        assert ended_between(alive, seen) == day
        assert alive < day <= seen
        assert ended_between(alive, seen, as_seen=True) == seen
