"""A server that answers with raw bytes of the test's choosing, because honest servers cannot misbehave well enough."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Talk:
    """One connection, from the server's side."""

    def __init__(self, connection: socket.socket, asked: Asked, closing: threading.Event) -> None:
        self._connection = connection
        self._closing = closing
        self.asked = asked

    def send(self, data: bytes) -> None:
        """Send raw bytes; raises OSError once the client is gone."""
        self._connection.sendall(data)

    def close(self) -> None:
        """End the connection."""
        self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionAbortedError  # the server closes every reference, and only the last one resets

    def repeat(self, data: bytes, every: float = 0.0) -> None:
        """Send the same bytes again and again until the client is gone."""
        while not self._closing.wait(every):
            self.send(data)

    def hang(self) -> None:
        """Say nothing until the client is gone."""
        self._connection.settimeout(None)
        while self._connection.recv(4096):
            pass


Answer = Callable[[Talk], None]


def answer(
    body: bytes = b"", status: str = "200 OK", headers: Mapping[str, str] | None = None, length: int | None = None
) -> Answer:
    """An answer with a Content-Length, honest unless `length` says otherwise."""
    told = {"Content-Length": str(len(body) if length is None else length), **(headers or {})}
    return raw(f"HTTP/1.1 {status}\r\n".encode() + _lines(told) + b"\r\n" + body)


def raw(*pieces: bytes) -> Answer:
    """An answer of just these bytes; the connection stays open."""

    def send(talk: Talk) -> None:
        for piece in pieces:
            talk.send(piece)

    return send


def cut(*pieces: bytes) -> Answer:
    """These bytes, then the end of the connection."""

    def send(talk: Talk) -> None:
        raw(*pieces)(talk)
        talk.close()

    return send


def redirect(to: str, status: str = "302 Found", headers: Mapping[str, str] | None = None) -> Answer:
    """A redirect with an empty body."""
    return answer(status=status, headers={"Location": to, **(headers or {})})


class Adversary:
    """Serves `answers` by path on a loopback port while the `with` block lasts, and remembers what it was asked.

    A list of answers is given one a request, the last one for ever after. A path that is not known with its query
    is looked up without.
    """

    def __init__(self, answers: Mapping[str, Answer | list[Answer]], context: ssl.SSLContext | None = None) -> None:
        self._answers = {path: [given] if callable(given) else list(given) for path, given in answers.items()}
        self._context = context
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.asked: list[Asked] = []
        self.connections = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        for open_socket in (self._listener, *self._connections):
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._connections.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._connections.append(connection)
            with connection.makefile("rb") as stream:
                while (asked := _read(stream)) is not None:
                    self.asked.append(asked)
                    self._next(asked.path)(Talk(connection, asked, self._closing))

    def _next(self, path: str) -> Answer:
        known = path if path in self._answers else path.partition("?")[0]
        answers = self._answers.get(known, [answer(status="404 Not Found")])
        return answers.pop(0) if len(answers) > 1 else answers[-1]


def _lines(headers: Mapping[str, str]) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())


def _read(stream: BinaryIO) -> Asked | None:
    """The next request, None at the end of the connection."""
    first = stream.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(first[0], first[1], headers, stream.read(int(headers.get("content-length", 0))))
