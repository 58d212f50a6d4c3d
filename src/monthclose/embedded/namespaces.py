"""
As whom a server runs. PostgreSQL refuses root, and containers often have nothing else.

Root enters a user namespace in which it is called by an ordinary user's number: no
account is made, and the files on disk stay root's. Where that is refused, root's rights
are given up for those of an ordinary user, who then owns the data directory.
"""

import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from monthclose.embedded import keeper
from monthclose.embedded.errors import HomeUnwritable, RootRefused, Unreachable

# The number most first users have; `nobody` is in every account file.
USUAL_UID = 1000
USUAL_NAME = "nobody"


@dataclass(frozen=True, slots=True)
class Standing:
    """
    As whom a program runs.

    Attributes:
        how: `plain` as we are, `map` in a user namespace, `drop` with root given up.
        uid: User number the program sees itself as.
        gid: Group number, likewise.
        owner: User number that owns its files, as seen from outside.
    """

    how: Literal["plain", "map", "drop"]
    uid: int
    gid: int
    owner: int

    @property
    def words(self) -> list[str]:
        """What `keeper` is told."""
        return [self.how, str(self.uid), str(self.gid)]

    def command(self, program: Sequence[str]) -> list[str]:
        """Write the command that runs *program* with this standing."""
        if self.how == "plain":
            return list(program)
        return [*script(), "run", *self.words, "--", *program]


def script() -> list[str]:
    """Write the beginning of a command that runs `keeper`, apart from our environment."""
    return [sys.executable, "-I", "-S", keeper.__file__]


def standing(folder: Path, *, fresh: bool, namespaces: bool = True) -> Standing:
    """
    Decide as whom a server runs whose files are in *folder*.

    What exists already decides: an ordinary user's files are served as that user, also
    for root, so that either can start the server tomorrow.

    Args:
        folder: Where the files are or will be; it exists.
        fresh: Nothing is in it yet, so that the owner of the folder above counts.
        namespaces: False does as if the machine refused user namespaces.

    Raises:
        HomeUnwritable: the files belong to someone else, and we are not root.
        RootRefused: we are root, and cannot become anyone else.
    """
    uid, owner = os.geteuid(), folder.stat().st_uid
    if uid != 0:
        return _ordinary(folder, uid, namespaces=namespaces)
    if fresh and owner == 0 and _named(above := folder.parent.stat().st_uid):
        owner = above
    if owner != 0:
        return _dropped(owner)
    inner = _account()
    if namespaces and namespaces_allowed():
        return Standing("map", inner.pw_uid, inner.pw_gid, 0)
    return _dropped(inner.pw_uid)


def check_reach(who: Standing, *paths: Path) -> None:
    """
    Check that an ordinary user can pass to the given folders.

    Raises:
        Unreachable: the nearest folder that stands in the way.
    """
    if who.how != "drop":
        return
    for path in paths:
        for folder in (*reversed(path.parents), path):
            if folder.is_dir() and not _passes(who, folder):
                raise Unreachable(folder, who.uid)


@cache
def namespaces_allowed() -> bool:
    """Whether this machine lets us enter a user namespace; found out by trying."""
    inner = _account()
    tried = [*script(), "run", "map", str(inner.pw_uid), str(inner.pw_gid), "--", "/bin/true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def _ordinary(folder: Path, uid: int, *, namespaces: bool) -> Standing:
    if (owner := folder.stat().st_uid) != uid:
        raise HomeUnwritable(folder, uid, f"uid {owner}")
    if not _named(uid) and namespaces and namespaces_allowed():
        inner = _account()
        return Standing("map", inner.pw_uid, inner.pw_gid, uid)
    return Standing("plain", uid, os.getegid(), uid)


def _named(uid: int) -> bool:
    """Whether *uid* is an ordinary user with an account: initdb wants its user's name."""
    try:
        return pwd.getpwuid(uid).pw_uid != 0
    except KeyError:
        return False


def _dropped(uid: int) -> Standing:
    gid = pwd.getpwuid(uid).pw_gid if _named(uid) else uid
    who = Standing("drop", uid, gid, uid)
    tried = who.command(["/bin/true"])
    if subprocess.run(tried, capture_output=True, check=False).returncode != 0:
        raise RootRefused
    return who


def _account() -> pwd.struct_passwd:
    """Find an account other than root's to be called by."""
    accounts = {account.pw_uid: account for account in pwd.getpwall() if account.pw_uid}
    by_name = {account.pw_name: account for account in accounts.values()}
    for found in (accounts.get(USUAL_UID), by_name.get(USUAL_NAME), *accounts.values()):
        if found is not None:
            return found
    raise RootRefused


def _passes(who: Standing, folder: Path) -> bool:
    facts = folder.stat()
    if facts.st_uid == who.uid:
        return bool(facts.st_mode & 0o100)
    if facts.st_gid == who.gid:
        return bool(facts.st_mode & 0o010)
    return bool(facts.st_mode & 0o001)
