"""Months of many companies are looked at together: one by one took seconds for a thousand."""

from alembic import op

revision = "0003"
down_revision = "0002"

# The rows of the locks are held FOR SHARE while their states are read, as `require_open` holds
# one: whoever closes a month waits for the writer. With row security in force each question
# reads what the person may see, so that asking for each company grew with the square of them.
_FUNCTION = """
create or replace function maintenance.guard_period() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    source text;
    touched record;
begin
    foreach source in array
        case tg_op when 'INSERT' then array['fresh'] when 'DELETE' then array['stale']
             else array['fresh', 'stale'] end
    loop
        if tg_argv[0] in ('entity', 'both') then
            for touched in execute format(
                'with touched as materialized (
                     select distinct entity_id, period from %I where entity_id is not null),
                 locks as materialized (
                     select l.entity_id, l.period, l.state, l.reopened_until
                       from public.period_locks as l
                       join touched as t on t.entity_id = l.entity_id and t.period = l.period
                      order by l.entity_id, l.period for share of l)
                 select t.period, l.state from touched as t
                   left join locks as l on l.entity_id = t.entity_id and l.period = t.period
                  where (l.state is null and $1) or l.state = ''closed''
                     or (l.state = ''reopened'' and l.reopened_until <= clock_timestamp())
                  order by t.entity_id, t.period', source)
                using tg_argv[1] = 'strict'
            loop
                raise exception using errcode = 'FP001',
                    message = format('%s is locked', to_char(touched.period, 'YYYY-MM')),
                    detail = coalesce(touched.state, 'no lock row');
            end loop;
        end if;
        if tg_argv[0] in ('group', 'both') then
            for touched in execute format(
                'select distinct tenant_id, period from %I where %s order by 1, 2', source,
                case tg_argv[0] when 'both' then 'entity_id is null' else 'true' end)
            loop
                perform maintenance.require_open(
                    touched.tenant_id, null, touched.period, tg_argv[1] = 'strict');
            end loop;
        end if;
    end loop;
    return null;
end
$$;
"""


def upgrade() -> None:
    """Replace the guard of the months."""
    op.execute(_FUNCTION)
