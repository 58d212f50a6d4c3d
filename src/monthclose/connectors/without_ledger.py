"""What the connectors of systems without a ledger have in common."""

from abc import abstractmethod
from dataclasses import dataclass

from monthclose.connectors.base import ERPConnector
from monthclose.connectors.derived import Deriving, derive, is_own, subledger
from monthclose.connectors.errors import OpeningMissing
from monthclose.connectors.fields import Removed
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Extract, SourceDocument, Subledger, TieOut
from monthclose.ledger.titles import Dealings


@dataclass(frozen=True, slots=True)
class Read:
    """
    One month as it was read.

    Attributes:
        dealings: What decides its balance.
        documents: What they were read from.
        tie_outs: What the source itself was compared in.
        removed: Characters taken out of texts.
        notes: What a person has to be told of the reading.
    """

    dealings: Dealings
    documents: tuple[SourceDocument, ...]
    tie_outs: tuple[TieOut, ...]
    removed: int
    notes: tuple[tuple[str, dict[str, str]], ...] = ()


class WithoutLedger(ERPConnector):
    """
    A connector whose balances are derived from titles and bank entries.

    A month is read once: balance and subledger come from the same answers.
    """

    _read: Read
    _read_of: str = ""
    _notes: tuple[tuple[str, dict[str, str]], ...] = ()

    def say(self, note: str, **facts: str) -> None:
        """Note what a person has to be told of the month being read."""
        self._notes = (*self._notes, (note, facts))

    @abstractmethod
    async def get_dealings(self, period: str, removed: Removed) -> tuple[Dealings, list[TieOut]]:
        """
        Read everything that decides a month's balance.

        Raises:
            SourceFailed: and nothing is taken.
        """

    async def get_trial_balance(self, period: str, opening: RawBalance | None = None) -> Extract:
        """
        Derive one month from the closing of the month before.

        Raises:
            OpeningMissing: there is none.
            SourceFailed: the source could not be read.
        """
        if opening is None:
            raise OpeningMissing(self.name, self.connection.entity, period)
        read = await self._month(period)
        ends = self.connection.year_end
        results = self.connection.results
        made = derive(
            Deriving(
                entity=self.connection.entity,
                period=period,
                currency=self.currency,
                opening=opening,
                dealings=read.dealings,
                year_starts=Period.parse(period).month == ends % 12 + 1,
                is_result=results.__contains__ if results else None,
                told=self.connection.told,
                retained=self.connection.retained,
            )
        )
        apart = [code for code in opening.accounts if not is_own(code)]
        notes = (*made.notes, *read.notes)
        if opening.accounts and len(apart) == len(opening.accounts):
            notes = (*notes, ("opening-of-another-chart", {"count": str(len(apart))}))
        return Extract(
            made.balance,
            made.accounts,
            read.documents,
            (*made.tie_outs, *read.tie_outs),
            notes,
            read.removed,
        )

    async def get_subledger_details(self, period: str) -> Subledger:
        """
        Read what was open at the end of a month, and with whom the company traded.

        Raises:
            SourceFailed: the source could not be read.
        """
        read = await self._month(period)
        return subledger(self.connection.entity, period, self.currency, read.dealings.titles)

    async def _month(self, period: str) -> Read:
        """A month, read once."""
        if self._read_of != period:
            removed, first, self._notes = Removed(), len(self.transport.documents), ()
            dealings, tie_outs = await self.get_dealings(period, removed)
            documents = tuple(self.transport.documents[first:])
            self._read = Read(dealings, documents, tuple(tie_outs), removed.characters, self._notes)
            self._read_of = period
        return self._read
