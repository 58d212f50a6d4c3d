"""The tables of a group folder: every column, what it holds, and which ones name a row."""

from monthclose.groupfolder.specs import Column, Kind, TableSpec
from monthclose.ledger.accounts import METRICS, AccountClass
from monthclose.ledger.acquisitions import AcquisitionKind, NciMethod
from monthclose.ledger.adjustments import ADJUSTING, Topic
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.entities import Method
from monthclose.ledger.rates import RateKind

ROLES = (
    "cta",
    "nci",
    "retained_earnings",
    "dividends",
    "goodwill",
    "bargain_gain",
    "dividend_income",
    "difference_position",
    "difference_result",
    "associate_result",
    "associate_oci",
    "equity_pickup",
    "deferred_tax",
    "deferred_tax_result",
    "goodwill_impairment",
    "goodwill_amortisation",
    "result_before",
    "translation_reserve",
    "monetary_result",
    "restated_use",
)
"""What an account of the chart may be used for by the close itself."""

CLASSES = tuple(kind.value for kind in AccountClass if kind is not AccountClass.CLEARING)

EVENT_NAMES = (
    "contribution",
    "dividend",
    "jcp",
    "reserve_transfer",
    "oci_gain",
    "oci_loss",
    "impairment",
    "capital_reduction",
)
"""Kinds of events."""


def _code(name: str, kind: Kind = Kind.CODE, *, needed: bool = True, key: bool = False) -> Column:
    return Column(name, kind, needed, key)


def _choice(name: str, choices: tuple[str, ...], *, needed: bool = False) -> Column:
    return Column(name, Kind.CHOICE, needed, choices=choices)


def _flag(name: str) -> Column:
    return Column(name, Kind.CHOICE, choices=("yes", "no"))


def _name(name: str, *, needed: bool = False, longest: int = 200) -> Column:
    return Column(name, Kind.TEXT, needed, longest=longest)


def _amount(name: str, *of: str, needed: bool = False, positive: bool = False) -> Column:
    return Column(name, Kind.AMOUNT, needed, of=of, positive=positive)


ENTITIES = TableSpec(
    "entities",
    (
        _code("code", key=True),
        _name("name", needed=True),
        _code("currency", Kind.CURRENCY),
        _choice("method", tuple(Method), needed=True),
        Column("tax_id", Kind.TAX_ID),
        _choice("erp", ("totvs", "contaazul", "omie", "bling")),
        Column("first_period", Kind.MONTH),
        _code("index", needed=False),
        _choice("year_end", tuple(str(month) for month in range(1, 13))),
        _choice("reporting_lag", ("0", "1", "2", "3")),
    ),
    needed=True,
)

OWNERSHIP = TableSpec(
    "ownership",
    (
        _code("holder", Kind.ENTITY, key=True),
        _code("investee", Kind.ENTITY, key=True),
        Column("percent", Kind.PERCENT, needed=True),
        Column("from", Kind.DATE, key=True),
    ),
)

CHART = TableSpec(
    "chart",
    (
        _code("code", key=True),
        _name("name", needed=True),
        _choice("class", CLASSES, needed=True),
        _code("parent", needed=False),
        _code("statement_line", needed=False),
        _choice("role", ROLES),
        _flag("monetary"),
        _code("intercompany", needed=False),
        _flag("cash"),
        _choice("cash_flow", ("operating", "investing", "financing", "dividends")),
        _flag("deferred_tax"),
        _flag("contra"),
        _choice("gaap", ("IFRS", "US GAAP")),
        _choice("metric", METRICS),
    ),
    needed=True,
)

MAPPINGS = TableSpec(
    "mappings",
    (
        _code("entity", Kind.ENTITY, key=True),
        _code("account", key=True),
        _code("standard_account", Kind.ACCOUNT, key=True),
        Column("percent", Kind.PERCENT),
    ),
)

RATES = TableSpec(
    "rates",
    (
        Column("date", Kind.DAY_OR_MONTH, needed=True, key=True),
        _code("base", Kind.CURRENCY, key=True),
        _code("quote", Kind.CURRENCY, key=True),
        Column("value", Kind.RATE, needed=True),
        Column("kind", Kind.CHOICE, key=True, choices=tuple(RateKind)),
        Column("source", Kind.TEXT, key=True, longest=200),
    ),
)

OPENINGS = TableSpec(
    "openings",
    (
        _code("entity", Kind.ENTITY, key=True),
        _code("account", Kind.ACCOUNT, key=True),
        _amount("functional", "entity"),
        _amount("translated", needed=True),
    ),
)

BALANCES = TableSpec(
    "balances",
    (
        _code("entity", Kind.ENTITY, key=True),
        _code("account", key=True),
        _amount("closing", "entity", needed=True),
        _amount("opening", "entity"),
        _amount("debit", "entity", positive=True),
        _amount("credit", "entity", positive=True),
        Column("partner", Kind.ENTITY, key=True),
        Column("name", Kind.LABEL, longest=1000),
    ),
    monthly=True,
)

