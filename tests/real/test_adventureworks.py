"""AdventureWorks: two fiscal years against published controls, and against plain decimals."""

import csv
import gzip
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.findings import Severity
from monthclose.ledger.periods import Period
from tests.real.adventureworks import (
    FOLDER,
    INTERCOMPANY,
    NODE,
    YEAR,
    YEAR_END_DAYS,
    Closed,
    Years,
    closed_from,
    code,
)

DIVISIONS = [f"O{org:02d}" for org in (3, 4, 5, 6, 7)]
OUTSIDERS = {"8": Fraction(1, 4), "11": Fraction(1, 2), "12": Fraction(3, 4)}

# The README's control figures: month, organisations, then US dollars.
CONTROLS = [
    ("2011-03", 6, "25331.79", "6876030.18", "464598.46", "168891.13"),
    ("2011-11", 6, "-183705.91", "8381649.91", "585986.68", "198607.11"),
    ("2011-12", 8, "590832.61", "15040565.45", "813047.35", "277026.55"),
    ("2012-06", 8, "-47499.66", "11588557.89", "833386.21", "273607.46"),
    ("2012-11", 8, "297083.99", "13378116.84", "822549.70", "294299.88"),
]


@pytest.fixture(scope="module")
def years(shared: Path) -> Years:
    return closed_from(shared)[0]


@pytest.fixture(scope="module")
def closed(shared: Path) -> dict[str, Closed]:
    return closed_from(shared)[1]


def within(actual: int, expected: Decimal, lines: int) -> bool:
    """Whether cents agree with a figure to half a cent a rounded line, and half for its own."""
    return abs(Decimal(actual) / 100 - expected) <= Decimal("0.005") * (lines + 1)


def foreign_lines(closed: Closed, *kinds: AccountClass) -> int:
    """How many lines of foreign organisations were rounded, in accounts of *kinds*."""
    book = closed.book
    return sum(
        book.chart.kind(account) in kinds
        for translation in book.translations
        if translation.foreign
        for account in translation.accounts
    )


