"""The Celery tasks, one a pulse; nothing but names here."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress

from celery import Celery
from kombu.exceptions import OperationalError

from config.settings import Settings
from worker.deps import Deps, open_child_deps
from worker.pulses import Pulses


def register(app: Celery, settings: Settings, url: str, read: Callable[[int], int] | None = None) -> None:
    """Define the tasks on `app`. What they need is opened in the process that first runs one, never before a fork."""
    deps = _per_process(lambda: open_child_deps(settings))

    def send(verb: str) -> None:
        with suppress(OperationalError):  # a pulse that cannot be sent is one that was lost: it costs a tick
            app.send_task(f"gongbao.{verb}")

    pulses = Pulses(deps, settings, url, send, read)

    @app.task(name="gongbao.tick", shared=False)
    def tick() -> None:
        pulses.tick()

    @app.task(name="gongbao.tend", shared=False)
    def tend() -> None:
        pulses.tend()

    @app.task(name="gongbao.collect", shared=False)
    def collect() -> None:
        pulses.collect()

    @app.task(name="gongbao.process", shared=False)
    def process() -> None:
        pulses.process()

    @app.task(name="gongbao.publish", shared=False)
    def publish() -> None:
        pulses.publish()

    @app.task(name="gongbao.deliver", shared=False)
    def deliver() -> None:
        pulses.deliver()


def _per_process(make: Callable[[], Deps]) -> Callable[[], Deps]:
    """What `make` opens, once in each process: database handles do not survive a fork."""

    @functools.cache
    def made(_pid: int) -> Deps:
        return make()

    return lambda: made(os.getpid())
