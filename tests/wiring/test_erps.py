"""What a connection may be told is what the connectors read."""

import re
from pathlib import Path

import pytest

from monthclose import connectors
from monthclose.store.connections import NewConnection
from monthclose.wiring.erps import (
    PARTS,
    SETTINGS,
    ConnectionIncomplete,
    SettingUnknown,
    check_told,
)

READ = re.compile(
    r"(?:\bsetting|_setting|settings\.get|told\.get|_second)\((?:told, )?\s*\"(\w+)\""
)
EVERYWHERE = {"retained", "since"}
"""Read where a stored connection is made a connector's."""

GRANTED = {"bling": {"redirect"}, "contaazul": {"redirect"}}
"""Read where a person grants the connection."""


@pytest.mark.parametrize("erp", sorted(PARTS))
def test_every_setting_a_connector_reads_may_be_given_and_no_other(erp):
    files = Path(connectors.__file__).parent.glob(f"{erp}*.py")
    read = {name for file in files for name in READ.findall(file.read_text("utf-8"))}
    own_accounts = {"receivables_account", "payables_account"} if erp == "totvs" else set()
    product = {"product"} if erp == "totvs" else set()  # which connector it is at all
    read -= {"error", "faultcode"}  # of answers
    assert read | EVERYWHERE | GRANTED.get(erp, set()) | own_accounts | product == SETTINGS[erp]


def test_settings_with_a_number_in_their_name_are_known():
    check_told(NewConnection("A", "bling", settings={"cancelled:123": "2025-01-02"}))
    totvs = NewConnection("A", "totvs", "01,01", "https://a.example", {"currency_2": "USD"})
    check_told(totvs)
    with pytest.raises(SettingUnknown, match="currency_1"):
        check_told(NewConnection("A", "totvs", "1", "https://a.example", {"currency_1": "USD"}))


def test_a_system_of_the_customers_own_is_told_where_and_which():
    with pytest.raises(ConnectionIncomplete, match="missing: --company"):
        check_told(NewConnection("A", "totvs", base_url="https://a.example"))
    check_told(NewConnection("A", "omie"))
