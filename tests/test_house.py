"""
The house rules that no tool checks for us.

Each rule is a function from material to what is wrong with it, so that the rule itself can be
shown something bad and be seen to object.
"""

import ast
import importlib
import pkgutil
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import monthclose
from monthclose.ledger.errors import CloseError
from monthclose.wording import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "monthclose"
MODULES = sorted(PACKAGE.rglob("*.py"))
PURE = ("ledger", "consolidation", "analysis")
LONGEST_MODULE = 450
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def placeholders(sentence: str) -> set[str]:
    """Name the facts a sentence asks for."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def differing(sentences: Mapping[str, Mapping[str, str]]) -> list[str]:
    """List what one language says and another does not, by key."""
    keys = set().union(*sentences.values())
    wrong = []
    for key in sorted(keys):
        said = [language.get(key, "") for language in sentences.values()]
        if not all(text.strip() for text in said):
            wrong.append(f"{key}: not said in every language")
        elif any(placeholders(text) != placeholders(said[0]) for text in said):
            wrong.append(f"{key}: not the same facts in every language")
    return wrong


def subclasses(cls: type[CloseError]) -> Iterator[type[CloseError]]:
    """Walk every error below *cls* that the package defines."""
    for sub in cls.__subclasses__():
        if sub.__module__.startswith("monthclose."):
            yield sub
        yield from subclasses(sub)


def miscoded(errors: Iterable[type[CloseError]]) -> list[str]:
    """List errors without a code, with an ill-formed one, or with another error's."""
    errors = set(errors)
    # A family of errors has no code of its own; an error that is raised has.
    leaves = {error for error in errors if "code" in vars(error) or not error.__subclasses__()}
    codes = {error.__qualname__: str(getattr(error, "code", "")) for error in leaves}
    times = Counter(codes.values())
    return sorted(
        f"{name}: {code!r}"
        for name, code in codes.items()
        if not KEBAB.fullmatch(code) or times[code] > 1
    )


def machine_bound(text: str) -> list[str]:
    """List what holds on one machine only: absolute paths, hosts of package registries."""
    # Written apart, so that this file passes its own rule.
    homes = "|".join(("ro" + r"ot\b", "wo" + r"rk\b", "ho" + r"me/\w", "Us" + r"ers/\w"))
    hosts = "|".join(("py" + r"pi\.org", "python" + "hosted", r"registry\.np" + "m"))
    return re.findall(rf"(?<![\w.}}$])/(?:{homes})\S*|\S*(?:{hosts})\S*", text)


