"""Groups to be loaded: a small one with something of everything, and one of any size."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from hashlib import sha256

import numpy as np

from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Contribution,
    Dividend,
    NciMethod,
    OpeningBalance,
    Received,
    Transfer,
)
from monthclose.ledger.balances import Basis, Gap, RawBalance, Source
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest, Method
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate

FOUNDED = date(2024, 12, 31)
KINDS = {
    "1000": AccountClass.ASSET,
    "1100": AccountClass.ASSET,
    "1500": AccountClass.ASSET,
    "2000": AccountClass.LIABILITY,
    "3000": AccountClass.SHARE_CAPITAL,
    "4000": AccountClass.INCOME,
    "5000": AccountClass.EXPENSE,
}


@dataclass(frozen=True)
class Paper:
    """A document of an import."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Sample:
    """What an import is given."""

    group: Group
    balances: tuple[RawBalance, ...]
    documents: tuple[Paper, ...] = ()

    def of(self, entity: str, period: str) -> RawBalance:
        """One of the balances."""
        return next(b for b in self.balances if (b.entity, b.period) == (entity, period))

    def having(self, balance: RawBalance) -> "Sample":
        """The same with another balance in the place of that company's month."""
        place = (balance.entity, balance.period)
        others = [b for b in self.balances if (b.entity, b.period) != place]
        return replace(self, balances=(*others, balance))

    def saying(self, **changes: object) -> "Sample":
        """The same with the group described otherwise."""
        return replace(self, group=replace(self.group, **changes))  # type: ignore[arg-type]


def balance(entity: str, period: str, currency: str, **amounts: int) -> RawBalance:
    """A balance of the standard chart: `a1000=500_00` is account 1000."""
    return RawBalance(
        entity,
        period,
        currency,
        tuple(name.removeprefix("a") for name in amounts),
        np.array(list(amounts.values()), dtype=np.int64),
    )


def usd_brl(kind: RateKind, on: str, value: str) -> Quote:
    """Reais for a dollar."""
    return Quote("USD", "BRL", parse_rate(value), kind, on, "desk")


