"""What is written reads back as the same nouns."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from monthclose.groupfolder import GroupFolderNotEmpty, read_group, write_group
from monthclose.ledger.accounts import Account, AccountClass, Roles, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Contribution,
    Dividend,
    NciMethod,
    OpeningBalance,
    Received,
    Transfer,
)
from monthclose.ledger.adjustments import Adjustment, Topic
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.entities import Entity, Interest, Method
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.rates import Quote, RateKind, RateTable

ACCOUNTS = (
    Account("100", "Caixa", AccountClass.ASSET, cash=True, monetary=True, cash_flow="operating"),
    Account("150", "Participações", AccountClass.ASSET, parent="100", statement_line="INV"),
    Account("160", "Ágio", AccountClass.ASSET, gaap=frozenset({"IFRS"})),
    Account("200", 'Contas "a pagar", outras', AccountClass.LIABILITY, intercompany="AP"),
    Account("300", "Capital", AccountClass.SHARE_CAPITAL),
    Account("301", "Capital a integralizar", AccountClass.SHARE_CAPITAL, contra=True),
    Account("310", "Ágio na emissão", AccountClass.APIC),
    Account("330", "Lucros", AccountClass.RETAINED_EARNINGS),
    Account("400", "Receita", AccountClass.INCOME),
    Account("600", "Imposto diferido", AccountClass.EXPENSE, deferred_tax=True),
)
GROUP = Group(
    code="G-1",
    name='Grupo "Um", S.A.',
    presentation="USD",
    chart=chart_of(ACCOUNTS, Roles(goodwill="160", retained_earnings="330"), "pt-BR"),
    entities=(
        Entity("P", "Mãe", "BRL", Method.PARENT, "12ABC34501DE35", "totvs"),
        Entity("S", "Filha", "JPY", Method.FULL, first_period="2025-02"),
    ),
    interests=(
        Interest("P", "S", 66_670_000, date(2025, 2, 1)),
        Interest("P", "S", 0, date(2025, 9, 1)),
    ),
    rates=RateTable(
        (
            Quote("USD", "BRL", 58301000001, RateKind.DAILY, "2025-02-28", "PTAX"),
            Quote("USD", "BRL", 57 * 10**9, RateKind.AVERAGE, "2025-02", ""),
            Quote("JPY", "USD", 66 * 10**6, RateKind.CLOSING, "2025-02", ""),
        )
    ),
    mappings={
        "S": EntityMapping(
            "S",
            {
                "a 1": (Target("100"),),
                "b": (Target("400", Fraction(333333, 10**6)),
                      Target("600", Fraction(666667, 10**6))),
            },
        )
    },
    openings=(OpeningBalance("P", "300", -1, -2), OpeningBalance("P", "3400", None, 2)),
    acquisitions=(
        Acquisition(
            "A", "P", "S", AcquisitionKind.PURCHASE, date(2025, 2, 1),
            consideration=10_00, consideration_currency="USD", nci_method=NciMethod.FAIR_VALUE,
            nci_amount=7, equity={"301": -5, "310": -3, "330": 2}, investment_account="150",
            investment=55_01,
        ),
    ),
    contributions=(Contribution("S", "310", 9, date(2025, 3, 1), None, "AGO 1"),),
    dividends=(
        Dividend("P", 100, None, date(2025, 3, 2)),
        Dividend("P", 250, None, date(2025, 3, 2)),
        Dividend("S", 300, None, date(2025, 3, 3), (Received("P", 7_77, None, "400"),)),
    ),
    transfers=(
        Transfer("S", "330", "310", 8, date(2025, 3, 4), "AGE 1"),
        Transfer("P", "310", "330", 100, date(2025, 3, 5)),
    ),
    adjustments=(
        Adjustment("A-1", "2025-02", LayerName.POLICY, "S", {"100": 5, "600": -5}, 'a "b", c'),
        Adjustment("A-1", "2025-03", LayerName.GAAP, "P", {"150": 5_01, "400": -5_01}, "d",
                   Topic.LEASES),
    ),
    framework="US GAAP",
    fiscal_year=FiscalYear(3),
    first_period="2025-02",
    language="pt-BR",
)  # fmt: skip


def column(*amounts: int) -> np.ndarray:
    return np.array(amounts, dtype=np.int64)


BALANCES = (
    RawBalance(
        "P", "2025-02", "BRL", ("100", "200", "200", "300"), column(5, -2, -2, -1),
        partners=("", "S", "", ""), opening=column(0, 0, -2, -1), debit=column(5, 0, 0, 0),
        credit=column(0, 2, 0, 0),
    ),
    RawBalance("S", "2025-02", "JPY", ("a 1", "b"), column(10**15 // 10**3, -(10**12))),
    RawBalance("P", "2025-03", "BRL", ("100", "300"), column(1, -1)),
)  # fmt: skip


class TestRoundTrip:
    def test_every_noun_reads_back(self, tmp_path):
        write_group(tmp_path / "g", GROUP, BALANCES)
        found = read_group(tmp_path / "g")
        group = found.group
        for name in (
            "code", "name", "presentation", "entities", "interests", "mappings", "openings",
            "acquisitions", "contributions", "dividends", "adjustments", "framework",
            "fiscal_year", "first_period", "language",
        ):  # fmt: skip
            assert getattr(group, name) == getattr(GROUP, name), name
        assert group.rates.quotes == GROUP.rates.quotes
        assert group.chart.accounts == GROUP.chart.accounts
        assert group.chart.roles == GROUP.chart.roles
        for one, other in zip(found.balances, BALANCES, strict=True):
            assert (one.entity, one.period, one.currency) == (
                other.entity, other.period, other.currency
            )  # fmt: skip
            assert (one.accounts, one.partners) == (other.accounts, other.partners)
            for name in ("amounts", "opening", "debit", "credit"):
                read, written = getattr(one, name), getattr(other, name)
                if written is None:
                    # One table holds all companies: a column is there or not for all of them.
                    assert read is None or read.tolist() == [0] * len(read)
                else:
                    assert read.tolist() == written.tolist()

    def test_what_was_read_writes_the_same_again(self, example, tmp_path):
        first = read_group(example)
        write_group(tmp_path / "a", first.group, first.balances)
        second = read_group(tmp_path / "a")
        write_group(tmp_path / "b", second.group, second.balances)
        for file in (tmp_path / "a").rglob("*.*"):
            other = tmp_path / "b" / file.relative_to(tmp_path / "a")
            assert file.read_bytes() == other.read_bytes()

    def test_nothing_is_written_over(self, example):
        before = {file: file.read_bytes() for file in example.rglob("*.*")}
        with pytest.raises(GroupFolderNotEmpty) as caught:
            write_group(example, GROUP, BALANCES)
        assert caught.value.found in {path.name for path in example.iterdir()}
        assert {file: file.read_bytes() for file in example.rglob("*.*")} == before
