"""A redirect is one more request to the host: it waits its turn, keeps to robots.txt, and needs the lane."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.errors import PageError
from crawlers.models import RawPage, Request
from tests.adversary import Adversary, Answer, Talk, answer, redirect
from tests.fetching import told
from tests.stack import settings_of
from tests.wanted import portal
from worker.archive import Archive
from worker.deps import Deps
from worker.fetch import Fetcher, FetchPolicy, NotModified
from worker.lanes import MARGIN_SECONDS, Lane, LaneLost, hold
from worker.ledger import lanes
from worker.ledger.lanes import LEASE_SECONDS

ALIAS = "alias.example.gov.cn"
PORTAL = portal(aliases=(ALIAS,))
HOST = PORTAL.host
PAGE = answer(b"page")
OPEN = answer(status="404 Not Found")
RULES = answer(b"User-agent: *\nDisallow: /secret/\n")
Opened = Callable[[Adversary, float], Deps]
Result = RawPage | NotModified | PageError


@pytest.fixture
def opened(sqlite_ledger: Engine, tmp_path: Path) -> Opened:
    def deps(server: Adversary, delay: float) -> Deps:
        settings = settings_of(tmp_path, connect_to=f"127.0.0.1:{server.port}", delay=delay)
        return Deps(settings, {PORTAL.name: PORTAL}, sqlite_ledger, Archive(tmp_path / "archive"))

    return deps


def fetch(deps: Deps, path: str, page_seconds: float = 60) -> Result:
    """What one fetch through the portal's lane ends in, an error as a value."""

    async def run() -> Result:
        policy = FetchPolicy.of(deps.settings).model_copy(update={"page_seconds": page_seconds})
        async with Fetcher(policy) as fetcher, hold(deps, fetcher, HOST) as lane:
            assert lane is not None
            try:
                return await lane.fetch(Request(url=PORTAL.url + path), PORTAL)
            except PageError as error:
                return error

    return asyncio.run(run())


def asked(server: Adversary) -> list[tuple[str, str]]:
    return [(each.headers["host"], each.path) for each in server.asked]


def noted(times: list[float], then: Answer) -> Answer:
    """The same answer, with the time when it was asked for."""

    def send(talk: Talk) -> None:
        times.append(time.monotonic())
        then(talk)

    return send


def test_redirects_are_as_far_apart_as_any_requests_and_the_wait_is_not_the_pages(opened: Opened) -> None:
    times: list[float] = []
    answers = {
        "/robots.txt": noted(times, OPEN),
        "/1": noted(times, redirect("/2")),
        "/2": noted(times, redirect("/3")),
        "/3": noted(times, PAGE),
    }
    with Adversary(answers) as server:
        end = fetch(opened(server, 0.6), "/1", page_seconds=1.0)
    assert told(end) == "RawPage"
    gaps = [after - before for before, after in pairwise(times)]
    assert len(gaps) == 3
    assert min(gaps) > 0.55


def test_a_redirected_robots_txt_waits_as_well(opened: Opened) -> None:
    times: list[float] = []
    answers = {"/robots.txt": noted(times, redirect("/rules.txt")), "/rules.txt": noted(times, RULES), "/1": PAGE}
    with Adversary(answers) as server:
        assert told(fetch(opened(server, 0.4), "/1")) == "RawPage"
    assert times[1] - times[0] > 0.35


def test_a_redirect_to_what_robots_disallows_is_not_followed(opened: Opened) -> None:
    with Adversary({"/robots.txt": RULES, "/1": redirect("/secret/1"), "/secret/1": PAGE}) as server:
        end = fetch(opened(server, 0.0), "/1")
    assert told(end) == "Blocked robots"
    assert asked(server) == [(HOST, "/robots.txt"), (HOST, "/1")]


def test_a_redirect_to_another_host_of_the_portal_keeps_to_the_rules_of_that_host(opened: Opened) -> None:
    answers = {"/robots.txt": [OPEN, RULES], "/1": redirect(f"https://{ALIAS}/secret/1"), "/secret/1": PAGE}
    with Adversary(answers) as server:
        end = fetch(opened(server, 0.0), "/1")
    assert told(end) == "Blocked robots"
    assert asked(server) == [(HOST, "/robots.txt"), (HOST, "/1"), (ALIAS, "/robots.txt")]


def test_another_host_whose_rules_cannot_be_had_is_asked_nothing_and_charged_once(opened: Opened) -> None:
    answers = {"/robots.txt": [OPEN, answer(status="503 Later")], "/1": redirect(f"https://{ALIAS}/1")}
    with Adversary(answers) as server:
        deps = opened(server, 0.0)
        end = fetch(deps, "/1")
    assert told(end) == "Transient robots"
    assert asked(server) == [(HOST, "/robots.txt"), (HOST, "/1"), (ALIAS, "/robots.txt")]
    with deps.ledger.begin() as connection:
        assert lanes.troubles(connection)[HOST][0] == 1


def test_a_redirect_off_the_portal_asks_the_other_host_nothing(opened: Opened) -> None:
    answers = {"/robots.txt": OPEN, "/1": redirect("https://other.example.gov.cn/1")}
    with Adversary(answers) as server:
        end = fetch(opened(server, 0.0), "/1")
    assert told(end) == "NotAReport redirect"
    assert {host for host, _ in asked(server)} == {HOST}


def test_who_loses_the_lane_while_a_redirect_waits_asks_nothing_more(opened: Opened) -> None:
    async def run(deps: Deps) -> None:
        with deps.ledger.begin() as connection:
            lease = lanes.acquire(connection, HOST, "test")
        assert lease is not None
        async with Fetcher(FetchPolicy.of(deps.settings)) as fetcher:
            asked_at = asyncio.get_running_loop().time() - LEASE_SECONDS + MARGIN_SECONDS + 1.0
            await Lane(deps, fetcher, lease, asked_at).fetch(Request(url=f"{PORTAL.url}/1"), PORTAL)

    with Adversary({"/robots.txt": OPEN, "/1": redirect("/2"), "/2": PAGE}) as server:
        fetch(opened(server, 0.0), "/robots.txt")
        deps = opened(server, 0.0)
        slow = dataclasses.replace(deps, settings=deps.settings.model_copy(update={"delay": 30.0}))
        with pytest.raises(LaneLost):
            asyncio.run(run(slow))
    assert [path for _, path in asked(server)] == ["/robots.txt", "/robots.txt", "/1"]
