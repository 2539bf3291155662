"""Who may talk to a host now: one holder a lane, by a short lease on the database's clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, or_, select, update

from crawlers.models import Value
from worker.ledger.engine import insert, now
from worker.ledger.schema import lanes

LEASE_SECONDS = 20.0
RENEW_SECONDS = 5.0
BREAKER_FAILURES = 5
BREAKER_SECONDS = 300.0
BREAKER_MOST_SECONDS = 6 * 3600.0


class Lease(Value):
    """A held lane. `crashed` says that the last holder did not let go, so its last request may be recent."""

    name: str
    token: int
    crashed: bool
    failures: int
    probing: bool


def acquire(connection: Connection, name: str, holder: str) -> Lease | None:
    """Take a lane, or None while somebody else holds it or it must rest; every success has a higher token."""
    connection.execute(insert(connection, lanes).values(name=name).on_conflict_do_nothing())
    at = now(connection)
    before = connection.execute(select(lanes).where(lanes.c.name == name).with_for_update()).mappings().one()
    if before["lease_until"] > at or before["not_before"] > at:
        return None
    token = int(before["token"]) + 1
    free = (lanes.c.name == name, lanes.c.token == before["token"])
    values = {"holder": holder, "token": token, "lease_until": at + LEASE_SECONDS}
    if connection.execute(update(lanes).where(*free).values(**values)).rowcount != 1:
        return None
    return Lease(
        name=name,
        token=token,
        crashed=before["holder"] is not None,
        failures=int(before["failures"]),
        probing=before["opened_at"] is not None,
    )


def renew(connection: Connection, lease: Lease) -> bool:
    """Hold on for another lease; False when the lane was lost."""
    mine = (lanes.c.name == lease.name, lanes.c.token == lease.token)
    until = now(connection) + LEASE_SECONDS
    return connection.execute(update(lanes).where(*mine).values(lease_until=until)).rowcount == 1


def release(connection: Connection, lease: Lease, rest: float) -> None:
    """Let go; nobody may ask the host again for `rest` seconds."""
    at = now(connection)
    mine = (lanes.c.name == lease.name, lanes.c.token == lease.token)
    row = connection.execute(select(lanes.c.not_before).where(*mine)).first()
    if row is None:
        return
    values = {"holder": None, "lease_until": 0.0, "not_before": max(float(row.not_before), at + rest)}
    connection.execute(update(lanes).where(*mine).values(**values))


def holders(connection: Connection) -> set[str]:
    """Who holds lanes now."""
    held = select(lanes.c.holder).where(lanes.c.holder.is_not(None), lanes.c.lease_until > now(connection))
    return set(connection.execute(held.distinct()).scalars())


def shorten(connection: Connection, dead: Iterable[str], seconds: float) -> int:
    """Let the leases of dead holders end in `seconds`; returns how many lanes that frees."""
    until = now(connection) + seconds
    theirs = (lanes.c.holder.in_(list(dead)), lanes.c.lease_until > until)
    return connection.execute(update(lanes).where(*theirs).values(lease_until=until)).rowcount


def succeeded(connection: Connection, lease: Lease) -> None:
    """The host answered: its breaker closes. Writes nothing when it was closed."""
    troubled = or_(lanes.c.failures > 0, lanes.c.opened_at.is_not(None))
    statement = update(lanes).where(lanes.c.name == lease.name, lanes.c.token == lease.token, troubled)
    connection.execute(statement.values(failures=0, opened_at=None, error=None))


def failed(connection: Connection, lease: Lease, error: str, retry_after: float | None) -> float:
    """The host failed; returns the seconds that the lane now rests.

    After five failures in a row the breaker opens for five minutes, doubling up to six hours; the first request after
    that is a probe, and one failure of it opens the breaker again.
    """
    mine = (lanes.c.name == lease.name, lanes.c.token == lease.token)
    row = connection.execute(select(lanes).where(*mine)).mappings().first()
    if row is None:
        return 0.0
    at, failures = now(connection), int(row["failures"]) + 1
    opens = failures >= BREAKER_FAILURES
    doubled = BREAKER_SECONDS * 2 ** min(failures - BREAKER_FAILURES, 10) if opens else 0.0
    rest = max(min(doubled, BREAKER_MOST_SECONDS), retry_after or 0.0)
    values: dict[str, Any] = {
        "failures": failures,
        "error": error,
        "not_before": max(float(row["not_before"]), at + rest),
    }
    if opens:
        values["opened_at"] = at
    connection.execute(update(lanes).where(*mine).values(**values))
    return rest


def robots(connection: Connection, name: str) -> dict[str, Any]:
    """The stored robots.txt of each host of a lane."""
    return dict(connection.execute(select(lanes.c.robots).where(lanes.c.name == name)).scalar() or {})


def keep_robots(connection: Connection, lease: Lease, stored: dict[str, Any]) -> None:
    """Store the robots.txt of each host of a lane."""
    connection.execute(
        update(lanes).where(lanes.c.name == lease.name, lanes.c.token == lease.token).values(robots=stored)
    )


def rest(connection: Connection, name: str) -> tuple[float, str | None]:
    """The seconds that a lane still rests, and why; 0 for one that does not."""
    row = connection.execute(select(lanes.c.not_before, lanes.c.error).where(lanes.c.name == name)).first()
    return (max(0.0, float(row.not_before) - now(connection)), row.error) if row else (0.0, None)


def troubles(connection: Connection) -> dict[str, tuple[int, float, str | None]]:
    """Lanes whose host fails: failures in a row, the time before which it is left alone, and why."""
    query = select(lanes.c.name, lanes.c.failures, lanes.c.not_before, lanes.c.error).where(lanes.c.failures > 0)
    return {row.name: (row.failures, row.not_before, row.error) for row in connection.execute(query)}
