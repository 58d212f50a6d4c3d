"""The page on the group folder holds every column and every mistake, and no other."""

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from monthclose.groupfolder import read_group
from monthclose.groupfolder.schema import EVENT_NAMES, ROLES, TABLES
from monthclose.groupfolder.settings import KEYS
from monthclose.groupfolder.specs import Kind
from monthclose.ledger.accounts import Roles
from tests.groupfolder.folders import put

PAGE = Path(__file__).resolve().parents[2] / "docs" / "group-folder.md"
ROW = re.compile(
    r"^\| `([\w.-]+)` \|(?: ([^|]*) \|)?(?: ([^|]*) \|)?(?: ([^|]*) \|)?(?: (.*) \|)?$",
    re.MULTILINE,
)
PLACES = {"at-cell", "at-row", "at-column", "at-file", "and-more", "ecd-at"}


def sections(level: str) -> dict[str, str]:
    """The page by heading of a level."""
    parts = re.split(rf"^{level} (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        name: re.split(r"^#+ ", text, flags=re.MULTILINE)[0] if level == "###" else text
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


class TestColumns:
    def test_every_table_has_its_section_and_no_other_has(self):
        assert list(sections("###")) == list(TABLES)

    @pytest.mark.parametrize("name", TABLES)
    def test_every_column_is_described_as_it_is(self, name):
        """Name, kind, needed and key of every column, in order."""
        documented = [
            (column, kind.strip(), needed.strip() == "yes", key.strip() == "key")
            for column, kind, needed, key, _ in ROW.findall(sections("###")[name])
        ]
        built = [(c.name, c.kind.value, c.needed, c.key) for c in TABLES[name].columns]
        assert documented == built

    @pytest.mark.parametrize("name", TABLES)
    def test_what_a_column_may_hold_is_listed(self, name):
        section = sections("###")[name]
        for column in TABLES[name].columns:
            if column.kind is Kind.CHOICE and column.choices != ("yes", "no"):
                unsaid = [word for word in column.choices if f"`{word}`" not in section]
                assert unsaid == []

    @pytest.mark.parametrize("name", TABLES)
    def test_the_sample_is_of_that_table(self, name):
        sample = re.search(r"```csv\n(.+?)\n", sections("###")[name])
        assert sample
        assert set(sample[1].split(",")) <= {c.name for c in TABLES[name].columns}

    def test_tables_that_no_step_uses_say_so(self):
        for name, spec in TABLES.items():
            assert ("Used by no step yet" in sections("###")[name]) == (not spec.used), name
        assert all(f"`{kind}`" in sections("###")["events"] for kind in EVENT_NAMES)

    def test_the_roles_are_those_of_the_ledger(self):
        assert set(ROLES) == set(Roles.__dataclass_fields__)


class TestSettings:
    def test_every_key_is_described(self):
        documented = [
            (key, needed.strip() == "yes")
            for key, needed, *_ in ROW.findall(sections("##")["group.toml"])
        ]
        built = [
            (f"{section}.{key}", needed)
            for section, keys in KEYS.items()
            for key, (needed, _, _) in keys.items()
        ]
        assert documented == built

    def test_the_sample_reads(self, example):
        sample = re.search(r"```toml\n(.+?)```", PAGE.read_text("utf-8"), re.DOTALL)
        assert sample
        put(example, "group.toml", sample[1] + 'first_period = "2025-05"\n')
        assert read_group(example).group.code == "EXAMPLE"


class TestMistakes:
    def test_every_code_is_listed_with_its_sentence(self):
        said = problems("groupfolder")
        rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", sections("##")["Mistakes"], re.MULTILINE)
        assert dict(rows) == {code: text for code, text in said.items() if code not in PLACES}

    @pytest.mark.parametrize("subject", ["groupfolder", "balancetes", "ecd"])
    def test_every_code_with_a_sentence_is_in_use(self, subject):
        """Codes stand in the source as texts."""
        package = Path(read_group.__code__.co_filename).parents[1]
        source = "\n".join(file.read_text("utf-8") for file in package.rglob("*.py"))
        codes = set(problems(subject)) - PLACES
        assert {code for code in codes if f'"{code}"' not in source} == set()


def problems(subject: str) -> dict[str, str]:
    """Sentences of the mistakes of one kind of file, by code."""
    file = resources.files("monthclose.wording") / "en" / f"problems.{subject}.toml"
    return tomllib.loads(file.read_text("utf-8"))
