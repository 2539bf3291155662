"""Notices that the database's clock was put back: whatever was to happen soon would otherwise wait as long again."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from worker.ledger.engine import insert, now
from worker.ledger.schema import deliveries, facts, frontier, lanes

JUMP_SECONDS = 30.0  # less is waited out
_AHEAD = (
    *(lanes.c.lease_until, lanes.c.not_before),
    *(frontier.c.lease_until, frontier.c.next_attempt_at),
    deliveries.c.next_attempt_at,
)


def mend(connection: Connection) -> float:
    """Compare the clock with what it said at the last call; returns the seconds it went back, 0 if it did not.

    Leases, rests and attempts that lie ahead go back with it. Schedules do not: they are meant by the wall clock.
    """
    connection.execute(insert(connection, facts).values(name="clock", value="0").on_conflict_do_nothing())
    mine = facts.c.name == "clock"
    before = float(connection.execute(select(facts.c.value).where(mine).with_for_update()).scalar_one())
    at = now(connection)
    back = before - at
    if 0 <= back <= JUMP_SECONDS:
        return 0.0
    connection.execute(update(facts).where(mine).values(value=repr(at)))
    if back < 0:
        return 0.0
    for column in _AHEAD:
        connection.execute(update(column.table).where(column > at).values({column: column - back}))
    return back
