-- Rules that hold for every column of a kind, so that no table can forget them.

-- numeric(20,2) accepts NaN, and one NaN turns every sum into NaN; 'infinity' is a date,
-- and cannot be read back; a period is the first day of its month.
create procedure maintenance.check_columns()
language plpgsql set search_path = ''
as $$
declare
    wanted record;
begin
    for wanted in
        select c.relname, a.attname,
               case when a.atttypid = 'pg_catalog.numeric'::regtype
                    then format('%I <> ''NaN''::numeric', a.attname)
                    when a.attname ~ '(^|_)period$'
                    then format('%1$I between ''2000-01-01'' and ''2100-12-31'' '
                                'and extract(day from %1$I) = 1', a.attname)
                    else format('%I between ''2000-01-01'' and ''2100-12-31''', a.attname)
               end as rule,
               c.relname || '_' || a.attname
                   || case when a.atttypid = 'pg_catalog.numeric'::regtype
                           then '_is_a_number' else '_in_range' end as name
          from pg_catalog.pg_class as c
          join pg_catalog.pg_attribute as a on a.attrelid = c.oid
         where c.relnamespace in ('public'::regnamespace, 'audit'::regnamespace)
           and c.relkind in ('r', 'p') and not c.relispartition
           and a.attnum > 0 and not a.attisdropped
           and a.atttypid in ('pg_catalog.numeric'::regtype, 'pg_catalog.date'::regtype)
           and not exists (
               select from pg_catalog.pg_constraint as k
                where k.conrelid = c.oid and k.contype = 'c'
                  and k.conname = c.relname || '_' || a.attname
                      || case when a.atttypid = 'pg_catalog.numeric'::regtype
                              then '_is_a_number' else '_in_range' end)
    loop
        execute format('alter table public.%I add constraint %I check (%s)',
                       wanted.relname, wanted.name, wanted.rule);
    end loop;
end
$$;

call maintenance.check_columns();
