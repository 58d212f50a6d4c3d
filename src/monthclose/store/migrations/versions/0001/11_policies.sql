-- Row security. One permissive policy a command and role; none that is always true.

-- Whose rows a kind of table shows, as a condition. The subqueries do not depend on the
-- row, so each is answered once a statement; a function called per row took minutes on a
-- million rows, this shape a quarter of a second.
create function maintenance.condition(kind text, verb text) returns text
language sql immutable set search_path = ''
as $$
    select case kind
        when 'own' then 'user_id = (select public.current_user_id())'
        when 'entity' then format(
            'entity_id in (select a.entity_id from public.user_entity_access as a
              where a.user_id = (select public.current_user_id()) and a.can_%s)', verb)
        when 'group' then format(
            'tenant_id in (select g.tenant_id from public.my_groups as g where g.can_%s)', verb)
        when 'tenant' then
            'tenant_id in (select m.tenant_id from public.portfolio_members as m
              where m.user_id = (select public.current_user_id()))'
        when 'entity or group' then format('%s or (entity_id is null and %s)',
            maintenance.condition('entity', verb), maintenance.condition('group', verb))
        when 'entity, group too' then format('%s or %s',
            maintenance.condition('entity', verb), maintenance.condition('group', verb))
        when 'investee, group too' then
            replace(maintenance.condition('entity, group too', verb),
                    'entity_id in (', 'investee_id in (')
        when 'entity or tenant' then format('%s or (entity_id is null and %s)',
            maintenance.condition('entity', verb), maintenance.condition('tenant', verb))
        when 'entity or preparer' then format('%s or (entity_id is null and %s)',
            maintenance.condition('entity', verb), maintenance.condition('preparer', verb))
        when 'entity or admin' then format('%s or %s',
            maintenance.condition('entity', verb), maintenance.condition('admin', verb))
        else format(
            'tenant_id in (select m.tenant_id from public.portfolio_members as m
              where m.user_id = (select public.current_user_id()) and m.role in (%s))',
            case kind
                when 'admin' then '''admin'''
                when 'manager' then '''manager'''
                when 'preparer' then '''manager'', ''analyst'''
                when 'decider' then '''admin'', ''manager'''
            end)
    end
$$;

-- Row security on, for the owner too; a policy and a grant for each command of r, i, u, d.
-- `updates` names the columns that may change; `making` and `changing` are what a new and a
-- changed row need besides.
-- Whoever makes a row is the person acting, whatever the statement says.
create procedure maintenance.protect(
    target text, reads text, writes text, commands text, updates text default '',
    making text default '', changing text default '')
language plpgsql set search_path = ''
as $$
declare
    readable constant text := maintenance.condition(reads, 'read');
    writable constant text := maintenance.condition(writes, 'write');
    changeable constant text := case when changing = '' then writable
        else format('(%s) and (%s)', writable, changing) end;
    maker text;
    fresh text := writable;
begin
    execute format('alter table public.%I enable row level security', target);
    execute format('alter table public.%I force row level security', target);
    select a.attname into maker from pg_catalog.pg_attribute as a
     where a.attrelid = ('public.' || target)::regclass
       and a.attname in ('created_by', 'signed_by', 'started_by', 'user_id')
       and not exists (select from pg_catalog.pg_attribute as r
                        where r.attrelid = a.attrelid and r.attname = 'approved_by');
    if maker is not null then
        fresh := format('(%s) and %I = (select public.current_user_id())', writable, maker);
    end if;
    if making <> '' then
        fresh := format('(%s) and (%s)', fresh, making);
    end if;
    if commands like '%r%' then
        execute format('create policy %I on public.%I for select using (%s)',
                       target || '_r', target, readable);
        execute format('grant select on public.%I to monthclose_app, monthclose_worker, '
                       'monthclose_auditor', target);
    end if;
    if commands like '%i%' then
        execute format('create policy %I on public.%I for insert with check (%s)',
                       target || '_i', target, fresh);
        execute format('grant insert on public.%I to monthclose_app, monthclose_worker', target);
    end if;
    if commands like '%u%' then
        execute format('create policy %I on public.%I for update using (%s) with check (%s)',
                       target || '_u', target, changeable, changeable);
        execute format('grant update %s on public.%I to monthclose_app, monthclose_worker',
                       case when updates <> '' then '(' || updates || ')' else '' end, target);
    end if;
    if commands like '%d%' then
        execute format('create policy %I on public.%I for delete using (%s)',
                       target || '_d', target, writable);
        execute format('grant delete on public.%I to monthclose_app, monthclose_worker', target);
    end if;
end
$$;

