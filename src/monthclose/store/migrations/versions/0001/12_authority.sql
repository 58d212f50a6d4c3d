-- Row security on the tables that rights are read from, and on the chain. The running
-- system reads its own rows and writes none. The owner's policies are what the definer
-- functions work under, so that a mistake in one cannot leave the caller's portfolios:
-- they ask for a person acting, or for a session that the migrator opened.

do $policies$
declare
    acting constant text := '(select public.current_user_id()) is not null';
    installing constant text :=
        '(select pg_catalog.pg_has_role(session_user, ''monthclose_owner'', ''member''))';
    mine constant text := maintenance.condition('tenant', 'read');
    chain constant text := '(' || mine
        || ' or tenant_id = ''00000000-0000-0000-0000-000000000000'')';
    running constant text := 'monthclose_app, monthclose_worker, monthclose_auditor';
    rule record;
begin
    for rule in
        select * from (values
            ('public', 'users', 'riu', format('(%s or %s)', acting, installing)),
            ('public', 'portfolios', 'riu', format('(%s or %s)', acting, installing)),
            ('public', 'portfolio_members', 'riu', format('(%s or %s)', acting, installing)),
            ('public', 'group_grants', 'riud', mine),
            ('public', 'user_entity_access', 'riud', mine),
            ('public', 'agent_actions', 'ri', chain),
            ('audit', 'audit_head', 'riu', chain)
        ) as wanted (space, target, commands, condition)
    loop
        execute format('alter table %I.%I enable row level security', rule.space, rule.target);
        execute format('alter table %I.%I force row level security', rule.space, rule.target);
        if rule.commands like '%r%' then
            execute format(
                'create policy %I on %I.%I for select to monthclose_owner using (%s)',
                rule.target || '_owner_r', rule.space, rule.target,
                -- A login is looked up before anybody acts; what is found is active.
                case when rule.target = 'users' then 'active or ' || rule.condition
                     else rule.condition end);
        end if;
        if rule.commands like '%i%' then
            execute format(
                'create policy %I on %I.%I for insert to monthclose_owner with check (%s)',
                rule.target || '_owner_i', rule.space, rule.target, rule.condition);
        end if;
        if rule.commands like '%u%' then
            execute format(
                'create policy %I on %I.%I for update to monthclose_owner
                  using (%s) with check (%s)',
                rule.target || '_owner_u', rule.space, rule.target, rule.condition,
                rule.condition);
        end if;
        if rule.commands like '%d%' then
            execute format(
                'create policy %I on %I.%I for delete to monthclose_owner using (%s)',
                rule.target || '_owner_d', rule.space, rule.target, rule.condition);
        end if;
    end loop;

    execute 'create policy users_r on public.users for select to ' || running
        || ' using (id in (select public.colleagues()))';
    execute 'create policy portfolios_r on public.portfolios for select to ' || running
        || ' using (' || replace(mine, 'tenant_id in', 'id in') || ')';
    execute 'create policy portfolios_u on public.portfolios for update to ' || running
        || ' using (' || replace(maintenance.condition('admin', ''), 'tenant_id in', 'id in')
        || ') with check ('
        || replace(maintenance.condition('admin', ''), 'tenant_id in', 'id in') || ')';
    execute 'create policy portfolio_members_r on public.portfolio_members for select to '
        || running || ' using (' || maintenance.condition('own', '') || ')';
    execute 'create policy group_grants_r on public.group_grants for select to '
        || running || ' using (' || maintenance.condition('own', '') || ')';
    execute 'create policy user_entity_access_r on public.user_entity_access for select to '
        || running || ' using (' || maintenance.condition('own', '') || ')';

    -- The whole chain takes an admin or the group's rights; one entity's part, that entity.
    execute format(
        'create policy agent_actions_r on public.agent_actions for select to monthclose_auditor
          using (%s or %s or %s or (tenant_id = ''00000000-0000-0000-0000-000000000000''
                 and (select u.installs from public.users as u
                       where u.id = (select public.current_user_id()))))',
        maintenance.condition('admin', ''), maintenance.condition('group', 'read'),
        maintenance.condition('entity', 'read'));
    execute 'create policy audit_head_r on audit.audit_head for select to monthclose_auditor
          using ' || chain;
end
$policies$;

-- Entities are made by the admin, and seen by the admin and by who may read them.
alter table public.portfolio_entities enable row level security;
alter table public.portfolio_entities force row level security;
do $policies$
declare
    readable constant text := replace(maintenance.condition('entity', 'read'), 'entity_id in (', 'id in (')
        || ' or ' || maintenance.condition('admin', '');
    writable constant text := maintenance.condition('admin', '');
begin
    execute format('create policy portfolio_entities_r on public.portfolio_entities
        for select using (%s)', readable);
    execute format('create policy portfolio_entities_i on public.portfolio_entities
        for insert with check (%s)', writable);
    execute format('create policy portfolio_entities_u on public.portfolio_entities
        for update using (%s) with check (%s)', writable, writable);
end
$policies$;

grant select (id, login, name, email, active, service, installs, token_version, created_at)
    on public.users to monthclose_app, monthclose_worker, monthclose_auditor;
grant select on
    public.portfolios, public.portfolio_members, public.group_grants,
    public.user_entity_access, public.my_groups, public.portfolio_entities
    to monthclose_app, monthclose_worker, monthclose_auditor;
grant update (name, framework, language, number_locale, settings) on public.portfolios
    to monthclose_app, monthclose_worker;
grant insert on public.portfolio_entities to monthclose_app, monthclose_worker;
grant update (name, tax_id, method, erp, first_period, active) on public.portfolio_entities
    to monthclose_app, monthclose_worker;
grant select on public.agent_actions, audit.audit_head to monthclose_auditor;
grant select on all tables in schema public, audit to monthclose_backup;

revoke execute on all functions in schema public, audit, maintenance from public;
grant execute on function
    public.current_user_id(), public.current_run_id(), public.colleagues(),
    public.find_user(text), public.members_of(uuid), public.grants_of(uuid)
    to monthclose_app, monthclose_worker, monthclose_auditor;
grant execute on function
    public.store_columns(uuid), public.login_record(text),
    public.create_user(text, text, text, boolean),
    public.create_portfolio(text, text, text, text, integer, text, text),
    public.set_role(uuid, uuid, text),
    public.grant_entities(uuid, uuid, uuid[], boolean, boolean),
    public.grant_group(uuid, uuid, boolean, boolean),
    public.set_active(uuid, uuid, boolean), public.set_password(text),
    audit.append(uuid, jsonb)
    to monthclose_app, monthclose_worker;

do $triggers$
declare
    chained text;
begin
    foreach chained in array array['public.agent_actions', 'public.anchors',
                                   'public.credential_access_log']
    loop
        execute format('create trigger refuse_change before update or delete on %s
            for each row execute function audit.refuse()', chained);
        execute format('create trigger refuse_truncate before truncate on %s
            for each statement execute function audit.refuse()', chained);
        execute format('alter table %s enable always trigger refuse_change', chained);
        execute format('alter table %s enable always trigger refuse_truncate', chained);
    end loop;
    -- The head moves, and only forward, by append; it is never taken away.
    create trigger refuse_change before delete on audit.audit_head
        for each row execute function audit.refuse();
    create trigger refuse_truncate before truncate on audit.audit_head
        for each statement execute function audit.refuse();
    alter table audit.audit_head enable always trigger refuse_change;
    alter table audit.audit_head enable always trigger refuse_truncate;
end
$triggers$;
