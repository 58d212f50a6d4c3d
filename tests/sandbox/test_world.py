"""What the ERPs of the sandbox group hold is its hidden ledger, by a second road to the cent."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monthclose.connectors.derived import GAPS, OWN_ACCOUNTS, Deriving, derive, subledger
from monthclose.consolidation.supplements import partnered, supplemented
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Nature
from monthclose.sandbox.chart import standard_chart
from monthclose.sandbox.habits import GAPS as TOLD
from monthclose.sandbox.habits import NOTHING, OWN
from monthclose.sandbox.hidden import Month
from monthclose.sandbox.world import Member, World
from tests.sandbox.worlds import hidden, in_standard, moved

WORLD = World()
MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 7))


def derived(world: World, member: Member) -> dict[str, tuple[RawBalance, RawBalance]]:
    """Every month as a close reads it: supplemented, and the same with partners named."""
    roots = {world.group.cnpj(code)[:8]: code for code in world.group.codes}
    opening, months = member.opening, {}
    for period in member.lines:
        made = derive(
            Deriving(
                member.code,
                period,
                "BRL",
                opening,
                member.served.dealings,
                year_starts=period.endswith("-01"),
                is_result=member.results.__contains__,
            )
        )
        assert [tie for tie in made.tie_outs if tie.out_by] == []
        opening = supplemented(made.balance, member.supplements[period])
        details = subledger(member.code, period, "BRL", member.served.dealings.titles)
        months[period] = opening, partnered(opening, details, roots)
    return months


def without_ledger(world: World) -> list[Member]:
    return [each for each in world.members.values() if each.erp != "totvs"]


def assert_ties(world: World) -> None:
    for member in without_ledger(world):
        for period, (whole, named) in derived(world, member).items():
            assert whole.gaps == ()
            assert in_standard(member, named) == hidden(member, period), (member.code, period)


class TestDealings:
    def test_every_month_of_every_company_is_the_hidden_ledger(self):
        """Titles, settlements and entries, with the accountant's lines, by standard account."""
        assert {m.erp for m in without_ledger(WORLD)} == {"omie", "contaazul", "bling"}
        assert_ties(WORLD)

    @settings(max_examples=8, deadline=None)
    @given(seed=st.integers(0, 10**6), entities=st.integers(2, 12))
    def test_whatever_the_seed(self, seed, entities):
        world = World(seed, entities)
        assert_ties(world)
        for member in world.members.values():
            assert_entries(world, member)

    def test_without_the_balancete_it_is_out_by_its_lines_alone(self):
        """The derived month and the ledger differ on accounts of gaps, and on no other."""
        member = WORLD.members["FISC"]
        made = derive(
            Deriving(member.code, "2025-01", "BRL", member.opening, member.served.dealings)
        )
        bare, told = (
            in_standard(member, made.balance),
            in_standard(member, derived(WORLD, member)["2025-01"][0]),
        )
        differ = {account for account, _ in {*bare.items() ^ told.items()}}
        gaps = {account for pair in TOLD for account in pair}
        assert {account for account, _ in differ} <= gaps
        assert {g.name for g in made.balance.gaps} == {*GAPS}
        assert {*TOLD.values(), *NOTHING} == {*GAPS}

    def test_fees_of_the_group_are_named_in_the_subledger(self):
        """Each month's fee by who charges it: the movement of the hidden account."""
        codes = {WORLD.group.cnpj(code): code for code in WORLD.group.codes}
        for member in without_ledger(WORLD):
            for period, lines in member.lines.items():
                details = subledger(member.code, period, "BRL", member.served.dealings.titles)
                flows = {codes[f.tax_id]: f.amount for f in details.flows if f.tax_id in codes}
                fees = {
                    line.partner: line.debit
                    for line in lines
                    if line.account == "6050" and line.debit
                }
                assert flows == fees

    def test_each_erp_holds_what_it_can_hold(self):
        """One category a title at Bling; nothing outside titles at Conta Azul."""
        held = {each.erp: each.served.dealings for each in without_ledger(WORLD)}
        assert max(len(t.parts) for t in held["omie"].titles) == 2
        assert max(len(t.parts) for t in held["bling"].titles) == 1
        assert held["contaazul"].entries == ()
        assert any(t.cancelled for t in held["omie"].titles)
        azul = [
            p
            for m in ("AGRO", "LUME")
            for t in WORLD.members[m].served.dealings.titles
            for p in t.settlements
        ]
        assert any(p.loss for p in azul)
        assert any(p.fee for p in azul)
        assert any(p.discount for p in azul)
        assert any(p.interest and p.fine for p in azul)
        assert any(len(t.settlements) > 1 for t in held["omie"].titles)
        assert any(t.accrued < WORLD.group.cut.replace(day=1) for t in held["omie"].titles)

    def test_banks_hold_what_the_hidden_ledger_says(self):
        for member in without_ledger(WORLD):
            for period in member.lines:
                day = Period.parse(period).last_day
                held = sum(
                    member.served.bank_balance(b.id, day) for b in member.served.dealings.banks
                )
                books = hidden(member, period)
                assert held == books["1010", ""] + books.get(("1020", ""), 0)

    def test_tax_ids_are_true_and_some_are_missing(self):
        parties = WORLD.members["FISC"].served.parties
        numbers = [p.tax_id for p in parties if len(p.tax_id) == 14]
        assert all(parse_cnpj(each) for each in numbers)
        assert len(set(numbers)) == len(numbers)
        assert {len(p.tax_id) for p in parties} == {0, 11, 14}

    def test_ids_are_used_once(self):
        for member in without_ledger(WORLD):
            dealings = member.served.dealings
            ids = [t.id for t in dealings.titles]
            ids += [p.id for t in dealings.titles for p in t.settlements]
            ids += [e.id for e in dealings.entries] + [m.id for m in dealings.transfers]
            assert len(set(ids)) == len(ids)

    def test_the_same_seed_gives_the_same(self):
        assert World().members["FISC"].served == WORLD.members["FISC"].served
        assert World(1).members["FISC"].served != WORLD.members["FISC"].served

    def test_accounts_of_a_derived_balance_are_the_connectors_own(self):
        assert set(OWN) - {"AR:GROUP", "AP:GROUP"} <= set(OWN_ACCOUNTS)


