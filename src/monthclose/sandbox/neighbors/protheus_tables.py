"""Tables of Protheus as far as they are served: fields and how wide their texts are."""

from datetime import date
from typing import Any

NUMBER = 0
"""Width of what is no text."""

WIDTHS: dict[str, dict[str, int]] = {
    "CT1": {
        "ct1_filial": 4,
        "ct1_conta": 20,
        "ct1_desc01": 40,
        "ct1_classe": 1,
        "ct1_normal": 1,
        "ct1_ctasup": 20,
        "ct1_res": 10,
        "ct1_natcta": 2,
        "ct1_bloq": 1,
    },
    "CQ0": {
        "cq0_filial": 4,
        "cq0_conta": 20,
        "cq0_moeda": 2,
        "cq0_data": 8,
        "cq0_tpsald": 1,
        "cq0_lp": 1,
        "cq0_debito": NUMBER,
        "cq0_credit": NUMBER,
    },
    "CT2": {
        "ct2_filial": 4,
        "ct2_data": 8,
        "ct2_lote": 6,
        "ct2_sblote": 3,
        "ct2_doc": 6,
        "ct2_linha": 3,
        "ct2_dc": 1,
        "ct2_debito": 20,
        "ct2_credit": 20,
        "ct2_ccd": 9,
        "ct2_ccc": 9,
        "ct2_valor": NUMBER,
        "ct2_moedlc": 2,
        "ct2_tpsald": 1,
        "ct2_hp": 3,
        "ct2_hist": 40,
    },
    "SA1": {
        "a1_filial": 4,
        "a1_cod": 6,
        "a1_loja": 2,
        "a1_nome": 40,
        "a1_pessoa": 1,
        "a1_cgc": 14,
        "a1_conta": 20,
    },
    "SA2": {
        "a2_filial": 4,
        "a2_cod": 6,
        "a2_loja": 2,
        "a2_nome": 40,
        "a2_tipo": 1,
        "a2_pessoa": 1,
        "a2_cgc": 14,
        "a2_conta": 20,
    },
    "SE5": {
        "e5_filial": 4,
        "e5_prefixo": 3,
        "e5_numero": 9,
        "e5_parcela": 2,
        "e5_tipo": 3,
        "e5_clifor": 6,
        "e5_loja": 2,
        "e5_seq": 2,
        "e5_tipodoc": 2,
        "e5_data": 8,
        "e5_recpag": 1,
        "e5_situaca": 1,
        "e5_motbx": 3,
        "e5_valor": NUMBER,
        "e5_vljuros": NUMBER,
        "e5_vlmulta": NUMBER,
        "e5_vldesco": NUMBER,
    },
} | {
    table: {
        f"{e}_filial": 4,
        f"{e}_prefixo": 3,
        f"{e}_num": 9,
        f"{e}_parcela": 2,
        f"{e}_tipo": 3,
        f"{e}_{party}": 6,
        f"{e}_loja": 2,
        f"{e}_naturez": 10,
        f"{e}_emissao": 8,
        f"{e}_vencrea": 8,
        f"{e}_valor": NUMBER,
        f"{e}_saldo": NUMBER,
        f"{e}_moeda": NUMBER,
        f"{e}_vlcruz": NUMBER,
    }
    for table, e, party in (("SE1", "e1", "cliente"), ("SE2", "e2", "fornece"))
}
"""By table; the first field names the branch."""

SHARED = frozenset({"CT1", "SA1", "SA2"})
"""Tables whose rows belong to all branches."""

NUMBERS = frozenset(
    name for widths in WIDTHS.values() for name, width in widths.items() if width == NUMBER
)


def padded(name: str, value: Any, table: str) -> Any:
    """A value as it is stored: texts padded with blanks, days as eight digits, blank if none."""
    width = WIDTHS[table][name]
    if width == NUMBER:
        return 0 if value is None else value
    if isinstance(value, date):
        value = f"{value:%Y%m%d}"
    return str(value or "")[:width].ljust(width)
