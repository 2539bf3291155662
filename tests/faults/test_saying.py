"""What is away is said once when it begins and once when it is over, however often it is met in between."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
from collections.abc import Iterator
from itertools import count

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from worker import logs
from worker.troubles import QUIET_SECONDS, Troubles

FULL = OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))
GONE = OperationalError("SELECT 1", {}, ConnectionRefusedError("refused"))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as it would be written; afterwards logging is as it was."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.configure("info", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def said(stream: io.StringIO) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [(line["event"], line.get("where", line.get("message"))) for line in lines]


def meet(troubles: Troubles, verb: str, error: Exception | None) -> None:
    with troubles.waited_out(verb):
        if error is not None:
            raise error


def test_a_store_that_is_away_for_many_pulses_is_said_twice(log: io.StringIO) -> None:
    clock = count(step=QUIET_SECONDS)
    troubles = Troubles(lambda: next(clock))
    for _ in range(9):
        meet(troubles, "tick", GONE)
        meet(troubles, "collect", GONE)
    for _ in range(9):
        meet(troubles, "collect", None)
    assert said(log) == [("trouble.began", "store"), ("trouble.ended", "store")]


def test_a_pulse_that_works_between_two_that_fail_does_not_end_a_store_that_is_full(log: io.StringIO) -> None:
    clock = count()
    troubles = Troubles(lambda: next(clock))
    for _ in range(9):
        meet(troubles, "collect", FULL)
        meet(troubles, "publish", None)
    assert said(log) == [("trouble.began", "store")]
    for _ in range(20):
        meet(troubles, "publish", None)
    assert said(log) == [("trouble.began", "store"), ("trouble.ended", "store")]


def test_a_full_disk_is_over_when_the_verb_that_met_it_succeeds(log: io.StringIO) -> None:
    troubles = Troubles()
    meet(troubles, "collect", OSError(28, "No space left on device"))
    meet(troubles, "publish", None)
    assert said(log) == [("trouble.began", "disk")]
    meet(troubles, "collect", None)
    assert said(log) == [("trouble.began", "disk"), ("trouble.ended", "disk")]


def test_a_bug_is_not_waited_out() -> None:
    with pytest.raises(KeyError):
        meet(Troubles(), "collect", KeyError("bug"))


def test_a_library_that_repeats_itself_while_the_broker_is_away_is_heard_once(log: io.StringIO) -> None:
    consumer = logging.getLogger("celery.worker.consumer.consumer")
    for second in (2, 4, 6):
        consumer.error("consumer: Cannot connect, trying again in %s seconds", second)
    consumer.warning("something else")
    assert [message for _, message in said(log)] == [
        "consumer: Cannot connect, trying again in 2 seconds",
        "something else",
    ]
