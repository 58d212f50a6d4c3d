"""Currencies and how many digits their minor unit has."""

from monthclose.ledger.errors import CloseError

_TWO_DIGITS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK
PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TOO_MANY = {
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}

MINOR_DIGITS = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
}
"""Minor digits of each currency of ISO 4217 that the ledger can hold."""


class UnsupportedCurrency(CloseError):
    """A currency whose minor unit is finer than a hundredth, which the ledger stores."""

    code = "currency-unsupported"

    def __init__(self, currency: str, digits: int) -> None:
        super().__init__(currency=currency, digits=digits)


def is_iso(currency: str) -> bool:
    """Whether *currency* is an ISO 4217 code, supported or not."""
    return currency in MINOR_DIGITS or currency in _TOO_MANY


def minor_digits(currency: str) -> int:
    """
    How many digits the minor unit of *currency* has: 2 for BRL and USD, 0 for JPY.

    A label that is not in ISO 4217 (a worked case may say `FC`) counts in hundredths.

    Raises:
        UnsupportedCurrency: three digits or more, such as KWD.
    """
    if currency in _TOO_MANY:
        raise UnsupportedCurrency(currency, _TOO_MANY[currency])
    return MINOR_DIGITS.get(currency, 2)
