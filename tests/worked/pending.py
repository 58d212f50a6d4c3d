"""Parts of the worked cases that the engine does not carry yet, and what each still needs."""

PENDING: dict[tuple[str, str], str] = {
    ("G07", "translation"): "outsiders in a chain of holdings",
    ("G07", "eliminations"): "outsiders in a chain of holdings",
    ("G07", "nci"): "outsiders in a chain of holdings",
    ("G07", "consolidated"): "outsiders in a chain of holdings",
<<<<<<< HEAD
    ("G14", "kpi"): "SaaS metrics",
=======
    ("G20", "translation"): "step to control",
    ("G20", "ppa"): "step to control",
    ("G20", "step_acquisition"): "step to control",
    ("G20", "eliminations"): "step to control",
    ("G20", "nci"): "step to control",
    ("G20", "consolidated"): "step to control",
>>>>>>> 04343fc (SaaS metrics: movements of recurring revenue, retention, acquisition cost and value)
}
