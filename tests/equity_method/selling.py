"""An associate that is bought, earns, pays and is sold in parts, told as a folder, and twice."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from random import Random

from monthclose.ledger.money import plain, rounded
from monthclose.ledger.periods import Period
from tests.equity_method.folders import rows, settings, write
from tests.equity_method.test_associates import CHART

MONTHS = [str(Period(2024, 10).plus(place)) for place in range(16)]
BASE = {"BRL": 100, "USD": 520, "EUR": 610}
"""Reais for a unit of each currency, in hundredths, as the tale begins."""

HEAD = "entity,account,closing"


@dataclass
class Lot:
    """Shares bought or sold on a day: percent of the whole company, the holder's amounts."""

    day: str
    percent: int
    price: int
    cost: int = 0


@dataclass
class Selling:
    """
    P, or H of which P owns 80 %, buys an associate, and sells it in one to three parts.

    Attributes:
        presentation: The group's currency, and P's.
        owner: Currency of the holder.
        owned: Currency of the associate.
        below: Whether the holder is H.
        whole: Whether the last sale is of all that is left.
        losses: Whether the associate loses more than it is carried at.
        pickup: Whether the holder's books carry it by equity pick-up, with a reserve.
    """

    seed: int
    presentation: str
    owner: str
    owned: str
    below: bool = False
    whole: bool = False
    losses: bool = False
    pickup: bool = False
    picked: dict[str, tuple[int, int]] = field(default_factory=dict)
    bought: list[Lot] = field(default_factory=list)
    sold: list[Lot] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)
    earned: dict[str, tuple[int, int]] = field(default_factory=dict)
    rates: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        draw = Random(self.seed)
        self.holder = "H" if self.below else "P"
        for currency in {*BASE} - {self.presentation}:
            for month in MONTHS:
                for kind in ("average", "closing"):
                    self.rates[currency, f"{month} {kind}"] = self._rate(currency, draw)
        self.bought = [Lot("2024-10-01", 40, 100_000_00 + draw.randint(0, 9999))]
        if draw.random() < 0.5:
            self.bought.append(Lot("2024-12-01", 5, 12_345_67))
        left, books = 40, self.bought[0].price
        days = ["2025-02-01", "2025-03-31", "2025-07-01", "2025-09-30", "2025-10-01", "2025-12-31"]
        if draw.random() < 0.3:
            days = ["2024-11-01", *days]
        chosen = sorted(draw.sample(days, draw.randint(1, 3)))
        for place, day in enumerate(chosen):
            due = [e for e in self.bought[1:] if e.day < day]
            if due and not any(e.day < day for e in self.sold if e.day > due[0].day):
                left, books = left + 5, books + due[0].price
            all_of_it = self.whole and place == len(chosen) - 1
            part = left if all_of_it else draw.choice((3, 5, 8))
            cost = books if all_of_it else books * part // left - draw.randint(0, 500_00)
            price = cost + draw.randint(-3000_00, 9000_00)
            self.sold.append(Lot(day, part, price, cost))
            left, books = left - part, books - cost
        if self.whole:
            self.bought = [each for each in self.bought if each.day < chosen[-1]]
        self._live(draw)

    def _live(self, draw: Random) -> None:
        """What the associate earns and pays, and the rates of the days."""
        for month in MONTHS:
            result = draw.randint(-20_000_00, 60_000_00)
            if self.losses:
                result = draw.randint(-250_000_00, 200_000_00)
            self.earned[month] = result, draw.randint(-9_000_00, 12_000_00)
        self.paid = {f"{month}-14": draw.randint(1, 9_000_00) for month in MONTHS[4::5]}
        if self.gone:
            self.paid = {day: each for day, each in self.paid.items() if day < self.gone}
        days_of = {each.day for each in (*self.bought, *self.sold)} | {*self.paid}
        for currency in {*BASE} - {self.presentation}:
            for day in sorted(days_of | {"2024-09-30"}):
                self.rates[currency, day] = self._rate(currency, draw)
        if self.pickup:
            self._pick_up(draw)

    def _pick_up(self, draw: Random) -> None:
        """
        What the books pick up each month, and what of it a sale takes off them.

        The part of the reserve that is sold goes to the gain: it leaves the reserve and the
        investment by a row of the month, and the cost is less by as much.
        """
        books = reserve = 0
        for month in MONTHS:
            moved = 0
            for after in (False, True):
                if after and self.held(month):
                    amount, moved_now = (
                        draw.randint(-9000_00, 20_000_00),
                        draw.randint(-99, 9000_00),
                    )
                    moved, reserve = moved + moved_now, reserve + moved_now
                    books += amount + moved_now
                    self.picked[month] = amount, moved
                for each in self.bought:
                    if not after and each.day[:7] == month:
                        books += each.price
                for day in self.paid:
                    if (
                        after
                        and day[:7] == month
                        and day >= self.bought[0].day
                        and self.held(month)
                    ):
                        books -= self.received(day)[1]
                for each in self.sold:
                    if each.day[:7] == month and (each.day == f"{month}-01") is not after:
                        part = Fraction(each.percent, self.share(each.day) + each.percent)
                        gone = rounded(reserve * part)
                        cost = rounded((books - gone) * part) if part != 1 else books - gone
                        each.price += cost - each.cost
                        each.cost = cost
                        books, reserve, moved = books - gone - cost, reserve - gone, moved - gone
                        self.picked[month] = self.picked.get(month, (0, 0))[0], moved

    def _rate(self, currency: str, draw: Random) -> Fraction:
        cross = Fraction(BASE[currency], BASE[self.presentation])
        return Fraction(rounded(cross * draw.randint(900_000, 1_100_000)), 1_000_000)

    @property
    def gone(self) -> str:
        """The day on which nothing is left; empty: some is."""
        return self.sold[-1].day if self.whole else ""

    def rate(self, currency: str, when: str) -> Fraction:
        """Presentation currency for one unit."""
        return Fraction(1) if currency == self.presentation else self.rates[currency, when]

    def share(self, day: str) -> int:
        """Percent held on a day."""
        got = sum(each.percent for each in self.bought if each.day <= day)
        return got - sum(each.percent for each in self.sold if each.day <= day)

    def held(self, month: str) -> bool:
        """Whether something of a month is the holder's."""
        return not self.gone or f"{month}-01" < self.gone

    def received(self, day: str) -> tuple[int, int]:
        """The holder's part of a dividend, in the associate's currency and as booked."""
        part = self.paid[day] * self.share(day) // 100
        return part, rounded(part * self.rate(self.owned, day) / self.rate(self.owner, day))

    def folder(self, path: Path) -> Path:
        """The folder of the tale."""
        companies = [f"P,Parent,{self.presentation},parent,"]
        if self.below:
            companies.append(f"H,Holder,{self.owner},full,2024-10")
        elif self.owner != self.presentation:
            companies = [f"P,Parent,{self.owner},parent,"]
        companies.append(f"X,Associate,{self.owned},equity,")
        ownership = [
            f"{self.holder},X,{self.share(each.day)},{each.day}"
            for each in sorted((*self.bought, *self.sold), key=lambda each: each.day)
        ]
        acquired = [
            f"BUY-{n},{self.holder},X,{each.day},associate,"
            f"{plain(rounded(each.price * self._across(each.day)))},1750,{plain(each.price)},,,"
            f"-100000.00,{plain(-n * 1000_00)}"
            for n, each in enumerate(self.bought)
        ]
        openings = "entity,account,functional,translated"
        tables: dict[str, str] = {}
        if self.below:
            ownership.append("P,H,80,2024-09-30")
            whole = rounded(400_000_00 * self.rate(self.owner, "2024-09-30"))
            acquired.append(
                f"FOUND-H,P,H,2024-09-30,formation,400000.00,1760,{plain(whole)},"
                "proportionate,20,-500000.00,0"
            )
            if self.owner != self.presentation:
                tables["openings"] = f"{openings}\nH,3400,,0.00"
        elif self.owner != self.presentation:
            capital = rounded(500_000_00 * self.rate(self.owner, "2024-09-30"))
            tables["openings"] = f"{openings}\nP,3000,-500000.00,{plain(-capital)}\nP,3400,,0.00"
        events = []
        for day, amount in self.paid.items():
            if day < self.bought[0].day or (self.gone and day >= self.gone):
                continue
            part, booked = self.received(day)
            events.append(f"{day},dividend,X,{plain(part)},{self.holder},{plain(booked)}")
            events.append(f"{day},dividend,X,{plain(amount - part)},,")
        if self.pickup:
            tables["pickups"] = rows(
                "period,holder,acquisition,amount,reserve",
                [
                    f"{month},{self.holder},BUY-0,{plain(row[0])},{plain(row[1])}"
                    for month, row in self.picked.items()
                ],
            )
        return write(
            path,
            group=settings(self.presentation, "2024-10") + "fiscal_year_end = 9\n",
            chart=CHART.replace("1750,", "1760,Shares,asset,\n1750,")
            + "4510,Gain,income,\n4410,Pick-up,income,equity_pickup\n"
            "3600,Reserve,oci,translation_reserve\n",
            entities=rows("code,name,currency,method,first_period", companies),
            ownership=rows("holder,investee,percent,from", ownership),
            rates=rows("date,base,quote,value,kind", self._quotes()),
            acquisitions=rows(
                "id,acquirer,target,date,kind,consideration,investment_account,investment,"
                "nci,nci_percent,share_capital,retained_earnings",
                acquired,
            ),
            events=rows("date,kind,entity,amount,holder,received", events),
            associates=rows(
                "period,entity,result,oci",
                [
                    f"{month},X,{plain(both[0])},{plain(both[1])}"
                    for month, both in self.earned.items()
                    if self.held(month)
                ],
            ),
            changes=rows(
                "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,"
                "gain_account",
                [
                    f"{each.day},associate_sale,X,{self.holder},{each.percent},"
                    f"{plain(each.price)},{plain(each.cost)},{plain(each.price - each.cost)},"
                    "1750,4510"
                    for each in self.sold
                ],
            ),
            **tables,
            **{f"balances_{month.replace('-', '_')}": self._books(month) for month in MONTHS},
        )

    def _across(self, day: str) -> Fraction:
        return self.rate(self.owner, day) / self.rate(self.owned, day)

    def _quotes(self) -> list[str]:
        lines = []
        for (currency, when), value in self.rates.items():
            day, _, kind = when.partition(" ")
            text = f"{value.numerator * 1_000_000 // value.denominator:07d}"
            number = f"{text[:-6]}.{text[-6:]}"
            lines.append(f"{day},{currency},{self.presentation},{number},{kind or 'historical'}")
        lines += [
            f"2024-09,{currency},{self.presentation},{line.split(',')[3]},closing"
            for line in lines
            if line.startswith("2024-09-30")
            for currency in (line.split(",")[1],)
        ]
        return lines

    def _books(self, month: str) -> str:
        end, year = f"{month}-31", "2025-10-01" if month >= "2025-10" else "2024-10-01"
        bought = [each for each in self.bought if each.day <= end]
        sold = [each for each in self.sold if each.day <= end]
        cost = sum(each.price for each in bought) - sum(each.cost for each in sold)
        days = [day for day in self.paid if self.bought[0].day <= day <= end]
        got = {day: self.received(day)[1] for day in days if not self.gone or day < self.gone}
        gains = {each.day: 0 for each in sold}
        for each in sold:
            gains[each.day] += each.price - each.cost
        year_got = sum(each for day, each in got.items() if day >= year)
        year_gain = sum(each for day, each in gains.items() if day >= year)
        kept = sum(got.values()) + sum(gains.values()) - year_got - year_gain
        cash = 500_000_00 + kept + year_got + year_gain - cost
        picked, before, reserve = 0, 0, 0
        if self.pickup:
            moved = {when: row for when, row in self.picked.items() if when <= month}
            picked = sum(row[0] for when, row in moved.items() if f"{when}-01" >= year)
            before = sum(row[0] for row in moved.values()) - picked
            reserve = sum(row[1] for row in moved.values())
            cost += picked + before + reserve - sum(got.values())
            kept += before + year_got - sum(got.values())
            year_got = 0
        code = self.holder
        lines = [
            f"{code},1010,{plain(cash)}",
            f"{code},1750,{plain(cost)}",
            f"{code},3000,-500000.00",
            f"{code},3300,{plain(-kept)}",
            f"{code},4200,{plain(-year_got)}",
            f"{code},4510,{plain(-year_gain)}",
            f"{code},4410,{plain(-picked)}",
            f"{code},3600,{plain(-reserve)}",
        ]
        if self.below:
            whole = rounded(400_000_00 * self.rate(self.owner, "2024-09-30"))
            lines += ["P,1010,100000.00", f"P,1760,{plain(whole)}"]
            lines += [f"P,3000,{plain(-whole - 100_000_00)}"]
        return rows(HEAD, lines)


