"""Settings, as the environment gives them."""

import os

import pytest
from pydantic import SecretStr

from monthclose.wiring.settings import Settings, SettingsInvalid, default_home, read_settings


@pytest.fixture
def environment(monkeypatch):
    """Set settings, and those alone."""
    for name in [name for name in os.environ if name.startswith("MONTHCLOSE_")]:
        monkeypatch.delenv(name)
    return monkeypatch.setenv


@pytest.mark.parametrize(("name", "wanted"), [("PORT", "65535"), ("ENV", "production")])
def test_a_bad_value_is_named_without_being_repeated(environment, name, wanted):
    environment(f"MONTHCLOSE_{name}", "secret-word")
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    for lang in ("en", "pt-BR"):
        said = refused.value.message(lang)
        assert f"MONTHCLOSE_{name}" in said
        assert wanted in said
        assert "secret-word" not in said


@pytest.mark.parametrize(
    "address",
    [
        "rubbish",
        "mysql://role:secret-word@127.0.0.1/x",
        "sqlite:///x.db",
        "postgresql://role:secret-word@127.0.0.1:port/x",
        "postgresql://role:secret-word@127.0.0.1",
        "postgresql://127.0.0.1/x",
        "postgresql://role:p@secret-word/w@127.0.0.1/x",
    ],
)
@pytest.mark.parametrize("kind", ["", "_MIGRATOR", "_SUPERUSER"])
def test_an_address_that_is_none_is_named_without_being_repeated(environment, kind, address):
    environment(f"MONTHCLOSE_DATABASE_URL{kind}", address)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    assert f"MONTHCLOSE_DATABASE_URL{kind} " in str(refused.value)
    assert "secret-word" not in str(refused.value)
    assert "precisa ser um endereço" in refused.value.message("pt-BR")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://role:p%40ss%2Fword@127.0.0.1:5432/x",
        "postgresql://role@/x?host=/run/postgresql",
        "postgres://role:word@host/x",
    ],
)
def test_an_address_is_taken_as_people_write_it(environment, address):
    environment("MONTHCLOSE_DATABASE_URL", address)
    assert read_settings().database_url == SecretStr(address)


def test_a_setting_that_is_empty_is_none(environment):
    for name in ("HOME", "DATABASE_URL", "PORT", "ENV", "USER"):
        environment(f"MONTHCLOSE_{name}", "")
    assert read_settings() == Settings(home=default_home())
