"""Fiscal months."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Self

from monthclose.ledger.errors import CloseError

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class NotAPeriod(CloseError):
    """A text that is no month between 2000-01 and 2100-12."""

    code = "period-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(text=text[:40])


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar month, written `2025-06`."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `2025-06`.

        Raises:
            NotAPeriod: another form, or a month outside 2000 to 2100.
        """
        return cls(*_read(text))

    @classmethod
    def of(cls, day: date) -> Self:
        """The month that *day* falls in."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> Self:
        """The month so many months later (earlier when negative)."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return type(self)(year, month + 1)

    def until(self, later: "Period") -> int:
        """How many months *later* is after this one."""
        return (later.year - self.year) * 12 + later.month - self.month

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month, 29 February in a leap year."""
        return _last_day(self.year, self.month)

    def __str__(self) -> str:
        return _written(self.year, self.month)

    def shown(self, lang: str) -> str:
        """Write `2025-06`, in Portuguese `06/2025`."""
        return f"{self.month:02d}/{self.year:04d}" if lang == "pt-BR" else str(self)


@dataclass(frozen=True, slots=True)
class Day:
    """One day, written `2025-06-30`, in Portuguese `30/06/2025`."""

    on: date

    def shown(self, lang: str) -> str:
        """Write it as the language does."""
        return f"{self.on:%d/%m/%Y}" if lang == "pt-BR" else self.on.isoformat()


@dataclass(frozen=True, slots=True)
class Months:
    """Several months, in order, as a person lists them: `2024-01–2024-05, 2024-09`."""

    months: tuple[Period, ...]

    def shown(self, lang: str) -> str:
        """Write neighbours as a span."""
        runs: list[list[Period]] = []
        for month in self.months:
            if runs and month == runs[-1][-1].plus(1):
                runs[-1].append(month)
            else:
                runs.append([month])
        spans = [dict.fromkeys((run[0].shown(lang), run[-1].shown(lang))) for run in runs]
        return ", ".join("–".join(span) for span in spans)


@lru_cache(1024)
def _read(text: str) -> tuple[int, int]:
    """Year and month of a text; every company of a close asks for the same few."""
    match = _MONTH.fullmatch(text)
    if not match or not 2000 <= int(match[1]) <= 2100 or not 1 <= int(match[2]) <= 12:
        raise NotAPeriod(text)
    return int(match[1]), int(match[2])


@lru_cache(1024)
def _written(year: int, month: int) -> str:
    """A month as it is written."""
    return f"{year:04d}-{month:02d}"


@cache
def _last_day(year: int, month: int) -> date:
    """The last day of a month: a close asks for it once a record."""
    return Period(year, month).plus(1).first_day - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """
    The calendar of a group: the month its fiscal years end in.

    A fiscal year is named for the calendar year in which it ends.
    """

    end_month: int = 12

    def __post_init__(self) -> None:
        if not 1 <= self.end_month <= 12:
            raise ValueError(f"a fiscal year ends in a month from 1 to 12, not {self.end_month}")

    def start(self, period: Period) -> Period:
        """The first month of the fiscal year of *period*."""
        return period.plus(-((period.month - self.end_month - 1) % 12))

    def year(self, period: Period) -> int:
        """The fiscal year of *period*."""
        return self.start(period).plus(11).year

    def to_date(self, period: Period) -> tuple[Period, ...]:
        """The months of the fiscal year up to and including *period*, in order."""
        first = self.start(period)
        months = (period.year - first.year) * 12 + period.month - first.month + 1
        return tuple(first.plus(month) for month in range(months))

    def is_first(self, period: Period) -> bool:
        """Whether *period* opens a fiscal year."""
        return self.start(period) == period