@dataclass
class Second:
    """
    The same tale by causes: what flowed, at which rate, and nothing of what is booked.

    Attributes:
        carrying: Of the associate, its currency.
        losses: Not recognised.
        gains: The group's of the fiscal year, presentation currency, exact.
        cta: Of the associate and of the holder's other net assets, all of it.
        equity: The holder's net assets with the associate in them.
    """

    carrying: int
    losses: int
    gains: Fraction
    cta: Fraction
    equity: Fraction


def by_causes(tale: Selling, month: str) -> Second:
    """A month of the tale on the second road."""
    road = _Road(tale)
    for each in (m for m in MONTHS if m <= month):
        road.sell(f"{each}-01")
        road.month(each)
    road.sell(f"{month}-31")
    own, owned = (tale.rate(c, f"{month} closing") for c in (tale.owner, tale.owned))
    cash = sum(amount for amount, _ in road.own)
    cta = sum(amount * (own - rate) for amount, rate in road.own) + road.cta(owned)
    year = "2025-10-01" if month >= "2025-10" else "2024-10-01"
    gains = sum((gain for day, gain in road.gains.items() if day >= year), Fraction(0))
    return Second(road.carrying, road.losses, gains, cta, cash * own + road.carrying * owned)


class _Road:
    """Amounts and rates so far: the holder's other net assets, and what it holds of X."""

    def __init__(self, tale: Selling) -> None:
        self.tale = tale
        self.own = [(500_000_00, tale.rate(tale.owner, "2024-09-30"))]
        self.flows: list[tuple[int, Fraction]] = []
        self.carrying = self.losses = 0
        self.recycled = Fraction(0)
        self.gains: dict[str, Fraction] = {}

    def cta(self, rate: Fraction) -> Fraction:
        """What rates did to the flows, less what was recycled."""
        return sum((n * (rate - at) for n, at in self.flows), Fraction(0)) - self.recycled

    def sell(self, by: str) -> None:
        """The sales up to a day."""
        tale = self.tale
        for each in tale.sold:
            if each.day > by or each.day in self.gains:
                continue
            before = tale.share(each.day) + each.percent
            part, rate = Fraction(each.percent, before), tale.rate(tale.owned, each.day)
            own = tale.rate(tale.owner, each.day)
            gone = rounded(self.carrying * part)
            cta = part * self.cta(rate)
            self.gains[each.day] = each.price * own - gone * rate + cta
            self.recycled += cta
            self.flows.append((-gone, rate))
            self.own.append((each.price, own))
            self.carrying -= gone
            self.losses -= rounded(self.losses * part)

    def month(self, month: str) -> None:
        """What was bought, earned and paid in a month."""
        tale = self.tale
        for each in tale.bought:
            if each.day.startswith(month):
                cost = rounded(each.price * tale.rate(tale.owner, each.day)
                               / tale.rate(tale.owned, each.day))  # fmt: skip
                self._flow(cost, tale.rate(tale.owned, each.day))
                self.own.append((-each.price, tale.rate(tale.owner, each.day)))
        if not tale.held(month):
            return
        share = Fraction(tale.share(f"{month}-01"), 100)
        result, oci = (rounded(each * share) for each in tale.earned[month])
        days = [day for day in tale.paid if day.startswith(month)]
        paid = sum(tale.received(day)[0] for day in days)
        at = tale.rate(tale.owned, f"{month} average")
        self._flow(self._bears(result - paid) + paid, at)
        for day in days:
            part, booked = tale.received(day)
            self._flow(-part, tale.rate(tale.owned, day))
            self.own.append((booked, tale.rate(tale.owner, day)))
        self._flow(self._bears(oci), at)

    def _flow(self, amount: int, rate: Fraction) -> None:
        self.carrying += amount
        self.flows.append((amount, rate))

    def _bears(self, amount: int) -> int:
        """What of an amount is recognised: not below nil, and losses made up for first."""
        made_up = min(max(amount, 0), self.losses)
        beyond = max(0, -(self.carrying + amount))
        self.losses += beyond - made_up
        return amount - made_up + beyond
