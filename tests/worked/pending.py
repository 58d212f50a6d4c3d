"""Parts of the worked cases that the engine does not carry yet, and what each still needs."""

PENDING: dict[tuple[str, str], str] = {
    ("G07", "translation"): "outsiders in a chain of holdings",
    ("G07", "eliminations"): "outsiders in a chain of holdings",
    ("G07", "nci"): "outsiders in a chain of holdings",
    ("G07", "consolidated"): "outsiders in a chain of holdings",
}
