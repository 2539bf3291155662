"""Keeps what the ledger knows of pages that a crawl should have stored and did not, before its database is dropped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, and_, func, not_, or_, select

from worker.ledger import history
from worker.ledger.frontier import Priority
from worker.ledger.schema import columns, frontier, lanes, publications, runs, schedule
from worker.replica.truth import Truth

MOST_PAGES = 50


def left(connection: Connection) -> int:
    """How many pages are still to come to an end: all that wait, but for revisits and what was set aside.

    A run is over when its pages are stored or put off past it, so that all runs were good does not say that all pages
    were read.
    """
    again = and_(frontier.c.priority == int(Priority.REVISIT), frontier.c.run_id.is_(None))
    waits = or_(frontier.c.kind == "list", not_(again))
    query = select(func.count()).where(frontier.c.state != "quarantined", waits)
    return int(connection.execute(query).scalar_one())


def of_difference(connection: Connection, truth: Iterable[Truth], lines: Iterable[str]) -> list[dict[str, Any]]:
    """Each page of `truth` that is not stored as it should be, with all that is known of it, of its portal and lane.

    `lines` are what the processes logged; those that name the page's address or portal are kept. Then each hash that
    is stored and is none of `truth`.
    """
    wanted = {page.content_hash: page for page in truth if page.content_hash}
    stored = {
        row.content_hash: row
        for row in connection.execute(
            select(publications.c.content_hash, publications.c.portal, publications.c.url).where(
                publications.c.content_hash.is_not(None)
            )
        )
    }
    logged = list(lines)
    lost = [page for digest, page in wanted.items() if digest not in stored]
    strange = [row for digest, row in stored.items() if digest not in wanted]
    found = [_of_page(connection, page, logged) for page in lost[:MOST_PAGES]]
    found += [{"unexpected": dict(row._mapping)} for row in strange[:MOST_PAGES]]
    if len(lost) > MOST_PAGES or len(strange) > MOST_PAGES:
        found.append({"lost": len(lost), "unexpected": len(strange)})
    return json.loads(json.dumps(found, ensure_ascii=False, default=str))  # type: ignore[no-any-return]


def _of_page(connection: Connection, page: Truth, lines: list[str]) -> dict[str, Any]:
    tail = page.url.partition("://")[2]
    keys = history.pages_at(connection, [page.url])
    waiting = _rows(connection, frontier, frontier.c.portal == page.portal)
    keys += [(row["portal"], row["key"]) for row in waiting if tail in row["request"]["url"]]
    return {
        "page": page.model_dump(mode="json"),
        "why": [history.story(connection, portal, key) for portal, key in dict.fromkeys(keys)],
        "frontier": waiting,
        "lanes": _rows(
            connection, lanes, lanes.c.name.in_({row["lane"] for row in waiting} | {tail.partition("/")[0]})
        ),
        "columns": _rows(connection, columns, columns.c.portal == page.portal),
        "schedule": _rows(connection, schedule, schedule.c.portal == page.portal),
        "runs": _rows(connection, runs, runs.c.portal == page.portal),
        "log": [line for line in lines if page.portal in line][-50:],
    }


def _rows(connection: Connection, table: Table, which: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).where(which)).mappings()]
