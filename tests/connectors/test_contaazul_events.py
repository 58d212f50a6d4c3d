"""Events and instalments as titles: the documented answers, splits to the cent, statuses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.connectors.answers import read_json
from monthclose.connectors.contaazul_events import (
    STATES,
    State,
    changed_on,
    counted,
    instalment,
    listed,
    parted,
    spread,
)
from monthclose.connectors.errors import FieldUnreadable, ValueUnknown
from monthclose.connectors.fields import Removed, Row
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import Part, Settlement

ID = "00000000-0000-4000-8000-000000000"


def row(fields):
    return Row(fields, "contaazul", "parcela", Removed())


@pytest.fixture
def sample(shared):
    def read(name):
        path = shared / f"reference/samples/contaazul-{name}.json"
        return read_json(path.read_bytes())

    return read


def seen(fields, side=Side.RECEIVABLE):
    """The list's row of an instalment whose detail is given."""
    return listed(
        row(
            {
                "id": fields["id"],
                "data_competencia": fields["evento"]["data_competencia"],
                "data_alteracao": "2025-02-10T08:37:05",
                "nao_pago": fields["nao_pago"],
                "status": "PENDING",
                "cliente" if side is Side.RECEIVABLE else "fornecedor": {"id": "p", "nome": "X"},
            }
        ),
        side,
    )


class TestSamples:
    def test_the_documented_instalment_is_a_title_with_a_split_and_a_receipt(self, sample):
        """1,200.00 of 5,000.00 with interest of 12.00, less a fee of 2.50: 1,209.50."""
        fields = sample("parcela")
        read = instalment(row(fields), seen(fields))
        (title,) = parted([read], whole=True)
        assert title.parts == (Part(f"{ID}001", 3_000_00), Part(f"{ID}003", 2_000_00))
        assert title.settlements == (
            Settlement(
                f"{ID}401", date(2025, 2, 10), f"{ID}050", 1_200_00, interest=12_00, fee=2_50
            ),
        )
        assert title.open_at(date(2025, 2, 28)) == 3_800_00
        assert read.state is State.OPEN

    def test_the_documented_list_tells_what_is_open_now_and_never_an_amount(self, sample):
        first, second = (
            listed(row(each), Side.RECEIVABLE) for each in sample("contas-receber-buscar")["itens"]
        )
        assert (first.open, second.open) == (False, True)
        assert (first.accrued, first.changed) == (date(2024, 12, 10), date(2025, 1, 5))
        assert second.party == f"{ID}302"

    def test_a_receipt_that_does_not_add_up_fails(self, sample):
        fields = sample("parcela")
        fields["baixas"][0]["valor_composicao"]["juros"] = 11
        with pytest.raises(FieldUnreadable, match="valor_liquido"):
            instalment(row(fields), seen(fields))

    @pytest.mark.parametrize(("net", "fee"), [(1_002, 2_00), (998, -2_00)])
    def test_a_fee_of_a_payment_goes_the_way_the_net_amount_says(self, sample, net, fee):
        fields = sample("parcela")
        fields["evento"]["tipo"] = "DESPESA"
        fields["baixas"][0]["valor_composicao"] = {
            "valor_bruto": 1_000, "juros": 0, "multa": 0, "desconto": 0, "taxa": 2,
            "valor_liquido": net,
        }  # fmt: skip
        read = instalment(row(fields), seen(fields, Side.PAYABLE))
        assert read.title.settlements[0].fee == fee

    def test_the_detail_of_another_instalment_or_side_or_event_is_refused(self, sample):
        fields = sample("parcela")
        other = seen(fields)
        with pytest.raises(ValueUnknown):
            instalment(row(fields), seen(fields, Side.PAYABLE))
        with pytest.raises(FieldUnreadable):
            instalment(row({**fields, "id": "another"}), other)
        fields["evento"] = {**fields["evento"], "data_competencia": "2025-01-11"}
        with pytest.raises(FieldUnreadable):
            instalment(row(fields), other)


class TestStatus:
    @pytest.mark.parametrize(
        "words",
        [
            ("PENDING", "EM_ABERTO", "PENDENTE"),
            ("OVERDUE", "ATRASADO", "ATRASADO"),
            ("ACQUITTED", "RECEBIDO", "QUITADO"),
        ],
    )
    def test_three_vocabularies_say_one_thing(self, words):
        assert len({STATES[word] for word in words}) == 1

    def test_a_loss_without_its_amount_fails(self, sample):
        fields = sample("parcela")
        fields["status"] = "PERDIDO"
        with pytest.raises(FieldUnreadable, match="perda"):
            instalment(row(fields), seen(fields))

    def test_a_status_only_a_list_has_is_left_to_the_detail(self, sample):
        fields = {**sample("contas-receber-buscar")["itens"][0], "status_traduzido": "EM_ANALISE"}
        assert not listed(row(fields), Side.RECEIVABLE).plain


