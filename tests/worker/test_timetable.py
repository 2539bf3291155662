"""When portals are due: intervals with jitter, cron expressions on China's clock."""

import random
from datetime import datetime

import pytest

from config.portal import Column, Portal
from worker.timetable import CHINA, longest_gap, next_due


def portal(**facts: object) -> Portal:
    column = Column(name="c", url="https://www.example.gov.cn/list.shtml")
    fields = {"name": "p", "title": "p", "family": "ucap", "url": "https://www.example.gov.cn", "columns": (column,)}
    return Portal.model_validate({**fields, **facts})


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()


def test_an_interval_is_spread_by_at_most_a_tenth() -> None:
    turns = [next_due(portal(every_minutes=60), 0.0, random.Random(seed)) for seed in range(200)]
    assert min(turns) >= 3240
    assert max(turns) <= 3960
    assert len(set(turns)) > 100


def test_a_cron_turn_is_on_chinas_clock_and_never_early() -> None:
    friday_evening = at("2026-11-20T18:45:00")
    turn = next_due(portal(cron="*/30 8-18 * * 1-5"), friday_evening, random.Random(1))
    assert at("2026-11-23T08:00:00") <= turn <= at("2026-11-23T08:01:00")


def test_the_longest_usual_gap_of_a_cron_portal_spans_its_night() -> None:
    monday_noon = at("2026-11-23T17:31:00")
    assert longest_gap(portal(cron="*/30 8-18 * * 1-5"), monday_noon) >= 13 * 3600


def test_a_cron_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="five fields"):
        portal(cron="every day")
