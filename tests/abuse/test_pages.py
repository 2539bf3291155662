"""Hostile pages before the real reader: each has its promised end, none fills or stops it, and the next is read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.abuse.door import ON_LINUX, PATIENCE
from tests.abuse.pages import HEAVY, HONEST, SLOW, Heavy
from tests.abuse.reading import Reading, bring, ended, starts
from tests.stack import environment, settings_of
from tests.wanted import expire
from worker.deps import Deps, open_deps
from worker.ledger import frontier
from worker.ledger.claims import MOST_STARTS
from worker.readers import reader

MOST_BYTES = 300 * 1024 * 1024


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    deps = open_deps(settings_of(tmp_path_factory.mktemp("reading")))
    with reader(deps.settings) as read:
        yield Reading(deps, read)
    deps.ledger.dispose()


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_page_has_its_promised_end_and_the_next_page_is_read(reading: Reading, name: str) -> None:
    heavy: Heavy = HEAVY[name]
    bring(reading.deps, f"heavy {name}", heavy.page)
    bring(reading.deps, f"honest {name}", HONEST)
    reading.all()
    outcome, reason = ended(reading.deps, f"heavy {name}")
    assert (outcome == "skipped", reason) == (heavy.reason is not None, heavy.reason)
    assert ended(reading.deps, f"honest {name}")[0] in {"new", "duplicate"}
    if ON_LINUX:
        assert reading.peak() < MOST_BYTES


def test_a_page_that_crashes_its_reader_three_times_is_set_aside_with_its_bytes_and_others_go_on(
    tmp_path: Path,
) -> None:
    deps = open_deps(settings_of(tmp_path))
    bring(deps, "crash", SLOW)
    bring(deps, "honest", HONEST)
    with reader(deps.settings) as read:
        crashing = Reading(deps, read)
        for number in range(1, MOST_STARTS + 1):
            _crash(crashing, number)
        crashing.all()
    assert ended(deps, "crash") == ("quarantined", "crashed")
    assert ended(deps, "honest")[0] == "new"
    with deps.ledger.begin() as connection:
        kept = frontier.find(connection, "tahe", "crash")
    assert kept is not None
    [raw] = kept.raw
    assert deps.archive.get(raw.key, raw.fetched_at, None).body == SLOW.encode()
    deps.ledger.dispose()


def _crash(reading: Reading, number: int) -> None:
    """Let the reader die as by a fault of its parser, in the middle of the page that it has begun for the n-th time."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(reading.read, 16)
        until = time.monotonic() + PATIENCE
        while starts(reading.deps, "crash") < number:
            assert time.monotonic() < until
            time.sleep(0.02)
        os.kill(reading.pid, signal.SIGSEGV)
        assert asked.result() == 1
    let_leases_end(reading.deps)


def let_leases_end(deps: Deps) -> None:
    """As if the time had passed for which a dead reader still holds its pages."""
    with deps.ledger.begin() as connection:
        expire(connection, "frontier")


@pytest.mark.skipif(not ON_LINUX, reason="the kernel limits memory here")
def test_a_page_that_needs_more_memory_than_there_is_is_set_aside_and_others_go_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.abuse.cramped"]
    ran = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=200, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert json.loads(ran.stdout.splitlines().pop()) == {
        "first": "new",
        "heavy": "quarantined",
        "other": "duplicate",
        "starts": MOST_STARTS,
    }
