-- The audit chain. One per portfolio, and one of the installation (the nil UUID) for
-- what belongs to none: a failed login, a portfolio created.

create table audit.audit_head (
    tenant_id uuid primary key,
    seq bigint not null check (seq >= 0),
    hash bytea not null check (length(hash) = 32)
);

create table public.agent_actions (
    tenant_id uuid not null,
    seq bigint not null check (seq > 0),
    occurred_at timestamptz not null,
    prev_hash bytea not null check (length(prev_hash) = 32),
    hash bytea not null check (length(hash) = 32),
    body text not null,
    actor uuid,
    action text not null,
    object_type text not null default '',
    object_id uuid,
    entity_id uuid,
    period text,
    run_id uuid,
    primary key (tenant_id, seq, occurred_at)
) partition by range (occurred_at);
comment on column public.agent_actions.body is
    'the exact text that was hashed; the columns beside it are copies for searching';
create index agent_actions_object on public.agent_actions
    (tenant_id, object_type, object_id, seq);
comment on index public.agent_actions_object is 'audit: what happened to one object';

create table public.anchors (
    tenant_id uuid not null,
    seq bigint not null check (seq > 0),
    hash bytea not null check (length(hash) = 32),
    place text not null check (length(place) between 1 and 500),
    anchored_at timestamptz not null default now(),
    primary key (tenant_id, seq, place)
);
comment on table public.anchors is 'heads written outside the database, and where';

create table public.credential_access_log (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    entity_id uuid not null,
    connection_id uuid not null,
    user_id uuid not null default public.current_user_id() references public.users,
    run_id uuid default public.current_run_id(),
    purpose text not null check (length(purpose) between 1 and 200),
    outcome text not null check (outcome in ('granted', 'refused')),
    accessed_at timestamptz not null default now(),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (entity_id, connection_id) references public.erp_connections (entity_id, id)
);
create index credential_access_log_entity on public.credential_access_log
    (tenant_id, entity_id, accessed_at);
comment on index public.credential_access_log_entity is
    'audit: who was handed the credentials of an entity, in order';

-- Keys sorted by code point, no space, every character but the obligatory escapes as it
-- is. jsonb's own text is neither sorted so nor free of spaces.
create function audit.canonical(value jsonb) returns text
language plpgsql immutable strict set search_path = ''
as $$
declare
    written text;
begin
    case jsonb_typeof(value)
    when 'object' then
        select coalesce(string_agg(
                   to_json(e.key)::text || ':' || audit.canonical(e.value),
                   ',' order by e.key collate "C"), '')
          into written from jsonb_each(value) as e;
        return '{' || written || '}';
    when 'array' then
        select coalesce(string_agg(audit.canonical(e.value), ',' order by e.place), '')
          into written from jsonb_array_elements(value) with ordinality as e (value, place);
        return '[' || written || ']';
    when 'number' then
        -- An amount or a 64-bit integer is a string, so that no reader rounds it.
        if value::text !~ '^-?\d{1,9}$' then
            raise invalid_parameter_value using
                message = 'a number beyond nine digits, or with decimals, is written as text';
        end if;
        return value::text;
    else
        return value::text;
    end case;
end
$$;

create function audit.append(tenant uuid, event jsonb)
returns table (seq bigint, hash bytea)
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
declare
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    head record;
    happened timestamptz;
    written text;
    chained bytea;
begin
    if jsonb_typeof(event) is distinct from 'object' or coalesce(event->>'action', '') = '' then
        raise invalid_parameter_value using message = 'an event is an object with an action';
    end if;
    tenant := coalesce(tenant, nobody);
    if tenant <> nobody and not exists (
        select from public.portfolio_members as m
         where m.tenant_id = tenant and m.user_id = public.current_user_id()
    ) then
        raise insufficient_privilege using message = 'no such portfolio';
    end if;

    insert into audit.audit_head (tenant_id, seq, hash)
    values (tenant, 0, decode(repeat('00', 32), 'hex'))
    on conflict do nothing;
    -- From here to the commit the chain is ours: seq has no gaps and follows commits.
    select h.seq, h.hash into strict head
      from audit.audit_head as h where h.tenant_id = tenant for update;

    happened := clock_timestamp();
    written := audit.canonical(jsonb_build_object(
        'v', 1,
        'tenant_id', tenant,
        'seq', (head.seq + 1)::text,
        'occurred_at', to_char(happened at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'event', event || jsonb_build_object('actor', public.current_user_id())
    ));
    chained := sha256(head.hash || convert_to(written, 'UTF8'));

    insert into public.agent_actions (
        tenant_id, seq, occurred_at, prev_hash, hash, body,
        actor, action, object_type, object_id, entity_id, period, run_id)
    values (
        tenant, head.seq + 1, happened, head.hash, chained, written,
        public.current_user_id(), event->>'action', coalesce(event->>'object_type', ''),
        (event->>'object_id')::uuid, (event->>'entity_id')::uuid, event->>'period',
        coalesce((event->>'run_id')::uuid, public.current_run_id()));
    update audit.audit_head as h set seq = head.seq + 1, hash = chained
     where h.tenant_id = tenant;
    return query select head.seq + 1, chained;
end
$$;
comment on function audit.append(uuid, jsonb) is
    'one entry at the end of a portfolio''s chain (null: the installation''s); the actor is whoever acts';

create function audit.refuse() returns trigger
language plpgsql set search_path = ''
as $$
begin
    raise insufficient_privilege using
        message = format('%s is append-only: %s is refused', tg_table_name, lower(tg_op));
end
$$;
