"""The notebook page does what it says: its blocks run, in order, and its asserts hold."""

import re
from pathlib import Path

from monthclose.groupfolder import write_example

PAGE = Path(__file__).resolve().parents[2] / "docs" / "notebook.md"


def test_the_blocks_of_the_page_run_in_order(tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 3
    write_example(tmp_path / "example")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), names)
    said = re.findall(r"^print\(.*?\)\s+# (\S+?)[:\n]", blocks[0] + "\n", re.MULTILINE)
    assert said[0] in capsys.readouterr().out.splitlines()
