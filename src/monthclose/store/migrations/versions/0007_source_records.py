"""Single records of a source kept between readings, and blocks by what a vendor blocks."""

from alembic import op

revision = "0007"
down_revision = "0006"

# A source that gives a record one call at a time is read for half an hour the first time. What
# was read is a document of the company as any other; here is what the next reading asks of it.
_RECORDS = """
create table public.source_records (
    entity_id uuid not null,
    connection_id uuid not null,
    kind text not null check (length(kind) between 1 and 100),
    number text not null check (length(number) between 1 and 200),
    tenant_id uuid not null,
    row_hash text not null check (length(row_hash) <= 64),
    source_document_id uuid not null,
    issued date not null check (issued between '2000-01-01' and '2100-12-31'),
    alive date check (alive between '2000-01-01' and '2100-12-31'),
    ended date check (ended between '2000-01-01' and '2100-12-31'),
    done date check (done between '2000-01-01' and '2100-12-31'),
    primary key (entity_id, connection_id, kind, number),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (entity_id, connection_id) references public.erp_connections (entity_id, id),
    foreign key (entity_id, source_document_id) references public.source_documents (entity_id, id)
);
comment on table public.source_records is
    'single records of a source as they were last read, so that the next reading leaves some alone';
comment on column public.source_records.row_hash is
    'of the row of the list that the record was found by';
comment on column public.source_records.alive is 'last seen, and counted';
comment on column public.source_records.ended is 'counts as cancelled on this day';
comment on column public.source_records.done is 'nothing of it moves after this day';
call maintenance.protect('source_records', 'entity', 'entity', 'riu');
grant select on public.source_records to monthclose_backup;
"""

# One vendor counts by method and shuts out by method; another shuts out the whole account.
_BLOCKS = """
create table public.connection_blocks (
    entity_id uuid not null,
    connection_id uuid not null,
    operation text not null default '' check (length(operation) <= 200),
    tenant_id uuid not null,
    blocked_until timestamptz not null,
    primary key (entity_id, connection_id, operation),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (entity_id, connection_id) references public.erp_connections (entity_id, id)
);
comment on column public.connection_blocks.operation is
    'what the vendor blocked; empty: everything';
comment on column public.connection_blocks.blocked_until is
    'the vendor answers nothing before, and each call would make it longer';
call maintenance.protect('connection_blocks', 'entity or admin', 'entity or admin', 'riu');
grant select on public.connection_blocks to monthclose_backup;
alter table public.connection_blocks no force row level security;
alter table public.connection_states no force row level security;
insert into public.connection_blocks (entity_id, connection_id, tenant_id, blocked_until)
select entity_id, connection_id, tenant_id, blocked_until
  from public.connection_states where blocked_until is not null;
alter table public.connection_blocks force row level security;
alter table public.connection_states force row level security;
alter table public.connection_states drop column blocked_until;
"""


def upgrade() -> None:
    """Add what sources need that are read day by day."""
    for statement in (_RECORDS, _BLOCKS):
        op.execute(statement)
