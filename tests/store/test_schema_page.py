"""The page about the schema names what there is, and nothing else."""

import re
from pathlib import Path

import pytest

from monthclose.store import errors
from monthclose.store.tables import metadata

PAGE = (Path(__file__).parents[2] / "docs" / "schema.md").read_text("utf-8")


def section(number: int) -> str:
    """One section of the page."""
    return PAGE.split(f"\n## {number}. ")[1].split("\n## ")[0]


def test_every_table_and_no_other_is_listed():
    rows = [line.split("|")[1] for line in section(5).splitlines() if line.startswith("| `")]
    listed = re.findall(r"`([a-z_.]+)`", " ".join(rows))
    assert sorted(listed) == sorted(metadata.tables)


def test_reviewed_tables_are_marked():
    marked = re.findall(r"`([a-z_]+)` \*\*R", section(5))
    reviewed = [name for name, table in metadata.tables.items() if "approved_by" in table.c]
    assert sorted(marked) == sorted(reviewed)


def test_every_refusal_is_listed():
    for state, refusal in errors.REFUSALS.items():
        assert f"| `{state}` | `{refusal.__name__}` |" in section(9)


@pytest.mark.server
class TestAgainstTheCatalogue:
    def test_the_lock_marks_are_the_triggers(self, database):
        rows = database.ask(
            "select c.relname, encode(t.tgargs, 'escape') like '%%strict%%' from pg_trigger t"
            " join pg_class c on c.oid = t.tgrelid"
            " where t.tgname = 'guard_period_insert' and not c.relispartition"
        )
        guarded = {(name, "L" if strict else "l") for name, strict in rows}
        assert set(re.findall(r"`([a-z_]+)` \*\*(?:R )?([Ll])\*\*", section(5))) == guarded

    def test_every_index_is_listed_with_its_query(self, database):
        rows = database.ask(
            "select c.relname, obj_description(c.oid, 'pg_class') from pg_index i"
            " join pg_class c on c.oid = i.indexrelid"
            " where c.relnamespace = 'public'::regnamespace and not c.relispartition"
            " and not exists (select from pg_constraint k where k.conindid = i.indexrelid)"
        )
        for name, query in rows:
            shown = f"`{name}`" if not name.endswith("_waiting") else "`…_waiting`"
            assert shown in section(10), name
            assert f"| {query} |" in section(10), name
