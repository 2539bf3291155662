"""The example consumer loses nothing and repeats no effect, whatever happens to it or to the stream."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine

from tests.deploy import running
from tests.deploy.recipes import DEPLOY, Recipe
from tests.deploy.running import Process, until
from worker import tail
from worker.ledger import outbox
from worker.publish import STREAM, Stream, publish

GROUP = "example"


class Bench:
    """A ledger with events to tell, a broker to tell them on, and the file that the consumer writes."""

    def __init__(self, ledger: Engine, url: str, folder: Path) -> None:
        self.ledger, self.url, self.folder = ledger, url, folder
        self.sink = folder / "events.sqlite3"
        self.server = redis.Redis.from_url(url, decode_responses=True, protocol=2)

    def tell(self, count: int) -> None:
        """Write so many more events and relay them."""
        with self.ledger.begin() as connection:
            for number in range(count):
                outbox.tell(
                    connection, "report.new", f"r{number}", {"id": f"r{number}", "body": "正文"}, backfill=False
                )
        publish(self.ledger, Stream(self.url, cap=100_000, bodies=True))

    def told(self) -> set[str]:
        """The event ids of everything that was ever told."""
        return {event.event_id for event in tail.events(self.ledger, follow=False)}

    def taken(self) -> list[str]:
        """The event ids that have had their effect, in its order."""
        if not self.sink.exists():
            return []
        sink = sqlite3.connect(self.sink, timeout=30)
        try:
            return [event_id for (event_id,) in sink.execute("SELECT event_id FROM events ORDER BY rowid")]
        except sqlite3.OperationalError:  # the table is not there yet
            return []
        finally:
            sink.close()

    def read_and_die(self, name: str, count: int) -> set[str]:
        """Read as a consumer of that name that never acknowledges; the event ids that it read."""
        self.server.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        [(_, entries)] = self.server.xreadgroup(GROUP, name, {STREAM: ">"}, count=count)
        return {json.loads(fields["event"])["event_id"] for _, fields in entries}

    def consumer(self, *options: str) -> Process:
        """The consumer of deploy/, as its documentation starts it."""
        argv = [sys.executable, str(DEPLOY / "consumer.py"), "--broker", self.url, "--to", str(self.sink)]
        return Process(Recipe("consumer", [*argv, "--name", "host-1", *options], {}, 30), self.folder)

    def pending(self) -> int:
        """How many entries the group has read and not acknowledged."""
        return int(self.server.xpending(STREAM, GROUP)["pending"])


@pytest.fixture
def bench(sqlite_ledger: Engine, tmp_path: Path) -> Iterator[Bench]:
    with running.broker(tmp_path) as url:
        bench = Bench(sqlite_ledger, url, tmp_path)
        yield bench
        bench.server.close()


def _see_all_taken(bench: Bench, consumer: Process) -> None:
    until(lambda: len(bench.taken()) >= len(bench.told()) and not bench.pending(), consumer)
    consumer.terminate()
    assert consumer.wait(30) == 0
    assert set(bench.taken()) == bench.told()


def test_a_consumer_killed_again_and_again_loses_nothing(bench: Bench) -> None:
    cut_short = 0
    for _ in range(5):
        before = len(bench.taken())
        bench.tell(1000)
        with bench.consumer() as consumer:
            until(lambda before=before: len(bench.taken()) > before, consumer)
            os.kill(consumer.pid, signal.SIGKILL)
            consumer.wait(30)
        cut_short += len(bench.taken()) < len(bench.told())
    assert cut_short
    bench.tell(1)  # else the last consumer may have nothing to do, and be told to end before it listens
    with bench.consumer() as consumer:
        _see_all_taken(bench, consumer)


def test_what_it_had_not_acknowledged_comes_first(bench: Bench) -> None:
    bench.tell(50)
    mine = bench.read_and_die("host-1", 10)
    with bench.consumer() as consumer:
        _see_all_taken(bench, consumer)
    assert set(bench.taken()[:10]) == mine


def test_what_another_consumer_left_is_taken_over(bench: Bench) -> None:
    bench.tell(50)
    bench.read_and_die("host-2", 10)
    with bench.consumer("--claim-after", "0.1") as consumer:
        _see_all_taken(bench, consumer)


def test_an_event_that_comes_again_has_one_effect(bench: Bench) -> None:
    bench.tell(20)
    with bench.consumer() as consumer:
        until(lambda: len(bench.taken()) == 20, consumer)
        bench.server.delete(STREAM)  # the relay fills the stream again from the ledger
        bench.tell(5)
        _see_all_taken(bench, consumer)
    assert len(bench.taken()) == 25
