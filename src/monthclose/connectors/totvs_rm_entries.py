"""Lines of RM's entries, and what they say about other companies of the group."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Flow, Nature, OpenItem, Side, SourceAccount


@dataclass(frozen=True, slots=True)
class Line:
    """
    A line of an entry.

    Attributes:
        on: The day it is posted.
        debit: Account debited, or empty.
        credit: Account credited, or empty.
        amount: Minor units.
        batch: Code of its batch.
        partner: Number of the company it eliminates against, or empty.
        document: What it was posted for.
        entry: Code of the entry within its batch.
    """

    on: date
    debit: str
    credit: str
    amount: int
    batch: str
    partner: str = ""
    document: str = ""
    entry: str = ""

    def sides(self) -> Iterator[tuple[str, int, int]]:
        """Account, debit and credit of each side there is."""
        if self.debit:
            yield self.debit, self.amount, 0
        if self.credit:
            yield self.credit, 0, self.amount


def between_companies(
    lines: Sequence[Line],
    chart: Mapping[str, SourceAccount],
    parties: Mapping[str, tuple[str, str]],
    month: Period,
    currency: str,
) -> tuple[tuple[OpenItem, ...], tuple[Flow, ...]]:
    """
    What stands open with each other company, and what was traded with it in a month.

    A line that names a company has two sides, and one may be the bank: only accounts of the
    balance sheet all of whose lines name a company are taken as intercompany accounts.

    Args:
        lines: All of the company's, of whatever day.
        chart: By code.
        parties: Name and CNPJ by number of the company.
        month: The month.
        currency: ISO 4217 code of every amount.

    Returns:
        Open items at the end of the month by account and company; flows of the month, one
        a line. Minor units, debit positive.
    """
    known = [line for line in lines if line.on <= month.last_day]
    mixed = {account for line in known if not line.partner for account, *_ in line.sides()}
    open_with: dict[tuple[str, str], int] = defaultdict(int)
    since: dict[tuple[str, str], date] = {}
    flows = []
    for number, line in enumerate(known):
        name, cnpj = parties.get(line.partner, (line.partner, ""))
        for account, debit, credit in line.sides():
            if not line.partner or account not in chart:
                continue
            if chart[account].nature is Nature.RESULT:
                if Period.of(line.on) == month:
                    key = f"{line.batch}|{number}"
                    side = Side.PAYABLE if debit > credit else Side.RECEIVABLE
                    flows.append(
                        Flow(
                            key, line.document, cnpj, name, account, debit - credit, currency,
                            line.on, side,
                        )
                    )  # fmt: skip
            elif account not in mixed:
                open_with[account, line.partner] += debit - credit
                since[account, line.partner] = line.on
    items = []
    for (account, partner), amount in sorted(open_with.items()):
        name, cnpj = parties.get(partner, (partner, ""))
        asset = chart[account].nature is Nature.ASSET
        if amount:
            items.append(
                OpenItem(
                    Side.RECEIVABLE if asset else Side.PAYABLE,
                    f"{account}|{partner}",
                    "",
                    cnpj,
                    name,
                    account,
                    amount,
                    currency,
                    since[account, partner],
                )
            )
    return tuple(items), tuple(flows)
