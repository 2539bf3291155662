"""Beats, ticks and runs: however many there are, each portal has one run when its turn has come."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import OperationalError

from config.portal import load_portals
from config.settings import Settings
from tests.faults.stack import kill_main, stack
from tests.faults.valkey import Valkey
from tests.stack import deps_on
from tests.wanted import portal
from worker.app import build
from worker.crawl import close_runs
from worker.discover import open_runs
from worker.ledger import schedule as schedules
from worker.ledger.engine import now
from worker.ledger.schema import frontier, runs, schedule
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


@pytest.mark.postgres
def test_ticks_triggers_and_pauses_of_many_portals_at_once_do_not_wait_for_each_other_in_a_circle(
    postgres_database: str, tmp_path: Path
) -> None:
    names = [f"p{number:02}" for number in range(60)]
    deps = deps_on(postgres_database, tmp_path, {name: portal(name) for name in names})
    with deps.ledger.begin() as connection:
        schedules.enrol(connection, deps.portals.values())
    until, errors = time.monotonic() + 4, []

    def trigger(order: list[str]) -> None:
        with deps.ledger.begin() as connection:
            schedules.ask_all(connection, order, "webhook")

    def pause(paused: bool) -> None:
        with deps.ledger.begin() as connection:
            schedules.pause(connection, names[::-1], paused=paused)

    def end() -> None:
        for name in names:  # one at a time: this stands for collectors, each of which ends one page
            with deps.ledger.begin() as connection:
                connection.execute(delete(frontier).where(frontier.c.portal == name))
        close_runs(deps)

    def repeat(work: Callable[[], object]) -> None:
        while time.monotonic() < until and not errors:
            try:
                work()
            except OperationalError as error:
                errors.append(error)

    work: list[Callable[[], object]] = [lambda: open_runs(deps), lambda: open_runs(deps, names=names[::-1]), end]
    work += [lambda: trigger(names[::-1]), lambda: trigger(names), lambda: pause(True), lambda: pause(False)]
    threads = [threading.Thread(target=repeat, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deps.ledger.dispose()
    assert errors == []


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
