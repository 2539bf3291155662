"""One small connection pool a host: httpcore scans a pool for every request, so a big one costs tenfold."""

from __future__ import annotations

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpcore
import httpx

from config.portal import Portal
from worker.fetch.tls import context_for
from worker.fetch.values import FetchPolicy

_KEEP_ALIVE_SECONDS = 30.0


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a network backend of ours, for which httpx itself has no parameter."""

    def __init__(self, policy: FetchPolicy, context: ssl.SSLContext, network: httpcore.AsyncNetworkBackend) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=policy.connections_per_host,
            max_keepalive_connections=policy.connections_per_host,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=network,
        )


@dataclass
class _Kept:
    transport: GuardedTransport
    lent: int = 0


class Clients:
    """The transports of the hosts last spoken to.

    Transports and not httpx clients, because a client would parse hostile Location headers and keep cookies.
    """

    def __init__(self, policy: FetchPolicy, network: httpcore.AsyncNetworkBackend) -> None:
        self._policy = policy
        self._network = network
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    @asynccontextmanager
    async def lend(self, host: str, portal: Portal) -> AsyncIterator[GuardedTransport]:
        """The host's transport; it is not closed while it is lent."""
        key = (host, portal.tls)
        kept = self._kept.get(key)
        if kept is None:
            context = context_for(portal.tls, self._policy.ca_file)
            kept = self._kept[key] = _Kept(GuardedTransport(self._policy, context, self._network))
        self._kept.move_to_end(key)
        kept.lent += 1
        try:
            yield kept.transport
        finally:
            kept.lent -= 1
            await self._close_idle()

    async def aclose(self) -> None:
        """Close all connections."""
        while self._kept:
            _, kept = self._kept.popitem()
            await kept.transport.aclose()

    async def _close_idle(self) -> None:
        """Close the longest unused transports beyond the number that is kept."""
        idle = [key for key, kept in self._kept.items() if not kept.lent]
        for key in idle[: max(0, len(self._kept) - self._policy.hosts_kept)]:
            await self._kept.pop(key).transport.aclose()
