"""What the catalogues of a migrated database say about its safety, table by table."""

import re

import pytest

pytestmark = pytest.mark.server

OURS = "c.relnamespace in ('public'::regnamespace, 'audit'::regnamespace)"
RUNNING = {"monthclose_app", "monthclose_worker", "monthclose_auditor"}
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")

NOT_TENANTS = {"schema_version"}
"""Tables that say nothing about anyone."""

DEFINERS = {
    "audit.append",
    "maintenance.count_entities",
    "maintenance.guard_lines",
    "maintenance.guard_period",
    "maintenance.keep_columns",
    "public.colleagues",
    "public.create_portfolio",
    "public.create_user",
    "public.find_user",
    "public.grant_entities",
    "public.grant_group",
    "public.grants_of",
    "public.login_record",
    "public.members_of",
    "public.set_active",
    "public.set_password",
    "public.set_role",
}
"""Functions that work with the owner's rights; each has a reason, given where it is made."""

CALLABLE = {
    "audit.append",
    "public.colleagues",
    "public.create_portfolio",
    "public.create_user",
    "public.current_run_id",
    "public.current_user_id",
    "public.find_user",
    "public.grant_entities",
    "public.grant_group",
    "public.grants_of",
    "public.login_record",
    "public.members_of",
    "public.set_active",
    "public.set_password",
    "public.set_role",
    "public.store_columns",
}
"""Functions that the roles of the running system may call."""

NOT_LOCKED = {
    "runs": "a run of a closed month makes the next version or nothing",
    "period_locks": "is the lock",
    "group_locks": "is the lock",
    "reopen_requests": "asks to open what is locked",
    "sign_offs": "a signature may come after, and is over a hash",
    "reports": "published after the lock, superseded after it",
}
"""Tables with a month that the month's lock does not guard, and why."""


def tables(database):
    """Each table: whether it has row security, forced, and is a partition."""
    rows = database.ask(
        "select c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition"
        f" from pg_class c where {OURS} and c.relkind in ('r', 'p')"
    )
    return {row[0]: row[1:] for row in rows if row[0] not in NOT_TENANTS}


class TestTables:
    def test_row_security_is_on_and_forced_on_every_table_and_partition(self, database):
        found = tables(database)
        assert len(found) > 90
        assert [name for name, (on, forced, _) in found.items() if not (on and forced)] == []

    def test_all_belong_to_the_owner(self, database):
        others = database.ask(
            "select c.relname, c.relowner::regrole::text from pg_class c"
            f" where {OURS} and c.relowner <> 'monthclose_owner'::regrole"
        )
        assert others == []

    def test_a_partition_has_neither_grants_nor_policies(self, database):
        partitions = {name for name, (_, _, part) in tables(database).items() if part}
        assert len(partitions) >= 3 * 10
        granted = database.ask(
            "select table_name, grantee from information_schema.role_table_grants"
            " where grantee not in ('monthclose_owner', 'monthclose_backup')"
            "   and table_name = any(%s)"
            " union select table_name, grantee from information_schema.column_privileges"
            " where grantee not in ('monthclose_owner', 'monthclose_backup')"
            "   and table_name = any(%s)",
            list(partitions),
            list(partitions),
        )
        policies = database.ask(
            "select tablename from pg_policies where tablename = any(%s)", list(partitions)
        )
        assert (granted, policies) == ([], [])

    def test_nothing_is_granted_to_everyone(self, database):
        granted = database.ask(
            "select c.relname from pg_class c, aclexplode(c.relacl) a"
            f" where {OURS} and a.grantee = 0"
        )
        assert granted == []

    def test_views_run_with_the_rights_of_the_caller(self, database):
        views = database.ask(
            "select c.relname, coalesce(c.reloptions::text, '') from pg_class c"
            f" where {OURS} and c.relkind in ('v', 'm')"
        )
        assert [name for name, _ in views] == ["my_groups"]
        assert all("security_invoker=true" in options for _, options in views)


