"""A holder that was killed on this machine is known to be dead; nobody else ever is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine

from tests.stack import deps_on
from tests.wanted import fetched
from worker import holders
from worker.ledger import claims, frontier, lanes
from worker.outcomes import Ended
from worker.process import process

SAY_NAME = "from worker import holders; import sys; print(holders.name(), flush=True); sys.stdin.read()"


def test_a_living_process_is_not_dead_and_a_killed_one_is() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SAY_NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert not holders.is_dead(name)
        process.kill()
        process.wait()
        assert holders.is_dead(name) == (sys.platform == "linux")


def test_a_process_that_got_the_id_of_a_dead_one_is_not_taken_for_it() -> None:
    host, pid, birth, machine = holders.name().rsplit(":", 3)
    assert holders.is_dead(f"{host}:{pid}:{birth}0:{machine}") == (sys.platform == "linux")


def test_a_process_of_another_machine_or_without_a_full_name_is_never_known_to_be_dead() -> None:
    host, pid, birth, machine = holders.name().rsplit(":", 3)
    assert not holders.is_dead(f"{host}:1{pid}:{birth}:{machine}x")
    assert not holders.is_dead(f"{host}:1{pid}::")
    assert not holders.is_dead("worker 7")


def test_what_a_killed_reader_had_claimed_is_read_by_the_next_at_once(database: str, tmp_path: Path) -> None:
    deps = deps_on(database, tmp_path, {})
    with deps.ledger.begin() as connection:
        fetched(connection, "left")
        claims.claim(connection, 1, reader=a_dead_process())
        fetched(connection, "busy")
        claims.claim(connection, 1, reader=holders.name())
    ends: list[Ended] = []
    assert process(deps, 9, on_end=ends.append) == (sys.platform == "linux")
    assert [ended.reason for ended in ends] == ["lost"] * (sys.platform == "linux")  # its bytes were never archived
    with deps.ledger.begin() as connection:
        assert frontier.depth(connection).get("collected") == 2 - len(ends)
    deps.ledger.dispose()


def a_dead_process() -> str:
    """The name of a process that was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", SAY_NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        process.kill()
    return name


def test_the_lease_of_a_dead_holder_ends_soon_and_others_are_left_alone(ledger: Engine) -> None:
    with ledger.begin() as connection:
        for lane, holder in (("a", "dead"), ("b", "alive")):
            assert lanes.acquire(connection, lane, holder) is not None
        assert lanes.holders(connection) == {"dead", "alive"}
        assert lanes.shorten(connection, ["dead"], 2.0) == 1
        assert lanes.shorten(connection, ["dead"], 2.0) == 0
        assert lanes.shorten(connection, ["dead"], -1.0) == 1
        assert lanes.holders(connection) == {"alive"}
        lease = lanes.acquire(connection, "a", "next")
    assert lease is not None
    assert lease.crashed
