"""How one accountant's table is laid out: proposed from a file, confirmed, remembered."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from monthclose.groupfolder.balancetes.grids import (
    DELIMITERS,
    ENCODINGS,
    Grid,
    TableUnusable,
    decoded,
    is_workbook,
    read_grid,
)
from monthclose.groupfolder.files import Document
from monthclose.groupfolder.numbers import LOCALES
from monthclose.groupfolder.problems import Problems
from monthclose.ledger.errors import CloseError

ROLES = (
    "account", "name", "kind", "opening", "opening_side", "debit", "credit", "closing",
    "closing_side", "gap",
)  # fmt: skip
"""What a column may be."""

LOOKED_AT = 60
"""Rows within which a header has to stand."""

_TITLES: Mapping[str, tuple[str, ...]] = {
    "account": (
        "classificacao", "conta contabil", "codigo da conta", "cod conta", "conta", "codigo",
        "cod", "account", "account code", "code",
    ),
    "name": (
        "descricao da conta", "nome da conta", "descricao", "nome", "denominacao", "titulo",
        "name", "account name", "description",
    ),
    "kind": ("tipo", "s a", "a s", "tipo da conta", "type", "kind"),
    "opening": ("saldo anterior", "saldo inicial", "anterior", "opening", "opening balance"),
    "debit": ("debito", "debitos", "movimento debito", "total debito", "debit", "debits"),
    "credit": ("credito", "creditos", "movimento credito", "total credito", "credit", "credits"),
    "closing": (
        "saldo atual", "saldo final", "saldo", "atual", "closing", "closing balance", "balance",
    ),
    "gap": ("lacuna", "gap"),
}  # fmt: skip
_SIDES = ("d c", "dc", "natureza", "nat", "side")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-/]*")
_DERIVED = re.compile(r"A[RP]|[A-Z]+:\S+")
"""Accounts of a balance that was derived from titles and bank entries, as in its openings."""
_BRAZILIAN = re.compile(r"\(?-?[\d.]*\d,\d{2}\)?(?: ?[DC]|-)?", re.ASCII)
_POINTED = re.compile(r"\(?-?\d+\.\d{2}\)?(?: ?[DC]|-)?", re.ASCII)
_SIGN = re.compile(r"[-(]|[DC]\)?$|-$")


class LayoutUnclear(CloseError):
    """What a person said of a layout is no such thing."""

    code = "layout-unclear"

    def __init__(self, word: str) -> None:
        super().__init__(word=word[:80], known=[*ROLES, *_SETTINGS])


@dataclass(frozen=True, slots=True)
class Layout:
    """
    How a table is laid out.

    Attributes:
        header: Row of the header, counted from 1.
        columns: Place from 0 and title of the column of each role.
        encoding: Of a text.
        delimiter: Of a text.
        sheet: Of a workbook; empty: the only one.
        number: How texts write numbers: `plain` or `pt-BR`; empty: nobody has said.
        credits: Beginnings of the codes of accounts that are credits, where figures have
            no sign of their own; empty: they have.
    """

    header: int
    columns: Mapping[str, tuple[int, str]]
    encoding: str = ENCODINGS[0]
    delimiter: str = DELIMITERS[0]
    sheet: str = ""
    number: str = ""
    credits: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As it is remembered."""
        told: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        columns = {role: list(column) for role, column in self.columns.items()}
        return told | {"columns": columns, "credits": list(self.credits)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Layout":
        """As it was remembered."""
        columns = {role: (int(at), str(title)) for role, (at, title) in told["columns"].items()}
        return cls(**{**told, "columns": columns, "credits": tuple(told["credits"])})


_SETTINGS = ("header", "encoding", "delimiter", "sheet", "number", "credits")


def propose(document: Document, said: Sequence[str] = (), wanted: Sequence[str] = ()) -> Layout:
    """
    Propose a layout from a file, with what a person said of it.

    Args:
        document: The file.
        said: `role=title of the column`, `header=7`, `number=pt-BR`, `sheet=Plan1`,
            `encoding=…`, `delimiter=…`, `credits=2,3`.
        wanted: Roles that have to be there.

    Raises:
        LayoutUnclear: something said is no such thing.
        TableUnusable: the file is none, or no row of it is a header.
    """
    told = _said(said)
    encoding = told.get("encoding") or decoded(document)
    sheet = told.get("sheet", "")
    given = told.get("delimiter")
    best: tuple[int, Layout, Grid] | None = None
    seen: list[str] = []
    for delimiter in (given,) if given else DELIMITERS:
        grid = read_grid(document, encoding=encoding, delimiter=delimiter, sheet=sheet)
        seen = max(seen, _likest(grid), key=len)
        for score, layout in _candidates(grid, told, wanted):
            found = replace(layout, encoding=encoding, delimiter=delimiter, sheet=sheet)
            if best is None or score > best[0]:
                best = (score, found, grid)
        if is_workbook(document):
            break
    if best is None:
        problems = Problems()
        problems.add(document.name, "balancete-no-header", wanted=list(wanted), seen=seen or ["–"])
        raise TableUnusable(document.name, problems.in_order())
    _, layout, grid = best
    credits = tuple(filter(None, told.get("credits", "").replace(" ", "").split(",")))
    number = told.get("number") or _number_form(grid, layout)
    return replace(layout, number=number, credits=credits)


def _said(words: Sequence[str]) -> dict[str, str]:
    """What a person said, by what it is about."""
    told = {}
    for word in words:
        key, mark, value = word.partition("=")
        known = (*ROLES, *_SETTINGS)
        wrong = (
            not mark
            or key not in known
            or (key == "number" and value not in LOCALES)
            or (key == "encoding" and value not in ENCODINGS)
            or (key == "header" and not (value.isascii() and value.isdigit() and int(value)))
            or (key == "delimiter" and value not in (*DELIMITERS, "tab"))
        )
        if wrong:
            raise LayoutUnclear(word)
        told[key] = "\t" if key == "delimiter" and value == "tab" else value
    return told


def _candidates(
    grid: Grid, told: Mapping[str, str], wanted: Sequence[str]
) -> list[tuple[int, Layout]]:
    """Rows that could be the header, with how much of it they name."""
    if "header" in told:
        rows: Sequence[int] = [int(told["header"]) - 1]
    else:
        rows = range(min(len(grid.rows), LOOKED_AT))
    found = []
    for row in rows:
        if row >= len(grid.rows):
            continue
        columns = _columns(grid.rows[row], told, grid.rows[row + 1 :])
        if all(role in columns for role in wanted):
            found.append((len(columns), Layout(row + 1, columns)))
    return found


def _likest(grid: Grid) -> list[str]:
    """The row that looks most like a header: the first of those with the most words."""
    rows = [[cell for cell in row if cell] for row in grid.rows[:LOOKED_AT]]
    words = [sum(not any(map(str.isdigit, cell)) for cell in row) for row in rows]
    best = rows[words.index(max(words))] if rows else []
    return [cell[:40] for cell in best[:12]]


def _columns(
    header: Sequence[str], told: Mapping[str, str], body: Sequence[Sequence[str]]
) -> dict[str, tuple[int, str]]:
    """What each column of a header is."""
    titles = [folded(cell) for cell in header]
    columns: dict[str, tuple[int, str]] = {}
    taken: set[int] = set()
    for role in ROLES:
        if role in told:
            place = next((i for i, t in enumerate(titles) if t == folded(told[role])), None)
            if place is not None:
                columns[role] = (place, header[place])
                taken.add(place)
    for role, known in _TITLES.items():
        if role in columns or role in told:
            continue
        for title in known:
            places = [i for i, each in enumerate(titles) if each == title and i not in taken]
            fits = [i for i in places if role != "account" or _are_codes(body, i)]
            if fits:
                columns[role] = (fits[0], header[fits[0]])
                taken.add(fits[0])
                break
    for role in ("opening", "closing"):
        side = f"{role}_side"
        if role in columns and side not in columns:
            after = columns[role][0] + 1
            if after < len(titles) and titles[after] in _SIDES:
                columns[side] = (after, header[after])
    return columns


def _are_codes(body: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column holds codes of accounts, not their names."""
    cells = [row[place] for row in body if place < len(row) and row[place]]
    codes = sum(
        bool(_DERIVED.fullmatch(cell))
        or (bool(_CODE.fullmatch(cell)) and any(map(str.isdigit, cell)))
        for cell in cells
    )
    return codes * 10 >= len(cells) * 8


def _number_form(grid: Grid, layout: Layout) -> str:
    """How the texts of a file write numbers, where there is no doubt; else empty."""
    brazilian = pointed = 0
    for role in ("opening", "debit", "credit", "closing"):
        if role not in layout.columns:
            continue
        place = layout.columns[role][0]
        for row in grid.rows[layout.header :]:
            if place < len(row):
                brazilian += bool(_BRAZILIAN.fullmatch(row[place]))
                pointed += bool(_POINTED.fullmatch(row[place]))
    if grid.workbook and not brazilian:
        return LOCALES[0]
    return "" if bool(brazilian) == bool(pointed) else LOCALES[bool(brazilian)]


def has_signs(grid: Grid, layout: Layout) -> bool:
    """Whether balances say themselves on which side they are."""
    for role in ("closing", "opening"):
        if f"{role}_side" in layout.columns:
            return True
        if role in layout.columns:
            place = layout.columns[role][0]
            cells = (row[place] for row in grid.rows[layout.header :] if place < len(row))
            if any(_SIGN.search(cell) for cell in cells if any(map(str.isdigit, cell))):
                return True
    return False


def folded(text: str) -> str:
    """A title without accents, case and marks."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def laid_out[R](
    read: Callable[..., R],
    document: Document,
    told: Mapping[str, Any] | None,
    proposal: tuple[Sequence[str], Sequence[str]],
    *more: Any,
) -> tuple[Layout, R]:
    """
    Read a table by the layout that is remembered, else by one proposed from it.

    Args:
        read: Reads a document by a layout and *more*.
        document: The file.
        told: The layout that is remembered, or None.
        proposal: What a person said of it, and the roles that have to be there.
        more: What else reading takes.

    Raises:
        LayoutUnclear, TableUnusable, CloseError: as `propose` and *read*.
    """
    layout = Layout.from_json(told) if told is not None else propose(document, *proposal)
    return layout, read(document, layout, *more)
