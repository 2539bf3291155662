"""The whole system in one process tree: broker, beat, workers; `process` in children whose time limits are enforced.

gongbao run ── threads: discover, collect, publish · beat
├─ valkey-server           on a unix socket in the data folder
└─ gongbao worker          queue process, prefork
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from config.settings import Settings
from worker import broker
from worker.app import beat_in_thread, build, run_worker, stop_worker
from worker.deps import open_deps
from worker.discover import open_runs
from worker.ledger import schedule
from worker.ledger.schedule import RunReport

log = structlog.get_logger()

TICK_SECONDS = 1.0
_WATCH_SECONDS = 0.2


def run(settings: Settings) -> int:
    """Run until told to stop; returns the exit status."""
    with broker.embedded(settings) as url:
        _work(settings, url, lambda: False)
    return 0


def run_once(settings: Settings, names: Sequence[str]) -> list[RunReport]:
    """Make one run of each of these portals through broker and workers; returns how each went."""
    deps = open_deps(settings)
    runs = [run.id for run in open_runs(deps, names=names)]

    def standing() -> list[RunReport]:
        with deps.ledger.begin() as connection:
            return [schedule.run(connection, run_id) for run_id in runs]

    with broker.embedded(settings) as url:
        _work(settings, url, lambda: all(report.state != "running" for report in standing()))
    return standing()


def _work(settings: Settings, url: str, over: Callable[[], bool]) -> None:
    """Work in this process and one reader child until it is over or a signal says so."""
    open_deps(settings).ledger.dispose()  # the schema is made current once, before several processes open it
    app = build(settings, url, TICK_SECONDS)
    with _reader(settings, url) as ensure_alive, beat_in_thread(app):
        stop = threading.Event()
        watch = threading.Thread(target=_watch, args=(over, ensure_alive, stop), name="watch", daemon=True)
        watch.start()
        try:
            run_worker(app, ["discover", "collect", "publish"], concurrency=3, pool="threads")
        finally:
            stop.set()
            watch.join()


def _watch(over: Callable[[], bool], ensure_alive: Callable[[], None], stop: threading.Event) -> None:
    """End the worker when the work is over, and start the reader again when it died."""
    while not stop.wait(_WATCH_SECONDS):
        ensure_alive()
        if over():
            stop_worker()
            return


@contextmanager
def _reader(settings: Settings, url: str) -> Iterator[Callable[[], None]]:
    """The child that reads pages; yields a function that starts it again if it has died."""
    environment = {**os.environ, "GONGBAO_BROKER_URL": url, "GONGBAO_HOME": str(settings.home.resolve())}
    command = [sys.executable, "-m", "worker", "worker", "--queues", "process", "--concurrency", "1"]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=environment, stdout=sys.stderr, preexec_fn=broker.die_with_parent)  # noqa: S603

    child = start()

    def ensure_alive() -> None:
        nonlocal child
        if child.poll() is not None:
            log.error("worker.restarted", queue="process", status=child.returncode)
            time.sleep(_WATCH_SECONDS)
            child = start()

    try:
        yield ensure_alive
    finally:
        child.terminate()
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
