"""Politeness: every request to a host goes through its lane, which one worker at a time holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import structlog

from config.portal import Portal
from crawlers.errors import Blocked, PageError, Transient
from crawlers.models import RawPage, Request
from worker import robots
from worker.deps import Deps
from worker.fetch import Fetcher, NotModified, Turn, Validators
from worker.holders import is_dead
from worker.ledger import lanes
from worker.ledger.engine import AWAY
from worker.ledger.lanes import LEASE_SECONDS, RENEW_SECONDS, Lease
from worker.robots import Robots

log = structlog.get_logger()

MARGIN_SECONDS = 2.0  # a request in flight ends this long before its lease could


class LaneLost(Exception):
    """The lease ran out or went to somebody else; nothing more may be asked of the host."""


class Lane:
    """A held lane: spaces requests, keeps to robots.txt, and tells the ledger how the host is doing."""

    def __init__(self, deps: Deps, fetcher: Fetcher, lease: Lease, asked_at: float) -> None:
        """`asked_at` is the loop's time before the lease was asked for, from which on it surely lasts."""
        self.lease = lease
        self._deps = deps
        self._fetcher = fetcher
        self._clock = asyncio.get_running_loop().time
        self._held_until = asked_at + LEASE_SECONDS
        self._next_at = 0.0
        self._rest_after_crash = lease.crashed
        self._failures = lease.failures
        self._robots: dict[str, Robots] | None = None

    async def fetch(
        self, request: Request, portal: Portal, validators: Validators | None = None
    ) -> RawPage | NotModified:
        """Fetch when it is this lane's turn, and each redirect when it is again: to the host it is one more request.

        Raises PageError, or LaneLost when the lane is somebody else's by now.
        """
        delay = await self._cleared(request.url, portal)

        async def turn(url: str) -> None:
            self._rest_for(delay)
            await self._cleared(url, portal)
            await self._wait()

        try:
            page = await self._ask(request, portal, delay, turn, validators)
        except Transient as error:
            if error.reason != "robots":  # which was charged when it was found
                self._failed(error)
            raise
        except PageError:
            self._succeeded()
            raise
        self._succeeded()
        return page

    @property
    def healthy(self) -> bool:
        """Whether the host's last answer was one; while it is not, its failures charge no page."""
        return self._failures <= 1

    @property
    def rest(self) -> float:
        """Seconds until the host may be asked again."""
        return max(0.0, self._next_at - self._clock())

    async def keep(self) -> None:
        """Renew the lease until cancelled; a database that is away only lets the lease run out."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            asked_at = self._clock()
            try:
                with self._deps.ledger.begin() as connection:
                    if not lanes.renew(connection, self.lease):
                        self._held_until = 0.0
                        return
            except AWAY as error:
                log.warning("lane.unrenewed", lane=self.lease.name, error=str(error))
            else:
                self._held_until = asked_at + LEASE_SECONDS

    async def _ask(
        self, request: Request, portal: Portal, delay: float, turn: Turn, validators: Validators | None = None
    ) -> RawPage | NotModified:
        if self._rest_after_crash:
            self._rest_for(delay)
            self._rest_after_crash = False
        await self._wait()
        asking = asyncio.ensure_future(self._fetcher.fetch(request, portal, validators=validators, turn=turn))
        try:
            while not asking.done():
                left = self._held_until - MARGIN_SECONDS - self._clock()
                if left <= 0:
                    raise LaneLost(self.lease.name)
                await asyncio.wait([asking], timeout=min(left, 1.0))
            return asking.result()
        finally:
            if not asking.done():
                asking.cancel()
                with suppress(asyncio.CancelledError, PageError):
                    await asking
            self._rest_for(delay)  # from the end on: when the host took it up, only the host knows

    def _rest_for(self, seconds: float) -> None:
        self._next_at = max(self._next_at, self._clock() + seconds)

    async def _wait(self) -> None:
        await asyncio.sleep(self.rest)

    async def _cleared(self, url: str, portal: Portal) -> float:
        """The seconds to leave behind a request to this address. Raises PageError where robots.txt is against it."""
        rules = await self._rules(url, portal)
        self._permit(rules, url)
        return self._delay(portal, robots.crawl_delay(rules, self._deps.settings.user_agent))

    async def _rules(self, url: str, portal: Portal) -> Robots:
        """The host's robots.txt, fetched through this lane when the stored copy is older than a day (RFC 9309 §2.4)."""
        if self._robots is None:
            with self._deps.ledger.begin() as connection:
                stored = lanes.robots(connection, self.lease.name)
            self._robots = {where: Robots.model_validate(rules) for where, rules in stored.items()}
        where = robots.address(url)
        rules = self._robots.get(where)
        if rules is None or not robots.fresh(rules, datetime.now(UTC)):
            rules = self._robots[where] = await self._fetch_rules(where, portal)
            with self._deps.ledger.begin() as connection:
                stored = {address: kept.model_dump(mode="json") for address, kept in self._robots.items()}
                lanes.keep_robots(connection, self.lease, stored)
        return rules

    async def _fetch_rules(self, where: str, portal: Portal) -> Robots:
        """The host's robots.txt now. No answer at all is asked for again once: it would shut the host for minutes."""
        answer = await self._ask_rules(where, portal)
        if isinstance(answer, Transient) and answer.status is None:
            answer = await self._ask_rules(where, portal)
        return robots.parse(answer, datetime.now(UTC))

    async def _ask_rules(self, where: str, portal: Portal) -> RawPage | PageError:
        delay = self._delay(portal, None)

        async def turn(_url: str) -> None:
            self._rest_for(delay)
            await self._wait()

        try:
            answer = await self._ask(Request(url=where), portal, delay, turn)
        except PageError as error:
            if error.reason == "guard":
                raise
            return error
        assert not isinstance(answer, NotModified)  # noqa: S101 - an unconditional request has no 304
        return answer

    def _permit(self, rules: Robots, url: str) -> None:
        """Stand back where robots.txt says so; while the host cannot say, it is asked again later."""
        if rules.unreachable:
            what = f"HTTP {rules.status}" if rules.status else "the host does not answer"
            error = Transient("robots", f"robots.txt could not be had: {what}", url=url)
            self._failed(error)
            raise error
        if not robots.allowed(rules, url, self._deps.settings.user_agent):
            raise Blocked("robots", "robots.txt disallows it", url=url)

    def _delay(self, portal: Portal, crawl_delay: float | None) -> float:
        if self._deps.settings.delay is not None:
            return self._deps.settings.delay
        return max(portal.delay, crawl_delay or 0.0)

    def _succeeded(self) -> None:
        if not self._failures:
            return
        self._failures = 0
        with self._deps.ledger.begin() as connection:
            lanes.succeeded(connection, self.lease)

    def _failed(self, error: Transient) -> None:
        self._failures += 1
        with self._deps.ledger.begin() as connection:
            rest = lanes.failed(connection, self.lease, str(error), error.retry_after)
        self._rest_for(rest)
        if rest:
            log.warning("lane.rested", lane=self.lease.name, seconds=rest, failures=self._failures, error=str(error))


def free_lanes_of_the_dead(deps: Deps) -> bool:
    """Do not wait for leases of processes of this machine that were killed, only until their requests are over.

    Returns whether there are such lanes: they are free after `MARGIN_SECONDS`.
    """
    with deps.ledger.begin() as connection:
        dead = [holder for holder in lanes.holders(connection) if is_dead(holder)]
        if dead and (freed := lanes.shorten(connection, dead, MARGIN_SECONDS)):
            log.warning("lanes.freed", lanes=freed, holders=dead)
    return bool(dead)


@asynccontextmanager
async def hold(deps: Deps, fetcher: Fetcher, name: str) -> AsyncIterator[Lane | None]:
    """Hold a lane for the length of the block; None when somebody else has it or it rests."""
    asked_at = asyncio.get_running_loop().time()
    with deps.ledger.begin() as connection:
        lease = lanes.acquire(connection, name, deps.holder)
    if lease is None:
        yield None
        return
    lane = Lane(deps, fetcher, lease, asked_at)
    keeping = asyncio.create_task(lane.keep())
    try:
        yield lane
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        with suppress(*AWAY), deps.ledger.begin() as connection:  # otherwise the lease runs out by itself
            lanes.release(connection, lease, lane.rest)
