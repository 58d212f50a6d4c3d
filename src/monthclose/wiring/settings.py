"""Every setting, in one place: environment variables that begin with MONTHCLOSE_."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from monthclose.ledger.errors import CloseError
from monthclose.wiring.language import PREFIX


class SettingsInvalid(CloseError):
    """A setting that cannot be used."""

    code = "settings-invalid"

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(setting=setting, problem=problem)


def default_home() -> Path:
    """Where an installation keeps its data unless told: the user's data folder."""
    given = os.environ.get("XDG_DATA_HOME")
    if given and Path(given).is_absolute():
        return Path(given) / "monthclose"
    try:
        return Path.home() / ".local" / "share" / "monthclose"
    except RuntimeError:  # no home at all: a service account
        return Path.cwd() / ".monthclose"


class Settings(BaseSettings):
    """
    What the installation says about itself.

    Attributes:
        home: Folder of the embedded mode: database, packs, secrets.
        database_url: PostgreSQL for people (role `monthclose_app`); none: embedded.
        database_url_migrator: The same for migrations (role `monthclose_migrator`).
        database_url_superuser: The same for making roles and database, once.
        env: `production` refuses what only a desk may do.
        user: Login to act as; empty: `local` in embedded mode.
        lang: `pt-BR` or `en`; empty: the system's.
        port: Port of the embedded database; none: a free one.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    home: Path = Field(default_factory=default_home)
    database_url: SecretStr | None = None
    database_url_migrator: SecretStr | None = None
    database_url_superuser: SecretStr | None = None
    env: Literal["development", "production"] = "development"
    user: str = ""
    lang: str = ""
    port: int | None = Field(default=None, ge=1, le=65535)

    @property
    def embedded(self) -> bool:
        """Whether the database is our own."""
        return self.database_url is None


def read_settings() -> Settings:
    """
    Read the settings from the environment.

    Raises:
        SettingsInvalid: one of them cannot be used; the value itself is not repeated.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsInvalid(name, first["msg"]) from None
