"""The audit chain, the period locks, and the requests that change them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    FetchedValue,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from monthclose.store.tables.columns import (
    UUID,
    Bytes,
    Timestamp,
    given,
    key,
    metadata,
    must,
    refers,
    review,
    waiting,
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    must("seq", BigInteger()),
    must("hash", Bytes),
    schema="audit",
)

agent_actions = Table(
    "agent_actions",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("seq", BigInteger(), primary_key=True, autoincrement=False),
    Column("occurred_at", Timestamp, primary_key=True),
    must("prev_hash", Bytes),
    must("hash", Bytes),
    must(
        "body",
        Text(),
        comment="the exact text that was hashed; the columns beside it are copies for searching",
    ),
    Column("actor", UUID),
    must("action", Text()),
    given("object_type", Text()),
    Column("object_id", UUID),
    Column("entity_id", UUID),
    Column("period", Text()),
    Column("run_id", UUID),
    Index("agent_actions_object", "tenant_id", "object_type", "object_id", "seq"),
)

anchors = Table(
    "anchors",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("seq", BigInteger(), primary_key=True, autoincrement=False),
    must("hash", Bytes),
    Column("place", Text(), primary_key=True),
    given("anchored_at", Timestamp),
    comment="heads written outside the database, and where",
)

credential_access_log = Table(
    "credential_access_log",
    metadata,
    key(),
    must("tenant_id", UUID),
    must("entity_id", UUID),
    must("connection_id", UUID),
    given("user_id", UUID, ForeignKey("users.id")),
    Column("run_id", UUID, server_default=FetchedValue()),
    must("purpose", Text()),
    must("outcome", Text()),
    given("accessed_at", Timestamp),
    refers("erp_connections", entity_id="entity_id", connection_id="id"),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
    Index("credential_access_log_entity", "tenant_id", "entity_id", "accessed_at"),
)

period_locks = Table(
    "period_locks",
    metadata,
    Column("entity_id", UUID, primary_key=True),
    Column("period", Date(), primary_key=True),
    must("tenant_id", UUID),
    given("state", Text()),
    Column("reopened_until", Timestamp),
    Column(
        "closed_hash",
        Bytes,
        comment="SHA-256 over the month's sorted balances, entries, rates and mapping versions",
    ),
    Column("audit_seq", BigInteger()),
    Column("audit_hash", Bytes),
    given("changed_by", UUID, ForeignKey("users.id")),
    given("changed_at", Timestamp),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
)

group_locks = Table(
    "group_locks",
    metadata,
    Column("tenant_id", UUID, ForeignKey("portfolios.id"), primary_key=True),
    Column("period", Date(), primary_key=True),
    given("state", Text()),
    Column("reopened_until", Timestamp),
    Column("closed_hash", Bytes),
    Column("audit_seq", BigInteger()),
    Column("audit_hash", Bytes),
    given("changed_by", UUID, ForeignKey("users.id")),
    given("changed_at", Timestamp),
)

reopen_requests = Table(
    "reopen_requests",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    Column("entity_id", UUID, comment="null: the group's month"),
    must("period", Date()),
    must("reason", Text()),
    given("expires_at", Timestamp),
    *review(),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
)
waiting(reopen_requests)

retention_requests = Table(
    "retention_requests",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    must("kind", Text()),
    must("year", Integer()),
    must("reason", Text()),
    *review(),
)
waiting(retention_requests)
