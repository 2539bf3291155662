"""What a portal is: ten lines of TOML, checked before anything is fetched."""

from __future__ import annotations

import codecs
import difflib
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from croniter import croniter
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

BUILT_IN = Path(__file__).parent / "portals"


class ConfigError(Exception):
    """A mistake in what the operator wrote; the message says where and what to do."""


class Column(BaseModel):
    """One list of a portal (栏目) that is watched.

    `order` is how rows are sorted: by recency of appearance, by displayed date, or not at all. `min_items` is the
    fewest rows that a healthy first page has, `may_be_empty` says that none is fine. `overlap_days` is how far
    behind the newest known row a walk still reads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: str
    order: Literal["recency", "date", "none"] = "date"
    may_be_empty: bool = False
    min_items: int = Field(default=1, ge=0)
    max_pages: int = Field(default=50, ge=1)
    overlap_days: int = Field(default=30, ge=0)
    since: str | None = None

    @field_validator("since", mode="before")
    @classmethod
    def _is_a_day(cls, since: object) -> object:
        """TOML has days of its own, and either spelling is one."""
        if since is None or type(since) is date:
            return since and since.isoformat()
        try:
            return date.fromisoformat(str(since)).isoformat()
        except ValueError:
            raise ValueError(f"{since} is no day; write it as 2025-03-01") from None


Selector = Annotated[str, Field(min_length=1, max_length=500)]


class Selectors(BaseModel):
    """CSS selectors that replace the family's own where one portal's template deviates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Selector | None = None
    body: Selector | None = None
    row: Selector | None = None


class Portal(BaseModel):
    """A government portal and how to read it politely.

    `family` names a module of `crawlers/cms` or `crawlers/sites`. `url` is the canonical origin and `aliases` are
    other hosts that serve the same pages. `twins` are path prefixes under which the same pages are served again (a
    mobile edition), `ignored_query` names query parameters that change nothing. `lane` names a queue shared by hosts
    on one machine; by default it is the host. `delay` is seconds between requests. It is due every so many
    minutes, or at the times of a `cron` expression on China's clock. `region_code` is GB/T 2260.
    `verified` is false while something here was inferred and not seen; `notes` says what.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    family: str
    url: str
    aliases: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    ignored_query: tuple[str, ...] = ()
    region_code: str | None = Field(default=None, pattern=r"^\d{6}$")
    every_minutes: int = Field(default=30, ge=1)
    cron: str | None = None
    delay: float = Field(default=2.0, ge=0)
    lane: str | None = None
    tls: Literal["default", "legacy"] = "default"
    encoding: str | None = None
    verified: bool = True
    notes: str = ""
    selectors: Selectors = Selectors()
    columns: tuple[Column, ...] = Field(min_length=1)

    @field_validator("url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        if not _is_origin(url):
            raise ValueError("must be an origin such as https://www.example.gov.cn")
        return url.rstrip("/")

    @field_validator("aliases")
    @classmethod
    def _are_hosts(cls, aliases: tuple[str, ...]) -> tuple[str, ...]:
        for alias in aliases:
            if not _is_origin(f"http://{alias}") or alias != urlsplit(f"http://{alias}").hostname:
                raise ValueError(f"{alias} is no host such as www.example.gov.cn, in small letters and without a port")
        return aliases

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, encoding: str | None) -> str | None:
        try:
            return encoding and codecs.lookup(encoding) and encoding
        except LookupError:
            raise ValueError(f"{encoding} is no encoding; most pages that are not utf-8 are gb18030") from None

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, cron: str | None) -> str | None:
        if cron is not None and not croniter.is_valid(cron):
            raise ValueError("must be a cron expression of five fields such as */30 8-18 * * 1-5")
        return cron

    @model_validator(mode="after")
    def _columns_are_on_the_portal(self) -> Portal:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("two columns have the same name")
        for column in self.columns:
            if not self.owns(column.url):
                raise ValueError(f"column {column.name}: {column.url} is not on {', '.join(sorted(self.hosts))}")
        return self

    @property
    def host(self) -> str:
        """The canonical host."""
        return urlsplit(self.url).hostname or ""

    @property
    def hosts(self) -> frozenset[str]:
        """The canonical host and its aliases."""
        return frozenset({self.host, *self.aliases})

    def owns(self, url: str) -> bool:
        """Whether the address is http or https on one of the portal's hosts."""
        try:
            parts = urlsplit(url)
            return parts.scheme in {"http", "https"} and (parts.hostname or "").rstrip(".") in self.hosts
        except ValueError:
            return False


def load_portals(*folders: Path) -> dict[str, Portal]:
    """Read every `<name>.toml` of the built-in folder and of `folders`; a later one replaces an earlier one.

    Raises ConfigError, naming the file and the key, for anything that is not a portal, and for two portals that would
    ask one host without knowing of each other.
    """
    portals: dict[str, Portal] = {}
    for folder in (BUILT_IN, *folders):
        if not folder.is_dir():
            raise ConfigError(f"{folder} is no folder: set GONGBAO_PORTALS to a folder of portal TOML files")
        for path in sorted(folder.glob("*.toml")):
            portals[path.stem] = read_portal(path)
    _check_lanes(portals)
    return portals


def read_portal(path: Path) -> Portal:
    """Read one portal; its name is the file's."""
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        return Portal.model_validate({**facts, "name": path.stem})
    except ValidationError as error:
        raise ConfigError(f"{path}: {_explain(error)}") from error


def choose(portals: dict[str, Portal], names: list[str]) -> list[Portal]:
    """The named portals, or all of them when no name is given; an unknown name is a ConfigError."""
    for name in names:
        if name not in portals:
            near = difflib.get_close_matches(name, portals, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(portals))}"
            raise ConfigError(f"no portal is called {name}; {hint}")
    return [portals[name] for name in names or sorted(portals)]


def owner(portals: dict[str, Portal], url: str) -> Portal | None:
    """The portal that an address belongs to, by host."""
    return next((portal for portal in portals.values() if portal.owns(url)), None)


def _check_lanes(portals: dict[str, Portal]) -> None:
    """Every host is asked through one lane, or its delay would not hold."""
    first: dict[str, Portal] = {}
    for portal in portals.values():
        for host in sorted(portal.hosts):
            other = first.setdefault(host, portal)
            lane = other.lane or other.host
            if lane != (portal.lane or portal.host):
                raise ConfigError(f'{host} belongs to {other.name} and {portal.name}: set lane = "{lane}" in both')


def words(mistake: Mapping[str, object]) -> str:
    """What pydantic says of a mistake, in an operator's terms."""
    return str(mistake["msg"]).removeprefix("Value error, ").replace("valid tuple", "list")


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"} and parts.port != 0
        )
    except ValueError:
        return False


def _explain(error: ValidationError) -> str:
    """The mistake that explains the others, a misspelt key with what was meant, else the first."""
    mistakes = error.errors()
    first = next((mistake for mistake in mistakes if mistake["type"] == "extra_forbidden"), None) or next(
        iter(mistakes)
    )
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{where}: {words(first)}" if where else words(first)
    model = Column if "columns" in first["loc"] else Selectors if "selectors" in first["loc"] else Portal
    near = difflib.get_close_matches(str(first["loc"][-1]), model.model_fields, n=1)
    return f"unknown key {where}" + (f"; did you mean {near[0]}?" if near else "")
