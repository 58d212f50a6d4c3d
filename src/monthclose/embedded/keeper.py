"""
A script that runs a server as somebody else, and stays until nobody uses it.

It runs by itself (`python -I -S keeper.py …`), knowing only the standard library, so
that it starts in a few hundredths of a second and no command has to fork:

    run HOW UID GID -- PROGRAM …          become that user, then be the program
    keep START USERS FD HOW UID GID -- …  have the program as a child, and watch

The keeper is the server's parent, in a session of its own. A Ctrl-C or `kill -9` of the
command that started it therefore neither touches the server nor leaves it for ever: each
command holds a shared lock on USERS, which the kernel drops with the process, and when
the last is gone the keeper stops the server. Starting and stopping happen under an
exclusive lock on START. FD is an empty file, locked by whoever started the keeper: it
stays locked exactly as long as the keeper lives, and says who keeper and server are.

A server that was killed (by hand, or by a system out of memory) is started again with the
same words, so that those who use it find it at the same address a moment later.
"""

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import sys
import time

LOOK_S = 1.0
FAST_STOP_S = 60.0
# What a killed server leaves refuses the next one until the last of it is collected.
REMAINS_S = 20.0
RETRY_S = 0.1
PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    """Do what the command line says; see the module."""
    split = argv.index("--")
    words, program = argv[:split], argv[split + 1 :]
    *rest, how, uid, gid = words
    if rest[0] == "run":
        become(how, int(uid), int(gid))
        os.execv(program[0], program)  # noqa: S606
    _, start, users, lock = rest
    keep(start, users, int(lock), (how, int(uid), int(gid)), program)


def become(how: str, uid: int, gid: int) -> None:
    """
    Turn this process into the user that is to run a program.

    Args:
        how: `map` enters a user namespace in which the present user is called *uid*;
            `drop` gives root up for *uid*; `plain` changes nothing.
        uid: A user other than root.
        gid: The group, likewise.

    Raises:
        OSError: the machine refuses.
    """
    if how == "map":
        outer_uid, outer_gid = os.geteuid(), os.getegid()
        os.unshare(os.CLONE_NEWUSER)
        # The kernel takes a group map from an ordinary process only after this word.
        for file, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {outer_uid} 1"),
            ("gid_map", f"{gid} {outer_gid} 1"),
        ):
            written = os.open(f"/proc/self/{file}", os.O_WRONLY)
            os.write(written, text.encode())
            os.close(written)
    elif how == "drop":
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def keep(start: str, users: str, lock: int, who: tuple[str, int, int], program: list[str]) -> None:
    """Run *program* until it ends, is told to, or nobody holds *users* any more."""
    with contextlib.suppress(PermissionError):  # already the leader of a session
        os.setsid()
    os.set_inheritable(lock, False)
    wake = _listen()
    start_fd = os.open(start, os.O_RDWR | os.O_CLOEXEC)
    users_fd = os.open(users, os.O_RDWR | os.O_CLOEXEC)
    killed_at = -REMAINS_S
    while True:
        child = _spawn(who, program)
        os.pwrite(lock, f"{os.getpid():<10} {child:<10}\n".encode(), 0)
        while (status := _ended(child)) is None:
            if _told or _abandoned(start_fd, users_fd):
                _stop(child, wake)
                return
            _pause(wake, LOOK_S)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed_at = time.monotonic()
        if _told or time.monotonic() - killed_at >= REMAINS_S:
            return
        _pause(wake, RETRY_S)


_told: list[int] = []


def _listen() -> int:
    """Make child deaths and SIGTERM readable; give the descriptor to read."""
    wake, write = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: _told.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.set_wakeup_fd(write)
    return wake


def _spawn(who: tuple[str, int, int], program: list[str]) -> int:
    """Start the program as *who*, and give its process id."""
    keeper = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        become(*who)
        # Becoming someone clears this, so it comes after: a server whose keeper was
        # killed would have no one to stop it, so it stops by itself.
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() == keeper:
            os.execv(program[0], program)  # noqa: S606
    except BaseException as error:
        os.write(2, f"FATAL:  {program[0]}: {error}\n".encode())
    os._exit(127)


def _abandoned(start_fd: int, users_fd: int) -> bool:
    """Whether nobody uses the server; if so, both locks stay with the keeper."""
    for fd, taken in ((start_fd, None), (users_fd, start_fd)):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if taken is not None:
                fcntl.flock(taken, fcntl.LOCK_UN)
            return False
    return True


def _stop(child: int, wake: int) -> None:
    """End the program: SIGINT disconnects its clients, SIGQUIT leaves recovery to do."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        os.kill(child, number)
        deadline = time.monotonic() + FAST_STOP_S
        while time.monotonic() < deadline:
            if _ended(child) is not None:
                return
            _pause(wake, 0.1)


def _ended(child: int) -> int | None:
    """Give how the program ended, or None while it runs."""
    ended, status = os.waitpid(child, os.WNOHANG)
    return status if ended else None


def _pause(wake: int, seconds: float) -> None:
    """Wait for a signal, or so long."""
    if select.select([wake], [], [], seconds)[0]:
        os.read(wake, 4096)


if __name__ == "__main__":
    main(sys.argv[1:])
