"""Mappings and charts as arrays too: read line by line they took half of the server's time."""

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = """
create table public.mapping_columns (
    entity_id uuid not null,
    mapping_version_id uuid not null,
    tenant_id uuid not null,
    account_numbers integer[] not null default '{}',
    standard_numbers integer[] not null default '{}',
    divided boolean not null default false,
    primary key (entity_id, mapping_version_id),
    check (cardinality(account_numbers) = cardinality(standard_numbers)),
    foreign key (entity_id, mapping_version_id)
        references public.mapping_versions (entity_id, id)
);
comment on column public.mapping_columns.account_numbers is
    'the lines of account_mappings that go whole to one account; kept by its triggers';
comment on column public.mapping_columns.divided is
    'whether there are other lines: accounts that go to several, each to a share of them';

create table public.entity_chart_columns (
    entity_id uuid primary key references public.portfolio_entities,
    numbers integer[] not null default '{}',
    codes text not null default ''
);
comment on column public.entity_chart_columns.codes is
    'of entity_chart_of_accounts, a unit separator (31) between each; kept by its triggers';
"""

# What both triggers write. The rows are held first, in one order, and counted in a statement of
# its own: who changes the same list waits, and then sees what the other wrote.
_FUNCTIONS = """
create function maintenance.write_mapping_columns(companies uuid[], versions uuid[]) returns void
language sql volatile set search_path = ''
as $$
    update public.mapping_columns as c
       set account_numbers = coalesce(l.accounts, '{}'),
           standard_numbers = coalesce(l.standard, '{}'),
           divided = coalesce(l.divided, false)
      from unnest(companies, versions) as k (company, version)
     cross join lateral (
           select array_agg(m.account_number order by m.account_number)
                      filter (where m.share = 1) as accounts,
                  array_agg(m.standard_number order by m.account_number)
                      filter (where m.share = 1) as standard,
                  bool_or(m.share < 1) as divided
             from public.account_mappings as m
            where m.entity_id = k.company and m.mapping_version_id = k.version) as l
     where c.entity_id = k.company and c.mapping_version_id = k.version;
    delete from public.mapping_columns as c
     using unnest(companies, versions) as k (company, version)
     where c.entity_id = k.company and c.mapping_version_id = k.version
       and c.account_numbers = '{}' and not c.divided
$$;

create function maintenance.write_chart_columns(companies uuid[]) returns void
language sql volatile set search_path = ''
as $$
    update public.entity_chart_columns as c
       set numbers = coalesce(l.numbers, '{}'), codes = coalesce(l.codes, '')
      from unnest(companies) as k (company)
     cross join lateral (
           select array_agg(a.number order by a.number) as numbers,
                  string_agg(a.code, chr(31) order by a.number) as codes
             from public.entity_chart_of_accounts as a where a.entity_id = k.company) as l
     where c.entity_id = k.company
$$;

-- With the owner's rights, since nobody else may write the arrays; row security holds for the
-- owner too, so that they are written from lines that the person acting may read.
create function maintenance.keep_columns() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    source constant text := case tg_op when 'INSERT' then 'table fresh'
        when 'DELETE' then 'table stale' else 'table fresh union all table stale' end;
    companies uuid[];
    versions uuid[];
    tenants uuid[];
begin
    if tg_argv[0] = 'mapping' then
        execute format(
            'select array_agg(k.entity_id), array_agg(k.mapping_version_id),
                    array_agg(k.tenant_id)
               from (select distinct entity_id, mapping_version_id, tenant_id
                       from (%s) as s order by 1, 2) as k', source)
            into companies, versions, tenants;
        insert into public.mapping_columns as c (entity_id, mapping_version_id, tenant_id)
        select * from unnest(companies, versions, tenants)
            on conflict (entity_id, mapping_version_id) do update set divided = c.divided;
        perform maintenance.write_mapping_columns(companies, versions);
    else
        execute format(
            'select array_agg(k.entity_id)
               from (select distinct entity_id from (%s) as s order by 1) as k', source)
            into companies;
        insert into public.entity_chart_columns as c (entity_id)
        select * from unnest(companies)
            on conflict (entity_id) do update set codes = c.codes;
        perform maintenance.write_chart_columns(companies);
    end if;
    return null;
end
$$;
"""

_RIGHTS = """
do $rights$
declare
    target text;
    op text;
begin
    foreach target in array array['mapping_columns', 'entity_chart_columns'] loop
        execute format('call maintenance.protect(%L, ''entity'', ''entity'', ''r'')', target);
        execute format('grant select on public.%I to monthclose_backup', target);
        execute format('create policy %I on public.%I for insert to monthclose_owner
                        with check (%s)',
                       target || '_owner_i', target, maintenance.condition('entity', 'write'));
        execute format('create policy %I on public.%I for update to monthclose_owner
                        using (%3$s) with check (%3$s)',
                       target || '_owner_u', target, maintenance.condition('entity', 'write'));
        execute format('create policy %I on public.%I for delete to monthclose_owner using (%s)',
                       target || '_owner_d', target, maintenance.condition('entity', 'write'));
    end loop;
    foreach target in array array['account_mappings', 'entity_chart_of_accounts'] loop
        foreach op in array array['insert', 'update', 'delete'] loop
            execute format(
                'create trigger keep_columns_%1$s after %1$s on public.%2$I referencing %3$s
                 for each statement execute function maintenance.keep_columns(%4$L)',
                op, target,
                case op when 'insert' then 'new table as fresh'
                        when 'delete' then 'old table as stale'
                        else 'old table as stale new table as fresh' end,
                case target when 'account_mappings' then 'mapping' else 'chart' end);
            execute format('alter table public.%I enable always trigger keep_columns_%s',
                           target, op);
        end loop;
    end loop;
end
$rights$;
"""

# Of every portfolio: row security holds for the owner too, so that it is lifted meanwhile.
_FILL = """
alter table public.account_mappings no force row level security;
alter table public.entity_chart_of_accounts no force row level security;
alter table public.mapping_columns no force row level security;
alter table public.entity_chart_columns no force row level security;
insert into public.mapping_columns (entity_id, mapping_version_id, tenant_id)
select distinct entity_id, mapping_version_id, tenant_id from public.account_mappings;
select maintenance.write_mapping_columns(array_agg(entity_id), array_agg(mapping_version_id))
  from public.mapping_columns;
insert into public.entity_chart_columns (entity_id)
select distinct entity_id from public.entity_chart_of_accounts;
select maintenance.write_chart_columns(array_agg(entity_id)) from public.entity_chart_columns;
alter table public.account_mappings force row level security;
alter table public.entity_chart_of_accounts force row level security;
alter table public.mapping_columns force row level security;
alter table public.entity_chart_columns force row level security;
"""


def upgrade() -> None:
    """Make the tables, keep them by triggers, and fill them from the lines there are."""
    for script in (_TABLES, _FUNCTIONS, _RIGHTS, _FILL):
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))
