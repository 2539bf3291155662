"""Workers that are killed in the middle of each verb, whole or in part; afterwards all is as if nothing had been."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.faults.stack import children_of, count_of, kill_child, kill_group, kill_main, stack
from tests.faults.valkey import Valkey
from worker.ledger import frontier, outbox
from worker.ledger.schema import publications, runs
from worker.replica.site import World

Kill = Callable[[subprocess.Popen[bytes]], None]
Note = Callable[[str, object], None]

# When a verb is in the middle of its work.
BUSY: dict[str, Callable[[Connection], bool]] = {
    "discover": lambda connection: count_of(connection, runs) > 0,
    "collect": lambda connection: frontier.depth(connection).get("due", 0) > 5,
    "process": lambda connection: count_of(connection, publications) > 5,
    "publish": lambda connection: outbox.unsent(connection) > 0,
}


@pytest.mark.postgres
@pytest.mark.slow
def test_work_of_a_killed_worker_is_finished_by_the_next(
    postgres_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, postgres_database, broker_server, World(60), delay=0.02) as running:
        running.beat()
        worker = running.worker()
        running.wait_until(BUSY["process"])
        kill_group(worker)
        running.worker()
        running.settle()
        running.check()
        record_property("longest stall", f"{running.longest_stall:.1f} s")


@pytest.mark.slow
def test_children_of_a_running_worker_go_on_when_the_next_version_has_migrated_the_database(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path
) -> None:
    """Workers start them anew every few hundred pulses, and are replaced a while after the migration."""
    with stack(tmp_path, sqlite_database, broker_server, World(60), delay=0.05) as running:
        running.beat(1.0)
        worker = running.worker()
        running.wait_until(BUSY["process"])
        with running.ledger.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for child in children_of(worker):
            os.kill(child, signal.SIGKILL)
        running.settle()
        running.check()


@pytest.mark.soak
@pytest.mark.parametrize("verb", BUSY)
@pytest.mark.parametrize("kill", [kill_group, kill_main, kill_child])
def test_a_kill_in_the_middle_of_a_verb_loses_and_doubles_nothing(
    database: str, broker_server: Valkey, tmp_path: Path, verb: str, kill: Kill, record_property: Note
) -> None:
    others = ",".join(name for name in BUSY if name != verb)
    with stack(tmp_path, database, broker_server, World(60), delay=0.02) as running:
        running.beat()
        running.worker(others)
        victim = running.worker("process" if verb == "process" else f"{verb},process")
        running.wait_until(BUSY[verb])
        kill(victim)
        if victim.poll() is not None:
            running.worker(verb)
        running.settle()
        running.check()
        record_property("longest stall", f"{running.longest_stall:.1f} s")


@pytest.mark.soak
def test_a_deploy_in_mid_task_returns_its_work(
    database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, database, broker_server, World(60), delay=0.1) as running:
        running.beat()
        worker = running.worker()
        running.wait_until(BUSY["process"])
        told_at = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
        record_property("ended after", f"{time.monotonic() - told_at:.1f} s")
        running.worker()
        running.settle()
        running.check()
        record_property("longest stall", f"{running.longest_stall:.1f} s")
