"""Read a worked case (JSON, `schema/case.schema.json` of the golden folder) as nouns."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from monthclose.consolidation.bridge import build_bridge
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, Chart, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    ChargedPeriod,
    Dividend,
    Impairment,
    NciMethod,
    PurchaseAccounts,
    Received,
    StepUp,
)
from monthclose.ledger.associates import Associate, AssociateProfit, Direction
from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Layer,
    Layers,
    MonthAmount,
    Monthly,
    OpeningPosition,
    PeriodRates,
    Treatment,
    TrialBalance,
)
from monthclose.ledger.book import Book
from monthclose.ledger.bridge import Bridge, BridgeItem, Reported, Topic
from monthclose.ledger.cash_flows import CashFlow, CashMovements, Section
from monthclose.ledger.currencies import MINOR_DIGITS, is_iso
from monthclose.ledger.entities import Entity, Interest, Method
from monthclose.ledger.events import Disposal, PartialDisposal, Retained, Sale, StepAcquisition
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item, ItemKind, NetInvestment
from monthclose.ledger.money import parse_amount
from monthclose.ledger.pickups import EquityPickup, PickedUp
from monthclose.ledger.profits import StockProfit, Turnover
from monthclose.ledger.rates import Quote, RateKind, mean_of, parse_rate
from monthclose.ledger.subscriptions import Operations, Subscriber, Subscriptions

type Json = dict[str, Any]

HUNDREDTHS = " in hundredths"
"""What follows a currency of a case whose minor unit is not a hundredth, such as the yen."""

BETWEEN = {
    "1150": "AR",
    "1160": "DIVR",
    "1170": "LOANR",
    "2050": "AP",
    "2060": "DIVP",
    "2070": "LOANP",
    "4050": "REV",
    "4150": "INTINC",
    "5050": "EXP",
}
"""Accounts of the cases that hold nothing but what group companies have with each other."""

GAINS = {
    "disposal": ("4510", "Disposal result"),
    "partial_disposal": ("4510", "Disposal result"),
    "step_acquisition": ("4520", "Remeasurement of previous interest"),
}
"""Where the gain of each kind of event goes."""

CURRENCIES = {
    "functional_currency",
    "presentation_currency",
    "currency",
    "document_currency",
    "base",
    "quote",
}


OWN = Path(__file__).parent / "cases"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden"


def cases() -> list[Path]:
    """Every worked case, the shared ones and our own."""
    return [file for folder in (SHARED, OWN) for file in sorted(folder.glob("*.json"))]


@dataclass(frozen=True)
class Case:
    """A worked case: what goes in, as nouns, and what must come out, as written."""

    id: str
    path: Path
    group: Group
    balances: tuple[TrialBalance, ...]
    facts: PeriodFacts
    quotes: dict[str, Quote]
    inputs: Json
    expected: Json
    cash: CashMovements | None = None
    bridge: Bridge | None = None
    contracts: tuple[Subscriptions, Operations] | None = None


def read_case(path: Path) -> Case:
    """Read one file; inputs that no step of the engine uses yet stay in `inputs`."""
    document = json.loads(path.read_text("utf-8"))
    inputs: Json = in_hundredths(document["inputs"])
    period, presentation = "case", inputs["policies"]["presentation_currency"]
    quotes = read_quotes(inputs)

    def quote(name: str | None) -> Quote | None:
        return None if name is None else quotes[name]

    chart = read_chart(inputs)
    entities = tuple(
        Entity(each["id"], each["name"], each["functional_currency"], Method(each["method"]))
        for each in inputs["entities"]
    )
    currencies = {entity.code: entity.currency for entity in entities}
    facts = PeriodFacts(
        period=period,
        rates=read_rates(inputs, presentation, quote),
        openings={
            code: OpeningPosition(
                code,
                parse_amount(each["net_assets"]),
                quote(each["rate"]),
                parse_amount(each["cta"]),
            )
            for code, each in inputs.get("opening_positions", {}).items()
        },
        acquisitions=tuple(
            read_acquisition(each, quote) for each in inputs.get("acquisitions", [])
        ),
        dividends=tuple(read_dividend(each, quote) for each in inputs.get("dividends", [])),
        interests=tuple(
            Interest(each["holder"], each["investee"], int(Decimal(each["pct"]) * 10**6))
            for each in inputs["ownership"]
            if "at" not in each
        ),
        items=tuple(read_item(each, quote) for each in inputs.get("intercompany_items", [])),
        loans=tuple(
            NetInvestment(
                each["id"],
                each["entity"],
                each["account"],
                parse_amount(each["amount"]),
                quote(each["rate"]),
            )
            for each in inputs.get("net_investment_items", [])
        ),
        tolerance=Fraction(inputs["policies"]["ic_tolerance_pct"]) / 100,
        events=tuple(
            read_step(each) if each["type"] == "step_acquisition" else read_sale(each, quote)
            for each in inputs.get("events", [])
        ),
        associates=tuple(read_associate(each, quote) for each in inputs.get("associates", [])),
        profits=tuple(read_profit(each, quote) for each in inputs.get("unrealised_profit", [])),
    )
    balances = tuple(
        TrialBalance(
            entity=each["entity"],
            period=period,
            currency=currencies[each["entity"]],
            accounts=tuple(account["code"] for account in each["accounts"]),
            amounts=np.array(
                [parse_amount(account["balance"]) for account in each["accounts"]], dtype=np.int64
            ),
        )
        for each in inputs["trial_balances"]
    )
    group = Group(document["case_id"], document["title"], presentation, chart, entities)
    return Case(
        document["case_id"],
        path,
        group,
        balances,
        facts,
        quotes,
        inputs,
        document["expected"],
        read_cash(inputs["cash_flow"], currencies, quote) if "cash_flow" in inputs else None,
        read_bridge(inputs["gaap_reconciliation"], currencies, presentation)
        if "gaap_reconciliation" in inputs
        else None,
        read_contracts(inputs["kpi"]) if "kpi" in inputs else None,
    )


def close_case(
    case: Case, facts: PeriodFacts | None = None, balances: tuple[TrialBalance, ...] = ()
) -> Book:
    """Close the one period of a case, with its own facts and balances or with others."""
    engine = ConsolidationEngine(case.group)
    for balance in balances or case.balances:
        engine.load_trial_balance(balance)
    return engine.consolidate(case.facts.period, facts or case.facts)


def read_cash(
    each: Json, currencies: dict[str, str], quote: Callable[[str | None], Quote | None]
) -> CashMovements:
    """Read one entity's cash flows."""
    return CashMovements(
        each["entity"],
        currencies[each["entity"]],
        parse_amount(each["opening_cash"]),
        parse_amount(each["closing_cash"]),
        tuple(
            CashFlow(
                Section(line["section"]),
                line["label"],
                parse_amount(line["amount"]),
                quote(line.get("rate")),
            )
            for line in each["lines"]
        ),
        quote(each.get("opening_rate")),
        quote(each.get("closing_rate")),
    )


