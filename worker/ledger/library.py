"""Reading the store: reports for people, exports and the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, or_, select

from crawlers.models import Value
from worker.ledger import sketches
from worker.ledger.schema import publications, reports

_BATCH = 500


def newest(
    connection: Connection, limit: int, portal: str | None = None, since: float | None = None
) -> list[dict[str, Any]]:
    """The reports seen last, newest first; `since` is seconds since 1970."""
    query = _filtered(portal, since).order_by(reports.c.first_seen_at.desc(), reports.c.id.desc()).limit(limit)
    return [dict(document) for document in connection.execute(query).scalars()]


class Place(Value):
    """A place in the list of reports, newest first: that of the report that was read last."""

    first_seen_at: float
    id: str


def page(
    connection: Connection,
    limit: int,
    portal: str | None = None,
    since: float | None = None,
    after: Place | None = None,
) -> tuple[list[dict[str, Any]], Place | None]:
    """Reports behind a place, newest first, and the place to go on from: None at the end."""
    query = _filtered(portal, since).add_columns(reports.c.first_seen_at, reports.c.id)
    if after is not None:
        at, last = reports.c.first_seen_at, after.first_seen_at
        query = query.where(or_(at < last, and_(at == last, reports.c.id < after.id)))
    rows = connection.execute(query.order_by(reports.c.first_seen_at.desc(), reports.c.id.desc()).limit(limit)).all()
    full = len(rows) == limit
    return [dict(row.document) for row in rows], Place(first_seen_at=rows[-1][1], id=rows[-1][2]) if full else None


def by_ids(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """These reports, in the order of the ids."""
    query = select(reports.c.id, reports.c.document).where(reports.c.id.in_(ids))
    found = {row.id: dict(row.document) for row in connection.execute(query)}
    return [found[report_id] for report_id in ids if report_id in found]


def whole(connection: Connection, report_id: str) -> dict[str, Any] | None:
    """A report with its publications, the lead first; None if there is none of that id."""
    row = connection.execute(select(reports).where(reports.c.id == report_id)).mappings().first()
    if row is None:
        return None
    query = select(publications).where(publications.c.report_id == report_id).order_by(publications.c.first_seen_at)
    pages = sorted(connection.execute(query).mappings(), key=lambda page: page["id"] != row["lead_id"])
    return {
        **row["document"],
        "merged_into": row["merged_into"],
        "near": sketches.near(connection, report_id),
        "publications": [
            {
                "portal": page["portal"] or None,
                "url": page["url"],
                "title": page["title"],
                "published_at": page["published_at"],
                "source": page["source"],
                "diverged": page["diverged"],
                "first_seen_at": utc(page["first_seen_at"]),
                "last_seen_at": utc(page["last_seen_at"]),
            }
            for page in pages
        ],
    }


def every(ledger: Engine, portal: str | None = None, since: float | None = None) -> Iterator[dict[str, Any]]:
    """All reports in the order in which they were first seen, a few in each transaction.

    Whoever takes them may be slow, a pager or a full pipe, and on SQLite an open transaction holds up every writer.
    """
    at, name, last = reports.c.first_seen_at, reports.c.id, None
    query = _filtered(portal, since).add_columns(at, name).order_by(at, name).limit(_BATCH)
    while True:
        further = query if last is None else query.where(or_(at > last[1], and_(at == last[1], name > last[2])))
        with ledger.begin() as connection:
            rows = connection.execute(further).all()
        for row in rows:
            yield dict(row.document)
        if len(rows) < _BATCH:
            return
        last = rows[-1]


def utc(seconds: float) -> str:
    """Seconds since 1970 as UTC with Z."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _filtered(portal: str | None, since: float | None) -> Select[Any]:
    query = select(reports.c.document).where(reports.c.merged_into.is_(None))
    if portal is not None:
        query = query.where(reports.c.portal == portal)
    if since is not None:
        query = query.where(reports.c.first_seen_at >= since)
    return query
