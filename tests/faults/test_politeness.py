"""Many workers, one host: never two requests at once, and never sooner than the delay, measured by the server."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from config.portal import load_portals
from crawlers.models import Request
from tests.faults.stack import kill_group, stack
from tests.faults.valkey import Valkey
from tests.stack import deps_of
from tests.wanted import wanted
from worker.collect import collect
from worker.crawl import close_runs
from worker.deps import Deps
from worker.discover import lane_of, open_runs
from worker.ledger import frontier
from worker.ledger.frontier import Priority
from worker.process import process
from worker.replica.server import Visit, serve
from worker.replica.site import World

Note = Callable[[str, object], None]
TOLERANCE = 0.05  # of the delay: the server notes a request some milliseconds after it was sent


def check_polite(visits: Sequence[Visit], delay: float) -> float:
    """No host was asked twice at once or too soon; returns the least time between two requests, in seconds."""
    least = float("inf")
    for host in {visit.host for visit in visits}:
        asked = sorted((visit for visit in visits if visit.host == host), key=lambda visit: visit.started)
        for before, after in pairwise(asked):
            assert after.started >= before.ended, f"{host} was asked for {after.path} before it had answered"
            least = min(least, after.started - before.started)
    assert least >= delay * (1 - TOLERANCE)
    return least


def crawl_beside_others(deps: Deps, seconds: float) -> None:
    """Be one worker of several: fetch in short pulses, as whoever holds which lane changes, and read what came."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asyncio.run(collect(deps, 0.5))
        process(deps, 16)
        close_runs(deps)
        time.sleep(0.02)  # somebody else has every lane: let them work


def test_eight_workers_ask_a_host_once_at_a_time_and_keep_its_delay(
    sqlite_database: str, tmp_path: Path, record_property: Note
) -> None:
    delay = 0.3
    with serve(World(40), delay=0.05) as replica:
        deps = deps_of(tmp_path, replica, database_url=sqlite_database, delay=delay)
        workers = [dataclasses.replace(deps, holder=f"worker {number}") for number in range(8)]
        open_runs(deps, names=list(load_portals()))
        threads = [threading.Thread(target=crawl_beside_others, args=(worker, 4.0)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        deps.ledger.dispose()
        assert len(replica.requests) > 10  # enough to measure between; how many there are is the machine's affair
        record_property("least time between two requests", f"{check_polite(replica.requests, delay):.3f} s of {delay}")


def test_a_backfill_of_five_thousand_pages_delays_the_list_of_its_host_by_one_request(
    database: str, tmp_path: Path
) -> None:
    one = load_portals()["tahe"]
    top = Request(url=one.columns[0].url)
    backfill = {"portal": one.name, "lane": lane_of(one), "priority": Priority.BACKFILL}
    with serve(World(40), delay=0.02) as replica:
        deps = deps_of(tmp_path, replica, database_url=database)
        with deps.ledger.begin() as connection:
            rows = (Request(url=f"{one.url}/none/{number}.html") for number in range(5000))
            frontier.add(connection, [wanted(request.url, request=request, **backfill) for request in rows])
        fetching = threading.Thread(target=lambda: asyncio.run(collect(deps, 10)))
        fetching.start()
        wait_for(lambda: len(replica.requests) > 10)
        with deps.ledger.begin() as connection:
            row = {**backfill, "priority": Priority.LIST, "kind": "list", "column": one.columns[0].name}
            frontier.add(connection, [wanted("list", request=top, **row)])
        before = len(replica.requests)
        wait_for(lambda: urlsplit(top.url).path in {visit.path for visit in replica.requests})
        with deps.ledger.begin() as connection:
            connection.execute(text("DELETE FROM frontier"))  # the rest of the backfill proves nothing more
        fetching.join()
        deps.ledger.dispose()
    place = [visit.path for visit in replica.requests].index(urlsplit(top.url).path)
    assert place - before <= 1, "one request was under way"


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Look until something is so."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not so after {seconds} s"
        time.sleep(0.005)


@pytest.mark.soak
def test_eight_real_workers_keep_a_delay_of_a_second_while_one_after_another_is_killed(
    postgres_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    with stack(tmp_path, postgres_database, broker_server, World(150), delay=0.1) as running:
        running.environment["GONGBAO_DELAY"] = "1"
        running.beat()
        workers = [running.worker("discover,collect,publish") for _ in range(8)]
        running.worker("process")
        for worker in workers[:4]:
            before = len(running.replica.requests)
            running.wait_until(lambda _, before=before: len(running.replica.requests) > before + 5)  # type: ignore[misc]
            kill_group(worker)
        running.settle(300)
        running.check()
        record_property("least time between two requests", f"{check_polite(running.replica.requests, 1.0):.3f} s of 1")
