"""A file of any legal size is read with limits, and kept: itself, or piece by piece."""

import hashlib
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from monthclose.connectors.ecd.problems import EcdUnusable
from monthclose.connectors.ecd.writer import write_ecd
from monthclose.groupfolder import write_example
from monthclose.store.session import acting
from monthclose.wiring import large_files
from monthclose.wiring.build import open_desk
from monthclose.wiring.confined import ReadingRanOut
from monthclose.wiring.imports import EcdAsked, import_ecd
from monthclose.wiring.large_files import FileChanged, document_of, read_books
from monthclose.wiring.settings import Settings
from tests.connectors.ecd.made import year

OWN = "22333444000181"
"""CNPJ of ALFA in the example's group."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ecd.txt"
    path.write_bytes(b"".join(write_ecd(replace(year(3, quarterly=True), cnpj=OWN))))
    return path


def hashed(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class TestReading:
    def test_books_come_back_from_a_process_of_its_own(self, file):
        books = read_books(file)
        assert (books.cnpj, len(books.months)) == (OWN, 3)
        assert books.sha256 == hashed(file.read_bytes())

    def test_so_does_what_is_wrong_with_them(self, file):
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[:-3]))
        with pytest.raises(EcdUnusable) as told:
            read_books(file)
        assert told.value.problems
        assert "ecd.txt" in told.value.message("pt-BR")

    def test_a_reader_that_takes_too_long_is_stopped(self, file, monkeypatch):
        monkeypatch.setattr(large_files, "SECONDS", 0)
        with pytest.raises(ReadingRanOut, match="0 seconds"):
            read_books(file)


class TestDocument:
    def test_a_file_is_kept_itself(self, file):
        kept = document_of(file, hashed(file.read_bytes()))
        assert (kept.label, kept.content, kept.media_type) == (
            "ecd.txt", file.read_bytes(), "text/plain",
        )  # fmt: skip
        assert kept.fetched_at.tzinfo is not None

    def test_of_a_large_one_the_list_of_its_pieces(self, file, monkeypatch):
        monkeypatch.setattr(large_files, "PIECE", 1000)
        content = file.read_bytes()
        kept = document_of(file, hashed(content))
        told = json.loads(kept.content)
        assert (told["file"], told["sha256"], told["size"]) == (
            "ecd.txt", hashed(content), len(content),
        )  # fmt: skip
        assert told["pieces"] == [
            hashed(content[at : at + 1000]) for at in range(0, len(content), 1000)
        ]
        assert kept.media_type == large_files.LIST

    def test_one_that_changed_meanwhile_is_refused(self, file):
        books = read_books(file)
        file.write_bytes(file.read_bytes() + b"signature")
        with pytest.raises(FileChanged):
            document_of(file, books.sha256)

    def test_memory_holds_one_piece(self, tmp_path):
        """Thirty-two megabytes in pieces of eight: no more than two of them at once."""
        path = tmp_path / "large.txt"
        with path.open("wb") as stream:
            for number in range(32):
                stream.write(bytes([number]) * 2**20)
        whole = hashlib.sha256(b"".join(bytes([n]) * 2**20 for n in range(32))).hexdigest()
        tracemalloc.start()
        try:
            document_of(path, whole)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 2 * large_files.PIECE + 2**20


@pytest.mark.server
class TestStored:
    def test_the_pieces_of_a_large_file_are_the_file_and_kept_once(
        self, tmp_path, file, monkeypatch
    ):
        monkeypatch.setattr(large_files, "PIECE", 1000)
        group = tmp_path / "group"
        write_example(group)
        with open_desk(Settings(home=tmp_path / "home"), portfolio=None) as desk:
            desk.import_folder(group)
            first = import_ecd(desk, EcdAsked(file, "ALFA"))
            assert [done.new_documents > 0 for done in first.done][:1] == [True]
            assert self.whole(desk) == file.read_bytes()
            count = self.count(desk)
            import_ecd(desk, EcdAsked(file, "ALFA"))
            assert self.count(desk) == count

    def whole(self, desk) -> bytes:
        """The file, put together from what is kept."""
        with acting(desk.database.engine, desk.user) as session:
            kept = {
                bytes(hash_).hex(): (media, bytes(content))
                for hash_, media, content in session.execute(
                    text("select sha256, media_type, bytes from source_documents")
                )
            }
        (listed,) = [json.loads(c) for m, c in kept.values() if m == large_files.LIST]
        return b"".join(kept[each][1] for each in listed["pieces"])

    def count(self, desk) -> int:
        with acting(desk.database.engine, desk.user) as session:
            return len(session.execute(text("select id from source_documents")).all())
