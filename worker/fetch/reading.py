"""Reads bodies off the wire piece by piece: those that are wanted, and those that only keep a connection busy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import cast

import httpx

from crawlers.errors import Transient, Unexpected
from worker.fetch.bodies import PlainBody
from worker.fetch.headers import promised
from worker.fetch.network import Meter

_MOST_PIECES = 100_000
_DRAINED_BYTES = 64 * 1024
_DRAIN_SECONDS = 1.0


async def read(response: httpx.Response, body: PlainBody, length: int | None, meter: Meter) -> None:
    """Read to the end. More than Content-Length is as wrong as less: httpx leaves the rest to the next answer."""
    count = 0
    async with aclosing(_raw(response)) as pieces:
        if length == 0 and meter.body:
            raise Transient("truncated", "Content-Length 0 is less than what came")
        async for piece in pieces:
            body.feed(piece)
            count += 1
            if length is not None and meter.body > length:
                raise Transient("truncated", f"Content-Length {length} is less than what came")
            if count > _MOST_PIECES:  # each costs 20 µs, and 16 MiB in chunks of a byte have three million
                raise Unexpected("too_large", f"more than {_MOST_PIECES} chunks")


async def drain(response: httpx.Response) -> None:
    """Read a short answer that nobody wants to its end, so that its connection can be used again."""
    length = promised(response)
    if response.status_code == 304 or (length is not None and length <= _DRAINED_BYTES):
        with suppress(TimeoutError, httpx.TransportError):
            async with asyncio.timeout(_DRAIN_SECONDS), aclosing(_raw(response)) as pieces:
                async for _ in pieces:
                    pass


def _raw(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body as it comes; a generator in truth, whatever httpx declares, and closed as one."""
    return cast("AsyncGenerator[bytes, None]", response.aiter_raw())
