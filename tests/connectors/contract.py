"""
What every connector has to do, whatever its ERP: one class of tests that each takes over.

A connector joins by a subclass in `test_contract.py` that says how its stand-in is served and
which month is asked for. Nothing here knows an ERP.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest

from monthclose.connectors.base import CONNECTORS, Connection, ERPConnector
from monthclose.connectors.errors import Refused, SourceFailed, Transient, Unreadable
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.connectors.validation import DataValidator
from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.periods import Period
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.wire import Neighbor
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock, MemoryVault

LATER = 3
"""Calls that go well before a fault: the token, and something to be half-way through."""


@dataclass
class Case:
    """
    A connector and what it asks.

    Attributes:
        neighbor: The stand-in; a script of faults can be put into it.
        clock: The one it goes by.
        connection: Everything but the address.
        path: Under which the stand-in answers.
        secrets: Credential that is taken.
        wrong: Parts of it that make one that is not.
        period: The month asked for.
        basis: How its balance comes about.
        opening: Closing of the month before; a ledger has its own.
        tokens: Whether it has access tokens that end.
    """

    neighbor: Neighbor
    clock: FakeClock
    connection: Mapping[str, Any]
    secrets: Mapping[str, str]
    wrong: Mapping[str, str]
    period: str
    basis: Basis
    path: str = ""
    opening: RawBalance | None = None
    tokens: bool = True
    vault: MemoryVault = field(init=False)

    def __post_init__(self) -> None:
        self.vault = MemoryVault(**self.secrets)

    def break_(self, *faults: Fault) -> "Case":
        """Plan faults."""
        self.neighbor.script = Script(*faults)
        return self

    def ask[R](self, act: Callable[[ERPConnector], Awaitable[R]]) -> R:
        """Ask over real HTTP."""

        async def go(url: str, addresses: frozenset[str]) -> R:
            around = Neighborhood.alone(
                self.clock, test=addresses, times=Times(read=1, total=2), lifted=True
            )
            connection = Connection(base_url=url + self.path, **self.connection)
            async with CONNECTORS[connection.erp](connection, self.vault, around) as connector:
                return await act(connector)

        with Servers({"it": self.neighbor}) as servers:
            return asyncio.run(go(servers.url("it"), servers.addresses))

    def month(self) -> Any:
        """The month's balance."""
        return self.ask(lambda c: c.get_trial_balance(self.period, self.opening))

    def sums(self) -> dict[str, int]:
        """The month's closing balances by account."""
        balance = self.month().balance
        return dict(zip(balance.accounts, balance.amounts.tolist(), strict=True))


