"""Whoever can write to the broker may wake a worker: nothing of theirs is executed, and the worker works on."""

from __future__ import annotations

import base64
import json
import os
import pickle
import time
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.faults.stack import Stack, children_of, stack
from tests.faults.valkey import Valkey, valkey
from tests.stack import settings_of
from worker import broker
from worker.app import build
from worker.letters import LONGEST_WAIT_SECONDS, MOST_BYTES, TASKS, Letters
from worker.replica.site import World

CANARY = Path("/tmp") / f"gongbao-canary-{uuid.uuid4().hex}"  # noqa: S108 - must never come into being


class Touch:
    """Unpickled, it would make the canary."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {CANARY}",)


def message(body: bytes = b"[[], {}, {}]", without: str = "", **headers: Any) -> dict[str, Any]:
    """A pulse as Celery writes it, with another body, other headers, or one part left out."""
    head = {"lang": "py", "task": "gongbao.tick", "id": str(uuid.uuid4()), "eta": None, "expires": None, "retries": 0}
    delivery = {"exchange": "", "routing_key": "discover"}
    properties = {
        "delivery_info": delivery,
        "delivery_tag": str(uuid.uuid4()),
        "body_encoding": "base64",
        "priority": 0,
    }
    made = {
        "body": base64.b64encode(body).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {**head, **headers},
        "properties": properties,
    }
    made.pop(without, None)
    return made


def having(**parts: Any) -> dict[str, Any]:
    """A pulse with other parts."""
    return {**message(), **parts}


def delivered(**properties: Any) -> dict[str, Any]:
    """A pulse with other properties."""
    made = message()
    made["properties"] |= properties
    return made


PICKLE = pickle.dumps([[Touch()], {}, {}])
YAML = f"!!python/object/apply:os.system ['touch {CANARY}']".encode()
CALL = {"task": "os.system", "args": [f"touch {CANARY}"], "kwargs": {}, "options": {}}
REFUSED: dict[str, Any] = {
    "text": b"not json",
    "bytes": bytes(range(128, 256)),
    "nothing": b"",
    "a pickle": PICKLE,
    "a number": 1,
    "null": None,
    "a string": "gongbao.tick",
    "a list": [],
    "an object": {},
    "a hundred thousand brackets": b"[" * 100_000,
    "as many as fit": b"[" * (MOST_BYTES - 1),
    "twenty megabytes of arguments": message(json.dumps([["x" * 20_000_000], {}, {}]).encode()),
    "a bomb": message(zlib.compress(bytes(1 << 29), 9), compression="application/x-gzip"),
    "an unknown task": message(task="os.system"),
    "a task of Celery": message(json.dumps([[CALL], {}, {}]).encode(), task="celery.chain"),
    "a task that is null": message(task=None),
    "a task that is a list": message(task=["gongbao.tick"]),
    "a task that is an object": message(task={}),
    "an id that is null": message(id=None),
    "an id that is an object": message(id={}),
    "an id that forges a line": message(id='a\r\n{"event": "forged"}'),
    "another queue": delivered(delivery_info={"exchange": "", "routing_key": "elsewhere"}),
    "delivery that is text": delivered(delivery_info="x"),
    "a tag that is a list": delivered(delivery_tag=[1]),
    "no headers": message(without="headers"),
    "headers that are null": having(headers=None),
    "headers that are text": having(headers="x"),
    "no properties": message(without="properties"),
    "properties that are null": having(properties=None),
    "the old protocol": having(headers={}, body=base64.b64encode(json.dumps(CALL).encode()).decode()),
    "a time in words": message(eta="soon"),
    "a time that is an object": message(expires={}),
    "in a thousand years": message(eta="2999-01-01T00:00:00+00:00"),
    "many retries": message(retries="many"),
}
OPENED: dict[str, Any] = {
    "a pickle as body": {**message(PICKLE), "content-type": "application/x-python-serialize"},
    "a pickle in another coding": {
        **message(PICKLE),
        "content-type": "application/x-python-serialize",
        "content-encoding": "binary",
    },
    "yaml as body": {**message(YAML), "content-type": "application/x-yaml"},
    "arguments": message(b'[["a"], {"b": 1}, {}]'),
    "call-backs": message(json.dumps([[], {}, {"callbacks": [CALL], "errbacks": [CALL], "chain": [CALL]}]).encode()),
    "no body": message(without="body"),
    "a body that is a number": having(body=5),
    "a body that is no base64": having(body="%%%"),
    "a body that is an object": message(b'{"a": 1}'),
    "an unknown coding": having(**{"content-encoding": "rot13"}),
    "an unknown compression": message(compression="nope"),
    "no time to work in": message(timelimit=[0.0001, 0.0001]),
    "a time to work in words": message(timelimit="x"),
    "a reply asked for": delivered(reply_to="gongbao:collect"),
    "a name to be logged": message(shadow="\x1b[31m\r\nforged"),
}


def raw(sent: Any) -> bytes:
    return sent if isinstance(sent, bytes) else json.dumps(sent).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@pytest.fixture(scope="module")
def running(server: Valkey, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("home")
    with stack(home, databases.sqlite_copy(sqlite_template, home), server, World(10)) as started:
        started.worker("discover")
        work_on(started)
        yield started


def work_on(running: Stack, *before: bytes) -> None:
    """The one worker takes these messages, then a pulse of ours, and has nothing left."""
    [worker] = running.processes
    with broker.client(running.server.url) as client:
        for each in before:
            client.lpush("gongbao:discover", each)
        build(settings_of(running.home), running.server.url).send_task("gongbao.tick")
        until = time.monotonic() + 60
        while client.llen("gongbao:discover") or client.hlen("gongbao:unacked"):
            assert worker.poll() is None, running.logs()
            assert time.monotonic() < until, running.logs()
            time.sleep(0.02)
    assert worker.poll() is None, running.logs()


def lines(running: Stack) -> list[dict[str, Any]]:
    """What the worker has logged, which must be one JSON object a line."""
    return [json.loads(line) for line in (running.home / "0.log").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("sent", [*REFUSED.values(), *OPENED.values()], ids=[*REFUSED, *OPENED])
def test_a_worker_executes_nothing_of_a_hostile_message_and_works_on(running: Stack, sent: Any) -> None:
    work_on(running, raw(sent))
    assert not CANARY.exists()


def test_what_was_refused_is_counted_and_forges_no_line(running: Stack) -> None:
    before = sum(line["count"] for line in lines(running) if line["event"] == "messages.refused")
    time.sleep(1.1)
    work_on(running, *(raw(sent) for sent in REFUSED.values()))
    time.sleep(1.1)
    work_on(running, b"one more")
    said = [line for line in lines(running) if line["event"] == "messages.refused"]
    assert sum(line["count"] for line in said) - before >= len(REFUSED) + 1
    assert {line["event"] for line in lines(running)} & {"forged"} == set()
    assert "\x1b" not in (running.home / "0.log").read_text(encoding="utf-8")


def test_nobody_commands_a_worker_by_the_broker(running: Stack, server: Valkey) -> None:
    app = build(settings_of(running.home), server.url)
    with broker.client(server.url) as client:
        for sent in (b"junk", b"[" * 100_000, b"{}", PICKLE):
            assert client.publish("gongbao:/0.celery.pidbox", sent) == 1
    for command, arguments in (("shutdown", {}), ("pool_grow", {"n": 50}), ("cancel_consumer", {"queue": "discover"})):
        app.control.broadcast(command, arguments=arguments)
    work_on(running)
    time.sleep(1.1)
    work_on(running)
    [worker] = running.processes
    assert len(children_of(worker)) < 10
    assert "command" in {line.get("reason") for line in lines(running) if line["event"] == "messages.refused"}


def test_garbage_among_unfinished_messages_keeps_none_of_them_from_going_back(running: Stack, server: Valkey) -> None:
    honest = json.dumps([message(), "", "discover"])
    letters = {"a": b"junk", "b": b"[" * 100_000, "c": b"[1, 2, 3]", "d": PICKLE, "honest": honest.encode()}
    with broker.client(server.url) as client:
        for score, (tag, letter) in enumerate(letters.items()):
            client.hset("gongbao:unacked", tag, letter)
            client.zadd("gongbao:unacked_index", {tag: score})
    work_on(running)
    with broker.client(server.url) as client:
        assert client.zcard("gongbao:unacked_index") == 0


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_pulse_ends_before_celery_sees_it(sent: Any) -> None:
    assert Letters().opened(raw(sent)) is None


@pytest.mark.parametrize("sent", OPENED.values(), ids=OPENED.keys())
def test_of_a_pulse_celery_sees_the_name_and_nothing_that_could_be_unpacked(sent: Any) -> None:
    opened = Letters().opened(raw(sent))
    assert opened is not None
    seen = json.loads(opened)
    assert (seen["content-type"], json.loads(seen["body"])[:2]) == ("application/json", [[], {}])
    assert set(json.loads(seen["body"])[2].values()) == {None}
    assert seen["headers"]["id"] == sent["headers"]["id"]
    assert {"compression", "shadow", "reply_to", "stamps"}.isdisjoint({**seen["headers"], **seen["properties"]})


def test_a_pulse_that_celery_sends_again_after_a_while_may_wait_that_while() -> None:
    now = 1_800_000_000.0
    letters = Letters(lambda: now)

    def opened(seconds: float) -> bool:
        at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now + seconds))
        return letters.opened(raw(message(eta=at, retries=1))) is not None

    assert [opened(5), opened(LONGEST_WAIT_SECONDS + 5)] == [True, False]


def test_the_letters_name_every_task_and_no_other(tmp_path: Path) -> None:
    tasks = build(settings_of(tmp_path), "unix:///nowhere/v.sock").tasks
    assert {name for name in tasks if not name.startswith("celery.")} == set(TASKS)
