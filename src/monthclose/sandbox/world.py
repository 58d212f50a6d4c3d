"""
The sandbox group as its ERPs hold it.

Made from the hidden ledger of `HiddenLedger`: what a company's own system serves, read and
mapped as a close does it, is that ledger to the cent, the gaps of its balancete apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Supplement
from monthclose.sandbox.books import Line
from monthclose.sandbox.chart import OwnAccount
from monthclose.sandbox.clerk import Clerk
from monthclose.sandbox.entries import Ledger, accounts
from monthclose.sandbox.habits import GAPS, KINDS, NOTHING, OWN
from monthclose.sandbox.hidden import LAST, MONTHS, HiddenLedger, Month, OwnLine
from monthclose.sandbox.served import Party, Served

BETWEEN = {"AR:GROUP": "1150", "AP:GROUP": "2150"}
"""Standard accounts of what is open with named companies of the group."""

RESULT = frozenset("456")
"""First digits of standard accounts of income and expense."""


@dataclass(frozen=True, slots=True)
class Member:
    """
    One company, as its ERP holds it.

    Attributes:
        code: Short code.
        erp: Name of the ERP.
        served: What its ERP answers.
        mapping: Standard account by account of the ERP, of a derived balance, and of the
            accountant.
        opening: Trial balance of the cut-over; no lines for one that was founded later.
        supplements: The accountant's balancetes for what the ERP does not know, by month;
            none where it keeps a ledger.
        lines: The hidden ledger's own months, by standard account and partner.
    """

    code: str
    erp: str
    served: Served
    mapping: Mapping[str, str]
    opening: RawBalance
    supplements: Mapping[str, Supplement] = field(default_factory=dict)
    lines: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)

    @property
    def results(self) -> frozenset[str]:
        """Its accounts of income and expense."""
        return frozenset(a for a, standard in self.mapping.items() if standard[0] in RESULT)


class World:
    """
    The whole group.

    Attributes:
        group: The group with its hidden ledger.
        today: The day on which every ERP answers.
        members: The companies by code, the holding first.
    """

    def __init__(
        self,
        seed: int = 2025,
        entities: int = 7,
        months: int = MONTHS,
        today: date | None = None,
    ) -> None:
        """
        Make the group.

        Args:
            seed: Another one gives other figures.
            entities: How many companies, the holding among them.
            months: How many months at least; they begin with a January.
            today: The day on which every ERP answers; None: five days after the last month.

        Raises:
            RatesNotInstalled: the package with the rates is not there.
            ValueError: fewer than two companies, or months before 2022.
        """
        self.group = HiddenLedger(seed, entities, months)
        self.today = today or LAST.last_day + timedelta(days=5)
        by_company: dict[str, list[Month]] = {}
        for month in self.group.months():
            by_company.setdefault(month.entity, []).append(month)
        self.members = {code: self._member(code, its) for code, its in by_company.items()}

    def opening(self, code: str, period: str) -> RawBalance:
        """
        What a company held before a month, cents, in the accounts a derived balance goes on in.

        The first month's is the cut-over's; a later one's is the accountant's closing of the
        month before, its banks as they were, what is owed in and outside the group together.
        """
        member = self.members[code]
        if period == min(member.lines) or member.erp == "totvs":
            return member.opening
        cut = Period.parse(period).first_day - timedelta(days=1)
        sheet = {
            (line.account, line.partner): line.closing for line in member.lines[str(Period.of(cut))]
        }
        banks = {
            each.id: member.served.bank_balance(each.id, cut)
            for each in member.served.dealings.banks
        }
        return _opening(code, cut, _held(self.group.chart(code), banks, sheet))

    def _member(self, code: str, months: list[Month]) -> Member:
        """Write one company's ledger or dealings."""
        erp = self.group.erp(code)
        return (
            self._with_ledger(code, months) if erp == "totvs" else self._without(code, erp, months)
        )

    def _parties(self, code: str) -> dict[str, Party]:
        """The other companies of the group, as this one's system knows them."""
        chart = self.group.chart(code)
        return {
            other: Party(
                id=str(900_000 + place * 10),
                name=self.group.name(other),
                tax_id=self.group.cnpj(other),
                receivable=chart["1150"][0].code,
                payable=chart["2150"][0].code,
            )
            for place, other in enumerate(self.group.codes)
            if other != code
        }

    def _clerk(
        self, code: str, erp: str, months: list[Month]
    ) -> tuple[Clerk, Mapping[str, Supplement]]:
        """Whoever wrote a company's dealings, and what its accountant sent."""
        accountant = {standard: own[0].code for standard, own in self.group.chart(code).items()}
        seed = f"{self.group.seed}/{code}"
        clerk = Clerk(erp, seed, self._parties(code), accountant, self.group.codes)
        clerk.begin(_sheet(months), _cut(months))
        sent = {}
        for month in months:
            lines = clerk.month(month.period, month.journal)
            period = str(month.period)
            told = {line.gap for line in lines}
            none = tuple(sorted(name for name in {*GAPS.values(), *NOTHING} if name not in told))
            sent[period] = Supplement(code, period, "BRL", tuple(lines), none)
        return clerk, sent

    def _place(self, code: str) -> str:
        """What an ERP calls a company: company and branch, or a number."""
        place = self.group.codes.index(code) + 1
        return f"{place:02d},0101" if self.group.erp(code) == "totvs" else str(1_000_000 + place)

    def _served(self, code: str, **more: object) -> Served:
        """What is common to all."""
        return Served(
            id=self._place(code),
            name=self.group.name(code),
            cnpj=self.group.cnpj(code),
            today=self.today,
            **more,  # type: ignore[arg-type]
        )

    def _with_ledger(self, code: str, months: list[Month]) -> Member:
        """A company whose ERP keeps a ledger; its titles are the subledger."""
        clerk, _ = self._clerk(code, "totvs", months)
        tax_ids = {other: party.tax_id for other, party in self._parties(code).items()}
        ledger = Ledger(f"{self.group.seed}/{code}", tax_ids)
        kept: dict[tuple[str, str], int] = {}
        opening: list[OwnLine] = []
        for number, month in enumerate(months):
            own = list(self.group.own_lines(month, kept))
            if not number:
                opening = own
                ledger.begin(own, _cut(months))
            ledger.month(month.period, month.journal, own)
            if month.period.month == 12:
                ledger.close_year(month.period, own, self.group.chart(code)["3300"][0].code)
        chart = self.group.chart(code)
        served = self._served(
            code,
            dealings=clerk.dealings(),
            parties=clerk.parties,
            accounts=accounts(chart),
            entries=tuple(ledger.entries),
        )
        mapping = {own.code: own.standard for owned in chart.values() for own in owned} | BETWEEN
        held: dict[str, int] = {}
        for each in opening:
            held[each.account.code] = held.get(each.account.code, 0) + each.opening
        return Member(
            code, "totvs", served, mapping, _opening(code, _cut(months), held), lines=_lines(months)
        )

    def _without(self, code: str, erp: str, months: list[Month]) -> Member:
        """A company whose ERP knows titles and bank entries; the accountant knows the rest."""
        clerk, sent = self._clerk(code, erp, months)
        served = self._served(
            code,
            dealings=clerk.dealings(),
            parties=clerk.parties,
            bank_starts=clerk.starts,
        )
        chart = self.group.chart(code)
        mapping = {own.code: own.standard for owned in chart.values() for own in owned} | OWN
        standard = {kind.key: kind.standard for kind in KINDS}
        for key, category in clerk.categories.items():
            if key in standard:
                mapping[f"CAT:{category.code}"] = standard[key]
        for bank, account in zip(clerk.banks, ("1010", "1010", "1020"), strict=True):
            mapping[f"BANK:{bank.id}"] = account
        held = _held(chart, clerk.starts, _sheet(months))
        return Member(
            code, erp, served, mapping, _opening(code, _cut(months), held), sent, _lines(months)
        )