class TestReading:
    def test_rows_and_sums_are_the_published_controls(self, years):
        """Assets equal liabilities over the whole file: 305,916,149.36 on both sides."""
        assert years.source.rows == {
            ("Actual", "Assets"): (2568, Decimal("305916149.36")),
            ("Actual", "Liabilities"): (2380, Decimal("305916149.36")),
            ("Actual", "Revenue"): (1960, Decimal("60383929.62")),
            ("Actual", "Expenditures"): (13058, Decimal("48524949.70")),
            ("Actual", "Balances"): (700, Decimal("7547225.00")),
            ("Actual", "Flow"): (168, Decimal("97028.00")),
            ("Budget", "Revenue"): (108, Decimal("18593200.00")),
            ("Budget", "Expenditures"): (3522, Decimal("11932460.00")),
        }

    def test_twenty_four_months_from_december_to_november(self, years):
        """The posting of 1 March 2011 closes February, that of 1 July closes June."""
        months = [str(month) for month in years.months]
        assert (months[0], months[-1], len(months)) == ("2010-12", "2012-11", 24)
        assert months == [str(years.months[0].plus(step)) for step in range(24)]
        posted = {str(month): day for month, day in years.postings.items()}
        assert (posted["2011-02"], posted["2011-06"]) == ("20110301", "20110701")

    def test_shares_multiply_along_the_tree(self, years):
        """Canada 0.75 x 1 x 1; Germany 0.25 x 1 x 1; a US division 1 x 1 x 1 x 1."""
        assert {code(org): years.source.share(org) for org in years.source.members} == {
            **dict.fromkeys(DIVISIONS, Fraction(1)),
            "O08": Fraction(3, 4),
            "O11": Fraction(1, 2),
            "O12": Fraction(1, 4),
        }

    @pytest.mark.parametrize("day", YEAR_END_DAYS)
    def test_year_end_days_move_amounts_without_a_result(self, years, day):
        """Debits equal credits in each organisation; 6860, 8030, 8040, and 3010 against 3020."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for (posted, org, account), amount in years.source.lines.items():
            if posted == day:
                found[org][account] = amount
        assert found
        for lines in found.values():
            assert set(lines) <= {"6860", "8030", "8040", "3010", "3020"}
            assert sum(lines.values()) == 0
            assert sum(amount for account, amount in lines.items() if account >= "4") == 0

    @pytest.mark.parametrize(("day", "month"), YEAR_END_DAYS.items())
    def test_year_end_days_are_in_november(self, years, day, month):
        """
        What the year posted to an account, the last day included, is in November.

        In year 2 that puts EUR 475,000.00 on 3010 of France and of Germany, out of 3020.
        """
        assert month in years.months
        for (posted, org, account), moved in years.source.lines.items():
            if posted != day or not moved:
                continue
            balance = years.balance(org, month)
            lines = dict(zip(balance.accounts, balance.amounts.tolist(), strict=True))
            if account >= "4":
                to_date = [years.postings[each] for each in YEAR.to_date(month)]
                posted_days = [
                    years.source.lines.get((each, org, account), 0) for each in (*to_date, day)
                ]
                assert lines.get(account, 0) == sum(posted_days), (org, account)
            elif account == "3010":
                assert lines[account] == moved == -475_000_00

    def test_retained_earnings_of_year_two_are_those_of_year_one_and_its_result(self, years):
        """
        The one part of equity with a history.

        Canada: 121,290.30 and 1,221,152.92 of year 1 make 1,342,443.22.
        """
        november, december = years.months[11], years.months[12]
        for org in ("3", "4", "5", "6", "7", "8"):
            balance = years.balance(org, november)
            result = sum(
                int(amount)
                for account, amount in zip(balance.accounts, balance.amounts, strict=True)
                if account >= "4"
            )
            opened = years.equity(org, november)["3540"]
            assert years.equity(org, december)["3540"] == opened + result
        assert years.equity("8", december)["3540"] == -1_342_443_22


class TestControlFigures:
    @pytest.mark.parametrize(("month", "members", "income", "assets", "due", "owed"), CONTROLS)
    def test_published_figures_of_five_postings(
        self, closed, month, members, income, assets, due, owed
    ):
        """Half a cent a rounded line: US dollar books are not rounded, the others are."""
        close = closed[month]
        book, totals = close.book, close.book.totals
        foreign = 1 if members == 6 else 3
        results = foreign_lines(close, AccountClass.INCOME, AccountClass.EXPENSE)
        assert len(book.translations) == members + 1  # the node stands beside them
        assert within(close.net_income, Decimal(income), results)
        assert within(
            totals.total_assets, Decimal(assets), foreign_lines(close, AccountClass.ASSET)
        )
        assert within(book.figure("1185"), Decimal(due), foreign)
        assert within(-book.figure("2340"), Decimal(owed), foreign)


@dataclass
class Recomputed:
    """
    US dollars at 100 percent, by month of the posting, and what was rounded on the way: nothing.

    Attributes:
        income: Result of the month.
        assets: On the posting day.
        lines: Closing amounts by account.
        net_assets: By organisation.
        functional: The same in its own currency.
        results: Of the month, in its own currency.
        rates: Average of the month and rate of the day, by organisation.
    """

    income: Decimal = Decimal(0)
    assets: Decimal = Decimal(0)
    lines: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    net_assets: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    functional: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    results: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rates: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def recomputed(shared: Path) -> dict[str, Recomputed]:
    """
    A second road, from the files alone: no trial balance, no account classes, no cents.

    A rate has all the digits it was published with. Keys and labels are the files' own.
    """

    def rows(name: str) -> list[dict[str, str]]:
        content = (shared / FOLDER / name).read_bytes()
        text = gzip.decompress(content) if name.endswith(".gz") else content
        return list(csv.DictReader(text.decode("utf-8").splitlines()))

    chart = {row["AccountKey"]: row for row in rows("dim_account.csv")}
    currency = {row["OrganizationKey"]: row["CurrencyKey"] for row in rows("dim_organization.csv")}
    facts = [row for row in rows("fact_finance_fy1_fy2.csv.gz") if row["ScenarioKey"] == "1"]
    postings = sorted({row["DateKey"] for row in facts} - YEAR_END_DAYS.keys())
    labels = [f"{2010 + (11 + n) // 12}-{(11 + n) % 12 + 1:02d}" for n in range(len(postings))]
    rates: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    daily = rows("fact_currency_rate.csv.gz")
    for key in set(currency.values()):
        for before, day in zip(["", *postings], postings, strict=False):
            of_month = [
                (Decimal(row["AverageRate"]), Decimal(row["EndOfDayRate"]))
                for row in daily
                if row["CurrencyKey"] == key and before < row["DateKey"] <= day
            ]
            mean = sum((each[0] for each in of_month), Decimal(0)) / len(of_month)
            rates[key, day] = (Decimal(1), Decimal(1)) if key == "100" else (mean, of_month[-1][1])
    month = dict(zip(postings, labels, strict=True))
    found: dict[str, Recomputed] = defaultdict(Recomputed)
    for row in facts:
        day, org, account = row["DateKey"], row["OrganizationKey"], chart[row["AccountKey"]]
        if day in YEAR_END_DAYS:
            continue  # no result, and no position
        average, closing = rates[currency[org], day]
        amount, number = Decimal(row["Amount"]), account["AccountCodeAlternateKey"]
        to = found[month[day]]
        to.rates[org] = average, closing
        match account["AccountType"]:
            case "Revenue":
                to.income += amount * average
                to.results[org] += amount
            case "Expenditures":
                to.income -= amount * average
                to.results[org] -= amount
            case "Assets":
                to.assets += amount * closing
                to.net_assets[org] += amount * closing
                to.functional[org] += amount
                to.lines[number] += amount * closing
            case "Liabilities":
                to.lines[number] += amount * closing
                if number < "3":
                    to.net_assets[org] -= amount * closing
                    to.functional[org] -= amount
        if number == "4500":
            to.lines[number] += amount * average
    return dict(found)


class TestSecondRoad:
    def test_net_income_and_assets_of_all_months(self, closed, recomputed):
        """Sum of amount x rate, unrounded, to half a cent a line that the close rounds."""
        assert list(recomputed) == list(closed)
        for month, expected in recomputed.items():
            close = closed[month]
            results = foreign_lines(close, AccountClass.INCOME, AccountClass.EXPENSE)
            assets = foreign_lines(close, AccountClass.ASSET)
            assert within(close.net_income, expected.income, results), month
            assert within(close.book.totals.total_assets, expected.assets, assets), month

    def test_outsiders_have_their_share_of_net_assets(self, closed, recomputed):
        """
        NCI = n x net assets at the closing rate: nothing else, without purchases.

        Germany in November 2012: 0.75 of EUR -138,135.37. Rounded on the way: every line of
        the position, times n, and five components of the roll-forward (two of capital,
        retained earnings, result, CTA opening and movement).
        """
        for month, expected in recomputed.items():
            close = closed[month]
            theirs = close.book.nci
            assert set(theirs) == {code(org) for org in OUTSIDERS if org in expected.net_assets}
            lines = foreign_lines(close, AccountClass.ASSET, AccountClass.LIABILITY)
            for org, share in OUTSIDERS.items():
                if org in expected.net_assets:
                    part = expected.net_assets[org] * share.numerator / share.denominator
                    assert within(theirs[code(org)].closing, part, lines + 6), (month, org)
            whole = sum(each.closing for each in theirs.values())
            assert close.book.totals.non_controlling_interests == whole

    def test_cta_comes_from_net_assets_alone(self, closed, recomputed):
        """
        The month's movement is NA0 x (c1 - c0) and the change of net assets x (c1 - average).

        A result and what 3020 did take one average, so no account is needed. In its first
        month an organisation's own equity counts at the closing rate: NA0 is nil then, and
        only its result leaves a difference.
        """
        cta: dict[str, Decimal] = defaultdict(Decimal)
        before: dict[str, tuple[Decimal, Decimal]] = {}
        earlier: dict[str, int] = {}
        for month, expected in recomputed.items():
            translations = {each.entity: each for each in closed[month].book.translations}
            for org in OUTSIDERS:
                if org not in expected.functional:
                    continue
                average, now = expected.rates[org]
                net_assets = expected.functional[org]
                if org in before:
                    was, then = before[org]
                    cta[org] += was * (now - then) + (net_assets - was) * (now - average)
                else:
                    cta[org] += expected.results[org] * (now - average)
                before[org] = net_assets, now
                translation = translations[code(org)]
                lines = translation.rounded_lines + earlier.get(translation.entity, 0)
                assert within(translation.cta.closing, cta[org], lines), (month, org)
            if month.endswith("-11"):  # what was rounded in a year is in the next one's opening
                earlier = {each.entity: each.rounded_lines for each in translations.values()}

    def test_equity_is_net_assets(self, closed, recomputed):
        """Owners and outsiders together have assets less liabilities, month by month."""
        for month, expected in recomputed.items():
            close = closed[month]
            lines = foreign_lines(close, AccountClass.ASSET, AccountClass.LIABILITY)
            net_assets = sum(expected.net_assets.values(), Decimal(0))
            assert within(close.book.totals.total_equity, net_assets, lines), month


class TestChecks:
    def test_nothing_blocks_in_any_month(self, closed):
        assert {month: each.validation.blocking for month, each in closed.items()} == (
            dict.fromkeys(closed, ())
        )

    def test_openings_are_what_the_month_before_left(self, closed):
        """V4 against the last close: CTA, retained earnings and outsiders of every member."""
        for month, each in closed.items():
            assert each.chained.blocking == (), month
            (check,) = (result for result in each.chained.results if result.check == "V4")
            assert month == "2010-12" or check.population == 3 * len(each.members_before)

    def test_outsiders_show_the_capital_that_moved_in_the_year(self, closed, years):
        """Their line for capital is their share of what 3020 did since the year began."""
        shown = 0
        for month, each in closed.items():
            start = each.book.group.fiscal_year.start(Period.parse(month))
            for member, rolled in each.book.nci.items():
                moved = sum(
                    paid.amount
                    * paid.quote.ratio(years.source.currency(str(int(member[1:]))), "USD")
                    for paid in each.book.group.contributions
                    if paid.entity == member and str(start) <= str(paid.on)[:7] <= month
                )
                share = OUTSIDERS[str(int(member[1:]))]
                assert abs(rolled.contributed - moved * share) <= 2
                shown += bool(rolled.contributed)
        assert shown

    def test_cta_is_proved_for_every_foreign_organisation(self, closed):
        """Opening net assets, results and capital moved, each at its own rate: 1 x 12 + 3 x 12."""
        proofs = 0
        for month, each in closed.items():
            (check,) = (result for result in each.validation.results if result.check == "V5")
            assert check.passed
            assert check.population == (1 if month < "2011-12" else 3)
            proofs += check.population
            for translation in each.book.translations:
                if translation.foreign:
                    apart = abs(translation.cta.movement - translation.proof().total)
                    assert 2 * apart <= translation.rounded_lines
        assert proofs == 48

    def test_intercompany_accounts_left_standing_are_said(self, closed, recomputed):
        """
        W1 names each account with what stands there.

        No line names a partner, and receivables are about three times payables: there is
        nothing to eliminate against. 4500 counts from December, the others on the day.
        """
        sold = Decimal(0)
        for number, (month, expected) in enumerate(recomputed.items()):
            sold = expected.lines["4500"] + (sold if number % 12 else 0)
            said = {
                finding.subject: finding
                for finding in closed[month].validation.findings
                if finding.check == "W1"
            }
            assert set(said) == set(INTERCOMPANY)
            lines = 3 * (number % 12 + 1)
            assert within(said["1185"].actual, expected.lines["1185"], 3)
            assert within(said["2340"].actual, -expected.lines["2340"], 3)
            assert within(said["4500"].actual, -sold, lines)
            assert all(finding.severity is Severity.WARNING for finding in said.values())
            ratio = expected.lines["1185"] / expected.lines["2340"]
            assert Decimal("2.5") < ratio < Decimal("3.2")

    def test_capital_without_a_purchase_is_said(self, closed, years):
        """W2 names every organisation: a US division's 3010 and 3020 stand as they are."""
        for month, each in closed.items():
            said = {
                finding.subject: finding.actual
                for finding in each.validation.findings
                if finding.check == "W2"
            }
            members = {t.entity for t in each.book.translations} - {NODE}
            assert set(said) == members
            for org in ("3", "4", "5", "6", "7"):
                equity = years.equity(org, next(m for m in years.months if str(m) == month))
                assert said[code(org)] == -(equity["3010"] + equity["3020"])

    def test_germany_stands_below_nil_from_the_start(self, closed):
        """W4: its net assets are negative in every month, and outsiders share the deficit."""
        for month, each in closed.items():
            said = [f.subject for f in each.validation.findings if f.code == "nci-negative"]
            assert said == (["O12"] if month >= "2011-12" else [])


