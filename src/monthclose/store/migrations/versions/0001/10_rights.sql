-- Who may do what is changed here and nowhere else: the roles of the running system cannot
-- write these tables. Each function checks the caller, refuses to serve the caller's own
-- rights, and leaves its entry in the chain. 'no such portfolio' is also the answer for one
-- that exists and is not the caller's.

create function maintenance.require_admin(tenant uuid, target uuid) returns void
language plpgsql set search_path = ''
as $$
begin
    if not exists (
        select from public.portfolio_members as m
         where m.tenant_id = tenant and m.user_id = public.current_user_id()
           and m.role = 'admin'
    ) then
        raise insufficient_privilege using message = 'no such portfolio';
    end if;
    if target = public.current_user_id() then
        raise exception using errcode = 'FP004', message = 'nobody changes own rights';
    end if;
end
$$;

create function public.find_user(login text) returns uuid
language sql stable security definer set search_path = ''
as $$ select u.id from public.users as u where u.login = find_user.login and u.active $$;

create function public.login_record(login text)
returns table (user_id uuid, password_hash text, token_version integer)
language sql stable security definer set search_path = ''
as $$
    select u.id, u.password_hash, u.token_version
      from public.users as u where u.login = login_record.login and u.active
$$;

create function public.colleagues() returns setof uuid
language sql stable security definer set search_path = ''
as $$
    select public.current_user_id()
     union
    select other.user_id
      from public.portfolio_members as mine
      join public.portfolio_members as other on other.tenant_id = mine.tenant_id
     where mine.user_id = public.current_user_id()
$$;

create function public.members_of(tenant uuid)
returns table (user_id uuid, login text, name text, role text, active boolean,
               group_read boolean, group_write boolean)
language sql stable security definer set search_path = ''
as $$
    select u.id, u.login, u.name, m.role, u.active,
           coalesce(g.can_read, false), coalesce(g.can_write, false)
      from public.portfolio_members as m
      join public.users as u on u.id = m.user_id
      left join public.group_grants as g
        on g.tenant_id = m.tenant_id and g.user_id = m.user_id
     where m.tenant_id = tenant
       and exists (select from public.portfolio_members as mine
                    where mine.tenant_id = tenant and mine.user_id = public.current_user_id())
     order by u.login
$$;

create function public.grants_of(tenant uuid)
returns table (user_id uuid, entity_id uuid, can_read boolean, can_write boolean)
language sql stable security definer set search_path = ''
as $$
    select a.user_id, a.entity_id, a.can_read, a.can_write
      from public.user_entity_access as a
     where a.tenant_id = tenant
       and exists (select from public.portfolio_members as mine
                    where mine.tenant_id = tenant and mine.user_id = public.current_user_id()
                      and mine.role = 'admin')
$$;

create function public.create_user(
    login text, name text, email text default null, service boolean default false
) returns uuid
language plpgsql volatile security definer set search_path = ''
as $$
declare
    made uuid;
begin
    if not exists (select from public.users as u
                    where u.id = public.current_user_id() and u.active and u.installs)
       and not exists (select from public.portfolio_members as m
                        where m.user_id = public.current_user_id() and m.role = 'admin') then
        raise insufficient_privilege using message = 'users are created by an admin';
    end if;
    insert into public.users (login, name, email, service)
    values (create_user.login, create_user.name, create_user.email, create_user.service)
    returning id into made;
    perform audit.append(null, jsonb_build_object(
        'action', 'user.create', 'object_type', 'user', 'object_id', made));
    return made;
end
$$;

create function public.create_portfolio(
    code text, name text, presentation_currency text, framework text default 'IFRS',
    fiscal_year_end integer default 12, language text default 'pt-BR',
    number_locale text default 'pt-BR'
) returns uuid
language plpgsql volatile security definer set search_path = ''
as $$
declare
    made uuid;
begin
    if not exists (select from public.users as u
                    where u.id = public.current_user_id() and u.active and u.installs) then
        raise insufficient_privilege using message = 'portfolios are created by the operator';
    end if;
    insert into public.portfolios (
        code, name, presentation_currency, framework, fiscal_year_end, language, number_locale)
    values (code, name, presentation_currency, framework, fiscal_year_end::smallint, language,
            number_locale)
    returning id into made;
    insert into public.portfolio_members (tenant_id, user_id, role)
    values (made, public.current_user_id(), 'admin');
    perform audit.append(made, jsonb_build_object(
        'action', 'portfolio.create', 'object_type', 'portfolio', 'object_id', made));
    return made;
end
$$;

