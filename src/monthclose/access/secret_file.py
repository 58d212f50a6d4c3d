"""
Secrets of an installation in encrypted files, one a secret.

Each file is an envelope: AES-256-GCM under the master key, a nonce of its own, the name of
the secret as associated data, so that no file can stand for another. The version before
stays beside the present one, so that whoever began with it can end with it. A file is
read at each use, so a rotation needs no restart.
"""

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monthclose.ledger.errors import CloseError

KEY_BYTES, NONCE_BYTES = 32, 12


class MasterKeyUnusable(CloseError):
    """The key that opens the secrets is missing where it is said to be, or is no key."""

    code = "master-key-unusable"

    def __init__(self, where: str) -> None:
        super().__init__(where=where)


class SecretMissing(CloseError):
    """There is no secret of this name."""

    code = "secret-missing"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class SecretUnreadable(CloseError):
    """A secret cannot be opened with this master key, or somebody touched its file."""

    code = "secret-unreadable"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


@dataclass(frozen=True, slots=True)
class Opened:
    """
    A secret, opened.

    Attributes:
        parts: By name, such as `app_key`.
        version: Counts the changes, from 1.
    """

    parts: Mapping[str, str]
    version: int

    def __repr__(self) -> str:
        """Name the parts, never what they are."""
        return f"Opened({', '.join(self.parts)}; version {self.version})"


class SecretFiles:
    """The secrets under one folder."""

    def __init__(self, folder: Path, master_key: str = "") -> None:
        """
        Name the folder; nothing is read yet.

        Args:
            folder: Made when the first secret is stored.
            master_key: 32 bytes in base64; empty: a key of its own beside the secrets,
                which only their owner may read.
        """
        self._folder, self._given = folder, master_key

    def put(self, name: str, parts: Mapping[str, str]) -> int:
        """
        Store a secret; the version before it stays readable.

        Returns:
            Its version.

        Raises:
            MasterKeyUnusable: there is no key to close it with.
        """
        path = self._path(name)
        before = self._read(path)
        version = 1 if before is None else int(before["version"]) + 1
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = json.dumps(dict(parts)).encode()
        closed = AESGCM(self._key(create=True)).encrypt(nonce, plain, _bound(name, version))
        envelope = {"version": version, "nonce": _text(nonce), "closed": _text(closed)}
        if before is not None:
            envelope["before"] = {k: before[k] for k in ("version", "nonce", "closed")}
        _write(path, json.dumps(envelope).encode())
        return version

    def get(self, name: str, version: int = 0) -> Opened:
        """
        Open a secret.

        Args:
            name: Its name.
            version: The present one or the one before; nil: the present one.

        Raises:
            SecretMissing: there is none of this name, or not of this version any more.
            SecretUnreadable: this key does not open it.
            MasterKeyUnusable: there is no key.
        """
        envelope = self._read(self._path(name))
        if envelope is not None and version and envelope["version"] != version:
            envelope = envelope.get("before")
        if envelope is None or (version and envelope["version"] != version):
            raise SecretMissing(name)
        try:
            plain = AESGCM(self._key()).decrypt(
                base64.b64decode(envelope["nonce"]),
                base64.b64decode(envelope["closed"]),
                _bound(name, envelope["version"]),
            )
        except (InvalidTag, ValueError, KeyError):
            raise SecretUnreadable(name) from None
        return Opened(json.loads(plain), envelope["version"])

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens when there is none."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        """The file of a secret: its name may be anything."""
        return self._folder / f"{sha256(name.encode()).hexdigest()}.secret"

    def _read(self, path: Path) -> dict[str, Any] | None:
        """An envelope as it is stored."""
        try:
            envelope = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            raise SecretUnreadable(path.name) from None
        if not isinstance(envelope, dict):
            raise SecretUnreadable(path.name)
        return envelope

    def _key(self, *, create: bool = False) -> bytes:
        """The master key: given, or kept beside the secrets."""
        if self._given:
            return _parsed(self._given, "MONTHCLOSE_MASTER_KEY")
        path = self._folder / "master.key"
        if create and not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                _write(path, _text(secrets.token_bytes(KEY_BYTES)).encode(), exclusive=True)
        try:
            return _parsed(path.read_text("ascii"), str(path))
        except FileNotFoundError:
            raise MasterKeyUnusable(str(path)) from None


def fingerprint(parts: Mapping[str, str]) -> str:
    """Eight letters by which people compare secrets without seeing them."""
    told = json.dumps(sorted(parts.items())).encode()
    return sha256(b"monthclose fingerprint\0" + told).hexdigest()[:8]


def _bound(name: str, version: int) -> bytes:
    """What an envelope is bound to."""
    return f"{name}\0{version}".encode()


def _parsed(text: str, where: str) -> bytes:
    """A key from its base64."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise MasterKeyUnusable(where) from None
    if len(key) != KEY_BYTES:
        raise MasterKeyUnusable(where)
    return key


def _text(content: bytes) -> str:
    """Bytes as base64."""
    return base64.b64encode(content).decode("ascii")


def _write(path: Path, content: bytes, *, exclusive: bool = False) -> None:
    """Write a file for its owner alone, whole or not at all, and for good."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        if exclusive:
            os.link(fresh, path)
            fresh.unlink()
        else:
            fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
