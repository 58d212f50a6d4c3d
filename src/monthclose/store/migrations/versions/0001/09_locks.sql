-- The period lock. A month with no row is locked, not open.

create table public.period_locks (
    entity_id uuid not null,
    period date not null,
    tenant_id uuid not null,
    state text not null default 'open'
        check (state in ('open', 'closing', 'closed', 'reopened')),
    reopened_until timestamptz,
    closed_hash bytea check (length(closed_hash) = 32),
    audit_seq bigint,
    audit_hash bytea check (length(audit_hash) = 32),
    changed_by uuid not null default public.current_user_id() references public.users,
    changed_at timestamptz not null default now(),
    primary key (entity_id, period),
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id),
    check ((state = 'reopened') = (reopened_until is not null)),
    check (state <> 'closed' or closed_hash is not null)
);

create table public.group_locks (
    tenant_id uuid not null references public.portfolios,
    period date not null,
    state text not null default 'open'
        check (state in ('open', 'closing', 'closed', 'reopened')),
    reopened_until timestamptz,
    closed_hash bytea check (length(closed_hash) = 32),
    audit_seq bigint,
    audit_hash bytea check (length(audit_hash) = 32),
    changed_by uuid not null default public.current_user_id() references public.users,
    changed_at timestamptz not null default now(),
    primary key (tenant_id, period),
    check ((state = 'reopened') = (reopened_until is not null)),
    check (state <> 'closed' or closed_hash is not null)
);

comment on column public.period_locks.closed_hash is
    'SHA-256 over the month''s sorted balances, entries, rates and mapping versions';

-- What may be written is decided while the lock row is held FOR SHARE: whoever closes the
-- month updates that row, and so waits for the writer and sees what it wrote. A look
-- without the lock would let a running transaction land its rows after the close.
-- Row security applies here too, with the rights of the person acting: a stranger finds
-- no row, hence a locked month, whether or not the entity exists.
create function maintenance.require_open(
    tenant uuid, entity uuid, month date, missing_is_locked boolean
) returns void
language plpgsql set search_path = ''
as $$
declare
    lock record;
begin
    if entity is null then
        select l.state, l.reopened_until into lock from public.group_locks as l
         where l.tenant_id = tenant and l.period = month for share;
    else
        select l.state, l.reopened_until into lock from public.period_locks as l
         where l.entity_id = entity and l.period = month for share;
    end if;
    if (not found and missing_is_locked) or lock.state = 'closed'
       or (lock.state = 'reopened' and lock.reopened_until <= clock_timestamp()) then
        raise exception using errcode = 'FP001',
            message = format('%s is locked', to_char(month, 'YYYY-MM')),
            detail = coalesce(lock.state, 'no lock row');
    end if;
end
$$;

-- Arguments: which columns the table has ('entity', 'group', 'both') and whether a month
-- without a lock row is locked. Rates, budgets and the like are also loaded for months
-- that are not yet, or were never, months of the close: for them only closed is closed.
--
-- The definer's rights are for FOR SHARE alone, which takes the privilege to update.
create function maintenance.guard_period() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    columns constant text := case tg_argv[0]
        when 'entity' then 'null::uuid as tenant_id, entity_id'
        when 'group' then 'tenant_id, null::uuid as entity_id'
        else 'tenant_id, entity_id' end;
    source text;
    touched record;
begin
    foreach source in array
        case tg_op when 'INSERT' then array['fresh'] when 'DELETE' then array['stale']
             else array['fresh', 'stale'] end
    loop
        for touched in execute
            format('select distinct %s, period from %I order by 1, 2, 3', columns, source)
        loop
            perform maintenance.require_open(
                touched.tenant_id, touched.entity_id, touched.period, tg_argv[1] = 'strict');
        end loop;
    end loop;
    return null;
end
$$;

create procedure maintenance.locked_by_period(target text, columns text, missing text)
language plpgsql set search_path = ''
as $$
declare
    op text;
begin
    foreach op in array array['insert', 'update', 'delete'] loop
        execute format(
            'create trigger guard_period_%1$s after %1$s on public.%2$I referencing %3$s
             for each statement execute function maintenance.guard_period(%4$L, %5$L)',
            op, target,
            case op when 'insert' then 'new table as fresh'
                    when 'delete' then 'old table as stale'
                    else 'old table as stale new table as fresh' end,
            columns, missing);
        execute format('alter table public.%I enable always trigger guard_period_%s', target, op);
    end loop;
end
$$;

-- The states of a month, and what each change takes.
create function maintenance.guard_lock() returns trigger
language plpgsql set search_path = ''
as $$
declare
    of_group constant boolean := tg_table_name = 'group_locks';
    entity constant uuid := case when of_group then null else (to_jsonb(new)->>'entity_id')::uuid end;
    before constant date := (new.period - interval '1 month')::date;
    neighbour record;
    granted timestamptz;
