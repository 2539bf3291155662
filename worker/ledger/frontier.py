"""What is to be fetched or read next: the hot table of the ledger, and what puts rows on it.

A row is `due` until its lane's holder has fetched it (worker.ledger.fetching), `collected` until a reader has turned it
into an outcome (worker.ledger.claims), and then it is gone. Fetching is fenced by the lane's token, reading by a token
of the row's own; a stale token writes nothing (see Kleppmann, "How to do distributed locking", on fencing).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, case, delete, func, or_, select, update

from crawlers.models import Request, Value
from worker.ledger.engine import insert, lock_names, now
from worker.ledger.schema import frontier


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


def requeue(connection: Connection, scope: Scope = EVERYTHING, *, fetch: bool = False) -> int:
    """Let quarantined pages be read again, or fetched again too; returns how many they are."""
    aside = frontier.c.state == "quarantined"
    ids = scope.narrow(select(frontier.c.id).where(aside))
    values: dict[str, Any] = {"starts": 0, "attempts": 0, "next_attempt_at": now(connection), "error": None}
    values |= {"state": "due", "raw": None, "parts": None} if fetch else {"state": "collected"}
    # asked twice, for meanwhile somebody else may have had one fetched again
    return connection.execute(update(frontier).where(frontier.c.id.in_(ids), aside).values(**values)).rowcount


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
    return item_of(row) if row else None


def expect_one(count: int, item: Item) -> None:
    """Raise StaleClaim unless exactly one row was written."""
    if count != 1:
        raise StaleClaim(f"{item.portal} {item.key} belongs to somebody else by now")


def item_of(row: Any) -> Item:
    """A row of the table as a value."""
    fields = {name: row[name] for name in Item.model_fields if row[name] is not None}
    return Item.model_validate(fields)
