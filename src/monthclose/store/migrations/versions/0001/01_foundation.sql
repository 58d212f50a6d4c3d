-- Schemas, and who is acting.

create schema audit;
create schema archive;
create schema maintenance;

grant usage on schema audit to
    monthclose_app, monthclose_worker, monthclose_auditor, monthclose_backup;

alter default privileges for role monthclose_owner
    revoke execute on functions from public;

-- A setting local to a transaction reads as an empty string afterwards, not as null:
-- without nullif the cast would raise where it should find nobody.
create function public.current_user_id() returns uuid
language sql stable parallel safe set search_path = ''
as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;

create function public.current_run_id() returns uuid
language sql stable parallel safe set search_path = ''
as $$ select nullif(current_setting('app.run_id', true), '')::uuid $$;

comment on function public.current_user_id() is
    'the person this transaction acts for; null: nobody, hence no rows and no writes';
comment on function public.current_run_id() is
    'the run this transaction works for; null outside a run';
