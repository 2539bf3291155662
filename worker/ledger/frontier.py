"""What is to be fetched or read next, and who has it: the hot table of the ledger.

A row is `due` until its lane's holder has fetched it, `collected` until a reader has turned it into an outcome, and
then it is gone. Fetching is fenced by the lane's token, reading by a token of the row's own; a stale token writes
nothing (see Kleppmann, "How to do distributed locking", on fencing).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, case, delete, exists, func, or_, select, update

from crawlers.models import Request, Value
from worker.ledger.engine import insert, lock_names, now
from worker.ledger.schema import frontier, lanes

_is_named = frontier.c.claimed_by.is_not(None)
READ_LEASE_SECONDS = 20.0  # for one page; a stolen claim costs a wasted reading, a dead reader this long
MOST_STARTS = 3


class StaleClaim(Exception):
    """Somebody else has the row by now; whatever was worked out is thrown away."""


class Priority(IntEnum):
    """The order in which one lane serves what waits for it."""

    LIST = 0
    NEW = 1
    WEBHOOK = 2
    REVISIT = 3
    ATTACHMENT = 4
    BACKFILL = 5


class Archived(Value):
    """Where the bytes of one fetched page are, and when they came (seconds since 1970)."""

    key: str
    fetched_at: float


class Scope(Value):
    """Which rows a command minds: those of some portals, or of some keys, or lists; everything where all are empty."""

    portals: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    only_lists: bool = False

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """The query over the frontier with only these rows."""
        if self.portals:
            query = query.where(frontier.c.portal.in_(self.portals))
        if self.keys:
            query = query.where(frontier.c.key.in_(self.keys))
        if self.only_lists:
            query = query.where(frontier.c.kind == "list")
        return query


EVERYTHING = Scope()


class Wanted(Value):
    """A row to be added to the frontier. A list row's key names its column, a report's its publication."""

    portal: str
    key: str
    lane: str
    kind: Literal["list", "report"]
    priority: Priority
    request: Request
    column: str | None = None
    run_id: int | None = None
    backfill: bool = False


class Item(Wanted):
    """A row of the frontier, claimed: `raw` is what was fetched so far, `parts` what is still to be fetched for it."""

    id: int
    attempts: int
    starts: int
    token: int | None = None
    raw: tuple[Archived, ...] = ()
    parts: tuple[Request, ...] = ()
    error: str | None = None

    @property
    def next_request(self) -> Request:
        """What a fetcher has to get: the page itself first, then its further parts."""
        return next(iter(self.parts), self.request) if self.raw else self.request


def take_turns(connection: Connection, portals: Iterable[str]) -> None:
    """Hold others off the pages of these portals until the transaction ends; for whoever touches many of them in it.

    Two columns that show the same pages, each in its own order, would else wait for each other in a circle.
    """
    lock_names(connection, [f"frontier {portal}" for portal in portals])


def add(connection: Connection, rows: Iterable[Wanted]) -> int:
    """Add rows; one that waits already keeps its place, is raised to the better priority and joins the newer run.

    Returns how many rows were new or raised.
    """
    at, count = now(connection), 0
    for row in rows:
        values = row.model_dump(mode="json", exclude={"priority"})
        values |= {"priority": int(row.priority), "state": "due", "next_attempt_at": at, "created_at": at}
        statement = insert(connection, frontier).values(**values)
        new = statement.excluded
        better = case((new.priority < frontier.c.priority, new.priority), else_=frontier.c.priority)
        statement = statement.on_conflict_do_update(
            index_elements=["portal", "key"],
            set_={"priority": better, "run_id": func.coalesce(new.run_id, frontier.c.run_id), "request": new.request},
            where=and_(frontier.c.state == "due", frontier.c.raw.is_(None)),
        )
        count += connection.execute(statement).rowcount
    return count


def begin_walk(connection: Connection, top: Wanted) -> None:
    """Put the top of a column on the frontier for a new run, in the place of whatever an older run left of it.

    The older row may have been fetched already and would keep its place against `add`; then nobody would read the new
    walk. Who still has the older row finds that its token or its run is no longer the row's.
    """
    connection.execute(delete(frontier).where(frontier.c.portal == top.portal, frontier.c.key == top.key))
    add(connection, [top])


def join(connection: Connection, portal: str, keys: Iterable[str], run_id: int, within: float) -> int:
    """Let a run that sees these pages wait for those that wait from before; returns how many they are.

    What is put off for longer than `within` seconds stays put off past the run, and what was set aside stays set aside.
    """
    soon = and_(frontier.c.state == "due", frontier.c.next_attempt_at <= now(connection) + within)
    mine = (frontier.c.portal == portal, frontier.c.key.in_(list(keys)), frontier.c.kind == "report")
    statement = update(frontier).where(*mine, or_(soon, frontier.c.state == "collected"))
    return connection.execute(statement.values(run_id=run_id)).rowcount


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
    return _item(row) if row else None


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


def bring(connection: Connection, row: Wanted, page: Archived) -> None:
    """Put a page that is already archived on the frontier, ready to be read: a file, or bytes that somebody sent."""
    add(connection, [row])
    mine = and_(frontier.c.portal == row.portal, frontier.c.key == row.key)
    values: dict[str, Any] = {"state": "collected", "raw": [page.model_dump()], "parts": [], "starts": 0}
    values |= {"request": row.request.model_dump(mode="json"), "token": None, "lease_until": None, "error": None}
    connection.execute(update(frontier).where(mine).values(**values))


def demand(connection: Connection, row: Wanted) -> None:
    """Ask for a page by hand: at once, also where it was put off, and afresh where it was set aside."""
    add(connection, [row])
    mine = and_(frontier.c.portal == row.portal, frontier.c.key == row.key)
    at_once = {"next_attempt_at": now(connection)}
    connection.execute(update(frontier).where(mine, frontier.c.state == "due").values(**at_once))
    afresh = {"state": "due", "raw": None, "parts": None, "starts": 0, "attempts": 0, "error": None, **at_once}
    connection.execute(update(frontier).where(mine, frontier.c.state == "quarantined").values(**afresh))


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
    _expect_one(connection.execute(delete(frontier).where(*_mine(item, lane_token))).rowcount, item)


def claim_collected(
    connection: Connection, limit: int, scope: Scope = EVERYTHING, reader: str | None = None
) -> list[Item]:
    """Claim fetched rows for reading, each with a fresh token and a short lease; nobody else gets them meanwhile.

    `reader` names the process that claims them, as in the leases of lanes.
    """
    at = now(connection)
    free = (
        select(frontier.c.id)
        .where(frontier.c.state == "collected", or_(frontier.c.lease_until.is_(None), frontier.c.lease_until < at))
        .order_by(frontier.c.priority, frontier.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(scope.narrow(free)).scalars())
    if not ids:
        return []
    statement = (
        update(frontier)
        .where(frontier.c.id.in_(ids))
        .values(token=secrets.randbits(62), lease_until=at + READ_LEASE_SECONDS, claimed_by=reader)
        .returning(frontier)
    )
    rows = connection.execute(statement).mappings().all()
    return sorted((_item(row) for row in rows), key=lambda item: (item.priority, item.id))


def readers(connection: Connection) -> set[str]:
    """Who has claimed rows for reading now."""
    mine = (frontier.c.state == "collected", frontier.c.lease_until > now(connection))
    return set(connection.execute(select(frontier.c.claimed_by).where(*mine, _is_named).distinct()).scalars())


def free_claims(connection: Connection, dead: Iterable[str]) -> int:
    """Take away what dead readers have claimed; returns how many rows that frees. What they had begun stays counted."""
    theirs = (frontier.c.state == "collected", frontier.c.claimed_by.in_(list(dead)), frontier.c.token.is_not(None))
    ids = select(frontier.c.id).where(*theirs).with_for_update(skip_locked=True)  # somebody else is freeing the others
    freed = {"token": None, "lease_until": None, "claimed_by": None}
    return connection.execute(update(frontier).where(frontier.c.id.in_(ids)).values(**freed)).rowcount


def start(connection: Connection, item: Item) -> None:
    """Count a reading before it begins, so that a page that kills its reader is charged, and only that page."""
    statement = (
        update(frontier)
        .where(frontier.c.id == item.id, frontier.c.token == item.token)
        .values(starts=frontier.c.starts + 1, lease_until=now(connection) + READ_LEASE_SECONDS)
    )
    _expect_one(connection.execute(statement).rowcount, item)


def give_back(connection: Connection, items: Iterable[Item]) -> None:
    """Return claimed rows that were not read, at once instead of at the end of their lease."""
    for item in items:
        mine = and_(frontier.c.id == item.id, frontier.c.token == item.token)
        connection.execute(update(frontier).where(mine).values(token=None, lease_until=None))


def take_back(connection: Connection, item: Item) -> None:
    """Undo a start that failed for no fault of the page: it is not charged with it."""
    mine = and_(frontier.c.id == item.id, frontier.c.token == item.token)
    connection.execute(update(frontier).where(mine).values(starts=item.starts))


def want_parts(connection: Connection, item: Item, parts: Sequence[Request]) -> None:
    """Send a row back to its lane for the further parts of its page."""
    values = {
        "parts": [part.model_dump(mode="json", exclude_defaults=True) for part in parts],
        "state": "due",
        "starts": 0,
        "token": None,
        "lease_until": None,
        "next_attempt_at": now(connection),
    }
    mine = and_(frontier.c.id == item.id, frontier.c.token == item.token)
    _expect_one(connection.execute(update(frontier).where(mine).values(**values)).rowcount, item)


def finish(connection: Connection, item: Item) -> None:
    """Take a read row off, in the transaction that stores its outcome. Raises StaleClaim."""
    mine = and_(frontier.c.id == item.id, frontier.c.token == item.token)
    _expect_one(connection.execute(delete(frontier).where(mine)).rowcount, item)


def quarantine(connection: Connection, item: Item, error: str) -> None:
    """Set a row aside with its raw page for a person or a new version. Raises StaleClaim."""
    mine = and_(frontier.c.id == item.id, frontier.c.token == item.token)
    values = {"state": "quarantined", "error": error, "token": None, "lease_until": None, "run_id": None}
    _expect_one(connection.execute(update(frontier).where(mine).values(**values)).rowcount, item)


def requeue(connection: Connection, scope: Scope = EVERYTHING, *, fetch: bool = False) -> int:
    """Let quarantined pages be read again, or fetched again too; returns how many they are."""
    at = now(connection)
    ids = scope.narrow(select(frontier.c.id).where(frontier.c.state == "quarantined"))
    fresh: dict[str, Any] = {"starts": 0, "attempts": 0, "next_attempt_at": at, "error": None}
    count = 0
    for row_id in connection.execute(ids).scalars().all():
        mine = update(frontier).where(frontier.c.id == row_id)
        count += connection.execute(mine.values(**fresh, state="collected")).rowcount
        if fetch:
            connection.execute(mine.values(state="due", raw=None, parts=None))
    return count


def depth(connection: Connection) -> dict[str, int]:
    """How many rows there are in each state."""
    query = select(frontier.c.state, func.count()).group_by(frontier.c.state)
    return {str(state): int(count) for state, count in connection.execute(query)}


def waiting(connection: Connection, portal: str, keys: Iterable[str]) -> set[str]:
    """Which of these pages wait here, in whatever state."""
    query = select(frontier.c.key).where(frontier.c.portal == portal, frontier.c.key.in_(list(keys)))
    return set(connection.execute(query).scalars())


def find(connection: Connection, portal: str, key: str) -> Item | None:
    """The row of one page, if it waits."""
    query = select(frontier).where(frontier.c.portal == portal, frontier.c.key == key)
    row = connection.execute(query).mappings().first()
    return _item(row) if row else None


def _write(connection: Connection, item: Item, values: dict[str, Any], lane_token: int) -> None:
    statement = update(frontier).where(*_mine(item, lane_token)).values(**values)
    _expect_one(connection.execute(statement).rowcount, item)


def _mine(item: Item, lane_token: int) -> tuple[Any, ...]:
    """The row as its lane's holder was given it. A list's row that a newer run has begun again is another page's."""
    holds = exists().where(lanes.c.name == item.lane, lanes.c.token == lane_token)
    row = (frontier.c.id == item.id, frontier.c.state == "due", holds)
    return row if item.kind == "report" else (*row, frontier.c.run_id.is_not_distinct_from(item.run_id))


def _expect_one(count: int, item: Item) -> None:
    if count != 1:
        raise StaleClaim(f"{item.portal} {item.key} belongs to somebody else by now")


def _item(row: Any) -> Item:
    fields = {name: row[name] for name in Item.model_fields if row[name] is not None}
    return Item.model_validate(fields)
