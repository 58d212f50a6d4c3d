"""A sheet of figures in currencies of their own, each taken from the governed sheet."""

from decimal import Decimal

from monthclose.ledger.currencies import minor_digits
from monthclose.reports.data_sheet import Block, Column, money
from monthclose.reports.page import CODE, FIGURES, NAME, Page, Press
from monthclose.reports.styles import amount_format


class GovernedPage:
    """
    A sheet while it is printed, with the figures that the ledger gave it.

    Attributes:
        press: Of the workbook.
        page: The sheet.
    """

    def __init__(self, press: Press, sheet: str, last: int, largest: int) -> None:
        """
        Begin a sheet.

        Args:
            press: Of the workbook.
            sheet: Its key, which names its columns of the governed sheet too.
            last: Its last column of figures.
            largest: The largest figure, minor units.
        """
        self.press, self.page = press, Page(press, sheet)
        self._name = sheet.replace("-", "_")
        self._cells: list[Decimal] = []
        self.page.columns(CODE, CODE, 13)
        self.page.columns(NAME, NAME, 52)
        self.page.columns(FIGURES, last, press.width(largest))

    def block(self) -> Block:
        """The columns of the governed sheet: the figures that the ledger gave."""
        keys = range(1, len(self._cells) + 1)
        return [Column(f"{self._name}_key", keys), Column(f"{self._name}_amount", self._cells)]

    def given(self, column: int, minor: int, currency: str, look: str = "") -> None:
        """Show a figure of the ledger: minor units of *currency*, signed as it is printed."""
        digits = minor_digits(currency)
        self._cells.append(money(minor, digits))
        formula = f"SUMIFS({self._name}_amount,{self._name}_key,{len(self._cells)})"
        self.page.formula(column, formula, money(minor, digits), look, amount_format(digits))

    def made(self, column: int, formula: str, minor: int, currency: str, look: str = "") -> None:
        """Show what other cells of the sheet add up to: minor units of *currency*."""
        digits = minor_digits(currency)
        whole = f"ROUND({formula},{digits})"
        self.page.formula(column, whole, money(minor, digits), look, amount_format(digits))
