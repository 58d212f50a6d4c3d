"""Rates as the central banks publish them, over real HTTP."""

import asyncio
import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from monthclose.connectors.ecb import Ecb
from monthclose.connectors.errors import (
    AnswerUnreadable,
    CurrencyNotQuoted,
    FieldUnreadable,
    SourceFailed,
    SourceUnreachable,
)
from monthclose.connectors.ptax import BUY, Ptax
from monthclose.connectors.sgs import Sgs, windows
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors import bcb, ecb
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock

pytestmark = pytest.mark.server


@pytest.fixture(scope="session")
def dollar(shared):
    """Selling rates of the dollar as the BCB published them, by day."""
    text = (shared / "data/ptax/ptax_usd_daily_2019_2025.csv").read_text("utf-8")
    return {
        date.fromisoformat(row["date"]): parse_rate(row["brl_per_usd_sell"])
        for row in csv.DictReader(io.StringIO(text))
    }


EURO = {date(2025, 1, 30): parse_rate("6.0743"), date(2025, 1, 31): parse_rate("6.0533")}


def ask(application, made, act):
    """Ask a stand-in through a client of *made*."""
    clock = FakeClock()

    async def go(url, addresses):
        around = Neighborhood.alone(clock, test=addresses, times=Times(read=1, total=2))
        async with made(around, url) as bank:
            return await act(bank)

    with Servers({"bank": application}) as servers:
        return asyncio.run(go(servers.url("bank"), servers.addresses))


def ptax(rates, first, last, currency="USD", script=None, **facts):
    application = bcb.Bcb(rates, script)
    return ask(application, Ptax, lambda bank: bank.daily(currency, first, last, **facts))


class TestPtax:
    @pytest.mark.parametrize(
        ("month", "day"),
        [
            ("2024-03", "2024-03-28"),  # Good Friday, then the weekend
            ("2022-02", "2022-02-25"),  # Monday and Tuesday of Carnival
            ("2025-05", "2025-05-30"),
        ],
    )
    def test_the_closing_of_a_month_is_the_last_quote_before_its_end(self, dollar, month, day):
        period = Period.parse(month)
        fetched = ptax({"USD": dollar}, period.first_day, period.last_day)
        closing = RateTable(fetched.quotes).closing("BRL", "USD", period.last_day)
        assert closing is not None
        assert closing.on == day
        assert closing.value_e10 == dollar[date.fromisoformat(day)]

    def test_the_average_of_a_month_is_the_one_the_bcb_publishes(self, dollar, shared):
        text = (shared / "data/ptax/ptax_usd_monthly_2019_2025.csv").read_text("utf-8")
        for row in csv.DictReader(io.StringIO(text)):
            month = Period.parse(row["month"])
            if month.year != 2024:
                continue
            fetched = ptax({"USD": dollar}, month.first_day, month.last_day)
            mean = RateTable(fetched.quotes).average("BRL", "USD", month)
            assert mean is not None
            assert abs(Decimal(mean.value) - Decimal(row["sell_avg"])) <= Decimal("0.0001")

    def test_a_day_without_survey_is_no_error_and_no_rate(self, dollar):
        assert ptax({"USD": dollar}, date(2024, 3, 29), date(2024, 3, 31)).quotes == ()

    def test_another_currency_takes_its_closing_bulletin(self):
        fetched = ptax({"EUR": EURO}, date(2025, 1, 31), date(2025, 1, 31), "EUR")
        (quote,) = fetched.quotes
        assert (quote.base, quote.quote, quote.value, quote.source) == (
            "EUR",
            "BRL",
            "6.0533",
            "PTAX",
        )
        published = fetched.published["EUR", "BRL", "2025-01-31"]
        assert published.isoformat().startswith("2025-01-31T16:09:31")

    def test_the_buying_side_is_another_source(self):
        (quote,) = ptax({"EUR": EURO}, date(2025, 1, 31), date(2025, 1, 31), "EUR", side=BUY).quotes
        assert (quote.value, quote.source) == ("6.0527", "PTAX compra")

    def test_a_currency_nobody_surveys_is_refused_and_not_an_empty_month(self):
        with pytest.raises(CurrencyNotQuoted):
            ptax({}, date(2025, 1, 1), date(2025, 1, 31), "ARS")

    def test_the_answer_is_kept_with_its_hash(self):
        (document,) = ptax({"EUR": EURO}, date(2025, 1, 30), date(2025, 1, 31), "EUR").documents
        assert b"Fechamento" in document.content
        assert "CotacaoMoedaPeriodo" in document.endpoint

    def test_html_of_a_gateway_is_asked_again(self):
        html = Fault(Kind.STATUS, status=504, body="<html>", media_type="text/html")
        fetched = ptax({"EUR": EURO}, date(2025, 1, 30), date(2025, 1, 31), "EUR", Script(html))
        assert len(fetched.quotes) == 2

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (
                Fault(Kind.STATUS, status=200, body="<html>", media_type="text/html"),
                AnswerUnreadable,
            ),
            (Fault(Kind.DROP_FIELD, times=9, field="cotacaoVenda"), FieldUnreadable),
            (Fault(Kind.DROP_FIELD, times=9, field="value"), FieldUnreadable),
            (Fault(Kind.CUT, times=9), SourceUnreachable),
        ],
    )
    def test_what_cannot_be_read_is_never_a_month_without_rates(self, fault, error):
        with pytest.raises(error):
            ptax({"EUR": EURO}, date(2025, 1, 30), date(2025, 1, 31), "EUR", Script(fault))


