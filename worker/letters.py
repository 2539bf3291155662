"""Opens what the broker hands over: whoever can write to it may wake a worker, and can do nothing else there.

A pulse is a name. Of a message only that, its id, its deadline and how often it was tried are read, each checked; what
Celery then gets to see is made from these, so that no body, no argument, no call-back and no coding of anybody's is
ever unpacked. A message that is none ends here: Celery would end its worker over most of them, after putting them back
for the next worker.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Annotated, Any

import structlog
from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from crawlers.models import Value

log = structlog.get_logger()

QUEUE_OF = {  # each pulse
    "tick": "discover",
    "tend": "discover",
    "collect": "collect",
    "process": "process",
    "publish": "publish",
    "deliver": "publish",
}
QUEUES = tuple(dict.fromkeys(QUEUE_OF.values()))
TASKS = tuple(f"gongbao.{pulse}" for pulse in QUEUE_OF)
MOST_BYTES = 4096
LONGEST_WAIT_SECONDS = 60.0  # Celery waits five before it sends a pulse again whose process died
_SAID_SECONDS = 1.0
_BODY = json.dumps([[], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
_Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]


class _Read(Value):
    """A part of a message of which only some is read."""

    model_config = ConfigDict(extra="ignore", strict=True)


class _Headers(_Read):
    task: str
    id: _Id
    retries: int = Field(default=0, ge=0, le=100)
    eta: AwareDatetime | None = None
    expires: AwareDatetime | None = None


class _Delivery(_Read):
    routing_key: str
    redelivered: bool | None = None


class _Properties(_Read):
    delivery_tag: _Id
    delivery_info: _Delivery


class _Letter(_Read):
    headers: _Headers
    properties: _Properties


class Letters:
    """The messages of our queues; `clock` is in seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._unsaid = 0
        self._said_at = float("-inf")

    def opened(self, raw: bytes) -> bytes | None:
        """The message as Celery may see it; None for one that is none of ours, which is gone then."""
        if len(raw) > MOST_BYTES:
            self._refuse("too_large")
            return None
        try:
            letter = _Letter.model_validate_json(raw)
        except ValidationError:
            self._refuse("malformed")
            return None
        if letter.headers.task not in TASKS or letter.properties.delivery_info.routing_key not in QUEUES:
            self._refuse("unknown")
            return None
        if letter.headers.eta and letter.headers.eta.timestamp() > self._clock() + LONGEST_WAIT_SECONDS:
            self._refuse("put_off")
            return None
        return json.dumps(_fresh(letter)).encode()

    def refuse_command(self) -> None:
        """Somebody tried to steer the workers by Celery's remote control."""
        self._refuse("command")

    def refuse_restoring(self) -> None:
        """What stood among the messages that were not finished was none."""
        self._refuse("malformed")

    def _refuse(self, reason: str) -> None:
        """Say so, at most once a second, with the number since the last time."""
        self._unsaid += 1
        if abs(self._clock() - self._said_at) >= _SAID_SECONDS:
            log.warning("messages.refused", reason=reason, count=self._unsaid)
            self._unsaid, self._said_at = 0, self._clock()


def _fresh(letter: _Letter) -> dict[str, Any]:
    head, properties = letter.headers, letter.properties
    times = {"eta": head.eta, "expires": head.expires}
    return {
        "body": _BODY,
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {
            "lang": "py",
            "task": head.task,
            "id": head.id,
            "root_id": head.id,
            "retries": head.retries,
            "timelimit": [None, None],
            "argsrepr": "()",
            "kwargsrepr": "{}",
            "ignore_result": True,
            **{name: at.isoformat() if at else None for name, at in times.items()},
        },
        "properties": {
            "correlation_id": head.id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", **properties.delivery_info.model_dump(exclude_none=True)},
            "priority": 0,
            "delivery_tag": properties.delivery_tag,
        },
    }