class TestPolicies:
    def policies(self, database):
        return database.ask(
            "select tablename, cmd, roles::text[], permissive, coalesce(qual, ''),"
            " coalesce(with_check, '') from pg_policies"
        )

    def test_there_is_one_for_each_command_granted(self, database):
        granted = set(
            database.ask(
                "select distinct table_name, privilege_type from ("
                " select table_name, privilege_type, grantee"
                "   from information_schema.role_table_grants"
                " union select table_name, privilege_type, grantee"
                "   from information_schema.column_privileges) g"
                " where grantee = any(%s) and privilege_type = any(%s)"
                "   and table_name <> all(%s)",
                list(RUNNING),
                list(COMMANDS),
                ["my_groups", *NOT_TENANTS],
            )
        )
        covered = {
            (table, command)
            for table, command, roles, *_ in self.policies(database)
            if roles != ["monthclose_owner"]
        }
        assert granted - covered == set()
        assert covered - granted == set()

    def test_there_is_at_most_one_for_a_command_and_role(self, database):
        seen: set[tuple[str, str, str]] = set()
        for table, command, roles, permissive, _, _ in self.policies(database):
            assert (permissive, command in COMMANDS) == ("PERMISSIVE", True), table
            for role in RUNNING | {"monthclose_owner"} if roles == ["public"] else roles:
                assert (table, command, role) not in seen
                seen.add((table, command, role))

    def test_each_asks_who_acts(self, database):
        """None is always true: each depends on the person, or on who opened the session."""
        for table, command, _, _, using, check in self.policies(database):
            asked = check if command == "INSERT" else using
            assert re.search(r"current_user_id|colleagues|my_groups|SESSION_USER", asked), (
                table,
                command,
            )
            assert (command in ("INSERT", "UPDATE")) == bool(check), (table, command)

    def test_no_condition_is_asked_row_by_row(self, database):
        """Each call stands in a subquery of its own, which the planner runs once."""
        for table, _, _, _, using, check in self.policies(database):
            for asked in (using, check):
                calls = len(re.findall(r"current_user_id\(\)|pg_has_role\(", asked))
                once = len(
                    re.findall(
                        r"\( ?SELECT (?:public\.)?(?:current_user_id\(\)|pg_has_role\()", asked
                    )
                )
                assert calls == once, (table, asked)


class TestFunctions:
    def functions(self, database):
        rows = database.ask(
            "select p.pronamespace::regnamespace::text || '.' || p.proname, p.prosecdef,"
            " p.proowner::regrole::text, coalesce(p.proconfig, '{}'),"
            " p.proacl is null or exists"
            "  (select from aclexplode(p.proacl) a where a.grantee = 0),"
            " coalesce((select array_agg(distinct a.grantee::regrole::text)"
            "             from aclexplode(p.proacl) a where a.grantee <> p.proowner), '{}')"
            " from pg_proc p where p.pronamespace in ('public'::regnamespace,"
            "  'audit'::regnamespace, 'maintenance'::regnamespace)"
        )
        return {row[0]: row[1:] for row in rows}

    def test_the_definers_are_the_ones_listed(self, database):
        found = self.functions(database)
        assert {name for name, facts in found.items() if facts[0]} == DEFINERS

    def test_each_has_an_empty_search_path_and_the_owner(self, database):
        for name, (_, owner, settings, _, _) in self.functions(database).items():
            assert (owner, settings) == ("monthclose_owner", ['search_path=""']), name

    def test_nobody_unnamed_may_call_one(self, database):
        found = self.functions(database)
        assert [name for name, facts in found.items() if facts[3]] == []
        callable_ = {name for name, facts in found.items() if RUNNING & set(facts[4])}
        assert callable_ == CALLABLE

    def test_the_owner_is_no_superuser(self, database):
        rows = database.ask(
            "select rolsuper, rolbypassrls, rolcanlogin from pg_roles"
            " where rolname = 'monthclose_owner'"
        )
        assert rows == [(False, False, False)]


