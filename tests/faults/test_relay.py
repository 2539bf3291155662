"""The outbox relay against a real stream that is killed, emptied, rolled back, full, or read by nobody."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from tests import databases
from tests.faults.valkey import Valkey
from worker import broker
from worker.ledger import outbox
from worker.ledger.engine import open_engine
from worker.publish import STREAM, Stream, publish

RELAY = """
import sys
from worker.ledger.engine import open_engine
from worker.publish import Stream, publish

ledger, stream = open_engine(sys.argv[1]), Stream(url=sys.argv[2], cap=100_000, bodies=True)
print("ready", flush=True)
while True:
    publish(ledger, stream)
"""


def stream_of(server: Valkey, cap: int = 100_000) -> Stream:
    return Stream(url=server.url, cap=cap, bodies=True)


def tell(ledger: Engine, first: int, last: int) -> None:
    """Write the events of reports number `first` to `last`."""
    with ledger.begin() as connection:
        for number in range(first, last + 1):
            outbox.tell(connection, "report.new", f"r{number}", {"id": f"r{number}"}, backfill=False)


def told(server: Valkey) -> list[str]:
    """The report of each entry on the stream, in its order."""
    return [message["report"]["id"] for message in messages(server)]


def messages(server: Valkey) -> list[dict[str, Any]]:
    with broker.client(server.url) as client:
        entries: Any = client.xrange(STREAM)
    return [json.loads(fields["event"]) for _id, fields in entries]


def reports(first: int, last: int) -> list[str]:
    return [f"r{number}" for number in range(first, last + 1)]


def unsent(ledger: Engine) -> int:
    with ledger.begin() as connection:
        return outbox.unsent(connection)


def kill_relays(database: str, server: Valkey, kills: int, events: int, seed: int) -> None:
    """Write events while one relay after another is killed at a random moment, then let a last one finish."""
    ledger, dice = open_engine(database), random.Random(seed)
    share = events // kills
    for number in range(kills):
        relay = subprocess.Popen(
            [sys.executable, "-c", RELAY, database, server.url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert relay.stdout is not None
        relay.stdout.readline()
        tell(ledger, number * share + 1, (number + 1) * share)
        time.sleep(dice.uniform(0, 0.03))  # the moment of the kill is what is being tried out
        relay.kill()
        relay.wait()
        relay.stdout.close()
    publish(ledger, stream_of(server))
    assert told(server) == reports(1, kills * share)
    assert unsent(ledger) == 0
    ledger.dispose()


def test_a_relay_that_is_killed_leaves_no_gap_and_no_double(
    sqlite_template: Path, tmp_path: Path, broker_server: Valkey
) -> None:
    kill_relays(databases.sqlite_copy(sqlite_template, tmp_path), broker_server, kills=2, events=1200, seed=1)


@pytest.mark.soak
def test_twenty_five_killed_relays_leave_no_gap_and_no_double(database: str, broker_server: Valkey) -> None:
    kill_relays(database, broker_server, kills=25, events=10_000, seed=2)


def test_a_stream_put_back_to_an_old_backup_is_filled_up_again(sqlite_ledger: Engine, broker_server: Valkey) -> None:
    tell(sqlite_ledger, 1, 30)
    publish(sqlite_ledger, stream_of(broker_server))
    broker_server.end(signal.SIGTERM)
    broker_server.back_up()
    broker_server.start()
    tell(sqlite_ledger, 31, 70)
    publish(sqlite_ledger, stream_of(broker_server))
    broker_server.end()
    broker_server.restore()
    broker_server.start()
    assert told(broker_server) == reports(1, 30)
    tell(sqlite_ledger, 71, 75)
    publish(sqlite_ledger, stream_of(broker_server))
    assert told(broker_server) == reports(1, 75)


def test_a_deleted_stream_is_filled_up_again_from_its_first_event(sqlite_ledger: Engine, broker_server: Valkey) -> None:
    tell(sqlite_ledger, 1, 20)
    publish(sqlite_ledger, stream_of(broker_server))
    before = messages(broker_server)
    broker_server.flush()
    publish(sqlite_ledger, stream_of(broker_server))
    assert messages(broker_server) == before


def test_a_stream_deleted_between_two_steps_of_a_relay_gets_no_gap(
    sqlite_ledger: Engine, broker_server: Valkey
) -> None:
    tell(sqlite_ledger, 1, 20)
    publish(sqlite_ledger, stream_of(broker_server))
    tell(sqlite_ledger, 21, 30)
    event.listen(sqlite_ledger, "commit", lambda _: broker_server.flush(), once=True)
    publish(sqlite_ledger, stream_of(broker_server))
    assert told(broker_server) == []
    publish(sqlite_ledger, stream_of(broker_server))
    assert told(broker_server) == reports(1, 30)


def test_a_stream_that_is_ahead_of_a_restored_ledger_keeps_what_it_has(ledger: Engine, broker_server: Valkey) -> None:
    tell(ledger, 1, 40)
    publish(ledger, stream_of(broker_server))
    with ledger.begin() as connection:
        connection.execute(text("DELETE FROM outbox WHERE seq > 10"))
    tell(ledger, 100, 104)
    publish(ledger, stream_of(broker_server))
    tell(ledger, 105, 109)
    publish(ledger, stream_of(broker_server))
    assert told(broker_server) == reports(1, 40) + reports(100, 109)
    assert unsent(ledger) == 0
    assert len(epochs(broker_server)) == 2


def test_a_new_ledger_goes_on_behind_the_stream_of_another(ledger: Engine, broker_server: Valkey) -> None:
    with broker.client(broker_server.url) as client:
        client.xadd(STREAM, {"epoch": "another", "event": json.dumps({"report": {"id": "old"}})}, id="7-0")
    tell(ledger, 1, 20)
    publish(ledger, stream_of(broker_server))
    assert told(broker_server) == ["old", *reports(1, 20)]


def epochs(server: Valkey) -> set[str]:
    with broker.client(server.url) as client:
        entries: Any = client.xrange(STREAM)
    return {fields["epoch"] for _id, fields in entries}


@pytest.mark.postgres
def test_an_event_whose_transaction_commits_late_is_not_passed_over(
    postgres_ledger: Engine, broker_server: Valkey
) -> None:
    with postgres_ledger.connect() as slow:
        late = slow.begin()
        outbox.tell(slow, "report.new", "r1", {"id": "r1"}, backfill=False)
        tell(postgres_ledger, 2, 6)
        publish(postgres_ledger, stream_of(broker_server))
        assert told(broker_server) == reports(2, 6)
        late.commit()
    publish(postgres_ledger, stream_of(broker_server))
    assert told(broker_server) == [*reports(2, 6), "r1"]


def test_a_full_broker_keeps_events_in_the_outbox_until_it_has_room(
    sqlite_ledger: Engine, broker_server: Valkey
) -> None:
    tell(sqlite_ledger, 1, 10)
    broker_server.fill_up()
    assert publish(sqlite_ledger, stream_of(broker_server)) == 0
    assert unsent(sqlite_ledger) == 10
    broker_server.relieve()
    publish(sqlite_ledger, stream_of(broker_server))
    assert told(broker_server) == reports(1, 10)


def test_a_frozen_broker_costs_a_relay_seconds_and_no_event(sqlite_ledger: Engine, broker_server: Valkey) -> None:
    tell(sqlite_ledger, 1, 10)
    broker_server.freeze()
    assert publish(sqlite_ledger, stream_of(broker_server)) == 0
    broker_server.thaw()
    publish(sqlite_ledger, stream_of(broker_server))
    assert told(broker_server) == reports(1, 10)


def test_what_a_dead_consumer_had_not_acknowledged_is_never_trimmed_and_goes_to_the_next(
    sqlite_ledger: Engine, broker_server: Valkey
) -> None:
    stream = stream_of(broker_server, cap=100)
    with broker.client(broker_server.url) as client:
        client.xgroup_create(STREAM, "readers", id="0", mkstream=True)
        tell(sqlite_ledger, 1, 90)
        publish(sqlite_ledger, stream)
        client.xreadgroup("readers", "dies", {STREAM: ">"}, count=40)
        tell(sqlite_ledger, 91, 300)
        publish(sqlite_ledger, stream)
        assert unsent(sqlite_ledger) == 200  # the relay waits: the outbox is the buffer
        seen = drain(client, sqlite_ledger, stream)
    assert seen == set(reports(1, 300))
    assert unsent(sqlite_ledger) == 0


def drain(client: Any, ledger: Engine, stream: Stream) -> set[str]:
    """Be the next consumer: claim what the dead one left, read on, and let the relay go on behind."""
    seen = set()
    while True:
        _cursor, entries, _gone = client.xautoclaim(STREAM, "readers", "lives", min_idle_time=0, count=500)
        for _name, fresh in client.xreadgroup("readers", "lives", {STREAM: ">"}, count=500) or []:
            entries += fresh
        if not entries:
            return seen
        seen |= {json.loads(fields["event"])["report"]["id"] for _id, fields in entries}
        client.xack(STREAM, "readers", *(entry for entry, _fields in entries))
        publish(ledger, stream)


def test_relays_at_work_at_once_append_each_event_once_and_in_order(ledger: Engine, broker_server: Valkey) -> None:
    tell(ledger, 1, 900)
    start = threading.Barrier(4)

    def relay() -> None:
        start.wait()
        while unsent(ledger):
            publish(ledger, stream_of(broker_server))

    relays = [threading.Thread(target=relay) for _ in range(4)]
    for thread in relays:
        thread.start()
    for thread in relays:
        thread.join()
    assert told(broker_server) == reports(1, 900)
