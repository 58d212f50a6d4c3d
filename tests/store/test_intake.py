"""A group goes in whole or not at all, and twice is once."""

import sys
import time
from dataclasses import replace
from datetime import date
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from monthclose.close.steps import balance_hash, records_hash
from monthclose.ledger.acquisitions import Dividend
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.money import Money
from monthclose.ledger.rates import RateKind, RateTable
from monthclose.store.errors import NotGranted, PeriodClosed
from monthclose.store.intake import (
    ImportInProgress,
    NothingToImport,
    PortfolioTaken,
    SettledOtherwise,
    Unbalanced,
    UnknownCompany,
)
from monthclose.store.intake_balances import load_balances
from monthclose.store.intake_records import Undated
from monthclose.store.lookup import lock_key
from monthclose.store.review import ApprovedStands
from monthclose.store.shares import ShareTooFine
from tests.store.office import Office
from tests.store.sample import Paper, balance, large, usd_brl

pytestmark = pytest.mark.server

MAY, JUNE = "2025-05", "2025-06"


@pytest.fixture
def office(app, database):
    return Office(app, database)


def with_amount(raw, line, more):
    """The balance with one line more by so much, and the first less."""
    amounts = raw.amounts.copy()
    amounts[line] += more
    amounts[0] -= more
    return replace(raw, amounts=amounts, opening=None, debit=None, credit=None)


def in_june(sample):
    """The sample with the balances of May again in June."""
    june = [replace(raw, period=JUNE) for raw in sample.balances]
    return replace(sample, balances=(*sample.balances, *june))


class TestImport:
    def test_a_close_reads_what_went_in(self, office):
        sample = office.small()
        result = office.load(sample)
        inputs = office.records().inputs(MAY)
        assert records_hash(inputs.group) == records_hash(sample.group)
        assert [raw.entity for raw in inputs.balances] == ["SUB", "TOP", "JP"]
        for raw in inputs.balances:
            assert balance_hash(raw) == balance_hash(sample.of(raw.entity, MAY))
        assert result.counts["balances"] == result.batches == 3
        assert not result.unchanged

    def test_a_fiscal_year_of_its_own_is_kept(self, office):
        sample = office.small()
        first, *others = sample.group.entities
        entities = (first, *(replace(each, year_end=3) for each in others))
        office.load(replace(sample, group=replace(sample.group, entities=entities)))
        assert office.records().group().entities == entities

    def test_an_earlier_reporting_date_is_kept_and_taken_back(self, office):
        """A portfolio of before has no such setting: its companies have the group's date."""
        sample = office.small()
        first, *others = sample.group.entities
        late = (first, *(replace(each, reporting_lag=2) for each in others))
        for entities in (late, sample.group.entities):
            office.load(replace(sample, group=replace(sample.group, entities=entities)))
            assert office.records().group().entities == entities
        with office.database.connect() as connection:
            strip = "update portfolios set settings = settings - 'reporting_lags' where id = %(t)s"
            connection.execute(strip, {"t": office.tenant})
        assert office.records().group().entities == sample.group.entities

    def test_rows_say_what_columns_say_and_what_they_lack(self, office):
        """One yen is 1.00 in a row, and one minor unit in a column."""
        office.load(office.small())
        rows = office.ask(
            "select e.code, sum(b.closing * 100)::bigint, sum(b.debit)::text,"
            " max(b.source_row), count(b.partner_number), min(b.closing)::text"
            " from trial_balances b join portfolio_entities e on e.id = b.entity_id"
            " where e.tenant_id = %(t)s group by e.code order by e.code"
        )
        assert rows == [
            ("JP", 0, None, None, 0, "-12500.00"),
            ("SUB", 0, "671.01", 8, 1, "-550.00"),
            ("TOP", 0, None, None, 0, "-1000.00"),
        ]

    def test_a_second_time_changes_nothing(self, office):
        sample = office.small()
        office.load(sample)
        before = office.everything(), office.actions()
        result = office.load(sample)
        assert result.unchanged
        assert (result.batches, result.standing) == (0, 3)
        assert (office.everything(), office.actions()) == before

    def test_the_order_of_records_changes_nothing(self, office):
        sample = office.small()
        office.load(sample)
        group = sample.group
        targets = {
            account: tuple(reversed(each))
            for account, each in group.mappings["SUB"].targets.items()
        }
        turned = sample.saying(
            interests=group.interests[::-1],
            rates=RateTable(group.rates.quotes[::-1]),
            mappings={"SUB": EntityMapping("SUB", targets)},
            openings=group.openings[::-1],
            acquisitions=group.acquisitions[::-1],
        )
        assert office.load(replace(turned, balances=sample.balances[::-1])).unchanged

    def test_the_chain_has_an_entry_a_person(self, office):
        office.load(office.small())
        assert office.actions() == [
            "portfolio.create",
            "role.set",
            "grant.entities",
            "grant.group",
            "group.found",
            "group.import",
        ]

    def test_nothing_to_import_is_said(self, office):
        with pytest.raises(NothingToImport):
            office.load(replace(office.small(), balances=()))

    @pytest.mark.parametrize("raw", [("GHOST", ""), ("TOP", "GHOST")])
    def test_a_company_that_the_group_does_not_have_is_refused(self, office, raw):
        entity, partner = raw
        strange = replace(balance(entity, MAY, "USD", a1000=1, a3000=-1), partners=(partner, ""))
        with pytest.raises(UnknownCompany, match="GHOST"):
            office.load(office.small().having(strange))


