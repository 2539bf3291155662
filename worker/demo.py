"""The demo: the whole embedded stack against the replica, before and after the portals' changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from config.portal import ConfigError
from config.settings import Settings
from worker.deps import Deps, open_deps
from worker.ledger import history
from worker.replica.server import serve
from worker.replica.site import Phase, World
from worker.replica.truth import truth

TITLES = {1: "a first crawl", 2: "the same portals after they changed"}


class Crawled(NamedTuple):
    """What the crawl of one phase ended with, a dict a page, and how many pages a right crawl gets right."""

    number: int
    pages: list[dict[str, Any]]
    right: int
    expected: int


def run(settings: Settings, reports: int, seed: int, *, on_phase: Callable[[], None] = lambda: None) -> list[Crawled]:
    """Crawl both phases of the replica in a data folder that is thrown away, and compare with its truth."""
    world = World(reports, seed)
    crawled = []
    phases: tuple[Phase, Phase] = (1, 2)
    with tempfile.TemporaryDirectory(prefix="gongbao-demo-") as home, serve(world) as replica:
        for phase in phases:
            replica.set_phase(phase)
            run_ids = _run_once(home, replica.port, settings.log_level)
            deps = open_deps(Settings(home=Path(home)))
            crawled.append(_compare(deps, world, phase, run_ids))
            deps.ledger.dispose()
            on_phase()
    return crawled


def _run_once(home: str, port: int, log_level: str) -> list[int]:
    """`gongbao run --once` as a user would run it, against the replica; returns the runs that it made.

    It runs in its own home, for a `.env` file of the operator's may name his ledger, which the demo leaves alone.
    """
    others = {name: value for name, value in os.environ.items() if not name.startswith("GONGBAO_")}
    mine = {
        "GONGBAO_HOME": home,
        "GONGBAO_CONNECT_TO": f"127.0.0.1:{port}",
        "GONGBAO_DELAY": "0",
        "GONGBAO_LOG_LEVEL": "warning" if log_level == "info" else log_level,
    }
    command = [sys.executable, "-m", "worker", "run", "--once", "--json"]
    env = {**others, **mine}
    done = subprocess.run(command, env=env, cwd=home, stdout=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise ConfigError(f"gongbao run --once ended with status {done.returncode}; its log is above")
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


def summary(phases: Sequence[Crawled]) -> dict[str, dict[str, int]]:
    """How many pages of each portal ended in each outcome, both phases together."""
    counts: dict[str, Counter[str]] = {}
    for phase in phases:
        for page in phase.pages:
            counts.setdefault(page["portal"], Counter())[page["outcome"]] += 1
    return {portal: dict(sorted(count.items())) for portal, count in sorted(counts.items())}


def verdict(phases: Sequence[Crawled]) -> str:
    """One line: how much of what the replica published was found as it was published."""
    right, expected = sum(phase.right for phase in phases), sum(phase.expected for phase in phases)
    return f"{right} of {expected} pages ended as the replica says they should."


def _compare(deps: Deps, world: World, phase: Phase, run_ids: Sequence[int]) -> Crawled:
    with deps.ledger.begin() as connection:
        pages = history.of_runs(connection, run_ids)
    found = Counter((page["portal"], page["url"], page["content_hash"]) for page in pages)
    wanted = Counter((page.portal, page.url, page.content_hash) for page in truth(world, phase))
    return Crawled(phase, pages, (found & wanted).total(), wanted.total())
