"""The relay on a real Valkey: every event once on the stream, in order, whatever happens to relay, stream or ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import Engine, text

from tests.databases import sqlite_copy
from tests.papers import BODY, paper, reading
from worker import tail
from worker.ledger import outbox, reports
from worker.ledger.engine import open_engine
from worker.publish import BATCH, STREAM, Stream, lags, publish

CAP = 100


@pytest.fixture
def stream(valkey: str, server: redis.Redis) -> Stream:
    return Stream(url=valkey, cap=10_000, bodies=True)


def tell(ledger: Engine, count: int, start: int = 0) -> None:
    """Write that many events without a report behind them."""
    with ledger.begin() as connection:
        for number in range(start, start + count):
            outbox.tell(connection, "report.new", f"r{number}", {"id": f"r{number}", "body": "b"}, backfill=False)


def entries(server: redis.Redis) -> list[tuple[str, dict[str, str]]]:
    found: Any = server.xrange(STREAM)
    return list(found)


def told(server: redis.Redis) -> list[str]:
    """The reports that the stream's entries are about, in order."""
    return [json.loads(fields["event"])["report"]["id"] for _id, fields in entries(server)]


def ids(server: redis.Redis) -> list[str]:
    return [entry_id for entry_id, _fields in entries(server)]


def names(start: int, end: int) -> list[str]:
    return [f"r{number}" for number in range(start, end)]


def unsent(ledger: Engine) -> int:
    with ledger.begin() as connection:
        return outbox.unsent(connection)


