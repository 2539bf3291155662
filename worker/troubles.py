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
from pathlib import Path
from typing import Protocol

import structlog

from worker.ledger.engine import AWAY

log = structlog.get_logger()

OUTSIDE: tuple[type[Exception], ...] = (*AWAY, OSError)  # fails a pulse, says nothing about a page
RESERVE_BYTES = 64 << 20  # SQLite needs room even to delete
_RESERVE_SHARE = 20  # of a small disk


class Usage(Protocol):
    """How large a disk is, in bytes, and how much of it is free."""

    @property
    def total(self) -> int: ...
    @property
    def free(self) -> int: ...


class Troubles:
    """What this process has said is away, and since when."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, float]] = {}

    @contextmanager
    def waited_out(self, verb: str) -> Iterator[None]:
        """The block is one pulse of a verb; what fails outside of the program ends it quietly."""
        try:
            yield
        except OUTSIDE as error:
            where = "store" if isinstance(error, AWAY) else "disk"
            if where not in self._open:
                self._open[where] = (verb, time.monotonic())
                log.error("trouble.began", where=where, verb=verb, error=" ".join(str(error).split()))
        else:
            for where in [where for where, (first, _) in self._open.items() if where == "store" or first == verb]:
                _, since = self._open.pop(where)
                log.info("trouble.ended", where=where, verb=verb, seconds=round(time.monotonic() - since, 1))


def require_room(folder: Path, usage_of: Callable[[Path], Usage] = shutil.disk_usage) -> None:
    """Raise OSError (ENOSPC) before the disk under `folder` is so full that a page could not be put away."""
    usage = usage_of(next(there for there in (folder, *folder.absolute().parents) if there.exists()))
    if usage.free < min(RESERVE_BYTES, usage.total // _RESERVE_SHARE):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
