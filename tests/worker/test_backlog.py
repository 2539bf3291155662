"""Fetching waits while reading lags: so many pages wait at most, lists aside, and all is read in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.expected import known_to, reports_of
from tests.stack import deps_of
from tests.wanted import LANE, fetched, wanted
from worker.collect import collect
from worker.crawl import crawl
from worker.deps import Deps
from worker.discover import open_runs
from worker.ledger import fetching, frontier
from worker.ledger.frontier import EVERYTHING, Priority, Scope
from worker.process import process
from worker.replica.server import serve
from worker.replica.site import World

BACKLOG = 3
PORTALS = 5  # of the replica; one more page may be under way on the host of each


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def deps(tmp_path: Path, world: World) -> Iterator[Deps]:
    with serve(world) as replica:
        opened = deps_of(tmp_path / "home", replica, backlog=BACKLOG)
        yield opened
        opened.ledger.dispose()


def waiting(deps: Deps, state: str) -> int:
    with deps.ledger.begin() as connection:
        return frontier.depth(connection).get(state, 0)


def test_no_more_pages_are_fetched_than_may_wait_to_be_read(deps: Deps) -> None:
    open_runs(deps)
    deepest = 0
    while waiting(deps, "due") or waiting(deps, "collected"):
        asyncio.run(collect(deps, 30))
        deepest = max(deepest, waiting(deps, "collected"))
        assert asyncio.run(collect(deps, 30)) == 0  # it ends at once, and asks for nothing
        process(deps, 2)
    assert BACKLOG <= deepest < BACKLOG + PORTALS


def test_an_inline_crawl_with_a_small_backlog_reads_all_the_same(deps: Deps, world: World) -> None:
    assert {run.state for run in crawl(deps, tuple(deps.portals))} == {"done"}
    assert known_to(deps) == reports_of(world, 1)


def test_only_lists_are_fetched_while_the_backlog_is_full(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("page", lane="pages"), wanted("page of a list's lane")])
        frontier.add(connection, [wanted("list", kind="list", priority=Priority.LIST)])
        fetched(connection, "a", "b")
        assert fetching.with_room(connection, EVERYTHING, 3) == EVERYTHING
        full = fetching.with_room(connection, EVERYTHING, 2)
        assert fetching.due_lanes(connection, 9, full) == [LANE]
        item = fetching.next_due(connection, LANE, full)
        assert item is not None
        assert item.key == "list"
        assert fetching.next_due(connection, "pages", full) is None


def test_pages_of_others_that_nobody_reads_do_not_hold_up_a_command_with_a_scope(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "a", "b", portal="other")
        mine = Scope(portals=("example",))
        assert fetching.with_room(connection, mine, 2) == mine
