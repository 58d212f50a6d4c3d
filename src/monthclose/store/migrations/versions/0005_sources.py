"""Connections as they stand, what an extraction was compared in, and who may hold a credential."""

from alembic import op

revision = "0005"
down_revision = "0004"

# An admin sets a connection up; whoever works with it learns how it stands: a vendor that shut
# us out, a grant that ended. Those are other people's rows, hence another table.
_STATES = """
alter table public.erp_connections drop column blocked_until;
create table public.connection_states (
    entity_id uuid not null,
    connection_id uuid not null,
    tenant_id uuid not null,
    blocked_until timestamptz,
    dead_since timestamptz,
    checked_at timestamptz,
    check_code text not null default '' check (length(check_code) <= 100),
    primary key (entity_id, connection_id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (entity_id, connection_id) references public.erp_connections (entity_id, id)
);
comment on column public.connection_states.blocked_until is
    'the vendor answers nothing before, and each call would make it longer';
comment on column public.connection_states.dead_since is
    'a person has to grant the connection again';
comment on column public.connection_states.check_code is
    'code of the error at the last look; empty: it answered';
call maintenance.protect('connection_states', 'entity or admin', 'entity or admin', 'riu');
grant select on public.connection_states to monthclose_backup;
"""

_BATCHES = """
alter table public.etl_batches
    add column tie_outs jsonb not null default '[]',
    add column notes jsonb not null default '[]';
comment on column public.etl_batches.tie_outs is
    'figures reached by two roads within the source, as they were compared';
comment on column public.etl_batches.notes is
    'what a person has to be told of it, by code, with facts';
"""

# The value is handed out after this row is committed, so who may not write it gets no value:
# an admin or whoever writes the company's figures, and a test is no analyst's.
_ACCESS = """
do $policies$
begin
    execute 'drop policy credential_access_log_i on public.credential_access_log';
    execute format('create policy credential_access_log_i on public.credential_access_log
        for insert with check ((%s) and user_id = (select public.current_user_id())
            and (not starts_with(purpose, ''test'') or %s))',
        maintenance.condition('entity or admin', 'write'),
        maintenance.condition('decider', ''));
end
$policies$;
"""


def upgrade() -> None:
    """Add what connections to sources need."""
    for statement in (_STATES, _BATCHES, _ACCESS):
        op.execute(statement)
