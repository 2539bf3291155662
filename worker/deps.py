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


def open_deps(settings: Settings, *, upgrade: bool | None = None) -> Deps:
    """Open everything that the settings name; `upgrade` brings the database to this version's schema.

    Where nothing is said, only the ledger of our own in the data folder is brought there: in a database that the
    operator named others may be at work, and it is for `gongbao migrate`. Raises ConfigError for a portal, a folder or
    a database that cannot be used, and for a schema that is not this version's.
    """
    deps = open_child_deps(settings)
    migrate(deps.ledger, upgrade=settings.database_url is None if upgrade is None else upgrade)
    return deps


def open_child_deps(settings: Settings) -> Deps:
    """The same for a child of a process that found the schema to be its version's when it began.

    The schema may have been migrated since then: it was only added to, and the children that the old workers still
    start go on beside the new ones.
    """
    portals = read_portals(settings)
    if settings.database_url is None:
        make_home(settings)
    return Deps(settings, portals, open_engine(settings.database), Archive(settings.home / "archive"))


def read_portals(settings: Settings) -> dict[str, Portal]:
    """The built-in portals and the operator's own. Raises ConfigError for one that could not be read."""
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
