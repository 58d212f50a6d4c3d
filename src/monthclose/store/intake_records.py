"""What a group recorded besides its balances: mappings, owners, purchases, events, openings."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session

from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.acquisitions import Acquisition, NciMethod
from monthclose.ledger.digest import digest
from monthclose.ledger.entities import interests_on
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.events import EVENT_KINDS, EventKind, events_of
from monthclose.store.intake_charts import Charts
from monthclose.store.intake_rates import load_rates
from monthclose.store.lookup import Directory, decimal, hundredths, month
from monthclose.store.mapping_versions import FreshMapping, insert_versions
from monthclose.store.nouns import to_json
from monthclose.store.review import ApprovedStands, Stored, settle, withdraw
from monthclose.store.shares import share_text
from monthclose.store.tables import (
    acquisitions,
    group_events,
    mapping_versions,
    openings,
    ownership_interests,
)

OPENING_KINDS = {
    AccountClass.RETAINED_EARNINGS: "retained_earnings",
    AccountClass.CTA: "cta",
    AccountClass.NCI: "nci",
    AccountClass.SHARE_CAPITAL: "contribution",
    AccountClass.APIC: "contribution",
    AccountClass.OCI: "oci",
}
"""How the table calls an opening of each class; of every other, `other`."""


class Undated(CloseError):
    """A record without its day: a month could not tell whether it came before."""

    code = "import-undated"

    def __init__(self, kind: str, subject: str) -> None:
        super().__init__(kind=kind, subject=subject)


class RecordLoader:
    """
    Loads the dated records of a group.

    Attributes:
        session: Of the manager.
        tenant: The portfolio.
        group: What it should be.
        directory: Codes and ids.
        charts: The companies' own charts.
        first: The first month that the import knows.
    """

    def __init__(
        self,
        session: Session,
        tenant: UUID,
        group: Group,
        directory: Directory,
        charts: Charts,
        first: str,
    ) -> None:
        self.session, self.tenant, self.group = session, tenant, group
        self.directory, self.charts, self.first = directory, charts, group.first_period or first

    def load(self) -> dict[str, int]:
        """Load everything; how many of each kind were added, changed or withdrawn."""
        return {
            "mappings": self._mappings(),
            "interests": self._interests(),
            "rates": load_rates(self.session, self.tenant, self.group.rates.quotes),
            "openings": self._openings(),
            "acquisitions": self._acquisitions(),
            "events": self._events(),
        }

    def _id(self, company: str) -> UUID:
        return self.directory.companies[company].id

    def _mappings(self) -> int:
        """A mapping that says something else is the company's next version."""
        v = mapping_versions.c
        stored: dict[str, list[tuple[int, Stored]]] = {}
        for row in self.session.execute(
            select(v.entity_id, v.number, v.id, v.status, v.content_hash, v.reason)
            .where(v.tenant_id == self.tenant)
            .order_by(v.number)
        ):
            company = self.directory.codes[row[0]]
            if row[5] and company not in self.group.mappings:
                continue  # made in the product, of a company that the folder says nothing of
            stored.setdefault(company, []).append((row[1], Stored(row[2], row[3], row[4])))
        fresh: list[FreshMapping] = []
        gone: list[Stored] = []
        for company, mapping in self.group.mappings.items():
            hashed = bytes.fromhex(mapping.digest)
            versions = stored.pop(company, [])
            standing = [each for _, each in versions if each.in_force]
            if standing and standing[-1].hash == hashed:
                continue
            gone += [each for each in standing if each.status == "submitted"]
            number = max((number for number, _ in versions), default=0) + 1
            fresh.append(FreshMapping(mapping, number, self.first))
        gone += [each for versions in stored.values() for _, each in versions]
        withdrawn = withdraw(self.session, mapping_versions, gone)
        if fresh:
            insert_versions(self.session, self.tenant, fresh, self.charts, self.directory)
        return max(len(fresh), withdrawn)

    def _interests(self) -> int:
        """Holdings are told apart by all that they say."""
        rows = fetch(
            self.session,
            "select holder_id, investee_id, since, (share * 100000000)::bigint, id, status"
            " from ownership_interests where tenant_id = %(t)s",
            t=self.tenant,
        )
        stored = {tuple(row[:4]): Stored(*row[4:]) for row in rows}
        wanted = {
            (self._id(each.holder), self._id(each.investee), each.since, each.share_e8)
            for each in self.group.interests
        }
        missing, changed = settle(self.session, ownership_interests, stored, wanted)
        if missing:
            holders, investees, since, shares = map(list, zip(*missing, strict=True))
            insert_columns(
                self.session,
                ownership_interests,
                {
                    "tenant_id": self.tenant,
                    "holder_id": holders,
                    "investee_id": investees,
                    "since": since,
                    "share": [decimal(share, 8) for share in shares],
                    "status": "submitted",
                },
            )
        return max(len(missing), changed)

    def _openings(self) -> int:
        """Openings are the import's own: what it no longer says is deleted."""
        presentation = self.group.presentation
        wanted: dict[tuple[Any, ...], tuple[int | None, int]] = {}
        for each in self.group.openings:
            currency = self.directory.companies[each.entity].currency
            functional = each.functional
            wanted[
                self._id(each.entity),
                month(self.first),
                self.directory.accounts[each.account],
                OPENING_KINDS.get(self.group.chart.kind(each.account), "other"),
            ] = (
                None if functional is None else hundredths(functional, currency),
                hundredths(each.translated, presentation),
            )
        rows = fetch(
            self.session,
            "select entity_id, period, standard_number, kind, (amount * 100)::bigint,"
            " (translated * 100)::bigint, id from openings where tenant_id = %(t)s",
            t=self.tenant,
        )
        stored = {tuple(row[:4]): (tuple(row[4:6]), row[6]) for row in rows}
        gone = [key for place, (said, key) in stored.items() if wanted.get(place) != said]
        if gone:
            self.session.execute(openings.delete().where(openings.c.id.in_(gone)))
        fresh = [key for key, said in wanted.items() if stored.get(key, ((), None))[0] != said]
        if fresh:
            companies, periods, accounts, kinds = map(list, zip(*fresh, strict=True))
            insert_columns(
                self.session,
                openings,
                {
                    "tenant_id": self.tenant,
                    "entity_id": companies,
                    "period": periods,
                    "standard_number": accounts,
                    "kind": kinds,
                    "amount": [wanted[key][0] for key in fresh],
                    "translated": [wanted[key][1] for key in fresh],
                    "currency": presentation,
                },
            )
        return max(len(gone), len(fresh))

    def _acquisitions(self) -> int:
        """An acquisition keeps its code: one that is not approved yet is corrected in place."""
        a = acquisitions.c
        stored = {
            row[0]: Stored(*row[1:])
            for row in self.session.execute(
                select(a.code, a.id, a.status, a.content_hash).where(a.tenant_id == self.tenant)
            )
        }
        changed = 0
        for each in self.group.acquisitions:
            row = self._acquisition(each)
            known = stored.pop(each.id, None)
            if known is not None and known.in_force and known.hash == row["content_hash"]:
                continue
            changed += 1
            if known is None:
                self.session.execute(
                    acquisitions.insert().values(
                        tenant_id=self.tenant, code=each.id, status="submitted", **row
                    )
                )
                continue
            if known.status in ("approved", "reversed"):
                raise ApprovedStands(acquisitions.name, each.id)
            of_it = acquisitions.update().where(a.id == known.id)
            if known.status == "submitted":
                self.session.execute(of_it.values(status="draft"))
            self.session.execute(of_it.values(status="submitted", **row))
        return changed + withdraw(self.session, acquisitions, stored.values())

    def _acquisition(self, each: Acquisition) -> dict[str, Any]:
        """An acquisition by column; its terms are the noun whole."""
        if each.on is None:
            raise Undated("acquisition", each.id)
        held = interests_on(self.group.interests, each.on)
        pair = (each.acquirer, each.target)
        share = sum((i.share for i in held if (i.holder, i.investee) == pair), Fraction(0))
        target = self.directory.companies[each.target]
        currency = each.consideration_currency or target.currency
        fair = each.nci_method is NciMethod.FAIR_VALUE
        outside = hundredths(each.nci_amount, target.currency)
        return {
            "entity_id": target.id,
            "acquirer_id": self._id(each.acquirer),
            "acquired_on": each.on,
            "share": share_text(share or 1 - each.nci_share, each.id),
            "currency": currency,
            "consideration": decimal(hundredths(each.consideration, currency), 2),
            "nci_measure": "fair_value" if fair else "proportionate",
            "nci_fair_value": decimal(outside, 2) if fair else None,
            "content_hash": bytes.fromhex(digest(each)),
            "terms": to_json(each),
        }

    def _events(self) -> int:
        """Events are told apart by all that they say; two that say the same are counted."""
        wanted: dict[tuple[UUID, str], tuple[EventKind, Any]] = {}
        times: dict[str, int] = {}
        for kind, event in events_of(self.group):
            said = digest(kind.name, event)
            times[said] = times.get(said, 0) + 1
            code = f"{kind.name} {digest(said, times[said])[:32]}"
            wanted[self._id(kind.company(event)), code] = (kind, event)
        rows = fetch(
            self.session,
            "select entity_id, code, id, status from group_events where tenant_id = %(t)s"
            " and kind = any(%(k)s)",
            t=self.tenant,
            k=[kind.name for kind in EVENT_KINDS],
        )
        stored = {(row[0], row[1]): Stored(row[2], row[3]) for row in rows}
        missing, changed = settle(self.session, group_events, stored, wanted)
        if missing:
            self._insert_events({key: wanted[key] for key in missing})
        return max(len(missing), changed)

    def _insert_events(self, missing: Mapping[tuple[UUID, str], tuple[EventKind, Any]]) -> None:
        days = []
        for kind, event in missing.values():
            if (day := kind.day(event)) is None:
                raise Undated(kind.name, kind.company(event))
            days.append(day)
        currencies = [
            self.directory.companies[kind.company(event)].currency
            for kind, event in missing.values()
        ]
        insert_columns(
            self.session,
            group_events,
            {
                "tenant_id": self.tenant,
                "entity_id": [company for company, _ in missing],
                "code": [code for _, code in missing],
                "period": [day.replace(day=1) for day in days],
                "happened_on": days,
                "kind": [kind.name for kind, _ in missing.values()],
                "currency": currencies,
                "amount": [
                    hundredths(kind.amount(event), currency)
                    for (kind, event), currency in zip(missing.values(), currencies, strict=True)
                ],
                "facts": [Jsonb(to_json(event)) for _, event in missing.values()],
                "status": "submitted",
            },
        )
