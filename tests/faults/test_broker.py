"""A broker that dies, freezes, fills up or forgets everything, in the middle of a crawl that does not mind."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis

from tests.faults.stack import Stack, children_of, count_of, kill_group, stack
from tests.faults.valkey import Valkey
from worker import broker
from worker.ledger.frontier import depth
from worker.ledger.schema import publications
from worker.replica.site import World

Note = Callable[[str, object], None]
MOST_BYTES = 4096
MOST_ETA_SECONDS = 10.0
MOST_RETRIES = 2


def begin(running: Stack) -> None:
    """Beat and one worker, in the middle of a crawl."""
    running.beat()
    running.worker()
    running.wait_until(lambda connection: count_of(connection, publications) > 5)


def finish(running: Stack, record_property: Note) -> None:
    """Let a supervisor start what ended, wait for the rest of the crawl, and hold it against the truth."""
    running.settle(each=running.revive)
    running.check()
    record_property("longest stall", f"{running.longest_stall:.1f} s")


@pytest.mark.slow
def test_killing_everything_and_deleting_the_broker_loses_no_report_and_no_event(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, sqlite_database, broker_server, World(60), delay=0.02) as running:
        begin(running)
        running.wait_until(lambda _: running.told())
        for process in running.processes:
            kill_group(process)
        broker_server.flush()
        broker_server.end()
        broker_server.start()
        finish(running, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("seconds", [1, 5, 15])
def test_a_broker_that_is_killed_for_seconds(
    database: str, broker_server: Valkey, tmp_path: Path, seconds: int, record_property: Note
) -> None:
    with stack(tmp_path, database, broker_server, World(100), delay=0.1) as running:
        begin(running)
        broker_server.end()
        time.sleep(seconds)
        broker_server.start()
        finish(running, record_property)


@pytest.mark.soak
def test_a_broker_that_is_emptied_while_all_work_goes_on(
    database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, database, broker_server, World(100), delay=0.1) as running:
        begin(running)
        broker_server.flush()
        finish(running, record_property)


@pytest.mark.soak
def test_a_broker_that_is_frozen_for_half_a_minute(
    database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, database, broker_server, World(100), delay=0.1) as running:
        begin(running)
        broker_server.freeze()
        time.sleep(30)
        broker_server.thaw()
        thawed_at = time.monotonic()
        with running.ledger.begin() as connection:
            before = count_of(connection, publications)
        running.wait_until(lambda connection: count_of(connection, publications) > before or not depth(connection))
        record_property("resumed after", f"{time.monotonic() - thawed_at:.1f} s")
        finish(running, record_property)


@pytest.mark.soak
def test_a_broker_without_memory_left(
    database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, database, broker_server, World(100), delay=0.1) as running:
        begin(running)
        broker_server.fill_up()
        for _ in range(20):
            running.revive()
            time.sleep(0.5)
        broker_server.relieve()
        finish(running, record_property)


@pytest.mark.soak
def test_a_broker_put_back_to_an_old_backup(
    database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, database, broker_server, World(100), delay=0.1) as running:
        begin(running)
        broker_server.end()
        broker_server.back_up()
        broker_server.start()
        time.sleep(5)
        broker_server.end()
        broker_server.restore()
        broker_server.start()
        running.settle(each=running.revive)
        until = time.monotonic() + 60
        while running.audit().lost and time.monotonic() < until:  # what had been told is missing until a tick looks
            time.sleep(0.5)
        finish(running, record_property)


def test_no_message_is_put_off_for_long_and_none_is_larger_than_4_kib(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path
) -> None:
    with stack(tmp_path, sqlite_database, broker_server, World(40)) as running, overheard(broker_server) as commands:
        running.beat(1.0)
        running.worker()
        running.settle()
    messages = [headers for heard in commands if (headers := heard.headers)]
    assert {headers["task"] for headers in messages} >= {
        f"gongbao.{verb}" for verb in ("tick", "collect", "process", "publish")
    }
    assert max(len(heard.command) for heard in commands if heard.command.startswith("LPUSH")) < MOST_BYTES
    assert {headers["eta"] for headers in messages} == {None}
    assert {headers["argsrepr"] for headers in messages} == {"()"}


@pytest.mark.slow
def test_what_a_killed_child_had_begun_is_put_off_for_seconds_and_a_few_times(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path
) -> None:
    """The one use of an ETA: a pulse whose child died runs again, and not in a hot loop."""
    with stack(tmp_path, sqlite_database, broker_server, World(60), delay=0.05) as running:
        with overheard(broker_server) as commands:
            worker = running.worker("collect,process")
            running.worker("discover,publish")
            running.beat(1.0)
            for known in (3, 8, 13):
                running.wait_until(lambda connection, known=known: count_of(connection, publications) > known)  # type: ignore[misc]
                for child in children_of(worker):
                    os.kill(child, signal.SIGKILL)
            running.settle()
        running.check()
    again = retried(commands)
    assert again
    assert max(headers["retries"] for headers in again) <= MOST_RETRIES
    sent = [(heard.at, headers["eta"]) for heard in commands if (headers := heard.headers) and headers["eta"]]
    etas = [(at, datetime.fromisoformat(eta).timestamp()) for at, eta in sent]
    assert etas
    assert max(eta - at for at, eta in etas) <= MOST_ETA_SECONDS


class Heard(NamedTuple):
    """A command that a server was given, and when (seconds since 1970)."""

    at: float
    command: str

    @property
    def headers(self) -> dict[str, Any] | None:
        """The headers of the message that it puts on a queue; None for another command."""
        if not self.command.startswith("LPUSH gongbao:"):
            return None
        headers: dict[str, Any] = json.loads(self.command.split(" ", 2)[2])["headers"]
        return headers


def retried(commands: Sequence[Heard]) -> list[dict[str, Any]]:
    """The headers of the messages that were put back to be tried again."""
    return [headers for heard in tuple(commands) if (headers := heard.headers) and headers["retries"]]


@contextmanager
def overheard(server: Valkey) -> Iterator[list[Heard]]:
    """The commands that a server is given during the block, filled in when it ends."""
    commands: list[Heard] = []
    patient = redis.Redis.from_url(server.url, decode_responses=True)  # a time-out would end its connection
    with patient as client, client.monitor() as monitor:
        listening = threading.Thread(target=_listen, args=(monitor, commands))
        listening.start()
        yield commands
        with broker.client(server.url) as other:
            other.echo("that is all")
        listening.join()


def _listen(monitor: Any, commands: list[Heard]) -> None:
    while True:
        heard = monitor.next_command()
        if heard["command"] == "ECHO that is all":
            return
        commands.append(Heard(float(heard["time"]), heard["command"]))
