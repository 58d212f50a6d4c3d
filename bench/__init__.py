"""How long a close takes, beside the same work in plain Decimal objects and in pandas."""