def tracked() -> list[Path]:
    """List the files of the checkout that are under version control."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    # The folder may belong to another user than the one who runs the tests.
    git = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(git, capture_output=True, check=True).stdout.decode()
    return [file for name in listed.split("\0") if name and (file := ROOT / name).is_file()]


def outside(tree: ast.AST) -> list[str]:
    """List calls that reach for a clock, a file or the terminal."""
    clocks, doors = {"now", "today", "utcnow"}, {"open", "print", "input", "breakpoint"}
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(attr=name) if name in clocks:
                found.append(f"line {call.lineno}: {name}")
            case ast.Name(id=name) if name in doors:
                found.append(f"line {call.lineno}: {name}")
    return found


def unlocked(requirements: Iterable[str], pins: Mapping[str, str]) -> list[str]:
    """List requirements whose locked version is missing or out of bounds."""
    wrong = []
    for requirement in map(Requirement, requirements):
        pin = pins.get(requirement.name.lower())
        if pin is None or Version(pin) not in requirement.specifier:
            wrong.append(f"{requirement}: locked at {pin}")
    return wrong


def pins(lock: str) -> dict[str, str]:
    """Read the versions of a lock, by name."""
    return dict(re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", lock))


@pytest.fixture(scope="module")
def errors() -> set[type[CloseError]]:
    """Import every module, so that every error of the package is known."""
    for module in pkgutil.walk_packages(monthclose.__path__, "monthclose."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    return set(subclasses(CloseError))


class TestCatalogue:
    def test_every_language_says_the_same_with_the_same_facts(self):
        sentences = {lang: catalogue(lang) for lang in LANGUAGES}
        assert all(sentences.values())
        assert differing(sentences) == []

    @pytest.mark.parametrize("translated", [{}, {"a": " "}, {"a": "{valor}"}, {"a": "", "b": "x"}])
    def test_a_translation_that_misses_something_is_seen(self, translated: dict[str, str]):
        assert differing({"en": {"a": "{amount}"}, "pt-BR": translated})

    def test_placeholders_are_names(self):
        unnamed = [
            key
            for lang in LANGUAGES
            for key, text in catalogue(lang).items()
            if not all(name.isidentifier() for name in placeholders(text))
        ]
        assert unnamed == []


class TestErrors:
    def test_every_error_has_a_code_of_its_own(self, errors: set[type[CloseError]]):
        assert len(errors) > 5
        assert miscoded(errors) == []

    def test_every_code_has_its_sentence(self, errors: set[type[CloseError]]):
        codes = {error.code for error in errors if hasattr(error, "code")}
        unsaid = {
            f"{lang}: {code}"
            for code in codes
            for lang in LANGUAGES
            if f"errors.{code}" not in catalogue(lang)
        }
        assert unsaid == set()

    @pytest.mark.parametrize("code", ["", "Rate_Missing", "rate--missing", "rate-missing "])
    def test_an_ill_formed_code_is_seen(self, code: str):
        bad = type("Bad", (Exception,), {"code": code})
        assert miscoded([bad])

    def test_a_code_given_twice_is_seen(self):
        one, two = (type(name, (Exception,), {"code": "rate-missing"}) for name in ("One", "Two"))
        assert len(miscoded([one, two])) == 2


class TestTrackedFiles:
    def test_nothing_is_bound_to_one_machine(self):
        bound = {}
        for file in tracked():
            try:
                found = machine_bound(file.read_text("utf-8"))
            except UnicodeDecodeError:
                continue
            if found:
                bound[str(file.relative_to(ROOT))] = found
        assert bound == {}

    @pytest.mark.parametrize(
        "text", ["see /ro" + "ot/notes", "cd /wo" + "rk/x", "https://py" + "pi.org/simple"]
    )
    def test_an_absolute_path_or_a_host_is_seen(self, text: str):
        assert machine_bound(text)

    @pytest.mark.parametrize(
        "text", ["net worth/work/rest", "#!/usr/bin/env bash", "a/root/b", "/workbook"]
    )
    def test_a_relative_path_is_not(self, text: str):
        assert machine_bound(text) == []


class TestModules:
    def test_every_module_says_what_it_is(self):
        silent = [
            str(file.relative_to(PACKAGE))
            for file in MODULES
            if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
        ]
        assert silent == []

    def test_every_module_is_read_in_one_sitting(self):
        lengths = {
            str(file.relative_to(PACKAGE)): len(file.read_text("utf-8").splitlines())
            for file in MODULES
        }
        assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}

    def test_language_and_arithmetic_ask_no_clock_and_open_no_file(self):
        """The import contracts keep I/O modules out; a clock can still come with a date."""
        reaching = {
            str(file.relative_to(PACKAGE)): found
            for room in PURE
            for file in sorted((PACKAGE / room).rglob("*.py"))
            if (found := outside(ast.parse(file.read_text("utf-8"))))
        }
        assert reaching == {}

    @pytest.mark.parametrize("line", ["date.today()", "datetime.now(UTC)", "open('x')"])
    def test_a_call_to_the_outside_is_seen(self, line: str):
        assert outside(ast.parse(line))


class TestLocks:
    def test_hold_every_dependency_within_its_bounds(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        groups = [project["dependencies"], *project["optional-dependencies"].values()]
        wanted = [line for line in chain(*groups) if not line.startswith("monthclose[")]
        assert unlocked(wanted, pins(self._read("dev.lock"))) == []

    def test_agree_with_each_other(self):
        assert pins(self._read("dev.lock")) == pins(self._read("constraints.txt"))

    def test_a_missing_or_outgrown_pin_is_seen(self):
        assert unlocked(["numpy>=2.2,<3"], {}) == ["numpy<3,>=2.2: locked at None"]
        assert unlocked(["numpy>=2.2,<3"], {"numpy": "3.0.1"})

    def _read(self, name: str) -> str:
        return (ROOT / "requirements" / name).read_text("utf-8")