def read_contracts(each: Json) -> tuple[Subscriptions, Operations]:
    """Read contracts and what the ledgers say beside them."""

    def amount(name: str) -> int:
        return parse_amount(each[name])

    subscribers = tuple(
        Subscriber(
            customer["customer"],
            tuple(parse_amount(mrr) for mrr in customer["mrr"]),
            parse_amount(customer.get("mrr_before_window", "0.00")),
        )
        for customer in each["customers"]
    )
    return Subscriptions(tuple(each["months"]), subscribers), Operations(
        tuple(parse_amount(month) for month in each["sales_marketing_expense"]),
        amount("sales_marketing_prior_quarter"),
        amount("subscription_revenue_t3m"),
        amount("subscription_cogs_t3m"),
        amount("revenue_quarter"),
        amount("revenue_prior_quarter"),
        amount("net_burn_quarter"),
        amount("revenue_ttm"),
        amount("revenue_prior_ttm"),
        amount("ebitda_ttm"),
    )


def read_bridge(each: Json, currencies: dict[str, str], presentation: str) -> Bridge:
    """Read the items of a bridge, which are in the presentation currency."""
    return build_bridge(
        [
            BridgeItem(
                item["id"],
                Topic(item["kind"]),
                {
                    name: parse_amount(amount)
                    for name, amount in item.items()
                    if name not in {"id", "kind", "taxable", "note"}
                },
                item["taxable"],
            )
            for item in each["items"]
        ],
        Fraction(each["tax_rate"]) / 100,
        Reported(
            each["from"], parse_amount(each["net_income_from"]), parse_amount(each["equity_from"])
        ),
        each["to"],
        currencies,
        presentation,
    )


