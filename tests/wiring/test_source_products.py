"""One system may be several products, each with a connector of its own."""

import pytest

from monthclose.connectors.totvs import TotvsConnector
from monthclose.connectors.totvs_rm import RmConnector
from monthclose.wiring.erps import ErpUnknown, connector_class


class TestProducts:
    def test_a_setting_names_the_product(self):
        assert connector_class("totvs") is TotvsConnector
        assert connector_class("totvs", {"product": "rm"}) is RmConnector

    @pytest.mark.parametrize("product", ["datasul", "query", "../x", "rm.x"])
    def test_a_product_without_a_connector_is_none(self, product):
        with pytest.raises(ErpUnknown):
            connector_class("totvs", {"product": product})
