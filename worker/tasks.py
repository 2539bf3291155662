"""The Celery tasks, one a pulse; nothing but names here."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress

from celery import Celery
from kombu.exceptions import OperationalError

from config.settings import Settings
from worker.deps import Deps, open_deps
from worker.pulses import Pulses


def register(app: Celery, settings: Settings, url: str, read: Callable[[int], int] | None = None) -> None:
    """Define the tasks on `app`. What they need is opened in the process that first runs one, never before a fork."""
    deps = _per_process(lambda: open_deps(settings, upgrade=False))

    def send(verb: str) -> None:
        with suppress(OperationalError):  # a pulse that cannot be sent is one that was lost: it costs a tick
            app.send_task(f"gongbao.{verb}")

    pulses = Pulses(deps, settings, url, send, read)

    @app.task(name="gongbao.tick")
    def tick() -> None:
        pulses.tick()

    @app.task(name="gongbao.tend")
    def tend() -> None:
        pulses.tend()

    @app.task(name="gongbao.collect")
    def collect() -> None:
        pulses.collect()

    @app.task(name="gongbao.process")
    def process() -> None:
        pulses.process()

    @app.task(name="gongbao.publish")
    def publish() -> None:
        pulses.publish()

    @app.task(name="gongbao.deliver")
    def deliver() -> None:
        pulses.deliver()


def _per_process(make: Callable[[], Deps]) -> Callable[[], Deps]:
    """What `make` opens, once in each process: database handles do not survive a fork."""

    @functools.cache
    def made(_pid: int) -> Deps:
        return make()

    return lambda: made(os.getpid())
