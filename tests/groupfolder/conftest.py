"""A folder that reads, to spoil."""

from pathlib import Path

import pytest

from monthclose.groupfolder import write_example


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example group, without a mistake."""
    folder = tmp_path / "group"
    write_example(folder)
    return folder
