"""Bodies inflated piece by piece within a limit: httpx would unpack 100 MiB from 172 bytes in one step."""

from __future__ import annotations

import zlib

from crawlers.errors import Transient, Unexpected

_STEP = 256 * 1024
_MOST_MEMBERS = 256
_GZIP_MAGIC = b"\x1f\x8b"


class PlainBody:
    """A body as it came, of at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next piece. Raises Unexpected('too_large')."""
        self._held += data
        if len(self._held) > self._limit:
            raise Unexpected("too_large", f"more than {self._limit} bytes")

    def finish(self) -> bytes:
        """The whole body."""
        return bytes(self._held)


class InflatedBody(PlainBody):
    """A gzip or deflate body, of at most `limit` bytes once inflated."""

    def __init__(self, limit: int, coding: str) -> None:
        super().__init__(limit)
        self._coding = coding
        self._inflate: zlib._Decompress | None = None
        self._waiting = b""
        self._members = 0

    def feed(self, data: bytes) -> None:
        """Take the next piece off the wire. Raises Unexpected('too_large') and Transient('undecodable')."""
        waiting, self._waiting = self._waiting + data, b""
        while waiting:
            if self._inflate is None and len(waiting) < len(_GZIP_MAGIC):
                self._waiting = waiting
                return
            inflate = self._inflate or self._begin(waiting[:2])
            if inflate is None:
                return  # what follows the last member is padding
            waiting = self._unpack(inflate, waiting)

    def finish(self) -> bytes:
        """The whole body. Raises Transient('truncated') when the stream has no end."""
        if self._inflate is not None or not self._members:
            raise Transient("truncated", f"the {self._coding} stream breaks off")
        return super().finish()

    def _begin(self, head: bytes) -> zlib._Decompress | None:
        """Open the next member, if there is one; gzip may have several, deflate comes with or without a wrapper."""
        if self._members and (self._coding == "deflate" or head != _GZIP_MAGIC):
            return None
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Unexpected("too_large", f"more than {_MOST_MEMBERS} gzip members")
        first, second = head
        wrapped = first & 0x0F == 8 and (first * 256 + second) % 31 == 0
        self._inflate = zlib.decompressobj(31 if self._coding == "gzip" else 15 if wrapped else -15)
        return self._inflate

    def _unpack(self, inflate: zlib._Decompress, data: bytes) -> bytes:
        """Inflate in small steps; returns what belongs to the next member."""
        while True:
            try:
                piece = inflate.decompress(data, _STEP)
            except zlib.error as error:
                raise Transient("undecodable", f"not {self._coding}: {error}") from error
            super().feed(piece)
            data = inflate.unconsumed_tail
            if inflate.eof:
                self._inflate = None
                return inflate.unused_data
            if not data and len(piece) < _STEP:
                return b""


def body_for(content_encoding: list[str], limit: int) -> PlainBody:
    """What collects a body of that Content-Encoding. Raises Unexpected('encoding') for any that was not asked for."""
    codings = [word for value in content_encoding for word in value.lower().replace(" ", "").split(",")]
    codings = [coding for coding in codings if coding not in {"", "identity", "none"}]
    match codings:
        case []:
            return PlainBody(limit)
        case ["gzip" | "x-gzip"]:
            return InflatedBody(limit, "gzip")
        case ["deflate"]:
            return InflatedBody(limit, "deflate")
    raise Unexpected("encoding", f"Content-Encoding {', '.join(codings[:5])[:80]} was not asked for")
