"""From runs to rows: what discovery puts on the frontier, page by page, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from config.portal import Portal
from crawlers.models import RawPage
from tests.stack import settings_of
from tests.wanted import expire, hold, portal
from worker.archive import Archive
from worker.crawl import close_runs
from worker.deps import Deps
from worker.discover import LONGEST_ADDRESS, open_runs, revisit
from worker.ledger import claims, columns, fetching, frontier, history, lanes, schedule
from worker.ledger.claims import MOST_STARTS
from worker.ledger.frontier import Archived, Item, Priority
from worker.ledger.schedule import RunReport
from worker.outcomes import Ended, Outcome
from worker.process import process
from worker.walk import row_mark

PORTAL = portal()


@pytest.fixture
def deps(sqlite_ledger: Engine, tmp_path: Path) -> Deps:
    return Deps(settings_of(tmp_path), {PORTAL.name: PORTAL}, sqlite_ledger, Archive(tmp_path / "archive"))


def with_portal(deps: Deps, **facts: Any) -> Deps:
    return replace(deps, portals={PORTAL.name: portal(**facts)})


def list_page(links: Sequence[tuple[str, str]], following: str | None = None) -> str:
    """A plain list of (address, day)."""
    rows = "".join(
        f'<li><a href="{url}">关于第{url[-13:-5]}号文件有关情况的通知</a><span>{day}</span></li>' for url, day in links
    )
    pager = f'<div class="page"><a href="{following}">下一页</a></div>' if following else ""
    return f'<html><head><meta charset="utf-8"></head><body><ul class="list">{rows}</ul>{pager}</body></html>'


def numbers(start: int, end: int, day: str = "2025-03-01") -> list[tuple[str, str]]:
    return [(f"/gk/202503/t{number:08d}.html", day) for number in range(start, end)]


def due(deps: Deps) -> list[Item]:
    """Everything that waits to be fetched, in the order in which its lane serves it."""
    with deps.ledger.begin() as connection:
        rows = connection.execute(
            text("SELECT portal, key FROM frontier WHERE state = 'due' ORDER BY priority, next_attempt_at, id")
        ).all()
        found = [frontier.find(connection, row.portal, row.key) for row in rows]
    return [item for item in found if item is not None]


def reports(deps: Deps) -> list[Item]:
    return [item for item in due(deps) if item.kind == "report"]


def answer(deps: Deps, body: str) -> str:
    """Fetch the list page that waits with this answer, and have it read; returns the address that was asked."""
    [item] = [item for item in due(deps) if item.kind == "list"]
    raw = RawPage(
        url=item.request.url,
        headers=(("content-type", "text/html"),),
        body=body.encode(),
        fetched_at=datetime.now(UTC),
        portal=item.portal,
    )
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=raw.fetched_at.timestamp())
    with deps.ledger.begin() as connection:
        lease = hold(connection, item.lane)
        fetching.collected(connection, item, archived, lease.token)
        lanes.release(connection, lease, 0)
    process(deps, 10)
    return item.request.url


def finish(deps: Deps, outcome: Outcome = Outcome.SKIPPED) -> RunReport:
    """Let every report that waits end, and close the run."""
    for item in reports(deps):
        with deps.ledger.begin() as connection:
            lease = hold(connection, item.lane)
            fetching.drop_due(connection, item, lease.token)
            ended = Ended(portal=item.portal, url=item.request.url, outcome=outcome)
            history.end(connection, item.key, ended, item.run_id, row_mark(item.request))
            lanes.release(connection, lease, 0)
    [run] = close_runs(deps)
    return run


def test_a_run_begins_with_the_top_of_each_column(deps: Deps) -> None:
    two = [{"name": name, "url": f"{PORTAL.url}/{name}.html"} for name in ("a", "b")]
    deps = with_portal(deps, columns=two)
    [run] = open_runs(deps)
    assert [(item.column, item.request.url, item.priority, item.run_id) for item in due(deps)] == [
        (name, f"{PORTAL.url}/{name}.html", Priority.LIST, run.id) for name in ("a", "b")
    ]


def test_rows_of_a_first_walk_are_backfill_and_those_of_later_walks_are_new(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page(numbers(0, 4)))
    assert {(item.priority, item.backfill) for item in reports(deps)} == {(Priority.BACKFILL, True)}
    assert finish(deps).state == "done"
    with deps.ledger.begin() as connection:
        schedule.ask(connection, PORTAL.name, "webhook")
    open_runs(deps)
    answer(deps, list_page(numbers(3, 6)))
    assert [(item.request.url[-13:-5], item.priority, item.backfill) for item in reports(deps)] == [
        (f"{number:08d}", Priority.NEW, False) for number in (4, 5)
    ]


def test_the_pages_of_a_list_are_read_one_after_another_and_then_page_one_again(deps: Deps) -> None:
    open_runs(deps)
    asked = [
        answer(deps, list_page(numbers(4, 8), "/list_2.html")),
        answer(deps, list_page(numbers(0, 4))),
        answer(deps, list_page(numbers(5, 9), "/list_2.html")),
        answer(deps, list_page(numbers(1, 5))),
    ]
    top = f"{PORTAL.url}/list.html"
    assert asked == [top, f"{PORTAL.url}/list_2.html", top, f"{PORTAL.url}/list_2.html"]
    assert len(reports(deps)) == 9
    run = finish(deps)
    assert (run.state, run.pages, run.found) == ("done", 4, 9)


def test_a_list_without_rows_fails_its_run_and_the_next_run_begins_from_the_top(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, "<html><body><p>本栏目正在建设中</p></body></html>")
    run = finish(deps)
    assert run.state == "failed"
    assert run.error
    open_runs(deps, names=[PORTAL.name])
    assert answer(deps, list_page(numbers(0, 3))) == f"{PORTAL.url}/list.html"
    assert finish(deps).state == "done"


def test_a_list_that_breaks_off_keeps_what_it_found_and_is_no_whole_walk(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page(numbers(0, 4), "/list_2.html"))
    answer(deps, list_page(numbers(0, 4), "/list_3.html"))
    assert len(reports(deps)) == 4
    run = finish(deps)
    assert run.state == "failed"
    assert "repeats page 1" in (run.error or "")
    with deps.ledger.begin() as connection:
        assert columns.walked_at(connection, PORTAL.name, "reports") is None


def test_a_row_of_another_host_is_noted_and_never_fetched(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page([*numbers(0, 3), ("https://www.example.org/a.html", "2025-03-01")]))
    assert len(reports(deps)) == 3
    with deps.ledger.begin() as connection:
        seen = connection.execute(text("SELECT url, outcome, reason FROM visits")).all()
    assert [tuple(row) for row in seen] == [("https://www.example.org/a.html", "skipped", "external")]


def test_a_row_whose_address_is_longer_than_any_real_one_is_left_out(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page([*numbers(0, 3), ("/gk/202503/" + "a" * LONGEST_ADDRESS + ".html", "2025-03-01")]))
    assert len(reports(deps)) == 3


def test_a_thousand_portals_are_opened_a_few_in_each_transaction(ledger: Engine, tmp_path: Path) -> None:
    portals = {f"p{number:04}": portal(f"p{number:04}") for number in range(1000)}
    many = Deps(settings_of(tmp_path), portals, ledger, Archive(tmp_path / "archive"))
    opened: list[int] = []

    def committed(connection: Connection) -> None:
        opened.append(connection.execute(text("SELECT count(*) FROM runs")).scalar_one())

    event.listen(ledger, "commit", committed)
    assert len(open_runs(many, most=100)) == 100
    assert len(open_runs(many)) == 900
    event.remove(ledger, "commit", committed)
    assert opened[-1] == 1000
    assert max(after - before for before, after in pairwise([0, *opened])) <= 20


def test_a_portal_that_somebody_asked_for_is_opened_before_those_whose_time_has_come(deps: Deps) -> None:
    portals = {name: portal(name) for name in ("a", "b", "c")}
    deps = replace(deps, portals=portals)
    with deps.ledger.begin() as connection:
        schedule.enrol(connection, portals.values())
        schedule.ask(connection, "c", "webhook")
    assert [run.portal for run in open_runs(deps, most=1)] == ["c"]


def test_a_portal_asked_for_twice_by_hand_joins_the_run_under_way(deps: Deps) -> None:
    [first] = open_runs(deps, names=[PORTAL.name])
    [second] = open_runs(deps, names=[PORTAL.name])
    assert first.id == second.id


def test_a_run_by_hand_visits_known_pages_too_and_one_by_the_clock_does_not(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page(numbers(0, 3)))
    finish(deps)
    open_runs(deps, names=[PORTAL.name])
    answer(deps, list_page(numbers(0, 3)))
    assert {item.priority for item in reports(deps)} == {Priority.REVISIT}
    assert len(reports(deps)) == 3
    finish(deps)
    with deps.ledger.begin() as connection:
        schedule.ask(connection, PORTAL.name, "webhook")
    open_runs(deps)
    answer(deps, list_page(numbers(0, 3)))
    assert reports(deps) == []


def test_a_known_page_whose_row_changed_is_visited_at_once(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page(numbers(0, 3)))
    finish(deps)
    with deps.ledger.begin() as connection:
        schedule.ask(connection, PORTAL.name, "webhook")
    open_runs(deps)
    answer(deps, list_page([*numbers(0, 2), ("/gk/202503/t00000002.html", "2025-03-09")]))
    assert [item.request.url[-13:-5] for item in reports(deps)] == ["00000002"]


def test_since_reads_a_list_back_to_that_day_as_backfill(deps: Deps) -> None:
    open_runs(deps, names=[PORTAL.name], since=date(2025, 2, 1))
    answer(deps, list_page([*numbers(0, 2), *numbers(2, 4, "2025-01-31")], "/list_2.html"))
    assert {(item.request.url[-13:-5], item.backfill) for item in reports(deps)} == {
        ("00000000", True),
        ("00000001", True),
    }


def test_a_since_that_was_interrupted_goes_on_where_it_stopped(deps: Deps) -> None:
    [begun] = open_runs(deps, names=[PORTAL.name], since=date(2025, 2, 1))
    answer(deps, list_page(numbers(0, 2), "/list_2.html"))
    [resumed] = open_runs(deps, names=[PORTAL.name])  # by another process, which was not told the day
    assert resumed.id == begun.id
    assert answer(deps, list_page([*numbers(2, 4), *numbers(4, 6, "2025-01-31")], "/list_3.html")).endswith(
        "/list_2.html"
    )
    assert {(item.request.url[-13:-5], item.backfill) for item in reports(deps)} == {
        (f"{number:08d}", True) for number in range(4)
    }


def test_a_list_page_that_kills_its_reader_fails_its_column_and_is_fetched_again_by_the_next_run(deps: Deps) -> None:
    open_runs(deps)
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE frontier SET starts = :starts"), {"starts": MOST_STARTS})
    answer(deps, list_page(numbers(0, 3)))
    run = finish(deps)
    assert run.state == "failed"
    assert "crashed" in (run.error or "")
    open_runs(deps, names=[PORTAL.name])
    answer(deps, list_page(numbers(0, 3)))
    assert finish(deps).state == "done"


def test_a_list_whose_data_call_answers_with_the_column_page_ends_instead_of_turning_in_circles(deps: Deps) -> None:
    channel = "0123456789abcdef0123456789abcdef"
    page = f'<html><head><meta name="channelId" content="{channel}"></head><body></body></html>'
    deps = with_portal(deps, family="ucap")
    open_runs(deps)
    answer(deps, page)
    assert "/common/search/" in answer(deps, page)
    assert due(deps) == []
    assert finish(deps).state == "failed"


def test_pages_whose_next_visit_is_due_are_put_on_the_frontier_as_revisits(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page(numbers(0, 3)))
    finish(deps)
    assert revisit(deps) == 0
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE publications SET next_visit_at = 0"))
    assert revisit(deps) == 3
    assert {(item.priority, item.run_id) for item in reports(deps)} == {(Priority.REVISIT, None)}


def known_pages(deps: Deps, name: str, *urls: str) -> None:
    """Pages of a portal that were seen once and whose next visit is long overdue."""
    with deps.ledger.begin() as connection:
        for url in urls:
            ended = Ended(portal=name, url=url, outcome=Outcome.SKIPPED)
            history.end(connection, url, ended)
        connection.execute(text("UPDATE publications SET next_visit_at = 1 WHERE portal = :name"), {"name": name})


def test_pages_that_are_nobodys_any_more_do_not_stand_in_the_way_of_the_others_visits(deps: Deps) -> None:
    """They are overdue for ever; once they filled a batch, and nothing was visited again anywhere."""
    known_pages(deps, "removed", *(f"https://removed.example.org/{number}" for number in range(7)))
    known_pages(deps, PORTAL.name, *(f"https://elsewhere.example.org/{number}" for number in range(7)))
    known_pages(deps, PORTAL.name, f"{PORTAL.url}/mine.html")
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE publications SET next_visit_at = 2 WHERE key LIKE '%mine%'"))
    visited = [count for _ in range(3) if (count := revisit(deps, most=5))]
    assert visited == [1]
    assert [item.key for item in reports(deps)] == [f"{PORTAL.url}/mine.html"]


def test_a_page_that_was_set_aside_or_put_off_does_not_end_the_visits_of_its_portal(deps: Deps) -> None:
    pages = [f"{PORTAL.url}/{name}.html" for name in ("bad", "slow", "good")]
    known_pages(deps, PORTAL.name, *pages[:1])
    assert revisit(deps) == 1
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE frontier SET state = 'quarantined'"))
    known_pages(deps, PORTAL.name, *pages[1:2])
    assert revisit(deps) == 1
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE frontier SET next_attempt_at = 9e9 WHERE state = 'due'"))
    known_pages(deps, PORTAL.name, *pages[2:])
    assert revisit(deps) == 1


def test_a_paused_portal_is_not_visited(deps: Deps) -> None:
    known_pages(deps, PORTAL.name, f"{PORTAL.url}/a.html")
    with deps.ledger.begin() as connection:
        schedule.enrol(connection, [PORTAL])
        schedule.pause(connection, [PORTAL.name], paused=True)
    assert revisit(deps) == 0
    with deps.ledger.begin() as connection:
        schedule.pause(connection, [PORTAL.name], paused=False)
    assert revisit(deps) == 1


def leave_alone(deps: Deps) -> None:
    """Let every host rest for an hour, as after many failures."""
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE lanes SET not_before = 9e9"))


def end_rest(deps: Deps) -> None:
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE lanes SET not_before = 0"))


def test_a_run_waits_for_pages_that_an_earlier_one_had_to_leave(deps: Deps) -> None:
    """It sees them on its list; that it called itself done before they were read hid that they were missing."""
    [first] = open_runs(deps, names=[PORTAL.name])
    answer(deps, list_page(numbers(0, 3)))
    leave_alone(deps)
    assert [run.id for run in close_runs(deps)] == [first.id]
    end_rest(deps)
    [second] = open_runs(deps, names=[PORTAL.name])
    answer(deps, list_page(numbers(0, 3)))
    assert close_runs(deps) == []
    assert {item.run_id for item in reports(deps)} == {second.id}
    run = finish(deps)
    assert (run.id, run.outcomes) == (second.id, {"skipped": 3})


def test_a_list_page_that_an_ended_run_left_unread_does_not_stand_in_for_the_next_runs(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page(numbers(0, 3), "/list_2.html"))
    leave_alone(deps)
    close_runs(deps)
    [left] = [item for item in due(deps) if item.kind == "list"]
    end_rest(deps)
    raw = RawPage(url=left.request.url, body=b"<html>", fetched_at=datetime.now(UTC), portal=left.portal)
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=0.0)
    with deps.ledger.begin() as connection:
        lease = hold(connection, left.lane)
        fetching.collected(connection, left, archived, lease.token)
        lanes.release(connection, lease, 0)
    open_runs(deps, names=[PORTAL.name])
    assert answer(deps, list_page(numbers(0, 3))) == f"{PORTAL.url}/list.html"
    assert finish(deps).state == "done"


def test_a_column_that_is_no_longer_configured_ends_its_walk(deps: Deps) -> None:
    open_runs(deps)
    other = with_portal(deps, columns=[{"name": "other", "url": f"{PORTAL.url}/other.html"}])
    answer(other, list_page(numbers(0, 3)))
    assert due(other) == []


def test_a_list_of_a_portal_that_is_no_longer_configured_ends_its_walk(deps: Deps) -> None:
    open_runs(deps)
    other = replace(deps, portals={"other": portal("other")})
    answer(other, list_page(numbers(0, 3)))
    assert due(other) == []
    assert [run.state for run in close_runs(other)] == ["failed"]


def test_a_list_page_is_not_kept_once_it_was_read(deps: Deps) -> None:
    open_runs(deps)
    answer(deps, list_page(numbers(0, 3)))
    assert [path for path in deps.archive.folder.rglob("*") if path.is_file()] == []


def test_two_portals_of_one_host_share_its_lane(deps: Deps) -> None:
    twin: Portal = PORTAL.model_copy(update={"name": "twin"})
    both = replace(deps, portals={PORTAL.name: PORTAL, "twin": twin})
    open_runs(both)
    assert {item.lane for item in due(both)} == {PORTAL.host}
    assert len(due(both)) == 2


def test_an_expired_claim_on_a_list_page_is_read_by_the_next_reader(deps: Deps) -> None:
    open_runs(deps)
    [item] = due(deps)
    body = list_page(numbers(0, 3)).encode()
    raw = RawPage(url=item.request.url, body=body, fetched_at=datetime.now(UTC), portal=item.portal)
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=0.0)
    with deps.ledger.begin() as connection:
        fetching.collected(connection, item, archived, hold(connection, item.lane).token)
        claims.claim(connection, 1)
    assert process(deps, 1) == 0
    with deps.ledger.begin() as connection:
        expire(connection, "frontier")
    assert process(deps, 1) == 1
    assert len(reports(deps)) == 3