class TestRoles:
    def test_the_running_roles_can_do_nothing_special(self, database):
        rows = database.ask(
            "select rolname from pg_roles where rolname = any(%s) and rolcanlogin and not"
            " (rolsuper or rolbypassrls or rolinherit or rolcreatedb or rolcreaterole"
            "  or rolreplication)",
            list(RUNNING),
        )
        assert {row[0] for row in rows} == RUNNING

    def test_they_are_members_of_nothing_and_own_nothing(self, database):
        members = database.ask(
            "select m.roleid::regrole::text, m.member::regrole::text from pg_auth_members m"
            " where m.member::regrole::text like 'monthclose%%'"
        )
        assert members == [("monthclose_owner", "monthclose_migrator")]

    def test_only_the_backup_passes_row_security_and_only_reads(self, database):
        rows = database.ask(
            "select rolname from pg_roles where rolbypassrls and rolname like 'monthclose%%'"
        )
        assert rows == [("monthclose_backup",)]
        rights = database.ask(
            "select distinct privilege_type from information_schema.role_table_grants"
            " where grantee = 'monthclose_backup'"
        )
        assert rights == [("SELECT",)]

    def test_the_auditor_only_reads(self, database):
        rights = database.ask(
            "select distinct privilege_type from information_schema.role_table_grants"
            " where grantee = 'monthclose_auditor'"
        )
        assert rights == [("SELECT",)]

    def test_the_application_does_not_touch_the_chain(self, database):
        rights = database.ask(
            "select grantee from information_schema.role_table_grants"
            " where table_name in ('agent_actions', 'audit_head')"
            "   and grantee in ('monthclose_app', 'monthclose_worker')"
        )
        assert rights == []

    def test_the_application_cannot_create_anything(self, database):
        for role in RUNNING:
            rights = database.ask(
                "select has_schema_privilege(%s, 'public', 'create'),"
                " has_database_privilege(%s, current_database(), 'create'),"
                " has_database_privilege(%s, current_database(), 'temporary'),"
                " has_schema_privilege(%s, 'maintenance', 'usage'),"
                " has_schema_privilege(%s, 'archive', 'usage')",
                *[role] * 5,
            )
            assert rights == [(False, False, False, False, False)], role


class TestTriggers:
    def test_all_fire_whatever_the_session_says(self, database):
        """An ordinary trigger is skipped under session_replication_role = replica."""
        rows = database.ask(
            "select c.relname, t.tgname, t.tgenabled from pg_trigger t"
            f" join pg_class c on c.oid = t.tgrelid where {OURS} and not t.tgisinternal"
        )
        assert len(rows) > 100
        assert [row for row in rows if row[2] != b"A" and row[2] != "A"] == []

    def test_every_table_with_a_month_is_guarded_by_the_lock(self, database):
        with_month = {
            row[0]
            for row in database.ask(
                "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
                f" where {OURS} and c.relkind in ('r', 'p') and not c.relispartition"
                " and a.attname = 'period' and a.atttypid = 'date'::regtype"
            )
        }
        guarded = {
            row[0]
            for row in database.ask(
                "select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
                " where t.tgname like 'guard_period_%%' and not c.relispartition"
                " group by c.relname having count(distinct t.tgtype) = 3"
            )
        }
        assert with_month - guarded == set(NOT_LOCKED)

    def test_the_trail_refuses_on_every_partition(self, database):
        rows = database.ask(
            "select c.relname, array_agg(t.tgname::text order by t.tgname)"
            " from pg_class c left join pg_trigger t on t.tgrelid = c.oid"
            " where c.relname ~ '^(agent_actions(_[0-9]+)?|anchors|credential_access_log)$'"
            " group by c.relname"
        )
        assert len(rows) > 10
        for name, triggers in rows:
            assert {"refuse_change", "refuse_truncate"} <= set(triggers), name


