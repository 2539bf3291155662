"""What may be forgotten: events that everybody has, and the older lines of a page's and a portal's history.

Every function takes one small batch, from where the last one ended, and says how many rows it removed. The newest row
of each table always stays, since SQLite would give its id out again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, and_, delete, exists, func, literal, or_, select

from crawlers.models import Value
from worker.ledger.engine import insert, lock_names, now
from worker.ledger.schema import deliveries, facts, outbox, runs, subscriptions, visits

BATCH = 500
_EVENTS = "events_forgotten"


class Forgotten(Value):
    """The last event that was forgotten: its number, and when it occurred (seconds since 1970). 0 for none."""

    seq: int = 0
    occurred_at: float = 0.0


def forgotten(connection: Connection) -> Forgotten:
    """How far events were forgotten: all up to this one, and none behind it."""
    stored = connection.execute(select(facts.c.value).where(facts.c.name == _EVENTS)).scalar()
    return Forgotten.model_validate_json(stored) if stored else Forgotten()


def forget_events(connection: Connection, older_than: float, needed: int, limit: int = BATCH) -> int:
    """Forget the oldest events that are on the stream for `older_than` seconds and that nobody waits for.

    `needed` is the first number that a consumer of the stream still needs. It ends at the first event that is not
    handed out to the subscriptions yet or that one of them has not acknowledged, dead letters included, so that what
    is kept has no holes.
    """
    lock_names(connection, ["outbox numbering"])
    last = forgotten(connection)
    waits = exists().where(deliveries.c.outbox_id == outbox.c.id)
    nobody = ~exists().where(subscriptions.c.id.is_not(None))
    free = and_(
        outbox.c.sent_at < now(connection) - older_than,
        or_(outbox.c.handed_out_at.is_not(None), nobody),
        ~waits,
        outbox.c.seq < needed,
        outbox.c.id < select(func.max(outbox.c.id)).scalar_subquery(),
        outbox.c.seq < select(func.max(outbox.c.seq)).scalar_subquery(),
    )
    query = select(outbox.c.id, outbox.c.seq, outbox.c.occurred_at, free.label("free"))
    rows = connection.execute(query.where(outbox.c.seq > last.seq).order_by(outbox.c.seq).limit(limit)).all()
    held = next((place for place, row in enumerate(rows) if not row.free), len(rows))
    if not held:
        return 0
    *_, end = rows[:held]
    _remove(connection, outbox, [row.id for row in rows[:held]])
    _keep(connection, _EVENTS, Forgotten(seq=end.seq, occurred_at=end.occurred_at).model_dump_json())
    return held


def forget_visits(connection: Connection, older_than: float) -> int:
    """Forget visits that are older than so many seconds, but for the last one of each page."""
    later = visits.alias()
    again = (later.c.portal == visits.c.portal, later.c.key == visits.c.key, later.c.id > visits.c.id)
    return _forget(connection, visits, visits.c.at < now(connection) - older_than, exists().where(*again))


def forget_runs(connection: Connection, older_than: float) -> int:
    """Forget runs that ended more than so many seconds ago, but for the last one of each portal and the last good."""
    later = runs.alias()
    again = and_(later.c.portal == runs.c.portal, later.c.id > runs.c.id)
    good = ("done", "short")
    needless = and_(
        exists().where(again),
        or_(runs.c.state.not_in(good), exists().where(again, later.c.state.in_(good))),
    )
    return _forget(connection, runs, runs.c.ended_at < now(connection) - older_than, needless)


def _forget(connection: Connection, table: Table, old: Any, needless: Any) -> int:
    """Look at the next rows that are old, in the order of their ids, and remove those that are needless, too.

    What stays is passed by for good: it is little, and looking at it at each tick would be much. The batch ends at the
    first row that is not old yet. Only one process looks at a time.
    """
    name = f"{table.name}_forgotten"
    connection.execute(insert(connection, facts).values(name=name, value="0").on_conflict_do_nothing())
    mine = select(facts.c.value).where(facts.c.name == name)
    passed = int(connection.execute(mine.with_for_update()).scalar_one())
    needless = and_(needless, table.c.id < select(func.max(table.c.id)).scalar_subquery())
    query = select(table.c.id, func.coalesce(old, literal(False)).label("old"), needless.label("needless"))
    rows = connection.execute(query.where(table.c.id > passed).order_by(table.c.id).limit(BATCH)).all()
    held = next((place for place, row in enumerate(rows) if not row.old), len(rows))
    if not held:
        return 0
    _keep(connection, name, str(rows[held - 1].id))
    gone = [row.id for row in rows[:held] if row.needless]
    _remove(connection, table, gone)
    return held


def _remove(connection: Connection, table: Table, ids: list[int]) -> None:
    connection.execute(delete(table).where(table.c.id.in_(ids)))


def _keep(connection: Connection, name: str, value: str) -> None:
    statement = insert(connection, facts).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
