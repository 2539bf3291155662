"""Generated list histories against the real discovery rules: what was within the promise was found.

The promise: a row that stood on the list during the whole of a walk that ended well, while no other row vanished from
under the reader, is known when that walk is over, if the window reaches it: anything on a list without an order or on
a first walk, a day inside the overlap on a list by date, an appearance since the last whole walk on one by recency.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from random import Random
from typing import NamedTuple

import pytest

from config.portal import Column
from tests.list_history import OVERLAP, NaiveReader, Order, PortalList, Reader, Row, live

SEEDS = range(25)
RUNS = 30


class Told(NamedTuple):
    """What a history came to."""

    promised: int
    missed: list[str]
    whole_walks: int
    broken_walks: int


def column(order: Order) -> Column:
    return Column(name="c", url="https://a.example/list", order=order, overlap_days=OVERLAP, max_pages=500)


def fresh_list(order: Order, chance: Random) -> PortalList:
    """A list that was there before anybody read it."""
    listed = PortalList(order, chance)
    for days_ago in range(60, 0, -1):
        listed.publish(days_ago)
    return listed


def in_window(reader: Reader, row: Row, order: Order, appeared_before: int) -> bool:
    """Whether the next walk's window reaches this row; `appeared_before` is the last row of the last whole walk."""
    if order == "none" or reader.walked is None:
        return True
    if order == "date":
        return row.day is None or row.day >= reader.walked - timedelta(days=OVERLAP)
    return row.appeared > appeared_before


def replay(order: Order, seed: int) -> Told:
    """Run after run over one history; every third walk or so breaks off in the middle."""
    chance = Random(f"{order} {seed}")
    listed, reader = fresh_list(order, chance), Reader(column(order))
    promised, missed, whole, broken, appeared_before = 0, [], 0, 0, 0
    for number in range(RUNS):
        listed.today += timedelta(days=chance.choice((0, 0, 1, 3)))
        live(listed, chance)
        before = [row for row in listed.rows if in_window(reader, row, order, appeared_before)]
        serial, removals = listed.serial, listed.removals
        breaks_after = chance.randrange(1, 4) if number and chance.random() < 0.35 else None
        error = deque(reader.run(listed, chance, breaks_after=breaks_after), maxlen=1).pop()
        if error is not None:
            broken += 1
            continue
        whole += 1
        appeared_before = serial
        if listed.removals > removals:
            continue
        promised += len(before)
        missed += [f"run {number}: {row}" for row in before if row.key not in reader.known]
    return Told(promised, missed, whole, broken)


@pytest.mark.parametrize("order", ["date", "recency", "none"])
def test_every_row_within_the_promise_is_found(order: Order) -> None:
    told = [replay(order, seed) for seed in SEEDS]
    assert [missed for one in told for missed in one.missed] == []
    assert sum(one.promised for one in told) > 3_000
    assert sum(one.whole_walks for one in told) > 300
    assert sum(one.broken_walks for one in told) > 80


@pytest.mark.parametrize("order", ["date", "recency", "none"])
def test_when_a_list_comes_to_rest_everything_in_the_window_is_found_however_it_moved_before(order: Order) -> None:
    for seed in SEEDS:
        chance = Random(f"rest {order} {seed}")
        listed, reader = fresh_list(order, chance), Reader(column(order))
        for _ in range(10):
            live(listed, chance)
            deque(reader.run(listed, chance), maxlen=1)
        still = Random()
        still.random = lambda: 1.0  # type: ignore[method-assign]  # nothing happens while the last walk goes on
        promised = [row for row in listed.rows if row.day and row.day >= listed.today - timedelta(days=OVERLAP)]
        assert deque(reader.run(listed, still), maxlen=1).pop() is None
        assert [row.key for row in promised if row.key not in reader.known] == [], f"seed {seed}"


@pytest.mark.parametrize("order", ["date", "recency", "none"])
def test_stopping_after_a_few_known_rows_misses_on_the_same_histories(order: Order) -> None:
    missed = 0
    for seed in SEEDS:
        chance = Random(f"{order} {seed}")
        listed, naive = fresh_list(order, chance), NaiveReader()
        for _ in range(RUNS):
            listed.today += timedelta(days=chance.choice((0, 0, 1, 3)))
            live(listed, chance)
            removals, before = listed.removals, {row.key for row in listed.rows}
            naive.run(listed, chance)
            if listed.removals == removals:
                missed += len(before - naive.known)
    assert missed > 100
