"""What is eight times as long takes about eight times as long to read, however it is built.

Work that Python does is counted in calls; what happens inside of one call is timed, the best of some runs. Linear work
grows by 8, quadratic work by 64.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from config.portal import Portal
from crawlers import refuse, registry
from crawlers.errors import PageError
from crawlers.models import RawPage
from crawlers.page import Page

FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
HOST = "https://www.example.gov.cn"
TIMES, MOST = 8, 24
LINK = "<a href='/gk/t20240301_1.html'>关于做好规范性文件清理工作的通知</a>"
NESTED_LINK = "<a href='/x/1.html'><table><tr><td>"
_SHOWN = f"<p><a href=/Show/{{}}>关于通知的公告</a>{'<i></i>' * 20}</p>"
ROWS = f"<ul>{f'<li>{LINK}<i>2024-03-01</i></li>' * 3}</ul>"
SHOW = Portal.model_validate(
    {
        "name": "p",
        "title": "某局",
        "family": "gszfw",
        "url": HOST,
        "columns": [{"name": "一", "url": f"{HOST}/gk/index.html"}],
    }
)
Read = Callable[[str], None]


def listed(text: str) -> None:
    registry.listing(page(text))


def shown(text: str) -> None:
    registry.listing(page(text, SHOW))


def refused(text: str) -> None:
    with suppress(PageError):
        refuse.refuse(page(text))


def page(text: str, portal: Portal | None = None) -> Page:
    return Page(RawPage(url=None, body=text.encode(), fetched_at=FETCHED), portal)


def _around(opening: str, inner: str, closing: str, often: int = 1) -> Callable[[int], str]:
    """As many elements inside each other as there are things in the innermost."""
    return lambda size: f"<body>{opening * size}{inner * size * often}{closing * size}"


COUNTED: dict[str, tuple[Read, Callable[[int], str], int]] = {
    "links behind many elements": (listed, _around("<div>", "<b></b>", f"{LINK}</div>", 9), 30),
    "links before many elements": (listed, _around(f"<div>{LINK}", "<b></b>", "</div>", 9), 30),
    "rows beside many elements": (listed, _around("<div>", "<b></b>", f"<p>{LINK}</p></div>", 9), 30),
    "page numbers, and none goes on": (
        listed,
        lambda size: f"{ROWS}<div>{'<span>7777</span>' * size}{'<a href=x>1</a>' * size}",
        60,
    ),
    "page numbers inside each other": (
        listed,
        lambda size: f"{ROWS}{'<div><span>7</span>' * size}{'<a href=x>9</a>' * size}",
        30,
    ),
}
TIMED: dict[str, tuple[Read, Callable[[int], str], int]] = {
    "an address of the same folders": (
        listed,
        lambda size: f"<ul><li><a href='{'/art/' * size}'>关于通知的公告</a>2024-01-01</ul>",
        400,
    ),
    "an address of digits": (
        listed,
        lambda size: f"<ul><li><a href='/{'１' * size}'>关于通知的公告</a>2024-01-01</ul>",
        2000,
    ),
    "the days of a row": (
        listed,
        lambda size: json.dumps({"articles": [{"title": "公告", "url": "/a", "date": "2024-01-01 " * size}]}),
        3000,
    ),
    "names around many lists": (
        listed,
        lambda size: f"<div class='{'a b' * size * 20}'>{ROWS * size}</div>",
        30,
    ),
    "links that hold much text": (listed, _around(NESTED_LINK, "法治政府" * 50, "关于规范</table></a>"), 30),
    "links that hold many elements": (listed, _around(NESTED_LINK, "<b></b>", "关于规范</table></a>", 50), 30),
    "links that hold no picture": (listed, _around(NESTED_LINK, "<b></b>", "</table></a>", 50), 30),
    "numbers in each other": (listed, _around("<span>", "法治政府" * 400, "</span>"), 40),
    "empty lists in each other": (
        listed,
        _around("<ul>", "<b></b>", f"</ul><p>暂无相关信息</p>{LINK}", 60),
        30,
    ),
    "links by number": (
        shown,
        lambda size: f"<div>{''.join(_SHOWN.format(n) for n in range(size))}</div>",
        120,
    ),
    "articles in each other": (refused, _around("<div class=detail>", f"{LINK}{'法治' * 500}", "</div>"), 50),
    "a script that sets cookies": (
        refused,
        lambda size: f"<body><script>{'document.cookie=' * size}</script>",
        45,
    ),
}


def _calls(read: Callable[[], None]) -> float:
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read()
    finally:
        sys.setprofile(before)
    return counted


def _seconds(read: Callable[[], None]) -> float:
    def once() -> float:
        start = time.process_time()
        read()
        return time.process_time() - start

    return min(once() for _ in range(5))


@pytest.mark.parametrize("name", COUNTED)
def test_reading_takes_calls_in_proportion(name: str) -> None:
    read, made, size = COUNTED[name]
    short, long = made(size), made(TIMES * size)
    assert _calls(lambda: read(long)) < MOST * _calls(lambda: read(short))


@pytest.mark.parametrize("name", TIMED)
def test_reading_takes_time_in_proportion(name: str) -> None:
    read, made, size = TIMED[name]
    short, long = made(size), made(TIMES * size)
    assert _seconds(lambda: read(long)) < MOST * _seconds(lambda: read(short))