def _held(
    chart: Mapping[str, tuple[OwnAccount, ...]],
    banks: Mapping[str, int],
    sheet: Mapping[tuple[str, str], int],
) -> dict[str, int]:
    """A balance sheet in the accounts of a derived balance and of the accountant, cents."""
    held = {f"BANK:{bank}": amount for bank, amount in banks.items()}
    controls = {"1100": "AR", "1150": "AR", "2010": "AP", "2150": "AP"}
    for (account, _), amount in sheet.items():
        if account not in ("1010", "1020"):
            own = controls.get(account) or chart[account][0].code
            held[own] = held.get(own, 0) + amount
    return held


def _opening(code: str, cut: date, held: Mapping[str, int]) -> RawBalance:
    """A trial balance of the cut-over."""
    codes = sorted(account for account, amount in held.items() if amount)
    amounts = np.array([held[account] for account in codes], dtype=np.int64)
    return RawBalance(code, str(Period.of(cut)), "BRL", tuple(codes), amounts)


def _cut(months: list[Month]) -> date:
    """The day before a company's first month."""
    return months[0].period.first_day - timedelta(days=1)


def _sheet(months: list[Month]) -> dict[tuple[str, str], int]:
    """What a company held before its first month, cents by account and partner."""
    return {(line.account, line.partner): line.opening for line in months[0].lines if line.opening}


def _lines(months: list[Month]) -> dict[str, tuple[Line, ...]]:
    """The hidden ledger's lines by month."""
    return {str(month.period): month.lines for month in months}
