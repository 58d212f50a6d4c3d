"""The demo at the command line: what was read over HTTP, and the close of it."""

import json

import pytest

pytestmark = pytest.mark.server


@pytest.mark.parametrize(("lang", "said"), [("en", "read over HTTP"), ("pt-BR", "lido por HTTP")])
def test_the_command_says_what_was_read_and_closes(run, tmp_path, lang, said):
    """The same figures whatever the language, and as JSON where each company came from."""
    shown = run("demo", "--entities", "3", "--lang", lang, home=tmp_path / "home")
    assert shown.returncode == 0, shown.stderr
    assert said in shown.stdout
    told = run("demo", "--entities", "3", "--json", home=tmp_path / "home")
    payload = json.loads(told.stdout)
    assert [each["erp"] for each in payload["pulled"]] == ["totvs", "totvs", "omie"]
    assert payload["result_hash"] in shown.stdout
