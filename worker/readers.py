"""Reads pages in a child process that can be killed: a parser that hangs in C listens to nothing else.

The child knows neither broker nor network: it opens the ledger and the archive, reads a batch and says how many pages
it claimed. A child that dies or runs over its time is replaced; its page was charged before it was begun.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as OutOfTime
from contextlib import contextmanager

import structlog
from pebble import ProcessExpired, ProcessPool

from config.settings import Settings
from worker import logs
from worker.children import die_with_parent
from worker.deps import Deps, open_deps
from worker.process import process

log = structlog.get_logger()

BATCH_SECONDS = 30.0
_BATCHES_A_CHILD = 500  # then it is replaced, so that no leak lasts


@contextmanager
def readers(settings: Settings, children: int = 1) -> Iterator[Callable[[int], int]]:
    """A function that reads a batch of up to so many pages in a child and returns how many it claimed."""
    pool = ProcessPool(
        max_workers=children,
        max_tasks=_BATCHES_A_CHILD,
        initializer=_begin,
        initargs=(settings,),
        context=multiprocessing.get_context("spawn"),  # a fork of a process with threads is not safe
    )

    def read(limit: int) -> int:
        try:
            return int(pool.schedule(_read, args=(settings, limit), timeout=BATCH_SECONDS).result())
        except OutOfTime:
            log.error("reader.killed", seconds=BATCH_SECONDS)
        except ProcessExpired as error:
            log.error("reader.died", status=error.exitcode)
        return 1  # there may be more to read

    try:
        yield read
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _begin(settings: Settings) -> None:
    die_with_parent()
    logs.configure(settings.log_level)


def _read(settings: Settings, limit: int) -> int:
    return process(_deps(settings.model_dump_json(), os.getpid()), limit)


@functools.cache
def _deps(settings: str, _pid: int) -> Deps:
    """Opened once in a child."""
    return open_deps(Settings.model_validate_json(settings), upgrade=False)
