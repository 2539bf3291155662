"""HTTP/1.1 as uvicorn speaks it, with an end to patience: it has no time limits of its own for heads and answers."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
REQUEST_SECONDS = 60.0


class DeadlineProtocol(H11Protocol):
    """A connection that is cut when no request begins within ten seconds, or one is not answered within a minute.

    The first holds for slow heads, idle connections and bodies that go on behind their answer; the second for clients
    that do not read what they asked for.
    """

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def handle_events(self) -> None:
        """Notice when a request begins."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and not self.cycle.response_complete:
            self._wait(REQUEST_SECONDS)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._wait(HEAD_SECONDS)
        super().on_response_complete()

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self.transport.abort)