create function public.set_role(tenant uuid, target uuid, role text) returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
    perform maintenance.require_admin(tenant, target);
    insert into public.portfolio_members as m (tenant_id, user_id, role)
    values (tenant, target, set_role.role)
    on conflict (tenant_id, user_id) do update set role = excluded.role;
    if set_role.role in ('admin', 'read-only') then
        update public.user_entity_access as a set can_write = false
         where a.tenant_id = tenant and a.user_id = target and a.can_write;
        update public.group_grants as g set can_write = false
         where g.tenant_id = tenant and g.user_id = target and g.can_write;
    end if;
    update public.users as u set token_version = u.token_version + 1 where u.id = target;
    perform audit.append(tenant, jsonb_build_object(
        'action', 'role.set', 'object_type', 'user', 'object_id', target, 'role', set_role.role));
end
$$;

create function maintenance.require_writer(tenant uuid, target uuid, can_write boolean)
returns void
language plpgsql set search_path = ''
as $$
begin
    if can_write and not exists (
        select from public.portfolio_members as m
         where m.tenant_id = tenant and m.user_id = target and m.role in ('manager', 'analyst')
    ) then
        raise exception using errcode = 'FP005',
            message = 'figures are written by managers and analysts';
    end if;
end
$$;

create function public.grant_entities(
    tenant uuid, target uuid, entities uuid[], can_read boolean, can_write boolean
) returns integer
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
declare
    touched integer;
begin
    perform maintenance.require_admin(tenant, target);
    perform maintenance.require_writer(tenant, target, grant_entities.can_write);
    if grant_entities.can_read then
        insert into public.user_entity_access (
            tenant_id, entity_id, user_id, can_read, can_write, granted_by)
        select tenant, e.id, target, true, grant_entities.can_write, public.current_user_id()
          from unnest(entities) as e (id)
        on conflict (entity_id, user_id) do update
           set can_read = excluded.can_read, can_write = excluded.can_write,
               granted_by = excluded.granted_by, granted_at = now();
    else
        delete from public.user_entity_access as a
         where a.tenant_id = tenant and a.user_id = target and a.entity_id = any (entities);
    end if;
    get diagnostics touched = row_count;
    update public.users as u set token_version = u.token_version + 1 where u.id = target;
    perform audit.append(tenant, jsonb_build_object(
        'action', 'grant.entities', 'object_type', 'user', 'object_id', target,
        'entities', to_jsonb(entities), 'can_read', grant_entities.can_read,
        'can_write', grant_entities.can_write));
    return touched;
end
$$;

create function public.grant_group(
    tenant uuid, target uuid, can_read boolean, can_write boolean
) returns void
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
begin
    perform maintenance.require_admin(tenant, target);
    perform maintenance.require_writer(tenant, target, grant_group.can_write);
    if grant_group.can_read then
        insert into public.group_grants (tenant_id, user_id, can_read, can_write, granted_by)
        values (tenant, target, true, grant_group.can_write, public.current_user_id())
        on conflict (tenant_id, user_id) do update
           set can_read = excluded.can_read, can_write = excluded.can_write,
               granted_by = excluded.granted_by, granted_at = now();
    else
        delete from public.group_grants as g where g.tenant_id = tenant and g.user_id = target;
    end if;
    update public.users as u set token_version = u.token_version + 1 where u.id = target;
    perform audit.append(tenant, jsonb_build_object(
        'action', 'grant.group', 'object_type', 'user', 'object_id', target,
        'can_read', grant_group.can_read, 'can_write', grant_group.can_write));
end
$$;

create function public.set_active(tenant uuid, target uuid, active boolean) returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
    perform maintenance.require_admin(tenant, target);
    update public.users as u
       set active = set_active.active, token_version = u.token_version + 1
     where u.id = target
       and exists (select from public.portfolio_members as m
                    where m.tenant_id = tenant and m.user_id = target);
    if not found then
        raise insufficient_privilege using message = 'no such user';
    end if;
    perform audit.append(tenant, jsonb_build_object(
        'action', 'user.active', 'object_type', 'user', 'object_id', target,
        'active', set_active.active));
end
$$;

create function public.set_password(hash text) returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
    if hash is null or hash not like '$argon2id$%' then
        raise invalid_parameter_value using message = 'a password is stored as an argon2id hash';
    end if;
    update public.users as u
       set password_hash = hash, token_version = u.token_version + 1
     where u.id = public.current_user_id() and u.active;
    if not found then
        raise insufficient_privilege using message = 'no such user';
    end if;
    perform audit.append(null, jsonb_build_object(
        'action', 'user.password', 'object_type', 'user', 'object_id', public.current_user_id()));
end
$$;

-- The first people of an installation. Only the migrator may call it, and calling it again
-- changes nothing: the operator installs and grants, the manager owns the figures.
create function maintenance.install(operator text, manager text) returns void
language sql volatile set search_path = ''
as $$
    insert into public.users (login, name, installs)
    values (operator, operator, true), (manager, manager, false)
    on conflict (login) do nothing
$$;
