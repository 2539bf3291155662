"""Hundreds of kills at random moments that a seed decides: nothing lost, nothing doubled, nothing still for long."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import databases
from tests.faults.stack import Stack, kill_child, kill_group, kill_main, stack
from tests.faults.valkey import valkey
from worker.replica.site import World

KILLS = int(os.environ.get("SOAK_KILLS", "200"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
WORKERS = 3
_APART_SECONDS = (0.5, 4.5)


class Chaos:
    """Breaks a running stack every few seconds, in a way and at a moment that the seed decides."""

    def __init__(self, seed: int, most: int) -> None:
        self._dice = random.Random(seed)
        self._left = most
        self._next_at = 0.0
        self.done: Counter[str] = Counter()
        self._kinds: dict[Callable[[Stack], None], int] = {
            self.group: 30,
            self.main: 20,
            self.child: 30,
            self.beat: 4,
            self.broker: 6,
            self.deploy: 4,
            self.flush: 3,
            self.freeze: 3,
        }

    @property
    def kills(self) -> int:
        """Processes killed so far."""
        return sum(self.done[name] for name in ("group", "main", "child", "beat", "broker"))

    def strike(self, running: Stack) -> None:
        """Start again what ended; when the time has come, break something."""
        running.revive()
        if time.monotonic() < self._next_at or self.kills >= self._left:
            return
        self._next_at = time.monotonic() + self._dice.uniform(*_APART_SECONDS)
        kind = next(iter(self._dice.choices(list(self._kinds), list(self._kinds.values()))))
        kind(running)
        self.done[kind.__name__] += 1

    def group(self, running: Stack) -> None:
        kill_group(self._worker(running))

    def main(self, running: Stack) -> None:
        kill_main(self._worker(running))

    def child(self, running: Stack) -> None:
        kill_child(self._worker(running))

    def deploy(self, running: Stack) -> None:
        self._worker(running).send_signal(signal.SIGTERM)

    def beat(self, running: Stack) -> None:
        kill_main(next(iter(running.alive("beat"))))

    def broker(self, running: Stack) -> None:
        running.server.end()
        time.sleep(self._dice.uniform(0, 1.5))
        running.server.start()

    def flush(self, running: Stack) -> None:
        running.server.flush()

    def freeze(self, running: Stack) -> None:
        running.server.freeze()
        time.sleep(self._dice.uniform(0.5, 3))
        running.server.thaw()

    def _worker(self, running: Stack) -> subprocess.Popen[bytes]:
        return self._dice.choice(running.alive("worker"))


@contextmanager
def fresh(folder: Path, kind: str, template: Path, server: str) -> Iterator[str]:
    """A fresh ledger of that kind."""
    if kind == "sqlite":
        yield databases.sqlite_copy(template, folder)
        return
    with databases.postgres_database(server) as url:
        yield url


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_hundreds_of_kills_lose_nothing_double_nothing_and_stop_nothing_for_long(
    sqlite_template: Path, postgres_server: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chaos, lost, doubled, stuck, longest, rounds = Chaos(SEED, KILLS), 0, 0, 0, 0.0, 0
    started_at = time.monotonic()
    while chaos.kills < KILLS:
        rounds += 1
        home = tmp_path / str(rounds)
        home.mkdir()
        with ExitStack() as opened:
            kind = ("postgres", "sqlite")[rounds % 2]
            database = opened.enter_context(fresh(home, kind, sqlite_template, postgres_server))
            server = opened.enter_context(valkey())
            running = opened.enter_context(stack(home, database, server, World(150, seed=rounds), delay=0.1))
            running.beat()
            for _ in range(WORKERS):
                running.worker()
            running.settle(900, each=lambda running=running: chaos.strike(running))  # type: ignore[misc]
            audit = running.audit()
            lost, doubled = lost + audit.lost.total(), doubled + audit.doubled.total()
            stuck, longest = stuck + audit.stuck.total(), max(longest, running.longest_stall)
            print(rounds, kind, dict(chaos.done), audit, f"{running.longest_stall:.1f}", file=sys.stderr)  # noqa: T201
    record_property("seed", SEED)
    record_property("rounds", rounds)
    record_property("minutes", f"{(time.monotonic() - started_at) / 60:.1f}")
    record_property("kills", chaos.kills)
    record_property("faults", dict(chaos.done))
    record_property("lost", lost)
    record_property("doubled", doubled)
    record_property("stuck", stuck)
    record_property("longest stall", f"{longest:.1f} s")
    assert (lost, doubled, stuck) == (0, 0, 0)
