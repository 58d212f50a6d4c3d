"""Bling's own samples, and any dealings there can be: what is served comes back to the cent."""

import asyncio
import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from monthclose.connectors.base import Connection
from monthclose.connectors.bling import BlingConnector
from monthclose.connectors.bling_money import (
    Batch,
    CashEntry,
    Claim,
    Payment,
    cash_ties,
    direct,
    settled,
    settled_in_cash,
)
from monthclose.connectors.derived import Deriving, derive
from monthclose.connectors.errors import SettlementUnmatched
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.transport import Neighborhood
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import BankEntry, BankTransfer, Dealings, Part, Settlement, Title
from monthclose.sandbox.server import Servers
from tests.connectors.bling_case import BETA, COMPANY, DELTA, GAMA, MONTH, Run, out, rows
from tests.connectors.fakes import FakeClock, MemoryVault, told

DAY = date(2025, 1, 10)
NO_ROW = Row({"contato": None}, "bling", "caixas", Removed())


def claim(number="1", contact="7", document="10", amount=100_00, left=0, *batches):
    return Claim(number, Side.RECEIVABLE, contact, document, amount, left, DAY, batches or ("8",))


def payment(amount, contact="7", document="10", discount=0):
    return Payment(contact, document, amount, 0, 0, discount, 0)


def cash(number, amount, of="1", origin="duplicata", detail=None, bank="501", on=DAY):
    record = None if detail is None else Row(detail, "bling", "caixas/{id}", Removed())
    return CashEntry(number, on, bank, amount, origin, of, NO_ROW, record)


class TestMatching:
    def test_payments_of_others_in_a_batch_are_left_to_them(self):
        batch = Batch("8", DAY, "501", (payment(60_00), payment(40_00), payment(5_00, "9")))
        (found,) = settled([claim()], {"8": batch}).values()
        assert [each.principal for each in found] == [60_00, 40_00]

    @pytest.mark.parametrize("document", ["11", ""])
    def test_a_number_that_was_changed_since_is_said(self, document):
        batch = Batch("8", DAY, "501", (payment(100_00, document=document),))
        with pytest.raises(SettlementUnmatched):
            settled([claim()], {"8": batch})

    def test_two_titles_and_three_payments_under_one_number_cannot_be_told_apart(self):
        batch = Batch("8", DAY, "501", (payment(1_00), payment(2_00), payment(3_00)))
        with pytest.raises(SettlementUnmatched):
            settled([claim("1"), claim("2")], {"8": batch})

    def test_what_is_paid_without_the_discount_settles_more_than_it(self):
        batch = Batch("8", DAY, "501", (payment(90_00, discount=10_00),))
        (found,) = settled([claim()], {"8": batch}, net=True).values()
        assert (found[0].principal, found[0].discount) == (100_00, 10_00)


class TestSettledInCash:
    @pytest.mark.parametrize(
        ("entries", "found"),
        [
            ([100_00], [(100_00, 0, 0)]),
            ([103_00], [(100_00, 3_00, 0)]),
            ([95_00], [(100_00, 0, 5_00)]),
            ([60_00, 40_00], [(60_00, 0, 0), (40_00, 0, 0)]),
            ([60_00, 41_00], []),
            ([101_00, -1_00], []),
            ([], []),
        ],
    )
    def test_the_principal_is_what_the_title_went_down_by(self, entries, found):
        made = [cash(str(n), amount) for n, amount in enumerate(entries)]
        got = settled_in_cash(claim(), [], made)
        assert [(each.principal, each.interest, each.discount) for each in got] == found

    def test_what_batches_settled_is_not_settled_again(self):
        batch = [Settlement("8", DAY, "501", 70_00)]
        (rest,) = settled_in_cash(claim(), batch, [cash("1", 30_00)])
        assert rest.principal == 30_00
        assert settled_in_cash(claim(), [Settlement("8", DAY, "501", 100_00)], [cash("1", 1)]) == []


PLAIN = {"saldo": "N", "transferencia": "0", "categoria": {"id": 9}}


