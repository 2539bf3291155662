"""The whole system in one process tree: broker, beat, workers; `process` in children whose time limits are enforced.

gongbao run ── worker threads, beat, web server
├─ valkey-server     on a unix socket in the data folder
└─ reader            reads pages, and is killed when one takes too long
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from config.settings import Settings
from worker import broker
from worker.app import beat_in_thread, build, run_worker, stop_worker
from worker.deps import open_deps
from worker.discover import open_runs
from worker.ledger import schedule
from worker.ledger.engine import AWAY
from worker.ledger.schedule import RunReport
from worker.letters import QUEUES
from worker.readers import reader

if TYPE_CHECKING:
    from worker.web.server import Bound

TICK_SECONDS = 1.0
_WATCH_SECONDS = 0.2


def run(settings: Settings, bound: Bound) -> int:
    """Run until told to stop, and serve webhook and status page on that socket; returns the exit status."""
    from worker.web.server import in_thread  # a run that ends needs no web server

    with broker.embedded(settings) as url, in_thread(open_deps(settings, upgrade=True), settings, bound, url):
        _work(settings, url, "tick", lambda: False)
    return 0


def run_once(settings: Settings, names: Sequence[str]) -> list[RunReport]:
    """Make one run of each of these portals through broker and workers; returns how each went."""
    deps = open_deps(settings, upgrade=True)
    runs: list[int] = []

    def standing() -> list[RunReport]:
        with deps.ledger.begin() as connection:
            return [schedule.run(connection, run_id) for run_id in runs]

    with broker.embedded(settings) as url:
        runs += [run.id for run in open_runs(deps, names=names)]
        _work(settings, url, "tend", lambda: all(report.state != "running" for report in standing()))
    return standing()


def _work(settings: Settings, url: str, beat: Literal["tick", "tend"], over: Callable[[], bool]) -> None:
    """Work in this process, and read pages in a child of it, until it is over or a signal says so.

    The schema has been made current before: several processes open it now.
    """
    with reader(settings) as read:
        app = build(settings, url, TICK_SECONDS, read, beat)
        stop = threading.Event()
        watch = threading.Thread(target=_watch, args=(over, stop), name="watch", daemon=True)
        watch.start()
        try:
            with beat_in_thread(app):
                run_worker(app, list(QUEUES), concurrency=len(QUEUES), pool="threads")
        finally:
            stop.set()
            watch.join()


def _watch(over: Callable[[], bool], stop: threading.Event) -> None:
    """End the worker when the work is over; a ledger that is away for a while is asked again."""
    while not stop.wait(_WATCH_SECONDS):
        with suppress(*AWAY):
            if over():
                stop_worker()
                return
