"""
What a whole extraction has to be before any of it is stored.

Fields are checked as they are read (`fields`); here stand the rules that need more than
one of them. A batch is taken whole or not at all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monthclose.connectors.errors import BatchInvalid
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import LARGEST_MINOR
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Extract, Subledger


@dataclass(frozen=True, slots=True)
class DataValidator:
    """
    Checks what a connector gives.

    Attributes:
        source: Name of the connector, for messages.
        entity: Short code of the company asked for.
        period: The month asked for.
        currency: ISO 4217 code that the company keeps its books in.
    """

    source: str
    entity: str
    period: str
    currency: str

    def check(self, extract: Extract) -> Extract:
        """
        Check a month's balance.

        Returns:
            The same extract.

        Raises:
            BatchInvalid: what is wrong first, and where.
        """
        for problem, where in self._balance(extract):
            raise BatchInvalid(self.source, self.entity, self.period, problem, where)
        return extract

    def check_subledger(self, details: Subledger) -> Subledger:
        """
        Check what was open, and with whom the company traded.

        Raises:
            BatchInvalid: what is wrong first, and where.
        """
        for problem, where in self._subledger(details):
            raise BatchInvalid(self.source, self.entity, self.period, problem, where)
        return details

    def _balance(self, extract: Extract) -> Iterator[tuple[str, str]]:
        """Everything that is wrong with a balance."""
        balance = extract.balance
        if balance.entity != self.entity:
            yield "other-company", balance.entity
        if balance.period != self.period:
            yield "other-month", balance.period
        if balance.currency != self.currency:
            yield "other-currency", balance.currency
        minor_digits(balance.currency)
        described = [each.code for each in extract.accounts]
        yield from (("account-twice", code) for code in _twice(described))
        partners = balance.partners or ("",) * len(balance.accounts)
        lines = zip(balance.accounts, partners, strict=True)
        yield from (("line-twice", account) for account, _ in _twice(lines))
        known = frozenset(described)
        yield from (("account-unknown", each) for each in balance.accounts if each not in known)
        amounts = balance.amounts.tolist()
        for account, amount in zip(balance.accounts, amounts, strict=True):
            if abs(amount) > LARGEST_MINOR:
                yield "amount-too-large", account
        yield from self._rolls(extract)

    def _rolls(self, extract: Extract) -> Iterator[tuple[str, str]]:
        """Lines whose opening, debits and credits do not give their closing."""
        balance = extract.balance
        if balance.opening is None or balance.debit is None or balance.credit is None:
            return
        rolled = balance.opening + balance.debit - balance.credit
        columns = (balance.accounts, rolled.tolist(), balance.amounts.tolist())
        for account, expected, amount in zip(*columns, strict=True):
            if expected != amount:
                yield "does-not-roll", account
        for account, debit, credit in zip(
            balance.accounts, balance.debit.tolist(), balance.credit.tolist(), strict=True
        ):
            if debit < 0 or credit < 0:
                yield "negative-side", account

    def _subledger(self, details: Subledger) -> Iterator[tuple[str, str]]:
        """Everything that is wrong with a subledger."""
        if (details.entity, details.period) != (self.entity, self.period):
            yield "other-month", details.period
        yield from (
            ("item-twice", item) for _, item in _twice((i.side, i.id) for i in details.items)
        )
        last = Period.parse(self.period).last_day
        for item in details.items:
            if item.currency != self.currency:
                yield "other-currency", item.id
            if item.issued > last:
                yield "item-of-later", item.id
            if len(item.tax_id) == 14 and parse_cnpj(item.tax_id) is None:
                yield "cnpj-wrong", item.id
        for flow in details.flows:
            if str(Period.of(flow.on)) != self.period:
                yield "flow-of-another-month", flow.id


def _twice[Key](keys: Iterable[Key]) -> list[Key]:
    """Keys that stand more than once, in order of what they say."""
    return sorted((key for key, count in Counter(keys).items() if count > 1), key=repr)