class TestDirect:
    def test_a_balance_line_is_no_money(self):
        assert direct([cash("1", 5_00, detail={**PLAIN, "saldo": "S"})]) == ([], [])

    @pytest.mark.parametrize("mark", ["1", "S"])
    def test_a_transfer_is_marked_in_either_way(self, mark):
        detail = {**PLAIN, "transferencia": mark}
        legs = [cash("1", -5_00, detail=detail), cash("2", 5_00, detail=detail, bank="502")]
        assert direct(legs) == ([], [BankTransfer("1", DAY, "501", "502", 5_00)])

    @pytest.mark.parametrize("bank", ["501", "502"])
    def test_a_leg_without_another_goes_to_suspense(self, bank):
        detail = {**PLAIN, "transferencia": "1"}
        entries, transfers = direct(
            [cash("1", -5_00, detail=detail), cash("2", 6_00, detail=detail, bank=bank)]
        )
        assert transfers == []
        assert [(each.amount, each.parts[0].category) for each in entries] == [
            (-5_00, ""),
            (6_00, ""),
        ]

    def test_an_entry_without_category_goes_to_suspense(self):
        entries, _ = direct([cash("1", -5_00, detail={**PLAIN, "categoria": {"id": 0}})])
        assert entries == [BankEntry("1", DAY, "501", -5_00, (Part("", 5_00),))]


class TestTies:
    def test_money_of_a_settlement_that_nothing_was_posted_for_shows(self):
        ties = cash_ties(
            [cash("1", 7_00, of="88", origin="bordero"), cash("2", 9_00, of="99")], (), frozenset()
        )
        assert [(tie.account, tie.out_by) for tie in ties] == [
            ("TITLE:99", -9_00),
            ("BATCH:88", -7_00),
        ]

    @pytest.mark.parametrize("amount", [102_00, 99_50])
    def test_the_fee_may_be_in_the_entry_or_not(self, amount):
        paid = Settlement("8", DAY, "501", 100_00, interest=2_00, fee=2_50)
        title = Title(
            Side.RECEIVABLE, "1", "10", "", "X", DAY, None, 100_00, (), settlements=(paid,)
        )
        entries = [cash("1", amount, of="8", origin="bordero")]
        assert list(cash_ties(entries, [title], frozenset({"1"}))) == []


@pytest.mark.server
class TestSamples:
    def test_the_samples_of_the_reference_read_as_one_month(self, shared):
        """
        Of 5,000.00 received 1,200.00 + 12.00 - 2.50 on 10 February; open 3,800.00.

        The rent of 1,500.00 of January is open, and its supplier's CNPJ comes with a contact.
        """
        folder = shared / "reference" / "samples"
        files = {
            "empresas/me/dados-basicos": "empresa",
            "contas-contabeis": "contas-contabeis",
            "categorias/receitas-despesas": "categorias-receitas-despesas",
            "contas/receber": "contas-receber-list",
            "contas/pagar": "contas-pagar-list",
            "contas/receber/12345678901": "contas-receber-detail",
            "contas/pagar/22345678901": "contas-pagar-detail",
            "borderos/880001": "bordero",
            "caixas": "caixas-list",
            "contatos": "contatos",
        }

        async def answer(request: Request):
            path = request.url.path.removeprefix("/Api/v3/")
            body = json.loads((folder / f"bling-{files[path]}.json").read_text("utf-8"))
            asked = request.query_params
            first = asked.get("dataInicial") or asked.get("dataEmissaoInicial")
            month = {"contas/receber": "2025-01", "contas/pagar": "2025-01", "caixas": "2025-02"}
            elsewhere = path in month and (not first or first[:7] != month[path])
            if asked.get("pagina", "1") != "1" or elsewhere or asked.get("tipoFiltroData") == "R":
                body = {"data": []}
            return told(body)

        app = Starlette(routes=[Route("/{path:path}", answer)])
        clock = FakeClock()
        vault = MemoryVault(access_token="a", refresh_token="r", expires_at="2030-01-01T00:00:00Z")

        async def go(servers):
            around = Neighborhood.alone(clock, test=servers.addresses)
            connection = Connection(
                "ALFA", "bling", base_url=servers.url("it"), cnpj="11222333000181", since="2025-01"
            )
            opening = RawBalance(
                "ALFA", "2025-01", "BRL", ("AR", "AP", "CAPITAL"),
                np.array([5_000_00, -1_500_00, -3_500_00], dtype=np.int64),
            )  # fmt: skip
            async with BlingConnector(connection, vault, around) as connector:
                extract = await connector.get_trial_balance("2025-02", opening)
                return extract, await connector.get_subledger_details("2025-01")

        with Servers({"it": app}) as servers:
            extract, details = asyncio.run(go(servers))
        found = {code: row[1:3] for code, row in rows(extract).items()}
        assert found["BANK:501"] == (1_209_50, 0)
        assert found["AR"] == (0, 1_200_00)
        assert (found["INTEREST_INCOME"], found["BANK_FEES"]) == ((0, 12_00), (2_50, 0))
        assert out(extract) == []
        assert {(item.document, item.tax_id, item.amount) for item in details.items} == {
            ("1002/1", "22333444000181", 5_000_00),
            ("2002", "55666777000181", -1_500_00),
        }


