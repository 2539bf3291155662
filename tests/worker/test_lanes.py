"""A held lane: robots.txt first, one request at a time, and nothing after the lease is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine, text

from crawlers.errors import Blocked, Gone, PageError, Transient
from crawlers.models import RawPage, Request
from tests.stack import settings_of
from tests.wanted import expire, portal
from worker.archive import Archive
from worker.deps import Deps
from worker.fetch import Fetcher
from worker.lanes import MARGIN_SECONDS, Lane, LaneLost, hold
from worker.ledger import lanes
from worker.ledger.lanes import LEASE_SECONDS

PORTAL = portal(delay=0)
REPORT = Request(url=f"{PORTAL.url}/1.html")
ROBOTS = f"{PORTAL.url}/robots.txt"
Answer = bytes | PageError


class Host:
    """A fetcher that answers by address, notes what it was asked, and that it was never asked two things at once."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers: dict[str, Answer] = {ROBOTS: b"User-agent: *\nDisallow: /secret/\n", **(answers or {})}
        self.asked: list[str] = []
        self.busy = False
        self.hanging = asyncio.Event()

    async def fetch(
        self, request: Request, _portal: object, *, validators: object = None, turn: object = None
    ) -> RawPage:
        assert not self.busy
        self.busy = True
        try:
            self.asked.append(request.url)
            if request.url.endswith("/hang"):
                self.hanging.set()
                await asyncio.Event().wait()
            await asyncio.sleep(0)
            answer = self.answers.get(request.url, b"body")
        finally:
            self.busy = False
        if isinstance(answer, PageError):
            raise answer
        return RawPage(url=request.url, body=answer, fetched_at=datetime.now(UTC), portal=PORTAL.name)


@pytest.fixture
def deps(sqlite_ledger: Engine, tmp_path: Path) -> Deps:
    settings = settings_of(tmp_path, connect_to="127.0.0.1:1", delay=0.0)
    return Deps(settings, {PORTAL.name: PORTAL}, sqlite_ledger, Archive(tmp_path / "archive"))


def working(deps: Deps, host: Host, work: Callable[[Lane], Awaitable[None]]) -> None:
    """Hold the portal's lane and do something with it."""

    async def held() -> None:
        async with hold(deps, cast("Fetcher", host), PORTAL.host) as lane:
            assert lane is not None
            await work(lane)

    asyncio.run(held())


def fetching(deps: Deps, host: Host, *addresses: str) -> list[str]:
    """Fetch these, one after another; the reasons of those that failed."""
    reasons: list[str] = []

    async def work(lane: Lane) -> None:
        for address in addresses:
            try:
                await lane.fetch(Request(url=address), PORTAL)
            except PageError as error:
                reasons.append(error.reason)

    working(deps, host, work)
    return reasons


def test_robots_is_asked_for_once_and_before_anything_else(deps: Deps) -> None:
    host = Host()
    fetching(deps, host, REPORT.url, f"{PORTAL.url}/2.html")
    assert host.asked == [ROBOTS, REPORT.url, f"{PORTAL.url}/2.html"]
    later = Host()
    fetching(deps, later, REPORT.url)
    assert later.asked == [REPORT.url]


def test_what_robots_disallows_is_never_asked(deps: Deps) -> None:
    host = Host()
    assert fetching(deps, host, f"{PORTAL.url}/secret/1.html") == ["robots"]
    assert host.asked == [ROBOTS]


@pytest.mark.parametrize(("status", "times"), [(503, 1), (None, 2)])
def test_a_host_whose_robots_cannot_be_had_is_asked_nothing_and_counts_as_failing(
    deps: Deps, status: int | None, times: int
) -> None:
    answer = Transient("server_error")
    answer.status = status
    host = Host({ROBOTS: answer})
    assert fetching(deps, host, REPORT.url) == ["robots"]
    assert host.asked == [ROBOTS] * times
    with deps.ledger.begin() as connection:
        assert lanes.troubles(connection)[PORTAL.host][0] == 1