INTERCOMPANY = TableSpec(
    "intercompany",
    (
        _code("entity", Kind.ENTITY, key=True),
        _code("partner", Kind.ENTITY, key=True),
        _choice("kind", ("AR", "AP", "REV", "EXP", "LOAN", "INTEREST", "DIVIDEND"), needed=True),
        _code("account", Kind.ACCOUNT, key=True),
        Column("reference", Kind.CODE, key=True),
        _amount("amount", "entity", needed=True),
        _code("document_currency", Kind.CURRENCY, needed=False),
        _amount("document_amount", "document_currency", "entity"),
        _code("together", needed=False),
    ),
    monthly=True,
)

ACQUISITIONS = TableSpec(
    "acquisitions",
    (
        _code("id", key=True),
        _code("acquirer", Kind.ENTITY),
        _code("target", Kind.ENTITY),
        Column("date", Kind.DATE, needed=True),
        _choice(
            "kind",
            tuple(AcquisitionKind),
            needed=True,
        ),
        _amount("consideration", "consideration_currency", "target", needed=True, positive=True),
        _code("consideration_currency", Kind.CURRENCY, needed=False),
        _code("investment_account", Kind.ACCOUNT),
        _amount("investment", "acquirer", needed=True, positive=True),
        _choice("nci", tuple(NciMethod)),
        Column("nci_percent", Kind.PERCENT),
        _amount("nci_amount", "target", positive=True),
        _amount("share_capital", "target"),
        _amount("apic", "target"),
        _amount("retained_earnings", "target"),
        _code("share_capital_account", Kind.ACCOUNT, needed=False),
        _code("apic_account", Kind.ACCOUNT, needed=False),
        _code("retained_earnings_account", Kind.ACCOUNT, needed=False),
        Column("tax_rate_pct", Kind.PERCENT),
        Column("goodwill_life", Kind.MONTHS),
        Column("first_charge", Kind.MONTH),
    ),
)

STEP_UPS = TableSpec(
    "step_ups",
    (
        _code("acquisition", Kind.ACQUISITION, key=True),
        _code("id", key=True),
        _name("name"),
        _amount("amount", "acquisition", needed=True),
        Column("life", Kind.MONTHS),
        _code("asset_account", Kind.ACCOUNT),
        _code("accumulated_account", Kind.ACCOUNT, needed=False),
        _code("expense_account", Kind.ACCOUNT, needed=False),
    ),
)

ACQUIRED_RESULTS = TableSpec(
    "acquired_results",
    (
        _code("acquisition", Kind.ACQUISITION, key=True),
        _code("account", Kind.ACCOUNT, key=True),
        _amount("amount", "acquisition", needed=True),
    ),
)

EVENTS = TableSpec(
    "events",
    (
        Column("date", Kind.DATE, needed=True, key=True),
        Column("kind", Kind.CHOICE, needed=True, key=True, choices=EVENT_NAMES),
        _code("entity", Kind.ENTITY, key=True),
        Column("account", Kind.ACCOUNT, key=True),
        Column("from_account", Kind.ACCOUNT, key=True),
        _amount("amount", "entity", needed=True, positive=True),
        Column("reference", Kind.CODE, key=True),
        Column("holder", Kind.ENTITY, key=True),
        _amount("received", "holder", "entity", positive=True),
        Column("income_account", Kind.ACCOUNT),
        _name("note", longest=1000),
    ),
)

ASSOCIATES = TableSpec(
    "associates",
    (
        Column("period", Kind.MONTH, needed=True, key=True),
        _code("entity", Kind.ENTITY, key=True),
        _amount("result", "entity", needed=True),
        _amount("oci", "entity"),
    ),
)

PICKUPS = TableSpec(
    "pickups",
    (
        Column("period", Kind.MONTH, needed=True, key=True),
        _code("holder", Kind.ENTITY),
        _code("acquisition", Kind.ACQUISITION, key=True),
        _amount("amount", "holder", needed=True),
        _amount("reserve", "holder"),
        _amount("translated"),
    ),
)

UNREALISED = TableSpec(
    "unrealised",
    (
        Column("period", Kind.MONTH, needed=True, key=True),
        _code("id", key=True),
        _code("seller", Kind.ENTITY),
        _code("buyer", Kind.ENTITY),
        _code("asset_account", Kind.ACCOUNT),
        _code("cost_account", Kind.ACCOUNT),
        _amount("profit", "currency", "seller", needed=True, positive=True),
        _code("currency", Kind.CURRENCY, needed=False),
        Column("sold", Kind.DAY_OR_MONTH, needed=True),
        _amount("buyer_profit", "buyer", positive=True),
        Column("tax_rate", Kind.PERCENT),
        _code("tax_asset_account", Kind.ACCOUNT, needed=False),
        _code("tax_account", Kind.ACCOUNT, needed=False),
        _amount("turnover", "seller", positive=True),
        _code("revenue_account", Kind.ACCOUNT, needed=False),
    ),
)

