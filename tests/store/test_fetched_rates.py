"""Quotes of central banks in the database: once, with their document; overrides by two people."""

from datetime import UTC, datetime

import pytest

from monthclose.ledger.errors import CloseError
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate
from monthclose.ledger.sources import FetchedRates, SourceDocument
from monthclose.store.bulk import fetch
from monthclose.store.intake_rates import load_fetched, load_rates, read_rates
from monthclose.store.rate_overrides import NotOverridden, ReasonMissing, propose_override

pytestmark = pytest.mark.server

AT = datetime(2025, 1, 31, 16, 9, 31, tzinfo=UTC)


def fetched(value="5.8300", content=b'{"value": []}'):
    quote = Quote("USD", "BRL", parse_rate(value), RateKind.DAILY, "2025-01-31", "PTAX")
    document = SourceDocument(
        "bcb CotacaoDolarPeriodo", "olinda.bcb.gov.br/x", "application/json", content, AT
    )
    return FetchedRates((quote,), {("USD", "BRL", "2025-01-31"): AT}, (document,))


class TestFetched:
    def test_it_is_stored_once_with_its_document_and_its_time(self, app, group):
        with group.acting("manager") as session:
            assert load_fetched(session, group.tenant, fetched()) == 1
            assert load_fetched(session, group.tenant, fetched()) == 0
            ((endpoint, media, at, published),) = fetch(
                session,
                "select d.endpoint, d.media_type, d.fetched_at, r.published_at from fx_rates r"
                " join source_documents d on d.id = r.source_document_id"
                " where r.tenant_id = %(t)s",
                t=group.tenant,
            )
        assert (endpoint, media) == ("olinda.bcb.gov.br/x", "application/json")
        assert (at, published) == (AT, AT)

    def test_a_corrected_quote_is_the_next_number_and_the_first_stays(self, app, group):
        with group.acting("manager") as session:
            load_fetched(session, group.tenant, fetched())
            assert load_fetched(session, group.tenant, fetched("5.8301", b"other")) == 1
            rows = fetch(
                session,
                "select number, value::text from fx_rates where tenant_id = %(t)s order by number",
                t=group.tenant,
            )
            (quote,) = read_rates(session, group.tenant)
        assert rows == [(1, "5.8300000000"), (2, "5.8301000000")]
        assert quote.value == "5.8301"


OVER = Quote("USD", "BRL", parse_rate("6.0000"), RateKind.CLOSING, "2025-01", "Contrato")
WHY = "Taxa do contrato de câmbio de 31/01"


class TestOverride:
    def test_it_counts_only_once_a_second_person_approved_it(self, app, group):
        with group.acting("manager") as session:
            load_rates(session, group.tenant, fetched().quotes)
            key = propose_override(session, group.tenant, OVER, WHY)
        assert self._closing(app, group) == "5.83"
        with pytest.raises(CloseError), group.acting("manager") as session:
            self._approve(session, key)
        with group.acting("second") as session:
            self._approve(session, key)
        assert self._closing(app, group) == "6"

    def test_a_later_import_does_not_take_it_away(self, app, group):
        with group.acting("manager") as session:
            key = propose_override(session, group.tenant, OVER, WHY)
        with group.acting("second") as session:
            self._approve(session, key)
        with group.acting("manager") as session:
            load_fetched(session, group.tenant, fetched("5.9"))
        assert self._closing(app, group) == "6"

    def test_it_says_why(self, app, group):
        with pytest.raises(ReasonMissing), group.acting("manager") as session:
            propose_override(session, group.tenant, OVER, "porque  ")

    def test_a_day_is_not_overridden(self, app, group):
        day = Quote("USD", "BRL", OVER.value_e10, RateKind.DAILY, "2025-01-31", "x")
        with pytest.raises(NotOverridden), group.acting("manager") as session:
            propose_override(session, group.tenant, day, WHY)

    def _approve(self, session, key):
        fetch(
            session,
            "update fx_rates_monthly set status = 'approved' where id = %(k)s returning id",
            k=key,
        )

    def _closing(self, app, group):
        with group.acting("manager") as session:
            table = RateTable(read_rates(session, group.tenant))
        quote = table.closing("BRL", "USD", datetime(2025, 1, 31, tzinfo=UTC).date())
        return quote.value if quote else None
