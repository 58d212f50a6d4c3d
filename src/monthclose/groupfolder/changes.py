"""Companies sold, parts of them sold, more of them bought: from checked lines to nouns."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from monthclose.groupfolder.associate_sales import (
    as_associates,
    check_associate_sold,
    check_control_gone,
    check_sale_cells,
)
from monthclose.groupfolder.below import check_below
from monthclose.groupfolder.columns import Sheet
from monthclose.groupfolder.files import Found
from monthclose.groupfolder.kept import check_kept, check_kept_cells, check_kept_share
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.schema import CHANGES
from monthclose.groupfolder.tables import read_table
from monthclose.ledger.accounts import RESULT, AccountClass, Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest, Method, interests_on, percent
from monthclose.ledger.money import Money


class Neighbours:
    """
    What other tables say of the companies that a change names; None: unreadable, not asked.

    Attributes:
        entities: The companies.
        interests: Who owns what from which day.
        acquisitions: How each holder came to its shares.
        chart: The standard chart.
    """

    def __init__(
        self,
        entities: tuple[Entity, ...] | None,
        interests: tuple[Interest, ...] | None,
        acquisitions: tuple[Acquisition, ...] | None,
        chart: Chart | None,
    ) -> None:
        self.entities, self.interests = entities, interests
        self.acquisitions, self.chart = acquisitions, chart
        self.methods = {each.code: each.method for each in entities or ()}

    def owned(self, holder: str, entity: str, day: date) -> Fraction:
        """What a holder owns of a company on a day."""
        shares = interests_on(self.interests or (), day)
        pair = (holder, entity)
        return sum((e.share for e in shares if (e.holder, e.investee) == pair), Fraction(0))

    def owners(self, entity: str, day: date) -> Fraction:
        """What the group owns of a company on a day."""
        shares = interests_on(self.interests or (), day)
        return sum((e.share for e in shares if e.investee == entity), Fraction(0))


def turned_in(tables: Iterable[Found]) -> tuple[frozenset[str], frozenset[str]]:
    """
    Codes of the companies that a step brought under control, and of those kept in part.

    Mistakes are found later.
    """
    for found in tables:
        if found.spec is CHANGES:
            table = read_table(found.document, CHANGES, CHANGES.name, Problems())
            if table is None or not {"kind", "entity"} <= table.columns.keys():
                break
            columns = table.columns
            lines = list(zip(columns["kind"], columns["entity"], strict=True))
            stepped = (str(code) for kind, code in lines if kind == ChangeKind.STEP)
            kept = set()
            for name in ("retained_fair_value", "retained_cost"):
                stated = columns.get(name, [""] * len(lines))
                kept |= {str(line[1]) for line, each in zip(lines, stated, strict=True) if each}
            return frozenset(stepped), frozenset(kept)
    return frozenset(), frozenset()


def read_changes(sheet: Sheet, beside: Neighbours) -> tuple[OwnershipChange, ...]:
    """Read changes of ownership, each held against interests, acquisitions and its own sum."""
    found: dict[int, OwnershipChange] = {}
    for line, row in sheet.rows():
        _check_cells(sheet, line, row)
        _check_companies(sheet, line, row, beside)
        _check_accounts(sheet, line, row, beside.chart)
        if line in sheet.bad:
            continue
        found[line] = _noun(row)
        _check_sum(sheet, line, found[line])
        if beside.interests is not None:
            _check_interests(sheet, line, found[line], beside)
        if beside.acquisitions is not None:
            _check_bought(sheet, line, found[line], beside.acquisitions)
            check_kept(sheet, line, found[line], beside.acquisitions)
    _check_order(sheet, found)
    _check_control(sheet, found)
    if beside.interests is not None:
        check_below(sheet, found, beside.interests, beside.entities or ())
    check_control_gone(sheet, found)
    return tuple(each for line, each in found.items() if line not in sheet.bad)


def _noun(row: Mapping[str, Any]) -> OwnershipChange:
    return OwnershipChange(
        entity=row["entity"],
        holder=row["holder"],
        kind=ChangeKind(row["kind"]),
        on=row["date"],
        share=Fraction(row["percent"], SHARE_UNIT),
        proceeds=row["proceeds"],
        cost=row["cost"],
        gain=row["gain"] or 0,
        investment_account=row["investment_account"],
        gain_account=row["gain_account"] or "",
        net_assets=row["net_assets"],
        fair_value=row["fair_value"] or 0,
        retained_fair_value=row["retained_fair_value"] or 0,
        retained_cost=row["retained_cost"],
        retained_account=row["retained_account"] or "",
        reclassified=row["reclassified"] or 0,
    )


def _check_cells(sheet: Sheet, line: int, row: Mapping[str, Any]) -> None:
    """Each kind has its cells, and no other."""
    kind = ChangeKind(row["kind"])
    if not row["percent"]:
        sheet.report(line, "percent", "change-nothing")
    if kind is ChangeKind.INCREASE:
        for column in ("gain", "gain_account"):
            if row[column]:
                sheet.report(line, column, "value-unexpected", why=kind.value)
    elif kind is ChangeKind.STEP and row["gain"]:
        sheet.report(line, "gain", "value-unexpected", why=kind.value)
    elif row["gain_account"] is None:
        sheet.report(line, "gain_account", "value-needed", why=kind.value)
    if (kind is ChangeKind.STEP) is not bool(row["fair_value"]):
        code = "value-needed" if kind is ChangeKind.STEP else "value-unexpected"
        sheet.report(line, "fair_value", code, why=kind.value)
    check_kept_cells(sheet, line, row, kind)
    check_sale_cells(sheet, line, row, kind)
    if kind in (ChangeKind.DISPOSAL, ChangeKind.STEP) and row["net_assets"] is not None:
        # Its balance of the month is that of the day, and says what they were.
        sheet.report(line, "net_assets", "value-unexpected", why=kind.value)


def _check_companies(sheet: Sheet, line: int, row: Mapping[str, Any], beside: Neighbours) -> None:
    """A subsidiary changes hands, and a consolidated company sells or buys."""
    if row["holder"] == row["entity"]:
        sheet.report(line, "holder", "owns-itself", text=row["holder"])
    methods = beside.methods
    companies: tuple[tuple[str, tuple[Method, ...]], ...]
    companies = (("entity", (Method.FULL,)), ("holder", (Method.FULL, Method.PARENT)))
    if row["kind"] == ChangeKind.ASSOCIATE_SALE:
        check_associate_sold(sheet, line, row, methods)
        companies = companies[1:]
    for column, wanted in companies:
        if (method := methods.get(row[column])) is not None and method not in wanted:
            sheet.report(line, column, "change-company", text=row[column], method=method.value)


def _check_accounts(sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None) -> None:
    """An investment is an asset of its holder, a gain is of its result."""
    for column, kinds in (
        ("investment_account", frozenset({AccountClass.ASSET})),
        ("gain_account", RESULT),
        ("retained_account", frozenset({AccountClass.ASSET})),
    ):
        account = row[column]
        if chart is not None and account in chart and chart.kind(account) not in kinds:
            wanted = sorted(kind.value for kind in kinds)
            sheet.report(line, column, "account-class", text=account, wanted=wanted)


def _check_sum(sheet: Sheet, line: int, change: OwnershipChange) -> None:
    """The price, and what is kept at what it is carried at, are the cost and the gain."""
    made = change.cost + change.gain - change.carried
    if change.proceeds != made:
        currency = (sheet.known.entities or {}).get(change.holder, "")
        sheet.report(
            line,
            "proceeds",
            "change-unexplained",
            made=Money(made, currency),
            size=Money(change.proceeds - made, currency),
        )


def _check_interests(sheet: Sheet, line: int, change: OwnershipChange, beside: Neighbours) -> None:
    """From the day on the interests show what is left."""
    before = change.on - timedelta(days=1)
    was = beside.owned(change.holder, change.entity, before)
    now = beside.owned(change.holder, change.entity, change.on)
    if was - now != change.sold:
        sheet.report(
            line,
            "percent",
            "change-share",
            holder=change.holder,
            was=percent(was),
            now=percent(now),
            out_by=percent(abs(was - now - change.sold)),
        )
        return
    if change.kind is ChangeKind.ASSOCIATE_SALE:
        return  # what is left is an associate still, or nothing
    left = beside.owners(change.entity, change.on)
    if change.retained_fair_value and change.kind is ChangeKind.DISPOSAL:
        check_kept_share(sheet, line, change, left, now)
    elif bool(left) is (change.kind is ChangeKind.DISPOSAL):
        code = "change-whole" if left else "change-control"
        sheet.report(line, "kind", code, text=change.kind.value, left=percent(left))


def _check_bought(
    sheet: Sheet, line: int, change: OwnershipChange, acquisitions: tuple[Acquisition, ...]
) -> None:
    """What is sold was bought, and stands on the account it was bought on."""
    pair = (change.holder, change.entity)
    of_kind = as_associates(change, acquisitions)
    bought = [each for each in of_kind if (each.acquirer, each.target) == pair]
    accounts = sorted({each.investment_account for each in bought})
    if change.investment_account not in accounts:
        sheet.report(
            line,
            "investment_account",
            "change-account" if bought else "change-unbought",
            text=change.investment_account,
            **({"known": accounts} if bought else {"entity": change.entity}),
        )


def _check_order(sheet: Sheet, found: Mapping[int, OwnershipChange]) -> None:
    """A company sold whole is gone: nothing of it changes hands afterwards."""
    whole: dict[str, tuple[int, date]] = {}
    for line, change in found.items():
        if change.kind is ChangeKind.DISPOSAL:
            whole.setdefault(change.entity, (line, change.on))
    for line, change in found.items():
        first, on = whole.get(change.entity, (line, change.on))
        if change.kind is ChangeKind.ASSOCIATE_SALE:
            continue  # of what was kept
        if line != first and change.on >= on and line not in sheet.bad:
            row = sheet.table.rows[first]
            sheet.report(line, "entity", "change-after-sale", text=change.entity, first=row)


def _check_control(sheet: Sheet, found: Mapping[int, OwnershipChange]) -> None:
    """Before its step a company is an associate: no part of a subsidiary changes hands."""
    steps: dict[str, tuple[int, date]] = {}
    for line, change in found.items():
        if change.kind is ChangeKind.STEP:
            steps.setdefault(change.entity, (line, change.on))
    for line, change in found.items():
        step, on = steps.get(change.entity, (line, change.on))
        part = change.kind not in (ChangeKind.DISPOSAL, ChangeKind.STEP)
        if part and change.on < on and line not in sheet.bad:
            row = sheet.table.rows[step]
            sheet.report(line, "kind", "change-before-step", text=change.entity, step=row)