begin
    new.changed_by := public.current_user_id();
    new.changed_at := now();
    if of_group then
        select bool_or(l.period < new.period) as any_before,
               bool_or(l.period < new.period and l.state <> 'closed') as open_before,
               bool_or(l.period > new.period and l.state = 'closed') as closed_after,
               bool_or(l.state = 'closed') as any_closed,
               bool_or(l.period = before and l.state = 'closed') as before_closed
          into neighbour from public.group_locks as l where l.tenant_id = new.tenant_id;
    else
        select bool_or(l.period < new.period) as any_before,
               bool_or(l.period < new.period and l.state <> 'closed') as open_before,
               bool_or(l.period > new.period and l.state = 'closed') as closed_after,
               bool_or(l.state = 'closed') as any_closed,
               bool_or(l.period = before and l.state = 'closed') as before_closed
          into neighbour from public.period_locks as l where l.entity_id = entity;
    end if;

    if tg_op = 'INSERT' then
        -- The first import opens the months it brings; from then on closing a month
        -- opens the next one.
        if new.state <> 'open' or (neighbour.any_closed and not neighbour.before_closed) then
            raise exception using errcode = 'FP002', message = format(
                '%s opens when the month before is closed', to_char(new.period, 'YYYY-MM'));
        end if;
        return new;
    end if;

    if (old.tenant_id, old.period) <> (new.tenant_id, new.period) then
        raise exception using errcode = 'FP002', message = 'a lock stays with its month';
    end if;
    if old.state = new.state and old.state <> 'closed' then
        new.reopened_until := old.reopened_until;
        return new;
    end if;
    if not exists (
        select from public.portfolio_members as m
         where m.tenant_id = new.tenant_id and m.user_id = public.current_user_id()
           and m.role = 'manager'
    ) then
        raise insufficient_privilege using message = 'a month is closed by a manager';
    end if;

    case old.state || ' ' || new.state
    when 'open closing', 'closing closed', 'reopened closed' then
        if neighbour.open_before then
            raise exception using errcode = 'FP002', message = format(
                '%s: an earlier month is not closed', to_char(new.period, 'YYYY-MM'));
        end if;
        if of_group and new.state = 'closed' and exists (
            select from public.period_locks as l
             where l.tenant_id = new.tenant_id and l.period = new.period
               and l.state <> 'closed'
        ) then
            raise exception using errcode = 'FP002', message = format(
                '%s: not every entity is closed', to_char(new.period, 'YYYY-MM'));
        end if;
        new.reopened_until := null;
    when 'closing open' then
        null;
    when 'closed reopened' then
        if neighbour.closed_after then
            raise exception using errcode = 'FP002', message = format(
                '%s: a later month is closed', to_char(new.period, 'YYYY-MM'));
        end if;
        select max(r.expires_at) into granted from public.reopen_requests as r
         where r.tenant_id = new.tenant_id and r.entity_id is not distinct from entity
           and r.period = new.period and r.status = 'approved'
           and r.expires_at > now() and r.approved_at > old.changed_at;
        if granted is null then
            raise exception using errcode = 'FP002', message = format(
                '%s: no approved request to reopen it', to_char(new.period, 'YYYY-MM'));
        end if;
        new.reopened_until := least(granted, now() + interval '72 hours');
    else
        raise exception using errcode = 'FP002', message = format(
            '%s: no step leads from %s to %s', to_char(new.period, 'YYYY-MM'), old.state, new.state);
    end case;
    return new;
end
$$;

create trigger guard_lock before insert or update on public.period_locks
for each row execute function maintenance.guard_lock();
create trigger guard_lock before insert or update on public.group_locks
for each row execute function maintenance.guard_lock();
alter table public.period_locks enable always trigger guard_lock;
alter table public.group_locks enable always trigger guard_lock;

call maintenance.locked_by_period('etl_batches', 'entity', 'future');
call maintenance.locked_by_period('trial_balances', 'entity', 'strict');
call maintenance.locked_by_period('trial_balance_columns', 'entity', 'strict');
call maintenance.locked_by_period('intercompany_balances', 'entity', 'strict');
call maintenance.locked_by_period('openings', 'entity', 'future');
call maintenance.locked_by_period('budgets', 'entity', 'future');
call maintenance.locked_by_period('subscriptions', 'entity', 'future');
call maintenance.locked_by_period('group_events', 'entity', 'future');
call maintenance.locked_by_period('entity_layers', 'entity', 'strict');
call maintenance.locked_by_period('gaap_adjustments', 'entity', 'strict');
call maintenance.locked_by_period('entity_exclusions', 'group', 'strict');
call maintenance.locked_by_period('journal_entries', 'both', 'strict');
call maintenance.locked_by_period('validation_results', 'both', 'strict');
call maintenance.locked_by_period('validation_overrides', 'both', 'strict');
call maintenance.locked_by_period('variances', 'both', 'strict');
call maintenance.locked_by_period('variance_commentary', 'both', 'strict');
call maintenance.locked_by_period('kpis', 'both', 'strict');
call maintenance.locked_by_period('fx_rates_monthly', 'group', 'future');
call maintenance.locked_by_period('acquisition_schedules', 'group', 'future');
call maintenance.locked_by_period('close_versions', 'group', 'strict');
call maintenance.locked_by_period('group_layers', 'group', 'strict');
call maintenance.locked_by_period('consolidated_balances', 'group', 'strict');
call maintenance.locked_by_period('intercompany_pairs', 'group', 'strict');
