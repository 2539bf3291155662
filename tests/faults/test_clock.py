"""A clock that jumps costs at most what is left of a lease; it doubles no run and loses none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, event, select

from config.portal import Column, Portal
from crawlers.models import Request
from worker.ledger import clock, fetching, frontier, lanes, outbox, schedule, senders, subscriptions
from worker.ledger.engine import now, open_engine
from worker.ledger.frontier import Priority, Wanted
from worker.ledger.lanes import LEASE_SECONDS
from worker.ledger.schema import runs
from worker.signing import new_secret

HOUR = 3600.0
UNIX_EPOCH_DAY = 2440587.5  # the Julian day number of 1970-01-01
PORTAL = Portal(
    name="example",
    title="某县人民政府",
    family="ucap",
    url="https://www.example.gov.cn",
    columns=(Column(name="c", url="https://www.example.gov.cn/c"),),
)


class Clock:
    """The database's clock, `ahead` seconds of the right time."""

    ahead = 0.0

    def julian(self, _now: str) -> float:
        return (time.time() + self.ahead) / 86400.0 + UNIX_EPOCH_DAY


@pytest.fixture
def wrong(sqlite_database: str) -> Iterator[tuple[Engine, Clock]]:
    """A ledger whose clock can be set."""
    engine, hands = open_engine(sqlite_database), Clock()
    engine.dispose()  # the connection that was opened has the system's clock

    @event.listens_for(engine, "connect")
    def _set(connection: object, _record: object) -> None:
        make: Callable[..., None] = connection.create_function  # type: ignore[attr-defined]
        make("julianday", 1, hands.julian)

    yield engine, hands
    engine.dispose()


def wait_in_lane(ledger: Engine) -> None:
    """Something waits in a lane that a worker holds."""
    row = Wanted(
        portal="example",
        key="k",
        lane="host",
        kind="report",
        priority=Priority.NEW,
        request=Request(url="https://www.example.gov.cn/1"),
    )
    with ledger.begin() as connection:
        clock.mend(connection)
        frontier.add(connection, [row])
        assert lanes.acquire(connection, "host", "a worker") is not None


def test_a_clock_put_back_by_an_hour_takes_leases_and_waiting_pages_with_it(wrong: tuple[Engine, Clock]) -> None:
    ledger, hands = wrong
    wait_in_lane(ledger)
    hands.ahead = -HOUR
    with ledger.begin() as connection:
        assert fetching.due_lanes(connection, 9) == []
        assert clock.mend(connection) == pytest.approx(HOUR, abs=5)
        assert clock.mend(connection) == 0
    hands.ahead += LEASE_SECONDS + 1
    with ledger.begin() as connection:
        assert fetching.due_lanes(connection, 9) == ["host"]
        assert lanes.acquire(connection, "host", "another") is not None


def test_a_clock_put_forward_by_an_hour_lets_a_lease_end_and_fences_its_holder_off(
    wrong: tuple[Engine, Clock],
) -> None:
    ledger, hands = wrong
    with ledger.begin() as connection:
        first = lanes.acquire(connection, "host", "a worker")
    hands.ahead = HOUR
    with ledger.begin() as connection:
        assert clock.mend(connection) == 0
        assert lanes.acquire(connection, "host", "another") is not None
        assert first is not None
        assert not lanes.renew(connection, first)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 5.0, -5.0])
def test_a_jump_of_the_clock_opens_no_second_run_and_loses_none(wrong: tuple[Engine, Clock], jump: float) -> None:
    ledger, hands = wrong

    def tick() -> None:
        with ledger.begin() as connection:
            clock.mend(connection)
            schedule.enrol(connection, [PORTAL])
            for _ in schedule.due(connection):
                schedule.open_run(connection, PORTAL)

    tick()
    hands.ahead = jump
    tick()
    with ledger.begin() as connection:
        assert len(connection.execute(select(runs.c.id)).all()) == 1
        schedule.close_finished(connection)
    hands.ahead = jump + 2 * HOUR
    tick()
    with ledger.begin() as connection:
        assert len(connection.execute(select(runs.c.id)).all()) == 2


def test_a_clock_put_back_by_an_hour_keeps_no_subscriber_and_no_sender_waiting(wrong: tuple[Engine, Clock]) -> None:
    ledger, hands = wrong
    with ledger.begin() as connection:
        receiver = subscriptions.add(connection, "https://receiver.example/", new_secret())
        outbox.tell(connection, "report.new", "r1", {}, backfill=False)
        subscriptions.hand_out(connection)
        senders.spend(connection, "sender", 1)
        with pytest.raises(senders.TooOften):
            senders.spend(connection, "sender", 1)
        clock.mend(connection)
    hands.ahead = -HOUR
    with ledger.begin() as connection:
        assert clock.mend(connection) == pytest.approx(HOUR, abs=5)
        assert subscriptions.next_delivery(connection, receiver.id) is not None
        senders.spend(connection, "sender", 1)


def test_small_steps_of_the_clock_are_waited_out(wrong: tuple[Engine, Clock]) -> None:
    ledger, hands = wrong
    with ledger.begin() as connection:
        clock.mend(connection)
        before = now(connection)
    hands.ahead = -clock.JUMP_SECONDS / 2
    with ledger.begin() as connection:
        assert clock.mend(connection) == 0
        assert now(connection) < before
