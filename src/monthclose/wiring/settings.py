"""Every setting, in one place: environment variables that begin with MONTHCLOSE_."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from monthclose.ledger.errors import CloseError
from monthclose.wiring.language import PREFIX
from monthclose.wording import say


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a setting has to be, as each language says it."""

    name: str

    def shown(self, lang: str) -> str:
        """Say it in *lang*."""
        kind = "database_url" if self.name.startswith("database_url") else self.name
        return say(f"settings.{kind}", lang)


class SettingsInvalid(CloseError):
    """A setting that cannot be used."""

    code = "settings-invalid"

    def __init__(self, name: str) -> None:
        super().__init__(setting=PREFIX + name.upper(), wanted=Wanted(name))


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
        redis_url: Server of the limits that processes share; none: the embedded one.
        workers: Processes that divide each limit when that server is away.
        egress_test_allow: `127.0.0.1:PORT,…` that may be called for tests, over plain HTTP.
        rates_at: Other servers of rates, such as the sandbox's: `bcb=http://127.0.0.1:PORT,…`
            of `bcb`, `sgs` and `ecb`; each still has to be one that may be called.
        master_key: Opens the stored credentials: 32 bytes in base64; none: a key of its own
            in the home folder, which production refuses.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(default_factory=default_home)
    database_url: SecretStr | None = None
    database_url_migrator: SecretStr | None = None
    database_url_superuser: SecretStr | None = None
    env: Literal["development", "production"] = "development"
    user: str = ""
    lang: str = ""
    port: int | None = Field(default=None, ge=1, le=65535)
    redis_url: SecretStr | None = None
    workers: int = Field(default=4, ge=1, le=1000)
    egress_test_allow: str = ""
    rates_at: str = ""
    master_key: SecretStr | None = None

    @field_validator("database_url", "database_url_migrator", "database_url_superuser")
    @classmethod
    def _check_url(cls, given: SecretStr | None) -> SecretStr | None:
        """Refuse early what is no address: a driver that cannot read one repeats its password."""
        if given is not None and not is_postgresql(given.get_secret_value()):
            raise ValueError("no address of a PostgreSQL database")
        return given

    @field_validator("redis_url")
    @classmethod
    def _check_redis(cls, given: SecretStr | None) -> SecretStr | None:
        """Refuse early what is no address of a server."""
        if given is not None and not is_redis(given.get_secret_value()):
            raise ValueError("no address of a Redis or Valkey server")
        return given

    @field_validator("egress_test_allow")
    @classmethod
    def _check_egress(cls, given: str, info: ValidationInfo) -> str:
        """Let tests call loopback only, and production nothing that is for tests."""
        allowed = all(re.fullmatch(TEST_ADDRESS, each) for each in listed(given))
        if not allowed or (given and info.data.get("env") == "production"):
            raise ValueError("no addresses for tests")
        return given

    @field_validator("rates_at")
    @classmethod
    def _check_rates(cls, given: str) -> str:
        """Refuse early what names no server of rates."""
        for each in listed(given):
            name, _, url = each.partition("=")
            if name not in ("bcb", "sgs", "ecb") or not url.startswith(("http://", "https://")):
                raise ValueError("no servers of rates")
        return given

    @property
    def rate_addresses(self) -> dict[str, str]:
        """Other servers of rates, by publisher."""
        return {each.partition("=")[0]: each.partition("=")[2] for each in listed(self.rates_at)}

    @property
    def test_addresses(self) -> frozenset[str]:
        """`host:port` that may be called for tests."""
        return frozenset(listed(self.egress_test_allow))

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
        raise SettingsInvalid("_".join(str(part) for part in first["loc"]).lower()) from None


TEST_ADDRESS = r"(127\.0\.0\.1|localhost):\d{1,5}"


def listed(text: str) -> list[str]:
    """The items of a list with commas."""
    return [each.strip() for each in text.split(",") if each.strip()]


def is_redis(address: str) -> bool:
    """Whether an address names a Redis or Valkey server."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port  # a port that is no number is a ValueError
    except ValueError:
        return False
    return parts.scheme in ("redis", "rediss") and bool(host)


def is_postgresql(address: str) -> bool:
    """
    Whether an address names a role and a database of a PostgreSQL server.

    An @ or / of a password that was not encoded would end up in another part.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        return False
    parts = (url.host or "", url.database or "")
    return (
        url.get_backend_name() in ("postgresql", "postgres")
        and bool(url.username and url.database)
        and not any(mark in part for part in parts for mark in "@/")
    )