ASSET_SALES = TableSpec(
    "asset_sales",
    (
        _code("id", key=True),
        Column("date", Kind.DATE, needed=True),
        _code("seller", Kind.ENTITY),
        _code("buyer", Kind.ENTITY),
        _amount("profit", "currency", "seller", needed=True, positive=True),
        _code("currency", Kind.CURRENCY, needed=False),
        _amount("buyer_profit", "buyer", positive=True),
        Column("life", Kind.MONTHS),
        Column("first_charge", Kind.MONTH),
        Column("gone", Kind.DATE),
        _code("gain_account", Kind.ACCOUNT),
        _code("asset_account", Kind.ACCOUNT),
        _code("accumulated_account", Kind.ACCOUNT, needed=False),
        _code("expense_account", Kind.ACCOUNT, needed=False),
        Column("tax_rate", Kind.PERCENT),
        _code("tax_asset_account", Kind.ACCOUNT, needed=False),
        _code("tax_account", Kind.ACCOUNT, needed=False),
    ),
)

LOANS = TableSpec(
    "loans",
    (
        _code("id", key=True),
        _code("entity", Kind.ENTITY),
        _code("partner", Kind.ENTITY),
        _code("account", Kind.ACCOUNT),
        Column("from", Kind.DATE, needed=True),
    ),
)

EXCHANGE_DIFFERENCES = TableSpec(
    "exchange_differences",
    (
        Column("period", Kind.MONTH, needed=True, key=True),
        _code("loan", key=True),
        _code("entity", Kind.ENTITY),
        _amount("amount", "entity", needed=True),
        _amount("translated"),
    ),
)

CORRECTIONS = TableSpec(
    "corrections",
    (
        _code("entity", Kind.ENTITY, key=True),
        Column("account", Kind.ACCOUNT, key=True),
        _amount("amount", "entity", needed=True),
        Column("origin", Kind.YEAR_OR_MONTH, needed=True, key=True),
        Column("from", Kind.MONTH, needed=True, key=True),
        Column("reference", Kind.CODE, key=True),
        _name("reason", longest=1000),
    ),
)

CHANGES = TableSpec(
    "changes",
    (
        Column("date", Kind.DATE, needed=True, key=True),
        Column("kind", Kind.CHOICE, needed=True, key=True, choices=tuple(ChangeKind)),
        _code("entity", Kind.ENTITY, key=True),
        _code("holder", Kind.ENTITY, key=True),
        Column("percent", Kind.PERCENT, needed=True),
        _amount("proceeds", "holder", needed=True, positive=True),
        _amount("cost", "holder", needed=True, positive=True),
        _amount("gain", "holder"),
        _code("investment_account", Kind.ACCOUNT),
        _code("gain_account", Kind.ACCOUNT, needed=False),
        _amount("net_assets", "entity"),
        _amount("fair_value", "holder", positive=True),
        _amount("retained_fair_value", "holder", positive=True),
        _amount("retained_cost", "holder", positive=True),
        _code("retained_account", Kind.ACCOUNT, needed=False),
        _amount("reclassified", "holder"),
    ),
)

ADJUSTMENTS = TableSpec(
    "adjustments",
    (
        Column("period", Kind.MONTH, needed=True, key=True),
        _code("entry", key=True),
        _choice("layer", ADJUSTING, needed=True),
        _code("entity", Kind.ENTITY, key=True),
        _code("account", Kind.ACCOUNT, key=True),
        _amount("amount", "entity", needed=True),
        _name("reason", needed=True, longest=1000),
        _choice("topic", tuple(Topic)),
    ),
)

BUDGET = TableSpec(
    "budget",
    (
        Column("period", Kind.MONTH, needed=True, key=True),
        _code("entity", Kind.ENTITY, key=True),
        _code("account", Kind.ACCOUNT, key=True),
        _amount("amount", "entity", needed=True),
    ),
    used=False,
)

INDICES = TableSpec(
    "indices",
    (
        _code("index", key=True),
        Column("month", Kind.MONTH, needed=True, key=True),
        Column("value", Kind.RATE, needed=True),
        _name("source"),
    ),
)

SUBSCRIPTIONS = TableSpec(
    "subscriptions",
    (
        Column("period", Kind.MONTH, needed=True, key=True),
        _code("entity", Kind.ENTITY, key=True),
        _code("customer", key=True),
        _amount("mrr", "entity", needed=True, positive=True),
        Column("plan", Kind.CODE, key=True),
    ),
)

TABLES = {
    spec.name: spec
    for spec in (
        ENTITIES,
        CHART,
        OWNERSHIP,
        MAPPINGS,
        RATES,
        INDICES,
        OPENINGS,
        ACQUISITIONS,
        STEP_UPS,
        ACQUIRED_RESULTS,
        EVENTS,
        ASSOCIATES,
        PICKUPS,
        CHANGES,
        BALANCES,
        INTERCOMPANY,
        UNREALISED,
        ASSET_SALES,
        LOANS,
        EXCHANGE_DIFFERENCES,
        CORRECTIONS,
        ADJUSTMENTS,
        BUDGET,
        SUBSCRIPTIONS,
    )
}
"""Every table, in the order in which they are read."""
