"""Open items and flows of a pulled month: stored with it, matched in the close, explained."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from monthclose.analysis.lineage import explain
from monthclose.ledger.accounts import Account, AccountClass, Roles, chart_of
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.intercompany import Item, ItemKind, ItemUnplaced
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.sandbox.neighbors.protheus import Protheus
from monthclose.sandbox.server import Servers
from monthclose.store.connections import NewConnection
from monthclose.store.intake import import_group
from monthclose.store.records import StoredRecords
from monthclose.wiring.build import Desk
from monthclose.wiring.settings import Settings
from tests.connectors.fakes import FakeClock
from tests.connectors.test_omie import COMPANY, MONTH
from tests.connectors.totvs_month import (
    BANK,
    CAPITAL,
    CLIENTS,
    DISCOUNTS,
    FEES,
    INTEREST,
    PETTY,
    RENT,
    RETAINED,
    SALES,
    SETUP,
    SUPPLIERS,
    USER,
)
from tests.connectors.totvs_month import COMPANY as LEDGER_COMPANY
from tests.wiring.sourced import KINDS, TARGETS, Place, found, group

pytestmark = pytest.mark.server

DELTA = "22333444000181"
WITHIN = {"AR:GROUP": "1150", "AP:GROUP": "2150", "CAT:1.01.01": "4100", "CAT:1.01.02": "4100"}
MORE = {
    "1150": AccountClass.ASSET,
    "2150": AccountClass.LIABILITY,
    "4100": AccountClass.INCOME,
    "6050": AccountClass.EXPENSE,
    "1190": AccountClass.ASSET,
    "5990": AccountClass.EXPENSE,
}
BETWEEN = {"1150": "AR", "2150": "AP", "4100": "REV", "6050": "EXP"}


def owed(amount, reference="1002", period="2025-01", kind=ItemKind.PAYABLE):
    """What the parent, DELTA, says it owes ALFA, or was charged by it."""
    flow = kind is ItemKind.EXPENSE
    return Item(
        id=f"{period}/TOP/ALFA/{kind}/{reference}",
        entity="TOP",
        partner="ALFA",
        kind=kind,
        account="6050" if flow else "2150",
        amount=amount,
        reference=reference,
        document_currency="BRL",
        document_amount=amount,
        period=period,
    )


def load(place, *items, more=(), targets=None, ledger=None):
    """Import the parent, which is DELTA, with its balances and what it recorded."""
    given = group(place.house.code)
    chart = chart_of(
        tuple(
            Account(number, number, kind, intercompany=BETWEEN.get(number, ""))
            for number, kind in (KINDS | MORE).items()
        ),
        Roles(difference_position="1190", difference_result="5990"),
    )
    whole = ledger or TARGETS | WITHIN
    mapping = {a: (Target(to),) for a, to in whole.items()} | (targets or {})
    top = given.entities[0]
    given = replace(
        given,
        chart=chart,
        entities=(replace(top, tax_id=DELTA), *given.entities[1:]),
        mappings={"ALFA": EntityMapping("ALFA", mapping)},
        items=items,
    )
    house, balances = place.house, more or (parent("2025-01", 0, 0),)
    import_group(
        house.engine, house.people["operator"], house.people["manager"], given, balances, ()
    )


def parent(period, payable, expense):
    """The parent's month: what it owes and was charged."""
    codes = ("1000", "2150", "3000", "6050")
    amounts = np.array([100, payable, -100, expense], dtype=np.int64)
    amounts[0] -= amounts.sum()
    return RawBalance("TOP", period, "BRL", codes, amounts)


def close(place, database, period="2025-01", **options):
    ((login,),) = place.house.ask(
        "select login from users where id = :u", u=place.house.people["manager"]
    )
    return Desk(place.house.settings, database, login, place.house.code).close(period, **options)


def rows(place, period="2025-01"):
    """The items of a month that is in force, as somebody who reads the company sees them."""
    return place.house.ask(
        "select i.side, i.flow, i.document, i.tax_id, p.code, a.code, (i.amount * 100)::bigint,"
        " i.due_on from subledger_items i"
        " join entity_chart_of_accounts a on a.entity_id = i.entity_id"
        "   and a.number = i.account_number"
        " left join portfolio_entities p on p.tenant_id = :t and p.number = i.partner_number"
        " where i.period = :p and i.batch_id in (select distinct on (entity_id) id from"
        "   etl_batches where tenant_id = :t and period = :p and kind = 'trial_balance'"
        "   order by entity_id, number desc) and i.batch_id in"
        "   (select id from etl_batches where erp = 'omie') order by i.line",
        p=f"{period}-01",
    )


