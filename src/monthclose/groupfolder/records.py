"""Companies, chart, ownership, mappings, rates and openings: from checked lines to nouns."""

from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction

from monthclose.groupfolder.columns import Known, Sheet
from monthclose.groupfolder.equity_method import read_opening
from monthclose.groupfolder.numbers import write_percent
from monthclose.groupfolder.schema import ROLES
from monthclose.ledger.accounts import (
    ENTERED,
    FAIR_VALUE_CLEARING,
    GOODWILL_CLEARING,
    POSITION,
    RESULT,
    Account,
    AccountClass,
    Chart,
    Roles,
    chart_of,
)
from monthclose.ledger.acquisitions import OpeningBalance
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest, Method
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind

ROLE_CLASSES: Mapping[str, frozenset[AccountClass]] = {
    "cta": frozenset({AccountClass.CTA}),
    "nci": frozenset({AccountClass.NCI}),
    "retained_earnings": frozenset({AccountClass.RETAINED_EARNINGS}),
    "dividends": frozenset({AccountClass.DIVIDENDS}),
    "goodwill": frozenset({AccountClass.ASSET}),
    "bargain_gain": frozenset({AccountClass.INCOME}),
    "dividend_income": frozenset({AccountClass.INCOME}),
    "difference_position": POSITION,
    "difference_result": RESULT,
    "associate_result": frozenset({AccountClass.INCOME}),
    "associate_oci": frozenset({AccountClass.OCI}),
    "equity_pickup": frozenset({AccountClass.INCOME}),
    "deferred_tax": POSITION,
    "deferred_tax_result": RESULT,
    "goodwill_impairment": RESULT,
    "goodwill_amortisation": RESULT,
    "result_before": frozenset({AccountClass.RETAINED_EARNINGS}),
    "translation_reserve": frozenset({AccountClass.OCI}),
    "monetary_result": RESULT,
    "restated_use": RESULT,
}
"""What an account with a role has to be."""

COMPUTED = {AccountClass.CTA: "cta", AccountClass.NCI: "nci"}
"""Classes with one account, which the close computes, and its role."""


def read_entities(sheet: Sheet) -> tuple[Entity, ...]:
    """Read the companies: one parent, no CNPJ twice."""
    parents: list[int] = []
    numbers: dict[str, int] = {}
    found = []
    for line, row in sheet.rows():
        if row["method"] == Method.PARENT:
            parents.append(line)
        if row["tax_id"]:
            first = numbers.setdefault(row["tax_id"], line)
            if first != line:
                sheet.report(line, "tax_id", "tax-id-twice", first=sheet.table.rows[first])
        found.append(
            Entity(
                code=row["code"],
                name=row["name"],
                currency=row["currency"],
                method=Method(row["method"]),
                tax_id=row["tax_id"] or "",
                erp=row["erp"] or "",
                first_period=row["first_period"] or "",
                index=row["index"] or "",
                year_end=int(row["year_end"] or 0),
                reporting_lag=int(row["reporting_lag"] or 0),
            )
        )
    for line in parents[1:]:
        sheet.report(line, "method", "parent-twice", first=sheet.table.rows[parents[0]])
    if not parents and not sheet.bad:
        sheet.problems.add(sheet.table.file, "parent-missing", 0, "method")
    return tuple(found)


def currencies_of(sheet: Sheet) -> dict[str, str]:
    """The currency of every company named, also in a line that is otherwise wrong."""
    pairs = zip(sheet.values["code"], sheet.values["currency"], strict=True)
    return {code: currency or "" for code, currency in pairs if code}


def codes_of(sheet: Sheet) -> frozenset[str]:
    """Every account named, also in a line that is otherwise wrong, and those of the close."""
    roles = {getattr(Roles(), field.name) for field in fields(Roles)} - {""}
    named = {role for role in sheet.values["role"] if role}
    if sheet.bad or named:
        # A role that was given replaces the account that would be added for it.
        roles -= {getattr(Roles(), role) for role in named}
    roles -= {""}  # what has no account unless one is named
    return frozenset(roles | {code for code in sheet.values["code"] if code})


