"""Who belongs to the sandbox group: seven companies by name, any number more by rule."""

from dataclasses import dataclass
from datetime import date
from random import Random

from monthclose.ledger.cnpj import check_digits

ERPS = ("totvs", "omie", "contaazul", "bling")

PARENT = "VERO"
HOST = "NUVE"
"""The company whose servers the others use, for a fee."""


@dataclass(frozen=True, slots=True)
class Company:
    """
    One company of the group; amounts are reais in cents.

    Attributes:
        code: Short code.
        name: Full name.
        erp: Where it keeps its books; empty: in the standard chart.
        since: The day it came to the group: founded or bought.
        percent: What the group owns of it.
        revenue: Of 2024, or of its first year, without intragroup.
        margin_bp: What is left of it after tax, in 1/100 percent.
        growth_bp: Growth of its revenue a year, in 1/100 percent.
        capital: Paid in, by day; all of it by the group and the outsiders in proportion.
        bought: Whether it was bought; else founded.
        earned_before: Retained earnings at acquisition, when bought.
        price: What was paid for the group's share, when bought.
        dividend: Day of 2025 on which it declares a dividend, or None.
        until: The last day of the month on which it is sold, or None.
        proceeds: What is received for it then.
    """

    code: str
    name: str
    erp: str
    since: date
    percent: int
    revenue: int
    margin_bp: int
    growth_bp: int
    capital: tuple[tuple[date, int], ...]
    bought: bool = False
    earned_before: int = 0
    price: int = 0
    dividend: date | None = None
    until: date | None = None
    proceeds: int = 0

    @property
    def cost(self) -> int:
        """What the group paid for its shares."""
        if self.bought:
            return self.price
        return sum(amount * self.percent // 100 for _, amount in self.capital)

    def cnpj(self, seed: int) -> str:
        """Its CNPJ, with true check digits."""
        root = Random(f"{seed}/{self.code}/cnpj").randint(10**7, 10**8 - 1)
        stem = f"{root}0001"
        return stem + check_digits(stem)


def _reais(millions_bp: int) -> int:
    """Hundredths of a million reais as cents."""
    return millions_bp * 1_000_000


_NAMED = (
    Company(
        "NUVE", "Nuvem Contábil Tecnologia S.A.", "totvs", date(2016, 4, 11), 100,
        _reais(4000), 1400, 1600,
        ((date(2016, 4, 11), _reais(250)), (date(2021, 8, 16), _reais(400))),
        dividend=date(2025, 5, 20),
    ),
    Company(
        "FISC", "Fiscalis Sistemas Ltda.", "omie", date(2018, 9, 3), 100,
        _reais(1240), 1100, 1300, ((date(2018, 9, 3), _reais(150)),),
    ),
    Company(
        "AGRO", "AgroDados Software Ltda.", "contaazul", date(2019, 2, 18), 80,
        _reais(960), 1250, 2100, ((date(2019, 2, 18), _reais(120)),),
        dividend=date(2025, 4, 25),
    ),
    Company(
        "PAGO", "Pago Fácil Meios de Pagamento S.A.", "totvs", date(2023, 6, 30), 100,
        _reais(1870), 900, 2500, ((date(2023, 6, 30), _reais(300)),),
        bought=True, earned_before=_reais(180), price=_reais(1350),
    ),
    Company(
        "SAUD", "SaúdeLink Gestão Clínica Ltda.", "bling", date(2020, 11, 9), 100,
        _reais(430), 700, 1800, ((date(2020, 11, 9), _reais(90)),),
    ),
    Company(
        "LUME", "Lume Inteligência de Dados Ltda.", "contaazul", date(2025, 3, 10), 100,
        _reais(60), -1500, 0, ((date(2025, 3, 10), _reais(80)),),
    ),
)  # fmt: skip

_SOLD = (
    Company(
        "TALO", "Talo Ponto e Frequência Ltda.", "omie", date(2019, 5, 6), 100,
        _reais(310), 600, 900, ((date(2019, 5, 6), _reais(80)),),
        until=date(2024, 9, 30), proceeds=_reais(260),
    ),
)  # fmt: skip
"""Those that were sold."""

_FIRST = ("Alto", "Boa", "Campo", "Delta", "Estrela", "Forte", "Grão", "Horizonte", "Ipê", "Jade")
_SECOND = ("Dados", "Fiscal", "Gestão", "Logística", "Pessoas", "Varejo")


def companies(seed: int, count: int, cut: date) -> tuple[Company, ...]:
    """
    The operating companies of a group of *count*, its parent left out.

    Last come those that it has sold since the day *cut*.

    Raises:
        ValueError: fewer than two companies are no group.
    """
    if count < 2:
        raise ValueError(f"a group has at least two companies, not {count}")
    more = (_further(seed, number) for number in range(len(_NAMED) + 1, count))
    sold = (each for each in _SOLD if each.until and each.until > cut)
    return (*_NAMED[: count - 1], *more, *sold)


def _further(seed: int, number: int) -> Company:
    """Make one more company: small, founded between 2017 and 2023, a fifth with outsiders."""
    rnd = Random(f"{seed}/{number}/company")
    since = date(rnd.randint(2017, 2023), rnd.randint(1, 12), rnd.randint(1, 28))
    revenue = _reais(rnd.randint(50, 2000))
    name = f"{_FIRST[number % 10]} {_SECOND[number % 6]} {number} Ltda."
    return Company(
        code=f"E{number:03d}",
        name=name,
        erp=ERPS[number % 4],
        since=since,
        percent=(100, 100, 80, 100, 60)[number % 5],
        revenue=revenue,
        margin_bp=rnd.randint(300, 1500),
        growth_bp=rnd.randint(0, 3000),
        # A tenth of the revenue, in whole thousands: it divides by any whole percentage.
        capital=((since, revenue // 1_000_000 * 100_000),),
        dividend=date(2025, 4, 25) if number % 10 == 0 else None,
    )
