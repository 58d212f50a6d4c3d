-- Maker and checker: what waits for a second person, and who may be that person.
--
-- draft -> submitted -> approved | rejected, approved -> reversed. Who and when are taken
-- from the transaction, never from the statement. Nothing approved is edited.

-- The arguments name the roles that may approve. What is approved is all but the review.
create function maintenance.guard_review() returns trigger
language plpgsql set search_path = ''
as $$
declare
    me constant uuid := public.current_user_id();
    review constant text[] := array[
        'status', 'version', 'created_by', 'created_at', 'last_edited_by', 'editors',
        'submitted_by', 'submitted_at', 'approved_by', 'approved_at', 'approved_hash',
        'rejected_by', 'decision_reason'];
    edited boolean;
begin
    if tg_op <> 'INSERT' and to_jsonb(old)->>'origin' in ('computed', 'derived') then
        raise exception using errcode = 'FP003', message = format(
            '%s: what was computed is not edited; a new version replaces it', tg_table_name);
    end if;
    if tg_op = 'DELETE' then
        if old.status <> 'draft' then
            raise exception using errcode = 'FP003',
                message = format('%s: only a draft is deleted, this is %s', tg_table_name, old.status);
        end if;
        return old;
    end if;

    if tg_op = 'INSERT' then
        if new.status not in ('draft', 'submitted') then
            raise exception using errcode = 'FP003',
                message = format('%s: starts as a draft, not %s', tg_table_name, new.status);
        end if;
        new.version := 1;
        new.created_by := me;
        new.created_at := now();
        new.last_edited_by := me;
        new.editors := array[me];
        new.submitted_by := case when new.status = 'submitted' then me end;
        new.submitted_at := case when new.status = 'submitted' then now() end;
        new.approved_by := null;
        new.approved_at := null;
        new.approved_hash := null;
        new.rejected_by := null;
        return new;
    end if;

    edited := (to_jsonb(new) - review) <> (to_jsonb(old) - review);
    new.created_by := old.created_by;
    new.created_at := old.created_at;
    new.last_edited_by := old.last_edited_by;
    new.editors := old.editors;
    new.submitted_by := old.submitted_by;
    new.submitted_at := old.submitted_at;
    new.approved_by := old.approved_by;
    new.approved_at := old.approved_at;
    new.approved_hash := old.approved_hash;
    new.rejected_by := old.rejected_by;
    new.version := old.version + 1;

    if old.status in ('draft', 'rejected') and new.status in ('draft', 'submitted', 'rejected') then
        if edited then
            new.last_edited_by := me;
            -- Who edited before the last submission is free again; the creator never is.
            new.editors := array_append(array_remove(
                case when old.status = 'rejected' then '{}' else old.editors end, me), me);
            if new.status = 'rejected' then
                new.status := 'draft';
            end if;
        end if;
        if new.status = 'submitted' then
            new.submitted_by := me;
            new.submitted_at := now();
            new.rejected_by := null;
        end if;
        return new;
    end if;

    if edited then
        raise exception using errcode = 'FP003', message = format(
            '%s: %s, so it is not edited; withdraw or reverse it', tg_table_name, old.status);
    end if;
    if old.status = 'submitted' and new.status in ('approved', 'rejected') then
        if not exists (
            select from public.portfolio_members as m
             where m.tenant_id = new.tenant_id and m.user_id = me and m.role = any (tg_argv)
        ) then
            raise insufficient_privilege using
                message = format('%s: approving takes one of: %s', tg_table_name,
                                 array_to_string(tg_argv, ', '));
        end if;
        if new.status = 'approved' then
            if me = old.created_by or me = old.last_edited_by or me = any (old.editors) then
                raise exception using errcode = 'FP004',
                    message = format('%s: nobody approves own work', tg_table_name);
            end if;
            new.approved_by := me;
            new.approved_at := now();
            new.approved_hash := sha256(convert_to(
                (to_jsonb(old) - review)::text, 'UTF8'));
        else
            new.rejected_by := me;
        end if;
        return new;
    end if;
    if (old.status, new.status) in (('submitted', 'draft'), ('approved', 'reversed')) then
        return new;
    end if;
    raise exception using errcode = 'FP003', message = format(
        '%s: no step leads from %s to %s', tg_table_name, old.status, new.status);
end
$$;

-- Lines come and go with the draft they belong to. Those inserted in the transaction that
-- made the parent are part of it, whatever its state. The parent is read with the rights
-- of the person acting: one that is not his does not exist.
create function maintenance.guard_lines() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    parent constant text := tg_argv[0];
    source text;
    touched record;
    month text;
    checked text;
begin
    foreach source in array
        case tg_op when 'INSERT' then array['fresh'] when 'DELETE' then array['stale']
             else array['fresh', 'stale'] end
    loop
        for touched in execute format(
            'select to_jsonb(p) as parent, l.own
               from (select distinct %I as id, %s as own from %I) as l
               left join public.%I as p on p.id = l.id',
            tg_argv[1], tg_argv[2], source, parent)
        loop
            if touched.parent is null
               or touched.own is distinct from (touched.parent->>tg_argv[2])::uuid then
                raise insufficient_privilege using
                    message = format('%s: no such %s', tg_table_name, parent);
            end if;
            if (touched.parent->>'status' not in ('draft', 'rejected')
                or touched.parent->>'origin' = 'computed')
               and (tg_op <> 'INSERT'
                    or (touched.parent->>'created_at')::timestamptz <> now()) then
                raise exception using errcode = 'FP003', message = format(
                    '%s: the entry in %s is settled (%s), so its lines stay',
                    tg_table_name, parent, touched.parent->>'status');
            end if;
            if parent = 'journal_entries' then
                -- A close writes hundreds of entries of one month: its lock is held by then.
                month := concat_ws(' ', touched.parent->>'tenant_id',
                    touched.parent->>'period', touched.parent->>'entity_id');
                if month is distinct from checked then
                    perform maintenance.require_open(
                        (touched.parent->>'tenant_id')::uuid, (touched.parent->>'entity_id')::uuid,
                        (touched.parent->>'period')::date, true);
                    checked := month;
                end if;
            end if;
        end loop;
    end loop;
    return null;
