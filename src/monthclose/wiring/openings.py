"""Opening balances of a company that begins in mid-life, from a table or from what stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from monthclose.connectors.clock import SystemClock
from monthclose.connectors.derived import OWN_ACCOUNTS, is_own
from monthclose.connectors.fields import BRASILIA
from monthclose.groupfolder.balancetes.grids import TableUnusable
from monthclose.groupfolder.balancetes.layouts import Layout, propose
from monthclose.groupfolder.balancetes.reading import Month, read_balancete
from monthclose.groupfolder.files import Document
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.cutover import CutOver, OpeningLine
from monthclose.ledger.errors import CloseError
from monthclose.ledger.periods import Period
from monthclose.store.companies import FileCompany, find_company
from monthclose.store.extracts import Extracts
from monthclose.store.files import CompanyFiles
from monthclose.store.openings import CompanyOpenings
from monthclose.wiring.balancetes import kept_table, opened_table
from monthclose.wiring.build import Desk
from monthclose.wiring.confined import confined

DERIVED = ("bling", "contaazul", "omie")
"""Sources without a ledger: each month builds on the month before."""


class OpeningsDate(CloseError):
    """Opening balances are of the last day of a month that is over."""

    code = "openings-date"

    def __init__(self, given: str, last: str) -> None:
        super().__init__(given=given[:40], last=last)


class OpeningsNone(CloseError):
    """There is no balance to take opening balances from."""

    code = "openings-none"

    def __init__(self, entity: str, period: str) -> None:
        super().__init__(entity=entity, period=period)


class OpeningsAccount(CloseError):
    """An account is said to be another one, and is not there, or cannot be that one."""

    code = "openings-account"

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(word=word[:80], reason=reason, own=sorted(OWN_ACCOUNTS))


@dataclass(frozen=True, slots=True)
class OpeningsAsked:
    """
    Opening balances and how they are to be taken.

    Attributes:
        file: The table; None: the balance of the month that stands, such as of the ECD.
        entity: Code of the company.
        on: The day they are of, such as `2024-12-31`.
        accounts: `1.1.01=BANK:501`: what an account is called in the source.
        layout: What a person says of the table's layout.
        accept: Whether a layout that was only proposed is taken and remembered.
        fresh: Whether the layout is proposed anew, though one is remembered.
        store: Whether anything is stored.
    """

    file: Path | None
    entity: str
    on: str
    accounts: Sequence[str] = ()
    layout: Sequence[str] = ()
    accept: bool = False
    fresh: bool = False
    store: bool = True


@dataclass(frozen=True, slots=True)
class OpeningsImported:
    """
    What became of opening balances.

    Attributes:
        company: Whose they are.
        given: As the first month opens.
        layout: By which the table was read, or None.
        remembered: Whether that was remembered before.
        renamed: Accounts that are called otherwise in the source.
        apart: Accounts that no movement of the source will ever touch.
        number: Batch; nil: nothing was stored.
    """

    company: FileCompany
    given: CutOver
    layout: Layout | None = None
    remembered: bool = False
    renamed: int = 0
    apart: tuple[str, ...] = field(default=())
    number: int = 0


def import_openings(desk: Desk, asked: OpeningsAsked) -> OpeningsImported:
    """
    Read opening balances; store them once their layout is confirmed.

    Raises:
        OpeningsDate, OpeningsNone, OpeningsAccount: what was asked cannot be.
        OpeningsUnbalanced, TableUnusable: they do not sum to nil, and by how much.
        OpeningsInMidLife: the month before was read from the source.
        PeriodClosed: the month is locked.
    """
    month = _month(asked.on)
    engine, user, tenant = desk.database.engine, desk.user, desk.tenant
    name = asked.file.name if asked.file else ""
    company = find_company(engine, user, tenant, entity=asked.entity, file=name)
    files = CompanyFiles(engine, user, tenant, company.id)
    layout, known, document = None, True, None
    names: dict[str, str] = {}
    if asked.file is None:
        raw = _standing(desk, company, month)
    else:
        document = opened_table(asked.file)
        layout, known = _layout(files, document, asked)
        whose = Month(company.entity, month, company.currency)
        read = confined(read_balancete, document.name, document, layout, whose)
        raw, names = read.balance, {each.code: each.name for each in read.accounts}
    told = renamed(raw, asked.accounts)
    given = cut_over(raw, told, names)
    apart = tuple(line.account for line in given.lines if line.amount and not is_own(line.account))
    found = OpeningsImported(company, given, layout, known, len(told), apart)
    openings = CompanyOpenings(engine, user, tenant, company.id)
    openings.check(given, DERIVED)
    if not asked.store or not (known or asked.accept):
        return found
    number = openings.take(given, kept_table(document) if document else None)
    if layout is not None:
        files.remember("openings", layout.to_json())
    return replace(found, number=number)


def _month(on: str) -> str:
    """
    The month whose last day a date is.

    Raises:
        OpeningsDate: it is none, or that of a month that is not over.
    """
    today = SystemClock().now().astimezone(BRASILIA).date()
    last = Period.of(today).first_day - timedelta(days=1)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise OpeningsDate(on, last.isoformat()) from None
    month = Period.of(day)
    if day != month.last_day or day > last:
        raise OpeningsDate(on, min(month.last_day, last).isoformat())
    return str(month)


def _standing(desk: Desk, company: FileCompany, month: str) -> RawBalance:
    """The balance of a month that is in force, of whatever file it came."""
    extracts = Extracts(desk.database.engine, desk.user, desk.tenant)
    raw = extracts.standing(company.brought("openings"), month)
    if raw is None:
        raise OpeningsNone(company.entity, month)
    return raw


def _layout(files: CompanyFiles, document: Document, asked: OpeningsAsked) -> tuple[Layout, bool]:
    """The layout that is remembered, or one proposed: a column of openings, else of balances."""
    told = files.layout("openings")
    if told is not None and not asked.fresh and not asked.layout:
        return Layout.from_json(told), True
    said = {word.partition("=")[0] for word in asked.layout}
    roles = ("closing", "opening") if "closing" in said else ("opening", "closing")
    try:
        return _proposed(document, asked.layout, roles[0]), False
    except TableUnusable:
        return _proposed(document, asked.layout, roles[1]), False


def _proposed(document: Document, said: Sequence[str], role: str) -> Layout:
    """A layout whose one column of figures is that of a role."""
    found = confined(propose, document.name, document, said, ("account", role))
    kept = {
        name: found.columns[name] for name in ("account", "name", "kind") if name in found.columns
    }
    for side in ("", "_side"):
        if role + side in found.columns:
            kept["closing" + side] = found.columns[role + side]
    return replace(found, columns=kept)


def renamed(raw: RawBalance, words: Sequence[str]) -> dict[str, str]:
    """
    What accounts are called in the source, by what they are called in the balance.

    Raises:
        OpeningsAccount: one is not there, or no account of a source is called so.
    """
    told: dict[str, str] = {}
    for word in words:
        account, mark, target = (each.strip() for each in word.partition("="))
        if not mark or account not in raw.accounts or account in told:
            raise OpeningsAccount(word, account)
        if not is_own(target):
            raise OpeningsAccount(word, target)
        told[account] = target
    return told


def cut_over(raw: RawBalance, told: Mapping[str, str], names: Mapping[str, str]) -> CutOver:
    """
    The opening balances of the month after a balance, accounts called as in the source.

    Raises:
        OpeningsUnbalanced: they do not sum to nil.
    """
    amounts: dict[str, int] = {}
    for account, amount in zip(raw.accounts, raw.amounts.tolist(), strict=True):
        code = told.get(account, account)
        amounts[code] = amounts.get(code, 0) + amount
    lines = tuple(
        OpeningLine(code, names.get(code, ""), amount) for code, amount in sorted(amounts.items())
    )
    return CutOver(raw.entity, str(Period.parse(raw.period).plus(1)), raw.currency, lines)
