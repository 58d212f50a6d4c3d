"""Drawn trees of companies: T over H, H over A and B, B over C; shares change hands anywhere."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from random import Random

import numpy as np

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind, NciMethod
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateTable
from tests.changes.tale import GAIN, MONTHS, WITH_GAIN, of_day, rates
from tests.consolidation.groups import CODES, holds, opening

HOLDER = {"H": "T", "A": "H", "B": "H", "C": "B"}
ACCOUNT = {"H": "1700", "A": "1701", "B": "1700", "C": "1700"}
CAPITAL = {"T": 20_000_00, "H": 9_000_00, "A": 800_00, "B": 3_000_00, "C": 600_00}
DOLLARS = {"USD": Fraction(1), "BRL": Fraction(155, 1000), "EUR": Fraction(93, 100)}
DAYS = (
    "2025-03-31", "2025-05-14", "2025-08-31", "2025-10-09", "2025-12-31", "2026-02-28",
    "2026-03-11",
)  # fmt: skip
PAST = (opening("T", "capital", "-20000.00", "-3100.00"), opening("T", "3400", None, "-300.00"))


class Tree:
    """One drawn tree, its books and what changes hands, over sixteen months."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.currencies = {
            code: self.draw.choice(some)
            for code, some in (
                ("T", ("USD", "BRL")),
                ("H", ("USD", "BRL", "EUR")),
                ("A", ("BRL", "EUR", "USD")),
                ("B", ("BRL", "USD")),
                ("C", ("BRL", "EUR")),
            )
        }
        self.held = {code: self.draw.choice((100, 80, 75, 60)) for code in HOLDER}
        self.interests = [holds(HOLDER[c], c, str(n), "2025-01-01") for c, n in self.held.items()]
        self.quotes: list[Quote] = [*rates("BRL", 1700), *rates("EUR", 9100)]
        self.quotes += [of_day("BRL", "2025-01-01", "0.1550"), of_day("EUR", "2025-01-01", "0.93")]
        self.acquisitions = [self._bought(code) for code in HOLDER]
        self.carried = {each.target: each.investment for each in self.acquisitions}
        self.gone: dict[str, str] = {}
        self.changes = list(self._deals())
        self.group = Group(
            "G",
            "Group",
            "USD",
            WITH_GAIN,
            (
                Entity("T", "T", self.currencies["T"], Method.PARENT),
                *(Entity(code, code, self.currencies[code]) for code in HOLDER),
            ),
            interests=tuple(self.interests),
            rates=RateTable(tuple(self.quotes)),
            acquisitions=tuple(self.acquisitions),
            changes=tuple(self.changes),
            openings=PAST if self.currencies["T"] == "BRL" else (),
            first_period="2025-01",
        )
        self.engine = ConsolidationEngine(self.group)
        for code in ("T", *HOLDER):
            for made in self._books(code):
                self.engine.load_trial_balance(made)

    def _bought(self, code: str) -> Acquisition:
        """Paid about its part, or more; H was founded."""
        share, holder = Fraction(self.held[code], 100), HOLDER[code]
        own, other = (DOLLARS[self.currencies[each]] for each in (holder, code))
        founded = code == "H"
        beyond = 1 if founded else Fraction(self.draw.randint(101, 140), 100)
        paid = int(CAPITAL[code] * other * share / own * beyond)
        method, amount = NciMethod.NONE, 0
        if share < 1:
            method = NciMethod.PROPORTIONATE
            if not founded and self.draw.random() < 0.4:
                method = NciMethod.FAIR_VALUE
                amount = int(CAPITAL[code] * (1 - share) * self.draw.randint(100, 130) / 100)
        return Acquisition(
            id=f"ACQ-{code}",
            acquirer=holder,
            target=code,
            kind=AcquisitionKind.FORMATION if founded else AcquisitionKind.PURCHASE,
            on=date(2025, 1, 1),
            consideration=int(paid * own / other),
            nci_method=method,
            nci_share=1 - share if method is NciMethod.PROPORTIONATE else Fraction(0),
            nci_amount=amount,
            equity={CODES["capital"][0]: -CAPITAL[code]},
            investment_account=ACCOUNT[code],
            investment=paid,
        )

    def _deals(self) -> Iterator[OwnershipChange]:
        """Parts sold, more bought, companies sold whole; what has left stays away."""
        for day in sorted(self.draw.sample(DAYS, self.draw.choice((1, 2, 3, 4)))):
            code = self.draw.choice(list(HOLDER))
            kind = self.draw.choice(
                (ChangeKind.PARTIAL_DISPOSAL, ChangeKind.INCREASE, ChangeKind.DISPOSAL)
            )
            price, held = self.draw.randint(10_00, 3_000_00), self.held[code]
            part = {"increase": min(10, 100 - held), "partial_disposal": 5}.get(kind, held)
            if (
                {code, HOLDER[code]} & self.gone.keys()
                or not part
                or self._refused(code, kind, day)
            ):
                continue
            bought = kind is ChangeKind.INCREASE
            cost = price if bought else self.carried[code] * part // held
            self.held[code] += part if bought else -part
            self.carried[code] += cost if bought else -cost
            if kind is ChangeKind.DISPOSAL:
                self.gone |= dict.fromkeys((code, *self._below(code)), day)
            self.interests.append(holds(HOLDER[code], code, str(self.held[code]), day))
            on = date.fromisoformat(day)
            if on != Period.of(on).last_day:
                self.quotes += [of_day("BRL", day, "0.1777"), of_day("EUR", day, "0.9444")]
            yield OwnershipChange(
                code,
                HOLDER[code],
                kind,
                on,
                Fraction(part, 100),
                price,
                cost,
                price - cost,
                ACCOUNT[code],
                "" if bought else GAIN,
            )

    def _refused(self, code: str, kind: ChangeKind, day: str) -> bool:
        """A part of a company that sold one below it whole in the same year."""
        sold = {HOLDER[each] for each, on in self.gone.items() if on[:4] == day[:4]}
        return kind is not ChangeKind.DISPOSAL and bool({code, *self._below(code)} & sold)

    def _below(self, code: str) -> list[str]:
        own = [each for each, holder in HOLDER.items() if holder == code and each not in self.gone]
        return own + [below for each in own for below in self._below(each)]

    def _books(self, code: str) -> Iterator[TrialBalance]:
        """A company's balances to the month in which it left."""
        shares: dict[str, int] = {}
        for each in self.acquisitions:
            if each.acquirer == code:
                account = each.investment_account
                shares[account] = shares.get(account, 0) + each.investment
        cash, retained, earned = CAPITAL[code] - sum(shares.values()), 0, 0
        gain = 0
        for place, month in enumerate(MONTHS):
            if code in self.gone and month > self.gone[code][:7]:
                return
            if month.endswith("-01"):
                retained, earned, gain = retained + earned + gain, 0, 0
            result = 3000 + 1700 * ((place + ord(code)) % 5) - 4000 * ((place + ord(code)) % 7 == 0)
            earned, cash = earned + result, cash + result
            for change in self.changes:
                if change.holder == code and str(Period.of(change.on)) == month:
                    sign = -1 if change.bought else 1
                    shares[change.investment_account] -= sign * change.cost
                    cash, gain = cash + sign * change.proceeds, gain + change.gain
            lines = {
                CODES["cash"][0]: cash,
                **shares,
                CODES["capital"][0]: -CAPITAL[code],
                CODES["retained"][0]: -retained,
                CODES["revenue"][0]: -earned,
                GAIN: -gain,
            }
            amounts = np.array(list(lines.values()), dtype=np.int64)
            yield TrialBalance(code, month, self.currencies[code], tuple(lines), amounts)
