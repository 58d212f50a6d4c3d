-- Partitions, one a year. A new one starts with row security off, and its own grants would
-- let anyone read it directly: so each gets row security, forced, without policies or
-- grants. Direct access yields nothing; access through the parent is as ever.

create function maintenance.ensure_partitions(year integer) returns integer
language plpgsql set search_path = ''
as $$
declare
    parent text;
    child text;
    made integer := 0;
begin
    if year is null or year not between 2000 and 2100 then
        raise invalid_parameter_value using message = 'a year is between 2000 and 2100';
    end if;
    foreach parent in array array['trial_balances', 'trial_balance_columns', 'agent_actions'] loop
        child := format('%s_%s', parent, year);
        continue when to_regclass('public.' || child) is not null;
        execute format(
            'create table public.%I partition of public.%I for values from (%L) to (%L)',
            child, parent,
            format('%s-01-01', year) || case parent when 'agent_actions' then ' 00:00+00' else '' end,
            format('%s-01-01', year + 1)
                || case parent when 'agent_actions' then ' 00:00+00' else '' end);
        execute format('alter table public.%I enable row level security', child);
        execute format('alter table public.%I force row level security', child);
        execute format(
            'revoke all on public.%I from public, monthclose_app, monthclose_worker, '
            'monthclose_auditor', child);
        if parent = 'agent_actions' then
            -- Statement triggers are not copied to partitions.
            execute format('create trigger refuse_truncate before truncate on public.%I
                for each statement execute function audit.refuse()', child);
            execute format('alter table public.%I enable always trigger refuse_truncate', child);
        end if;
        made := made + 1;
    end loop;
    return made;
end
$$;

revoke execute on function maintenance.ensure_partitions(integer) from public;