end
$$;

-- Gives a table the columns, rules and trigger of a review.
create procedure maintenance.reviewed(target text, variadic approvers text[])
language plpgsql set search_path = ''
as $$
begin
    execute format($ddl$
        alter table public.%1$I
            add status text not null default 'draft'
                check (status in ('draft', 'submitted', 'approved', 'rejected', 'reversed')),
            add version integer not null default 1,
            add created_by uuid not null default public.current_user_id()
                references public.users,
            add created_at timestamptz not null default now(),
            add last_edited_by uuid references public.users,
            add editors uuid[] not null default '{}',
            add submitted_by uuid references public.users,
            add submitted_at timestamptz,
            add approved_by uuid references public.users,
            add approved_at timestamptz,
            add approved_hash bytea check (length(approved_hash) = 32),
            add rejected_by uuid references public.users,
            add decision_reason text not null default '' check (length(decision_reason) <= 1000),
            add constraint %2$I check (approved_by <> created_by),
            add constraint %3$I check (approved_by <> last_edited_by),
            add constraint %4$I check (not (approved_by = any (editors))),
            add constraint %5$I check (
                (status in ('approved', 'reversed')) = (approved_by is not null)
                and (approved_by is null) = (approved_hash is null)
                and (approved_by is null) = (approved_at is null))
        $ddl$, target, target || '_checker_is_not_maker', target || '_checker_is_not_editor',
        target || '_checker_is_no_editor', target || '_approved_whole');
    execute format('create index %I on public.%I (tenant_id, submitted_at)
                     where status = ''submitted''', target || '_waiting', target);
    execute format('comment on index public.%I is %L', target || '_waiting',
        'review list, close lock: what waits for a second person');
    execute format(
        'create trigger guard_review before insert or update or delete on public.%I
         for each row execute function maintenance.guard_review(%s)',
        target, (select string_agg(quote_literal(a), ', ') from unnest(approvers) as a));
    execute format('alter table public.%I enable always trigger guard_review', target);
end
$$;

-- The last argument is a column that a line must share with its parent.
create procedure maintenance.lines_of(
    target text, parent text, parent_key text, shared text)
language plpgsql set search_path = ''
as $$
declare
    op text;
begin
    foreach op in array array['insert', 'update', 'delete'] loop
        execute format(
            'create trigger guard_lines_%1$s after %1$s on public.%2$I referencing %3$s
             for each statement execute function maintenance.guard_lines(%4$L, %5$L, %6$L)',
            op, target,
            case op when 'insert' then 'new table as fresh'
                    when 'delete' then 'old table as stale'
                    else 'old table as stale new table as fresh' end,
            parent, parent_key, shared);
        execute format('alter table public.%I enable always trigger guard_lines_%s', target, op);
    end loop;
end
$$;

create table public.reopen_requests (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    entity_id uuid,
    period date not null,
    reason text not null check (length(reason) between 10 and 1000),
    expires_at timestamptz not null default now() + interval '72 hours',
    foreign key (tenant_id, entity_id) references public.portfolio_entities (tenant_id, id)
);
comment on column public.reopen_requests.entity_id is 'null: the group''s month';

create table public.retention_requests (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.portfolios,
    kind text not null check (kind in ('archive', 'restore', 'hold', 'release')),
    year integer not null check (year between 2000 and 2100),
    reason text not null check (length(reason) between 10 and 1000)
);

call maintenance.reviewed('mapping_versions', 'manager');
call maintenance.reviewed('ownership_interests', 'manager');
call maintenance.reviewed('acquisitions', 'manager');
call maintenance.reviewed('rules', 'manager');
call maintenance.reviewed('outside_addresses', 'manager');
call maintenance.reviewed('fx_rates_monthly', 'manager');
call maintenance.reviewed('journal_entries', 'manager');
call maintenance.reviewed('gaap_adjustments', 'manager');
call maintenance.reviewed('group_events', 'manager');
call maintenance.reviewed('validation_overrides', 'manager');
call maintenance.reviewed('entity_exclusions', 'manager');
call maintenance.reviewed('variance_commentary', 'manager');
call maintenance.reviewed('reopen_requests', 'manager', 'admin');
call maintenance.reviewed('retention_requests', 'admin');

call maintenance.lines_of('account_mappings', 'mapping_versions', 'mapping_version_id', 'entity_id');
call maintenance.lines_of('acquisition_items', 'acquisitions', 'acquisition_id', 'tenant_id');
call maintenance.lines_of('journal_entry_lines', 'journal_entries', 'entry_id', 'entity_id');
call maintenance.lines_of('journal_entry_columns', 'journal_entries', 'entry_id', 'entity_id');
