"""How far has each column been read? The walk under way, and the end of the last whole one."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from worker.ledger.engine import insert, now
from worker.ledger.schema import columns
from worker.walk import Walk


def walked_at(connection: Connection, portal: str, column: str) -> float | None:
    """When the last whole walk ended (seconds since 1970), None before the first; a new column gets its row."""
    connection.execute(insert(connection, columns).values(portal=portal, name=column).on_conflict_do_nothing())
    query = select(columns.c.walked_at).where(columns.c.portal == portal, columns.c.name == column)
    return connection.execute(query).scalar()


def walk(connection: Connection, portal: str, column: str) -> Walk | None:
    """The walk under way."""
    query = select(columns.c.walk).where(columns.c.portal == portal, columns.c.name == column)
    stored = connection.execute(query).scalar()
    return Walk.model_validate(stored) if stored else None


def keep(connection: Connection, portal: str, walk: Walk) -> None:
    """Note how far a walk has come."""
    _set(connection, portal, walk.column, walk=walk.model_dump(mode="json"), error=None)


def complete(connection: Connection, portal: str, column: str) -> None:
    """Note that a column was read to the end of its window; the first time that was its baseline."""
    at = now(connection)
    baseline = func.coalesce(columns.c.baseline_at, at)
    _set(connection, portal, column, walk=None, error=None, walked_at=at, baseline_at=baseline)


def fail(connection: Connection, portal: str, column: str, error: str) -> None:
    """Note why a walk ended badly; its run will say so, and the next one starts from the top."""
    _set(connection, portal, column, walk=None, error=error)


def _set(connection: Connection, portal: str, column: str, **values: object) -> None:
    mine = (columns.c.portal == portal, columns.c.name == column)
    connection.execute(update(columns).where(*mine).values(**values))
