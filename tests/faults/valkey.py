"""A real Valkey of a test's own, which can be killed, frozen, emptied, filled up and put back to an older state."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker import broker


class Valkey:
    """A server with an append-only file on a unix socket; `url` stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._copy = folder / "copy"
        self._socket = folder / "v.sock"
        self.url = f"unix://{self._socket}"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with whatever data it had."""
        self._server = broker.start(self._data, self._socket)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the process, by default without warning."""
        if self._server is not None:
            self._server.send_signal(signal.SIGCONT)
            self._server.send_signal(how)
            self._server.wait(timeout=20)
            self._server = None

    def freeze(self) -> None:
        """Let it hold every connection and answer nothing."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        """Delete everything."""
        with broker.client(self.url) as client:
            client.flushall()

    def fill_up(self) -> None:
        """Leave no memory: every command that would need some is refused."""
        with broker.client(self.url) as client:
            client.config_set("maxmemory", "1mb")

    def relieve(self) -> None:
        """Give the memory back."""
        with broker.client(self.url) as client:
            client.config_set("maxmemory", "0")

    def back_up(self) -> None:
        """Keep a copy of its data; the server must be down."""
        shutil.copytree(self._data, self._copy)

    def restore(self) -> None:
        """Put the copy back; the server must be down."""
        shutil.rmtree(self._data)
        shutil.copytree(self._copy, self._data)


@contextmanager
def valkey() -> Iterator[Valkey]:
    """A running server in a folder of its own, whose short name leaves room for a socket's path."""
    folder = Path(tempfile.mkdtemp(prefix="gongbao-v-"))
    server = Valkey(folder)
    server.start()
    try:
        yield server
    finally:
        server.end()
        shutil.rmtree(folder)
