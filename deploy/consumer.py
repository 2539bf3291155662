#!/usr/bin/env python3
"""Follows the stream gongbao:events into an SQLite file, and goes on where it stopped; copy it and change `handle`.

    python consumer.py --broker redis://127.0.0.1:6379/0 --to events.sqlite3 --name host-1

It needs nothing of Gongbao but the package redis. The stream delivers every event at least once; the effect is there
once, because an event and its event_id are written in one transaction, and the entry is acknowledged after that:

    killed before the commit   the entry is still pending and is read again at the next start
    killed after the commit    the same, and its event_id is found
    another consumer is gone   what it left pending is claimed after a minute (--claim-after)
    the broker lost the stream the relay fills it again from the ledger; known events are found by their event_id

A group is made at the beginning of the stream. As long as it exists nothing is trimmed that it has not acknowledged:
remove a group that nobody serves any more (XGROUP DESTROY), or the relay comes to wait for it.
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from typing import Any

import redis

STREAM = "gongbao:events"
BATCH = 100
BLOCK_MS = 2000
PAUSE_SECONDS = 1.0

Entry = tuple[str, dict[str, str] | None]  # None: the entry was pending and is no longer on the stream


class Stopped(Exception):
    """SIGTERM came; whatever is not acknowledged is read again at the next start."""


def handle(sink: sqlite3.Connection, event: dict[str, Any]) -> None:
    """Your part: the effect of one event, within the transaction that also notes its event_id.

    An effect outside that transaction, such as a mail, must bear being repeated.
    """
    report = event["report"]
    row = (event["event_id"], event["kind"], event["occurred_at"], report["id"], json.dumps(event, ensure_ascii=False))
    sink.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", row)


def open_sink(path: str) -> sqlite3.Connection:
    """The file that keeps events; a commit is on the disk."""
    sink = sqlite3.connect(path, isolation_level=None)
    sink.execute("PRAGMA journal_mode=WAL")
    sink.execute("PRAGMA synchronous=FULL")
    sink.execute(
        "CREATE TABLE IF NOT EXISTS events"
        " (event_id TEXT PRIMARY KEY, kind TEXT, occurred_at TEXT, report_id TEXT, event TEXT)"
    )
    return sink


def take(sink: sqlite3.Connection, batch: list[Entry]) -> int:
    """Give each event its effect that had none yet, all or nothing; returns how many.

    What `handle` raises ends the program with the batch unacknowledged: better to stand still than to skip in silence.
    """
    new = 0
    with sink:  # commits, or rolls back
        sink.execute("BEGIN IMMEDIATE")
        for event in [json.loads(fields["event"]) for _id, fields in batch if fields]:
            if not sink.execute("SELECT 1 FROM events WHERE event_id = ?", (event["event_id"],)).fetchone():
                handle(sink, event)
                new += 1
    return new


class Consumer:
    """One consumer of a group; several of one group share the events between them."""

    def __init__(self, server: redis.Redis, group: str, name: str, claim_after: float) -> None:
        """`claim_after` is how many seconds an entry may be another consumer's before it is taken over."""
        self._server, self._group, self._name = server, group, name
        self._claim_ms = int(claim_after * 1000)

    def entries(self) -> Iterator[list[Entry]]:
        """Batches for ever: first what was mine and unacknowledged, then what others left, then what is new."""
        self._begin()
        after = "0"
        while mine := self._read(after):
            yield mine
            after = mine[-1][0]
        while True:
            if left := self._claim():
                yield left
            if new := self._read(">"):
                yield new

    def acknowledge(self, ids: list[str]) -> None:
        """These have had their effect."""
        self._server.xack(STREAM, self._group, *ids)

    def _begin(self) -> None:
        try:
            self._server.xgroup_create(STREAM, self._group, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _read(self, after: str) -> list[Entry]:
        block = BLOCK_MS if after == ">" else None
        found: Any = self._server.xreadgroup(self._group, self._name, {STREAM: after}, count=BATCH, block=block)
        return [entry for _stream, entries in found for entry in entries]

    def _claim(self) -> list[Entry]:
        answer: Any = self._server.xautoclaim(
            STREAM, self._group, self._name, min_idle_time=self._claim_ms, start_id="0-0", count=BATCH
        )
        return list(answer[1])


def follow(consumer: Consumer, sink: sqlite3.Connection) -> None:
    """Take every event; returns never, raises redis.RedisError when the broker is away."""
    for batch in consumer.entries():
        new = take(sink, batch)
        consumer.acknowledge([entry_id for entry_id, _fields in batch])
        print(f"{len(batch)} read, {new} new, up to {batch[-1][0]}", flush=True)


def main() -> int:
    """Follow until SIGTERM or Ctrl-C; a broker that is away is waited for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", required=True, help="redis://… or unix://…")
    parser.add_argument("--to", required=True, help="the SQLite file that events go to")
    parser.add_argument("--group", default="example", help="consumers of one group share the events")
    parser.add_argument("--name", default="consumer-1", help="the same at each start: what was pending is found by it")
    parser.add_argument("--claim-after", type=float, default=60.0, metavar="SECONDS")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    sink = open_sink(chosen.to)
    options = {"decode_responses": True, "protocol": 2, "socket_timeout": 15, "socket_connect_timeout": 5}
    server = redis.Redis.from_url(chosen.broker, **options)
    try:
        while True:
            try:
                follow(Consumer(server, chosen.group, chosen.name, chosen.claim_after), sink)
            except redis.RedisError as error:  # away, or without our group: begin again, which makes it again
                print(f"waiting for the broker: {error}", file=sys.stderr, flush=True)
                time.sleep(PAUSE_SECONDS)
    except (Stopped, KeyboardInterrupt):
        return 0


def _stop(_signal: int, _frame: object) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