def in_hundredths(value: Any, key: str = "") -> Any:
    """
    Name the currencies of a case so that all of them count in hundredths.

    Cases write every amount with two decimals and round to two, yen too; the ledger would
    keep yen whole, and take 1.00 of them for a hundred.
    """
    if isinstance(value, dict):
        return {name: in_hundredths(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [in_hundredths(each, key) for each in value]
    if key in CURRENCIES and is_iso(value) and MINOR_DIGITS.get(value) != 2:
        return value + HUNDREDTHS
    return value


def read_quotes(inputs: Json) -> dict[str, Quote]:
    """Read the rates by id; derived ones are the mean of the daily quotes in their interval."""
    quotes = {}
    for each in inputs["rates"]:
        kind = RateKind.DAILY if each["type"] == "spot" else RateKind(each["type"])
        if each["value"] is None:
            span = each["derive"]
            days = [
                Quote(day["base"], day["quote"], parse_rate(day["value"]), on=day["date"])
                for day in inputs["daily_quotes"]
                if (day["base"], day["quote"]) == (each["base"], each["quote"])
                and span["start"] <= day["date"] <= span["end"]
            ]
            value = mean_of(days, each["date"]).value_e10
        else:
            value = parse_rate(each["value"])
        quotes[each["id"]] = Quote(
            each["base"], each["quote"], value, kind, each["date"], name=each["id"]
        )
    return quotes


def read_chart(inputs: Json) -> Chart:
    """Gather the accounts that the balances bring; entries bring their own."""
    accounts = {
        each["code"]: Account(
            each["code"],
            each["name"],
            AccountClass(each["class"]),
            intercompany=BETWEEN.get(each["code"], ""),
        )
        for balance in inputs["trial_balances"]
        for each in balance["accounts"]
    }
    for each in inputs.get("events", []):
        code, name = GAINS[each["type"]]
        accounts.setdefault(code, Account(code, name, AccountClass.INCOME))
        for held in (each["investment_account"], each.get("associate_account")):
            if held:  # sold, it need not stand in the balance any more
                accounts.setdefault(held, Account(held, "Investment", AccountClass.ASSET))
    for each in inputs.get("associates", []):
        accounts.setdefault("4400", Account("4400", "Share of associates", AccountClass.INCOME))
        income = each["dividend_income_account"]
        accounts.setdefault(income, Account(income, "Dividend income", AccountClass.INCOME))
    for each in inputs.get("unrealised_profit", []):
        of_tax, cost = Account("6910", "Deferred tax", AccountClass.EXPENSE), each["cogs_account"]
        accounts.setdefault("1800", Account("1800", "Deferred tax assets", AccountClass.ASSET))
        accounts.setdefault("6910", of_tax)
        accounts.setdefault(cost, Account(cost, "Cost of sales", AccountClass.EXPENSE))
    for each in inputs.get("acquisitions", []):
        codes = [
            part[f"{role}_account"]
            for part in each.get("fair_value_adjustments", [])
            for role in ("asset", "accumulated", "expense")
        ]
        for code in (*codes, *(equity for equity in each["equity_at_acquisition"])):
            accounts.setdefault(code, Account(code, code, entered_class(code)))
        for named in fields(PurchaseAccounts):
            code = getattr(PurchaseAccounts(), named.name)
            accounts.setdefault(code, Account(code, code, entered_class(code)))
    return chart_of(tuple(accounts.values()))


def entered_class(code: str) -> AccountClass:
    """The class of an account that only entries bring, by its first digit."""
    if code.startswith(("30", "31")):
        return AccountClass.SHARE_CAPITAL if code[1] == "0" else AccountClass.APIC
    if code.startswith("3"):
        return AccountClass.RETAINED_EARNINGS
    return {
        "1": AccountClass.ASSET,
        "2": AccountClass.LIABILITY,
        "4": AccountClass.INCOME,
    }.get(code[0], AccountClass.EXPENSE)


def read_rates(
    inputs: Json, presentation: str, quote: Callable[[str | None], Quote | None]
) -> dict[str, PeriodRates]:
    """Read each entity's quotes, and the treatments that its balance names."""
    treatments: dict[str, dict[str, Treatment]] = {}
    for balance in inputs["trial_balances"]:
        for account in balance["accounts"]:
            if "translate" in account:
                treatments.setdefault(balance["entity"], {})[account["code"]] = read_treatment(
                    account["translate"], quote
                )
    rates = {}
    for each in inputs["entities"]:
        names = each.get("rate_refs", {})
        rates[each["id"]] = PeriodRates(
            presentation,
            quote(names.get("opening")),
            quote(names.get("average")),
            quote(names.get("closing")),
            treatments.get(each["id"], {}),
        )
    return rates


def read_treatment(each: Json, quote: Callable[[str | None], Quote | None]) -> Treatment:
    """Read how one account overrides its class."""
    if "layers" in each:
        return Layers(
            tuple(
                Layer(
                    parse_amount(part["amount"]),
                    quote(part["rate"]),
                    part.get("label", ""),
                    part.get("flow", False),
                )
                for part in each["layers"]
            )
        )
    if "carried_forward" in each:
        return CarriedForward(
            parse_amount(each["carried_forward"]),
            restated=tuple(
                Layer(parse_amount(error["amount"]), quote(error["rate"]), error.get("origin", ""))
                for error in each.get("restatements", ())
            ),
        )
    if "monthly" in each:
        return Monthly(
            tuple(
                MonthAmount(month["period"], parse_amount(month["amount"]), quote(month["rate"]))
                for month in each["monthly"]
            )
        )
    return AtRate(quote(each["rate"]))


def read_acquisition(each: Json, quote: Callable[[str | None], Quote | None]) -> Acquisition:
    """Read a foundation or purchase."""
    consideration, investment, nci = each["consideration"], each["investment"], each["nci"]
    goodwill = each.get("goodwill", {})

    def charged(key: str) -> tuple[ChargedPeriod, ...]:
        return tuple(
            ChargedPeriod(part["label"], part["months"], quote(part["rate"]))
            for part in each.get(key, [])
        )

    return Acquisition(
        id=each["id"],
        acquirer=each["acquirer"],
        target=each["target"],
        kind=AcquisitionKind(each["kind"]),
        in_period=each["in_period"],
        quote=quote(each.get("rate")),
        consideration=parse_amount(consideration["amount"]),
        consideration_currency=consideration["currency"],
        consideration_quote=quote(consideration.get("rate")),
        nci_method=NciMethod(nci["method"]),
        nci_share=Fraction(nci.get("pct", "0")) / 100,
        nci_amount=parse_amount(nci.get("amount", "0.00")),
        previously_held=parse_amount(
            each.get("previously_held", {}).get("fair_value_functional", "0.00")
        ),
        result={
            code: parse_amount(text) for code, text in each.get("pl_at_acquisition", {}).items()
        },
        step_ups=tuple(
            StepUp(
                part["id"],
                parse_amount(part["amount"]),
                part["useful_life_months"],
                part["asset_account"],
                part["accumulated_account"],
                part["expense_account"],
                part["name"],
            )
            for part in each.get("fair_value_adjustments", [])
        ),
        tax_rate=Fraction(each.get("deferred_tax_rate", "0")) / 100,
        prior_periods=charged("prior_periods"),
        current_periods=charged("current_periods"),
        impairments=tuple(
            Impairment(parse_amount(loss["amount"]), quote(loss["rate"]), loss["in_period"])
            for loss in goodwill.get("impairments", [])
        ),
        goodwill_life=goodwill.get("amortisation_months"),
        equity={code: parse_amount(text) for code, text in each["equity_at_acquisition"].items()},
        investment_account=investment["account"],
        investment=parse_amount(investment["balance"]),
        investment_historical=parse_amount(investment["presentation_at_acquisition"]),
        pickup=read_pickup(investment["equity_pickup"], quote)
        if "equity_pickup" in investment
        else None,
    )


def read_step(each: Json) -> StepAcquisition:
    """Read a step from significant influence to control."""
    return StepAcquisition(
        entity=each["entity"],
        holder=each["holder"],
        fair_value=parse_amount(each["fair_value_previously_held"]),
        investment_account=each["investment_account"],
        associate_account=each["associate_account"],
        gain_account=GAINS["step_acquisition"][0],
    )


def read_sale(each: Json, quote: Callable[[str | None], Quote | None]) -> Sale:
    """Read the sale of a company, whole or in part."""
    whole = each["type"] == "disposal"
    sold: Json = {
        "entity": each["entity"],
        "holder": each["holder"],
        "share": Fraction(each["pct_sold"]) / 100,
        "proceeds": parse_amount(each["proceeds"]),
        "cost": parse_amount(each["cost"] if whole else each["cost_sold"]),
        "separate_gain": parse_amount(each["separate_gain"]),
        "investment_account": each["investment_account"],
        "gain_account": GAINS[each["type"]][0],
    }
    if whole:
        return Disposal(**sold, retained=read_retained(each))
    return PartialDisposal(
        **sold,
        quote=quote(each.get("rate")),
        net_assets=parse_amount(each["net_assets_functional"]),
        before=frozenset(each["periods_before"]),
    )


def read_retained(each: Json) -> Retained | None:
    """Read what the holder of a company sold keeps of it."""
    kept = each.get("retained")
    if kept is None:
        return None
    return Retained(
        entity=each["entity"],
        holder=each["holder"],
        share=Fraction(kept["pct"]) / 100,
        fair_value=parse_amount(kept["fair_value"]),
        carried=parse_amount(kept["carried"]),
        account=kept["account"],
    )


def read_pickup(each: Json, quote: Callable[[str | None], Quote | None]) -> EquityPickup:
    """Read what the holder's separate books made of an investment."""

    def part(one: Json) -> PickedUp:
        return PickedUp(parse_amount(one["amount"]), quote(one["rate"]))

    return EquityPickup(
        income_account=each["income_account"],
        current=tuple(part(one) for one in each["current"]),
        prior=parse_amount(each["prior_functional"]),
        prior_presentation=parse_amount(each["prior_presentation"]),
        dividends=(part(each["dividends"]),) if "dividends" in each else (),
    )


def read_associate(each: Json, quote: Callable[[str | None], Quote | None]) -> Associate:
    """Read an associate and its period."""
    opening, period, rates = each["opening"], each["period"], each["rates"]
    profit = each.get("unrealised_profit")
    return Associate(
        investee=each["investee"],
        holder=each["holder"],
        share=Fraction(each["pct"]) / 100,
        currency=each["functional_currency"],
        account=each["account"],
        dividend_account=each["dividend_income_account"],
        result_account="4400",
        book_balance=parse_amount(each["book_balance"]),
        cost=parse_amount(each["cost"]["functional"]),
        cost_presentation=parse_amount(each["cost"]["presentation"]),
        net_assets=parse_amount(each["net_assets_at_acquisition"]),
        opening=parse_amount(opening["carrying_functional"]),
        opening_losses=parse_amount(opening.get("unrecognised_losses_functional", "0.00")),
        opening_result=parse_amount(opening["post_acquisition_result_presentation"]),
        opening_cta=parse_amount(opening["cta_presentation"]),
        result=parse_amount(period["result"]),
        dividends=parse_amount(period["dividends"]),
        dividend_quote=quote(period.get("dividend_rate")),
        opening_quote=quote(rates.get("opening")),
        average=quote(rates.get("average")),
        closing=quote(rates.get("closing")),
        unrealised=profit
        and AssociateProfit(
            Direction(profit["direction"]),
            parse_amount(profit["amount_presentation"]),
            profit["asset_account"],
            Fraction(profit["tax_rate"]) / 100,
        ),
    )


def read_profit(each: Json, quote: Callable[[str | None], Quote | None]) -> StockProfit:
    """Read a profit that is still in stock."""
    sales, closing = each.get("intragroup_sales"), each["closing"]
    return StockProfit(
        id=each["id"],
        seller=each["seller"],
        buyer=each["buyer"],
        asset_account=each["asset_account"],
        cost_account=each["cogs_account"],
        amount=parse_amount(closing["amount"]),
        currency=closing["currency"],
        sale_quote=quote(closing["sale_rate"]),
        buyer_amount=parse_amount(closing["buyer_amount"]),
        opening=parse_amount(each.get("opening_profit_presentation", "0.00")),
        tax_rate=Fraction(each["tax_rate"]) / 100,
        turnover=sales
        and Turnover(
            parse_amount(sales["amount_presentation"]),
            sales["revenue_account"],
            sales["cogs_account"],
        ),
    )


def read_item(each: Json, quote: Callable[[str | None], Quote | None]) -> Item:
    """Read one side of what two companies have with each other."""
    stated = each.get("document_amount")
    return Item(
        id=each["id"],
        entity=each["entity"],
        partner=each["partner"],
        kind=ItemKind(each["kind"]),
        account=each["account"],
        amount=parse_amount(each["amount"]),
        reference=each["reference"] or "",
        document_currency=each.get("document_currency", ""),
        document_amount=None if stated is None else parse_amount(stated),
        quote=quote(each.get("rate")),
    )


def read_dividend(each: Json, quote: Callable[[str | None], Quote | None]) -> Dividend:
    """Read a dividend and what its holders booked."""
    return Dividend(
        payer=each["payer"],
        amount=parse_amount(each["amount"]),
        quote=quote(each.get("rate")),
        received=tuple(
            Received(
                part["holder"],
                parse_amount(part["amount"]),
                quote(part.get("rate")),
                part["income_account"],
            )
            for part in each["received"]
        ),
    )
