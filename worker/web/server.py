"""Serves the HTTP surface: in a process of its own, or in a thread of the embedded run."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog
import uvicorn

from config.portal import ConfigError
from config.settings import Settings
from worker import broker
from worker.deps import Deps
from worker.web.app import build
from worker.web.doors import Doors, is_loopback
from worker.web.protocol import DeadlineProtocol

log = structlog.get_logger()

CONNECTIONS = 256
_BACKLOG = 512
_HEAD_BYTES = 32 * 1024
_BIND = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]\s]+):(\d{1,5})")


class Bound:
    """A socket that listens, before anything is served on it, so that a port in use is told at once."""

    def __init__(self, bind: str) -> None:
        """Listen on `host:port`; port 0 takes a free one. Raises ConfigError."""
        match = _BIND.fullmatch(bind)
        if match is None or int(match[2]) > 65535:
            raise ConfigError(f"--bind {bind} is no host:port; write it as 127.0.0.1:8000")
        self.host = match[1].strip("[]")
        try:
            found = socket.getaddrinfo(self.host, int(match[2]), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, _, _, _, address = next(iter(found))
            self.socket = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
        except (OSError, OverflowError) as error:
            raise ConfigError(f"cannot listen on {bind}: {error}; choose another --bind") from error
        self.port = int(self.socket.getsockname()[1])

    @property
    def url(self) -> str:
        """Where it is reached."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)


def server(deps: Deps, settings: Settings, bound: Bound, broker_url: str) -> uvicorn.Server:
    """The server, ready to run. Raises ConfigError for a secret that is none."""
    doors = Doors.of(settings, bound.host)
    config = uvicorn.Config(
        build(deps, doors, partial(broker.answers, broker_url)),
        http=DeadlineProtocol,
        ws="none",
        lifespan="on",
        log_config=None,  # the log is ours
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever sends them could be anybody
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )
    log.info("web.started", url=bound.url, signed=doors.signed, reading="token" if doors.token else "loopback")
    if not doors.signed:
        log.warning("web.unsigned", url=bound.url, ingest="open on this machine" if doors.loopback else "closed")
    return uvicorn.Server(config)


def banner(settings: Settings, bound: Bound) -> str:
    """Who may come in, for people."""
    doors = Doors.of(settings, bound.host)
    lines = [f"listening on {bound.url}"]
    if not doors.signed:
        unsigned = "takes UNSIGNED webhooks from this machine" if bound.loopback else "takes no webhooks"
        lines.append(f"{unsigned}: GONGBAO_WEBHOOK_SECRETS is not set")
    if doors.token is None and not bound.loopback:
        lines.append("lets nobody read: GONGBAO_READ_TOKEN is not set")
    return "; ".join(lines)


@contextmanager
def in_thread(deps: Deps, settings: Settings, bound: Bound, broker_url: str) -> Iterator[None]:
    """Serve from a thread for the length of the block."""
    serving = server(deps, settings, bound, broker_url)
    thread = threading.Thread(target=serving.run, args=([bound.socket],), name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        serving.should_exit = True
        thread.join(10)
        bound.socket.close()  # a server that was stopped before it had started leaves it open
