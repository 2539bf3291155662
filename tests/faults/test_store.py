"""A store or a disk that is busy, full or away, and writers that die in the middle of a commit."""

from __future__ import annotations

import gzip
import hashlib
import json
import multiprocessing
import random
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.engine import make_url

from tests.faults.stack import Stack, children_of, count_of, kill_group, stack
from tests.faults.valkey import Valkey
from tests.papers import BODY, paper, reading
from worker.ledger import reports
from worker.ledger.engine import open_engine
from worker.ledger.schema import outbox as outbox_table
from worker.ledger.schema import publications
from worker.ledger.schema import reports as reports_table
from worker.replica.site import World
from worker.troubles import RESERVE_BYTES, require_room

Note = Callable[[str, object], None]


class Usage(NamedTuple):
    """What a disk says of itself, in bytes."""

    total: int
    free: int


def store(database: str, portal: str, first: int, last: int, begun: Callable[[], None] = lambda: None) -> None:
    """Store reports number `first` to `last` as pages of one portal, through an engine of its own."""
    ledger = open_engine(database)
    for number in range(first, last):
        said = paper(body=BODY.replace("128件", f"{number}件"))
        with ledger.begin() as connection:
            if reports.known(connection, portal, f"p{number}") is None:
                reports.store(connection, reading(portal, f"p{number}", said))
        begun()
    ledger.dispose()


