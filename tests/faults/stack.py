"""The production stack as child processes of a test: broker, beat and workers, over a replica whose truth is known.

`settle` waits until all work is done and tells how long it ever stood still; `check` holds the ledger and the stream
against the truth: nothing lost, nothing doubled, nothing stuck.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from tests.faults.valkey import Valkey
from tests.stack import command, environment
from worker import broker
from worker.ledger import outbox
from worker.ledger.engine import AWAY, open_engine
from worker.ledger.schema import frontier, publications, reports, runs, versions, visits
from worker.ledger.schema import outbox as outbox_table
from worker.outcomes import Outcome
from worker.publish import STREAM
from worker.replica.server import Replica, serve
from worker.replica.site import World
from worker.replica.truth import truth

BEAT_SECONDS = 5.0  # as in production
_LOOK_SECONDS = 0.1


class Audit(NamedTuple):
    """What is not as it should be; all three are empty when nothing went wrong."""

    lost: Counter[object]
    doubled: Counter[object]
    stuck: Counter[object]


class Stack:
    """Processes under fault. What it starts it ends, by its id."""

    def __init__(self, home: Path, database: str, server: Valkey, replica: Replica, world: World) -> None:
        self.home = home
        self.server = server
        self.replica = replica
        self.world = world
        self.ledger = open_engine(database)
        self.processes: list[subprocess.Popen[bytes]] = []
        self._programs: list[Sequence[str]] = []
        self._replaced: set[int] = set()
        self.longest_stall = 0.0
        chosen = {"database_url": database, "broker_url": server.url}
        self.environment = environment(home, replica, **chosen)

    def start(self, *arguments: object, log: int | None = None, **chosen: str) -> subprocess.Popen[bytes]:
        """Start the program in a group of its own; its log goes to `log`, else to a file of the home folder."""
        return self.run(command(arguments), log, **chosen)

    def run(self, program: Sequence[str], log: int | None = None, **chosen: str) -> subprocess.Popen[bytes]:
        """The same with any program."""
        env = {**self.environment, **{f"GONGBAO_{name.upper()}": value for name, value in chosen.items()}}
        with (self.home / f"{len(self.processes)}.log").open("ab") as file:
            process = subprocess.Popen(program, env=env, stdout=file, stderr=log or file, start_new_session=True)
        self.processes.append(process)
        self._programs.append(program)
        return process

    def worker(self, queues: str = "discover,collect,process,publish", **chosen: str) -> subprocess.Popen[bytes]:
        """Start a worker for these queues."""
        return self.start("worker", "--queues", queues, **chosen)

    def beat(self, seconds: float = BEAT_SECONDS) -> subprocess.Popen[bytes]:
        """Start a beat."""
        return self.start("beat", "--seconds", seconds)

    def revive(self) -> None:
        """Start again what has ended, as a supervisor would."""
        for place, process in enumerate(self.processes):
            if process.poll() is not None and place not in self._replaced:
                self._replaced.add(place)
                self.run(self._programs[place])

    def alive(self, what: str) -> list[subprocess.Popen[bytes]]:
        """The running processes of one command."""
        pairs = zip(self.processes, self._programs, strict=True)
        return [process for process, program in pairs if what in program and process.poll() is None]

    def wait_until(self, condition: Callable[[Connection], Any], seconds: float = 60.0) -> None:
        """Look at the ledger until something is so."""
        until = time.monotonic() + seconds
        while True:
            with self.ledger.begin() as connection:
                if condition(connection):
                    return
            assert time.monotonic() < until, f"not so after {seconds} s\n{self.logs()}"
            time.sleep(_LOOK_SECONDS)

    def settle(self, seconds: float = 120.0, each: Callable[[], None] = lambda: None) -> None:
        """Wait until everything is stored and relayed; `each` is called at every look and may break things."""
        until, moved_at, before = time.monotonic() + seconds, time.monotonic(), (-1, -1)
        while True:
            each()
            progress, done = self._look()
            if progress != before:
                before, moved_at = progress, time.monotonic()
            if done:
                return
            self.longest_stall = max(self.longest_stall, time.monotonic() - moved_at)
            assert time.monotonic() < until, f"not settled after {seconds} s: {self._left()}\n{self.logs()}"
            time.sleep(_LOOK_SECONDS)

    def _look(self) -> tuple[tuple[int, int], bool]:
        """How far the work has come, and whether all of it is done."""
        try:
            with self.ledger.begin() as connection:
                ended = count_of(connection, visits)
                waits = connection.execute(select(func.count()).where(frontier.c.state != "quarantined")).scalar_one()
                states = Counter(connection.execute(select(runs.c.state)).scalars())
                unsent = outbox.unsent(connection)
        except AWAY:
            return (-1, -1), False
        requests = len(self.replica.requests)
        done = states.total() >= len(self.world.portals) and not (states["running"] or waits or unsent)
        return (ended - unsent, requests), done

    def _left(self) -> str:
        with self.ledger.begin() as connection:
            rows = connection.execute(select(frontier)).mappings().all()
            return json.dumps([dict(row) for row in rows], ensure_ascii=False, default=str)[:3000]

    def logs(self) -> str:
        """The ends of what the processes said."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.home.glob("*.log")))

    def check(self) -> None:
        """Hold the ledger and the stream against the truth about phase 1."""
        audit = self.audit()
        assert audit == Audit(Counter(), Counter(), Counter()), f"{audit}\n{self.logs()}"

    def audit(self) -> Audit:
        """What of the truth about phase 1 is missing, what is there twice or should not be, and what is stuck."""
        pages = [page for page in truth(self.world, 1) if page.content_hash is not None]
        new = sum(page.outcome is Outcome.NEW for page in pages)
        wanted: Counter[object] = Counter((page.portal, page.url, page.content_hash) for page in pages)
        wanted += Counter({"version": len(pages), "report": new, "report.new": new, "report.sighted": len(pages) - new})
        with self.ledger.begin() as connection:
            found: Counter[object] = Counter(tuple(row) for row in connection.execute(_stored))
            events = connection.execute(select(outbox_table.c.event_id, outbox_table.c.kind)).all()
            found += Counter(version=count_of(connection, versions), report=count_of(connection, reports))
            stuck: Counter[object] = Counter(connection.execute(select(frontier.c.key)).scalars())
        found += Counter(kind for _, kind in events)
        found += Counter(self.told())
        wanted += Counter(event_id for event_id, _ in events)
        return Audit(lost=wanted - found, doubled=found - wanted, stuck=stuck)

    def told(self) -> list[str]:
        """The event ids on the stream."""
        with broker.client(self.server.url) as client:
            entries: Any = client.xrange(STREAM)
        return [json.loads(fields["event"])["event_id"] for _id, fields in entries]

    def end(self) -> None:
        """End every process that is left."""
        for process in self.processes:
            kill_group(process)
        self.ledger.dispose()


