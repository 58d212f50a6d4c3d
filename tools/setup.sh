#!/bin/sh
# Bring .venv up to date with pyproject.toml and the lock, or say what is missing.
#
# Every make target runs this first, so the usual case is one comparison and done. Nothing is
# taken from the machine but a Python 3.13 (or newer) and, if it is there, uv.
set -eu

# These would bend which Python runs or where packages go; how to reach an index is left alone.
unset CDPATH PYTHONHOME PYTHONPATH PIP_PREFIX PIP_TARGET PIP_USER VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1
# A company's own certificate is in the system's store; pip looks there, uv has to be told.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"

cd "$(dirname "$0")/.."
root=$(pwd -P)
lock=requirements/dev.lock
stamp=.venv/.stamp
# A Python inside a virtual environment answers for the one it came from: the environment
# about to be rebuilt may be the one that is active.
ask='import sys
found = getattr(sys, "_base_executable", None) or sys.executable
print(".".join(map(str, sys.version_info[:3])), found)
sys.exit(sys.version_info < (3, 13))'

say() { printf '%s\n' "$*" >&2; }

# What is to be installed, and where: an environment does not survive a move of its checkout.
wanted() { printf '%s\n' "$root" && cat pyproject.toml "$lock" tools/setup.sh; }

runs() { .venv/bin/python -c "$ask" >/dev/null 2>&1; }

current() { wanted | cmp -s - "$stamp" 2>/dev/null && runs; }

find_python() {
    tried=
    for candidate in "${PYTHON:-}" python3.13 python python3 .venv/bin/python; do
        [ -n "$candidate" ] || continue
        if answer=$("$candidate" -c "$ask" 2>/dev/null); then
            version=${answer%% *} python=${answer#* }
            return
        fi
        if ! command -v "$candidate" >/dev/null; then answer="not found"; fi
        tried="$tried
    $candidate: ${answer:-does not run}"
    done
    if command -v uv >/dev/null && python=$(uv python find --no-python-downloads '>=3.13' 2>/dev/null)
    then
        version=$("$python" -c 'import platform; print(platform.python_version())')
        return
    fi
    say "No Python 3.13 or newer. Tried:$tried
Install Python 3.13, or name one: make PYTHON=/path/to/python3.13"
    exit 1
}

# Two makes at once: the second waits, then finds the work done. The lock is on the checkout
# itself, so there is no file to leave behind; the kernel drops it when this script ends.
wait_for_turn() {
    exec 9<.
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' 9<&9 2>/dev/null ||
        say "This file system has no locks; going on without one."
}

build() {
    say "Building .venv with Python $version ($python)."
    rm -rf .venv 2>/dev/null || true # a mounted folder stays, and is emptied by --clear
    if "$python" -m venv --clear .venv >&2; then return; fi
    # A distribution may have split off what venv needs; uv brings its own.
    if command -v uv >/dev/null && uv venv --quiet --clear --python "$python" .venv; then return; fi
    say "$python cannot make a virtual environment in $root.
If its venv module is missing, install it (on Debian: python3-venv); if not, see that you may write there."
    return 1
}

# A home that is missing or read-only has no room for uv's cache.
spare_home() {
    if [ -n "${UV_CACHE_DIR:-}" ]; then return; fi
    cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    if [ -n "$cache" ] && mkdir -p "$cache/uv" 2>/dev/null && [ -w "$cache/uv" ]; then return; fi
    export UV_NO_CACHE=1
}

find_uv() {
    uv=$(command -v uv) && return
    uv=.venv/bin/uv
    if "$uv" --version >/dev/null 2>&1; then return; fi
    # The lock's own lines for uv, so that the installer is checked like what it installs.
    sed -n '/^uv==/,/[^\\]$/p' "$lock" >.venv/uv.lock
    .venv/bin/python -m pip install -qq --no-deps --require-hashes -r .venv/uv.lock >&2
}

# The package itself last and without isolation: its build tool is in the lock like the rest.
install() {
    say "Installing what $lock lists."
    find_uv &&
        "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r "$lock" &&
        "$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e . &&
        return
    say "uv did not manage it; trying pip."
    .venv/bin/python -m pip install -qq --require-hashes -r "$lock" >&2 &&
        .venv/bin/python -m pip install -qq --no-deps --no-build-isolation -e . >&2
}

if current; then exit 0; fi
find_python
wait_for_turn
if current; then exit 0; fi

spare_home
if ! rm -f "$stamp"; then
    say "The environment in $root/.venv is not yours to change."
    exit 1
fi
fresh=
if ! runs || ! grep -qF "$root/.venv" .venv/bin/activate 2>/dev/null; then
    build
    fresh=yes
fi
if ! install; then
    # An environment left half-made can refuse an update where a new one works. If the new one
    # fails too (no network, say), the old one comes back.
    [ -z "$fresh" ] && rm -rf .venv.old && mv .venv .venv.old && build && install || {
        if [ -d .venv.old ]; then rm -rf .venv && mv .venv.old .venv; fi
        say "The environment could not be brought up to date; the lines above say why."
        exit 1
    }
    rm -rf .venv.old
fi
wanted >"$stamp.new" && mv "$stamp.new" "$stamp"
