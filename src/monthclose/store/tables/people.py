"""Portfolios, their people, and what each may touch."""

from sqlalchemy import (
    CHAR,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from monthclose.store.tables.columns import UUID, Timestamp, given, key, metadata, must, one, refers

users = Table(
    "users",
    metadata,
    key(),
    must("login", Text()),
    must("name", Text()),
    Column("email", Text()),
    Column("password_hash", Text()),
    given(
        "token_version",
        Integer(),
        comment="rises when rights change, so that older tokens fail at the next request",
    ),
    given("active", Boolean()),
    given("service", Boolean(), comment="acts for scheduled runs, with grants like anybody else"),
    given("installs", Boolean(), comment="may create portfolios: the operator of the installation"),
    given("created_at", Timestamp),
    one("login"),
)

portfolios = Table(
    "portfolios",
    metadata,
    key(),
    must("code", Text()),
    must("name", Text()),
    must("presentation_currency", CHAR(3)),
    given("framework", Text()),
    given("fiscal_year_end", SmallInteger()),
    given("language", Text()),
    given("number_locale", Text()),
    given("settings", JSONB()),
    given(
        "entities",
        Integer(),
        comment="number of entities, kept by trigger: who may read that many may read the group",
    ),
    given("created_at", Timestamp),
    one("code"),
)

portfolio_members = Table(
    "portfolio_members",
    metadata,
    Column("tenant_id", UUID, ForeignKey("portfolios.id"), primary_key=True),
    Column("user_id", UUID, ForeignKey("users.id"), primary_key=True),
    must("role", Text()),
    given("created_at", Timestamp),
    Index("portfolio_members_user", "user_id", "tenant_id", "role"),
)

group_grants = Table(
    "group_grants",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("user_id", UUID, primary_key=True),
    given("can_read", Boolean()),
    given("can_write", Boolean()),
    must("granted_by", UUID, ForeignKey("users.id")),
    given("granted_at", Timestamp),
    refers("portfolio_members", tenant_id="tenant_id", user_id="user_id"),
    Index("group_grants_user", "user_id", "tenant_id"),
)

portfolio_entities = Table(
    "portfolio_entities",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    must(
        "number",
        Integer(),
        comment="stands for the entity in columns of arrays; never shown outside",
    ),
    must("code", Text()),
    must("name", Text()),
    given("tax_id", Text()),
    must("functional_currency", CHAR(3)),
    given("method", Text()),
    given("erp", Text()),
    Column("first_period", Date()),
    given("active", Boolean()),
    given("created_at", Timestamp),
    one("tenant_id", "code"),
    one("tenant_id", "id"),
    one("tenant_id", "number"),
)

user_entity_access = Table(
    "user_entity_access",
    metadata,
    Column("entity_id", UUID, primary_key=True),
    Column("user_id", UUID, primary_key=True),
    must("tenant_id", UUID),
    given("can_read", Boolean()),
    given("can_write", Boolean()),
    must("granted_by", UUID, ForeignKey("users.id")),
    given("granted_at", Timestamp),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
    refers("portfolio_members", tenant_id="tenant_id", user_id="user_id"),
    Index(
        "user_entity_access_user",
        "user_id",
        "tenant_id",
        postgresql_include=["entity_id", "can_read", "can_write"],
    ),
)
