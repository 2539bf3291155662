"""The fetcher: from a request to a page, with every redirect followed by hand and every byte counted."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpcore
import httpx
import structlog

from config.portal import Portal
from crawlers.errors import Blocked, NotAReport, PageError, Transient
from crawlers.models import RawPage, Request
from worker.fetch.answers import REDIRECTS, broken, refusal
from worker.fetch.bodies import body_for
from worker.fetch.clients import Clients
from worker.fetch.guard import Target, aim, ports
from worker.fetch.headers import Form, compose, cookie_for, kept, location, promised, referer_for, take_cookies
from worker.fetch.network import GuardedNetwork, Meter, Resolver, SystemResolver, metered
from worker.fetch.reading import drain, read
from worker.fetch.values import FetchPolicy, NotModified, Validators

log = structlog.get_logger()

Turn = Callable[[str], Awaitable[None]]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def at_once(_url: str) -> None:
    """The turn of whoever need not wait."""


@dataclass
class _Visit:
    """One fetch under way: where it stands, and what it has gathered for itself alone."""

    request: Request
    portal: Portal
    validators: Validators
    meter: Meter
    at: str
    form: Form
    turn: Turn
    deadline: float
    jars: dict[str, dict[str, str]] = field(default_factory=dict)
    in_body: bool = False


class Fetcher:
    """Fetches pages of configured portals within a policy; used in one event loop, for many hosts at once.

    `resolve` and `dial` replace name look-up and TCP in tests; the guard stands between the two.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        resolve: Resolver | None = None,
        dial: httpcore.AsyncNetworkBackend | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._policy = policy
        self._now = now
        self._resolver = SystemResolver()
        network = GuardedNetwork(resolve or self._resolver, dial or httpcore.AnyIOBackend(), policy.endpoint)
        self._clients = Clients(policy, network)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._clients.aclose()
        self._resolver.close()

    async def fetch(
        self,
        request: Request,
        portal: Portal,
        *,
        validators: Validators | None = None,
        deadline: float = math.inf,
        turn: Turn = at_once,
    ) -> RawPage | NotModified:
        """Fetch a page, following at most `policy.redirects` redirects within the portal's hosts.

        `turn` is awaited with each redirect's address before that is asked for: it waits until it may be, or raises.
        `deadline` is a time of the running loop (`loop.time()`) before which the fetch ends in any case;
        `policy.page_seconds` holds too, the turns left out. Raises what `turn` raises, and PageError: Gone, Blocked,
        Transient, Unexpected or NotAReport('redirect').
        """
        if portal.tls != "default":
            log.info("tls.relaxed", url=request.url, portal=portal.name, mode=portal.tls)
        meter = Meter(self._policy.wire_bytes, self._policy.head_bytes)
        held = validators or Validators()
        visit = _Visit(request, portal, held, meter, request.url, request.form, turn, deadline)
        begun = asyncio.get_running_loop().time()
        answer = await self._within(visit, begun + self._policy.page_seconds)
        seconds = round(asyncio.get_running_loop().time() - begun, 3)
        log.debug("page.fetched", url=request.url, portal=portal.name, seconds=seconds)
        return answer

    async def _within(self, visit: _Visit, end: float) -> RawPage | NotModified:
        """The walk, with whatever breaks under way told as a PageError."""
        try:
            async with asyncio.timeout_at(min(end, visit.deadline)) as limit:
                with metered(visit.meter):
                    return await self._walk(visit, limit, end)
        except TimeoutError as error:
            raise Transient("timeout", "the page took too long", url=visit.at) from error
        except (httpx.TransportError, OSError) as error:
            raise broken(error, visit.at, in_body=visit.in_body) from error
        except PageError as error:
            error.url = error.url or visit.at
            raise

    async def _walk(self, visit: _Visit, limit: asyncio.Timeout, end: float) -> RawPage | NotModified:
        """Hop from redirect to redirect until there is an answer; `end` moves on while a turn is waited for."""
        clock = asyncio.get_running_loop().time
        for hops in range(self._policy.redirects + 1):
            target = _aim(visit)
            if hops:
                begun = clock()
                limit.reschedule(visit.deadline if visit.deadline < math.inf else None)
                await visit.turn(target.url)
                end += clock() - begun
                limit.reschedule(min(end, visit.deadline))
            answer = await self._hop(visit, target)
            if answer is not None:
                return answer
        raise NotAReport("redirect", f"more than {self._policy.redirects} redirects")

    async def _hop(self, visit: _Visit, target: Target) -> RawPage | NotModified | None:
        """One request and its answer; None when it sends the visit on."""
        jar = visit.jars.setdefault(target.host, {})
        said = {
            **visit.validators.headers(),
            **referer_for(target, visit.request.referer),
            **cookie_for(jar),
        }
        sent = compose(self._policy, target, visit.form, said)
        visit.meter.begin()
        async with self._clients.lend(target.host, visit.portal) as transport:
            response = await transport.handle_async_request(sent)
            try:
                take_cookies(response, jar)
                return await self._understand(visit, response)
            finally:
                await response.aclose()

    async def _understand(self, visit: _Visit, response: httpx.Response) -> RawPage | NotModified | None:
        """What the answer amounts to; None for a redirect. Raises PageError."""
        status = response.status_code
        if visit.meter.silent:
            raise Transient("protocol", "the answer came before the question")
        if 200 <= status < 300 and status != 206:
            return await self._page(visit, response)
        await drain(response)
        where = location(response)
        if status in REDIRECTS and where is not None:
            _move(visit, status, where)
            return None
        if status == 304 and visit.validators.headers():
            return NotModified(url=visit.request.url, fetched_at=self._now())
        if status == 304:
            raise Transient("protocol", "HTTP 304 to a request without conditions")
        raise refusal(status, response.headers.get("retry-after"), visit.at, self._now())

    async def _page(self, visit: _Visit, response: httpx.Response) -> RawPage:
        """The page, read to its end and inflated. Raises Transient('truncated') when its length is not as promised."""
        length = promised(response)
        codings = response.headers.get_list("content-encoding")
        body = body_for([] if length == 0 else codings, self._policy.body_bytes)
        visit.in_body = True
        await read(response, body, length, visit.meter)
        return RawPage(
            url=visit.request.url,
            final_url=visit.at,
            status=response.status_code,
            headers=kept(response),
            body=body.finish(),
            fetched_at=self._now(),
            portal=visit.portal.name,
        )


def _aim(visit: _Visit) -> Target:
    """The guard's word on where the visit stands, and the portal's; a refused redirect is just one that leads away."""
    try:
        target = aim(visit.at, ports(visit.portal))
        if not visit.portal.owns(target.url):
            raise Blocked("guard", f"{target.host} is none of the portal's hosts")
    except Blocked as refused:
        if visit.at == visit.request.url:
            raise
        raise NotAReport("redirect", f"{refused.detail}: {visit.at[:200]}") from refused
    return target


def _move(visit: _Visit, status: int, where: str) -> None:
    """Stand where the redirect points; as browsers do, only 307 and 308 repeat a POST."""
    try:
        visit.at = urljoin(visit.at, where)
    except ValueError as error:
        raise NotAReport("redirect", f"to no address: {where[:200]}") from error
    if status < 307:
        visit.form = ()
