"""Many pages of one portal, touched by several at one moment each in another order: nobody waits for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawlers.models import RawPage
from tests.stack import settings_of
from tests.together import at_once
from tests.wanted import hold, portal
from worker.accept import accept
from worker.archive import Archive
from worker.deps import Deps
from worker.discover import open_runs
from worker.ledger import fetching, frontier, lanes
from worker.ledger.frontier import Archived, Item
from worker.process import process

COLUMNS = ("a", "b", "c", "d")
ROWS = 100


@pytest.fixture
def deps(ledger: Engine, tmp_path: Path) -> Deps:
    url = "https://example.example.gov.cn"
    columns = [{"name": name, "url": f"{url}/{name}.html"} for name in COLUMNS]
    known = {"example": portal(columns=columns)}
    return Deps(settings_of(tmp_path), known, ledger, Archive(tmp_path / "archive"))


def in_an_order_of_its_own(turn: int, of: Sequence[str]) -> Sequence[str]:
    return of if turn % 2 else of[::-1]


def fetch_list(deps: Deps, item: Item, links: Sequence[str]) -> None:
    """Let a list page that waits have been fetched, and show these links."""
    rows = "".join(f'<li><a href="{url}">关于第{url[-8:-5]}号文件有关情况的通知</a>2025-03-01</li>' for url in links)
    body = f'<html><head><meta charset="utf-8"></head><body><ul class="list">{rows}</ul></body></html>'
    html, at = (("content-type", "text/html"),), datetime.now(UTC)
    raw = RawPage(url=item.request.url, headers=html, body=body.encode(), fetched_at=at, portal="example")
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=at.timestamp())
    with deps.ledger.begin() as connection:
        lease = hold(connection, item.lane)
        fetching.collected(connection, item, archived, lease.token)
        lanes.release(connection, lease, 0)


def test_columns_that_show_the_same_pages_are_read_at_once(deps: Deps) -> None:
    open_runs(deps)
    links = [f"/gk/202503/t00000{number:03d}.html" for number in range(ROWS)]
    for turn, name in enumerate(COLUMNS):
        with deps.ledger.begin() as connection:
            item = frontier.find(connection, "example", f"list {name}")
        assert item is not None
        fetch_list(deps, item, in_an_order_of_its_own(turn, links))
    assert at_once(len(COLUMNS), lambda: process(deps, 1)) == [1] * len(COLUMNS)
    with deps.ledger.begin() as connection:
        assert frontier.depth(connection) == {"due": ROWS}


def test_webhooks_that_name_the_same_pages_are_taken_at_once(deps: Deps) -> None:
    turns = count()
    pages = [f"https://example.example.gov.cn/gk/202503/t00000{number:03d}.html" for number in range(ROWS)]

    def ask() -> bool:
        turn = next(turns)
        received = accept(deps, f"partner{turn}", "msg_1", b"{}", in_an_order_of_its_own(turn, pages))
        return received.repeated

    assert at_once(6, ask) == [False] * 6
    with deps.ledger.begin() as connection:
        assert frontier.depth(connection) == {"due": ROWS}
