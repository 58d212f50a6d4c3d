"""
What every test may rely on: the same examples each time, closed sockets, expected documents.

Hypothesis draws its examples from the test's own source, not from chance: a failure seen once
is seen again, on any machine. Continuous integration draws more of them.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() == "true"
LOOPBACK = ["127.0.0.1", "::1", "localhost"]

# A busy machine is no reason to fail, so neither deadlines nor slow data count.
settings.register_profile(
    "house",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("house"), max_examples=300)
settings.load_profile("ci" if IN_CI else "house")

Golden = Callable[[str, str | bytes], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for worked cases and for expected documents."""
    group = parser.getgroup("monthclose")
    group.addoption(
        "--golden-dir",
        type=Path,
        default=None,
        metavar="DIR",
        help="run the worked cases (*.json) directly in DIR, and only those",
    )
    group.addoption(
        "--golden-update",
        action="store_true",
        help="rewrite the expected documents instead of comparing with them",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Open loopback, and nothing else, to tests of servers; mark tests of printed documents."""
    if item.get_closest_marker("server"):
        item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
    if "golden" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.golden)


@pytest.fixture(scope="session")
def shared() -> Path:
    """
    Give the folder of reference material beside the checkout.

    A desk may do without it, and then skips what needs it. Continuous integration may not:
    there, a test that quietly did not run would look like one that passed.
    """
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        (pytest.fail if IN_CI else pytest.skip)(f"needs {folder.name}/ beside the checkout")
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """
    Compare a printed document with the expected one, in `expected/` beside the test.

    With `--golden-update` (`make golden`) the expected document is written instead.
    """
    folder = request.path.parent / "expected"
    settle = rewrite if request.config.getoption("--golden-update") else compare
    return lambda name, printed: settle(folder / name, printed)


def rewrite(file: Path, printed: str | bytes) -> None:
    """Make *printed* the expected document."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(printed.encode() if isinstance(printed, str) else printed)


def compare(file: Path, printed: str | bytes) -> None:
    """Fail unless *printed* is the expected document; text shows the lines that differ."""
    assert file.is_file(), f"{file.name} has no expected document yet: make golden"
    if isinstance(printed, str):
        assert printed.splitlines() == file.read_text("utf-8").splitlines()
        printed = printed.encode()
    assert printed == file.read_bytes(), f"{file.name} is not as expected: make golden"