def test_one_lost_connection_does_not_shut_a_host(deps: Deps) -> None:
    class Stumbling(Host):
        async def fetch(
            self, request: Request, _portal: object, *, validators: object = None, turn: object = None
        ) -> RawPage:
            if not self.asked:
                self.asked.append(request.url)
                raise Transient("reset")
            return await super().fetch(request, _portal, validators=validators, turn=turn)

    host = Stumbling()
    assert fetching(deps, host, REPORT.url) == []
    assert host.asked == [ROBOTS, ROBOTS, REPORT.url]
    with deps.ledger.begin() as connection:
        assert lanes.troubles(connection) == {}


def test_a_host_without_robots_may_be_asked_everything(deps: Deps) -> None:
    gone = Gone("gone")
    gone.status = 404
    host = Host({ROBOTS: gone})
    assert fetching(deps, host, f"{PORTAL.url}/secret/1.html") == []


@pytest.mark.parametrize(
    ("error", "failures"), [(Transient("timeout"), 2), (Blocked("challenge"), 0), (Gone("gone"), 0)]
)
def test_only_trouble_of_the_host_is_charged_to_its_lane(deps: Deps, error: PageError, failures: int) -> None:
    fetching(deps, Host({REPORT.url: error}), REPORT.url, REPORT.url)
    with deps.ledger.begin() as connection:
        assert lanes.troubles(connection).get(PORTAL.host, (0, 0, None))[0] == failures


def test_an_answer_of_any_kind_ends_a_row_of_failures(deps: Deps) -> None:
    other = f"{PORTAL.url}/2.html"
    fetching(deps, Host({REPORT.url: Transient("timeout"), other: Gone("gone")}), REPORT.url, other)
    with deps.ledger.begin() as connection:
        assert lanes.troubles(connection) == {}


def test_a_lane_that_is_held_is_given_to_nobody_else(deps: Deps) -> None:
    async def work(_lane: Lane) -> None:
        async with hold(deps, cast("Fetcher", Host()), PORTAL.host) as second:
            assert second is None

    working(deps, Host(), work)


def with_lease_left(deps: Deps, host: Host, seconds: float, address: str) -> None:
    """Fetch with a lease that has this much left before a request must end."""

    async def work() -> None:
        with deps.ledger.begin() as connection:
            lease = lanes.acquire(connection, PORTAL.host, "test")
        assert lease is not None
        asked_at = asyncio.get_running_loop().time() - LEASE_SECONDS + MARGIN_SECONDS + seconds
        await Lane(deps, cast("Fetcher", host), lease, asked_at).fetch(Request(url=address), PORTAL)

    asyncio.run(work())


def test_a_request_in_flight_is_cancelled_before_its_lease_can_run_out(deps: Deps) -> None:
    host = Host()
    with pytest.raises(LaneLost):
        with_lease_left(deps, host, 0.5, f"{PORTAL.url}/hang")
    assert host.asked == [ROBOTS, f"{PORTAL.url}/hang"]
    assert not host.busy


def test_nothing_is_asked_once_the_lease_is_nearly_over(deps: Deps) -> None:
    host = Host()
    with pytest.raises(LaneLost):
        with_lease_left(deps, host, 0.0, REPORT.url)
    assert host.asked == []


def test_who_lost_a_lane_does_not_free_it_for_others_on_leaving(deps: Deps) -> None:
    async def work(_lane: Lane) -> None:
        with deps.ledger.begin() as connection:
            expire(connection, "lanes")
            assert lanes.acquire(connection, PORTAL.host, "other") is not None

    working(deps, Host(), work)
    with deps.ledger.begin() as connection:
        assert connection.execute(text("SELECT holder FROM lanes")).scalar_one() == "other"
        assert lanes.acquire(connection, PORTAL.host, "third") is None


def test_a_lane_is_left_with_the_rest_that_its_delay_asks_for(deps: Deps, tmp_path: Path) -> None:
    slow = Deps(settings_of(tmp_path, connect_to="127.0.0.1:1", delay=500.0), deps.portals, deps.ledger, deps.archive)
    working(slow, Host(), ask_in_vain)
    with deps.ledger.begin() as connection:
        seconds, _why = lanes.rest(connection, PORTAL.host)
    assert seconds > 400


async def ask_in_vain(lane: Lane) -> None:
    """The host was asked for robots.txt, and its delay is longer than anybody waits."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await lane.fetch(REPORT, PORTAL)
