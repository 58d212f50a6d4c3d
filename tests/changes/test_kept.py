"""Control is lost and a part is kept: the gain, the months after it, and the next year."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.associate_figures import AssociateMonthMissing, AssociateWithinMonth
from monthclose.consolidation.disposal import SoldInPart
from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.consolidation.retained import RetainedDiffers, RetainedUnrecorded
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind, Dividend, Received
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.cash_flows import Own, Section, own_line
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.events import Derecognition
from monthclose.ledger.findings import Finding
from monthclose.ledger.group import Group
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.rates import RateTable
from tests.changes import test_by_hand as by_hand
from tests.changes.kept import ASSET, ASSOCIATE, KEPT, SHARE, KeptTale
from tests.changes.tale import Deal, ties
from tests.changes.test_by_hand import GAIN, engine, holder, owned, sale
from tests.changes.test_years import CURRENCIES
from tests.consolidation.groups import CODES, balance, cents, on

SOLD = own_line(Section.INVESTING, Own.SOLD)
DAYS = {"within": "2025-06-17", "last": "2025-06-30", "first": "2025-06-01", "year": "2025-12-31"}


def described(*, associate: bool = True) -> Group:
    """
    P sells 60 % of S for 180.00 on 14 February and keeps 40 %, worth 130.00.

    It had cost 200.00. An associate stays at its 80.00 of cost, a financial asset comes
    at 130.00: P books a gain of 60.00, or of 110.00.
    """
    deal = sale("disposal", "2025-02-14", "60", "180.00", "200.00")
    carried = cents("80.00" if associate else "130.00")
    kept = replace(
        deal,
        gain=deal.gain + carried,
        retained_fair_value=cents("130.00"),
        retained_cost=carried if associate else None,
        retained_account=ASSOCIATE if associate else ASSET,
    )
    made = by_hand.group(kept, left="40", quotes=(on("2025-02-14", "0.26"),))
    carries_on = Acquisition(
        "KEPT",
        "P",
        "S",
        AcquisitionKind.ASSOCIATE,
        date(2025, 2, 14),
        consideration=cents("130.00"),
        consideration_currency="USD",
        equity={"3000": -100000, "3300": -15000},
        investment_account=ASSOCIATE,
        investment=carried,
    )
    return replace(
        made,
        chart=KEPT,
        acquisitions=(*made.acquisitions, carries_on) if associate else made.acquisitions,
        associate_months=(AssociateMonth("S", "2025-02", cents("20.00")),) if associate else (),
    )


def holding(month: str, account: str, *, gain: bool, cash: str = "480.00") -> TrialBalance:
    """P after the sale: its gain is income of the year, or retained earnings of the next."""
    carried = cents("80.00" if account == ASSOCIATE else "130.00")
    earned = {GAIN if gain else CODES["retained"][0]: cents("20.00") - carried}
    lines = {"1010": cents(cash), account: carried, "3000": -cents("500.00"), **earned}
    if cash != "480.00":
        lines[CODES["dividend_income"][0]] = cents("480.00") - cents(cash)
    amounts = np.array(list(lines.values()), dtype=np.int64)
    return TrialBalance("P", month, "USD", tuple(lines), amounts)


def books(group: Group, *more: TrialBalance) -> ConsolidationEngine:
    """January, February with the day of S, March; S sends its March as an associate."""
    account = group.changes[0].retained_account or ASSOCIATE
    return engine(
        group,
        holder("2025-01", "300.00", "200.00", "0.00"),
        owned("2025-01", "1100.00", "100.00"),
        holding("2025-02", account, gain=True),
        owned("2025-02", "1150.00", "150.00"),
        holding("2025-03", account, gain=False),
        *more,
    )


MARCH = owned("2025-03", "1200.00", "30.00", retained="-170.00")


class TestAnAssociate:
    def test_the_gain_counts_what_is_kept_at_fair_value(self):
        """
        Price 180.00 + kept 130.00 - net assets 299.00 + CTA 67.00 = 78.00.

        P booked 60.00; its books carry 80.00, which is 50.00 less than the fair value.
        """
        book = books(described()).consolidate("2025-02")
        (lost,) = book.changes
        assert lost == Derecognition("S", 180_00, 299_00, 0, 0, 67_00, 130_00)
        assert book.figure(GAIN) == -78_00
        assert sum(lost.parts.values()) == lost.gain == 78_00
        assert validate(book).blocking == ()

    def test_the_equity_method_begins_at_fair_value_on_the_day(self):
        """
        130.00 / 0.26 = 500.00. February since the day: 20.00 x 40 % x 0.24 = 1.92.

        508.00 x 0.25 = 127.00; CTA 500.00 x (0.25 - 0.26) + 8.00 x (0.25 - 0.24) = -4.92.
        Result: S 32.00, gain 78.00, share 1.92.
        """
        book = books(described()).consolidate("2025-02")
        equity = book.associates["S"]
        assert (equity.carrying, equity.carrying_presentation) == (508_00, 127_00)
        assert (equity.cta.opening, equity.cta.movement) == (0, -4_92)
        assert equity.proof.total == -4_92
        assert equity.goodwill == 500_00 - 460_00  # 40 % of 1,150.00
        assert book.figure(ASSOCIATE) == 127_00
        assert book.figure(SHARE) == -1_92
        assert book.totals.net_income == 111_92
        assert book.of_kind(AccountClass.ASSET) == 607_00

    def test_the_next_year_goes_on_from_there(self):
        """
        S sends 30.00 of March: 12.00 x 0.26 = 3.12; 520.00 x 0.27 = 140.40.

        CTA -4.92 + 140.40 - 127.00 - 3.12 = 5.36. The 50.00 beyond P's books stay in the
        asset and, once gain, in retained earnings: they open with the 111.92 of February.
        """
        made = books(described(), MARCH)
        february, march = made.consolidate("2025-02"), made.consolidate("2025-03")
        assert march.figure(ASSOCIATE) == 140_40
        assert march.associates["S"].cta.closing == 5_36
        assert march.equity is not None
        assert march.equity.retained_opening == 111_92
        (kept,) = [each for each in march.entries if each.kind == "settled_sale"]
        assert [line.amount for line in kept.lines] == [50_00, -50_00]
        assert validate(march, february.left()).blocking == ()
        assert [each.entity for each in march.translations] == ["P"]

    def test_the_month_after_within_a_year_counts_from_the_day(self):
        """
        The year ends in March: S's 200.00 to date, of which 150.00 up to the day, 20.00 since.

        March is 30.00. Without a record of February's days nothing says how much was P's.
        """
        group = replace(described(), fiscal_year=FiscalYear(3))
        sent = owned("2025-03", "1200.00", "200.00")
        made = books(group, holding("2025-03", ASSOCIATE, gain=True), sent)
        book = made.consolidate("2025-03")
        assert [each.result for each in book.associates["S"].months] == [8_00, 12_00]
        assert validate(book).blocking == ()
        made = books(replace(group, associate_months=()))
        with pytest.raises(AssociateWithinMonth):
            made.consolidate("2025-02")

    def test_a_month_that_nobody_states_is_missing(self):
        with pytest.raises(AssociateMonthMissing):
            books(described()).consolidate("2025-03")

    def test_dividends_after_the_day_are_of_an_associate(self):
        """S pays 50.00 in March, 20.00 of it to P, worth 5.20: 520.00 - 20.00 = 500.00 x 0.27."""
        income = CODES["dividend_income"][0]
        part = Received("P", cents("5.20"), None, income, cents("20.00"))
        paid = Dividend("S", cents("50.00"), None, date(2025, 3, 20), (part,))
        group = described()
        quotes = (*group.rates.quotes, on("2025-03-20", "0.26"))
        made = books(
            replace(group, dividends=(paid,), rates=RateTable(quotes)),
            holding("2025-03", ASSOCIATE, gain=False, cash="485.20"),
            balance(
                "S",
                "2025-03",
                cash="1150.00",
                capital="-1000.00",
                retained="-170.00",
                dividends="50.00",
                revenue="-30.00",
            ),
        )
        book = made.consolidate("2025-03")
        assert book.figure(ASSOCIATE) == 135_00
        assert book.figure(income) == 0
        assert validate(book).blocking == ()


class TestAFinancialAsset:
    def test_stays_in_the_books_at_fair_value(self):
        """
        The same 78.00, of which P booked 110.00: the 32.00 that S earned were counted.

        Cash 480.00 and the asset 130.00; in March a new year knows nothing of S.
        """
        made = books(described(associate=False))
        book = made.consolidate("2025-02")
        assert book.figure(GAIN) == -78_00
        assert book.figure(ASSET) == 130_00
        assert book.associates == {}
        assert validate(book).blocking == ()
        march = made.consolidate("2025-03")
        assert (march.figure(ASSET), march.totals.net_income) == (130_00, 0)
        assert march.entries == ()
        assert march.equity is not None
        assert march.equity.retained_opening == 110_00


class TestRefusals:
    def test_the_price_is_explained_by_what_is_kept_too(self):
        group = described()
        wrong = replace(group.changes[0], gain=cents("61.00"))
        with pytest.raises(InvestmentMismatch) as refused:
            books(replace(group, changes=(wrong,))).consolidate("2025-02")
        assert "1.00" in str(refused.value)

    def test_nothing_kept_is_stated_and_the_interests_keep_some(self):
        group = described()
        plain = replace(
            group.changes[0],
            gain=-20_00,
            retained_fair_value=0,
            retained_cost=None,
            retained_account="",
        )
        group = replace(group, associate_months=(), acquisitions=group.acquisitions[:1])
        made = books(replace(group, changes=(plain,)))
        with pytest.raises(SoldInPart):
            made.consolidate("2025-02")

    def test_an_associate_needs_its_acquisition(self):
        group = described()
        with pytest.raises(RetainedUnrecorded) as refused:
            books(replace(group, acquisitions=group.acquisitions[:1])).consolidate("2025-02")
        assert "2025-02-14" in str(refused.value)

    @pytest.mark.parametrize("field", ["consideration", "investment"])
    def test_its_acquisition_says_the_same(self, field: str):
        group = described()
        founded, kept = group.acquisitions
        others = {"consideration": replace(kept, consideration=81_00)}
        other = others.get(field, replace(kept, investment=81_00))
        with pytest.raises(RetainedDiffers) as refused:
            books(replace(group, acquisitions=(founded, other))).consolidate("2025-02")
        assert field in str(refused.value)

    def test_a_fair_value_in_the_company_s_currency_may_be_rounded_there(self):
        """500.00 reais are 130.00 dollars, and so are 500.01; 500.02 are 130.01."""
        group = described()
        founded, kept = group.acquisitions
        for amount, fits in (("500.01", True), ("500.02", False)):
            told = replace(kept, consideration=cents(amount), consideration_currency="BRL")
            made = books(replace(group, acquisitions=(founded, told)))
            if fits:
                assert made.consolidate("2025-02").associates["S"].carrying == 508_01
            else:
                with pytest.raises(RetainedDiffers):
                    made.consolidate("2025-02")


@pytest.mark.parametrize("currencies", CURRENCIES, ids="-".join)
@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
class TestEveryMonth:
    """Sixteen months and two fiscal years, in every pair of currencies."""

    def told(self, day: str, currencies: tuple[str, str], kind: str) -> KeptTale:
        """The tale of a day."""
        deal = Deal(ChangeKind.DISPOSAL, day, "50", "850.00", "1000.00")
        return KeptTale(
            owner=currencies[0],
            owned=currencies[1],
            deal=deal,
            associate=kind != "asset",
            account=CODES["investment"][0] if kind == "same account" else "",
        )

    @pytest.mark.parametrize("kind", ["associate", "same account", "asset"])
    def test_opens_with_what_was_closed_and_passes_every_check(self, kind, day, currencies):
        made = self.told(day, currencies, kind).close()
        assert ties(made) == []
        found: list[Finding] = []
        last = None
        for book in made:
            found += validate(book, last).blocking
            last = book.left()
        assert found == []

    @pytest.mark.parametrize("kind", ["associate", "same account", "asset"])
    def test_the_cash_of_the_sale_is_the_price_less_what_went(self, kind, day, currencies):
        """What was kept is no flow: both ways of keeping it show the same line."""
        tale = self.told(day, currencies, kind)
        lines = {"P": {"cash": "8000.00", "capital": "-8000.00"}}
        lines["S"] = {
            "cash": "700.00",
            "receivables": "300.00",
            "capital": "-600.00",
            "retained": "-400.00",
        }
        for entity, currency in zip("PS", currencies, strict=True):
            tale.engine.load_trial_balance(balance(entity, "2024-12", currency, **lines[entity]))
        book = tale.engine.consolidate("2025-12")
        found = tale.engine.cash_flows(book)
        assert found.problems == ()
        assert found.group is not None
        (lost,) = book.changes
        assert isinstance(lost, Derecognition)
        went = found.group.lines[SOLD] - lost.proceeds
        # Cost, gain and what is kept were each rounded at the rate of the day.
        assert abs(went + of_s(tale, book.period)) <= 1
        assert all(key.account not in (ASSET, ASSOCIATE) for key in found.group.lines)


def of_s(tale: KeptTale, period: str) -> int:
    """The cash that S had on the day, presentation currency."""
    (sold,) = [e for e in tale.engine.consolidate(period).translations if e.entity == "S"]
    return int(sold.amounts[sold.accounts.index(CODES["cash"][0])])
