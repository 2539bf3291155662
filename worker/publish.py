"""Relays the outbox to the stream `gongbao:events`: at least once for consumers, exactly once on the stream.

An event's sequence number is its stream id, so a repeated append is refused by the server, and the stream's last id
is the cursor: a stream that lost its end is filled up again by itself. A stream that is ahead of the ledger, or that
another ledger wrote, means that the ledger was restored or is new; numbering then goes on behind the stream's last id
under a new epoch, which every entry names.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

import redis
import structlog
from sqlalchemy import Engine

from worker import broker
from worker.ledger import outbox
from worker.ledger.outbox import Event

log = structlog.get_logger()

STREAM = "gongbao:events"
BATCH = 200


class Stream(NamedTuple):
    """Where events go: the broker's URL, the most entries kept, and whether they carry body and sections."""

    url: str
    cap: int
    bodies: bool


def publish(ledger: Engine, stream: Stream) -> int:
    """Relay what waits; returns how many events were appended. Broker trouble is left to the next call."""
    sent = 0
    try:
        with broker.client(stream.url) as server:
            while room := _room(server, stream.cap):
                count = _batch(ledger, server, stream, min(room, BATCH))
                if not count:
                    break
                sent += count
    except redis.WatchError:
        log.debug("relay.interrupted", sent=sent)  # another relay is at work, or the stream was taken away just now
    except redis.RedisError as error:
        log.warning("relay.failed", error=str(error), sent=sent)
    if sent:
        log.info("events.published", stream=STREAM, count=sent)
    return sent


def lags(url: str, sent: int) -> bool:
    """Whether the stream lacks the end of what was sent, up to number `sent`: a broker lost its data, or got old ones.

    While the broker is away nobody can say, and nothing is to be done.
    """
    try:
        with broker.client(url) as server:
            last, _ = _end_of(server)
    except redis.RedisError:
        return False
    return last < sent


def first_needed(url: str, sent: int) -> int | None:
    """The number of the first event on the stream that a consumer group has not acknowledged, or that is to come.

    None where that is not known: the broker is away, or the stream does not hold the last event `sent`, so that what is
    missing will be appended again.
    """
    try:
        with broker.client(url) as server:
            last, _ = _end_of(server)
            groups: Any = server.xinfo_groups(STREAM) if last else []
            needed = [_ordinal(_needed(server, group))[0] for group in groups]
    except redis.RedisError:
        return None
    return min(needed, default=last + 1) if last >= sent else None


def as_message(event: Event, *, bodies: bool = True) -> dict[str, Any]:
    """An event as users get it, on the stream, by webhook and from tail."""
    report = dict(event.payload)
    if not bodies:
        report.pop("body", None)
        report.pop("sections", None)
    return {
        "event_id": event.event_id,
        "kind": event.kind,
        "occurred_at": datetime.fromtimestamp(event.occurred_at, UTC).isoformat().replace("+00:00", "Z"),
        "backfill": event.backfill,
        "report": report,
    }


def _batch(ledger: Engine, server: redis.Redis, stream: Stream, most: int) -> int:
    """Number the oldest events and append everything behind the stream's last id, all of it or nothing.

    The stream is watched from the look at its end on: were it deleted, restored or written by another relay
    meanwhile, an append would leave a gap that nothing fills any more. Raises WatchError then.
    """
    with server.pipeline() as pipe:
        pipe.watch(STREAM)  # type: ignore[no-untyped-call]  # redis-py leaves it bare
        last, epoch = _end_of(pipe)
        with ledger.begin() as connection:
            last = outbox.catch_up(connection, last, epoch)
            outbox.number(connection, most, last)
            mine = outbox.epoch(connection)
            events = outbox.after(connection, last, most)
        if not events:
            return 0
        pipe.multi()
        for event in events:
            text = json.dumps(as_message(event, bodies=stream.bodies), ensure_ascii=False)
            pipe.xadd(STREAM, {"epoch": mine, "event": text}, id=f"{event.seq}-0")
        pipe.execute()
    with ledger.begin() as connection:
        outbox.mark_sent(connection, events)
    return len(events)


def _end_of(server: redis.Redis) -> tuple[int, str | None]:
    """The stream's last id and the epoch that wrote it; (0, None) for a stream that is not there."""
    try:
        info: Any = server.xinfo_stream(STREAM)
    except redis.ResponseError:
        return 0, None
    last = int(str(info["last-generated-id"]).partition("-")[0])
    entries: Any = server.xrevrange(STREAM, count=1)
    return last, next((fields.get("epoch") for _id, fields in entries), None)


def _room(server: redis.Redis, cap: int) -> int:
    """How many entries fit on the stream; a full one is trimmed, never past what a group has not acknowledged."""
    length = int(server.xlen(STREAM))
    if length < cap:
        return cap - length
    groups: Any = server.xinfo_groups(STREAM)
    if groups:
        server.xtrim(STREAM, minid=min((_needed(server, group) for group in groups), key=_ordinal), approximate=False)
    else:
        server.xtrim(STREAM, maxlen=cap - min(BATCH, cap // 10), approximate=False)
    room = max(0, cap - int(server.xlen(STREAM)))
    if not room:
        log.warning("relay.waited", stream=STREAM, length=length, cap=cap)
    return room


def _needed(server: redis.Redis, group: dict[str, Any]) -> str:
    """The oldest entry that a consumer group still needs."""
    pending: Any = server.xpending(STREAM, group["name"])
    return str(pending["min"] or f"{_ordinal(str(group['last-delivered-id']))[0] + 1}-0")


def _ordinal(entry_id: str) -> tuple[int, int]:
    head, _, tail = entry_id.partition("-")
    return int(head), int(tail or 0)