class ConnectorContract:
    """To be subclassed as `TestX`."""

    def case(self) -> Case:
        """Serve the ERP anew."""
        raise NotImplementedError

    _sums: ClassVar[dict[str, int]] = {}

    def undisturbed(self) -> dict[str, int]:
        """The month's closing balances when nothing goes wrong, asked for once a connector."""
        if "_sums" not in vars(type(self)):
            type(self)._sums = self.case().sums()
        return self._sums

    def test_a_month_is_whole_and_of_what_was_asked(self):
        case = self.case()
        extract = case.month()
        balance, entity = extract.balance, case.connection["entity"]
        DataValidator(case.connection["erp"], entity, case.period, "BRL").check(extract)
        assert (balance.entity, balance.period, balance.out_by) == (entity, case.period, 0)
        assert np.array_equal(balance.opening + balance.debit - balance.credit, balance.amounts)
        assert balance.debit.sum() == balance.credit.sum() > 0
        assert [tie for tie in extract.tie_outs if tie.out_by] == []
        assert extract.tie_outs

    def test_it_says_how_it_came_about_and_what_it_lacks(self):
        case = self.case()
        balance = case.month().balance
        assert balance.basis is case.basis
        assert bool(balance.gaps) is (case.basis is Basis.DERIVED)

    def test_asked_again_it_says_the_same(self):
        case = self.case()

        async def twice(connector):
            return [
                (await connector.get_trial_balance(case.period, case.opening)).balance
                for _ in range(2)
            ]

        first, again = case.ask(twice)
        assert first.accounts == again.accounts
        assert np.array_equal(first.amounts, again.amounts)

    def test_the_subledger_is_of_the_month(self):
        case = self.case()
        details = case.ask(lambda c: c.get_subledger_details(case.period))
        entity, last = case.connection["entity"], Period.parse(case.period).last_day
        DataValidator(case.connection["erp"], entity, case.period, "BRL").check_subledger(details)
        assert details.items or details.flows
        assert all(item.amount and item.issued <= last for item in details.items)
        for tax_id in [i.tax_id for i in details.items] + [f.tax_id for f in details.flows]:
            assert len(tax_id) in (0, 11, 14)
            assert tax_id.isalnum() or not tax_id

    def test_documents_are_kept_and_hold_no_secret(self):
        case = self.case()
        documents = case.month().documents
        parts = {*case.secrets.values(), *case.vault.secrets.values()}
        secrets = [each.encode() for each in parts if len(each) > 10]
        assert documents
        for document in documents:
            assert document.content
            assert "?" not in document.endpoint
            assert document.fetched_at.tzinfo is not None
            assert not [each for each in secrets if each in document.content]

    def test_a_credential_that_is_not_taken_stops_and_is_never_shown(self):
        case = self.case()
        case.vault = MemoryVault(**{**case.secrets, **case.wrong})
        with pytest.raises(Refused) as told:
            case.month()
        assert not told.value.transient
        for shown in (told.value.message(), told.value.message("pt-BR"), repr(told.value)):
            assert not [each for each in case.wrong.values() if each in shown]

    def test_health_is_told_and_never_raised(self):
        case = self.case()
        health = case.ask(lambda c: c.health_check())
        assert health.reachable
        assert health.companies
        case.vault = MemoryVault(**{**case.secrets, **case.wrong})
        health = case.ask(lambda c: c.health_check())
        assert (health.reachable, bool(health.code), bool(health.said)) == (False, True, True)

    @pytest.mark.parametrize("kind", [Kind.CUT, Kind.SLOW])
    def test_a_body_that_does_not_end_changes_nothing(self, kind):
        case = self.case().break_(Fault(kind, after=LATER))
        assert case.sums() == self.undisturbed()

    def test_an_edge_that_is_away_for_a_moment_changes_nothing(self):
        away = Fault(Kind.STATUS, after=LATER, status=503, body="<html>", media_type="text/html")
        assert self.case().break_(away).sums() == self.undisturbed()

    def test_an_edge_that_stays_away_gives_the_step_back(self):
        away = Fault(Kind.STATUS, after=LATER, times=9999, status=503, body="<html>")
        with pytest.raises(Transient) as told:
            self.case().break_(away).month()
        assert told.value.transient

    @pytest.mark.parametrize("body", ['{"items": [', '{"a": 1, "a": 2}', "<html>"])
    def test_what_is_no_answer_is_no_balance(self, body):
        broken = Fault(Kind.STATUS, after=LATER, times=9999, status=200, body=body)
        with pytest.raises(Unreadable):
            self.case().break_(broken).month()

    def test_a_page_of_the_edge_with_status_200_is_no_balance(self):
        page = Fault(
            Kind.STATUS, after=LATER, times=9999, status=200, body="<html>",
            media_type="text/html",
        )  # fmt: skip
        with pytest.raises(SourceFailed):
            self.case().break_(page).month()

    def test_a_token_that_ends_on_the_way_is_renewed(self):
        case = self.case()
        if case.tokens:
            case.break_(Fault(Kind.EXPIRE, after=LATER))
        assert case.sums() == self.undisturbed()
        assert bool(case.vault.stored) is case.tokens
