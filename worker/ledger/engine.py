"""Opens the ledger on SQLite or PostgreSQL, and tells the time by the database's clock."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from config.portal import ConfigError

BUSY_SECONDS = 30
AWAY = (OperationalError, NoConnection)  # busy, full, restarting or gone; what failed may succeed later

# A worker that is frozen in the middle of a transaction must not hold up the others for ever.
_POSTGRES = {
    "connect_timeout": 10,
    "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s",
}

# julianday has millisecond resolution and exists in every SQLite; unixepoch('subsec') needs 3.42.
_CLOCK = {
    "sqlite": text("SELECT (julianday('now') - 2440587.5) * 86400.0"),
    "postgresql": text("SELECT extract(epoch FROM clock_timestamp())::float8"),
}


def open_engine(url: str) -> Engine:
    """Open the database at `url`; raises ConfigError when it cannot be opened.

    SQLite runs in WAL mode with synchronous=FULL, and every transaction is BEGIN IMMEDIATE, because a deferred one
    that reads before it writes fails at once instead of waiting (https://sqlite.org/lang_transaction.html).
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "this is no database URL; set GONGBAO_DATABASE_URL, e.g. sqlite:///data/gongbao.sqlite3"
        ) from error
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = _sqlite(parsed)
        elif parsed.get_backend_name() == "postgresql":
            engine = create_engine(parsed, connect_args=_POSTGRES, pool_pre_ping=True, pool_size=5, max_overflow=10)
        else:
            raise ConfigError(f"{parsed.drivername} is not supported; use sqlite or postgresql")
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).split()
        raise ConfigError(
            f"cannot open the database {shown}: {' '.join(reason)}; check GONGBAO_DATABASE_URL or GONGBAO_HOME"
        ) from error
    return engine


def _sqlite(url: Any) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def now(connection: Connection) -> float:
    """Seconds since 1970 by the database's clock, the one clock that all workers share."""
    return float(connection.execute(_CLOCK[connection.dialect.name]).scalar_one())


def insert(connection: Connection, table: Table) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT; the two spell it the same."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def lock_names(connection: Connection, names: Sequence[str]) -> None:
    """Hold others off these names until the transaction ends.

    SQLite has one writer anyway; PostgreSQL takes advisory locks, in order, so that no two wait for each other.
    """
    if connection.dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