class TestStored:
    def test_what_is_open_and_what_was_traded_stands_with_the_month(self, place):
        """DELTA owes 5,000.00, of which 3,000.00 and 2,000.00 are two categories; GAMA is owed."""
        load(place)
        place.add()
        done = place.pull()
        assert done.outcome is Outcome.TAKEN
        due = date(2025, 2, 10)
        assert rows(place) == [
            ("receivable", False, "1002", DELTA, "TOP", "AR:GROUP", 5_000_00, due),
            ("payable", False, "2002", "55666777000181", None, "AP", -1_500_00, date(2025, 2, 5)),
            ("receivable", True, "1002", DELTA, "TOP", "CAT:1.01.01", -3_000_00, None),
            ("receivable", True, "1002", DELTA, "TOP", "CAT:1.01.02", -2_000_00, None),
        ]
        assert place.pull().outcome is Outcome.STANDING

    def test_another_document_of_the_same_amount_is_another_batch(self, place):
        load(place)
        place.add()
        first = place.pull()
        titles = tuple(
            replace(each, document="1009") if each.id == "1002" else each for each in MONTH.titles
        )
        place.serve(replace(COMPANY, dealings=replace(MONTH, titles=titles)))
        second = place.pull()
        assert (second.outcome, second.number) == (Outcome.TAKEN, first.number + 1)
        assert {row[2] for row in rows(place) if row[4]} == {"1009"}

    def test_who_does_not_read_the_company_sees_none_of_it(self, place):
        load(place)
        place.add()
        place.pull()
        place.house.do(
            "select public.grant_entities(:t, :u, (select array_agg(id) from portfolio_entities"
            " where tenant_id = :t and code = 'ALFA'), false, false)",
            "operator",
            u=place.house.people["reader"],
        )
        count = "select count(*) from subledger_items where period = '2025-01-01'"
        assert place.house.ask(count, "reader") == [(0,)]
        assert place.house.ask(count) != [(0,)]


class TestColumns:
    def test_a_partner_keeps_what_it_opened_with_and_what_moved(self, place):
        """5,000.00 are sold in January and paid in February; BETA's 3,000.00 are of others."""
        load(place)
        place.add()
        place.pull()
        place.pull(period="2025-02")
        asked = (
            "select a.code, coalesce(p.code, ''), (t.opening * 100)::bigint,"
            " (t.debit * 100)::bigint, (t.credit * 100)::bigint, (t.closing * 100)::bigint"
            " from trial_balances t join entity_chart_of_accounts a"
            "   on a.entity_id = t.entity_id and a.number = t.account_number"
            " left join portfolio_entities p on p.tenant_id = :t and p.number = t.partner_number"
            " where t.period = :p and a.code ~ '^AR' and t.batch_id in"
            "   (select id from etl_batches where tenant_id = :t) order by a.code"
        )
        found = {
            month: {
                (code, partner): tuple(figures)
                for code, partner, *figures in place.house.ask(asked, p=f"{month}-01")
            }
            for month in ("2025-01", "2025-02")
        }
        assert found["2025-01"] == {
            ("AR", ""): (3_000_00, 0, 3_000_00, 0),
            ("AR:GROUP", "TOP"): (0, 5_000_00, 0, 5_000_00),
        }
        assert found["2025-02"]["AR:GROUP", "TOP"] == (5_000_00, 0, 5_000_00, 0)


