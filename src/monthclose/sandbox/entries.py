"""A company's general ledger by day, written from the hidden ledger, in its own chart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Nature, SourceAccount
from monthclose.sandbox.books import CLOSED_OUT, WITH_PARTNER, Posted
from monthclose.sandbox.chart import OwnAccount
from monthclose.sandbox.drafts import shares
from monthclose.sandbox.hidden import OwnLine
from monthclose.sandbox.served import LedgerEntry, LedgerLine

NATURES = {"1": Nature.ASSET, "2": Nature.LIABILITY, "3": Nature.EQUITY}
GROUPS = {"1": "Ativo", "2": "Passivo", "3": "Patrimônio líquido"}
DAYS = {"2020": 5, "2030": 20, "1400": 12, "1420": 14, "3350": 25, "1020": 28, "2200": 28}
"""The day on which these are paid or received; what is not here is posted over the month."""

MONTHLY = frozenset({"2100", "1410", "1430", "1110", "6200", "4090", "5020", "6020"})
"""Accounts posted once, on the last day of the month."""


@dataclass(slots=True)
class Room:
    """What an own account has still to take of a month, cents."""

    account: str
    left: int


type Rooms = dict[tuple[str, str, int], list[Room]]
"""By standard account, partner and side: 1 debit, -1 credit."""


def accounts(chart: Mapping[str, tuple[OwnAccount, ...]]) -> tuple[SourceAccount, ...]:
    """The chart of a ledger: accounts that take postings, under those that add them up."""
    found: dict[str, SourceAccount] = {}
    for owned in chart.values():
        for own in owned:
            parent = ""
            for length in (1, 2, 4):
                code = own.code[:length]
                if len(own.code) <= length:
                    break
                name = GROUPS.get(own.code[0], "Resultado") if length == 1 else f"Grupo {code}"
                found.setdefault(
                    code, SourceAccount(code, name, _nature(own.code), posting=False, parent=parent)
                )
                parent = code
            found[own.code] = SourceAccount(
                own.code,
                own.name,
                _nature(own.code),
                parent=parent,
                bank=own.standard in ("1010", "1020"),
            )
    return tuple(found[code] for code in sorted(found))


def _nature(code: str) -> Nature:
    """What kind an account is, by its first digit."""
    return NATURES.get(code[0], Nature.RESULT)


class Ledger:
    """Entries of one company, numbered as they are posted."""

    def __init__(self, seed: str, tax_ids: Mapping[str, str]) -> None:
        """Begin with none; *tax_ids* are the group's companies' by code."""
        self._seed, self._tax_ids = seed, tax_ids
        self.entries: list[LedgerEntry] = []

    def begin(self, lines: Iterable[OwnLine], cut: date) -> None:
        """Post the opening balances on the day of cut-over."""
        self._post(
            cut,
            [
                self._line(
                    each.account.code,
                    each.opening,
                    each.account.standard,
                    each.partner,
                    "Implantação",
                )
                for each in lines
                if each.opening
            ],
        )

    def month(self, period: Period, journal: Iterable[Posted], lines: Iterable[OwnLine]) -> None:
        """
        Post a month by day; each own account moves by what its lines say.

        Raises:
            ValueError: postings and lines are not of the same month.
        """
        rnd = Random(f"{self._seed}/{period}/entries")
        room: Rooms = defaultdict(list)
        for each in lines:
            for side, amount in ((1, each.debit), (-1, each.credit)):
                if amount:
                    room[each.account.standard, each.partner, side].append(
                        Room(each.account.code, amount)
                    )
        made = []
        for posted in journal:
            for day, amount in _by_day(rnd, period, posted):
                made.append(
                    (
                        day,
                        [
                            *self._side(room, posted, amount, 1),
                            *self._side(room, posted, amount, -1),
                        ],
                    )
                )
        for day, both in sorted(made, key=lambda pair: pair[0]):
            self._post(day, both)
        if any(place.left for each in room.values() for place in each):
            raise ValueError(f"lines of {period} say more than its postings")

    def close_year(self, period: Period, lines: Iterable[OwnLine], retained: str) -> None:
        """Zero the result and dividends of December's lines against retained earnings."""
        made = [
            self._line(
                each.account.code, -closing, each.account.standard, each.partner, "Encerramento"
            )
            for each in lines
            if each.account.standard in CLOSED_OUT
            and (closing := each.opening + each.debit - each.credit)
        ]
        rest = -sum(line.amount for line in made)
        made.append(LedgerLine(retained, rest, text="Encerramento"))
        self._post(period.last_day, made, closing=True)

    def _side(
        self,
        room: Rooms,
        posted: Posted,
        amount: int,
        side: int,
    ) -> Iterator[LedgerLine]:
        """One side of an entry, over as many own accounts as it takes."""
        standard = posted.debit if side > 0 else posted.credit
        partner = posted.partner if standard in WITH_PARTNER else ""
        for place in room[standard, partner, side]:
            if not amount:
                return
            if taken := min(amount, place.left):
                place.left -= taken
                amount -= taken
                yield self._line(
                    place.account,
                    side * taken,
                    standard,
                    posted.partner,
                    f"{posted.debit}/{posted.credit}",
                )
        if amount:
            raise ValueError(f"postings to {standard} are more than its lines say")

    def _line(
        self, account: str, amount: int, standard: str, partner: str, text: str
    ) -> LedgerLine:
        """A line; the partner by tax id, where the account names one."""
        tax_id = self._tax_ids.get(partner, "") if standard in WITH_PARTNER else ""
        return LedgerLine(account, amount, tax_id, text)

    def _post(self, on: date, lines: list[LedgerLine], *, closing: bool = False) -> None:
        """Number an entry."""
        if lines:
            self.entries.append(LedgerEntry(len(self.entries) + 1, on, tuple(lines), closing))


def _by_day(rnd: Random, period: Period, posted: Posted) -> Iterator[tuple[date, int]]:
    """Divide a posting over the days of its month."""
    both = {posted.debit, posted.credit}
    if both & MONTHLY or posted.partner:
        yield period.last_day, posted.amount
        return
    for account, day in DAYS.items():
        if account in both:
            yield date(period.year, period.month, day), posted.amount
            return
    for each in shares(rnd, posted.amount, 6):
        yield date(period.year, period.month, rnd.randint(1, period.last_day.day)), each
