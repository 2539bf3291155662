"""Sends a message to somebody else's server: once, within fifteen seconds, through the network guard, no redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpcore
import httpx

from crawlers.errors import Blocked, PageError
from crawlers.models import Value
from worker.fetch.answers import seconds_until
from worker.fetch.clients import GuardedTransport
from worker.fetch.guard import Target, aim
from worker.fetch.network import GuardedNetwork, Meter, Resolver, SystemResolver, metered
from worker.fetch.tls import context_for
from worker.fetch.values import FetchPolicy

SECONDS = 15.0
_ANSWER_BYTES = 1024 * 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Reply(Value):
    """What a receiver said: its status, None when it could not be asked and `error` says why.

    `retry_after` is in seconds, None when the receiver did not say.
    """

    status: int | None = None
    error: str | None = None
    retry_after: float | None = None


def allowed(written: str | None) -> frozenset[str]:
    """The receivers, `host:port`, that the operator has excepted from the guard."""
    return frozenset(part.strip().lower() for part in (written or "").split(",") if part.strip())


def receiver(url: str, excepted: frozenset[str]) -> tuple[Target, tuple[str, int] | None]:
    """A receiver taken apart, and where to connect when it is excepted from the guard. Raises Blocked('guard')."""
    target = _excepted(url, excepted)
    return (target, (target.host, target.port)) if target else (aim(url), None)


def _excepted(url: str, excepted: frozenset[str]) -> Target | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if parts.scheme not in _DEFAULT_PORTS or name not in excepted or "@" in parts.netloc:
        return None
    written = aim(f"{parts.scheme}://placeholder.example{url.partition(parts.netloc)[2]}")  # its path, as any other's
    return Target(parts.scheme, host, port, written.path)


async def post(
    policy: FetchPolicy,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    excepted: frozenset[str] = frozenset(),
    resolve: Resolver | None = None,
) -> Reply:
    """POST a JSON body. Never raises for what the receiver or the network does; `resolve` replaces name look-up."""
    resolver = SystemResolver(1)
    try:
        target, endpoint = receiver(url, excepted)
        network = GuardedNetwork(resolve or resolver, httpcore.AnyIOBackend(), endpoint)
        transport = GuardedTransport(policy, context_for("default", policy.ca_file), network)
        async with asyncio.timeout(SECONDS), transport:
            with metered(Meter(_ANSWER_BYTES, policy.head_bytes)):
                return await _ask(policy, transport, target, body, headers)
    except TimeoutError:
        return Reply(error=f"no answer within {SECONDS:.0f} seconds")
    except Blocked as error:
        return Reply(error=str(error))
    except (PageError, httpx.TransportError, OSError) as error:
        return Reply(error=f"{type(error).__name__}: {error}")
    finally:
        resolver.close()


async def _ask(
    policy: FetchPolicy, transport: GuardedTransport, target: Target, body: bytes, headers: Mapping[str, str]
) -> Reply:
    """One request; of the answer only the head is read."""
    request = httpx.Request(
        "POST",
        httpx.URL(scheme=target.scheme, host=target.host, port=target.port, raw_path=target.path.encode("ascii")),
        headers={
            "host": target.authority,
            "user-agent": policy.user_agent,
            "content-type": "application/json",
            "accept-encoding": "identity",
            "connection": "close",
            **headers,
        },
        content=body,
        extensions={"timeout": httpx.Timeout(SECONDS, connect=policy.connect_seconds, pool=None).as_dict()},
    )
    response = await transport.handle_async_request(request)
    wait = seconds_until(response.headers.get("retry-after"), datetime.now(UTC))
    await response.aclose()
    return Reply(status=response.status_code, retry_after=wait)
