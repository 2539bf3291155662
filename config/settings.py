"""What the operator chose: `GONGBAO_*` from the environment or a `.env` file, read once at an entry point."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from config.portal import ConfigError, words

PREFIX = "GONGBAO_"


class Settings(BaseModel):
    """Every setting, with its default; `gongbao settings` lists them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default=Path("data"), description="data folder: ledger, archive, embedded broker")
    database_url: str | None = Field(
        default=None, repr=False, description="PostgreSQL or SQLite URL; unset: SQLite in home"
    )
    broker_url: str | None = Field(
        default=None, repr=False, description="Redis or Valkey URL; unset: an embedded Valkey"
    )
    portals: Path | None = Field(default=None, description="folder of further portal TOML files")
    user_agent: str = Field(
        default="Gongbao/0.1 (archive of published government reports)",
        description="how the crawler names itself; add a contact address of yours",
    )
    connect_to: str | None = Field(
        default=None, description="tests and the demo: every fetch goes to this loopback host:port over HTTP"
    )
    delay: float | None = Field(default=None, ge=0, description="seconds between requests; only with connect_to")
    backlog: int = Field(
        default=2000, ge=1, description="most fetched pages that wait to be read; with so many only lists are fetched"
    )
    event_body: bool = Field(default=True, description="events carry body and sections")
    stream_cap: int = Field(default=100_000, ge=100, description="most entries kept on the stream gongbao:events")
    event_days: int = Field(
        default=30, ge=0, le=36500, description="days for which events are kept that everybody has; 0 keeps them all"
    )
    history_days: int = Field(
        default=365, ge=0, le=36500, description="days for which visits and runs are kept; 0 keeps them all"
    )
    webhook_secrets: SecretStr | None = Field(default=None, description="name=whsec_…, comma-separated")
    webhook_rate: int = Field(
        default=120, ge=1, description="requests a minute taken from one sender, over all servers"
    )
    read_token: SecretStr | None = Field(
        default=None, min_length=16, description="bearer token for reading the API; without one only loopback may read"
    )
    webhook_allow: str | None = Field(
        default=None, description="webhook receivers, host:port, excepted from the network guard"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level logged")

    @field_validator("user_agent")
    @classmethod
    def _is_a_header(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable() and value.strip() == value):
            raise ValueError("a header holds printable ASCII only, such as Gongbao/0.1 (archive; me@example.org)")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str | None) -> str | None:
        return _address(value, {"sqlite", "postgresql"}, "sqlite:///data/gongbao.sqlite3 or postgresql://…")

    @field_validator("broker_url")
    @classmethod
    def _is_a_broker(cls, value: str | None) -> str | None:
        return _address(value, {"redis", "rediss", "unix"}, "redis://127.0.0.1:6379/0, rediss://… or unix:///…")

    @field_validator("connect_to")
    @classmethod
    def _is_loopback(cls, value: str | None) -> str | None:
        if value is None:
            return None
        host, _, port = value.rpartition(":")
        if host not in {"127.0.0.1", "localhost", "[::1]"} or not _is_port(port):
            raise ValueError("must be a loopback host:port such as 127.0.0.1:8080")
        return value

    @field_validator("webhook_allow")
    @classmethod
    def _are_hosts_and_ports(cls, value: str | None) -> str | None:
        for part in (value or "").split(","):
            host, _, port = part.strip().rpartition(":")
            if part.strip() and not (host and _is_port(port)):
                raise ValueError(f"{part.strip()} is no host:port such as 127.0.0.1:9000")
        return value

    @model_validator(mode="after")
    def _delay_needs_connect_to(self) -> Settings:
        if self.delay is not None and self.connect_to is None:
            raise ValueError("GONGBAO_DELAY is only allowed together with GONGBAO_CONNECT_TO")
        return self

    def environment(self) -> dict[str, str]:
        """The settings that are set, as a child process reads them from its environment: name in lower case, value."""
        found = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            if value is not None:
                found[name] = str(value)
        return found

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'gongbao.sqlite3'}"


def _address(value: str | None, schemes: set[str], example: str) -> str | None:
    """A URL of one of these schemes; what is wrong with it is told without showing it, since it may hold a password."""
    if value is None:
        return None
    scheme, there, _ = value.partition("://")
    try:
        parts = urlsplit(value)
        odd = parts.netloc.count("@") > 1 or parts.port == 0
    except ValueError:  # a port that is none
        odd = True
    if odd or not there or scheme.partition("+")[0] not in schemes:
        raise ValueError(f"must be a URL such as {example}; @ and / in a password are written %40 and %2F")
    return value


def load_settings(environ: Mapping[str, str], dotenv: Path | None = Path(".env")) -> Settings:
    """Settings from the environment, and from `dotenv` where the environment is silent.

    `GONGBAO_<NAME>_FILE` names a file that holds the value, so that a secret need not be in the environment.
    Raises ConfigError for a misspelt name, one that is set in both ways, or a value that does not fit.
    """
    values = {**(_read(dotenv) if dotenv and dotenv.is_file() else {}), **environ}
    chosen: dict[str, str] = {}
    for name, value in values.items():
        if not name.startswith(PREFIX) or value is None:
            continue
        field, given = _given(name, value)
        if given is None:  # as in a .env file whose values are still to be filled in
            continue
        if field in chosen:
            raise ConfigError(f"{name} is set twice, by itself and by a file")
        chosen[field] = given
    try:
        return Settings.model_validate(chosen)
    except ValidationError as error:
        first = error.errors()[0]
        where = PREFIX + str(first["loc"][0]).upper() + ": " if first["loc"] else ""
        raise ConfigError(f"{where}{words(first)}") from error


def _read(dotenv: Path) -> Mapping[str, str | None]:
    """What a `.env` file sets; a line that says nothing is a mistake, and no reason to go on without it."""
    try:
        written = dotenv.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {dotenv}: {error}") from error
    for statement in parse_stream(StringIO(written)):
        if statement.error:
            raise ConfigError(f"{dotenv}: line {statement.original.line} is no NAME=value")
    return dotenv_values(stream=StringIO(written))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def _given(name: str, value: str) -> tuple[str, str | None]:
    """The field that a variable sets, and to what; None for a variable that is empty."""
    field = name.removeprefix(PREFIX).lower()
    if field in Settings.model_fields:
        return field, value or None
    if field.removesuffix("_file") in Settings.model_fields:
        if not value:
            return field.removesuffix("_file"), None
        try:
            return field.removesuffix("_file"), Path(value).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name}: cannot read {value}: {error}") from error
    near = difflib.get_close_matches(field, Settings.model_fields, n=1)
    hint = f"did you mean {PREFIX}{near[0].upper()}?" if near else "run `gongbao settings` for the list"
    raise ConfigError(f"unknown setting {name}; {hint}")
