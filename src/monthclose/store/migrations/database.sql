-- What the database itself grants, made once by a superuser, in that database.

do $database$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format(
        'grant connect on database %I to monthclose_migrator, monthclose_app, '
        'monthclose_worker, monthclose_auditor, monthclose_backup', current_database());
    execute format('grant create on database %I to monthclose_owner', current_database());
end
$database$;

revoke all on schema public from public;
grant usage, create on schema public to monthclose_owner;
grant usage on schema public to monthclose_migrator,
    monthclose_app, monthclose_worker, monthclose_auditor, monthclose_backup;
