"""Waits out what is away: store, broker and disk come back by themselves, so a pulse that misses one only ends.

Nothing is kept in memory meanwhile, the next tick tries again, and the log hears of it twice: once when it begins
and once when it is over.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from worker.ledger.engine import AWAY

log = structlog.get_logger()

OUTSIDE: tuple[type[Exception], ...] = (*AWAY, OSError)  # fails a pulse, says nothing about a page
QUIET_SECONDS = 10.0  # two ticks
RESERVE_BYTES = 64 << 20  # SQLite needs room even to delete
_RESERVE_SHARE = 20  # of a small disk


class Usage(Protocol):
    """How large a disk is, in bytes, and how much of it is free."""

    @property
    def total(self) -> int: ...
    @property
    def free(self) -> int: ...


@dataclass
class _Trouble:
    """The verb that met it first, when that was, and when it was met last, by the monotonic clock in seconds."""

    verb: str
    since: float
    last: float


class Troubles:
    """What this process has said is away, and since when.

    A pulse that had nothing to write works on a store that is full. The store is back when a pulse works and none has
    failed for `QUIET_SECONDS`; a disk, when the verb that met it works.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, _Trouble] = {}

    @contextmanager
    def waited_out(self, verb: str) -> Iterator[None]:
        """The block is one pulse of a verb; what fails outside of the program ends it quietly."""
        try:
            yield
        except OUTSIDE as error:
            where, now = "store" if isinstance(error, AWAY) else "disk", self._clock()
            if where in self._open:
                self._open[where].last = now
                return
            self._open[where] = _Trouble(verb, now, now)
            log.error("trouble.began", where=where, verb=verb, error=" ".join(str(error).split()))
        else:
            for where in [where for where, trouble in self._open.items() if self._is_over(where, trouble, verb)]:
                trouble = self._open.pop(where)
                log.info("trouble.ended", where=where, verb=verb, seconds=round(self._clock() - trouble.since, 1))

    def _is_over(self, where: str, trouble: _Trouble, verb: str) -> bool:
        """Whether a pulse of that verb which has just worked shows that a trouble is over."""
        return self._clock() - trouble.last >= QUIET_SECONDS if where == "store" else trouble.verb == verb


def require_room(folder: Path, usage_of: Callable[[Path], Usage] = shutil.disk_usage) -> None:
    """Raise OSError (ENOSPC) before the disk under `folder` is so full that a page could not be put away."""
    usage = usage_of(next(there for there in (folder, *folder.absolute().parents) if there.exists()))
    if usage.free < min(RESERVE_BYTES, usage.total // _RESERVE_SHARE):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