def small(code: str = "SMALL") -> Sample:
    """
    A parent in dollars, `SUB` in reais held at 80 percent, `JP` in yen at 100.

    `SUB` has a chart of its own, one account of which goes to two others; it owes the
    parent, was paid capital in May, and declared a dividend in May.
    """
    group = Group(
        code=code,
        name="Grupo Pequeno",
        presentation="USD",
        chart=chart_of(
            (
                *(Account(account, account, kind) for account, kind in KINDS.items()),
                Account("1200", "Partes", AccountClass.ASSET, gaap=frozenset({"IFRS"})),
            )
        ),
        entities=(
            Entity("SUB", "Subsidiária", "BRL", Method.FULL, tax_id="11222333000181", erp="omie"),
            Entity("TOP", "Top Inc", "USD", Method.PARENT),
            Entity("JP", "Kabushiki", "JPY", Method.FULL),
        ),
        interests=(
            Interest("TOP", "SUB", SHARE_UNIT * 8 // 10, FOUNDED),
            Interest("TOP", "JP", SHARE_UNIT),
        ),
        rates=RateTable(
            (
                usd_brl(RateKind.CLOSING, "2025-04-30", "5"),
                usd_brl(RateKind.AVERAGE, "2025-05", "5.5"),
                usd_brl(RateKind.CLOSING, "2025-05", "6.25"),
                usd_brl(RateKind.HISTORICAL, "2024-12-31", "5"),
                usd_brl(RateKind.HISTORICAL, "2025-05-10", "5.3333333333"),
                usd_brl(RateKind.HISTORICAL, "2025-05-20", "5.0000000001"),
                *(
                    Quote(base, "USD", parse_rate(value), RateKind.DAILY, day, source)
                    for day, value in (("2025-04-30", "0.007"), ("2025-05-30", "0.0071"))
                    for base, source in (("JPY", "BOJ"), ("JPY", ""))
                ),
                Quote("JPY", "USD", parse_rate("0.008"), RateKind.HISTORICAL, "2024-12-31", "BOJ"),
            )
        ),
        mappings={
            "SUB": EntityMapping(
                "SUB",
                {
                    "1.1": (Target("1000"),),
                    "1.2": (Target("1100", Fraction(1, 4)), Target("1200", Fraction(3, 4))),
                    "2.1": (Target("2000"),),
                    "2.3": (Target("3000"),),
                    "2.4": (Target("3350"),),
                    "3.1": (Target("4000"),),
                    "3.2": (Target("5000"),),
                },
            )
        },
        openings=(
            OpeningBalance("SUB", "3000", -500_00, -100_00),
            OpeningBalance("SUB", "4000", -10_00, -2_00),
            OpeningBalance("SUB", "3400", None, 0),
            OpeningBalance("JP", "3000", -12_500, -100_00),
            OpeningBalance("JP", "4000", -1_000, -7_00),
            OpeningBalance("JP", "3400", None, 12_50),
            OpeningBalance("TOP", "4000", -1, -1),
        ),
        acquisitions=(
            Acquisition(
                "ACQ-SUB",
                "TOP",
                "SUB",
                AcquisitionKind.FORMATION,
                FOUNDED,
                consideration=400_00,
                nci_method=NciMethod.PROPORTIONATE,
                nci_share=Fraction(1, 5),
                equity={"3000": -500_00},
                investment_account="1500",
                investment=80_00,
            ),
            Acquisition(
                "ACQ-JP",
                "TOP",
                "JP",
                AcquisitionKind.FORMATION,
                FOUNDED,
                consideration=12_500,
                equity={"3000": -12_500},
                investment_account="1500",
                investment=100_00,
            ),
        ),
        contributions=(Contribution("SUB", "3000", 50_00, date(2025, 5, 10), None, "second"),),
        dividends=(
            Dividend("SUB", 20_00, None, date(2025, 5, 20), (Received("TOP", 3_20, None, "4200"),)),
        ),
        transfers=(Transfer("SUB", "3300", "3000", 5_00, date(2025, 6, 30), "AGE 2"),),
        first_period="2025-05",
        language="pt-BR",
    )
    papers = (Paper("balances/2025-05.csv", b"everybody's"), Paper("sub.csv", b"of SUB alone"))
    all_of, alone = (sha256(paper.content).hexdigest() for paper in papers)
    sub = RawBalance(
        "SUB",
        "2025-05",
        "BRL",
        ("1.1", "1.2", "2.1", "2.3", "2.4", "3.1", "3.2"),
        np.array([400_00, 201_01, -30_00, -550_00, 20_00, -91_01, 50_00], dtype=np.int64),
        partners=("", "", "TOP", "", "", "", ""),
        opening=np.array([1, 2, -3, 0, 0, 0, 0], dtype=np.int64),
        debit=np.array([400_00, 201_01, 0, 0, 20_00, 0, 50_00], dtype=np.int64),
        credit=np.array([0, 0, 30_00, 550_00, 0, 91_01, 0], dtype=np.int64),
        basis=Basis.DERIVED,
        gaps=(Gap("depreciation", "the ERP has none"),),
        source=Source("sub.csv", alone, np.arange(2, 9, dtype=np.int32)),
    )
    top = balance(
        "TOP", "2025-05", "USD", a1000=819_21, a1500=180_00, a3000=-1000_00, a4200=-3_20, a5000=3_99
    )
    jp = balance("JP", "2025-05", "JPY", a1000=14_500, a3000=-12_500, a4000=-2_000)
    top, jp = (replace(b, source=Source("balances/2025-05.csv", all_of)) for b in (top, jp))
    return Sample(group, (sub, top, jp), papers)


def large(code: str, entities: int = 66, accounts: int = 500, months: int = 1) -> Sample:
    """A parent and companies in reais, each with a chart of its own of so many accounts."""
    ordinary = [f"9{number:05d}" for number in range(accounts - 2)]
    classes = (
        AccountClass.ASSET,
        AccountClass.LIABILITY,
        AccountClass.INCOME,
        AccountClass.EXPENSE,
    )
    kinds = {account: classes[place % 4] for place, account in enumerate(ordinary)}
    chart = chart_of(tuple(Account(a, f"Conta {a}", k) for a, k in {**KINDS, **kinds}.items()))
    subs = [f"E{number:04d}" for number in range(1, entities)]
    standard = ("1000", "3000", *ordinary)
    periods = [str(Period(2025, 1).plus(month)) for month in range(months)]
    rnd = np.random.default_rng(7)
    capital = 1_000_000_00
    group = Group(
        code=code,
        name="Grupo Grande",
        presentation="USD",
        chart=chart,
        entities=(
            Entity("TOP", "Top", "USD", Method.PARENT),
            *(Entity(sub, f"Empresa {sub}", "BRL") for sub in subs),
        ),
        interests=tuple(Interest("TOP", sub, SHARE_UNIT) for sub in subs),
        rates=RateTable(
            (
                usd_brl(RateKind.CLOSING, "2024-12-31", "5"),
                usd_brl(RateKind.HISTORICAL, "2024-12-31", "5"),
                *(usd_brl(RateKind.CLOSING, period, "5.4321") for period in periods),
                *(usd_brl(RateKind.AVERAGE, period, "5.2345678901") for period in periods),
            )
        ),
        mappings={
            sub: EntityMapping(
                sub, {f"{sub}.{account}": (Target(account),) for account in standard}
            )
            for sub in subs
        },
        openings=tuple(
            opening
            for sub in subs
            for opening in (
                OpeningBalance(sub, "3000", -capital, -capital // 5),
                OpeningBalance(sub, "3400", None, 0),
            )
        ),
        acquisitions=tuple(
            Acquisition(
                f"ACQ-{sub}",
                "TOP",
                sub,
                AcquisitionKind.FORMATION,
                FOUNDED,
                consideration=capital,
                equity={"3000": -capital},
                investment_account="1500",
                investment=capital // 5,
            )
            for sub in subs
        ),
        first_period=periods[0],
    )
    balances = []
    for period in periods:
        held = len(subs) * capital // 5
        balances.append(balance("TOP", period, "USD", a1000=1_00, a1500=held, a3000=-held - 1_00))
        for sub in subs:
            amounts = rnd.integers(-(10**9), 10**9, accounts)
            amounts[1] = -capital
            amounts[0] -= amounts.sum()
            own = tuple(f"{sub}.{account}" for account in standard)
            balances.append(RawBalance(sub, period, "BRL", own, amounts))
    return Sample(group, tuple(balances))
