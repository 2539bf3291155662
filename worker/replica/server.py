"""The replica on a loopback port: a plain threaded HTTP server that notes when each request began and ended."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import NamedTuple, Self

from worker.replica.answer import Answer
from worker.replica.router import Router
from worker.replica.site import Phase, World

_PHASE = "/__phase"
_MOST_FORM = 1 << 20
_KEPT = 200_000
_PHASES: dict[str, Phase] = {"1": 1, "2": 2}
_OTHER: dict[Phase, Phase] = {1: 2, 2: 1}


class Visit(NamedTuple):
    """One request as the server saw it; times are seconds of `time.monotonic`."""

    host: str
    path: str
    status: int
    started: float
    ended: float


class Replica:
    """A running replica; leaving the `with` block stops it."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="replica", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_port

    @property
    def requests(self) -> tuple[Visit, ...]:
        """The requests so far, in the order of their ends; of very many the latest."""
        return tuple(self._server.visits)

    def set_phase(self, phase: Phase) -> None:
        """Show the portals before (1) or after (2) their changes."""
        self._server.phase = phase

    def wait(self) -> None:
        """Block until somebody stops it."""
        self._thread.join()

    def stop(self) -> None:
        """Stop listening; calling it twice does no harm."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(world: World, host: str = "127.0.0.1", port: int = 0, delay: float = 0.0, phase: Phase = 1) -> Replica:
    """Serve the world; port 0 takes a free one, `delay` is seconds that every answer takes longer.

    Raises OSError when the port is taken.
    """
    return Replica(_Server((host, port), world, delay, phase))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, where: tuple[str, int], world: World, delay: float, phase: Phase) -> None:
        super().__init__(where, _Handler)
        self.router = Router(world)
        self.delay = delay
        self.phase: Phase = phase
        self.visits: deque[Visit] = deque(maxlen=_KEPT)
        self.numbers = count(1)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    timeout = 60
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer("")

    def do_HEAD(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdecimal() else 0
        if size > _MOST_FORM:
            self.send_error(413)
            return
        form = self.rfile.read(size).decode("utf-8", "replace")
        path, _, query = self.path.partition("?")
        if path == _PHASE:
            self._switch(form.strip() or query)
        else:
            self._answer(form)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `Replica.requests` has it."""

    def _switch(self, wanted: str) -> None:
        """Show the phase that is named, be it `2`, `phase=2` or `{"phase": 2}`; the other one where none is."""
        named = re.fullmatch(r"\W*(?:phase\W+)?([12])\W*", wanted)
        phase = _PHASES[named[1]] if named else _OTHER[self.server.phase] if not wanted else None
        if phase:
            self.server.phase = phase
        self._send(Answer(f"phase {self.server.phase}\n".encode(), "text/plain", 200 if phase else 400))

    def _answer(self, form: str) -> None:
        started = time.monotonic()
        host, server = self.headers.get("Host", ""), self.server
        found = server.router.answer(host, self.path, form, server.phase, next(server.numbers))
        if found.pause + server.delay:
            time.sleep(found.pause + server.delay)
        status = self._send(found)
        server.visits.append(Visit(host, self.path, status, started, time.monotonic()))

    def _send(self, answer: Answer) -> int:
        """Write the answer, a 304 without body where the client has it already; the status that was sent."""
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"' if answer.static else None
        same = tag is not None and self.headers.get("If-None-Match") == tag
        status = 304 if same else answer.status
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        if not same:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not same and self.command != "HEAD":
            self.wfile.write(answer.body)
        return status
