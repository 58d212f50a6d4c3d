"""
The same work in pandas, twice: in float64 as a notebook would, and in int64, exact.

Lines are one long table; accounts and rates are merged onto it, each line is converted
and rounded, and groups are added up. Floats have no cents: what the float road rounds to
another cent than the exact one is counted, not forgiven.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from bench.made import CAPITAL, DIVIDENDS, PRESENTATION, RETAINED, Made
from bench.outcome import Outcome, without_nil
from monthclose.ledger.acquisitions import NciMethod
from monthclose.ledger.balances import Layers, PeriodRates
from monthclose.ledger.rates import Quote, ratio_of

type Table = Any
"""A pandas table or column: published without types."""


@dataclass
class Tables:
    """
    What the peer reads.

    Attributes:
        lines: entity, account, amount.
        accounts: account, class.
        rates: entity, class, numerator, denominator.
        layers: entity, amount, numerator, denominator: capital paid in.
        companies: entity, retained (translated), opening_cta, outside (in hundredths).
        holdings: target, paid_in, outside, cost, numerator, denominator, account.
        dividends: entity, received, account.
        roles: Accounts of the close.
    """

    lines: Table
    accounts: Table
    rates: Table
    layers: Table
    companies: Table
    holdings: Table
    dividends: Table
    roles: dict[str, str]


def exact(amount: Table, numerator: Table, denominator: Table) -> Table:
    """
    Multiply int64 columns by a ratio and round half away from zero, exactly.

    The product leaves int64, but its remainder does not: a float quotient is off by one at
    most, int64 wraps around, and so the remainder comes out right and says which way.
    """
    size = amount.abs()
    whole = (size.astype("float64") * (numerator / denominator)).round().astype("int64")
    rest = size * numerator - whole * denominator
    whole += (2 * rest >= denominator).astype("int64")
    whole -= (2 * rest < -denominator).astype("int64")
    return whole.where(amount >= 0, -whole)


def floats(amount: Table, numerator: Table, denominator: Table) -> Table:
    """Multiply by a float rate and round as pandas does."""
    return (amount * (numerator / denominator)).round().astype("int64")


def consolidate(tables: Tables, convert: Any = exact) -> tuple[Outcome, Table]:
    """Translate, eliminate, attribute, add up; also give the translated lines."""
    roles, companies = tables.roles, tables.companies
    lines = tables.lines.merge(tables.accounts, on="account", how="left")
    lines = lines.merge(tables.rates, on=["entity", "class"], how="left")
    # A line without a rate of its class is equity, and follows below.
    ours = {"numerator": 1, "denominator": 1}
    lines = lines.fillna(ours).astype(dict.fromkeys(ours, "int64"))
    lines["translated"] = convert(lines["amount"], lines["numerator"], lines["denominator"])

    foreign = companies.set_index("entity")
    layers = tables.layers
    # Parts over one denominator, rounded once; Python integers, for no column holds them.
    capital = {
        entity: _rounded(sum((Fraction(a * n, d) for a, n, d in parts), Fraction(0)))
        for entity, parts in _parts(layers).items()
    }
    for account, values in ((CAPITAL, pd.Series(capital)), (RETAINED, foreign["retained"])):
        at = (lines["account"] == account) & lines["entity"].isin(values.index)
        lines.loc[at, "translated"] = lines.loc[at, "entity"].map(values)

    cta = lines.groupby("entity", sort=False)["translated"].sum()
    results = lines["class"] == "result"
    profit = -lines[results].groupby("entity", sort=False)["translated"].sum()
    by_account = [lines.groupby("account", sort=False)["translated"].sum()]
    by_account.append(pd.Series({roles["cta"]: -cta.sum()}))

    held = tables.holdings.copy()
    held["equity"] = exact(held["paid_in"], held["numerator"], held["denominator"])
    held["outsiders"] = exact(held["outside"], held["numerator"], held["denominator"])
    rounding = int((held["cost"] + held["outsiders"] + held["equity"]).sum())
    by_account.append(-held.groupby("account")["cost"].sum())
    by_account.append(
        pd.Series(
            {
                CAPITAL: -held["equity"].sum(),
                roles["nci"]: -held["outsiders"].sum(),
                roles["cta"]: rounding,
            }
        )
    )

    paid = tables.dividends.set_index("entity")
    paid["paid"] = lines[lines["account"] == DIVIDENDS].set_index("entity")["translated"]
    paid["outsiders"] = paid["paid"] - paid["received"]
    by_account.append(paid.groupby("account")["received"].sum())
    by_account.append(
        pd.Series({DIVIDENDS: -paid["paid"].sum(), roles["nci"]: paid["outsiders"].sum()})
    )

    shared = foreign[foreign["outside"] > 0].copy()
    by_target = held.groupby("target")
    shared["acquired"] = by_target["outsiders"].sum()
    shared["standing"] = pd.Series(capital) - by_target["equity"].sum()
    shared["profit"], shared["cta"] = profit, cta
    shared["paid"] = paid["outsiders"]
    shared["paid"] = shared["paid"].fillna(0).astype("int64")
    share, hundred = shared["outside"], pd.Series(100, index=shared.index)
    theirs = exact(shared["standing"], share, hundred)
    earned = exact(-shared["retained"], share, hundred) + exact(shared["profit"], share, hundred)
    differences = exact(shared["opening_cta"], share, hundred) + exact(
        shared["cta"] - shared["opening_cta"], share, hundred
    )
    nci = shared["acquired"] - theirs + earned + differences - shared["paid"]
    by_account.append(
        pd.Series(
            {
                CAPITAL: -theirs.sum(),
                RETAINED: earned.sum(),
                roles["cta"]: differences.sum(),
                roles["nci"]: (theirs - earned - differences).sum(),
            }
        )
    )
    accounts = pd.concat(by_account).groupby(level=0).sum()
    outcome = Outcome(
        accounts=without_nil(_as_dict(accounts)), cta=_as_dict(cta), nci=_as_dict(nci)
    )
    return outcome, lines["translated"]


def _parts(layers: Table) -> dict[str, list[tuple[int, int, int]]]:
    parts: dict[str, list[tuple[int, int, int]]] = {}
    for entity, *part in layers.itertuples(index=False):
        parts.setdefault(entity, []).append(tuple(part))
    return parts


def _rounded(amount: Fraction) -> int:
    size = int(abs(amount) + Fraction(1, 2))
    return -size if amount < 0 else size


def _as_dict(column: Table) -> dict[str, int]:
    return dict(zip(column.index.tolist(), column.tolist(), strict=True))


def as_tables(made: Made) -> Tables:
    """Write a group as tables: what this peer reads, not part of its time."""
    chart, facts = made.group.chart, made.facts
    kinds = {"asset": "position", "liability": "position", "income": "result", "expense": "result"}
    abroad = [each for each in made.balances if each.currency != PRESENTATION]
    currencies = {each.entity: each.currency for each in made.balances}
    shares = {each.investee: 100 - 100 * each.share for each in facts.interests}

    def ratio(quote: Quote | None, entity: str) -> tuple[int, int]:
        factor = ratio_of(quote, currencies[entity], PRESENTATION)
        return factor.numerator, factor.denominator

    def layers(rates: PeriodRates, account: str) -> Layers:
        treatment = rates.treatments[account]
        assert isinstance(treatment, Layers)
        return treatment

    lines = pd.DataFrame(
        {
            "entity": np.repeat(
                [b.entity for b in made.balances], [len(b.accounts) for b in made.balances]
            ),
            "account": [account for b in made.balances for account in b.accounts],
            "amount": np.concatenate([b.amounts for b in made.balances]),
        }
    )
    accounts = pd.DataFrame(
        [
            (a.code, "declared" if a.code == DIVIDENDS else kinds.get(a.kind, "equity"))
            for a in chart.accounts
        ],
        columns=["account", "class"],
    )
    rates, parts, companies = [], [], []
    for each in abroad:
        code, quotes = each.entity, facts.rates[each.entity]
        declared = layers(quotes, DIVIDENDS).parts[0].quote
        for kind, quote in (
            ("position", quotes.closing),
            ("result", quotes.average),
            ("declared", declared),
        ):
            rates.append((code, kind, *ratio(quote, code)))
        parts += [(code, p.amount, *ratio(p.quote, code)) for p in layers(quotes, CAPITAL).parts]
        carried: Any = quotes.treatments[RETAINED]
        companies.append((code, carried.translated, facts.openings[code].cta, int(shares[code])))
    holdings = []
    for acquisition in facts.acquisitions:
        paid_in = sum(acquisition.equity.values())
        outside = -paid_in - acquisition.consideration
        holdings.append(
            (
                acquisition.target,
                paid_in,
                0 if acquisition.nci_method is NciMethod.NONE else outside,
                acquisition.investment_historical,
                *ratio(acquisition.quote, acquisition.target),
                acquisition.investment_account,
            )
        )
    return Tables(
        lines=lines,
        accounts=accounts,
        rates=pd.DataFrame(rates, columns=["entity", "class", "numerator", "denominator"]),
        layers=pd.DataFrame(parts, columns=["entity", "amount", "numerator", "denominator"]),
        companies=pd.DataFrame(companies, columns=["entity", "retained", "opening_cta", "outside"]),
        holdings=pd.DataFrame(
            holdings,
            columns=["target", "paid_in", "outside", "cost", "numerator", "denominator", "account"],
        ),
        dividends=pd.DataFrame(
            [
                (each.payer, each.received[0].amount, each.received[0].income_account)
                for each in facts.dividends
            ],
            columns=["entity", "received", "account"],
        ),
        roles={"cta": chart.roles.cta, "nci": chart.roles.nci},
    )
