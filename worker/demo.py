"""The demo: the whole embedded stack against the replica, before and after the portals' changes."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from config.settings import Settings
from worker.deps import Deps, open_deps
from worker.embedded import run_once
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
        changes = {"home": Path(home), "connect_to": f"127.0.0.1:{replica.port}", "delay": 0.0}
        mine = settings.model_copy(update={**changes, "database_url": None, "broker_url": None, "portals": None})
        for phase in phases:
            replica.set_phase(phase)
            run_ids = [report.id for report in run_once(mine, [portal.name for portal in world.portals])]
            deps = open_deps(mine)
            crawled.append(_compare(deps, world, phase, run_ids))
            deps.ledger.dispose()
            on_phase()
    return crawled


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