class TestBalances:
    def test_another_balance_is_the_next_batch(self, office):
        sample = office.small()
        office.load(sample)
        changed = with_amount(sample.of("SUB", MAY), 1, 7)
        result = office.load(sample.having(changed))
        assert (result.batches, result.standing) == (1, 2)
        stored = {raw.entity: raw for raw in office.records().inputs(MAY).balances}
        assert stored["SUB"].amounts.tolist() == changed.amounts.tolist()

    def test_a_balance_that_comes_again_takes_its_place_again(self, office):
        """First A, then B, then A: three batches, A in force, and a fourth time nothing."""
        sample = office.small()
        other = sample.having(with_amount(sample.of("TOP", MAY), 1, 7))
        batches = [office.load(each).batches for each in (sample, other, sample, sample)]
        stored = {raw.entity: raw for raw in office.records().inputs(MAY).balances}
        assert batches == [3, 1, 1, 0]
        assert stored["TOP"].amounts.tolist() == sample.of("TOP", MAY).amounts.tolist()

    def test_one_that_does_not_balance_is_kept_and_reported(self, office):
        sample = office.small()
        raw = sample.of("TOP", MAY)
        out_by = replace(raw, amounts=raw.amounts + np.array([5, 0, 0, 0, 0]))
        result = office.load(sample.having(out_by))
        again = office.load(sample.having(out_by))
        assert result.unbalanced == again.unbalanced == (Unbalanced("TOP", MAY, Money(5, "USD")),)
        assert again.unchanged
        stored = {raw.entity: raw for raw in office.records().inputs(MAY).balances}
        assert stored["TOP"].out_by == 5
        assert office.ask(
            "select count(*) from etl_batches where tenant_id = %(t)s and status = 'unbalanced'"
        ) == [(1,)]

    def test_a_derived_balance_names_its_gaps(self, office):
        sample = office.small()
        office.load(sample)
        stored = next(r for r in office.records().inputs(MAY).balances if r.entity == "SUB")
        wanted = sample.of("SUB", MAY)
        assert (stored.basis, stored.gaps) == (wanted.basis, wanted.gaps)


class TestDocuments:
    def test_a_balance_names_the_document_it_was_read_from(self, office):
        sample = office.small()
        office.load(sample)
        for raw in office.records().inputs(MAY).balances:
            wanted = sample.of(raw.entity, MAY).source
            assert (raw.source.name, raw.source.sha256) == (wanted.name, wanted.sha256)

    def test_a_document_of_everybody_takes_the_group_s_rights(self, office):
        """`SUB` has a document of its own; the other file holds two companies' lines."""
        office.load(office.small())
        office.add("reader", "read-only", "SUB")
        with office.acting("reader") as session:
            seen = session.execute(text("select bytes from source_documents")).scalars().all()
        with office.acting("manager") as session:
            all_seen = session.execute(text("select bytes from source_documents")).scalars().all()
        assert list(map(bytes, seen)) == [b"of SUB alone"]
        assert b"everybody's" in map(bytes, all_seen)

    def test_a_file_that_changed_for_one_stays_everybody_s(self, office):
        """Only TOP's lines are new, but JP's still stand in the new file."""
        sample = office.small()
        office.load(sample)
        paper = Paper("balances/2025-05.csv", b"everybody's, corrected")
        hashed = sha256(paper.content).hexdigest()
        source = replace(sample.of("TOP", MAY).source, sha256=hashed)
        top = replace(with_amount(sample.of("TOP", MAY), 1, 3), source=source)
        jp = replace(sample.of("JP", MAY), source=source)
        office.load(replace(sample.having(top).having(jp), documents=(paper,)))
        owners = office.ask(
            "select entity_id from source_documents where tenant_id = %(t)s and bytes = %(b)s",
            b=paper.content,
        )
        assert owners == [(None,)]


