"""Leases on lanes: one holder at a time, takeover after expiry, and the breaker."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, Engine, text

from tests.wanted import LANE, expire, hold
from worker.ledger import lanes
from worker.ledger.engine import now
from worker.ledger.lanes import BREAKER_FAILURES, BREAKER_MOST_SECONDS, BREAKER_SECONDS, Lease


def wait_out(connection: Connection) -> None:
    """Let the rest of every lane be over."""
    connection.execute(text("UPDATE lanes SET not_before = 0"))


def fail(connection: Connection, lease: Lease, times: int) -> float:
    return [lanes.failed(connection, lease, "timeout", None) for _ in range(times)].pop()


def test_of_many_who_want_a_lane_at_once_exactly_one_gets_it(ledger: Engine) -> None:
    ready, got = threading.Barrier(12), []

    def want(number: int) -> None:
        ready.wait()
        with ledger.begin() as connection:
            got.append(lanes.acquire(connection, LANE, f"w{number}"))

    threads = [threading.Thread(target=want, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 12
    assert sum(lease is not None for lease in got) == 1


def test_a_held_lane_is_nobody_elses_before_its_lease_runs_out(ledger: Engine) -> None:
    with ledger.begin() as connection:
        hold(connection)
        assert lanes.acquire(connection, LANE, "other") is None


def test_after_expiry_the_next_holder_gets_a_higher_token_and_knows_of_the_crash(ledger: Engine) -> None:
    with ledger.begin() as connection:
        first = hold(connection)
        expire(connection, "lanes")
        second = hold(connection)
    assert second.token > first.token
    assert (first.crashed, second.crashed) == (False, True)


def test_who_lost_a_lane_can_neither_renew_nor_release_nor_fail_it(ledger: Engine) -> None:
    with ledger.begin() as connection:
        lost = hold(connection)
        expire(connection, "lanes")
        held = hold(connection)
        assert not lanes.renew(connection, lost)
        lanes.release(connection, lost, 100)
        assert lanes.failed(connection, lost, "late", 100) == 0
        lanes.keep_robots(connection, lost, {"late": {}})
        assert lanes.robots(connection, LANE) == {}
        assert lanes.acquire(connection, LANE, "third") is None
        assert lanes.renew(connection, held)


def test_a_released_lane_is_free_after_its_rest_and_without_a_crash(ledger: Engine) -> None:
    with ledger.begin() as connection:
        lanes.release(connection, hold(connection), 50)
        assert lanes.acquire(connection, LANE, "other") is None
        wait_out(connection)
        assert not hold(connection).crashed


def test_a_few_failures_leave_the_lane_in_use(ledger: Engine) -> None:
    with ledger.begin() as connection:
        lease = hold(connection)
        assert fail(connection, lease, BREAKER_FAILURES - 1) == 0
        lanes.release(connection, lease, 0)
        again = hold(connection)
    assert (again.failures, again.probing) == (BREAKER_FAILURES - 1, False)


def test_five_failures_in_a_row_open_the_breaker(ledger: Engine) -> None:
    with ledger.begin() as connection:
        lease = hold(connection)
        assert fail(connection, lease, BREAKER_FAILURES) == BREAKER_SECONDS
        lanes.release(connection, lease, 0)
        assert lanes.acquire(connection, LANE, "other") is None
        failures, not_before, error = lanes.troubles(connection)[LANE]
        assert (failures, error) == (BREAKER_FAILURES, "timeout")
        assert not_before > now(connection) + BREAKER_SECONDS - 60


def test_a_success_in_between_starts_the_count_anew(ledger: Engine) -> None:
    with ledger.begin() as connection:
        lease = hold(connection)
        fail(connection, lease, BREAKER_FAILURES - 1)
        lanes.succeeded(connection, lease)
        assert fail(connection, lease, BREAKER_FAILURES - 1) == 0


def test_a_failed_probe_opens_the_breaker_again_for_twice_as_long_up_to_six_hours(ledger: Engine) -> None:
    with ledger.begin() as connection:
        lease = hold(connection)
        fail(connection, lease, BREAKER_FAILURES)
        rests = []
        for _ in range(12):
            lanes.release(connection, lease, 0)
            wait_out(connection)
            lease = hold(connection)
            assert lease.probing
            rests.append(fail(connection, lease, 1))
    assert rests[:2] == [2 * BREAKER_SECONDS, 4 * BREAKER_SECONDS]
    assert rests == sorted(rests)
    assert rests.pop() == BREAKER_MOST_SECONDS


def test_a_probe_that_succeeds_closes_the_breaker(ledger: Engine) -> None:
    with ledger.begin() as connection:
        lease = hold(connection)
        fail(connection, lease, BREAKER_FAILURES)
        lanes.release(connection, lease, 0)
        wait_out(connection)
        lease = hold(connection)
        lanes.succeeded(connection, lease)
        lanes.release(connection, lease, 0)
        assert lanes.troubles(connection) == {}
        assert not hold(connection).probing


@pytest.mark.parametrize("asked", [30.0, 4000.0])
def test_a_host_that_says_how_long_to_wait_is_left_alone_that_long(ledger: Engine, asked: float) -> None:
    with ledger.begin() as connection:
        lease = hold(connection)
        assert lanes.failed(connection, lease, "429", asked) == asked
        lanes.release(connection, lease, 0)
        assert lanes.acquire(connection, LANE, "other") is None
