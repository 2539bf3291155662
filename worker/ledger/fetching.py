"""What may be fetched now, and where did a fetch leave its row? Only the holder of the row's lane may say so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from worker.ledger.engine import now
from worker.ledger.frontier import EVERYTHING, Archived, Item, Scope, expect_one, item_of
from worker.ledger.schema import frontier, lanes


def with_room(connection: Connection, scope: Scope, backlog: int) -> Scope:
    """What may be fetched now: the scope, or only its lists while `backlog` of its pages were fetched and not read.

    Lists are few, are read first, and what is new should be known also while a backfill is worked off.
    """
    some = scope.narrow(select(frontier.c.id).where(frontier.c.state == "collected")).limit(backlog)
    waiting = int(connection.execute(select(func.count()).select_from(some.subquery())).scalar_one())
    return scope if waiting < backlog else scope.model_copy(update={"only_lists": True})


def due_lanes(connection: Connection, limit: int, scope: Scope = EVERYTHING) -> list[str]:
    """Lanes that have something due and that nobody works, the most urgent first."""
    at = now(connection)
    free = ~exists().where(lanes.c.name == frontier.c.lane, or_(lanes.c.lease_until > at, lanes.c.not_before > at))
    query = (
        select(frontier.c.lane)
        .where(frontier.c.state == "due", frontier.c.next_attempt_at <= at, free)
        .group_by(frontier.c.lane)
        .order_by(func.min(frontier.c.priority), func.min(frontier.c.next_attempt_at))
        .limit(limit)
    )
    return list(connection.execute(scope.narrow(query)).scalars())


def next_due(connection: Connection, lane: str, scope: Scope = EVERYTHING) -> Item | None:
    """What the holder of a lane should fetch now: best priority first, oldest first within it."""
    query = (
        select(frontier)
        .where(frontier.c.lane == lane, frontier.c.state == "due", frontier.c.next_attempt_at <= now(connection))
        .order_by(frontier.c.priority, frontier.c.next_attempt_at, frontier.c.id)
        .limit(1)
    )
    row = connection.execute(scope.narrow(query)).mappings().first()
    return item_of(row) if row else None


def collected(connection: Connection, item: Item, page: Archived, lane_token: int) -> None:
    """Note that a page was fetched and archived; the row is ready to be read once no part is missing."""
    parts = item.parts[1:] if item.raw else item.parts
    raw = (*item.raw, page)
    values: dict[str, Any] = {
        "raw": [archived.model_dump() for archived in raw],
        "parts": [part.model_dump(mode="json", exclude_defaults=True) for part in parts],
        "state": "due" if parts else "collected",
        "next_attempt_at": now(connection),
        "error": None,
    }
    _write(connection, item, values, lane_token)


def give_up_parts(connection: Connection, item: Item, lane_token: int, error: str) -> None:
    """Let a page be read without the further parts that could not be fetched; `error` says why."""
    values = {"parts": [], "state": "collected", "next_attempt_at": now(connection), "error": error}
    _write(connection, item, values, lane_token)


def put_off(connection: Connection, item: Item, lane_token: int, seconds: float, error: str, *, charge: bool) -> None:
    """Try a row again after `seconds`, past its run; `charge` counts the attempt against the page, not its host."""
    values = {
        "next_attempt_at": now(connection) + seconds,
        "attempts": item.attempts + (1 if charge else 0),
        "error": error,
        "run_id": None,
    }
    _write(connection, item, values, lane_token)


def drop_due(connection: Connection, item: Item, lane_token: int) -> None:
    """Take a row off that ended while it was fetched (gone, blocked, not modified, failed)."""
    expect_one(connection.execute(delete(frontier).where(*_mine(item, lane_token))).rowcount, item)


def _write(connection: Connection, item: Item, values: dict[str, Any], lane_token: int) -> None:
    statement = update(frontier).where(*_mine(item, lane_token)).values(**values)
    expect_one(connection.execute(statement).rowcount, item)


def _mine(item: Item, lane_token: int) -> tuple[Any, ...]:
    """The row as its lane's holder was given it. A list's row that a newer run has begun again is another page's."""
    holds = exists().where(lanes.c.name == item.lane, lanes.c.token == lane_token)
    row = (frontier.c.id == item.id, frontier.c.state == "due", holds)
    return row if item.kind == "report" else (*row, frontier.c.run_id.is_not_distinct_from(item.run_id))
