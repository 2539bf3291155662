"""What the replica is asked and what it answers, before any socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from worker.replica.site import NEWEST, Phase

_WEEKDAYS = "一二三四五六日"


class Ask(NamedTuple):
    """One request: path, query and form fields together, and the `serial` that counters and banners are made from."""

    path: str
    fields: Mapping[str, str]
    phase: Phase
    serial: int

    def number(self, name: str, default: int) -> int:
        """A field as a number of at least 1; `default` where it is missing or is none."""
        value = self.fields.get(name, "")
        return max(1, int(value)) if value.isascii() and value.isdecimal() and len(value) < 10 else default

    @property
    def banner(self) -> str:
        """今天是 and a day, another one for each request."""
        day: date = NEWEST.date() + timedelta(days=30 + self.serial % 300)
        return f"今天是 {day.year}年{day.month}月{day.day}日 星期{_WEEKDAYS[day.weekday()]}"

    @property
    def views(self) -> int:
        """A view counter, another one for each request."""
        return 1000 + self.serial * 3


class Answer(NamedTuple):
    """One response. `static` pages carry an ETag and answer 304; `pause` is how many seconds late it comes."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    static: bool = False
    pause: float = 0.0


def html(text: str, *, status: int = 200, static: bool = False, pause: float = 0.0) -> Answer:
    """An HTML page in UTF-8."""
    return Answer(text.encode(), status=status, static=static, pause=pause)


def as_json(value: object) -> Answer:
    """A JSON answer as the CMS gives it: UTF-8, Chinese unescaped."""
    return Answer(json.dumps(value, ensure_ascii=False).encode(), "application/json;charset=UTF-8")


def xml(text: str) -> Answer:
    """An XML answer."""
    return Answer(text.encode(), "text/xml;charset=UTF-8")


def missing() -> Answer:
    """What a web server says of an address that it does not know."""
    page = (
        "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr></body></html>"
    )
    return html(page, status=404)
