"""Brings a database to this version's schema, and refuses one that a newer version has made.

Migrations expand before they contract: a new version adds what it needs, and only a later one removes what nobody
reads any more, so that workers of two neighbouring versions can share a database while they are replaced.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from config.portal import ConfigError
from worker.ledger.engine import lock_names

HEAD = "0004"
_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, *, upgrade: bool = True) -> bool:
    """Make the schema current; True when something was changed.

    With `upgrade` false an old schema is a ConfigError, as one from a newer version always is. Any number of
    processes may call this at once.
    """
    with engine.begin() as connection:
        if _version(connection) == HEAD:
            return False
        lock_names(connection, ["gongbao migrate"])
        version = _version(connection)
        if version == HEAD:
            return False
        if version is not None and version > HEAD:
            raise ConfigError(
                f"the database has schema {version}, made by a newer Gongbao; this one knows {HEAD}: update it"
            )
        if not upgrade:
            raise ConfigError(
                f"the database has schema {version or 'none'}, this version needs {HEAD}: run gongbao migrate"
            )
        _upgrade(connection)
        return True


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # alembic takes longer to import than all the rest, and is seldom needed
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_SCRIPTS))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
