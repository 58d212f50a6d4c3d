"""The group: charts of accounts, mappings, owners, purchases, rules."""

from sqlalchemy import (
    ARRAY,
    CHAR,
    Boolean,
    Column,
    Date,
    FetchedValue,
    ForeignKey,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from monthclose.store.tables.columns import (
    UUID,
    Bytes,
    Money,
    Share,
    Timestamp,
    given,
    key,
    metadata,
    must,
    one,
    one_nil,
    refers,
    review,
    waiting,
)

standard_chart_of_accounts = Table(
    "standard_chart_of_accounts",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    must(
        "number",
        Integer(),
        comment="stands for the account in columns of arrays; never shown outside, never reused",
    ),
    must("code", Text()),
    must("name", Text()),
    must("class", Text()),
    given("rate_override", Text()),
    given("parent_code", Text()),
    given("statement_line", Text()),
    given("monetary", Boolean()),
    given("intercompany", Text()),
    given("cash", Boolean()),
    given("cash_flow", Text()),
    given("deferred_tax", Boolean()),
    given("contra", Boolean()),
    given("gaap", ARRAY(Text())),
    given("metric", Text()),
    given("active", Boolean()),
    given("created_at", Timestamp),
    one("tenant_id", "code"),
    one("tenant_id", "id"),
    one("tenant_id", "number"),
)

entity_chart_of_accounts = Table(
    "entity_chart_of_accounts",
    metadata,
    key(),
    must("entity_id", UUID, ForeignKey("portfolio_entities.id")),
    must("number", Integer()),
    must("code", Text()),
    given("name", Text()),
    given("nature", Text()),
    given("parent_code", Text()),
    given("referential_code", Text()),
    given("active", Boolean()),
    given("created_at", Timestamp),
    one("entity_id", "code"),
    one("entity_id", "id"),
    one("entity_id", "number"),
)

entity_chart_columns = Table(
    "entity_chart_columns",
    metadata,
    Column("entity_id", UUID, ForeignKey("portfolio_entities.id"), primary_key=True),
    given("numbers", ARRAY(Integer())),
    given(
        "codes",
        Text(),
        comment="of entity_chart_of_accounts, a unit separator (31) between each;"
        " kept by its triggers",
    ),
)

mapping_versions = Table(
    "mapping_versions",
    metadata,
    key(),
    must("tenant_id", UUID),
    must("entity_id", UUID),
    must("number", Integer()),
    must("first_period", Date()),
    must("content_hash", Bytes, comment="SHA-256 over its lines: an approval is over this hash"),
    given("reason", Text()),
    *review(),
    one("entity_id", "id"),
    one("entity_id", "number"),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
)
waiting(mapping_versions)

account_mappings = Table(
    "account_mappings",
    metadata,
    Column("entity_id", UUID, primary_key=True),
    Column("mapping_version_id", UUID, primary_key=True),
    Column("account_number", Integer(), primary_key=True, autoincrement=False),
    must("tenant_id", UUID),
    Column("standard_number", Integer(), primary_key=True, autoincrement=False),
    given("share", Share),
    refers("entity_chart_of_accounts", entity_id="entity_id", account_number="number"),
    refers("mapping_versions", entity_id="entity_id", mapping_version_id="id"),
    refers("standard_chart_of_accounts", tenant_id="tenant_id", standard_number="number"),
)

mapping_columns = Table(
    "mapping_columns",
    metadata,
    Column("entity_id", UUID, primary_key=True),
    Column("mapping_version_id", UUID, primary_key=True),
    must("tenant_id", UUID),
    given(
        "account_numbers",
        ARRAY(Integer()),
        comment="the lines of account_mappings that go whole to one account; kept by its triggers",
    ),
    given("standard_numbers", ARRAY(Integer())),
    given(
        "divided",
        Boolean(),
        comment="whether there are other lines: accounts that go to several,"
        " each to a share of them",
    ),
    refers("mapping_versions", entity_id="entity_id", mapping_version_id="id"),
)

ownership_interests = Table(
    "ownership_interests",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    must("holder_id", UUID),
    must("investee_id", UUID),
    Column("since", Date()),
    must("share", Share),
    given("reason", Text()),
    *review(),
    one_nil("tenant_id", "holder_id", "investee_id", "since", "share"),
    refers("portfolio_entities", tenant_id="tenant_id", holder_id="id"),
    refers("portfolio_entities", tenant_id="tenant_id", investee_id="id"),
)
waiting(ownership_interests)

acquisitions = Table(
    "acquisitions",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    must("entity_id", UUID),
    must("acquirer_id", UUID),
    must("code", Text()),
    must("acquired_on", Date()),
    must("share", Share),
    must("currency", CHAR(3)),
    must("consideration", Money),
    given("previously_held", Money),
    given("nci_measure", Text()),
    Column("nci_fair_value", Money),
    must(
        "content_hash",
        Bytes,
        comment="SHA-256 over its terms and items: an approval is over this hash",
    ),
    given("terms", JSONB()),
    *review(),
    one("tenant_id", "code"),
    one("tenant_id", "id"),
    refers("portfolio_entities", tenant_id="tenant_id", acquirer_id="id"),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
)
waiting(acquisitions)

acquisition_items = Table(
    "acquisition_items",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("acquisition_id", UUID, primary_key=True),
    Column("line", Integer(), primary_key=True, autoincrement=False),
    must("name", Text()),
    must("account_number", Integer()),
    Column("charge_number", Integer()),
    given("book_value", Money),
    must("fair_value", Money),
    Column("life_months", Integer()),
    given("tax_rate", Share),
    refers("standard_chart_of_accounts", tenant_id="tenant_id", account_number="number"),
    refers("acquisitions", tenant_id="tenant_id", acquisition_id="id"),
    refers("standard_chart_of_accounts", tenant_id="tenant_id", charge_number="number"),
)

acquisition_schedules = Table(
    "acquisition_schedules",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("acquisition_id", UUID, primary_key=True),
    Column("line", Integer(), primary_key=True, autoincrement=False),
    Column("period", Date(), primary_key=True),
    given("charge", Money),
    given("impairment", Money),
    given("deferred_tax", Money),
    must("closing", Money),
    refers(
        "acquisition_items", tenant_id="tenant_id", acquisition_id="acquisition_id", line="line"
    ),
)

rules = Table(
    "rules",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    must("code", Text()),
    must("first_period", Date()),
    given(
        "number",
        Integer(),
        comment="a rule in force is never edited: a correction of its month is the next number",
    ),
    must("unit", Text()),
    must("value", Text()),
    must("source", Text()),
    *review(),
    one("tenant_id", "code", "first_period", "number"),
)
waiting(rules)

erp_connections = Table(
    "erp_connections",
    metadata,
    key(),
    must("tenant_id", UUID),
    must("entity_id", UUID),
    must("erp", Text()),
    given("company", Text()),
    given("base_url", Text()),
    given("settings", JSONB()),
    given(
        "secret_name",
        Text(),
        comment="where the secret store keeps it; the secret itself is never here",
    ),
    given("fingerprint", Text()),
    given("active", Boolean()),
    given("changed_by", UUID, ForeignKey("users.id")),
    given("changed_at", Timestamp),
    one("entity_id", "erp", "company"),
    one("entity_id", "id"),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
)

connection_states = Table(
    "connection_states",
    metadata,
    Column("entity_id", UUID, primary_key=True),
    Column("connection_id", UUID, primary_key=True),
    must("tenant_id", UUID),
    Column("dead_since", Timestamp, comment="a person has to grant the connection again"),
    Column("checked_at", Timestamp),
    given("check_code", Text(), comment="code of the error at the last look; empty: it answered"),
    refers("erp_connections", entity_id="entity_id", connection_id="id"),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
)

connection_blocks = Table(
    "connection_blocks",
    metadata,
    Column("entity_id", UUID, primary_key=True),
    Column("connection_id", UUID, primary_key=True),
    Column(
        "operation",
        Text(),
        primary_key=True,
        server_default=FetchedValue(),
        comment="what the vendor blocked; empty: everything",
    ),
    must("tenant_id", UUID),
    must(
        "blocked_until",
        Timestamp,
        comment="the vendor answers nothing before, and each call would make it longer",
    ),
    refers("erp_connections", entity_id="entity_id", connection_id="id"),
    refers("portfolio_entities", tenant_id="tenant_id", entity_id="id"),
)

outside_addresses = Table(
    "outside_addresses",
    metadata,
    key(),
    must("tenant_id", UUID, ForeignKey("portfolios.id")),
    must("kind", Text()),
    given("channel", Text()),
    must("address", Text()),
    *review(),
    one("tenant_id", "kind", "channel", "address"),
)
waiting(outside_addresses)
