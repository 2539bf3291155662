"""Who reads which of the fetched pages? One reader a row, by a token of its own and a short lease."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from crawlers.models import Request
from worker.ledger.engine import now
from worker.ledger.frontier import EVERYTHING, Item, Scope, expect_one, item_of
from worker.ledger.schema import frontier

READ_LEASE_SECONDS = 20.0  # for one page; a stolen claim costs a wasted reading, a dead reader this long
MOST_STARTS = 3
_FREE = {"token": None, "lease_until": None, "claimed_by": None}


def claim(connection: Connection, limit: int, scope: Scope = EVERYTHING, reader: str | None = None) -> list[Item]:
    """Claim fetched rows for reading, each with a fresh token and a short lease; nobody else gets them meanwhile.

    `reader` names the process that claims them, as in the leases of lanes.
    """
    at = now(connection)
    unread = (
        select(frontier.c.id)
        .where(frontier.c.state == "collected", or_(frontier.c.lease_until.is_(None), frontier.c.lease_until < at))
        .order_by(frontier.c.priority, frontier.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(scope.narrow(unread)).scalars())
    if not ids:
        return []
    statement = (
        update(frontier)
        .where(frontier.c.id.in_(ids))
        .values(token=secrets.randbits(62), lease_until=at + READ_LEASE_SECONDS, claimed_by=reader)
        .returning(frontier)
    )
    rows = connection.execute(statement).mappings().all()
    return sorted((item_of(row) for row in rows), key=lambda item: (item.priority, item.id))


def readers(connection: Connection) -> set[str]:
    """Who has claimed rows for reading now."""
    reader = frontier.c.claimed_by
    reading = (frontier.c.state == "collected", frontier.c.lease_until > now(connection), reader.is_not(None))
    return set(connection.execute(select(reader).where(*reading).distinct()).scalars())


def free(connection: Connection, dead: Iterable[str]) -> int:
    """Take away what dead readers have claimed; returns how many rows that frees. What they had begun stays counted."""
    theirs = (frontier.c.state == "collected", frontier.c.claimed_by.in_(list(dead)), frontier.c.token.is_not(None))
    ids = select(frontier.c.id).where(*theirs).with_for_update(skip_locked=True)  # somebody else is freeing the others
    return connection.execute(update(frontier).where(frontier.c.id.in_(ids)).values(**_FREE)).rowcount


def start(connection: Connection, item: Item) -> None:
    """Count a reading before it begins, so that a page that kills its reader is charged, and only that page."""
    statement = (
        update(frontier)
        .where(_mine(item))
        .values(starts=frontier.c.starts + 1, lease_until=now(connection) + READ_LEASE_SECONDS)
    )
    expect_one(connection.execute(statement).rowcount, item)


def give_back(connection: Connection, items: Iterable[Item]) -> None:
    """Return claimed rows that were not read, at once instead of at the end of their lease."""
    for item in items:
        connection.execute(update(frontier).where(_mine(item)).values(**_FREE))


def take_back(connection: Connection, item: Item) -> None:
    """Undo a start that failed for no fault of the page: it is not charged with it."""
    connection.execute(update(frontier).where(_mine(item)).values(starts=item.starts))


def want_parts(connection: Connection, item: Item, parts: Sequence[Request]) -> None:
    """Send a row back to its lane for the further parts of its page."""
    values = {
        "parts": [part.model_dump(mode="json", exclude_defaults=True) for part in parts],
        "state": "due",
        "starts": 0,
        "next_attempt_at": now(connection),
        **_FREE,
    }
    expect_one(connection.execute(update(frontier).where(_mine(item)).values(**values)).rowcount, item)


def finish(connection: Connection, item: Item) -> None:
    """Take a read row off, in the transaction that stores its outcome. Raises StaleClaim."""
    expect_one(connection.execute(delete(frontier).where(_mine(item))).rowcount, item)


def quarantine(connection: Connection, item: Item, error: str) -> None:
    """Set a row aside with its raw page for a person or a new version. Raises StaleClaim."""
    values = {"state": "quarantined", "error": error, "run_id": None, **_FREE}
    expect_one(connection.execute(update(frontier).where(_mine(item)).values(**values)).rowcount, item)


def _mine(item: Item) -> ColumnElement[bool]:
    """The row, as long as nobody else has claimed it."""
    return and_(frontier.c.id == item.id, frontier.c.token == item.token)
