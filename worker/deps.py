"""What the verbs need from outside: opened once at an entry point, passed down, replaced by fakes in tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine

from config.portal import ConfigError, Portal, load_portals
from config.settings import Settings
from crawlers import registry
from worker import holders
from worker.archive import Archive
from worker.ledger.engine import open_engine
from worker.ledger.migrate import migrate


@dataclass(frozen=True)
class Deps:
    """The ledger, the archive, the portals and the settings; `holder` names this process in leases."""

    settings: Settings
    portals: Mapping[str, Portal]
    ledger: Engine
    archive: Archive
    holder: str = field(default_factory=holders.name)


def open_deps(settings: Settings, *, upgrade: bool = True) -> Deps:
    """Open everything that the settings name; `upgrade` brings the database to this version's schema.

    Raises ConfigError for a portal, a folder or a database that cannot be used.
    """
    portals = read_portals(settings)
    if settings.database_url is None:
        make_home(settings)
    ledger = open_engine(settings.database)
    migrate(ledger, upgrade=upgrade)
    return Deps(settings, portals, ledger, Archive(settings.home / "archive"))


def read_portals(settings: Settings) -> dict[str, Portal]:
    """The built-in portals and the operator's own. Raises ConfigError for one that cannot be read."""
    portals = load_portals(*([settings.portals] if settings.portals else []))
    for portal in portals.values():
        registry.check(portal)
    return portals


def make_home(settings: Settings) -> None:
    """Make the data folder; a ConfigError says what is in the way."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot make the data folder {settings.home}: {error.strerror}; set GONGBAO_HOME") from error
