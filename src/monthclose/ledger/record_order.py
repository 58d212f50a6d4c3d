"""The one order in which a group keeps its records."""

from dataclasses import replace
from datetime import date

from monthclose.ledger.group import Group
from monthclose.ledger.mappings import targets_in_order
from monthclose.ledger.rates import RateTable


def in_order(group: Group) -> Group:
    """
    The same group with its records in the one order that follows from what they say.

    Records come from files and tables in any order, and nothing may depend on it.
    Companies and accounts stay in the group's own order.
    """
    return replace(
        group,
        interests=tuple(
            sorted(group.interests, key=lambda i: (i.investee, i.holder, i.since or date.min))
        ),
        rates=RateTable(
            tuple(
                sorted(
                    group.rates.quotes,
                    key=lambda q: (q.kind, q.base, q.quote, q.on, q.source, q.value_e10),
                )
            )
        ),
        mappings={entity: targets_in_order(each) for entity, each in group.mappings.items()},
        openings=tuple(sorted(group.openings, key=lambda o: (o.entity, o.account))),
        acquisitions=tuple(sorted(group.acquisitions, key=lambda a: (a.on or date.min, a.id))),
        contributions=tuple(
            sorted(
                group.contributions,
                key=lambda c: (c.on, c.entity, c.account, c.reference, c.amount),
            )
        ),
        reductions=tuple(
            sorted(
                group.reductions,
                key=lambda r: (r.on, r.entity, r.account, r.reference, r.amount),
            )
        ),
        recognised=tuple(
            sorted(
                group.recognised,
                key=lambda c: (c.on, c.entity, c.account, c.reference, c.amount),
            )
        ),
        dividends=tuple(
            sorted(
                group.dividends,
                key=lambda d: (d.on or date.min, d.payer, d.account, d.amount, repr(d.received)),
            )
        ),
        transfers=tuple(
            sorted(
                group.transfers,
                key=lambda t: (t.on, t.entity, t.source, t.account, t.reference, t.amount),
            )
        ),
        pickups=tuple(sorted(group.pickups, key=lambda each: (each.acquisition, each.period))),
        associate_months=tuple(
            sorted(group.associate_months, key=lambda each: (each.entity, each.period))
        ),
        impairments=tuple(
            sorted(group.impairments, key=lambda i: (i.on, i.acquisition, i.entity, i.amount))
        ),
        items=tuple(sorted(group.items, key=lambda each: (each.period, each.id))),
        adjustments=tuple(
            sorted(group.adjustments, key=lambda a: (a.period, a.entity, a.id, a.layer))
        ),
        subscriptions=tuple(sorted(group.subscriptions, key=lambda s: (s.period, s.entity))),
        indices=tuple(sorted(group.indices, key=lambda i: (i.code, i.month))),
        unrealised=tuple(sorted(group.unrealised, key=lambda each: (each.id, each.period))),
        asset_sales=tuple(sorted(group.asset_sales, key=lambda each: (each.on, each.id))),
        loans=tuple(sorted(group.loans, key=lambda each: each.id)),
        exchange=tuple(sorted(group.exchange, key=lambda each: (each.loan, each.period))),
        corrections=tuple(
            sorted(
                group.corrections,
                key=lambda c: (c.since, c.entity, c.account, c.origin, c.reference, c.amount),
            )
        ),
        changes=tuple(sorted(group.changes, key=lambda c: (c.on, c.entity, c.holder, c.kind))),
    )
