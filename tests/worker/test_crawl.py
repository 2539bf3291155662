"""The main job, end to end, against the replica: what is stored is what was published, however it was crawled."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.expected import events_of, hashes, known_to, outcomes_of, outcomes_seen, reports_of
from tests.stack import command, deps_of, environment, gongbao
from worker.crawl import crawl
from worker.deps import Deps
from worker.outcomes import Ended
from worker.replica.server import Replica, serve
from worker.replica.site import World

NAMES = ("dalian-sfj", "gansu-zfw", "harbin-pingfang", "heilongjiang-sft", "tahe")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def replica(world: World) -> Iterator[Replica]:
    with serve(world) as served:
        yield served


@pytest.fixture
def deps(tmp_path: Path, replica: Replica) -> Iterator[Deps]:
    opened = deps_of(tmp_path / "home", replica)
    yield opened
    opened.ledger.dispose()


def ends_of(deps: Deps, names: tuple[str, ...] = NAMES) -> list[Ended]:
    """Crawl and return how every page ended."""
    ends: list[Ended] = []
    runs = crawl(deps, names, on_end=ends.append)
    assert {run.state for run in runs} == {"done"}, [run.error for run in runs]
    return ends


def test_a_crawl_of_both_phases_ends_as_the_truth_says(world: World, replica: Replica, deps: Deps) -> None:
    first = ends_of(deps)
    assert outcomes_seen(first) == outcomes_of(world, 1)
    assert known_to(deps) == reports_of(world, 1)
    replica.set_phase(2)
    second = ends_of(deps)
    assert outcomes_seen(second) == outcomes_of(world, 2)
    assert known_to(deps) == reports_of(world, 2)
    third = ends_of(deps)
    assert {end.outcome.value for end in third if end.report_id} == {"unchanged"}


def test_each_new_report_is_told_once_and_each_copy_as_a_sighting(world: World, deps: Deps) -> None:
    ends_of(deps)
    ends_of(deps)
    told = events_of(deps)
    new = Counter(kind for kind, _ in told.elements())
    pages = reports_of(world, 1)
    assert new == {
        "report.new": len(hashes(pages.values())),
        "report.sighted": len(pages) - len(hashes(pages.values())),
    }


def test_a_portal_is_never_asked_two_things_at_once(replica: Replica, deps: Deps) -> None:
    ends_of(deps)
    by_host: dict[str, list[tuple[float, float]]] = {}
    for visit in replica.requests:
        by_host.setdefault(visit.host, []).append((visit.started, visit.ended))
    assert len(by_host) == len(NAMES)
    for spans in by_host.values():
        ordered = sorted(spans)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))


def test_nothing_but_one_portal_is_asked_when_one_is_named(world: World, replica: Replica, deps: Deps) -> None:
    ends = ends_of(deps, ("tahe",))
    assert {end.portal for end in ends} == {"tahe"}
    [portal] = [portal for portal in world.portals if portal.name == "tahe"]
    assert {visit.host.partition(":")[0] for visit in replica.requests} <= portal.hosts


def test_a_limit_stores_the_first_pages_and_says_that_the_run_was_short(deps: Deps) -> None:
    ends: list[Ended] = []
    [run] = crawl(deps, ("gansu-zfw",), limit=2, on_end=ends.append)
    assert run.state == "short"
    assert len(ends) == 2
    assert len(ends_of(deps, ("gansu-zfw",))) > 2


def test_a_host_that_is_down_fails_the_run_and_says_why(tmp_path: Path, world: World) -> None:
    with serve(world) as gone:
        pass
    deps = deps_of(tmp_path / "home", gone)
    [run] = crawl(deps, ("tahe",))
    deps.ledger.dispose()
    assert run.state == "failed"
    assert run.error


def test_run_once_through_broker_and_workers_stores_what_the_truth_says(
    tmp_path: Path, world: World, replica: Replica
) -> None:
    home = tmp_path / "home"
    done = gongbao("run", "--once", "--json", env=environment(home, replica))
    assert done.status == 0, done.err
    assert {line["portal"]: line["state"] for line in done.lines} == dict.fromkeys(NAMES, "done")
    deps = deps_of(home)
    assert known_to(deps) == reports_of(world, 1)
    deps.ledger.dispose()


def test_an_embedded_run_makes_the_schema_of_a_database_that_was_named(tmp_path: Path, replica: Replica) -> None:
    env = environment(tmp_path / "home", replica, database_url=f"sqlite:///{tmp_path / 'named.sqlite3'}")
    done = gongbao("run", "--once", "--json", "tahe", env=env)
    assert done.status == 0, done.err
    assert gongbao("reports", "list", "--json", env=env).lines


@pytest.mark.slow
def test_one_run_of_a_named_portal_asks_nothing_of_the_others(tmp_path: Path, replica: Replica) -> None:
    before = len(replica.requests)
    env = environment(tmp_path / "home", replica)
    done = gongbao("run", "--once", "tahe", "--json", env=env)
    assert [(line["portal"], line["state"]) for line in done.lines] == [("tahe", "done")], done.err
    assert {visit.host for visit in replica.requests[before:]} == {"dxalth.gov.cn"}
    standing = {line["portal"]: line["last_run"] for line in gongbao("status", "--json", env=env).lines}
    assert standing == dict.fromkeys(standing) | {"tahe": "done"}


def expire_leases(deps: Deps) -> None:
    """Let the leases of a process that was killed have run out, instead of waiting for it."""
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE lanes SET lease_until = 0"))
        connection.execute(text("UPDATE frontier SET lease_until = 0 WHERE lease_until IS NOT NULL"))


@pytest.mark.parametrize("pages", [1, 20])
def test_a_crawl_that_was_killed_goes_on_where_it_stopped(
    tmp_path: Path, world: World, replica: Replica, pages: int
) -> None:
    env = environment(tmp_path / "home", replica)
    with subprocess.Popen(
        command(["crawl", "--json"]), env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as run:
        assert run.stdout is not None
        for _ in range(pages):
            assert run.stdout.readline()
        with contextlib.suppress(ProcessLookupError):
            os.kill(run.pid, signal.SIGKILL)
    deps = deps_of(tmp_path / "home", replica)
    expire_leases(deps)
    rest = gongbao("crawl", "--json", env=env)
    assert rest.status == 0, rest.err
    assert known_to(deps) == reports_of(world, 1)
    contents = hashes(reports_of(world, 1).values())
    assert {key: count for key, count in events_of(deps).items() if key[0] == "report.new"} == {
        ("report.new", str(content)): 1 for content in contents
    }
    deps.ledger.dispose()
