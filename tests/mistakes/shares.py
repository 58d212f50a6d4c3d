"""The classic mistakes of shares of associates that are sold."""

_ASSOCIATES = "consolidation/associate_months.py"
_SALES = "consolidation/associate_sales.py"

SOLD_SHARES = ("equity_method/test_sales.py",)

SHARES = (
    (
        "shares of an associate sold without their part of the CTA",
        _SALES,
        "recycled = share_of(translated - self.earned - self.oci, sale.part)",
        "recycled = 0",
        SOLD_SHARES,
    ),
    (
        "a month's result shared with who bought on its last day",
        _SALES,
        "while self.due and (by is None or self.due[0].on <= by):",
        "while self.due and (by is None or str(self.due[0].on)[:7] <= str(by)[:7]):",
        SOLD_SHARES,
    ),
    (
        "what was sold of an associate's reserve kept in it",
        _SALES,
        "oci = share_of(self.oci, sale.part)",
        "oci = 0",
        SOLD_SHARES,
    ),
    (
        "the cost of shares sold in an earlier year forgotten",
        _ASSOCIATES,
        "historical -= sum(each.cost for each in earlier)",
        "historical -= 0",
        SOLD_SHARES,
    ),
    (
        "the gain on shares sold forgotten as the next year opens",
        _ASSOCIATES,
        "result += last.made_good + last.oci_released",
        "result += last.oci_released",
        SOLD_SHARES,
    ),
)
"""What is wrong, where, the text and its mistake, and the tests that work it by hand."""