def read_chart(sheet: Sheet, lang: str) -> Chart:
    """Read the standard chart, with the roles of its accounts, and add what the close needs."""
    roles: dict[str, str] = {}
    accounts = []
    for line, row in sheet.rows():
        _take_role(sheet, line, roles)
        if row["metric"] and AccountClass(row["class"]) not in RESULT:
            wanted = sorted(kind.value for kind in RESULT)
            sheet.report(line, "class", "metric-class", metric=row["metric"], wanted=wanted)
        accounts.append(
            Account(
                code=row["code"],
                name=row["name"],
                kind=AccountClass(row["class"]),
                parent=row["parent"] or "",
                statement_line=row["statement_line"] or "",
                monetary=row["monetary"] == "yes",
                intercompany=row["intercompany"] or "",
                cash=row["cash"] == "yes",
                cash_flow=row["cash_flow"] or "",
                deferred_tax=row["deferred_tax"] == "yes",
                contra=row["contra"] == "yes",
                gaap=frozenset([row["gaap"]] if row["gaap"] else []),
                metric=row["metric"] or "",
            )
        )
    _check_collisions(sheet, roles)
    _check_parents(sheet)
    return chart_of(tuple(accounts), Roles(**roles), lang)


def _take_role(sheet: Sheet, line: int, roles: dict[str, str]) -> None:
    """Take the role of one account; each is one account's, and of its class."""
    row = sheet.row(line)
    role, kind = row["role"], AccountClass(row["class"])
    if kind in COMPUTED and role != COMPUTED[kind]:
        sheet.report(line, "role", "role-needed", kind=kind.value, role=COMPUTED[kind])
    elif role and kind not in ROLE_CLASSES[role]:
        wanted = sorted(each.value for each in ROLE_CLASSES[role])
        sheet.report(line, "class", "role-class", role=role, wanted=wanted)
    elif role and role in roles:
        sheet.report(line, "role", "role-twice", role=role, other=roles[role])
    elif role:
        roles[role] = row["code"]


def _check_collisions(sheet: Sheet, roles: Mapping[str, str]) -> None:
    """Object to an account that the close would use for something else, unasked."""
    taken = {getattr(Roles(), role): role for role in ROLES if role not in roles}
    between = {GOODWILL_CLEARING: "goodwill at acquisition", FAIR_VALUE_CLEARING: "step-ups"}
    taken |= between
    for line, row in list(sheet.rows()):
        if row["code"] in taken and (row["role"] is None or row["code"] in between):
            sheet.report(line, "code", "code-reserved", text=row["code"], role=taken[row["code"]])


def _check_parents(sheet: Sheet) -> None:
    """Every parent is an account, and no account adds into itself."""
    above = {row["code"]: row["parent"] for _, row in sheet.rows()}
    named = {code for code in sheet.values["code"] if code}
    for line, row in list(sheet.rows()):
        seen, code = {row["code"]}, row["parent"]
        if code and code not in named:
            sheet.report(line, "parent", "account-unknown", text=code)
            continue
        while code and code not in seen:
            seen.add(code)
            code = above.get(code)
        if code == row["code"]:
            sheet.report(line, "parent", "parent-circle", text=code)


def read_ownership(sheet: Sheet) -> tuple[Interest, ...]:
    """Read who owns what from which day."""
    found = []
    for line, row in sheet.rows():
        if row["holder"] == row["investee"]:
            sheet.report(line, "investee", "owns-itself", text=row["holder"])
            continue
        found.append(Interest(row["holder"], row["investee"], row["percent"], row["from"]))
    return tuple(found)


type Mappings = dict[str, dict[str, tuple[Target, ...]]]
"""Targets by entity and by the entity's account."""


def read_mappings(sheet: Sheet, chart: Chart | None) -> Mappings:
    """
    Read the mappings; the shares of each account add up to 100 percent.

    Thirty thousand lines are usual, nearly all of one target: those share their nouns.
    """
    _check_targets(sheet, chart)
    names = ("entity", "account", "standard_account", "percent")
    columns = [sheet.values[name] for name in names]
    whole: dict[str, tuple[Target, ...]] = {}
    split: dict[tuple[str, str], list[int]] = {}
    mappings: Mappings = {}
    for line, (entity, account, target, share_e8) in enumerate(zip(*columns, strict=True)):
        if line in sheet.bad:
            continue
        targets = mappings.get(entity)
        if targets is None:
            targets = mappings[entity] = {}
        if share_e8 is None and account not in targets:
            only = whole.get(target)
            if only is None:
                only = whole[target] = (Target(target),)
            targets[account] = only
        else:
            share = Fraction(SHARE_UNIT if share_e8 is None else share_e8, SHARE_UNIT)
            targets[account] = (*targets.get(account, ()), Target(target, share))
            split.setdefault((entity, account), []).append(line)
    _check_shares(sheet, mappings, split)
    return mappings


