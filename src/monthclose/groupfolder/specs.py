"""What a table of a group folder is made of: columns, what their cells hold, what names a row."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the cells of a column hold."""

    CODE = "code"
    TEXT = "text"
    LABEL = "label"
    ENTITY = "entity"
    ACCOUNT = "account"
    CURRENCY = "currency"
    CHOICE = "choice"
    AMOUNT = "amount"
    PERCENT = "percent"
    RATE = "rate"
    DATE = "date"
    MONTH = "month"
    DAY_OR_MONTH = "day or month"
    YEAR_OR_MONTH = "year or month"
    TAX_ID = "CNPJ"
    ACQUISITION = "acquisition"
    MONTHS = "months"


NUMBERS = frozenset({Kind.AMOUNT, Kind.PERCENT, Kind.RATE})


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column.

    Attributes:
        name: As the header writes it.
        kind: What its cells hold.
        needed: Whether the column must be there and every cell of it filled.
        key: Whether it names a row, together with the table's other key columns.
        choices: The words it may hold.
        of: For an amount, the columns that give its currency, the first filled one; each
            names a currency, an entity whose currency counts, or an acquisition, whose
            target's counts. Empty: presentation.
        positive: Whether an amount must not be below nil.
        longest: Characters at most.
    """

    name: str
    kind: Kind
    needed: bool = False
    key: bool = False
    choices: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    positive: bool = False
    longest: int = 60


@dataclass(frozen=True, slots=True)
class TableSpec:
    """
    One table: a file `NAME.csv` or `NAME.xlsx`, or one a month in the folder `NAME/`.

    Attributes:
        name: Of the file, or of the folder.
        columns: In the order in which they are written.
        needed: Whether a group must have it.
        monthly: Whether it is a folder of months.
        used: Whether any step of the close uses it yet.
    """

    name: str
    columns: tuple[Column, ...]
    needed: bool = False
    monthly: bool = False
    used: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that together name a row."""
        return tuple(column.name for column in self.columns if column.key)