def assert_entries(world: World, member: Member) -> None:
    """Entries add up to the month, by own account and partner, as the folder writes it."""
    if member.erp != "totvs":
        return
    tax_ids = {world.group.cnpj(code): code for code in world.group.codes}
    held: dict[tuple[str, str], int] = defaultdict(int)
    left = sorted(member.served.entries, key=lambda entry: entry.on)
    kept: dict[tuple[str, str], int] = {}
    for period, lines in member.lines.items():
        day = Period.parse(period).last_day
        while left and left[0].on <= day and not left[0].closing:
            for each in left.pop(0).lines:
                held[each.account, tax_ids.get(each.partner, "")] += each.amount
        month = Month(member.code, Period.parse(period), (), lines)
        list(world.group.own_lines(month, kept))
        assert {k: v for k, v in held.items() if v} == {k: v for k, v in kept.items() if v}
        if left and left[0].closing:
            assert left[0].on == day
            for each in left.pop(0).lines:
                held[each.account, tax_ids.get(each.partner, "")] += each.amount
    assert left == []


class TestEntries:
    @pytest.mark.parametrize("code", ["VERO", "NUVE", "PAGO"])
    def test_entries_add_up_to_every_month_of_the_folder(self, code):
        assert_entries(WORLD, WORLD.members[code])

    def test_every_entry_balances_and_has_its_number(self):
        entries = WORLD.members["NUVE"].served.entries
        assert all(sum(line.amount for line in entry.lines) == 0 for entry in entries)
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        assert len({entry.on for entry in entries}) > 100

    def test_the_chart_is_a_tree_whose_leaves_take_postings(self):
        served = WORLD.members["NUVE"].served
        by_code = {each.code: each for each in served.accounts}
        posted = {line.account for entry in served.entries for line in entry.lines}
        assert all(by_code[code].posting for code in posted)
        assert all(not by_code[a.parent].posting for a in served.accounts if a.parent)
        classes = {row["code"]: row["class"] for row in standard_chart()}
        assert {*WORLD.members["NUVE"].mapping} - {*by_code} == {"AR:GROUP", "AP:GROUP"}
        for code in by_code.keys() & WORLD.members["NUVE"].mapping.keys():
            standard = WORLD.members["NUVE"].mapping[code]
            result = classes[standard] in ("income", "expense")
            assert (by_code[code].nature is Nature.RESULT) is result

    def test_open_titles_are_the_control_accounts(self):
        """The subledger of a company with a ledger ties to it."""
        member = WORLD.members["NUVE"]
        for period in member.lines:
            details = subledger(member.code, period, "BRL", member.served.dealings.titles)
            books = hidden(member, period)
            open_now = sum(item.amount for item in details.items)
            controls = ("1100", "1150", "2010", "2150")
            assert open_now == sum(v for (account, _), v in books.items() if account in controls)