class TestMatched:
    def test_items_that_were_read_face_those_that_were_recorded(self, place, database):
        """
        ALFA sold DELTA 5,000.00 under one number: 3,000.00 and 2,000.00 of two categories.

        The parent owes 5,000.00 and was charged 5,000.00: nothing of either is left.
        """
        load(
            place,
            owed(-5_000_00, "0001002"),
            owed(5_000_00, kind=ItemKind.EXPENSE),
            more=(parent("2025-01", -5_000_00, 5_000_00),),
        )
        place.add()
        outcome = close(place, database)
        assert outcome.error is None
        book = outcome.book
        found = {each.kind: each for each in book.matches}
        assert book.unmatched == ()
        assert {kind: (m.amount_a, m.amount_b, m.status) for kind, m in found.items()} == {
            ItemKind.RECEIVABLE: (5_000_00, -5_000_00, "matched"),
            ItemKind.REVENUE: (-5_000_00, 5_000_00, "matched"),
        }
        assert len(found[ItemKind.REVENUE].a) == 2
        codes = [account.code for account in book.chart.accounts]
        left = dict(zip(codes, book.consolidated.tolist(), strict=True))
        assert {code: left[code] for code in BETWEEN} == dict.fromkeys(BETWEEN, 0)
        # The number is that of the parent, who filled it up with zeros.
        read = found[ItemKind.RECEIVABLE].a[0]
        assert (read.reference, read.on, read.due) == (
            "0001002", date(2025, 1, 10), date(2025, 2, 10),
        )  # fmt: skip
        assert read.source.startswith("omie 2025-01 (")
        assert read.source.endswith(", 1002")
        again = close(place, database)
        assert (again.error, again.computed) == (None, ())

    def test_a_number_that_says_otherwise_is_never_matched(self, place, database):
        load(place, owed(-5_000_00, "1003"), more=(parent("2025-01", -5_000_00, 0),))
        place.add()
        outcome = close(place, database)
        assert outcome.error is None
        assert {(each.item.entity, each.item.kind.value): each.reason.value
                for each in outcome.book.unmatched} == {
            ("ALFA", "AR"): "other-reference",
            ("TOP", "AP"): "other-reference",
            ("ALFA", "REV"): "no-counterpart",
        }  # fmt: skip
        assert {each.code for each in outcome.validation.blocking} >= {"intercompany-unmatched"}

    def test_what_was_recorded_of_a_partner_stands_alone(self, place, database):
        """A person says that only 4,000.00 are open: what was read of it is not added."""
        said = Item(
            "2025-01/ALFA/TOP/1150", "ALFA", "TOP", ItemKind.RECEIVABLE, "1150", 4_000_00,
            period="2025-01",
        )  # fmt: skip
        load(place, said)
        place.add()
        place.pull()
        house = place.house
        read = StoredRecords(house.engine, house.people["manager"], house.tenant)
        items = read.inputs("2025-01").group.items
        assert [each.amount for each in items if each.kind is ItemKind.RECEIVABLE] == [4_000_00]
        assert {each.amount for each in items if each.kind is ItemKind.REVENUE} == {
            -3_000_00, -2_000_00,
        }  # fmt: skip

    def test_a_divided_account_fails_its_company_by_name(self, place, database):
        half = (Target("1100", Fraction(1, 2)), Target("1150", Fraction(1, 2)))
        load(place, targets={"AR:GROUP": half}, more=(parent("2025-01", 0, 0),))
        place.add()
        outcome = close(place, database)
        assert isinstance(outcome.error, ItemUnplaced)
        assert "AR:GROUP" in outcome.error.message("pt-BR")


class TestExplained:
    def test_an_elimination_leads_to_the_document_it_was_read_from(self, place, database):
        load(
            place,
            owed(-5_000_00),
            owed(5_000_00, kind=ItemKind.EXPENSE),
            more=(parent("2025-01", -5_000_00, 5_000_00),),
        )
        place.add()
        book = close(place, database).book
        found = []

        def walk(node):
            found.append(node)
            for child in node.children:
                walk(child)

        walk(explain(book, "1150"))
        items = [each.facts for each in found if each.kind == "intercompany_item"]
        assert [(f["entity"], f["other"], f["reference"]) for f in items] == [
            ("ALFA", "TOP", "1002")
        ]
        assert items[0]["source"].startswith("omie 2025-01 (")


LEDGER = {
    BANK: "1000", PETTY: "1000", CLIENTS: "1100", SUPPLIERS: "2000", CAPITAL: "3000",
    RETAINED: "3100", SALES: "4000", SETUP: "4100", INTEREST: "4000", DISCOUNTS: "4000",
    RENT: "5000", FEES: "5000", "AR:GROUP": "1150", "AP:GROUP": "2150",
}  # fmt: skip
OWN = {"receivables_account": CLIENTS, "payables_account": SUPPLIERS, "nature_101001": SETUP}


