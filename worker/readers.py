"""Reads pages in a child process that can be killed: a parser that hangs in C listens to nothing else.

The child (`python -m worker.readers`) knows neither broker nor network. It opens the ledger and the archive, is told on
its standard input how many pages to read, and answers on its standard output how many it claimed; the end of its input
is its own end, so it never outlives its parent, and so is a while without a question, so it costs nothing when idle.
A child that dies or runs over its time is replaced by the next batch; the page that it was reading was charged before
it was begun.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import IO

import structlog

from config.settings import PREFIX, Settings, load_settings
from worker import logs
from worker.deps import open_deps
from worker.process import process

log = structlog.get_logger()

BATCH_SECONDS = 30.0
_START_SECONDS = 30.0
_IDLE_SECONDS = 20.0
_BATCHES_A_CHILD = 2000  # then it is replaced, so that no leak lasts


@contextmanager
def reader(settings: Settings) -> Iterator[Callable[[int], int]]:
    """A function that has up to so many pages read in the child, and returns how many it claimed."""
    child = _Child(settings)
    try:
        yield child.read
    finally:
        child.end()


class _Child:
    """The reading child, started when it is first needed; batches wait for each other."""

    def __init__(self, settings: Settings) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        named = {f"{PREFIX}{name.upper()}": value for name, value in settings.environment().items()}
        self._environment = others | named  # none of the parent's own, among which a _FILE may name the same setting
        self._process: subprocess.Popen[bytes] | None = None
        self._batches = 0
        self._turn = Lock()

    def read(self, limit: int) -> int:
        """Read one batch. A batch that killed its child counts as one page: there may be more to read."""
        with self._turn:
            if self._process is None or self._process.poll() is not None or self._batches >= _BATCHES_A_CHILD:
                self.end()
                self._start()
            answer = self._ask(limit, BATCH_SECONDS + (0 if self._batches else _START_SECONDS))
            self._batches += 1
            return 1 if answer is None else answer

    def end(self) -> None:
        """Close the child's input and wait for it; kill it when it does not listen."""
        if self._process is None:
            return
        child, self._process = self._process, None
        with suppress(OSError):
            _pipe(child.stdin).close()
        try:
            child.wait(timeout=BATCH_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        _pipe(child.stdout).close()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "worker.readers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the parent, which then ends it
        )
        self._batches = 0

    def _ask(self, limit: int, seconds: float) -> int | None:
        """One question and its answer; None when the child had to be given up."""
        child = self._process
        assert child is not None  # noqa: S101 - it was started just before
        line = b""
        with suppress(BrokenPipeError), selectors.DefaultSelector() as selector:
            _pipe(child.stdin).write(b"%d\n" % limit)
            _pipe(child.stdin).flush()
            selector.register(_pipe(child.stdout), selectors.EVENT_READ)
            if not selector.select(seconds):
                log.error("reader.killed", seconds=seconds)
                child.kill()
            line = _pipe(child.stdout).readline()
        if line:
            return int(line)
        self.end()
        log.error("reader.died", status=child.returncode)
        return None


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - it was asked for
    return pipe


def _serve() -> None:
    """The child: read batches until the input ends."""
    settings = load_settings(os.environ, dotenv=None)
    logs.configure(settings.log_level)
    deps = open_deps(settings, upgrade=False)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is not an answer
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        while selector.select(_IDLE_SECONDS) and (line := sys.stdin.readline()):
            answers.write(f"{process(deps, int(line))}\n")


if __name__ == "__main__":
    _serve()
