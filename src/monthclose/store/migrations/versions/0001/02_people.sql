-- Portfolios (a tenant is one portfolio), its people, and what each may touch.
-- Rights are rows, read at each request; nothing is taken from a token.

create table public.users (
    id uuid primary key default gen_random_uuid(),
    login text not null unique check (login ~ '^[a-z0-9][a-z0-9._@-]{0,99}$'),
    name text not null check (length(name) between 1 and 200),
    email text check (length(email) <= 320),
    password_hash text,
    token_version integer not null default 1,
    active boolean not null default true,
    service boolean not null default false,
    installs boolean not null default false,
    created_at timestamptz not null default now()
);
comment on column public.users.service is 'acts for scheduled runs, with grants like anybody else';
comment on column public.users.installs is 'may create portfolios: the operator of the installation';
comment on column public.users.token_version is
    'rises when rights change, so that older tokens fail at the next request';

create table public.portfolios (
    id uuid primary key default gen_random_uuid(),
    code text not null unique check (length(code) between 1 and 50),
    name text not null check (length(name) between 1 and 200),
    presentation_currency char(3) not null check (presentation_currency ~ '^[A-Z]{3}$'),
    framework text not null default 'IFRS' check (framework in ('IFRS', 'US_GAAP')),
    fiscal_year_end smallint not null default 12 check (fiscal_year_end between 1 and 12),
    language text not null default 'pt-BR' check (language in ('pt-BR', 'en')),
    number_locale text not null default 'pt-BR' check (number_locale in ('pt-BR', 'en')),
    settings jsonb not null default '{}',
    entities integer not null default 0,
    created_at timestamptz not null default now()
);
comment on column public.portfolios.entities is
    'number of entities, kept by trigger: who may read that many may read the group';

create table public.portfolio_members (
    tenant_id uuid not null references public.portfolios,
    user_id uuid not null references public.users,
    role text not null check (role in ('admin', 'manager', 'analyst', 'read-only')),
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id)
);
create index portfolio_members_user on public.portfolio_members (user_id, tenant_id, role);
comment on index public.portfolio_members_user is
    'every tenant policy: the portfolios of one user, with the role';

create table public.group_grants (
    tenant_id uuid not null,
    user_id uuid not null,
    can_read boolean not null default true,
    can_write boolean not null default false,
    granted_by uuid not null references public.users,
    granted_at timestamptz not null default now(),
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references public.portfolio_members,
    check (can_read or not can_write),
    check (granted_by <> user_id)
);
create index group_grants_user on public.group_grants (user_id, tenant_id);
comment on index public.group_grants_user is
    'every group policy: the group grants of one user';

create table public.portfolio_entities (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    number integer not null check (number > 0),
    code text not null check (length(code) between 1 and 50),
    name text not null check (length(name) between 1 and 200),
    tax_id text not null default '',
    functional_currency char(3) not null check (functional_currency ~ '^[A-Z]{3}$'),
    method text not null default 'full' check (method in ('parent', 'full', 'equity')),
    erp text not null default '',
    first_period date,
    active boolean not null default true,
    created_at timestamptz not null default now(),
    unique (tenant_id, id),
    unique (tenant_id, code),
    unique (tenant_id, number)
);
comment on column public.portfolio_entities.number is
    'stands for the entity in columns of arrays; never shown outside';

create table public.user_entity_access (
    entity_id uuid not null,
    user_id uuid not null,
    tenant_id uuid not null,
    can_read boolean not null default true,
    can_write boolean not null default false,
    granted_by uuid not null references public.users,
    granted_at timestamptz not null default now(),
    primary key (entity_id, user_id),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    foreign key (tenant_id, user_id) references public.portfolio_members,
    check (can_read or not can_write),
    check (granted_by <> user_id)
);
create index user_entity_access_user on public.user_entity_access
    (user_id, tenant_id) include (entity_id, can_read, can_write);
comment on index public.user_entity_access_user is
    'every entity policy: the entities one user may read or write, from the index alone';

-- The groups whose figures a user may see or make. A consolidated figure shows other
-- entities by subtraction, so it takes every entity of the portfolio, or a group grant.
-- The caller's own rows decide: the view runs with the caller's rights.
create view public.my_groups with (security_invoker = true) as
select g.tenant_id, g.can_read, g.can_write
  from public.group_grants as g
 where g.user_id = (select public.current_user_id())
union all
select p.id, true, count(*) filter (where a.can_write) = p.entities
  from public.portfolios as p
  join public.user_entity_access as a on a.tenant_id = p.id
 where a.user_id = (select public.current_user_id()) and a.can_read
 group by p.id, p.entities
having count(*) = p.entities;

create function maintenance.count_entities() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update public.portfolios as p
       set entities = p.entities + fresh.entities
      from (select tenant_id, count(*)::integer as entities from fresh_entities
             group by tenant_id) as fresh
     where p.id = fresh.tenant_id;
    if not found and exists (select from fresh_entities) then
        raise insufficient_privilege using message = 'the portfolio does not count its entities';
    end if;
    return null;
end
$$;

create trigger count_entities after insert on public.portfolio_entities
referencing new table as fresh_entities
for each statement execute function maintenance.count_entities();
alter table public.portfolio_entities enable always trigger count_entities;
