"""Secrets at rest: closed, bound to their name, two versions, never shown."""

import base64
import json
import stat

import pytest

from monthclose.access.secret_file import (
    MasterKeyUnusable,
    SecretFiles,
    SecretMissing,
    SecretUnreadable,
    fingerprint,
)

PARTS = {"app_key": "38333295000", "app_secret": "fed2163e2e8dccb5"}


class TestSecretFiles:
    def test_what_was_put_comes_back_and_no_file_shows_it(self, tmp_path):
        files = SecretFiles(tmp_path)
        assert files.put("alfa", PARTS) == 1
        assert files.get("alfa").parts == PARTS
        for path in tmp_path.rglob("*"):
            content = path.read_bytes()
            assert b"38333295000" not in content
            assert b"fed2163e" not in content
            assert b"alfa" not in content
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_the_version_before_stays_readable_and_the_one_before_that_is_gone(self, tmp_path):
        files = SecretFiles(tmp_path)
        for number in (1, 2, 3):
            files.put("alfa", {"key": str(number)})
        assert files.get("alfa").parts == {"key": "3"}
        assert files.get("alfa", 2).parts == {"key": "2"}
        with pytest.raises(SecretMissing):
            files.get("alfa", 1)

    def test_one_file_cannot_stand_for_another(self, tmp_path):
        files = SecretFiles(tmp_path)
        files.put("alfa", PARTS)
        files.put("beta", {"app_key": "other"})
        alfa, beta = sorted(
            (path for path in tmp_path.glob("*.secret")), key=lambda path: path.stat().st_size
        )
        alfa.write_bytes(beta.read_bytes())
        with pytest.raises(SecretUnreadable):
            files.get("beta"), files.get("alfa")

    def test_a_touched_file_is_found_out(self, tmp_path):
        files = SecretFiles(tmp_path)
        files.put("alfa", PARTS)
        (path,) = tmp_path.glob("*.secret")
        envelope = json.loads(path.read_text("ascii"))
        envelope["version"] = 7
        path.write_text(json.dumps(envelope), "ascii")
        with pytest.raises(SecretUnreadable):
            files.get("alfa")

    def test_another_key_opens_nothing(self, tmp_path):
        keys = [base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
        SecretFiles(tmp_path, keys[0]).put("alfa", PARTS)
        with pytest.raises(SecretUnreadable):
            SecretFiles(tmp_path, keys[1]).get("alfa")
        assert SecretFiles(tmp_path, keys[0]).get("alfa").parts == PARTS

    @pytest.mark.parametrize("key", ["short", "not base64!", base64.b64encode(b"x").decode()])
    def test_what_is_no_key_is_refused_and_not_repeated(self, tmp_path, key):
        with pytest.raises(MasterKeyUnusable) as refused:
            SecretFiles(tmp_path, key).put("alfa", PARTS)
        assert key not in refused.value.message()

    def test_nothing_that_prints_a_secret_shows_it(self, tmp_path):
        files = SecretFiles(tmp_path)
        files.put("alfa", PARTS)
        assert "38333295000" not in repr(files.get("alfa"))
        assert fingerprint(PARTS) not in PARTS.values()

    def test_what_was_removed_is_missing(self, tmp_path):
        files = SecretFiles(tmp_path)
        files.put("alfa", PARTS)
        files.remove("alfa")
        with pytest.raises(SecretMissing):
            files.get("alfa")
