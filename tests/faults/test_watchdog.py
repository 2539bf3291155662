"""A worker that is alive and consumes nothing is noticed and ended; one that works or rests is left alone."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings
from tests.faults.stack import stack
from tests.faults.valkey import Valkey
from worker.app import build
from worker.replica.site import World
from worker.watchdog import BUSY_SECONDS, IDLE_SECONDS, STATUS, Watchdog, messages_wait, watching


class Worker:
    """A worker as the watchdog sees it, and the time."""

    waiting: bool | None = True
    busy = False
    time = 0.0

    def dog(self) -> Watchdog:
        return Watchdog(lambda: self.waiting, lambda: self.busy, lambda: self.time)


def test_a_worker_is_deaf_when_messages_wait_and_none_is_received() -> None:
    worker = Worker()
    dog = worker.dog()
    worker.time = IDLE_SECONDS
    assert not dog.is_deaf()
    worker.time += 1
    assert dog.is_deaf()


def test_a_worker_that_receives_messages_is_not_deaf() -> None:
    worker = Worker()
    dog = worker.dog()
    worker.time = IDLE_SECONDS
    dog.heard()
    worker.time += IDLE_SECONDS
    assert not dog.is_deaf()


def test_a_worker_whose_slots_are_all_busy_has_until_the_hard_limit_of_a_pulse() -> None:
    worker = Worker()
    dog = worker.dog()
    worker.busy = True
    worker.time = BUSY_SECONDS
    assert not dog.is_deaf()
    worker.time += 1
    assert dog.is_deaf()


@pytest.mark.parametrize("waiting", [False, None])
def test_a_worker_is_not_deaf_while_nothing_waits_or_the_broker_is_away(waiting: bool | None) -> None:
    worker = Worker()
    dog = worker.dog()
    worker.waiting = waiting
    worker.time = 10 * BUSY_SECONDS
    assert not dog.is_deaf()
    worker.waiting = True
    assert not dog.is_deaf()


def test_the_watchdog_ends_the_process_of_a_deaf_worker() -> None:
    worker, left = Worker(), threading.Event()
    dog = worker.dog()
    worker.time = IDLE_SECONDS + 1
    statuses: list[int] = []

    def leave(status: int) -> None:
        statuses.append(status)
        left.set()

    with watching(dog, leave, every=0.01):
        assert left.wait(10)
    assert statuses == [STATUS]


def test_waiting_messages_are_seen_and_a_broker_that_is_away_is_unknown(broker_server: Valkey, tmp_path: Path) -> None:
    app = build(Settings(home=tmp_path), broker_server.url)
    assert messages_wait(broker_server.url, ["discover", "collect"]) is False
    app.send_task("gongbao.collect")
    assert messages_wait(broker_server.url, ["discover", "collect"]) is True
    broker_server.end()
    assert messages_wait(broker_server.url, ["discover", "collect"]) is None


@pytest.mark.soak
def test_a_real_worker_that_no_longer_listens_exits_and_the_next_one_does_its_work(
    broker_server: Valkey, sqlite_database: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with stack(tmp_path, sqlite_database, broker_server, World(40)) as running:
        deaf = [sys.executable, "-m", "tests.faults.deaf"]
        worker = running.run(deaf)
        deaf_at = time.monotonic()
        running.beat()
        assert worker.wait(timeout=120) == STATUS
        record_property("noticed after", f"{time.monotonic() - deaf_at:.1f} s")
        running.worker()
        running.settle()
        running.check()