class TestRecords:
    def test_another_rate_is_the_next_number(self, office):
        sample = office.small()
        office.load(sample)
        changed = tuple(
            usd_brl(RateKind.CLOSING, MAY, "6.3")
            if (q.kind, q.on) == (RateKind.CLOSING, MAY)
            else usd_brl(RateKind.HISTORICAL, "2024-12-31", "5.1")
            if (q.base, q.on) == ("USD", "2024-12-31")
            else q
            for q in sample.group.rates.quotes
        )
        corrected = sample.saying(rates=RateTable(changed))
        assert office.load(corrected).counts["rates"] == 2
        assert records_hash(office.records().group()) == records_hash(corrected.group)
        assert office.load(corrected).unchanged

    def test_an_override_counts_once_it_is_approved_and_survives_an_import(self, office):
        sample = office.small()
        office.load(sample)
        office.add("second", "manager", write=True)
        with office.acting("manager") as session:
            session.execute(
                text(
                    "insert into fx_rates_monthly (tenant_id, base, quote, period, kind, number,"
                    " origin, value, source, reason, status) values (:t, 'USD', 'BRL', :p,"
                    " 'closing', 2, 'override', 9, 'desk', 'a bulletin was wrong', 'submitted')"
                ),
                {"t": office.tenant, "p": date(2025, 5, 1)},
            )
        wanted = records_hash(sample.group)
        assert records_hash(office.records().group()) == wanted
        with office.acting("second") as session:
            session.execute(
                text("update fx_rates_monthly set status = 'approved' where number = 2")
            )
        assert office.load(sample).unchanged
        quotes = office.records().group().rates.quotes
        closing = [q.value for q in quotes if (q.kind, q.on) == (RateKind.CLOSING, MAY)]
        assert closing == ["9"]

    def test_another_mapping_is_the_next_version(self, office):
        sample = office.small()
        office.load(sample)
        targets = {**sample.group.mappings["SUB"].targets, "1.2": (Target("1100"),)}
        changed = sample.saying(mappings={"SUB": EntityMapping("SUB", targets)})
        assert office.load(changed).counts["mappings"] == 1
        stored = office.records().group()
        assert records_hash(stored) == records_hash(changed.group)
        assert stored.mappings["SUB"].version == 2
        assert office.load(changed).unchanged
        assert office.load(sample.saying(mappings={})).counts["mappings"] == 1
        assert office.records().group().mappings == {}

    def test_a_share_of_nine_decimals_is_refused(self, office):
        thirds = (Target("1100", Fraction(1, 3)), Target("1200", Fraction(2, 3)))
        sample = office.small().saying(mappings={"SUB": EntityMapping("SUB", {"1.2": thirds})})
        with pytest.raises(ShareTooFine, match="1/3"):
            office.load(sample)

    def test_what_an_import_no_longer_says_is_withdrawn_and_may_return(self, office):
        sample = office.small()
        office.load(sample)
        kept = sample.group.interests[:1]
        fewer = sample.saying(interests=kept, dividends=(), contributions=(), acquisitions=())
        result = office.load(fewer)
        assert (result.counts["interests"], result.counts["events"]) == (1, 2)
        assert records_hash(office.records().group()) == records_hash(fewer.group)
        office.load(sample)
        assert records_hash(office.records().group()) == records_hash(sample.group)
        rows = office.ask("select status from ownership_interests where tenant_id = %(t)s")
        assert rows == [("submitted",), ("submitted",)]

    def test_what_was_approved_is_reversed_not_erased(self, office):
        sample = office.small()
        office.load(sample)
        office.add("second", "manager", write=True)
        with office.acting("second") as session:
            session.execute(text("update ownership_interests set status = 'approved'"))
        other = Interest("TOP", "JP", SHARE_UNIT // 2)
        changed = sample.saying(interests=(sample.group.interests[0], other))
        assert office.load(changed).counts["interests"] == 1
        assert records_hash(office.records().group()) == records_hash(changed.group)
        with pytest.raises(ApprovedStands):
            office.load(sample)

    def test_an_acquisition_is_corrected_until_it_is_approved(self, office):
        sample = office.small()
        office.load(sample)
        office.add("second", "manager", write=True)
        first, *rest = sample.group.acquisitions
        changed = sample.saying(acquisitions=(replace(first, consideration=401_00), *rest))
        assert office.load(changed).counts["acquisitions"] == 1
        assert records_hash(office.records().group()) == records_hash(changed.group)
        with office.acting("second") as session:
            session.execute(text("update acquisitions set status = 'approved'"))
        assert office.load(changed).unchanged
        with pytest.raises(ApprovedStands, match="ACQ-SUB"):
            office.load(sample)

    def test_openings_are_what_the_import_says(self, office):
        sample = office.small()
        office.load(sample)
        first, *rest = sample.group.openings
        changed = sample.saying(openings=(replace(first, translated=-99_00), *rest[1:]))
        assert office.load(changed).counts["openings"] == 2
        assert records_hash(office.records().group()) == records_hash(changed.group)

    def test_the_chart_follows_the_import(self, office):
        sample = office.small()
        office.load(sample)
        chart = sample.group.chart
        renamed = replace(chart.accounts[0], name="Caixa", cash=True)
        fewer = [a for a in chart.accounts[1:] if a.code != "2000"]
        changed = sample.saying(chart=replace(chart, accounts=(renamed, *fewer)), mappings={})
        assert office.load(changed).counts["accounts"] == 2
        assert records_hash(office.records().group()) == records_hash(changed.group)

    def test_an_undated_dividend_is_refused_whole(self, office):
        sample = office.small()
        with pytest.raises(Undated):
            office.load(sample.saying(dividends=(Dividend("SUB", 1, None),)))
        with office.acting("manager") as session:
            for table in ("standard_chart_of_accounts", "mapping_versions", "etl_batches"):
                assert session.scalar(text(f"select count(*) from {table}")) == 0
        assert not office.load(sample).unchanged


class TestCompanies:
    def test_a_company_described_otherwise(self, office):
        sample = office.small()
        office.load(sample)
        first, *rest = sample.group.entities
        changed = sample.saying(entities=(*rest, replace(first, name="Outra", erp="bling")))
        result = office.load(changed)
        assert (result.counts["companies"], result.counts["portfolios"]) == (1, 1)
        assert records_hash(office.records().group()) == records_hash(changed.group)
        assert office.load(changed).unchanged

    def test_a_new_company_is_granted_to_its_manager(self, office):
        sample = office.small()
        office.load(sample)
        entities = (*sample.group.entities, Entity("NEW", "Nova", "BRL"))
        more = sample.saying(entities=entities)
        more = more.having(balance("NEW", MAY, "BRL", a1000=1, a3000=-1))
        office.load(more)
        inputs = office.records().inputs(MAY)
        assert [raw.entity for raw in inputs.balances] == ["SUB", "TOP", "JP", "NEW"]
        assert records_hash(inputs.group) == records_hash(more.group)

    def test_a_company_that_left_is_no_longer_of_the_group(self, office):
        sample = office.small()
        office.load(sample)
        group = sample.group
        left = sample.saying(
            entities=group.entities[:2],
            interests=group.interests[:1],
            openings=tuple(o for o in group.openings if o.entity != "JP"),
            acquisitions=group.acquisitions[:1],
        )
        left = replace(left, balances=tuple(b for b in left.balances if b.entity != "JP"))
        office.load(left)
        inputs = office.records().inputs(MAY)
        assert records_hash(inputs.group) == records_hash(left.group)
        assert [raw.entity for raw in inputs.balances] == ["SUB", "TOP"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"presentation": "EUR"},
            {"entities": (Entity("SUB", "Subsidiária", "USD"),)},
        ],
    )
    def test_currencies_never_change(self, office, changes):
        sample = office.small()
        office.load(sample)
        before = office.everything()
        changed = replace(sample.saying(**changes), balances=(sample.of("SUB", MAY),))
        changed = replace(changed, balances=(replace(changed.balances[0], partners=()),))
        with pytest.raises(SettledOtherwise):
            office.load(changed)
        assert office.everything() == before


