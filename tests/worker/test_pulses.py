"""Pulses are bounded and carry no work: whoever has work is pulsed, never more than there are slots for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from tests.stack import deps_on
from tests.wanted import fetched, portal, wanted
from worker.broker import PREFIX
from worker.deps import Deps
from worker.ledger import frontier, outbox, schedule
from worker.pulses import SLOTS, PageTooHeavy, Pulses

BACKLOG = 3


@pytest.fixture
def deps(database: str, tmp_path: Path) -> Iterator[Deps]:
    made = deps_on(database, tmp_path, {}, backlog=BACKLOG)
    yield made
    made.ledger.dispose()


@pytest.fixture
def sent() -> list[str]:
    return []


def pulses(deps: Deps, url: str, sent: list[str], read: Callable[[int], int] | None = None) -> Pulses:
    return Pulses(lambda: deps, deps.settings, url, sent.append, read)


def test_a_tick_without_any_work_pulses_nobody(deps: Deps, valkey: str, server: redis.Redis, sent: list[str]) -> None:
    pulses(deps, valkey, sent).tick()
    assert sent == []


def test_a_tick_pulses_every_verb_that_has_work(deps: Deps, valkey: str, server: redis.Redis, sent: list[str]) -> None:
    with deps.ledger.begin() as connection:
        frontier.add(connection, [wanted("due")])
        fetched(connection, "fetched")
        outbox.tell(connection, "report.new", "r", {"id": "r", "body": ""}, backfill=False)
    pulses(deps, valkey, sent).tick()
    assert sent == ["collect", "process", "publish"]


def test_no_more_pulses_wait_than_there_are_slots(
    deps: Deps, valkey: str, server: redis.Redis, sent: list[str]
) -> None:
    with deps.ledger.begin() as connection:
        frontier.add(connection, [wanted("due")])
    server.lpush(f"{PREFIX}collect", *["a pulse"] * SLOTS)
    pulses(deps, valkey, sent).tick()
    assert sent == []
    server.rpop(f"{PREFIX}collect")
    pulses(deps, valkey, sent).tick()
    assert sent == ["collect"]


def test_nobody_is_told_to_fetch_while_too_much_waits_to_be_read(
    deps: Deps, valkey: str, server: redis.Redis, sent: list[str]
) -> None:
    with deps.ledger.begin() as connection:
        frontier.add(connection, [wanted("due")])
        fetched(connection, *map(str, range(BACKLOG)))
    pulses(deps, valkey, sent).tick()
    assert sent == ["process"]


def test_a_broker_that_is_away_costs_a_pulse_and_no_more(deps: Deps, sent: list[str]) -> None:
    with deps.ledger.begin() as connection:
        frontier.add(connection, [wanted("due")])
    pulses(deps, "redis://127.0.0.1:1/0", sent).tick()
    assert sent == []


def test_a_tick_opens_what_is_due(deps: Deps, valkey: str, server: redis.Redis, sent: list[str]) -> None:
    one = portal()
    pulses(replace(deps, portals={one.name: one}), valkey, sent).tick()
    with deps.ledger.begin() as connection:
        assert schedule.under_way(connection, one.name) is not None
    assert sent == ["collect"]


def test_a_page_that_needs_more_memory_than_there_is_does_not_end_the_worker(
    deps: Deps, valkey: str, server: redis.Redis, sent: list[str]
) -> None:
    """Celery would take a MemoryError that leaves a task for its own and end the whole worker."""

    def read(_limit: int) -> int:
        raise MemoryError

    with pytest.raises(PageTooHeavy):
        pulses(deps, valkey, sent, read).process()


def test_ticks_forget_what_the_settings_say(deps: Deps, valkey: str, server: redis.Redis, sent: list[str]) -> None:
    with deps.ledger.begin() as connection:
        for number in range(3):
            outbox.tell(connection, "report.new", f"r{number}", {"id": f"r{number}", "body": ""}, backfill=False)
    at_work = pulses(deps, valkey, sent)
    at_work.publish()
    with deps.ledger.begin() as connection:
        connection.execute(text("UPDATE outbox SET sent_at = 0"))
    at_work.tick()
    with deps.ledger.begin() as connection:
        assert list(connection.execute(text("SELECT seq FROM outbox")).scalars()) == [3]
