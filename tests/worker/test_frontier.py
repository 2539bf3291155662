"""The hot table: claims are exclusive, stale tokens write nothing, starts are counted, waiting is a column."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import Engine, text

from crawlers.models import Request
from tests.wanted import LANE, PAGE, expire, fetched, hold, next_due, wanted
from worker.ledger import claims, fetching, frontier
from worker.ledger.claims import MOST_STARTS
from worker.ledger.frontier import Item, Priority, Scope, StaleClaim


def claim(ledger: Engine, limit: int = 100) -> list[Item]:
    with ledger.begin() as connection:
        return claims.claim(connection, limit)


def test_claims_of_many_readers_at_once_never_share_a_row(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, *(f"k{number}" for number in range(60)))
    ready, claimed = threading.Barrier(6), []

    def read() -> None:
        ready.wait()
        while items := claim(ledger, 4):
            claimed.extend(item.key for item in items)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(claimed) == {f"k{number}": 1 for number in range(60)}


def test_a_claimed_row_is_nobody_elses_until_its_lease_runs_out(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "k")
    first = claim(ledger)
    assert claim(ledger) == []
    with ledger.begin() as connection:
        expire(connection, "frontier")
    second = claim(ledger)
    assert [item.key for item in second] == ["k"]
    assert {item.token for item in first} != {item.token for item in second}


def test_what_a_dead_reader_had_claimed_is_free_at_once_and_it_can_write_nothing(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "k", "l")
        [lost] = claims.claim(connection, 1, reader="dead")
        claims.start(connection, lost)
        [kept] = claims.claim(connection, 1, reader="alive")
        assert claims.readers(connection) == {"dead", "alive"}
        assert claims.free(connection, ["dead"]) == 1
        assert claims.readers(connection) == {"alive"}
        [again] = claims.claim(connection, 9, reader="alive")
        assert (again.key, again.starts) == (lost.key, 1)
        claims.finish(connection, kept)
    with ledger.begin() as connection, pytest.raises(StaleClaim):
        claims.finish(connection, lost)


def test_a_reader_whose_claim_ran_out_writes_nothing(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "k")
    [stale] = claim(ledger)
    with ledger.begin() as connection:
        expire(connection, "frontier")
    [mine] = claim(ledger)
    for write in (
        lambda connection: claims.start(connection, stale),
        lambda connection: claims.finish(connection, stale),
        lambda connection: claims.quarantine(connection, stale, "late"),
        lambda connection: claims.want_parts(connection, stale, [Request(url="https://a.example/2")]),
    ):
        with ledger.begin() as connection, pytest.raises(StaleClaim):
            write(connection)
    with ledger.begin() as connection:
        claims.give_back(connection, [stale])
        found = frontier.find(connection, "example", "k")
    assert found is not None
    assert (found.token, found.starts) == (mine.token, 0)


def test_a_fetcher_whose_lane_went_to_somebody_else_writes_nothing(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("k")])
        old = hold(connection)
        item = next_due(connection)
        expire(connection, "lanes")
        hold(connection)
    for write in (
        lambda connection: fetching.collected(connection, item, PAGE, old.token),
        lambda connection: fetching.put_off(connection, item, old.token, 60, "late", charge=True),
        lambda connection: fetching.drop_due(connection, item, old.token),
        lambda connection: fetching.give_up_parts(connection, item, old.token, "late"),
    ):
        with ledger.begin() as connection, pytest.raises(StaleClaim):
            write(connection)
    with ledger.begin() as connection:
        assert next_due(connection) == item


def test_a_start_is_counted_before_the_reading_and_kept_when_the_claim_is_given_back(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "k")
    for count in range(MOST_STARTS):
        [item] = claim(ledger)
        assert item.starts == count
        with ledger.begin() as connection:
            claims.start(connection, item)
            claims.give_back(connection, [item])


def test_neighbours_in_a_claim_are_not_charged_for_the_one_that_is_read(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "a", "b")
    first, _second = claim(ledger)
    with ledger.begin() as connection:
        claims.start(connection, first)
        expire(connection, "frontier")
    assert [(item.key, item.starts) for item in claim(ledger)] == [("a", 1), ("b", 0)]


def test_lists_are_read_before_reports_and_older_rows_before_younger(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "1", "2")
        fetched(connection, "list", kind="list", priority=Priority.LIST)
    assert [item.key for item in claim(ledger)] == ["list", "1", "2"]


def test_a_lane_serves_the_best_priority_first_and_the_oldest_within_it(ledger: Engine) -> None:
    order = [Priority.LIST, Priority.NEW, Priority.WEBHOOK, Priority.REVISIT, Priority.ATTACHMENT, Priority.BACKFILL]
    with ledger.begin() as connection:
        for priority in reversed(order):
            frontier.add(connection, [wanted(f"{priority.name} {turn}", priority=priority) for turn in (1, 2)])
        lease, served = hold(connection), []
        for _ in range(2 * len(order)):
            item = next_due(connection)
            served.append(item.key)
            fetching.drop_due(connection, item, lease.token)
    assert served == [f"{priority.name} {turn}" for priority in order for turn in (1, 2)]


def test_adding_a_waiting_page_again_raises_it_and_never_lowers_it(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("k", priority=Priority.BACKFILL)])
        frontier.add(connection, [wanted("k", priority=Priority.WEBHOOK)])
        assert next_due(connection).priority == Priority.WEBHOOK
        frontier.add(connection, [wanted("k", priority=Priority.REVISIT)])
        assert next_due(connection).priority == Priority.WEBHOOK
        assert frontier.depth(connection) == {"due": 1}


def test_adding_a_waiting_page_again_joins_the_newer_run(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("k", run_id=1)])
        frontier.add(connection, [wanted("k", run_id=2)])
        assert next_due(connection).run_id == 2
        frontier.add(connection, [wanted("k")])
        assert next_due(connection).run_id == 2


def test_a_run_that_sees_waiting_pages_waits_for_them_but_not_for_those_put_off_or_set_aside(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "bad", run_id=1)
        [bad] = claims.claim(connection, 1)
        claims.quarantine(connection, bad, "crashed")
        frontier.add(connection, [wanted("late", run_id=1)])
        fetching.put_off(connection, next_due(connection), hold(connection).token, 600, "timeout", charge=True)
        frontier.add(connection, [wanted("due", run_id=1), wanted("unseen", run_id=1)])
        fetched(connection, "read", run_id=1)
        assert frontier.join(connection, "example", ["bad", "late", "due", "read"], 2, within=30) == 2
        runs = {row.key: row.run_id for row in connection.execute(text("SELECT key, run_id FROM frontier"))}
    assert runs == {"bad": None, "late": None, "due": 2, "unseen": 1, "read": 2}


def test_a_list_row_that_a_newer_run_began_again_takes_no_page_of_the_older_one(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("list", kind="list", run_id=1)])
        older, lease = next_due(connection), hold(connection)
        frontier.begin_walk(connection, wanted("list", kind="list", run_id=2))
    for write in (fetching.collected, fetching.drop_due):
        with ledger.begin() as connection, pytest.raises(StaleClaim):
            write(connection, older, *([PAGE] if write is fetching.collected else []), lease.token)  # type: ignore[operator]
    with ledger.begin() as connection:
        assert next_due(connection).run_id == 2


def test_adding_a_page_that_was_fetched_or_set_aside_leaves_it_alone(ledger: Engine) -> None:
    with ledger.begin() as connection:
        fetched(connection, "read", "bad")
    [bad, _] = claim(ledger)
    with ledger.begin() as connection:
        claims.quarantine(connection, bad, "crashed")
        frontier.add(connection, [wanted("read"), wanted("bad")])
        assert frontier.depth(connection) == {"collected": 1, "quarantined": 1}


def test_a_page_that_is_put_off_waits_its_time_past_its_run_and_is_charged(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("k", run_id=1)])
        lease = hold(connection)
        fetching.put_off(connection, next_due(connection), lease.token, 600, "timeout", charge=True)
        assert fetching.next_due(connection, LANE) is None
        connection.execute(text("UPDATE frontier SET next_attempt_at = next_attempt_at - 600"))
        item = next_due(connection)
    assert (item.attempts, item.run_id, item.error) == (1, None, "timeout")


def test_a_page_that_is_put_off_for_its_hosts_sake_is_not_charged(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("k")])
        fetching.put_off(connection, next_due(connection), hold(connection).token, 0, "down", charge=False)
        assert next_due(connection).attempts == 0


def test_a_page_in_parts_goes_back_to_its_lane_until_the_last_part_is_there(ledger: Engine) -> None:
    parts = [Request(url="https://a.example/2"), Request(url="https://a.example/3")]
    with ledger.begin() as connection:
        fetched(connection, "k")
        [item] = claims.claim(connection, 1)
        claims.start(connection, item)
        claims.want_parts(connection, item, parts)
        lease = hold(connection)
        for part in parts:
            item = next_due(connection)
            assert item.next_request == part
            fetching.collected(connection, item, PAGE, lease.token)
        [whole] = claims.claim(connection, 1)
    assert len(whole.raw) == 3
    assert whole.starts == 0


def test_only_lanes_with_something_due_that_nobody_holds_and_that_do_not_rest_are_due(ledger: Engine) -> None:
    with ledger.begin() as connection:
        for lane in ("free", "held", "resting", "waiting"):
            frontier.add(connection, [wanted(lane, lane=lane)])
        hold(connection, "held")
        hold(connection, "resting")
        connection.execute(
            text("UPDATE lanes SET lease_until = 0, not_before = not_before + 1e10 WHERE name = 'resting'")
        )
        connection.execute(text("UPDATE frontier SET next_attempt_at = next_attempt_at + 60 WHERE lane = 'waiting'"))
        assert fetching.due_lanes(connection, 10) == ["free"]


def test_the_lane_with_the_most_urgent_row_is_named_first(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("b", lane="backfill", priority=Priority.BACKFILL)])
        frontier.add(connection, [wanted("l", lane="list", priority=Priority.LIST)])
        assert fetching.due_lanes(connection, 10) == ["list", "backfill"]
        assert fetching.due_lanes(connection, 1) == ["list"]


def test_a_scope_minds_only_its_own_rows(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("k", portal="a"), wanted("k", portal="b"), wanted("j", portal="b")])
        item = fetching.next_due(connection, LANE, Scope(portals=("b",), keys=("j",)))
        assert item is not None
        assert (item.portal, item.key) == ("b", "j")
        assert fetching.due_lanes(connection, 9, Scope(portals=("c",))) == []


def test_a_row_with_a_long_key_and_strange_characters_comes_back_as_it_went(ledger: Engine) -> None:
    key = "列表?a=1&b='\";--%\\" + "长" * 500
    with ledger.begin() as connection:
        frontier.add(connection, [wanted(key, request=Request(url="https://a.example/?q=列"))])
        item = next_due(connection)
    assert (item.key, item.request.url) == (key, "https://a.example/?q=列")