class TestColumns:
    def columns(self, database, kinds: list[str]):
        return database.ask(
            "select c.relname, a.attname from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid"
            f" where {OURS} and c.relkind in ('r', 'p') and a.attnum > 0"
            " and a.atttypid::regtype::text = any(%s)",
            kinds,
        )

    def rules(self, database):
        rows = database.ask(
            "select c.relname, string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k"
            f" join pg_class c on c.oid = k.conrelid where {OURS} and k.contype = 'c'"
            " group by c.relname"
        )
        return dict(rows)

    def test_no_amount_accepts_nan(self, database):
        rules = self.rules(database)
        amounts = self.columns(database, ["numeric"])
        assert len(amounts) > 50
        for table, column in amounts:
            assert f"{column} <> 'NaN'::numeric" in rules[table], (table, column)

    def test_every_date_lies_in_this_century(self, database):
        rules = self.rules(database)
        dates = self.columns(database, ["date"])
        assert len(dates) > 20
        for table, column in dates:
            assert f"{column} >= '2000-01-01'::date" in rules[table], (table, column)
            assert f"{column} <= '2100-12-31'::date" in rules[table], (table, column)
            if column.endswith("period"):
                assert f"EXTRACT(day FROM {column}) = " in rules[table], (table, column)

    def test_amounts_rates_and_shares_have_one_precision_each(self, database):
        rows = database.ask(
            "select distinct format_type(a.atttypid, a.atttypmod) from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid"
            f" where {OURS} and a.atttypid = 'numeric'::regtype and c.relkind in ('r', 'p')"
        )
        assert {row[0] for row in rows} == {
            "numeric(20,2)",
            "numeric(20,10)",
            "numeric(12,8)",
            "numeric(28,10)",
        }


class TestKeys:
    def test_a_unique_key_begins_with_its_entity_or_portfolio(self, database):
        """Otherwise a refused duplicate would tell a stranger what exists."""
        rows = database.ask(
            "select c.relname, i.indexrelid::regclass::text, a.attname from pg_index i"
            " join pg_class c on c.oid = i.indrelid"
            " join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]"
            f" where {OURS} and i.indisunique and not c.relispartition"
        )
        leading = {"entity_id", "tenant_id", "user_id"}
        made_up = {"id", "entry_id"}  # UUIDs drawn by lot: nobody guesses one
        installation = {
            ("users", "login"),
            ("portfolios", "code"),
            ("schema_version", "version_num"),
        }
        wrong = [
            row
            for row in rows
            if row[2] not in leading | made_up and (row[0], row[2]) not in installation
        ]
        assert wrong == []

    def test_references_between_entity_data_carry_the_entity(self, database):
        rows = database.ask(
            "select k.conrelid::regclass::text, k.conname,"
            " array(select a.attname::text from pg_attribute a"
            "        where a.attrelid = k.confrelid and a.attnum = any(k.confkey))"
            " from pg_constraint k join pg_class c on c.oid = k.confrelid"
            f" where {OURS} and k.contype = 'f' and not c.relispartition"
            " and exists (select from pg_attribute a where a.attrelid = k.confrelid"
            "   and a.attname = 'entity_id' and a.attnotnull)"
        )
        assert len(rows) > 10
        assert [row for row in rows if not {"entity_id", "tenant_id"} & set(row[2])] == []

    def test_every_index_names_the_query_that_needs_it(self, database):
        rows = database.ask(
            "select c.relname, coalesce(obj_description(i.indexrelid, 'pg_class'), '')"
            " from pg_index i join pg_class c on c.oid = i.indexrelid"
            f" where {OURS} and not c.relispartition"
            " and not exists (select from pg_constraint k where k.conindid = i.indexrelid)"
        )
        assert len(rows) > 25
        assert [name for name, said in rows if ":" not in said] == []
