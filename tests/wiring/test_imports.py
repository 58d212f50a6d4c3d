"""A file is kept itself, or by its hash when it is too large for that."""

import hashlib
from pathlib import Path

import pytest

from monthclose.wiring import imports


def test_a_file_is_kept_itself(tmp_path: Path):
    file = tmp_path / "ecd.txt"
    file.write_bytes(b"|0000|")
    kept = imports.kept_document(file, hashlib.sha256(b"|0000|").hexdigest())
    assert (kept.label, kept.content, kept.media_type) == ("ecd.txt", b"|0000|", "text/plain")
    assert kept.fetched_at.tzinfo is not None


def test_a_large_one_is_kept_by_its_hash_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(imports, "KEPT_WHOLE", 5)
    file = tmp_path / "ecd.txt"
    file.write_bytes(b"|0000|")
    hashed = hashlib.sha256(b"|0000|").hexdigest()
    kept = imports.kept_document(file, hashed)
    assert kept.content.decode() == f"{hashed}  ecd.txt\n"
    assert kept.media_type == imports.SLIP
