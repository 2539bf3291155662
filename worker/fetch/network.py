"""Below HTTP: resolves once, connects to the address that was checked, and counts every byte that comes back."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

from crawlers.errors import Transient, Unexpected
from worker.fetch.guard import check

Resolver = Callable[[str], Awaitable[Sequence[str]]]

_HEAD_END = re.compile(rb"\n\r?\n")
_INFORMATIONAL = re.compile(rb"HTTP/1\.\d 1\d\d")
_MOST_ADDRESSES = 4


class Meter:
    """The bytes of one fetch as they come off the wire, where chunk framing and header floods count too.

    `body` is what followed the head of the latest answer, in bytes; `silent` says that nothing has come yet.
    """

    def __init__(self, wire_bytes: int, head_bytes: int) -> None:
        self._wire_left = wire_bytes
        self._head_bytes = head_bytes
        self.begin()

    def begin(self) -> None:
        """The next answer starts here; the wire limit goes on counting."""
        self._head = bytearray()
        self._head_left = self._head_bytes
        self._in_head = True
        self.body = 0
        self.silent = True

    def take(self, data: bytes) -> None:
        """Count. Raises Unexpected('too_large')."""
        self.silent = False
        self._wire_left -= len(data)
        if self._wire_left < 0:
            raise Unexpected("too_large", "more bytes than a page may have")
        if self._in_head:
            self._take_head(data)
        else:
            self.body += len(data)

    def _take_head(self, data: bytes) -> None:
        """Look for the end of the head; informational answers before it count as part of it."""
        searched = max(0, len(self._head) - 2)
        self._head += data
        while end := _HEAD_END.search(self._head, searched):
            informational = _INFORMATIONAL.match(self._head)
            del self._head[: end.end()]
            self._head_left -= end.end()
            if not informational:
                self._in_head, self.body = False, len(self._head)
                self._head.clear()
                break
            searched = 0
        if len(self._head) > self._head_left:
            raise Unexpected("too_large", "more header bytes than a page may have")


_meter: ContextVar[Meter] = ContextVar("meter")


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Whatever this task reads from the network meanwhile is counted by `meter`."""
    token = _meter.set(meter)
    try:
        yield
    finally:
        _meter.reset(token)


class MeteredStream(httpcore.AsyncNetworkStream):
    """A connection that reports what it reads to the meter of the task that reads."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes, b"" at the end."""
        data = await self._stream.read(max_bytes, timeout)
        _meter.get().take(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same connection under TLS; the name, not the address, is what the certificate must show."""
        return MeteredStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a stream."""
        return self._stream.get_extra_info(info)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects only to public addresses; `endpoint`, the operator's loopback exception, replaces them all."""

    def __init__(
        self, resolve: Resolver, dial: httpcore.AsyncNetworkBackend, endpoint: tuple[str, int] | None = None
    ) -> None:
        self._resolve = resolve
        self._dial = dial
        self._endpoint = endpoint

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers. Raises Blocked when any address of the name is refused."""
        if self._endpoint is not None:
            return MeteredStream(await self._dial.connect_tcp(*self._endpoint, timeout, None, socket_options))
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError(f"{host} has no address")
        for address in await self._addresses(host, timeout):
            try:
                return MeteredStream(await self._dial.connect_tcp(address, port, timeout, None, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Needed by httpcore for retries, which are not used."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, timeout: float | None) -> list[str]:
        """Every answer of one look-up is checked, so that a mixed answer is refused whole."""
        try:
            async with asyncio.timeout(timeout):
                answers = await self._resolve(host)
        except TimeoutError as error:
            raise Transient("timeout", f"no answer for the name {host}") from error
        except OSError as error:
            raise Transient("dns", f"{host}: {error}") from error
        checked = [str(check(answer)) for answer in answers]
        return list(dict.fromkeys(checked))[:_MOST_ADDRESSES]


class SystemResolver:
    """The machine's resolver, in threads of its own: a name server that hangs keeps no other work waiting."""

    def __init__(self, threads: int = 16) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str) -> list[str]:
        """All addresses of a name. Raises OSError."""
        loop = asyncio.get_running_loop()
        # bytes, because a str would pass through the IDNA codec, which folds letters that the guard has refused
        found = await loop.run_in_executor(self._threads, _look_up, host.encode("ascii"))
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let the threads go; a look-up under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: bytes) -> list[str]:
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
