"""Damaged pages end in a report or a named refusal, never in anything else."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers import generic, registry
from crawlers.errors import PageError
from crawlers.models import Extract, Follow, Listing, RawPage
from crawlers.page import Page

PAGES = sorted((Path(__file__).parents[1] / "cases").glob("*/*/page.html"))
BYTES = [path.read_bytes() for path in PAGES]
_TAG = re.compile(rb"<[^>]*>")
_CHARSET = re.compile(rb"charset=[\"']?[\w-]+")
FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _ends_well(body: bytes) -> None:
    for read in (registry.report, generic.report, registry.listing):
        page = Page(RawPage(url=None, body=body, fetched_at=FETCHED))
        with suppress(PageError):
            assert isinstance(read(page), Extract | Listing | Follow)


@CALM
@given(st.sampled_from(BYTES), st.floats(0, 1))
def test_a_page_cut_at_any_byte(body: bytes, share: float) -> None:
    _ends_well(body[: int(len(body) * share)])


@CALM
@given(st.sampled_from(BYTES), st.sets(st.integers(0, 120), max_size=40))
def test_a_page_that_lost_some_tags(body: bytes, lost: set[int]) -> None:
    numbers = iter(range(10_000))
    _ends_well(_TAG.sub(lambda match: b"" if next(numbers) in lost else match[0], body))


@CALM
@given(st.sampled_from(BYTES), st.sampled_from([b"gb2312", b"utf-8", b"big5", b"utf-16", b"iso-8859-1", b"nonsense"]))
def test_a_page_that_lies_about_its_charset(body: bytes, charset: bytes) -> None:
    _ends_well(_CHARSET.sub(b"charset=" + charset, body))


@CALM
@given(st.sampled_from(BYTES), st.integers(0, 255), st.lists(st.floats(0, 0.999), max_size=60))
def test_a_page_with_bytes_changed(body: bytes, byte: int, places: list[float]) -> None:
    changed = bytearray(body)
    for place in places:
        changed[int(place * len(changed))] = byte
    _ends_well(bytes(changed))


@CALM
@given(st.binary(max_size=300))
def test_no_page_at_all(body: bytes) -> None:
    _ends_well(body)


@pytest.mark.parametrize("depth", [100, 500, 513, 100_000])
def test_a_page_nested_at_any_depth(depth: int) -> None:
    for body in BYTES[:4]:
        half = len(body) // 2
        _ends_well(body[:half] + b"<div>" * depth + body[half:])


NEVER_ENDING = {
    "an address in a script": f"<li><a href='#' onclick='go(\"{'.html?' * 33_000}'>关于报告的通知</a>2024-01-01",
    "a title that may be a button": f"<li><a href='/x'>更多{'&gt;' * 200_000}年</a>2024-01-01",
    "a title between brackets": f"<li><a href='/x'>{'(' * 200_000}年2024-01-01{')' * 200_000}年</a>",
    "elements that are named nearly like links": "附件.pdf<a>1</a>" + "<a-x></a-x>" * 20_000,
    "elements that are named nearly like drawings": "<svg-x></svg-x>" * 20_000,
    "scripts in source code": f"<script>document.write('x')</script><xmp>{'<script>' * 30_000}</xmp>",
    "a meta tag": f"<meta name='ArticleTitle' content='{'<' * 200_000}'>",
    "the name of a variable": f"<p>附件：</p><script>var {'file' * 50_000}</script>.pdf",
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", NEVER_ENDING)
def test_what_seems_never_to_end_is_read_in_a_moment(name: str) -> None:
    body = f"<h1>关于报告的通知</h1><div class=nr>{NEVER_ENDING[name]}</div>".encode()
    _ends_well(body)
