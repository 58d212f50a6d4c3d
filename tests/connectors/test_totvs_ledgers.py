"""Any ledger comes back to the cent from Protheus and from RM: past months, late entries, years."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monthclose.connectors.errors import ClosingUnmarked, LedgerEmpty
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Nature
from monthclose.sandbox.served import LedgerEntry, LedgerLine
from tests.connectors import test_totvs_rm as rm
from tests.connectors import totvs_month as month
from tests.connectors.totvs_month import closing, rows

pytestmark = pytest.mark.server

ACCOUNTS = (
    month.BANK, month.CLIENTS, month.SUPPLIERS, month.CAPITAL, month.RETAINED, month.SALES,
    month.RENT, month.FEES,
)  # fmt: skip
RESULTS = {a.code for a in month.CHART if a.nature is Nature.RESULT}
PERIODS = ("2023-12", "2024-01", "2024-06", "2024-12", "2025-01", "2025-02")

postings = st.lists(
    st.tuples(
        st.dates(date(2023, 10, 1), date(2025, 2, 28)),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(ACCOUNTS),
        st.integers(1, 10**11),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=25,
)
years = st.sets(st.sampled_from([2023, 2024]))


def ledger(drawn, closed):
    """Entries of two or three lines, and a closing of each of the *closed* years."""
    entries = [
        LedgerEntry(
            number, on,
            tuple(
                LedgerLine(account, amount)
                for account, amount in (
                    (debit, first + second), (credit, -first), (month.BANK, -second),
                )
                if amount
            ),
        )
        for number, (on, debit, credit, first, second) in enumerate(drawn, 1)
    ]  # fmt: skip
    for year in sorted(closed):
        held = sums(e for e in entries if e.on.year <= year)
        lines = [LedgerLine(a, -amount) for a, amount in held.items() if a in RESULTS]
        if lines:
            rest = -sum(line.amount for line in lines)
            lines.append(LedgerLine(month.RETAINED, rest))
            last = date(year, 12, 31)
            entries.append(LedgerEntry(9_000 + year, last, tuple(lines), closing=True))
    return tuple(entries)


def sums(entries):
    held: dict[str, int] = {}
    for each in entries:
        for line in each.lines:
            held[line.account] = held.get(line.account, 0) + line.amount
    return {account: amount for account, amount in held.items() if amount}


def expected(entries, period):
    """
    The month by hand, from entries.

    Results are those of the year before its closing; what earlier years have left in result
    accounts is in RETAINED.
    """
    last = Period.parse(period).last_day
    begins = date(last.year, 1, 1)
    this = sums(e for e in entries if begins <= e.on <= last and not e.closing)
    before = sums(e for e in entries if e.on < begins)
    for account in RESULTS & before.keys():
        before["RETAINED"] = before.get("RETAINED", 0) + before.pop(account)
    both = {a: this.get(a, 0) + before.get(a, 0) for a in {*this, *before}}
    return {account: amount for account, amount in both.items() if amount}


def nil(entries, period):
    """Whether the year's result came to nothing on every account at the end of some month."""
    last = Period.parse(period).last_day
    year = [e for e in entries if e.on.year == last.year and e.on <= last and not e.closing]
    return any(
        not RESULTS & sums(e for e in year if e.on <= Period(last.year, m).last_day).keys()
        for m in {e.on.month for e in year if any(line.account in RESULTS for line in e.lines)}
    )


def served(entries):
    return replace(month.COMPANY, entries=entries)


class TestProtheus:
    @settings(max_examples=20)
    @given(drawn=postings, closed=years, period=st.sampled_from(PERIODS))
    def test_any_ledger_comes_back_to_the_cent(self, drawn, closed, period):
        entries = ledger(drawn, closed)
        run = month.Run(served=served(entries))
        if not [e for e in entries if e.on <= Period.parse(period).last_day]:
            with pytest.raises(LedgerEmpty):
                run.extract(period)
            return
        extract = run.extract(period)
        assert closing(extract) == expected(entries, period)
        assert [tie for tie in extract.tie_outs if tie.out_by] == []

    @settings(max_examples=8)
    @given(drawn=postings, closed=years, amount=st.integers(1, 10**9))
    def test_a_late_entry_moves_every_month_from_its_own_on_and_no_other(
        self, drawn, closed, amount
    ):
        base = LedgerEntry(
            8_000, date(2023, 10, 1),
            (LedgerLine(month.BANK, 1_00), LedgerLine(month.CAPITAL, -1_00)),
        )  # fmt: skip
        late = LedgerEntry(
            8_001, date(2024, 5, 20),
            (LedgerLine(month.BANK, amount), LedgerLine(month.CAPITAL, -amount)),
        )  # fmt: skip
        entries = (base, *ledger(drawn, closed))
        before, after = (month.Run(served=served(each)) for each in (entries, (*entries, late)))
        for period, moved in (("2024-04", 0), ("2024-05", amount), ("2025-02", amount)):
            first, again = (closing(run.extract(period)) for run in (before, after))
            assert again.get(month.BANK, 0) - first.get(month.BANK, 0) == moved
            assert again.get(month.CAPITAL, 0) - first.get(month.CAPITAL, 0) == -moved

    @settings(max_examples=8)
    @given(drawn=postings, closed=years)
    def test_a_closing_is_the_opening_of_the_next_month(self, drawn, closed):
        """Across a year's end too, but for results, which go where the closing sends them."""
        entries = ledger(drawn, closed)
        run = month.Run(served=served((*entries, *month.ENTRIES[:1])))
        for period, after in (("2024-06", "2024-07"), ("2024-12", "2025-01")):
            ended = closing(run.extract(period))
            opened = {code: row[0] for code, row in rows(run.extract(after)).items() if row[0]}
            if after.endswith("-01"):
                kept = RESULTS | {month.RETAINED, "RETAINED"}
                assert sum(ended.get(a, 0) for a in kept) == sum(opened.get(a, 0) for a in kept)
                ended, opened = (
                    {a: v for a, v in each.items() if a not in kept} for each in (ended, opened)
                )
            assert ended == opened


class TestRm:
    @settings(max_examples=15)
    @given(drawn=postings, closed=years, period=st.sampled_from(PERIODS))
    def test_any_ledger_comes_back_to_the_cent(self, drawn, closed, period):
        entries = ledger(drawn, closed)
        dotted = tuple(
            replace(e, lines=tuple(replace(n, account=rm.dotted(n.account)) for n in e.lines))
            for e in entries
        )
        run = rm.Run(company=replace(rm.served(), entries=dotted))
        if not [e for e in entries if e.on <= Period.parse(period).last_day]:
            with pytest.raises(LedgerEmpty):
                run.extract(period)
            return
        if nil(entries, period):
            with pytest.raises(ClosingUnmarked):
                run.extract(period)
            return
        extract = run.extract(period)
        wanted = {
            code if code == "RETAINED" else rm.dotted(code): amount
            for code, amount in expected(entries, period).items()
        }
        assert closing(extract) == wanted
        assert [tie for tie in extract.tie_outs if tie.out_by] == []