class Kept:
    """ALFA with a ledger in Protheus, beside the parent."""

    def __init__(self, home, engine):
        self.clock = FakeClock()
        self.house = found(Settings(home=home), engine, self.clock)
        self.server = Protheus(
            {"01,0101": LEDGER_COMPANY},
            {USER["username"]: USER["password"]},
            clock=lambda: self.clock.now().timestamp(),
        )
        self.home = home

    def __enter__(self):
        self.servers = Servers({"totvs": self.server})
        self.servers.__enter__()
        self.house.settings = Settings(
            home=self.home, egress_test_allow=self.servers.address("totvs")
        )
        new = NewConnection(
            "ALFA", "totvs", company="01,0101", base_url=self.servers.url("totvs") + "/rest",
            settings=OWN,
        )  # fmt: skip
        self.house.sources("operator").add(new, USER)
        return self

    def __exit__(self, *error):
        self.servers.__exit__(*error)

    def pull(self, period):
        (done,) = self.house.sources("manager").pull(period)
        return done

    def name_the_parent(self):
        self.house.do(
            "update portfolio_entities set tax_id = :d where tenant_id = :t and code = 'TOP'",
            "operator",
            d=DELTA,
        )

    lines = Place.lines


@pytest.fixture
def kept(home, database):
    with Kept(home, database.engine) as opened:
        yield opened


class TestLedger:
    """DELTA owes 4,000.00 of January's 5,000.00 clients, and is the parent."""

    def load(self, kept, *items, more=()):
        load(kept, *items, more=more, ledger=TARGETS | LEDGER)

    def lock(self, kept):
        for period in ("2024-12", "2025-01"):
            kept.house.lock(period)

    def test_a_month_closed_before_partners_were_named_shows_no_late_change(self, kept):
        self.load(kept)
        kept.house.do(
            "update portfolio_entities set tax_id = '' where tenant_id = :t and code = 'TOP'",
            "operator",
        )
        assert kept.pull("2025-01").outcome is Outcome.TAKEN
        assert kept.lines("2025-01", f"^AR|{CLIENTS}") == {(CLIENTS, ""): 5_000_00}
        self.lock(kept)
        kept.name_the_parent()
        again = kept.pull("2025-01")
        assert (again.outcome, again.late) == (Outcome.STANDING, ())
        february = kept.pull("2025-02")
        assert (february.outcome, february.late) == (Outcome.TAKEN, ())

    def test_what_did_change_is_told_of_the_control_account(self, kept):
        """77.00 more to clients, in the closed January: partners were named then and now."""
        self.load(kept)
        kept.pull("2025-01")
        within = {(CLIENTS, ""): 1_000_00, ("AR:GROUP", "TOP"): 4_000_00}
        assert kept.lines("2025-01", f"^AR|{CLIENTS}") == within
        self.lock(kept)
        kept.server.run(
            "01,0101",
            f"UPDATE CQ0 SET cq0_debito=cq0_debito+77 WHERE"
            f" cq0_conta LIKE '{CLIENTS}%' AND cq0_data='20250131'",
        )
        done = kept.pull("2025-01")
        assert done.outcome is Outcome.LATE
        assert [(each.account, each.out_by) for each in done.late] == [(CLIENTS, 77_00)]

    def test_two_months_are_closed_with_what_was_read(self, kept, database):
        """January's 4,000.00 face what the parent owes; its income faces January's expense."""
        self.load(
            kept,
            owed(-4_000_00, "01002"),
            owed(5_000_00, kind=ItemKind.EXPENSE),
            more=(
                parent("2025-01", -4_000_00, 5_000_00),
                parent("2025-02", 0, 5_000_00),
            ),
        )
        january = close(kept, database)
        assert january.error is None
        found = {each.kind: (each.amount_a, each.amount_b) for each in january.book.matches}
        assert found == {
            ItemKind.RECEIVABLE: (4_000_00, -4_000_00),
            ItemKind.REVENUE: (-5_000_00, 5_000_00),
        }
        assert january.book.unmatched == ()
        february = close(kept, database, "2025-02")
        assert february.error is None
        assert [each.kind for each in february.book.matches] == [ItemKind.REVENUE]
        assert february.book.unmatched == ()
