"""Which portfolio a person means."""

import pytest

from monthclose.store.people import (
    NoPortfolio,
    PortfolioUnclear,
    PortfolioUnknown,
    portfolio_of,
    portfolios_of,
)
from tests.store.office import Office
from tests.store.sample import small

pytestmark = pytest.mark.server


@pytest.fixture
def office(app, database):
    return Office(app, database)


class TestPortfolioOf:
    def test_somebody_new_has_none(self, app, office):
        with pytest.raises(NoPortfolio):
            portfolio_of(app, office.people["manager"])

    def test_the_only_one_needs_no_name(self, app, office):
        office.load(office.small())
        manager = office.people["manager"]
        assert portfolio_of(app, manager) == portfolio_of(app, manager, office.code)
        assert [(p.id, p.code, p.presentation) for p in portfolios_of(app, manager)] == [
            (office.tenant, office.code, "USD")
        ]

    def test_of_several_one_is_named(self, app, office):
        office.load(office.small())
        office.load(small(f"{office.code}-2"))
        manager = office.people["manager"]
        with pytest.raises(PortfolioUnclear) as raised:
            portfolio_of(app, manager)
        assert raised.value.known == [office.code, f"{office.code}-2"]
        assert portfolio_of(app, manager, f"{office.code}-2") == office.tenant

    def test_one_of_others_is_unknown_like_one_that_is_not_there(self, app, office):
        office.load(office.small())
        for code in (office.code, "nowhere"):
            with pytest.raises(PortfolioUnknown):
                portfolio_of(app, office.people["stranger"], code)
