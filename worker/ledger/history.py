"""What happened to an address: one line for each outcome, and the marks that a page without a report leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Select, select, update

from crawlers.models import Value
from worker.ledger import absence
from worker.ledger.engine import insert, now
from worker.ledger.frontier import Priority
from worker.ledger.library import utc
from worker.ledger.schema import frontier, publications, reports, schedule, versions, visits
from worker.outcomes import Ended, Outcome


class Mark(Value):
    """What discovery must know of a page that a list shows again."""

    key: str
    row_mark: str | None
    first_seen_at: float
    state: str


def marks(connection: Connection, portal: str, keys: Iterable[str]) -> dict[str, Mark]:
    """Which of these pages are known, and what their list row said last."""
    query = select(
        publications.c.key, publications.c.row_mark, publications.c.first_seen_at, publications.c.state
    ).where(publications.c.portal == portal, publications.c.key.in_(list(keys)))
    return {row.key: Mark.model_validate(row._asdict()) for row in connection.execute(query)}


def validators(connection: Connection, portal: str, key: str) -> tuple[str | None, str | None]:
    """The ETag and Last-Modified of a page's last reading.

    Every fifth visit gets none, because validators lie: a page that always says 304 would never be read again.
    """
    query = select(publications.c.etag, publications.c.last_modified, publications.c.visits, publications.c.version)
    row = connection.execute(query.where(publications.c.portal == portal, publications.c.key == key)).first()
    if row is None or not row.version or row.visits % 5 == 4:
        return None, None
    return row.etag, row.last_modified


def not_modified(connection: Connection, portal: str, key: str, pause: float) -> tuple[str | None, str | None]:
    """Move last-seen on for a page whose host says 304; returns its report and content hash."""
    at = now(connection)
    values = {"last_seen_at": at, "checked_at": at, "next_visit_at": at + pause, "visits": publications.c.visits + 1}
    statement = update(publications).where(publications.c.portal == portal, publications.c.key == key).values(**values)
    row = connection.execute(statement.returning(publications.c.report_id, publications.c.content_hash)).one()
    return row.report_id, row.content_hash


def end(connection: Connection, key: str, ended: Ended, run_id: int | None = None, row_mark: str | None = None) -> None:
    """Write down how a page ended; one without a report also leaves a mark."""
    at, portal = now(connection), ended.portal or ""
    connection.execute(
        insert(connection, visits).values(
            portal=portal,
            key=key,
            url=ended.url,
            at=at,
            outcome=ended.outcome.value,
            reason=ended.reason,
            detail=ended.error,
            run_id=run_id,
            report_id=ended.report_id,
        )
    )
    if ended.report_id is None:
        absence.note(connection, portal, key, ended, row_mark)


def last_end(connection: Connection, portal: str, key: str, since: float) -> Ended | None:
    """How a page ended last, if that was not before `since` (seconds since 1970 by the database's clock)."""
    mine = (visits.c.portal == portal, visits.c.key == key, visits.c.at >= since)
    row = connection.execute(select(visits).where(*mine).order_by(visits.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    said = select(publications.c.content_hash).where(publications.c.portal == portal, publications.c.key == key)
    return Ended(
        portal=row.portal or None,
        url=row.url,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        error=row.detail,
        report_id=row.report_id,
        content_hash=connection.execute(said).scalar() if row.report_id else None,
    )


def of_runs(connection: Connection, run_ids: Iterable[int]) -> list[dict[str, Any]]:
    """How each page of these runs ended, with what is known of it: portal, url, outcome, reason, title and so on."""
    same = (publications.c.portal == visits.c.portal) & (publications.c.key == visits.c.key)
    said = (publications.c.title, publications.c.published_at, publications.c.content_hash)
    query = (
        select(visits.c.portal, visits.c.url, visits.c.outcome, visits.c.reason, visits.c.report_id, *said)
        .outerjoin(publications, same)
        .where(visits.c.run_id.in_(list(run_ids)))
        .order_by(visits.c.portal, publications.c.published_at.desc(), visits.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def to_revisit(connection: Connection, portals: Collection[str], limit: int) -> list[tuple[str, str, str]]:
    """Portal, key and address of pages of these portals whose next visit is due, the longest overdue first.

    A portal whose last batch still waits gets no further one, so that revisits keep to a share of its lane; what was
    put off or set aside is not waited for. A paused portal gets none.
    """
    batch = (frontier.c.priority == int(Priority.REVISIT), frontier.c.run_id.is_(None))
    waiting = (frontier.c.state != "quarantined", frontier.c.next_attempt_at <= now(connection))
    busy = select(frontier.c.portal).where(*batch, *waiting)
    paused = select(schedule.c.portal).where(schedule.c.paused_at.is_not(None))
    waits = select(frontier.c.id).where(
        frontier.c.portal == publications.c.portal, frontier.c.key == publications.c.key
    )
    query = (
        select(publications.c.portal, publications.c.key, publications.c.url)
        .where(publications.c.next_visit_at <= now(connection))
        .where(publications.c.portal.in_(list(portals)), publications.c.portal.not_in(paused))
        .where(publications.c.portal.not_in(busy), ~waits.exists())
        .order_by(publications.c.next_visit_at)
        .limit(limit)
    )
    return [(row.portal, row.key, row.url) for row in connection.execute(query)]


def postpone(connection: Connection, portal: str, key: str, seconds: float) -> None:
    """Let the next visit to a page be due so many seconds from now."""
    mine = (publications.c.portal == portal, publications.c.key == key)
    connection.execute(update(publications).where(*mine).values(next_visit_at=now(connection) + seconds))


def pages_at(connection: Connection, urls: Iterable[str]) -> list[tuple[str, str]]:
    """The (portal, key) of everything known under these addresses."""
    wanted = list(urls)
    query = select(publications.c.portal, publications.c.key).where(publications.c.url.in_(wanted))
    return [(row.portal, row.key) for row in connection.execute(query)]


def story(connection: Connection, portal: str, key: str) -> dict[str, Any] | None:
    """Everything known of one page: its standing, versions, visits, report and what waits; None if unknown."""
    page = _row(connection, select(publications).where(publications.c.portal == portal, publications.c.key == key))
    waiting = _row(connection, select(frontier).where(frontier.c.portal == portal, frontier.c.key == key))
    seen = _rows(
        connection,
        select(visits.c.at, visits.c.url, visits.c.outcome, visits.c.reason, visits.c.detail, visits.c.run_id)
        .where(visits.c.portal == portal, visits.c.key == key)
        .order_by(visits.c.id),
    )
    if page is None and waiting is None and not seen:
        return None
    said, report = [], None
    if page is not None:
        listed = (versions.c.number, versions.c.content_hash, versions.c.seen_at, versions.c.extractor, versions.c.raw)
        query = select(*listed).where(versions.c.publication_id == page["id"])
        said = [_with_times(version) for version in _rows(connection, query.order_by(versions.c.number))]
        about = select(reports.c.id, reports.c.title, reports.c.content_hash, reports.c.merged_into)
        report = _row(connection, about.where(reports.c.id == page["report_id"]))
    url = page["url"] if page else waiting["request"]["url"] if waiting else seen[-1]["url"]
    return {
        "portal": portal or None,
        "key": key,
        "url": url,
        "page": page and {**page, "portal": portal or None},
        "versions": said,
        "visits": seen,
        "report": report,
        "waiting": waiting and _with_times(waiting),
    }


def _with_times(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose archived pages tell when they were fetched as everything else does."""
    return {**row, "raw": [{**raw, "fetched_at": utc(raw["fetched_at"])} for raw in row["raw"] or ()]}


def _row(connection: Connection, query: Select[Any]) -> dict[str, Any] | None:
    return next(iter(_rows(connection, query)), None)


def _rows(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    """Rows with their times in UTC; columns that are times end in _at, or are called at, since or until."""
    return [
        {
            name: utc(value) if isinstance(value, float) and name.endswith(("at", "since", "until")) else value
            for name, value in row.items()
        }
        for row in connection.execute(query).mappings()
    ]
