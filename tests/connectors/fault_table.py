"""
What goes wrong on the way to each source, and what becomes of it: the table of the docs.

A cell is one of: `same` (as if nothing had happened), `again` (asked again, the figures are
those), `waits N s` (likewise, after so many seconds at least), the code of the error that
ends it (nothing is stored), or `-`, where the source has no such thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monthclose.sandbox.faults import Fault, Kind

ERPS = ("totvs", "totvs_rm", "contaazul", "omie", "bling")
BANKS = ("ptax", "sgs", "ecb")
SOURCES = (*ERPS, *BANKS)
NAMES = ("Protheus", "RM", "Conta Azul", "Omie", "Bling", "PTAX", "SGS", "ECB")

AT: Mapping[str, str] = {
    "totvs": "CQ0",
    "totvs_rm": "AccountingTransactions",
    "contaazul": "contas-a-receber",
    "omie": "PesquisarLancamentos",
    "bling": "contas/receber",
    "ptax": "CotacaoDolarPeriodo",
    "sgs": "sgs.1",
    "ecb": "EXR",
}
"""A question of each, as its stand-in counts it."""

COMPANY: Mapping[str, str] = {
    "totvs": "costcenters",
    "totvs_rm": "AccountingTransactions",
    "contaazul": "conta-conectada",
    "omie": "ListarEmpresas",
    "bling": "empresas/me/dados-basicos",
}
"""Which answer tells whose figures they are."""

FIELD: Mapping[str, str] = {
    "totvs": "cq0_debito",
    "totvs_rm": "debitValue",
    "contaazul": "data_competencia",
    "omie": "nValorTitulo",
    "bling": "dataEmissao",
    "ptax": "cotacaoVenda",
    "sgs": "valor",
}

ALWAYS = 9_999
PAGE = "<html><body>Bad gateway</body></html>"
MISUSE = (
    '{"faultcode":"MISUSE_API_PROCESS","faultstring":"ERROR: API bloqueada por consumo indevido.'
    ' Tente novamente em 1789 segundos."}'
)
REDUNDANT = (
    '{"faultcode":"SOAP-ENV:Client-6","faultstring":"ERROR: Consumo redundante detectado.'
    ' Aguarde 16 segundos para tentar novamente (REDUNDANT)."}'
)
BROKEN = (
    '{"faultcode":"SOAP-ENV:Server","faultstring":"Broken response from Application Server (1)"}'
)
FILTERS = '{"code":"502","message":"Filtros obrigatorios","detailedMessage":"companyId e date"}'
SECOND = '{"error":{"type":"TOO_MANY_REQUESTS","limit":3,"period":"second"}}'
DAY = '{"error":{"type":"TOO_MANY_REQUESTS","limit":120000,"period":"day"}}'


@dataclass(frozen=True)
class Row:
    """
    One thing that goes wrong.

    Attributes:
        name: As the docs call it.
        faults: What the stand-in does; the operation is put in.
        ends: What becomes of it, by source; what is not named is `usual`.
        usual: For the other sources.
        only: The sources that have it; none: all.
        at: Operations by source, where it is not the usual one.
        act: What is done beside the script: `rotate`, `small-pages`.
        bodies: Bodies by source, where the fault's own is not the one.
        after: How many calls go well first, by source, where it is not as the fault says.
    """

    name: str
    fault: Fault
    usual: str = "-"
    ends: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    at: Mapping[str, str] = field(default_factory=dict)
    act: str = ""
    bodies: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)

    def cell(self, source: str) -> str:
        """What becomes of it at one source."""
        if self.only and source not in self.only:
            return "-"
        return self.ends.get(source, self.usual)


def status(code: int, body: str = "{}", times: int = 1, **more: object) -> Fault:
    return Fault(Kind.STATUS, times=times, status=code, body=body, **more)  # type: ignore[arg-type]


def html(code: int, times: int = 1) -> Fault:
    return status(code, PAGE, times, media_type="text/html")


A_MINUTE = {"omie": "waits 60 s"}

TABLE = (
    Row("429 with `Retry-After: 7`", status(429, headers={"Retry-After": "7"}), "waits 7 s"),
    Row(
        "429 without it",
        status(429),
        "waits 2 s",
        {"omie": "waits 20 s", "bling": "waits 1 s"},
        bodies={"bling": SECOND},
    ),
    Row("429 for an hour", status(429, headers={"Retry-After": "3600"}), "source-busy"),
    Row("429 for the day", status(429, DAY), "source-blocked", only=("bling",)),
    Row("425, a block", status(425, MISUSE), "source-blocked", only=("omie",)),
    Row("redundant call", status(500, REDUNDANT), "waits 16 s", only=("omie",)),
    Row("500 once", status(500), "again", A_MINUTE, bodies={"omie": BROKEN}),
    Row("500 for good", status(500, times=ALWAYS), "source-failing", bodies={"omie": BROKEN}),
    Row("502 of a gateway", html(502), "again", A_MINUTE),
    Row("502 with an error body", status(502, FILTERS), "source-question-refused",
        only=("totvs_rm",)),
    Row("503 for good", html(503, ALWAYS), "source-failing"),
    Row("428, no free worker", status(428), "waits 2 s", only=("totvs",)),
    Row("403", status(403, times=ALWAYS), "source-right-missing",
        {"omie": "source-credential-refused", "ptax": "source-failing", "sgs": "source-failing",
         "ecb": "source-failing"}),
    Row("no answer in time", Fault(Kind.SLOW), "again", A_MINUTE),
    Row("a body cut once", Fault(Kind.CUT), "again", A_MINUTE),
    Row("bodies cut for good", Fault(Kind.CUT, times=ALWAYS), "source-unreachable"),
    Row("connection reset", Fault(Kind.RESET), "again", A_MINUTE),
    Row("HTML instead of data", html(200, ALWAYS), "source-answer-unreadable"),
    Row("half a JSON text", status(200, '{"items": [', ALWAYS), "source-answer-unreadable"),
    Row("a page comes again", Fault(Kind.SAME_PAGE, after=1), "source-page-repeated", only=ERPS,
        act="small-pages", after={"bling": 11}),
    Row("a field is missing", Fault(Kind.DROP_FIELD, times=ALWAYS), "source-field-unreadable",
        only=(*ERPS, "ptax", "sgs")),
    Row("another company's answer", Fault(Kind.TENANT, times=ALWAYS), "source-wrong-company",
        only=ERPS, at=COMPANY),
    Row("access token ended", Fault(Kind.EXPIRE), "again",
        only=("totvs", "totvs_rm", "contaazul", "bling")),
    Row("refresh token used elsewhere", Fault(Kind.EXPIRE), "source-reauthorise",
        {"totvs": "again", "totvs_rm": "again"},
        only=("totvs", "totvs_rm", "contaazul", "bling"), act="rotate"),
    Row("token endpoint away", html(503, ALWAYS), "source-failing",
        only=("totvs", "totvs_rm", "contaazul", "bling"),
        at=dict.fromkeys(("totvs", "totvs_rm", "contaazul"), "token") | {"bling": "oauth/token"},
        act="end"),
    Row("token with status 201", Fault(Kind.EXPIRE), "again", only=("totvs",)),
)  # fmt: skip


def written() -> str:
    """The table as it stands in the docs."""
    lines = [
        "| what happens | " + " | ".join(NAMES) + " |",
        "| --- |" + " --- |" * len(NAMES),
    ]
    for row in TABLE:
        cells = [row.cell(source).replace("source-", "", 1) for source in SOURCES]
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