def test_events_get_their_sequence_number_as_stream_id_in_order(
    ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(ledger, BATCH + 5)
    assert publish(ledger, stream) == BATCH + 5
    assert ids(server) == [f"{number}-0" for number in range(1, BATCH + 6)]
    assert told(server) == names(0, BATCH + 5)
    assert unsent(ledger) == 0


def test_relaying_again_appends_nothing(sqlite_ledger: Engine, server: redis.Redis, stream: Stream) -> None:
    tell(sqlite_ledger, 3)
    publish(sqlite_ledger, stream)
    assert publish(sqlite_ledger, stream) == 0
    assert told(server) == names(0, 3)


def test_a_relay_that_died_before_it_noted_what_it_sent_repeats_nothing(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(sqlite_ledger, 3)
    publish(sqlite_ledger, stream)
    with sqlite_ledger.begin() as connection:
        connection.execute(text("UPDATE outbox SET sent_at = NULL"))
    tell(sqlite_ledger, 2, start=3)
    publish(sqlite_ledger, stream)
    assert told(server) == names(0, 5)
    assert unsent(sqlite_ledger) == 0


def test_what_a_dead_relay_had_sent_is_noted_even_when_nothing_new_comes(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(sqlite_ledger, 3)
    publish(sqlite_ledger, stream)
    with sqlite_ledger.begin() as connection:
        connection.execute(text("UPDATE outbox SET sent_at = NULL"))
    publish(sqlite_ledger, stream)
    assert unsent(sqlite_ledger) == 0


def test_a_relay_that_died_before_it_sent_what_it_numbered_sends_it_under_these_numbers(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(sqlite_ledger, 3)
    with sqlite_ledger.begin() as connection:
        outbox.number(connection, 10)
    publish(sqlite_ledger, stream)
    assert ids(server) == ["1-0", "2-0", "3-0"]


def test_a_stream_that_was_lost_is_filled_again_with_the_same_ids_and_events(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(sqlite_ledger, BATCH + 5)
    publish(sqlite_ledger, stream)
    before = entries(server)
    server.flushall()
    publish(sqlite_ledger, stream)
    assert entries(server) == before


def test_a_stream_that_lost_its_end_is_filled_up(sqlite_ledger: Engine, server: redis.Redis, stream: Stream) -> None:
    tell(sqlite_ledger, 10)
    publish(sqlite_ledger, stream)
    before = entries(server)
    server.delete(STREAM)
    for entry_id, fields in before[:4]:
        server.xadd(STREAM, fields, id=entry_id)  # type: ignore[arg-type]
    publish(sqlite_ledger, stream)
    assert entries(server) == before


def test_a_ledger_restored_from_a_backup_goes_on_behind_the_stream_under_a_new_epoch(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(sqlite_ledger, 10)
    publish(sqlite_ledger, stream)
    with sqlite_ledger.begin() as connection:  # as it was when five events had been sent and a sixth was written
        connection.execute(text("DELETE FROM outbox WHERE seq > 6"))
        connection.execute(text("UPDATE outbox SET seq = NULL, sent_at = NULL WHERE seq = 6"))
    tell(sqlite_ledger, 3, start=20)
    publish(sqlite_ledger, stream)
    assert ids(server) == [f"{number}-0" for number in range(1, 15)]
    assert told(server)[10:] == ["r5", "r20", "r21", "r22"]
    assert len({fields["epoch"] for _id, fields in entries(server)}) == 2
    tell(sqlite_ledger, 1, start=30)
    publish(sqlite_ledger, stream)
    assert told(server)[14:] == ["r30"]
    assert len({fields["epoch"] for _id, fields in entries(server)}) == 2


def test_a_fresh_ledger_on_a_used_stream_reuses_no_id(
    sqlite_ledger: Engine, sqlite_template: Path, tmp_path: Path, server: redis.Redis, stream: Stream
) -> None:
    tell(sqlite_ledger, 5)
    publish(sqlite_ledger, stream)
    fresh = open_engine(sqlite_copy(sqlite_template, tmp_path))
    tell(fresh, 8, start=100)
    publish(fresh, stream)
    fresh.dispose()
    assert told(server) == names(0, 5) + names(100, 108)
    assert ids(server) == [f"{number}-0" for number in range(1, 14)]


def test_each_entry_names_its_epoch_and_carries_the_event_of_the_contract(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    with sqlite_ledger.begin() as connection:
        stored = reports.store(connection, reading("a", "1", paper(), backfill=True))
        epoch = outbox.epoch(connection)
    publish(sqlite_ledger, stream)
    [(_id, fields)] = entries(server)
    event = json.loads(fields["event"])
    assert fields["epoch"] == epoch
    assert set(event) == {"event_id", "kind", "occurred_at", "backfill", "report"}
    assert (event["kind"], event["backfill"], event["report"]["id"]) == ("report.new", True, stored.report_id)
    assert event["report"]["body"] == BODY
    assert event["occurred_at"].endswith("Z")


def test_events_can_be_sent_without_body_and_sections(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    with sqlite_ledger.begin() as connection:
        reports.store(connection, reading("a", "1", paper()))
    publish(sqlite_ledger, stream._replace(bodies=False))
    [(_id, fields)] = entries(server)
    report = json.loads(fields["event"])["report"]
    assert not {"body", "sections"} & set(report)
    assert report["title"]


def test_without_consumer_groups_the_stream_keeps_the_latest_up_to_its_cap(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(sqlite_ledger, 3 * CAP)
    publish(sqlite_ledger, stream._replace(cap=CAP))
    assert server.xlen(STREAM) <= CAP
    kept = told(server)
    assert kept == names(3 * CAP - len(kept), 3 * CAP)
    assert len(kept) >= CAP // 2


def test_a_full_stream_whose_group_has_read_nothing_makes_the_relay_wait(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    server.xgroup_create(STREAM, "g", id="0", mkstream=True)
    tell(sqlite_ledger, 2 * CAP)
    publish(sqlite_ledger, stream._replace(cap=CAP))
    assert told(server) == names(0, CAP)
    assert publish(sqlite_ledger, stream._replace(cap=CAP)) == 0
    assert unsent(sqlite_ledger) == CAP


def test_what_the_slowest_group_has_not_acknowledged_is_never_trimmed(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    for group in ("quick", "slow"):
        server.xgroup_create(STREAM, group, id="0", mkstream=True)
    tell(sqlite_ledger, 2 * CAP)
    capped = stream._replace(cap=CAP)
    publish(sqlite_ledger, capped)
    for group, count in (("quick", CAP), ("slow", 30)):
        read: Any = server.xreadgroup(group, "me", {STREAM: ">"}, count=count)
        taken = [entry_id for _stream, batch in read for entry_id, _fields in batch]
        server.xack(STREAM, group, *(taken if group == "quick" else taken[:20]))
    publish(sqlite_ledger, capped)
    assert told(server) == names(20, 20 + CAP)
    pending: Any = server.xpending(STREAM, "slow")
    assert pending["pending"] == 10


def test_a_broker_that_is_away_costs_nothing_and_the_next_call_sends(
    sqlite_ledger: Engine, server: redis.Redis, stream: Stream, tmp_path: Path
) -> None:
    tell(sqlite_ledger, 2)
    assert publish(sqlite_ledger, stream._replace(url=f"unix://{tmp_path / 'none.sock'}")) == 0
    assert unsent(sqlite_ledger) == 2
    publish(sqlite_ledger, stream)
    assert told(server) == names(0, 2)


def test_events_that_were_committed_late_are_not_skipped_by_whoever_follows(ledger: Engine) -> None:
    following = tail.events(ledger)
    if ledger.dialect.name == "sqlite":
        tell(ledger, 2)
        seen = [next(following), next(following)]
    else:
        with ledger.connect() as late, late.begin():
            outbox.tell(late, "report.new", "r1", {"id": "r1"}, backfill=False)
            tell(ledger, 1)
            seen = [next(following)]
        seen.append(next(following))
    assert [event.payload["id"] for event in seen] == ["r0", "r1"]


def test_events_that_were_committed_late_are_not_skipped(ledger: Engine, server: redis.Redis, stream: Stream) -> None:
    """In PostgreSQL the lower id may be committed after the higher one was relayed."""
    if ledger.dialect.name == "sqlite":
        tell(ledger, 2)
        publish(ledger, stream)
    else:
        with ledger.connect() as late, late.begin():
            outbox.tell(late, "report.new", "r1", {"id": "r1"}, backfill=False)
            tell(ledger, 1)
            publish(ledger, stream)
            assert told(server) == ["r0"]
        publish(ledger, stream)
    assert sorted(told(server)) == ["r0", "r1"]


def test_a_stream_that_lost_its_end_is_seen_to_lag_though_nothing_waits(
    ledger: Engine, server: redis.Redis, stream: Stream
) -> None:
    tell(ledger, 3)
    publish(ledger, stream)
    with ledger.begin() as connection:
        sent = outbox.last_sent(connection)
    assert (unsent(ledger), lags(stream.url, sent)) == (0, False)
    server.delete(STREAM)
    assert lags(stream.url, sent)
    publish(ledger, stream)
    assert not lags(stream.url, sent)
    assert told(server) == names(0, 3)


def test_a_broker_that_is_away_is_not_said_to_lag() -> None:
    assert not lags("unix:///nowhere/valkey.sock", 3)
