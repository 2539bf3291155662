"""Log lines: one JSON object each, ours and everybody's, without secrets from local variables."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from worker import logs


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where the lines go; logging is as it was afterwards."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in ("httpx", "celery.beat")}
    stream = io.StringIO()
    logs.configure("info", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in quiet.items():
        logging.getLogger(name).setLevel(was)
    structlog.configure(**before)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_facts_level_and_time_in_utc(out: io.StringIO) -> None:
    structlog.get_logger("ours").info("page.collected", portal="tahe", title="报告")
    [line] = lines(out)
    assert {name: line[name] for name in ("event", "portal", "title", "level")} == {
        "event": "page.collected",
        "portal": "tahe",
        "title": "报告",
        "level": "info",
    }
    assert line["timestamp"].endswith("Z")
    assert "报告" in out.getvalue()


def test_unknown_facts_are_left_out(out: io.StringIO) -> None:
    structlog.get_logger("ours").info("page.collected", error=None)
    assert "error" not in lines(out)[0]


def test_a_librarys_line_has_an_event_and_says_whose_it_is(out: io.StringIO) -> None:
    logging.getLogger("some.library").warning("odd %s", "thing")
    [line] = lines(out)
    assert (line["event"], line["message"], line["logger"]) == ("library.logged", "odd thing", "some.library")


def test_an_exception_stays_on_its_line_and_shows_no_local_variable(out: io.StringIO) -> None:
    def fail() -> None:
        password = "hunter2"  # noqa: S105 - what must not be seen
        raise ValueError(f"{len(password)} characters")

    try:
        fail()
    except ValueError:
        structlog.get_logger("ours").exception("page.failed")
    [line] = lines(out)
    assert "hunter2" not in out.getvalue()
    assert "7 characters" in json.dumps(line)


def test_line_feeds_in_a_fact_cannot_forge_a_line(out: io.StringIO) -> None:
    structlog.get_logger("ours").info("page.collected", title='a\n{"event": "forged"}')
    assert len(lines(out)) == 1


def test_a_text_of_any_length_makes_no_line_of_any_length(out: io.StringIO) -> None:
    structlog.get_logger().info("page.skipped", error="x" * 1_000_000)
    [line] = out.getvalue().splitlines()
    assert len(line) < 5000
    assert json.loads(line)["error"].endswith("x…")


def test_lines_below_the_level_and_noise_of_libraries_are_not_written(out: io.StringIO) -> None:
    structlog.get_logger("ours").debug("page.fetched")
    logging.getLogger("httpx").info("HTTP Request")
    logging.getLogger("celery.beat").info("tick")
    assert lines(out) == []