def days(first=date(2024, 10, 1), last=date(2025, 3, 31)):
    return st.dates(first, last)


@st.composite
def settlements(draw, number, amount, accrued):
    """Payments of a title: each of a part of what is left, some before it is recognised."""
    made, left = [], amount
    for turn in range(draw(st.integers(0, 3))):
        principal = draw(st.integers(1, left)) if left else 0
        if not principal:
            break
        left -= principal
        on = accrued + timedelta(days=draw(st.integers(-40, 90)))
        extra = st.integers(0, 5_00)
        made.append(
            Settlement(
                str(800_000 + 10 * number + turn),
                min(max(on, date(2024, 10, 1)), date(2025, 3, 31)),
                draw(st.sampled_from(["501", "502"])),
                principal,
                interest=draw(extra),
                fine=draw(extra),
                discount=draw(st.integers(0, min(principal, 5_00))),
                fee=draw(extra),
            )
        )
    return tuple(made)


@st.composite
def dealings(draw):
    """What Bling can hold, of half a year; a category each, cancellations apart."""
    titles = []
    for number in range(1, draw(st.integers(0, 7)) + 1):
        amount, accrued = draw(st.integers(1, 9_999_999_99)), draw(days())
        tax_id, name = draw(st.sampled_from([BETA, DELTA, GAMA]))
        titles.append(
            Title(
                draw(st.sampled_from(list(Side))), str(number), f"D{draw(st.integers(1, 2))}",
                tax_id, name, accrued, None, amount,
                (Part(draw(st.sampled_from(["9001", "9002", ""])), amount),),
                settlements=draw(settlements(number, amount, accrued)),
            )
        )  # fmt: skip
    entries = tuple(
        BankEntry(
            str(810_000 + n), draw(days()), draw(st.sampled_from(["501", "502"])), amount,
            (Part(draw(st.sampled_from(["9003", "9004", ""])), abs(amount)),),
        )
        for n in range(draw(st.integers(0, 3)))
        if (amount := draw(st.integers(-9_999_99, 9_999_99)))
    )  # fmt: skip
    moved = []
    for n in range(draw(st.integers(0, 4))):
        source, to = draw(st.sampled_from([("501", "502"), ("502", "501"), ("501", "503")]))
        on, amount = (
            draw(st.sampled_from([DAY, date(2025, 2, 3)])),
            draw(st.sampled_from([1, 7_00])),
        )
        moved.append(BankTransfer(str(820_000 + 10 * n), on, source, to, amount))
    return replace(MONTH, titles=tuple(titles), entries=entries, transfers=tuple(moved))


def derived(made: Dealings, period: str, opening: RawBalance):
    return derive(Deriving("ALFA", period, "BRL", opening, made)).balance


@pytest.mark.server
class TestAnyDealings:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(dealings())
    def test_what_is_served_comes_back_to_the_cent_as_of_months_past(self, made):
        """Asked on 2 April for January and February: what was paid since was open then."""
        nothing = RawBalance("ALFA", "2024-09", "BRL", (), np.array([], dtype=np.int64))
        opening = nothing
        for period in (str(Period.parse("2024-10").plus(n)) for n in range(3)):
            opening = derived(made, period, opening)
        opening = RawBalance("ALFA", "2024-12", "BRL", opening.accounts, opening.amounts)
        january = derived(made, "2025-01", opening)
        closing = RawBalance("ALFA", "2025-01", "BRL", january.accounts, january.amounts)
        february = derived(made, "2025-02", closing)
        run = Run(company=replace(COMPANY, dealings=made, today=date(2025, 4, 2), bank_starts={}))
        run.results = frozenset({"none"})

        async def both(connector):
            first = await connector.get_trial_balance("2025-01", opening)
            return first, await connector.get_trial_balance("2025-02", closing)

        for extract, expected in zip(run.ask(both), (january, february), strict=True):
            assert out(extract) == []
            for column in ("debit", "credit", "amounts"):
                one, two = getattr(extract.balance, column), getattr(expected, column)
                assert dict(zip(extract.balance.accounts, one.tolist(), strict=True)) == dict(
                    zip(expected.accounts, two.tolist(), strict=True)
                )
