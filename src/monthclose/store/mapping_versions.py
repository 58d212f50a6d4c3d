"""Versions of companies' mappings: written as proposed, in force until withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from monthclose.ledger.mappings import EntityMapping
from monthclose.ledger.sources import Nature, SourceAccount
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.intake_charts import Charts
from monthclose.store.lookup import Directory, month
from monthclose.store.review import Stored, withdraw
from monthclose.store.shares import share_text
from monthclose.store.tables import account_mappings, mapping_versions

MADE_HERE = "map accept"
"""Reason of a version that somebody proposed in the product and gave no other reason for."""


@dataclass(frozen=True, slots=True)
class FreshMapping:
    """
    A mapping that says something else than the version before.

    Attributes:
        mapping: Whole: every account of the company, not only what is new.
        number: Of the version.
        first: The first month it is for.
        reason: Why, for whoever approves.
        key: Its id.
    """

    mapping: EntityMapping
    number: int
    first: str
    reason: str = ""
    key: UUID = field(default_factory=uuid4)


def insert_versions(
    session: Session,
    tenant: UUID,
    fresh: Sequence[FreshMapping],
    charts: Charts,
    directory: Directory,
) -> None:
    """
    Store versions of mappings as submitted, with their lines.

    Args:
        session: Acts for who proposes.
        tenant: The portfolio.
        fresh: The versions.
        charts: Numbers of the accounts of each company.
        directory: Codes and ids.
    """
    insert_columns(
        session,
        mapping_versions,
        {
            "tenant_id": tenant,
            "id": [each.key for each in fresh],
            "entity_id": [directory.companies[each.mapping.entity].id for each in fresh],
            "number": [each.number for each in fresh],
            "content_hash": [bytes.fromhex(each.mapping.digest) for each in fresh],
            "first_period": [month(each.first) for each in fresh],
            "reason": [each.reason for each in fresh],
            "status": "submitted",
        },
    )
    companies: list[UUID] = []
    versions: list[UUID] = []
    accounts: list[int] = []
    standard: list[int] = []
    shares: list[str] = []
    for each in fresh:
        mapping = each.mapping
        numbers, company = charts[mapping.entity], directory.companies[mapping.entity].id
        for account, targets in mapping.targets.items():
            for target in targets:
                companies.append(company)
                versions.append(each.key)
                accounts.append(numbers[account])
                standard.append(directory.accounts[target.account])
                shares.append(share_text(target.share, account))
    insert_columns(
        session,
        account_mappings,
        {
            "tenant_id": tenant,
            "entity_id": companies,
            "mapping_version_id": versions,
            "account_number": accounts,
            "standard_number": standard,
            "share": shares,
        },
    )


def propose_mapping(
    session: Session, tenant: UUID, mapping: EntityMapping, first: str, reason: str
) -> int:
    """
    Make a mapping the company's next version, to be approved by a second person.

    A version that still waits is withdrawn: the new one holds what it held.

    Returns:
        The number of the version; that in force, when it says the same.

    Raises:
        CloseError: the person may not propose mappings, or the month is locked.
    """
    directory = Directory.read(session, tenant)
    company = directory.companies[mapping.entity].id
    rows = fetch(
        session,
        "select number, id, status, content_hash from mapping_versions"
        " where tenant_id = %(t)s and entity_id = %(e)s order by number",
        t=tenant,
        e=company,
    )
    stored = [(row[0], Stored(row[1], row[2], bytes(row[3]))) for row in rows]
    standing = [(number, each) for number, each in stored if each.in_force]
    if standing and standing[-1][1].hash == bytes.fromhex(mapping.digest):
        return int(standing[-1][0])
    withdraw(session, mapping_versions, [e for _, e in standing if e.status == "submitted"])
    number = max((each for each, _ in stored), default=0) + 1
    numbers = {
        code: int(place)
        for code, place in fetch(
            session,
            "select code, number from entity_chart_of_accounts where entity_id = %(e)s",
            e=company,
        )
    }
    fresh = [FreshMapping(mapping, number, first, reason or MADE_HERE)]
    insert_versions(session, tenant, fresh, {mapping.entity: numbers}, directory)
    return number


def described_accounts(session: Session, tenant: UUID) -> Mapping[str, tuple[SourceAccount, ...]]:
    """The companies' own charts as their sources describe them, by company."""
    charts: dict[str, list[SourceAccount]] = {}
    for company, code, name, nature, parent, referential in fetch(
        session,
        "select e.code, c.code, c.name, c.nature, c.parent_code, c.referential_code"
        "  from entity_chart_of_accounts c join portfolio_entities e on e.id = c.entity_id"
        " where e.tenant_id = %(t)s order by e.code, c.number",
        t=tenant,
    ):
        known = Nature(nature) if nature in set(Nature) else Nature.UNKNOWN
        charts.setdefault(company, []).append(
            SourceAccount(
                code,
                name or code,
                known,
                parent=parent or "",
                referential=referential or "",
                bank=code.startswith("BANK:"),
            )
        )
    return {company: tuple(accounts) for company, accounts in charts.items()}