class TestRights:
    def test_a_stranger_neither_sees_nor_loads(self, office):
        office.load(office.small())
        for read in (
            lambda: office.records("stranger").inputs(MAY),
            lambda: office.load(office.small(), "stranger"),
        ):
            with pytest.raises(NotGranted):
                read()
        with office.acting("stranger") as session:
            for table in ("trial_balances", "etl_batches", "acquisitions", "fx_rates"):
                assert session.scalar(text(f"select count(*) from {table}")) == 0

    @pytest.mark.parametrize(
        ("name", "role", "companies"),
        [("reader", "read-only", ()), ("analyst", "analyst", ()), ("second", "manager", ("SUB",))],
    )
    def test_only_a_manager_of_the_whole_group_loads(self, office, name, role, companies):
        sample = office.small()
        office.load(sample)
        office.add(name, role, *companies, write=role != "read-only")
        before = office.everything()
        with pytest.raises(NotGranted):
            office.load(sample.having(with_amount(sample.of("TOP", MAY), 1, 7)), name)
        assert office.everything() == before

    def test_the_operator_does_not_run_what_another_made(self, office, app):
        """A code is unique in an installation: the other portfolio is not touched."""
        sample = office.small()
        office.load(sample)
        with office.database.connect() as connection:
            connection.execute(
                "update portfolio_members set role = 'read-only' where tenant_id = %s"
                " and user_id = %s",
                (office.tenant, office.people["operator"]),
            )
            connection.execute(
                "delete from portfolio_members where tenant_id = %s and user_id = %s",
                (office.tenant, office.people["operator"]),
            )
        with pytest.raises(PortfolioTaken):
            office.load(sample)


