"""What still has to be told: events, written in the transaction that makes them true."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Literal, get_args

from sqlalchemy import Connection, func, select, update

from crawlers.models import Value
from worker.ledger.engine import insert, lock_names, now
from worker.ledger.schema import facts, outbox

Kind = Literal["report.new", "report.revised", "report.sighted", "report.moved", "report.diverged", "report.gone"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Event(Value):
    """One event on its way out; `seq` is gap-free from 1 and names the stream entry, None until somebody asks."""

    id: int
    seq: int | None
    event_id: str
    kind: str
    occurred_at: float
    backfill: bool
    payload: dict[str, object]


def tell(connection: Connection, kind: Kind, report_id: str, document: dict[str, Any], *, backfill: bool) -> None:
    """Write an event; it exists if and only if the surrounding transaction does."""
    connection.execute(
        insert(connection, outbox).values(
            event_id=f"evt_{uuid.uuid4().hex}",
            kind=kind,
            occurred_at=now(connection),
            backfill=backfill,
            report_id=report_id,
            payload=document,
        )
    )


def number(connection: Connection, limit: int, floor: int = 0) -> int:
    """Give the oldest unnumbered events the next sequence numbers, all above `floor`; returns how many got one.

    Numbers are given after commit and under a lock, never by the writers: in PostgreSQL the order of ids is not the
    order of commits, so a relay that reads `id > last` would skip late ones.
    """
    lock_names(connection, ["outbox numbering"])
    last = max(floor, _last_number(connection))
    query = (
        select(outbox.c.id).where(outbox.c.sent_at.is_(None), outbox.c.seq.is_(None)).order_by(outbox.c.id).limit(limit)
    )
    ids = list(connection.execute(query).scalars())
    for offset, row_id in enumerate(ids, 1):
        connection.execute(update(outbox).where(outbox.c.id == row_id).values(seq=last + offset))
    return len(ids)


def after(connection: Connection, seq: int, limit: int) -> list[Event]:
    """Numbered events behind `seq`, in order."""
    query = select(outbox).where(outbox.c.seq > seq).order_by(outbox.c.seq).limit(limit)
    return [_event(row) for row in connection.execute(query).mappings()]


def mark_sent(connection: Connection, events: Sequence[Event]) -> None:
    """Note that these events are on the stream."""
    ids = [event.id for event in events]
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(sent_at=now(connection)))


def unsent(connection: Connection) -> int:
    """How many events are not on the stream yet."""
    return int(connection.execute(select(func.count()).where(outbox.c.sent_at.is_(None))).scalar_one())


def last_sent(connection: Connection) -> int:
    """The highest number of an event that is on the stream; 0 for none."""
    sent = select(outbox.c.seq).where(outbox.c.sent_at.is_not(None), outbox.c.seq.is_not(None))
    return int(connection.execute(sent.order_by(outbox.c.seq.desc()).limit(1)).scalar() or 0)


def lag(connection: Connection) -> float:
    """The age of the oldest event that is not on the stream yet, in seconds; 0 when there is none."""
    oldest = connection.execute(select(func.min(outbox.c.occurred_at)).where(outbox.c.sent_at.is_(None))).scalar()
    return now(connection) - float(oldest) if oldest is not None else 0.0


def epoch(connection: Connection) -> str:
    """The name of this ledger's stream: a restored or fresh ledger that shares a broker is told apart by it."""
    statement = insert(connection, facts).values(name="stream_epoch", value=uuid.uuid4().hex)
    connection.execute(statement.on_conflict_do_nothing())
    return str(connection.execute(select(facts.c.value).where(facts.c.name == "stream_epoch")).scalar_one())


def catch_up(connection: Connection, stream_last: int, stream_epoch: str | None) -> int:
    """Where to go on behind a stream that ends at `stream_last`, written under `stream_epoch` (None if unknown).

    A stream of ours is simply continued, or filled up where it lost its end. One that is ahead of the ledger, or
    another's, gets none of our old numbers: what it lacks is numbered anew behind its end, under a new epoch.
    """
    lock_names(connection, ["outbox numbering"])
    foreign = stream_epoch not in (None, epoch(connection))
    if not foreign and stream_last <= _last_number(connection):
        there = (outbox.c.sent_at.is_(None), outbox.c.seq <= stream_last)  # by a relay that died before it said so
        connection.execute(update(outbox).where(*there).values(sent_at=now(connection)))
        return stream_last
    connection.execute(update(facts).where(facts.c.name == "stream_epoch").values(value=uuid.uuid4().hex))
    connection.execute(update(outbox).where(outbox.c.sent_at.is_(None)).values(seq=None))
    return max(stream_last, _last_number(connection))


def _last_number(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(outbox.c.seq), 0))).scalar_one())


def _event(row: Any) -> Event:
    return Event.model_validate({name: row[name] for name in Event.model_fields})
