"""What is forgotten is old and needed by nobody: no consumer, no subscription, no number, no standing of a portal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import insert, text

from tests.serving import serving
from tests.stack import deps_on
from tests.wanted import portal
from worker.deps import Deps
from worker.ledger import history, outbox, retention, schedule, subscriptions
from worker.ledger.schema import runs
from worker.outcomes import Ended, Outcome
from worker.publish import STREAM, Stream, first_needed, publish
from worker.retention import forget

DAY = 86400.0
SECRET = "whsec_" + "c2VjcmV0" * 4
PORTAL = portal()


@pytest.fixture
def deps(database: str, tmp_path: Path) -> Iterator[Deps]:
    made = deps_on(database, tmp_path, {PORTAL.name: PORTAL}, event_days=30, history_days=365)
    yield made
    made.ledger.dispose()


@pytest.fixture
def stream(valkey: str, server: redis.Redis) -> Stream:
    return Stream(url=valkey, cap=100_000, bodies=True)


def tell(deps: Deps, count: int) -> None:
    with deps.ledger.begin() as connection:
        for number in range(count):
            document = {"id": f"r{number}", "portal": PORTAL.name, "body": "b"}
            outbox.tell(connection, "report.new", f"r{number}", document, backfill=False)


def age(deps: Deps, days: float) -> None:
    """Let everything have happened so many days earlier."""
    with deps.ledger.begin() as connection:
        for table, column in (("outbox", "sent_at"), ("visits", "at"), ("runs", "ended_at"), ("outbox", "occurred_at")):
            connection.execute(text(f"UPDATE {table} SET {column} = {column} - {days * DAY}"))  # noqa: S608 - our names


def kept(deps: Deps) -> list[int]:
    with deps.ledger.begin() as connection:
        return list(connection.execute(text("SELECT seq FROM outbox ORDER BY id")).scalars())


def sent_long_ago(deps: Deps, stream: Stream, count: int) -> None:
    tell(deps, count)
    publish(deps.ledger, stream)
    age(deps, 40)


def test_old_events_that_nobody_waits_for_are_forgotten_but_for_the_last(deps: Deps, stream: Stream) -> None:
    sent_long_ago(deps, stream, 5)
    assert forget(deps, stream.url)["events"] == 4
    assert kept(deps) == [5]
    assert forget(deps, stream.url)["events"] == 0


def test_numbers_go_on_behind_what_was_forgotten(deps: Deps, stream: Stream, server: redis.Redis) -> None:
    sent_long_ago(deps, stream, 3)
    forget(deps, stream.url)
    tell(deps, 2)
    publish(deps.ledger, stream)
    assert kept(deps) == [3, 4, 5]
    assert [entry_id for entry_id, _ in server.xrange(STREAM)] == [f"{seq}-0" for seq in range(1, 6)]  # type: ignore[union-attr]


def test_young_and_unsent_events_are_kept(deps: Deps, stream: Stream) -> None:
    sent_long_ago(deps, stream, 2)
    tell(deps, 2)
    publish(deps.ledger, stream)
    tell(deps, 1)
    forget(deps, stream.url)
    assert kept(deps) == [3, 4, None]


def test_what_a_consumer_group_has_not_acknowledged_is_kept(deps: Deps, stream: Stream, server: redis.Redis) -> None:
    tell(deps, 6)
    publish(deps.ledger, stream)
    for group in ("quick", "slow"):
        server.xgroup_create(STREAM, group, id="0")
    server.xreadgroup("quick", "a", {STREAM: ">"}, count=6)
    server.xack(STREAM, "quick", *(f"{seq}-0" for seq in range(1, 7)))
    server.xreadgroup("slow", "a", {STREAM: ">"}, count=4)
    server.xack(STREAM, "slow", "1-0", "2-0", "4-0")
    age(deps, 40)
    forget(deps, stream.url)
    assert kept(deps) == [3, 4, 5, 6]


@pytest.mark.parametrize("lost", ["away", "flushed", "behind"])
def test_nothing_is_forgotten_while_nobody_knows_what_the_stream_needs(
    deps: Deps, stream: Stream, server: redis.Redis, lost: str
) -> None:
    sent_long_ago(deps, stream, 4)
    if lost == "flushed":
        server.flushall()
    if lost == "behind":
        server.delete(STREAM)
        server.xadd(STREAM, {"event": "{}"}, id="2-0")
    url = "redis://127.0.0.1:1/0" if lost == "away" else stream.url
    assert first_needed(url, 4) is None
    assert "events" not in forget(deps, url)
    assert kept(deps) == [1, 2, 3, 4]


def test_what_a_subscription_has_not_acknowledged_is_kept_dead_letters_too(deps: Deps, stream: Stream) -> None:
    with deps.ledger.begin() as connection:
        receiver = subscriptions.add(connection, "https://a.example.org/hook", SecretStr(SECRET))
    sent_long_ago(deps, stream, 4)
    forget(deps, stream.url)
    assert kept(deps) == [1, 2, 3, 4]  # not handed out yet
    with deps.ledger.begin() as connection:
        subscriptions.hand_out(connection)
        for _ in range(2):
            delivery = subscriptions.next_delivery(connection, receiver.id)
            assert delivery is not None
            subscriptions.delivered(connection, delivery)
        subscriptions.disable(connection, receiver.id, "gone")
    forget(deps, stream.url)
    assert kept(deps) == [3, 4]
    with deps.ledger.begin() as connection:
        subscriptions.remove(connection, receiver.id)
    forget(deps, stream.url)
    assert kept(deps) == [4]


def test_many_are_forgotten_a_batch_at_a_time_without_a_hole(deps: Deps, stream: Stream) -> None:
    sent_long_ago(deps, stream, 25)
    for left in (15, 5, 1):
        with deps.ledger.begin() as connection:
            retention.forget_events(connection, 30 * DAY, 1000, limit=10)
        assert kept(deps) == list(range(26 - left, 26))


def test_a_reader_is_told_that_events_were_forgotten_and_where_to_go_on(deps: Deps, stream: Stream) -> None:
    sent_long_ago(deps, stream, 5)
    forget(deps, stream.url)
    with serving(deps, stream.url) as service:
        for after in (0, 3):
            answer = service.get(f"/v1/events?after={after}")
            assert (answer.status, answer.json["reason"], answer.json["earliest"]) == (410, "forgotten", 4)
        assert [event["seq"] for event in service.get("/v1/events?after=4").json["events"]] == [5]


def visit(deps: Deps, key: str, outcome: Outcome = Outcome.SKIPPED) -> None:
    with deps.ledger.begin() as connection:
        ended = Ended(portal=PORTAL.name, url=f"{PORTAL.url}/{key}", outcome=outcome)
        history.end(connection, key, ended)


def visits_of(deps: Deps) -> list[tuple[str, str]]:
    with deps.ledger.begin() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT key, outcome FROM visits ORDER BY id"))]  # type: ignore[misc]


def test_old_visits_are_forgotten_but_for_the_last_of_each_page(deps: Deps, stream: Stream) -> None:
    for key, outcome in (("a", Outcome.FAILED), ("b", Outcome.GONE), ("a", Outcome.SKIPPED), ("a", Outcome.BLOCKED)):
        visit(deps, key, outcome)
    age(deps, 400)
    visit(deps, "a", Outcome.GONE)
    forget(deps, stream.url)
    assert visits_of(deps) == [("b", "gone"), ("a", "gone")]


def run_of(deps: Deps, *states: str) -> None:
    with deps.ledger.begin() as connection:
        for state in states:
            row: dict[str, Any] = {"portal": PORTAL.name, "reasons": [], "state": state, "outcomes": {}}
            ended = None if state == "running" else time.time()
            connection.execute(insert(runs).values(**row, started_at=time.time(), ended_at=ended))


def test_old_runs_are_forgotten_and_the_standing_of_the_portal_is_the_same(deps: Deps, stream: Stream) -> None:
    with deps.ledger.begin() as connection:
        schedule.enrol(connection, [PORTAL])
    run_of(deps, "done", "done", "failed", "failed", "failed")
    age(deps, 400)
    with deps.ledger.begin() as connection:
        before = schedule.standing(connection, PORTAL)
    forget(deps, stream.url)
    with deps.ledger.begin() as connection:
        assert schedule.standing(connection, PORTAL) == before
        assert list(connection.execute(text("SELECT state FROM runs ORDER BY id")).scalars()) == ["done", "failed"]


def test_a_run_under_way_is_kept_however_old(deps: Deps, stream: Stream) -> None:
    run_of(deps, "running")
    age(deps, 400)
    forget(deps, stream.url)
    with deps.ledger.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == 1


def test_nothing_is_forgotten_where_the_settings_say_never(database: str, tmp_path: Path, stream: Stream) -> None:
    deps = deps_on(database, tmp_path, {PORTAL.name: PORTAL}, event_days=0, history_days=0)
    sent_long_ago(deps, stream, 3)
    assert forget(deps, stream.url) == {}
    assert kept(deps) == [1, 2, 3]
    deps.ledger.dispose()