def test_six_writers_of_one_sqlite_file_never_see_it_locked(sqlite_database: str) -> None:
    start, troubles = threading.Barrier(6), []

    def write(portal: str) -> None:
        start.wait()
        try:
            store(sqlite_database, portal, 1000, 1040)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            troubles.append(error)

    writers = [threading.Thread(target=write, args=(f"portal{number}",)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert troubles == []
    ledger = open_engine(sqlite_database)
    with ledger.begin() as connection:
        kinds = Counter(connection.execute(select(outbox_table.c.kind)).scalars())
    ledger.dispose()
    assert kinds == {"report.new": 40, "report.sighted": 200}


def kill_writers(database: str, kills: int, seed: int) -> None:
    """Kill one writer after another at a random moment; no report is ever without its event, or the other way round."""
    dice, fork = random.Random(seed), multiprocessing.get_context("fork")
    for number in range(kills):
        begun = fork.Event()
        share = (number * 10_000, (number + 1) * 10_000)
        writer = fork.Process(target=store, args=(database, "portal", *share, begun.set))
        writer.start()
        assert begun.wait(30)
        time.sleep(dice.uniform(0, 0.02))  # the moment of the kill is what is being tried out
        writer.kill()
        writer.join()
    ledger = open_engine(database)
    with ledger.begin() as connection:
        known = list(connection.execute(select(reports_table.c.id)).scalars())
        told = list(connection.execute(select(outbox_table.c.report_id)).scalars())
        assert sorted(known) == sorted(told)
        assert count_of(connection, publications) == len(known) >= kills
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    ledger.dispose()


def test_a_writer_killed_in_a_commit_leaves_report_and_event_or_neither(database: str) -> None:
    kill_writers(database, kills=5, seed=1)


@pytest.mark.soak
def test_forty_writers_killed_in_a_commit_leave_report_and_event_or_neither(database: str) -> None:
    kill_writers(database, kills=40, seed=2)


def test_a_disk_is_called_full_before_it_is(tmp_path: Path) -> None:
    home = tmp_path / "not" / "there" / "yet"
    require_room(home, lambda _: Usage(total=1 << 40, free=RESERVE_BYTES))
    with pytest.raises(OSError, match="No space left"):
        require_room(home, lambda _: Usage(total=1 << 40, free=RESERVE_BYTES - 1))
    require_room(home, lambda _: Usage(total=1 << 20, free=1 << 19))  # a small disk has a small reserve


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process's files, which only Linux can")
@pytest.mark.slow
def test_a_disk_that_is_full_is_said_once_waited_out_and_leaves_no_half_file(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, sqlite_database, broker_server, World(60), delay=0.02) as running:
        running.beat(1.0)
        with heard(running) as lines:
            begin(running)
            limit_files(running, 1024)
            wait_for_line(lines, "trouble.began")
            stopped = publications_of(running)
            time.sleep(5)  # several ticks, each of which finds the disk full
            assert publications_of(running) == stopped
            limit_files(running, resource.RLIM_INFINITY)
            running.settle()
            wait_until_over(lines)
        running.check()
        check_archive(tmp_path / "archive")
        check_said_once(lines, processes=2, wheres=("disk", "store"))
        record_property("longest stall", f"{running.longest_stall:.1f} s")


@pytest.mark.soak
@pytest.mark.postgres
def test_a_store_that_goes_away_is_said_once_and_waited_out(
    postgres_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, postgres_database, broker_server, World(100), delay=0.1) as running:
        running.beat()
        with heard(running) as lines:
            begin(running)
            with shut(running.ledger):
                wait_for_line(lines, "trouble.began")
                time.sleep(30)
            before, back_at = publications_of(running), time.monotonic()
            running.wait_until(lambda connection: count_of(connection, publications) > before)
            record_property("resumed after", f"{time.monotonic() - back_at:.1f} s")
            running.settle()
            wait_until_over(lines)
        running.check()
        check_said_once(lines, processes=2, wheres=("store",))


@pytest.mark.soak
def test_a_sqlite_file_that_somebody_locks_for_long_is_waited_out(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, sqlite_database, broker_server, World(100), delay=0.1) as running:
        running.beat()
        with heard(running) as lines:
            begin(running)
            with running.ledger.begin():
                time.sleep(45)
            running.settle()
            wait_until_over(lines)
        running.check()
        check_said_once(lines, processes=2, wheres=("store",))


@contextmanager
def shut(ledger: Engine) -> Iterator[None]:
    """Let nobody into this PostgreSQL database, and throw out whoever is in."""
    name = ledger.url.database
    outside = create_engine(make_url(ledger.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    ledger.dispose()
    with outside.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        )
        yield
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    outside.dispose()


def begin(running: Stack) -> None:
    running.wait_until(lambda connection: count_of(connection, publications) > 5)


def publications_of(running: Stack) -> int:
    with running.ledger.begin() as connection:
        return count_of(connection, publications)


@contextmanager
def heard(running: Stack) -> Iterator[list[dict[str, Any]]]:
    """A worker and what it says, through a pipe: a file would be full too. It is ended after the block."""
    lines: list[dict[str, Any]] = []
    worker = running.start("worker", log=subprocess.PIPE)

    def follow() -> None:
        assert worker.stderr is not None
        with worker.stderr as pipe:
            for line in pipe:
                lines.append(json.loads(line))

    listening = threading.Thread(target=follow)
    listening.start()
    try:
        yield lines
    finally:
        kill_group(worker)
        listening.join()


def wait_for_line(lines: list[dict[str, Any]], event: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not any(line["event"] == event for line in lines):
        assert time.monotonic() < until, lines[-20:]
        time.sleep(0.1)


def wait_until_over(lines: list[dict[str, Any]], seconds: float = 60.0) -> None:
    """Wait until all that began has ended; a store is given some quiet first."""
    until = time.monotonic() + seconds
    while wheres_of(lines, "trouble.began") != wheres_of(lines, "trouble.ended"):
        assert time.monotonic() < until, lines[-20:]
        time.sleep(0.1)


def wheres_of(lines: list[dict[str, Any]], event: str) -> set[str]:
    return {line["where"] for line in lines if line["event"] == event}


def limit_files(running: Stack, size: int) -> None:
    """Let no worker write a file beyond `size` bytes from now on."""
    worker = running.processes[-1]
    for pid in (worker.pid, *children_of(worker)):
        _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def check_archive(folder: Path) -> None:
    """Every entry holds what its name says, and nothing else lies about."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert path.name == f"{hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()}.gz"


def check_said_once(lines: list[dict[str, Any]], processes: int, wheres: tuple[str, ...]) -> None:
    """Each process said at most once that something began, and whoever worked again said that it was over."""
    began = Counter(line["where"] for line in lines if line["event"] == "trouble.began")
    assert set(began) <= set(wheres)
    assert 0 < max(began.values()) <= processes
    ended = Counter(line["where"] for line in lines if line["event"] == "trouble.ended")
    assert ended <= began
    assert set(ended) == set(began)
    assert not [line for line in lines if "exception" in line]