class TestJoining:
    def test_france_and_germany_are_absent_before_they_join(self, closed):
        for month, each in closed.items():
            present = {t.entity for t in each.book.translations}
            assert present >= {NODE, "O08", *DIVISIONS}
            assert ({"O11", "O12"} <= present) == (month >= "2011-12")
            assert not {"O11", "O12"} & present or month >= "2011-12"

    def test_they_open_with_nothing(self, closed):
        """No net assets and no CTA before the first month, and none invented later."""
        for month, each in closed.items():
            for translation in each.book.translations:
                if translation.entity in ("O11", "O12"):
                    assert translation.opening_net_assets == 0, month
                    assert translation.cta.opening == 0, month
                    assert each.book.nci[translation.entity].acquired == 0

    def test_the_first_cta_of_france_is_its_result_alone(self, closed, years):
        """
        EUR 5,546.40 x (closing - average), the result of December 2011.

        What France brings takes the closing rate, and so leaves no difference.
        """
        book = closed["2011-12"].book
        (france,) = (each for each in book.translations if each.entity == "O11")
        month = years.months[12]
        closing, average = years.closing("EUR", month), years.average("EUR", month)
        exact = Decimal("5546.40") * (closing.value_e10 - average.value_e10) / 10**10
        assert within(france.cta.movement, exact, france.rounded_lines)
        assert within(france.proof().total, exact, 0)
