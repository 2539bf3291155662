"""The program itself as a server in a child, for attacks that would hurt the test if they shared its process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.serving import SECRET, Service
from tests.stack import command, environment

PATIENCE = 30.0


class Door(Service):
    """A running `gongbao serve`: its port, its memory and its log."""

    def __init__(self, port: int, pid: int, log: Path) -> None:
        super().__init__(port)
        self._pid = pid
        self._log = log

    def say(self, *pieces: bytes, half_close: bool = False) -> bytes:
        """Send raw bytes on one connection, and return all that comes back until the server ends it."""
        with self.connect() as connection:
            with suppress(OSError):
                for piece in pieces:
                    connection.sendall(piece)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            return everything(connection)

    def connect(self) -> socket.socket:
        """A connection; reading from it gives up after half a minute."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    @property
    def peak(self) -> int:
        """The most memory that the server ever held, in bytes."""
        lines = Path(f"/proc/{self._pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    @property
    def log(self) -> str:
        """What it has written to stderr."""
        return self._log.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log, which must be one JSON object a line."""
        return [json.loads(line) for line in self.log.splitlines()]


def everything(connection: socket.socket) -> bytes:
    """All that comes until the other side ends it."""
    found = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            found += piece
    return found


@contextmanager
def door(home: Path, **chosen: str) -> Iterator[Door]:
    """The program serving on a free port, with one sender unless `chosen` settings say otherwise."""
    env = environment(home, **{"webhook_secrets": f"sender={SECRET}", **chosen})
    arguments = ["serve", "--bind", "127.0.0.1:0", "--json"]
    with tempfile.NamedTemporaryFile("w+", suffix=".log") as log:
        process = subprocess.Popen(command(arguments), env=env, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            started = process.stdout.readline()
            assert started, Path(log.name).read_text(encoding="utf-8")
            yield Door(int(json.loads(started)["url"].rpartition(":")[2]), process.pid, Path(log.name))
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


ON_LINUX = sys.platform == "linux"