class TestMonths:
    def test_the_first_import_opens_its_months(self, office):
        office.load(in_june(office.small()))
        rows = office.ask(
            "select to_char(period, 'YYYY-MM'), count(*) from period_locks"
            " where tenant_id = %(t)s and state = 'open' group by 1 order by 1"
        )
        assert rows == [(MAY, 3), (JUNE, 3)]

    def test_a_closed_month_takes_nothing_new(self, office):
        sample = office.small()
        office.load(sample)
        office.lock(MAY)
        before = office.everything()
        with pytest.raises(PeriodClosed):
            office.load(sample.having(with_amount(sample.of("TOP", MAY), 1, 7)))
        assert office.everything() == before
        assert office.load(sample).unchanged

    def test_the_month_after_a_closed_one_opens(self, office):
        sample = office.small()
        office.load(sample)
        office.lock(MAY)
        result = office.load(in_june(sample))
        assert (result.batches, result.counts["months"]) == (3, 4)

    def test_a_month_further_on_stays_locked(self, office):
        sample = office.small()
        office.load(sample)
        office.lock(MAY)
        august = replace(sample.of("TOP", MAY), period="2025-08")
        with pytest.raises(PeriodClosed):
            office.load(replace(sample, balances=(*sample.balances, august)))


class TestWholeOrNot:
    def test_a_connection_that_dies_leaves_nothing_half_loaded(self, office, monkeypatch):
        sample = office.small()

        def die(session, *rest):
            loaded = load_balances(session, *rest)
            office.database.ask(
                "select pg_terminate_backend(%s)", session.scalar(text("select pg_backend_pid()"))
            )
            return loaded

        monkeypatch.setattr("monthclose.store.intake.load_balances", die)
        with pytest.raises(DBAPIError):
            office.load(sample)
        monkeypatch.undo()
        with office.acting("manager") as session:
            for table in (
                "standard_chart_of_accounts",
                "etl_batches",
                "trial_balances",
                "fx_rates",
            ):
                assert session.scalar(text(f"select count(*) from {table}")) == 0
            # The operator's part stands: companies, and who may work on them.
            assert session.scalar(text("select count(*) from portfolio_entities")) == 3
        result = office.load(sample)
        assert (result.counts["portfolios"], result.batches) == (0, 3)
        assert office.load(sample).unchanged

    def test_one_import_at_a_time(self, office, app):
        with office.acting("stranger") as session:
            session.execute(
                text("select pg_advisory_xact_lock(:k)"), {"k": lock_key("import", office.code)}
            )
            with pytest.raises(ImportInProgress):
                office.load(office.small())
        office.load(office.small())


@pytest.mark.slow
class TestSpeed:
    def test_thirty_thousand_lines(self, office):
        """Printed, not judged: machines differ."""
        sample = large(office.code)
        for what in ("import", "again"):
            started = time.perf_counter()
            office.load(sample)
            sys.stdout.write(f"{what}: {time.perf_counter() - started:.3f} s\n")
