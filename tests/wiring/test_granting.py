"""A connection that a person grants in the browser, through the stored vault, end to end."""

from urllib.parse import urlsplit

import httpx2
import pytest

from monthclose.connectors.errors import GrantRefused
from monthclose.connectors.oauth import code_of, new_state
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.server import Servers
from monthclose.store.connections import NewConnection
from monthclose.wiring.database import open_database
from monthclose.wiring.settings import Settings
from tests.connectors.test_omie import COMPANY
from tests.wiring.sourced import found

pytestmark = pytest.mark.server

CLIENT = {"client_id": "client", "client_secret": "s3cr3t-of-the-client"}
BACK = "https://localhost/monthclose"


def test_a_grant_is_taken_once_kept_unseen_and_opens_the_company(tmp_path):
    stand = ContaAzul({"acme": COMPANY}, client=(CLIENT["client_id"], CLIENT["client_secret"]))
    with Servers({"contaazul": stand}) as servers:
        settings = Settings(home=tmp_path, egress_test_allow=servers.address("contaazul"))
        with open_database(settings) as database:
            house = found(settings, database.engine)
            sources = house.sources("operator")
            new = NewConnection("ALFA", "contaazul", base_url=servers.url("contaazul"))
            made = sources.add(new, CLIENT)
            site, state = sources.asking(new), new_state()
            assert site is not None
            page = site.page(CLIENT["client_id"], state, BACK)
            redirected = httpx2.get(page, follow_redirects=False, trust_env=False)
            address = redirected.headers["location"]
            with pytest.raises(GrantRefused):
                code_of(address, new_state(), "contaazul")
            sources.grant(made, site, code_of(address, state, "contaazul"), BACK)
            held = sources.files.get(made.secret_name).parts
            assert {"access_token", "refresh_token", "expires_at"} < set(held)
            (tested,) = house.sources("manager").test()
            assert tested.error is None
            assert [each.cnpj for each in tested.companies] == [COMPANY.cnpj]
            (stored,) = sources.connections.all()
            told = house.ask("select c::text from erp_connections c where tenant_id = :t")
            asked = house.ask(
                "select distinct purpose from credential_access_log where tenant_id = :t",
                "operator",
            )
    assert {"grant: renew"} < {row[0] for row in asked}
    assert len(stored.fingerprint) == 8
    for secret in (*held.values(), CLIENT["client_secret"]):
        if secret != CLIENT["client_id"]:
            assert secret not in told[0][0]
    assert urlsplit(address).query
