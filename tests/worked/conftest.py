"""Say at the end which parts of the worked cases the engine does not carry yet."""

import pytest

from tests.worked.pending import PENDING


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the list of pending parts, unless a folder of one's own was named."""
    if terminalreporter.config.getoption("--golden-dir") is not None:
        return
    terminalreporter.section("worked cases: parts not carried yet")
    for (case, part), needs in PENDING.items():
        terminalreporter.line(f"{case} {part}: needs {needs}")
