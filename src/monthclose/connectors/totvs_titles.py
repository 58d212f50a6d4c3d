"""
Titles of Protheus that were open at the end of a month.

SE1 and SE2 say what is open now. What was open at the end of a past month is a title's
amount less what SE5 says settled it until then; that is believed only of titles whose
settlements, all of them, lead from the amount to what is open now. Where SE5 cannot be
read or does not add up, the subledger names the gap.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from monthclose.connectors.errors import (
    FieldsProtected,
    FieldUnreadable,
    QuestionRefused,
    RightMissing,
    SettingWrong,
    SourceAnsweredBadly,
)
from monthclose.connectors.fields import Row
from monthclose.connectors.totvs_query import (
    DAY,
    Query,
    Table,
    after,
    among,
    between,
    not_nil,
    some,
    until,
)
from monthclose.connectors.totvs_site import Site
from monthclose.ledger.balances import Gap
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Flow, OpenItem, Side

REDUCING = "RA,NCC,PA,NDF"
"""Types of titles that count the other way: advances, and notes that take back."""

LOCAL, LOCAL_NUMBER = "BRL", 1
"""The currency of the books, and how titles number it."""

SETTLEMENTS = "settlements"
"""Name of the gap: what was settled after the month is not known."""

type Key = tuple[str, ...]
"""Prefix, number, instalment, type, and code and store of the other side."""


@dataclass(frozen=True, slots=True)
class Book:
    """
    One side of trade.

    Attributes:
        side: Receivable or payable.
        titles: Table of titles.
        parties: Table of customers or suppliers.
        party: Field of a title that names one.
        account: Setting that names the control account.
    """

    side: Side
    titles: Table
    parties: Table
    party: str
    account: str

    @property
    def prefix(self) -> str:
        """What the fields of a title begin with."""
        return self.titles.branch.partition("_")[0]

    @property
    def party_prefix(self) -> str:
        """What the fields of a customer or supplier begin with."""
        return self.parties.branch.partition("_")[0]

    @property
    def sign(self) -> int:
        """Of an ordinary title, debit positive."""
        return 1 if self.side is Side.RECEIVABLE else -1


def _book(side: Side, number: int, party: str, account: str) -> Book:
    """The tables of one side."""
    e, a = f"e{number}", f"a{number}"
    key = [f"{e}_{n}" for n in ("filial", "prefixo", "num", "parcela", "tipo", party, "loja")]
    more = [f"{e}_{n}" for n in ("naturez", "emissao", "vencrea", "valor", "saldo", "moeda")]
    return Book(
        side,
        Table(f"SE{number}", (*key, *more), tuple(key), shared=True, optional=(f"{e}_vlcruz",)),
        Table(
            f"SA{number}",
            tuple(f"{a}_{n}" for n in ("filial", "cod", "loja", "nome", "cgc")),
            tuple(f"{a}_{n}" for n in ("filial", "cod", "loja")),
            shared=True,
            optional=(f"{a}_conta",),
        ),
        f"{e}_{party}",
        account,
    )


BOOKS = (
    _book(Side.RECEIVABLE, 1, "cliente", "receivables_account"),
    _book(Side.PAYABLE, 2, "fornece", "payables_account"),
)

_SE5_KEY = ("filial", "prefixo", "numero", "parcela", "tipo", "clifor", "loja")
_SE5_MORE = ("seq", "tipodoc", "data", "recpag")
SE5 = Table(
    "SE5",
    tuple(
        f"e5_{name}"
        for name in (*_SE5_KEY, *_SE5_MORE, "situaca", "valor", "vljuros", "vlmulta", "vldesco")
    ),
    tuple(f"e5_{name}" for name in (*_SE5_KEY, *_SE5_MORE)),
    shared=True,
)

SETTLES = ("VL", "BA", "V2", "CP", "LJ")
"""E5_TIPODOC of what settles; `ES` takes it back; others only explain a part of it."""


@dataclass(frozen=True, slots=True)
class Titles:
    """
    The titles of one branch.

    Attributes:
        items: Open at the end of the month.
        flows: Issued in it.
        gaps: What could not be known.
        unvalued: Titles in another currency whose value in reais is not known.
    """

    items: tuple[OpenItem, ...]
    flows: tuple[Flow, ...]
    gaps: tuple[Gap, ...] = ()
    unvalued: tuple[str, ...] = ()


async def read_titles(query: Query, site: Site, period: str, today: date) -> Titles:
    """
    Read both sides.

    Args:
        query: Of the branch.
        site: Settings `settlements` (`SE5` or `none`), `reducing_types`,
            `receivables_account`, `payables_account`, `currency_2` to `currency_9`, and
            `nature_CODE` for the account that titles of a nature are posted to.
        period: The month.
        today: What is open now is open on this day.

    Raises:
        SourceFailed: titles or parties could not be read.
    """
    read = [await _read(query, site, book, Period.parse(period), today) for book in BOOKS]
    return Titles(
        tuple(item for each in read for item in each.items),
        tuple(flow for each in read for flow in each.flows),
        tuple(gap for each in read for gap in each.gaps),
        tuple(title for each in read for title in each.unvalued),
    )


async def _read(query: Query, site: Site, book: Book, month: Period, today: date) -> Titles:
    """Read one side."""
    end, e = month.last_day, book.prefix
    condition = between(f"{e}_emissao", month.first_day, end) | (
        until(f"{e}_emissao", end) & not_nil(f"{e}_saldo")
    )
    titles = {_key(row, book): row async for row in query.rows(book.titles, condition)}
    settled: dict[Key, list[Row]] = {}
    gaps: list[Gap] = []
    if end < today:
        found = await _settlements(query, site, book, end)
        if found is None:
            gaps.append(Gap(SETTLEMENTS, book.titles.name))
        else:
            settled = found
            await _add_closed(query, book, end, titles, settled)
    titles = {key: row for key, row in titles.items() if row.day(f"{e}_emissao", DAY) <= end}
    wrong = [
        key
        for key, row in titles.items()
        # What SE5 says of a title in another currency is in reais: the two do not compare.
        if key in settled and _is_local(row, e) and not _ties(row, e, settled[key])
    ]
    if wrong:
        gaps.append(Gap(SETTLEMENTS, f"{book.titles.name}: {', '.join(map(_written, wrong))}"))
        settled = {key: rows for key, rows in settled.items() if key not in wrong}
    parties = await _parties(query, book, titles)
    items, flows, unvalued = [], [], []
    for key, row in titles.items():
        item = _item(row, site, book, parties)
        if Period.of(item.issued) == month and item.amount:
            flows.append(_flow(item, row, site, e))
        if item.document_amount is not None:
            whole = _whole(row, e, settled.get(key), end)
            if whole and item.amount:
                items.append(item)
            elif whole is not False:
                unvalued.append(_written(key))
        elif left := _left(row, e, settled.get(key), end):
            sign = 1 if item.amount > 0 else -1
            items.append(replace(item, amount=sign * left))
    return Titles(tuple(items), tuple(flows), tuple(gaps), tuple(unvalued))


async def _settlements(
    query: Query, site: Site, book: Book, end: date
) -> dict[Key, list[Row]] | None:
    """Every settlement of each title that has one after *end*; None: they cannot be read."""
    if site.setting("settlements", "SE5", "SE5|none") == "none":
        return None
    found: dict[Key, list[Row]] = defaultdict(list)
    try:
        later = [row async for row in query.rows(SE5, after("e5_data", end))]
        later = [row for row in later if _of(row, book) and row.text("e5_numero")]
        keys = {_settled_key(row) for row in later}
        for numbers in some(_padded(row, "e5_numero") for row in later):
            async for row in query.rows(SE5, among("e5_numero", numbers)):
                if _of(row, book) and _settled_key(row) in keys:
                    found[_settled_key(row)].append(row)
    except (
        FieldsProtected,
        FieldUnreadable,
        QuestionRefused,
        RightMissing,
        SourceAnsweredBadly,
    ):
        return None
    return found


async def _add_closed(
    query: Query, book: Book, end: date, titles: dict[Key, Row], settled: Mapping[Key, list[Row]]
) -> None:
    """Add the titles that are settled by now and were open at the end of the month."""
    e = book.prefix
    missing = [_padded(settled[key][0], "e5_numero") for key in settled.keys() - titles.keys()]
    for numbers in some(missing):
        condition = among(f"{e}_num", numbers) & until(f"{e}_emissao", end)
        async for row in query.rows(book.titles, condition):
            key = _key(row, book)
            if key in settled:
                titles.setdefault(key, row)


async def _parties(
    query: Query, book: Book, titles: Mapping[Key, Row]
) -> dict[tuple[str, str], Row]:
    """The other sides, by code and store: a code alone is several companies."""
    found = {}
    a = book.party_prefix
    asked = [_padded(row, book.party) for row in titles.values() if row.text(book.party)]
    for codes in some(asked):
        async for row in query.rows(book.parties, among(f"{a}_cod", codes)):
            found[row.text(f"{a}_cod"), row.text(f"{a}_loja")] = row
    return found


def _padded(row: Row, name: str) -> str:
    """A code with its blanks: some databases tell `1` and `1  ` apart."""
    row.text(name)
    return str(row.value(name))


def _key(row: Row, book: Book) -> Key:
    """What tells a title apart within a branch."""
    return tuple(row.text(name) for name in book.titles.key[1:])


def _settled_key(row: Row) -> Key:
    """The title a settlement is of."""
    return tuple(row.text(f"e5_{name}") for name in _SE5_KEY[1:])


def _of(row: Row, book: Book) -> bool:
    """Whether a movement settles a title of this side, or takes a settlement back."""
    back = row.text("e5_tipodoc") == "ES"
    if row.text("e5_situaca") == "C" or not (back or row.text("e5_tipodoc") in SETTLES):
        return False
    receives = row.text("e5_recpag") == "R"
    return receives is ((book.side is Side.RECEIVABLE) is not back)


def _principal(row: Row) -> int:
    """What a title went down by: what was paid, without interest and fine, and the discount."""
    paid = row.money("e5_valor") - row.money("e5_vljuros") - row.money("e5_vlmulta")
    principal = paid + row.money("e5_vldesco")
    return -principal if row.text("e5_tipodoc") == "ES" else principal


def _ties(title: Row, e: str, settled: Iterable[Row]) -> bool:
    """Whether all settlements of a title lead from its amount to what is open now."""
    return title.money(f"{e}_valor") - sum(map(_principal, settled)) == title.money(f"{e}_saldo")


def _left(title: Row, e: str, settled: list[Row] | None, end: date) -> int:
    """What is open of a title at the end of a day, minor units, positive."""
    if not settled:
        return title.money(f"{e}_saldo")
    until_then = sum(_principal(row) for row in settled if row.day("e5_data", DAY) <= end)
    return title.money(f"{e}_valor") - until_then


def _whole(title: Row, e: str, settled: list[Row] | None, end: date) -> bool | None:
    """
    Whether a title in another currency was open, and whole, at the end of a day.

    SE5 says in reais what settled it: how much of it a part was, nobody knows.

    Returns:
        None where a part of it was open.
    """
    if settled:
        return None if any(row.day("e5_data", DAY) <= end for row in settled) else True
    left = title.money(f"{e}_saldo")
    return True if left == title.money(f"{e}_valor") else (None if left else False)


def _item(row: Row, site: Site, book: Book, parties: Mapping[tuple[str, str], Row]) -> OpenItem:
    """A title with its whole amount."""
    e, a = book.prefix, book.party_prefix
    kind, number = row.text(f"{e}_tipo"), row.text(f"{e}_num")
    code, store = row.text(book.party), row.text(f"{e}_loja")
    party = parties.get((code, store))
    reducing = site.setting("reducing_types", REDUCING, "[0-9A-Z,-]*").split(",")
    sign = -book.sign if kind in reducing or kind.endswith("-") else book.sign
    control = party.text(f"{a}_conta", "") if party else ""
    currency = _currency(row, site, e)
    stated = row.money(f"{e}_valor")
    foreign = currency != LOCAL
    return OpenItem(
        book.side,
        "|".join((row.text(f"{e}_prefixo"), number, row.text(f"{e}_parcela"), kind, code, store)),
        number,
        party.tax_id(f"{a}_cgc") if party else "",
        party.text(f"{a}_nome") if party else f"{code}/{store}",
        control or site.setting(book.account, ""),
        sign * (row.money(f"{e}_vlcruz", 0) if foreign else stated),
        LOCAL,
        row.day(f"{e}_emissao", DAY),
        row.day_or_none(f"{e}_vencrea", DAY),
        currency if foreign else "",
        sign * _digits(row, e, currency) if foreign else None,
    )


def _is_local(row: Row, e: str) -> bool:
    """Whether a title is in reais."""
    return row.money(f"{e}_moeda") == LOCAL_NUMBER * 100


def _digits(row: Row, e: str, currency: str) -> int:
    """The amount of a title in minor units of its currency, which may have none."""
    scale: int = 10 ** (2 - minor_digits(currency))
    whole, rest = divmod(row.money(f"{e}_valor"), scale)
    if rest:
        raise row.wrong(f"{e}_valor")
    return whole


def _currency(row: Row, site: Site, e: str) -> str:
    """The currency of a title: 1 is the real, what others are is the installation's matter."""
    number, rest = divmod(row.money(f"{e}_moeda"), 100)
    if rest:
        raise row.wrong(f"{e}_moeda")
    if number == LOCAL_NUMBER:
        return LOCAL
    code = site.setting(f"currency_{number}", "", "[A-Z]{3}|")
    if not code:
        raise SettingWrong(site.source, site.connection.entity, f"currency_{number}")
    return code


def _flow(item: OpenItem, row: Row, site: Site, e: str) -> Flow:
    """A title as income or expense of the month it was issued in, by its nature."""
    nature, stated = row.text(f"{e}_naturez"), item.document_amount
    return Flow(
        item.id,
        item.document,
        item.tax_id,
        item.name,
        site.setting(f"nature_{nature}", nature, "[0-9A-Za-z./_ -]*"),
        -item.amount,
        item.currency,
        item.issued,
        item.side,
        item.document_currency,
        None if stated is None else -stated,
    )


def _written(key: Key) -> str:
    """A title as a person finds it: prefix and number."""
    return " ".join(part for part in key[:4] if part)
