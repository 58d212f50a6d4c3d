"""The number of a Brazilian company (CNPJ), with letters since 2026, and its check digits."""

import re

_CNPJ = re.compile(r"[0-9A-Z]{12}\d{2}", re.ASCII)
_PUNCTUATED = re.compile(r"([0-9A-Z]{2})\.?([0-9A-Z]{3})\.?([0-9A-Z]{3})/?([0-9A-Z]{4})-?(\d{2})")
_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def check_digits(stem: str) -> str:
    """
    The two digits that close a number: *stem* is its first twelve characters.

    A character counts its ASCII code less 48, so letters weigh 17 to 42.

    Source:
        Instrução Normativa RFB 2.229/2024.
    """
    digits = ""
    for _ in range(2):
        values = [ord(each) - 48 for each in stem + digits]
        weights = _WEIGHTS[-len(values) :]
        rest = sum(v * w for v, w in zip(values, weights, strict=True)) % 11
        digits += str(0 if rest < 2 else 11 - rest)
    return digits


def parse_cnpj(text: str) -> str | None:
    """Read `11.222.333/0001-81` or `11222333000181` as fourteen characters; None: not a CNPJ."""
    match = _PUNCTUATED.fullmatch(text)
    if not match:
        return None
    plain = "".join(match.groups())
    if not _CNPJ.fullmatch(plain) or check_digits(plain[:12]) != plain[12:]:
        return None
    return plain


def punctuated(tax_id: str) -> str:
    """Write fourteen characters as `11.222.333/0001-81`; anything else stays as it is."""
    if len(tax_id) != 14:
        return tax_id
    return f"{tax_id[:2]}.{tax_id[2:5]}.{tax_id[5:8]}/{tax_id[8:12]}-{tax_id[12:]}"
