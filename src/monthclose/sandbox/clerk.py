"""
A company's dealings, written from the hidden ledger month by month.

Every posting becomes a title, a settlement, a bank entry or a transfer, or a line of the
accountant's balancete: whoever adds them up again gets the ledger to the cent.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from monthclose.ledger.cnpj import check_digits
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side, SupplementLine
from monthclose.ledger.titles import (
    BankEntry,
    BankTransfer,
    Category,
    Dealings,
    Part,
    Settlement,
)
from monthclose.sandbox.books import Posted, part
from monthclose.sandbox.drafts import Draft, Paid, first_come, shares
from monthclose.sandbox.habits import (
    GAPS,
    HABITS,
    Numbers,
    bank_list,
    category_list,
)
from monthclose.sandbox.served import Party

DIRECT = {
    ("2020", "1010"): ("wages", 5),
    ("2030", "1010"): ("taxes", 20),
    ("1400", "1010"): ("equipment", 12),
    ("1420", "1010"): ("software", 14),
    ("3350", "1010"): ("dividends", 25),
    ("6100", "1010"): ("charges", 26),
    ("1010", "4300"): ("yield", 27),
    ("1010", "2200"): ("loans", 28),
    ("1010", "3010"): ("capital", 10),
    ("1010", "recovered"): ("recovered", 18),
}
"""Category and day of money that moves with no title behind it, by debit and credit."""

BOUGHT = {
    "5010": ("hosting",),
    "6010": ("commissions", "media"),
    "6030": ("rent", "advice", "travel"),
}
CUSTOMERS, SUPPLIERS = 18, 10

_MONTHS = "ABCDEFGHIJKL"
"""A month in one character, for numbers of invoices."""


class Clerk:
    """
    Whoever writes one company's dealings.

    Attributes:
        erp: Where.
        banks: Two current accounts, and one for deposits.
        categories: By key.
        parties: Customers, suppliers, and the companies of the group.
    """

    def __init__(
        self,
        erp: str,
        seed: str,
        group: Mapping[str, Party],
        accountant: Mapping[str, str],
        places: Sequence[str],
    ) -> None:
        """
        Take the desk; nothing is written yet.

        Args:
            erp: Name of the ERP.
            seed: Of the company.
            group: Companies of the group by code.
            accountant: Accounts of the accountant's chart by standard account.
            places: Codes of all companies in the group's order; the seed ends with its own.
        """
        self._places, self._code = places, seed.rpartition("/")[2]
        self.erp, self._seed, self._habits = erp, seed, HABITS[erp]
        self._numbers = Numbers(erp, seed)
        self._accountant, self._group = accountant, group
        self.banks = bank_list(erp, self._numbers)
        self.categories: dict[str, Category] = category_list(erp, self._numbers)
        rnd = Random(f"{seed}/parties")
        self._customers = [_party(self._numbers, rnd, "Cliente", n) for n in range(CUSTOMERS)]
        self._suppliers = [_party(self._numbers, rnd, "Fornecedor", n) for n in range(SUPPLIERS)]
        self._drafts: list[Draft] = []
        self._queues: dict[tuple[str, str], list[Draft]] = defaultdict(list)
        self._entries: list[BankEntry] = []
        self._transfers: list[BankTransfer] = []
        self._doomed: Draft | None = None
        self.starts: dict[str, int] = {}

    @property
    def parties(self) -> tuple[Party, ...]:
        """Everybody a title may name."""
        return (*self._customers, *self._suppliers, *self._group.values())

    def dealings(self) -> Dealings:
        """All that was written."""
        return Dealings(
            titles=tuple(draft.title() for draft in self._drafts),
            entries=tuple(self._entries),
            transfers=tuple(self._transfers),
            categories=tuple(self.categories.values()),
            banks=self.banks,
        )

    def begin(self, sheet: Mapping[tuple[str, str], int], cut: date) -> None:
        """Write what was open and in the banks at the end of the day of cut-over."""
        rnd = Random(f"{self._seed}/opening")
        for (account, partner), amount in sorted(sheet.items()):
            match account:
                case "1100":
                    self._older(rnd, Side.RECEIVABLE, amount, cut)
                case "2010":
                    self._older(rnd, Side.PAYABLE, -amount, cut)
                case "1150":
                    self._fee(Side.RECEIVABLE, partner, amount, cut)
                case "2150":
                    self._fee(Side.PAYABLE, partner, -amount, cut)
                case "1010":
                    second = part(amount, 1_500)
                    self.starts[self.banks[0].id] = amount - second
                    self.starts[self.banks[1].id] = second
                case "1020":
                    self.starts[self.banks[2].id] = amount

    def month(self, period: Period, journal: Iterable[Posted]) -> list[SupplementLine]:
        """
        Write a month.

        Returns:
            What only the accountant knows of it.

        Raises:
            ValueError: a posting that no such system has a place for.
        """
        rnd = Random(f"{self._seed}/{period}/dealings")
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for posted in journal:
            sums[posted.debit, posted.credit, posted.partner] += posted.amount
        again = self._cancel(period)
        self._settle(rnd, period, sums)
        self._sell(rnd, period, sums, again)
        self._buy(rnd, period, sums)
        gaps: list[SupplementLine] = []
        keeps_ledger = self.erp == "totvs"  # its titles are a subledger, the rest are entries
        for (debit, credit, partner), amount in sums.items():
            if (debit, credit) in (("1150", "4110"), ("6050", "2150")):
                side = Side.RECEIVABLE if debit == "1150" else Side.PAYABLE
                self._fee(side, partner, amount, period.last_day)
            elif keeps_ledger or not amount:
                continue
            elif gap := GAPS.get(frozenset((debit, credit))):
                gaps += self._gap(gap, debit, credit, amount)
            elif (debit, credit) == ("1010", "1020"):
                self._move(period.last_day, self.banks[2].id, self.banks[0].id, amount)
            else:
                key, day = _direct(debit, credit)
                self._direct(
                    key, date(period.year, period.month, day), amount, out=credit == "1010"
                )
        return gaps

    def _title(self, side: Side, party: Party, accrued: date, parts: Sequence[Part]) -> Draft:
        """Write one title, due in thirty days."""
        number = self._numbers.id()
        draft = Draft(
            side, number, f"NF-{len(self._drafts) + 1:05d}", party, accrued,
            accrued + timedelta(days=30), tuple(parts),
        )  # fmt: skip
        self._drafts.append(draft)
        return draft

    def _part(self, key: str, amount: int) -> Part:
        """An amount under a category."""
        return Part(self.categories[key].code, amount)

    def _older(self, rnd: Random, side: Side, amount: int, cut: date) -> None:
        """Write titles of the last three months behind an opening balance."""
        received = side is Side.RECEIVABLE
        people = self._customers if received else self._suppliers
        queue = self._queues["1100" if received else "2010", ""]
        month = Period.of(cut).plus(-2)
        for back, share_bp in ((0, 800), (1, 2_200), (2, 0)):
            piece = (
                part(amount, share_bp)
                if share_bp
                else amount - part(amount, 800) - part(amount, 2_200)
            )
            for each in shares(rnd, piece, 6) if piece else []:
                day = _day(rnd, month.plus(back))
                key = "subscriptions" if received else rnd.choice(("hosting", "media", "rent"))
                queue.append(self._title(side, rnd.choice(people), day, [self._part(key, each)]))

    def _fee(self, side: Side, partner: str, amount: int, on: date) -> None:
        """Write a title with a company of the group."""
        if not amount:
            return
        received = side is Side.RECEIVABLE
        parts = [self._part("charged" if received else "group", amount)]
        draft = self._title(side, self._group[partner], on, parts)
        own, other = self._places.index(self._code), self._places.index(partner)
        seller, buyer = (own, other) if received else (other, own)
        # Both sides write the seller's number; no system cuts one of eight characters.
        draft.document = f"{seller:03d}{buyer:03d}{on.year % 10}{_MONTHS[on.month - 1]}"
        self._queues["1150" if received else "2150", partner].append(draft)

    def _cancel(self, period: Period) -> int:
        """Cancel the title that was wrong a month ago; what is sold again, cents."""
        draft, self._doomed = self._doomed, None
        if draft is None:
            return 0
        draft.cancelled = date(period.year, period.month, 3)
        return draft.amount

    def _settle(self, rnd: Random, period: Period, sums: dict[tuple[str, str, str], int]) -> None:
        """Pay and collect, the oldest first; interest, fines, discounts and fees go with it."""
        lost = self._lose(rnd, period, sums)
        received = self._collect(
            rnd, period, ("1100", ""), sums.pop(("1010", "1100", ""), 0) - lost
        )
        paid = self._collect(rnd, period, ("2010", ""), sums.pop(("2010", "1010", ""), 0))
        for debit, credit, partner in list(sums):
            if (debit, credit) in (("1010", "1150"), ("2150", "1010")):
                amount = sums.pop((debit, credit, partner))
                account = credit if debit == "1010" else debit
                self._collect(rnd, period, (account, partner), amount)
        if self._habits.extras:
            income, expense = ("1010", "4300", ""), ("6100", "1010", "")
            sums[income] -= _extra(received, part(sums[income], 3_000), _late)
            sums[income] -= _extra(paid, part(sums[income], 700), _discount)
            sums[expense] -= _extra(paid, part(sums[expense], 2_000), _late)
            sums[expense] -= _extra(received, part(sums[expense], 1_000), _discount)
            if self._habits.fees:
                sums[expense] -= _extra(received, part(sums[expense], 2_500), _fee)

    def _lose(self, rnd: Random, period: Period, sums: dict[tuple[str, str, str], int]) -> int:
        """
        Write off a little in every third month.

        As much comes back of what was written off long before: the ledger knows of neither.
        """
        collected = sums.get(("1010", "1100", ""), 0)
        if not self._habits.losses or period.month % 3 or not collected:
            return 0
        oldest = next(draft for draft in self._queues["1100", ""] if draft.left)
        if not (lost := min(oldest.left, part(collected, 60))):
            return 0
        oldest.settlements.append(
            Settlement(self._numbers.id(), _day(rnd, period), self.banks[0].id, lost, loss=True)
        )
        sums["1010", "recovered", ""] += lost
        return lost

    def _collect(
        self, rnd: Random, period: Period, queue: tuple[str, str], amount: int
    ) -> list[Paid]:
        """Settle an amount; one title in seven in two steps."""
        made = []
        for draft, taken in first_come(self._queues[queue], amount):
            steps = shares(rnd, taken, 2) if rnd.randrange(7) == 0 else [taken]
            for step in steps:
                bank = self.banks[rnd.randrange(8) == 0].id
                paid = Settlement(self._numbers.id(), _day(rnd, period), bank, step)
                draft.settlements.append(paid)
                made.append(Paid(draft, len(draft.settlements) - 1))
        self._queues[queue] = [draft for draft in self._queues[queue] if draft.left]
        return made

    def _sell(
        self, rnd: Random, period: Period, sums: dict[tuple[str, str, str], int], again: int
    ) -> None:
        """Write a month's invoices; what was cancelled is invoiced again."""
        queue = self._queues["1100", ""]
        subscribed = sums.pop(("1100", "4010", ""), 0) + again
        services = sums.pop(("1100", "4020", ""), 0)
        wrong = part(subscribed, 90) if self._habits.cancels else 0
        sold = (
            [[self._part("subscriptions", s)] for s in shares(rnd, subscribed - wrong, CUSTOMERS)]
            if subscribed - wrong
            else []
        )
        for number, each in enumerate(shares(rnd, services, 5) if services else []):
            piece = self._part("services", each)
            if self._habits.split and number < len(sold):
                sold[number].append(piece)
            else:
                sold.append([piece])
        days = sorted(_day(rnd, period) for _ in sold)
        for parts, day in zip(sold, days, strict=True):
            queue.append(self._title(Side.RECEIVABLE, rnd.choice(self._customers), day, parts))
        if wrong:  # one is wrong and cancelled next month, and one at once
            parts = [self._part("subscriptions", wrong)]
            customer = rnd.choice(self._customers)
            self._doomed = self._title(Side.RECEIVABLE, customer, period.last_day, parts)
            queue.append(self._doomed)
            twice = self._title(Side.RECEIVABLE, customer, period.last_day, parts)
            twice.cancelled = period.last_day

    def _buy(self, rnd: Random, period: Period, sums: dict[tuple[str, str, str], int]) -> None:
        """Write a month's bills."""
        bills = []
        for account, keys in BOUGHT.items():
            amount = sums.pop((account, "2010", ""), 0)
            for number, each in enumerate(shares(rnd, amount, 2 * len(keys)) if amount else []):
                bills.append(self._part(keys[number % len(keys)], each))
        days = sorted(_day(rnd, period) for _ in bills)
        for piece, day in zip(bills, days, strict=True):
            bill = self._title(Side.PAYABLE, rnd.choice(self._suppliers), day, [piece])
            self._queues["2010", ""].append(bill)

    def _direct(self, key: str, on: date, amount: int, *, out: bool) -> None:
        """Write money with no title behind it, or with one that is settled at once."""
        bank, piece = self.banks[0].id, self._part(key, amount)
        if self._habits.entries:
            signed = -amount if out else amount
            self._entries.append(BankEntry(self._numbers.id(), on, bank, signed, (piece,)))
            return
        side = Side.PAYABLE if out else Side.RECEIVABLE
        people = self._suppliers if out else self._customers
        draft = self._title(side, people[0], on, [piece])
        draft.due = on
        draft.settlements.append(Settlement(self._numbers.id(), on, bank, amount))

    def _move(self, on: date, source: str, destination: str, amount: int) -> None:
        """Write a transfer between two accounts."""
        self._transfers.append(BankTransfer(self._numbers.id(), on, source, destination, amount))

    def _gap(self, gap: str, debit: str, credit: str, amount: int) -> list[SupplementLine]:
        """The two lines of a posting that only the accountant knows."""
        return [
            SupplementLine(self._accountant[debit], gap, amount, 0, gap),
            SupplementLine(self._accountant[credit], gap, 0, amount, gap),
        ]


