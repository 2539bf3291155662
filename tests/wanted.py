"""Rows of the frontier as tests put them there, and what it takes to hold their lane."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from config.portal import Portal
from crawlers.models import Request
from worker.ledger import fetching, frontier, lanes
from worker.ledger.frontier import Archived, Item, Priority, Wanted

LANE = "www.example.gov.cn"
PAGE = Archived(key="0" * 64, fetched_at=1_700_000_000.0)


def portal(name: str = "example", **facts: Any) -> Portal:
    """A portal on its own host."""
    url = f"https://{name}.example.gov.cn"
    column = {"name": "reports", "url": f"{url}/list.html"}
    given = {"name": name, "title": name, "family": "plain", "url": url, "columns": [column], **facts}
    return Portal.model_validate(given)


def wanted(key: str, **facts: Any) -> Wanted:
    """A report's row."""
    given: dict[str, Any] = {
        "portal": "example",
        "key": key,
        "lane": LANE,
        "kind": "report",
        "priority": Priority.NEW,
        "request": Request(url=f"https://{LANE}/{key}"),
    }
    return Wanted.model_validate({**given, **facts})


def fetched(connection: Connection, *keys: str, **facts: Any) -> None:
    """Rows whose pages were fetched and wait to be read."""
    for key in keys:
        frontier.bring(connection, wanted(key, **facts), PAGE)


def hold(connection: Connection, lane: str = LANE) -> lanes.Lease:
    """A lease on a lane that nobody has."""
    lease = lanes.acquire(connection, lane, "test")
    assert lease is not None
    return lease


def next_due(connection: Connection, lane: str = LANE) -> Item:
    """What a lane would fetch now."""
    item = fetching.next_due(connection, lane)
    assert item is not None
    return item


def expire(connection: Connection, table: str) -> None:
    """Let every lease of a table have run out a minute ago."""
    connection.execute(text(f"UPDATE {table} SET lease_until = lease_until - 3600 WHERE lease_until IS NOT NULL"))  # noqa: S608