_stored = select(publications.c.portal, publications.c.url, publications.c.content_hash).where(
    publications.c.content_hash.is_not(None)
)


def count_of(connection: Connection, table: Any) -> int:
    """How many rows a table has."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children at once, as a machine that loses its power would."""
    children = children_of(process)  # they lead groups of their own where they shall not hear the keyboard
    for pid in (process.pid, *children):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(timeout=20)


def kill_main(process: subprocess.Popen[bytes]) -> None:
    """Kill the main process alone; the system ends its children."""
    process.kill()
    process.wait(timeout=20)


def kill_child(process: subprocess.Popen[bytes]) -> None:
    """Kill one child of a pool; a worker without children loses nothing."""
    for pid in children_of(process)[:1]:
        os.kill(pid, signal.SIGKILL)


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The ids of a process's children."""
    if process.poll() is not None:
        return []
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)  # noqa: S607
    return [int(pid) for pid in listed.stdout.split()]


@contextmanager
def stack(home: Path, database: str, server: Valkey, world: World, delay: float = 0.0) -> Iterator[Stack]:
    """A stack without any process yet, over a replica that answers after `delay` seconds."""
    with serve(world, delay=delay) as replica:
        running = Stack(home, database, server, replica, world)
        try:
            yield running
        finally:
            running.end()