class TestSgs:
    def test_a_long_span_is_cut_into_windows_that_are_answered(self, dollar):
        application = bcb.Bcb({"USD": dollar})
        fetched = ask(
            application, Sgs, lambda bank: bank.daily("USD", date(1999, 1, 1), date(2025, 6, 30))
        )
        inside = [day for day in dollar if day <= date(2025, 6, 30)]
        assert len(fetched.quotes) == len(inside)
        assert application.script.calls["sgs.1"] == 3

    def test_windows_meet_and_none_is_longer_than_ten_years(self):
        cut = list(windows(date(2000, 2, 29), date(2025, 6, 30)))
        assert cut[0] == (date(2000, 2, 29), date(2010, 2, 27))
        assert cut[1][0] == date(2010, 2, 28)
        assert cut[-1][1] == date(2025, 6, 30)

    def test_it_is_the_second_road_to_an_average(self, dollar):
        application = bcb.Bcb({"USD": dollar})
        fetched = ask(
            application, Sgs, lambda bank: bank.monthly("USD", date(2024, 1, 1), date(2024, 12, 1))
        )
        assert len(fetched.quotes) == 12
        quotes = tuple(
            Quote("USD", "BRL", value, RateKind.DAILY, day.isoformat(), "PTAX")
            for day, value in dollar.items()
        )
        table = RateTable(quotes)
        for published in fetched.quotes:
            ours = table.average("BRL", "USD", Period.parse(published.on))
            assert ours is not None
            assert abs(ours.value_e10 - published.value_e10) <= 10**6  # 0.0001

    def test_an_empty_window_is_no_data(self):
        application = bcb.Bcb({})
        fetched = ask(
            application, Sgs, lambda bank: bank.daily("USD", date(2024, 1, 1), date(2024, 1, 31))
        )
        assert fetched.quotes == ()


QUOTES = tuple(
    Quote("EUR", currency, parse_rate(value), RateKind.DAILY, on, "ECB")
    for on, currency, value in (
        ("2025-01-30", "BRL", "6.1062"),
        ("2025-01-30", "USD", "1.0396"),
        ("2025-01-31", "BRL", "6.0743"),
        ("2025-01-31", "USD", "1.0393"),
        ("2025-02-03", "USD", "1.0274"),
    )
)


class TestEcb:
    def test_the_data_service_gives_a_span(self):
        fetched = ask(
            ecb.Ecb(QUOTES), Ecb, lambda b: b.daily("BRL", date(2025, 1, 1), date(2025, 1, 31))
        )
        assert [(q.on, q.value) for q in fetched.quotes] == [
            ("2025-01-30", "6.1062"),
            ("2025-01-31", "6.0743"),
        ]

    def test_two_legs_of_one_day_are_crossed_and_marked(self):
        """6.0743 / 1.0393 = 5.8446069470 reais for a dollar."""

        async def both(bank):
            span = (date(2025, 1, 1), date(2025, 2, 28))
            return [
                *(await bank.daily("BRL", *span)).quotes,
                *(await bank.daily("USD", *span)).quotes,
            ]

        table = RateTable(tuple(ask(ecb.Ecb(QUOTES), Ecb, both)))
        cross = table.closing("BRL", "USD", date(2025, 2, 28))
        assert cross is not None
        assert (cross.on, cross.value, cross.over) == ("2025-01-31", "5.844606947", "EUR")

    def test_a_currency_without_quotes_is_named(self):
        with pytest.raises(CurrencyNotQuoted):
            ask(ecb.Ecb(QUOTES), Ecb, lambda b: b.daily("ARS", date(2025, 1, 1), date(2025, 1, 31)))

    def test_the_history_skips_what_was_not_quoted(self):
        async def history(bank):
            span = (date(2025, 1, 31), date(2025, 12, 31))
            return await bank.history(("BRL", "USD"), *span, bank.transport.base_url)

        found = [(q.on, q.quote) for q in ask(ecb.Ecb(QUOTES), Ecb, history).quotes]
        assert found == [("2025-01-31", "BRL"), ("2025-01-31", "USD"), ("2025-02-03", "USD")]

    @pytest.mark.parametrize("body", ["<html>", "PK not a zip", ""])
    def test_a_file_that_is_none_is_refused(self, body):
        fault = Fault(Kind.STATUS, status=200, body=body, media_type="application/zip")

        async def history(bank):
            span = (date(2025, 1, 31), date(2025, 12, 31))
            return await bank.history(("USD",), *span, bank.transport.base_url)

        with pytest.raises(AnswerUnreadable):
            ask(ecb.Ecb(QUOTES, Script(fault)), Ecb, history)

    def test_another_series_than_asked_for_is_refused(self):
        body = (
            "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE\n"
            "EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2025-01-31,1.0393\n"
        )
        fault = Fault(Kind.STATUS, status=200, body=body, media_type="text/csv")
        with pytest.raises(SourceFailed):
            ask(
                ecb.Ecb(QUOTES, Script(fault)),
                Ecb,
                lambda b: b.daily("BRL", date(2025, 1, 1), date(2025, 1, 31)),
            )
