"""Commands as a person types them, and a group folder to type them on."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from monthclose.cli.main import main
from monthclose.groupfolder import write_example
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


type Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in this process, in a language of its own."""

    def command(
        *words: str | Path,
        lang: str = "en_US.UTF-8",
        home: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ended:
        for name in [name for name in os.environ if name.startswith(("MONTHCLOSE_", "LC_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("LANG", lang)
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        if home is not None:
            monkeypatch.setenv("MONTHCLOSE_HOME", str(home))
        monkeypatch.setattr(sys, "argv", ["monthclose", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return Ended(stop.value.code, printed.out, printed.err)

    return command


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The group that `monthclose init` writes."""
    folder = tmp_path_factory.mktemp("folders") / "example"
    write_example(folder)
    return folder


@pytest.fixture(scope="session")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation where the example was closed, three of its files mended, and closed again."""
    place, folder = tmp_path_factory.mktemp("twice"), tmp_path_factory.mktemp("mended") / "group"
    write_example(folder)
    with open_desk(Settings(home=place), portfolio=None) as desk:
        desk.import_folder(folder)
        assert desk.close("2025-06").error is None
        for name, was, now in (
            ("balances/2025-06.csv", "BETA,1000,3700.00", "BETA,1000,3800.00"),
            ("balances/2025-06.csv", "BETA,1100,2000.00", "BETA,1100,1900.00"),
            ("mappings.csv", "ALFA,1.1.02,1100", "ALFA,1.1.02,1000"),
            ("rates.csv", "2025-06,USD,BRL,5,closing", "2025-06,USD,BRL,5.1,closing"),
        ):
            text = (folder / name).read_text("utf-8")
            assert was in text
            (folder / name).write_text(text.replace(was, now), "utf-8")
        desk.import_folder(folder)
        assert desk.close("2025-06").error is None
    return place