def _check_targets(sheet: Sheet, chart: Chart | None) -> None:
    """No account goes to one that the close computes."""
    if chart is None:
        return
    targets = sheet.values["standard_account"]
    known = {target for target in set(targets) if target in chart}
    computed = {target for target in known if chart.kind(target) not in ENTERED}
    if computed:
        for line in list(sheet.lines()):
            if (target := targets[line]) in computed:
                kind = chart.kind(target).value
                sheet.report(line, "standard_account", "account-computed", text=target, kind=kind)


def _check_shares(
    sheet: Sheet, mappings: Mappings, split: Mapping[tuple[str, str], list[int]]
) -> None:
    """The shares of every account that has several, or one below the whole, add up."""
    if not split:
        return
    accounts = list(zip(sheet.values["entity"], sheet.values["account"], strict=True))
    doubtful = {accounts[line] for line in sheet.bad}
    firsts = {key: line for line, key in reversed(list(enumerate(accounts)))}
    for key in split:
        whole = sum((target.share for target in mappings[key[0]][key[1]]), Fraction(0))
        if whole != 1 and key not in doubtful:
            percent = write_percent(int(whole * SHARE_UNIT))
            sheet.report(firsts[key], "percent", "mapping-sum", account=key[1], percent=percent)


def entity_mappings(mappings: Mappings) -> dict[str, EntityMapping]:
    """The mappings as nouns; each has been seen to add up."""
    return {entity: EntityMapping(entity, targets) for entity, targets in mappings.items()}


def read_rates(sheet: Sheet) -> tuple[Quote, ...]:
    """Read the quotes; a closing, average or historical one stands once for a pair and day."""
    given: dict[tuple[RateKind, frozenset[str], str], int] = {}
    found = []
    for line, row in sheet.rows():
        kind = RateKind(row["kind"] or RateKind.DAILY)
        on = str(row["date"])
        if row["base"] == row["quote"]:
            sheet.report(line, "quote", "rate-of-itself", text=row["base"])
            continue
        if kind is RateKind.AVERAGE and on.endswith("-01") and len(on) == 10:
            on = on[:7]  # what a spreadsheet makes of 2025-06 when it is typed
        if (kind is RateKind.AVERAGE) != (len(on) == 7) and kind is not RateKind.CLOSING:
            code = "rate-month" if kind is RateKind.AVERAGE else "rate-day"
            sheet.report(line, "date", code, kind=kind.value)
            continue
        if kind is not RateKind.DAILY:
            last = str(Period.parse(on).last_day) if len(on) == 7 else on
            key = (kind, frozenset({row["base"], row["quote"]}), last)
            first = given.setdefault(key, line)
            if first != line:
                row_of_first = sheet.table.rows[first]
                sheet.report(line, "date", "rate-twice", kind=kind.value, first=row_of_first)
                continue
        source = row["source"] or ""
        found.append(Quote(row["base"], row["quote"], row["value"], kind, on, source))
    return tuple(found)


def read_openings(sheet: Sheet, chart: Chart | None, known: Known) -> tuple[OpeningBalance, ...]:
    """Read what the close before the first month left behind: equity, and the result so far."""
    found = []
    for line, row in sheet.rows():
        account, functional = row["account"], row["functional"]
        kind = chart.kind(account) if chart is not None and account in chart else None
        carried = kind is AccountClass.ASSET and row["entity"] in known.kept
        if carried or row["entity"] in known.associates | known.stepped:
            if opening := read_opening(sheet, line, row, chart, known):
                found.append(opening)
            continue
        indexed = row["entity"] in known.indexed  # its other assets opened restated
        if (kind in POSITION and not indexed) or kind is AccountClass.CLEARING:
            sheet.report(line, "account", "opening-class", text=account, kind=kind)
        elif kind in COMPUTED and functional is not None:
            sheet.report(line, "functional", "value-unexpected", why=kind)
        elif kind is not None and kind not in COMPUTED and functional is None:
            sheet.report(line, "functional", "value-needed", why=kind)
        elif (known.entities or {}).get(row["entity"]) == known.presentation and functional not in (
            None,
            row["translated"],
        ):
            sheet.report(line, "translated", "opening-differs", currency=known.presentation)
        else:
            found.append(OpeningBalance(row["entity"], account, functional, row["translated"]))
    return tuple(found)
