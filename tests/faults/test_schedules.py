"""Beats, ticks and runs: however many there are, each portal has one run when its turn has come."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from config.portal import load_portals
from config.settings import Settings
from tests.faults.stack import kill_main, stack
from tests.faults.valkey import Valkey
from tests.stack import deps_on
from worker.app import build
from worker.discover import open_runs
from worker.ledger.engine import now
from worker.ledger.schema import runs, schedule
from worker.replica.site import World

Note = Callable[[str, object], None]


def runs_of(connection: Connection) -> Counter[str]:
    """How many runs each portal has had."""
    return Counter(connection.execute(select(runs.c.portal)).scalars())


def test_ten_ticks_at_one_moment_open_one_run_a_portal(database: str, tmp_path: Path) -> None:
    deps = deps_on(database, tmp_path, load_portals())
    start, opened = threading.Barrier(10), []

    def tick() -> None:
        start.wait()
        opened.extend(run.portal for run in open_runs(deps))

    ticks = [threading.Thread(target=tick) for _ in range(10)]
    for thread in ticks:
        thread.start()
    for thread in ticks:
        thread.join()
    deps.ledger.dispose()
    assert Counter(opened) == Counter(dict.fromkeys(load_portals(), 1))


@pytest.mark.slow
def test_an_hour_of_ticks_that_nobody_took_opens_one_run_a_portal(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, sqlite_database, broker_server, World(40)) as running:
        app = build(Settings(home=tmp_path), broker_server.url)
        for _ in range(720):
            app.send_task("gongbao.tick", expires=1)
        app.close()
        started_at = time.monotonic()
        running.worker()
        running.beat(1.0)
        running.settle()
        record_property("done after", f"{time.monotonic() - started_at:.1f} s")
        running.check()
        with running.ledger.begin() as connection:
            assert runs_of(connection) == Counter({portal.name: 1 for portal in running.world.portals})


@pytest.mark.soak
def test_two_beats_of_which_one_is_killed_have_the_effect_of_one(
    database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, database, broker_server, World(40)) as running:
        first, _second, _worker = running.beat(), running.beat(), running.worker()
        running.settle()
        running.check()
        kill_main(first)
        with running.ledger.begin() as connection:
            assert set(runs_of(connection).values()) == {1}
            connection.execute(update(schedule).values(next_due_at=now(connection)))
        killed_at = time.monotonic()
        running.wait_until(lambda connection: set(runs_of(connection).values()) == {2})
        record_property("next runs after", f"{time.monotonic() - killed_at:.1f} s")
        running.settle()
        with running.ledger.begin() as connection:
            assert set(runs_of(connection).values()) == {2}
