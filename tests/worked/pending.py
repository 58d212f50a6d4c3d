"""Parts of the worked cases that the engine does not carry yet, and what each still needs."""

PENDING: dict[tuple[str, str], str] = {}