class TestHistory:
    """January 2022 to June 2025, as far back as the sandbox goes."""

    world = World(entities=9, months=42)

    def test_every_month_is_the_hidden_ledger_across_years(self):
        assert len(self.world.members["FISC"].lines) == 42
        assert_ties(self.world)
        for member in self.world.members.values():
            assert_entries(self.world, member)

    def test_a_ledger_is_closed_out_each_december(self):
        """After the closing entries of 2024 no result account has a balance."""
        member = self.world.members["NUVE"]
        closings = [entry for entry in member.served.entries if entry.closing]
        assert [str(entry.on) for entry in closings] == ["2022-12-31", "2023-12-31", "2024-12-31"]
        held: dict[str, int] = defaultdict(int)
        for entry in member.served.entries:
            if entry.on.year <= 2024:
                for line in entry.lines:
                    held[member.mapping[line.account]] += line.amount
        assert {code: amount for code, amount in held.items() if code[0] in "456" and amount} == {}
        assert held["3350"] == 0

    def test_a_company_comes_when_it_was_founded_or_bought(self):
        """PAGO was bought on 30 June 2023: its books open then, and stand still in June."""
        months = {code: min(m.lines) for code, m in self.world.members.items()}
        assert (months["NUVE"], months["PAGO"], months["LUME"]) == ("2022-01", "2023-06", "2025-03")
        june = self.world.members["PAGO"].lines["2023-06"]
        assert {line.debit + line.credit for line in june} == {0}
        capital = {line.account: line.closing for line in june}
        assert (capital["3010"], capital["3300"]) == (-3_000_000_00, -1_800_000_00)

    def test_a_company_goes_when_it_is_sold(self):
        """TALO, of 800,000.00, is sold for 2,600,000.00; nothing within the group stays open."""
        months = {code: max(m.lines) for code, m in self.world.members.items()}
        assert months.pop("TALO") == "2024-09"
        assert set(months.values()) == {"2025-06"}
        assert "TALO" not in WORLD.members
        held = {
            (line.account, line.partner): line
            for line in self.world.members["VERO"].lines["2024-09"]
        }
        assert held["1500", ""].credit == 800_000_00
        assert held["4510", ""].credit == 1_800_000_00
        assert held["1150", "TALO"].closing == 0

    def test_revenue_grows_from_year_to_year_and_has_its_season(self):
        """The end of the year is busier than its beginning; each year more than the last."""
        lines = self.world.members["NUVE"].lines
        years = [
            -next(ln.closing for ln in lines[f"{year}-12"] if ln.account == "4010")
            for year in (2022, 2023, 2024)
        ]
        assert years == sorted(years)
        first, last = (
            next(ln.credit for ln in lines[period] if ln.account == "4010")
            for period in ("2024-02", "2024-12")
        )
        assert first < last

    @pytest.mark.parametrize("months", [0, 43])
    def test_there_are_no_more_months(self, months):
        with pytest.raises(ValueError, match="1 to 42"):
            World(months=months)


class TestLateEdits:
    def test_a_title_changed_after_the_close_moves_its_month_by_as_much(self):
        """100.00 more on an invoice of January: seen when January is read again."""
        member = WORLD.members["SAUD"]
        dealings = member.served.dealings
        changed = next(
            t for t in dealings.titles if t.accrued.month == 1 and t.accrued.year == 2025
        )
        part = changed.parts[0]
        more = replace(
            changed,
            amount=changed.amount + 100_00,
            parts=(replace(part, amount=part.amount + 100_00),),
        )
        late = replace(
            member,
            served=replace(
                member.served,
                dealings=replace(
                    dealings, titles=tuple(more if t is changed else t for t in dealings.titles)
                ),
            ),
        )
        before, after = (in_standard(m, derived(WORLD, m)["2025-01"][0]) for m in (member, late))
        assert moved(before, after) == {("1100", ""): 100_00, ("4010", ""): -100_00}