-- the group
call maintenance.protect('standard_chart_of_accounts', 'tenant', 'preparer', 'riu');
call maintenance.protect('entity_chart_of_accounts', 'entity', 'entity', 'riu');
call maintenance.protect('mapping_versions', 'entity', 'entity', 'riud');
call maintenance.protect('account_mappings', 'entity', 'entity', 'riud');
call maintenance.protect('ownership_interests', 'investee, group too', 'preparer', 'riud');
call maintenance.protect('acquisitions', 'group', 'group', 'riud');
call maintenance.protect('acquisition_items', 'group', 'group', 'riud');
call maintenance.protect('acquisition_schedules', 'group', 'group', 'riud');
call maintenance.protect('rules', 'tenant', 'preparer', 'riud');
call maintenance.protect('erp_connections', 'entity or admin', 'admin', 'riu');
call maintenance.protect('outside_addresses', 'tenant', 'decider', 'riud',
    making => maintenance.condition('admin', ''));

-- what comes in
-- A document of the portfolio may hold every entity's figures.
call maintenance.protect('source_documents', 'entity or group', 'entity or preparer', 'ri');
call maintenance.protect('etl_batches', 'entity', 'entity', 'ri');
call maintenance.protect('trial_balances', 'entity', 'entity', 'ri');
call maintenance.protect('trial_balance_columns', 'entity', 'entity', 'ri');
call maintenance.protect('intercompany_balances', 'entity', 'entity', 'ri');
call maintenance.protect('openings', 'entity', 'entity', 'riud');
call maintenance.protect('budgets', 'entity', 'entity', 'ri');
call maintenance.protect('subscriptions', 'entity', 'entity', 'ri');
call maintenance.protect('group_events', 'entity', 'entity', 'riud');
call maintenance.protect('fx_rates', 'tenant', 'preparer', 'ri');
-- A monthly rate is guarded by the group's lock, so its writer must be able to see that
-- lock: with the group's rights, not only the role.
call maintenance.protect('fx_rates_monthly', 'tenant', 'group', 'riud',
    making => 'origin <> ''override'' or ' || maintenance.condition('manager', ''));

-- the close
call maintenance.protect('runs', 'tenant', 'preparer', 'riu');
call maintenance.protect('run_steps', 'entity or tenant', 'entity or preparer', 'riu');
call maintenance.protect('run_errors', 'entity or group', 'entity or preparer', 'ri');
call maintenance.protect('close_versions', 'tenant', 'group', 'riu', 'status');
call maintenance.protect('version_pins', 'group', 'group', 'ri');
call maintenance.protect('version_records', 'group', 'group', 'ri');
call maintenance.protect('entity_layers', 'entity', 'entity', 'ri');
call maintenance.protect('group_layers', 'group', 'group', 'ri');
call maintenance.protect('consolidated_balances', 'group', 'group', 'ri');
call maintenance.protect('journal_entries', 'entity or group', 'entity or group', 'riud');
call maintenance.protect('journal_entry_lines', 'entity or group', 'entity or group', 'riud');
call maintenance.protect('journal_entry_columns', 'entity or group', 'entity or group', 'ri');
call maintenance.protect('gaap_adjustments', 'entity', 'entity', 'riud');
call maintenance.protect('intercompany_pairs', 'group', 'group', 'ri');
call maintenance.protect('validation_results', 'entity or group', 'entity or group', 'ri');
call maintenance.protect('validation_overrides', 'entity or group', 'entity or group', 'riu',
    making => maintenance.condition('manager', ''));
call maintenance.protect('entity_exclusions', 'entity, group too', 'group', 'riud',
    making => maintenance.condition('manager', ''));
call maintenance.protect('sign_offs', 'entity or tenant', 'entity or group', 'ri',
    making => 'part = ''preparer'' or ' || maintenance.condition('manager', ''));
call maintenance.protect('variances', 'entity or group', 'entity or group', 'ri');
call maintenance.protect('variance_commentary', 'entity or group', 'entity or group', 'riu');
call maintenance.protect('kpis', 'entity or group', 'entity or group', 'ri');
call maintenance.protect(
    'reports', 'group', 'group', 'riu', 'status, published_by, published_at',
    changing => maintenance.condition('manager', ''));
call maintenance.protect('outbox', 'group', 'group', 'riu');
call maintenance.protect('idempotency_keys', 'own', 'own', 'riud');
call maintenance.protect('period_locks', 'entity', 'entity', 'riu');
call maintenance.protect('group_locks', 'tenant', 'group', 'riu');
call maintenance.protect('reopen_requests', 'entity or tenant', 'decider', 'riu',
    making => maintenance.condition('manager', ''));
call maintenance.protect('retention_requests', 'tenant', 'admin', 'riu');

-- the trail
call maintenance.protect('anchors', 'tenant', 'tenant', 'ri');
call maintenance.protect('credential_access_log', 'admin', 'tenant', 'ri');
