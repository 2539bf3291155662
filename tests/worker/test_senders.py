"""What a sender may ask in a minute: one allowance, however many processes and threads serve."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from tests.abuse.door import door
from tests.serving import Service
from worker.ledger.schema import senders as rows
from worker.ledger.senders import TooOften, spend


def spent(ledger: Engine, sender: str, per_minute: int) -> float:
    """Spend one: 0.0 when it was allowed, else the seconds to wait."""
    try:
        with ledger.begin() as connection:
            spend(connection, sender, per_minute)
    except TooOften as error:
        return error.seconds
    return 0.0


def pass_time(ledger: Engine, seconds: float) -> None:
    """Let every allowance be as old as if so many seconds had passed."""
    with ledger.begin() as connection:
        connection.execute(update(rows).values(full_at=rows.c.full_at - seconds))


@pytest.mark.parametrize("per_minute", [1, 3, 7])
def test_a_minutes_allowance_may_be_spent_at_once_and_no_more(ledger: Engine, per_minute: int) -> None:
    assert [spent(ledger, "one", per_minute) for _ in range(per_minute)] == [0.0] * per_minute
    assert 0 < spent(ledger, "one", per_minute) <= 60 / per_minute
    assert spent(ledger, "another", per_minute) == 0.0


def test_an_allowance_refills_evenly_and_never_beyond_a_minutes(ledger: Engine) -> None:
    for _ in range(4):
        spent(ledger, "one", 4)
    pass_time(ledger, 15)
    assert [spent(ledger, "one", 4) > 0 for _ in range(2)] == [False, True]
    pass_time(ledger, 3600)
    assert [spent(ledger, "one", 4) > 0 for _ in range(5)] == [False] * 4 + [True]


def test_a_refused_request_costs_nothing(ledger: Engine) -> None:
    spent(ledger, "one", 1)
    before = [spent(ledger, "one", 1) for _ in range(20)]
    assert sorted(before, reverse=True) == before
    pass_time(ledger, 60)
    assert spent(ledger, "one", 1) == 0.0


def test_a_time_that_cannot_be_is_forgotten(ledger: Engine) -> None:
    spent(ledger, "one", 1)
    pass_time(ledger, -3600)
    assert spent(ledger, "one", 1) == 0.0
    assert spent(ledger, "one", 1) > 0


def test_of_requests_at_the_same_time_no_more_pass_than_are_allowed(ledger: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: spent(ledger, "one", 10), range(40)))
    assert sum(wait == 0.0 for wait in waits) == 10


def test_two_processes_on_one_database_share_what_a_sender_may_ask(tmp_path: Path) -> None:
    """The sender has 10 requests a minute; 20 to each of two servers would be twice that, did each count alone."""

    def ask(asked: tuple[Service, int]) -> int:
        service, number = asked
        answer = service.ingest("https://clone.example.com/", message_id=f"msg_{number}")
        if answer.status == 429:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json["reason"] == "too_many"
            assert 1 <= int(answer.headers["retry-after"]) <= 60
        return answer.status

    with (
        door(tmp_path, webhook_rate="10") as one,
        door(tmp_path, webhook_rate="10") as two,
        ThreadPoolExecutor(8) as pool,
    ):
        statuses = Counter(pool.map(ask, [(each, number) for number in range(20) for each in (one, two)]))
    assert set(statuses) == {202, 429}
    assert 10 <= statuses[202] <= 13  # a machine that takes its time lets some of it refill
