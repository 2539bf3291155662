"""Ends a worker that is alive and consumes nothing, so that its supervisor starts one that does.

After a broker outage a Celery worker can stay connected and never ask for a message again. A process check does not
see that; messages that wait at every look while none is received do.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from worker import broker

log = structlog.get_logger()

LOOK_SECONDS = 5.0
IDLE_SECONDS = 45.0  # with a free slot a message is received at once
BUSY_SECONDS = 120.0  # with none, one becomes free when the hard limit of a pulse has passed
STATUS = 70  # EX_SOFTWARE


class Watchdog:
    """Decides whether a worker is deaf.

    `waiting` says whether messages wait for it (None: nobody knows), `busy` whether it works on some. Times are
    seconds of `clock`.
    """

    def __init__(
        self,
        waiting: Callable[[], bool | None],
        busy: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waiting = waiting
        self._busy = busy
        self._clock = clock
        self._heard_at = clock()

    def heard(self) -> None:
        """A message was received."""
        self._heard_at = self._clock()

    def is_deaf(self) -> bool:
        """Whether messages have waited at every look for longer than a worker that listens would let them."""
        if not self._waiting():
            self.heard()
        limit = BUSY_SECONDS if self._busy() else IDLE_SECONDS
        return self._clock() - self._heard_at > limit


def messages_wait(url: str, queues: Sequence[str]) -> bool | None:
    """Whether any of these queues holds a message; None when the broker is away."""
    depths = [broker.depth(url, f"{broker.PREFIX}{queue}") for queue in queues]
    return None if None in depths else any(depths)


@contextmanager
def watching(dog: Watchdog, leave: Callable[[int], None] = os._exit, every: float = LOOK_SECONDS) -> Iterator[None]:
    """Look `every` few seconds for the length of the block, and leave the process when the worker is deaf.

    It is left without ceremony, since whatever made it deaf may hold up an orderly end too; the ledger is made for it.
    """
    over = threading.Event()

    def look() -> None:
        while not over.wait(every):
            if dog.is_deaf():
                log.critical("worker.deafened", status=STATUS)
                leave(STATUS)
                return

    thread = threading.Thread(target=look, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