def _direct(debit: str, credit: str) -> tuple[str, int]:
    """Category and day of money with no title behind it."""
    if (debit, credit) not in DIRECT:
        raise ValueError(f"nobody keeps {debit} against {credit} outside a ledger")
    return DIRECT[debit, credit]


def _extra(made: list[Paid], amount: int, put: Callable[[Settlement, int], Settlement]) -> int:
    """
    Spread an amount over settlements, the late ones first; what found a place, cents.

    None takes more than half of its principal: a receipt stays a receipt.
    """
    placed = 0
    for each in sorted(made, key=lambda paid: not paid.late)[:4]:
        had = each.settlement
        room = max(had.principal // 2 - had.discount - had.fee, 0)
        if taken := min(max(amount // 4, 1), amount - placed, room):
            each.change(put(had, taken))
            placed += taken
    return placed


def _late(paid: Settlement, amount: int) -> Settlement:
    """Put interest on a settlement, a third of it a fine."""
    fine = amount // 3
    return replace(paid, interest=paid.interest + amount - fine, fine=paid.fine + fine)


def _discount(paid: Settlement, amount: int) -> Settlement:
    """Take a discount off a settlement."""
    return replace(paid, discount=paid.discount + amount)


def _fee(paid: Settlement, amount: int) -> Settlement:
    """Let the bank keep a fee."""
    return replace(paid, fee=paid.fee + amount)


def _day(rnd: Random, period: Period) -> date:
    """A day of a month, by chance."""
    return date(period.year, period.month, rnd.randint(1, period.last_day.day))


def _party(numbers: Numbers, rnd: Random, name: str, number: int) -> Party:
    """Make a customer or supplier: companies, a person, and one nobody knows the number of."""
    tax_id = f"{rnd.randint(10**7, 10**8 - 1)}0001"
    tax_id += check_digits(tax_id)
    match number:
        case 3:
            tax_id = _cpf(rnd)
        case 5 if name == "Cliente":
            tax_id = ""
    return Party(numbers.id(), f"{name} {number + 1}", tax_id)


def _cpf(rnd: Random) -> str:
    """The number of a person, with true check digits."""
    digits = [rnd.randint(0, 9) for _ in range(9)]
    for _ in range(2):
        top = len(digits) + 1
        rest = sum(each * (top - place) for place, each in enumerate(digits)) * 10 % 11
        digits.append(rest % 10)
    return "".join(map(str, digits))
