-- The six roles, made once by a superuser. Passwords are set by the caller.
--
-- monthclose_owner cannot log in: it owns every table and function, and only
-- monthclose_migrator may become it. The roles of the running system own nothing
-- and are members of nothing, so no setting of theirs can lift row security.

do $roles$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('monthclose_owner', 'nologin nobypassrls'),
            ('monthclose_migrator', 'login nobypassrls'),
            ('monthclose_app', 'login nobypassrls'),
            ('monthclose_worker', 'login nobypassrls'),
            ('monthclose_auditor', 'login nobypassrls'),
            ('monthclose_backup', 'login bypassrls')
        ) as role (name, attributes)
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
            execute format('create role %I', wanted.name);
        end if;
        execute format(
            'alter role %I %s nosuperuser noinherit nocreatedb nocreaterole noreplication',
            wanted.name, wanted.attributes
        );
    end loop;
end
$roles$;

grant monthclose_owner to monthclose_migrator;

-- Whatever a dump does, it does not write.
alter role monthclose_backup set default_transaction_read_only = on;
alter role monthclose_auditor set default_transaction_read_only = on;