class TestDay:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2025-02-01T01:30:00Z", date(2025, 1, 31)),
            ("2025-02-01T01:30:00", date(2025, 2, 1)),
            ("2025-02-01", date(2025, 2, 1)),
        ],
    )
    def test_a_moment_in_utc_is_of_the_day_it_was_in_brasilia(self, text, day):
        assert changed_on(row({"data_alteracao": text})) == day


class TestEvent:
    def test_a_split_that_is_each_instalments_own_is_taken_as_it_is(self, sample):
        """Nobody documents it: two instalments of 5,000.00, each with 5,000.00 of split."""
        fields = sample("parcela")
        other = {**fields, "id": "2", "indice": 2}
        reads = [instalment(row(each), seen(each)) for each in (fields, other)]
        assert [sum(p.amount for p in t.parts) for t in parted(reads, whole=True)] == [5_000_00] * 2

    def test_siblings_with_different_splits_fail(self, sample):
        fields = sample("parcela")
        half = {**fields, "valor_composicao": {"valor_bruto": 2_500, "valor_liquido": 2_500}}
        event = fields["evento"]
        split = [{**event["rateio"][0], "valor_bruto": 5_000}]
        other = {**half, "id": "2", "indice": 2, "evento": {**event, "rateio": split}}
        reads = [instalment(row(each), seen(each)) for each in (half, other)]
        with pytest.raises(FieldUnreadable, match="rateio"):
            parted(reads, whole=True)

    def test_a_split_without_what_was_cancelled_gives_the_rest_all_of_it(self, sample):
        """5,000.00 stay; 1,000.00 were cancelled, and went in the same proportions."""
        fields = sample("parcela")
        gone = {
            **fields,
            "id": "2",
            "indice": 2,
            "status": "CANCELADO",
            "baixas": [],
            "valor_composicao": {"valor_bruto": 1_000, "valor_liquido": 1_000},
        }
        reads = [instalment(row(each), seen(each)) for each in (fields, gone)]
        stays, went = parted(reads, whole=True)
        assert stays.parts == reads[0].split
        assert [part.amount for part in went.parts] == [600_00, 400_00]
        (title,) = counted(went, reads[1], reverse=False)
        assert title.cancelled == date(2025, 2, 10)

    def test_paid_before_it_was_cancelled_stays_paid(self, sample):
        """1,200.00 of 5,000.00 were paid: 720.00 and 480.00 stay, 2,280.00 and 1,520.00 go."""
        fields = {**sample("parcela"), "status": "CANCELADO"}
        read = instalment(row(fields), seen(fields))
        (title,) = parted([read], whole=True)
        kept, rest = counted(title, read, reverse=False)
        assert [part.amount for part in kept.parts] == [720_00, 480_00]
        assert [part.amount for part in rest.parts] == [2_280_00, 1_520_00]
        assert (kept.cancelled, rest.cancelled) == (None, date(2025, 2, 10))
        assert kept.open_at(date(2025, 2, 28)) == rest.open_at(date(2025, 2, 28)) == 0


amounts = st.lists(st.integers(0, 10**9), min_size=1, max_size=8)


class TestSpread:
    @given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
    def test_rows_and_columns_add_up_to_the_cent(self, parts, cuts):
        """Instalments cut out of the split anywhere: each adds up, and so does each category."""
        total = sum(parts)
        edges = sorted(cut % (total + 1) for cut in cuts)
        rows = [b - a for a, b in zip([0, *edges], [*edges, total], strict=True)]
        split = [Part(f"c{i}", amount) for i, amount in enumerate(parts)]
        spreads = spread(rows, split)
        assert [sum(p.amount for p in each) for each in spreads] == rows
        for part in split:
            found = sum(p.amount for s in spreads for p in s if p.category == part.category)
            assert found == part.amount
        assert all(p.amount > 0 for each in spreads for p in each)

    @given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 100))
    def test_each_part_is_within_a_cent_of_its_proportion(self, one, two, percent):
        amount = (one + two) * percent // 100
        (parts,) = spread([amount], [Part("a", one), Part("b", two)])
        first = sum(p.amount for p in parts if p.category == "a")
        assert abs(first * (one + two) - one * amount) <= one + two
