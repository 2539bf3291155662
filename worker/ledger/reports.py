"""What is known: publications, their versions, and the reports that they publish.

`store` is the decision table of identity, carried out in one transaction:

    publication  content hash                     then                                           outcome
    new          new                              a new report, led by this publication          new
    new          known                            joins that report as a sighting                duplicate
    known        as its last version              last seen is moved on                          unchanged
    known        new, or an earlier one of its    next version; the report follows its lead,     revised
                 own                              another publication is marked as diverged
    known        that of another report           the publication moves there, history kept      moved
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, func, select, update

from crawlers.models import Extract, Report, Value
from worker.fingerprint import RECIPE
from worker.identity import Facts, first_that_agrees
from worker.ledger import outbox, search
from worker.ledger.engine import insert, lock_names, now
from worker.ledger.frontier import Archived, StaleClaim
from worker.ledger.schema import contents, publications, reports, versions
from worker.outcomes import Outcome

_DAY = 86400.0
VISIT_AFTER = (3600.0, 6 * 3600.0, _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY)


class Reading(Value):
    """A page as it was read: what it says, under which name, and from which bytes.

    `last_version` is the version that the reader compared with, and `last_reread` that version's hash when its
    archived page is read with today's code: None where there was nothing to compare.
    """

    portal: str
    key: str
    url: str
    extract: Extract
    facts: Facts
    content_hash: str
    raw: tuple[Archived, ...]
    raw_sha256: str
    row_mark: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    backfill: bool = False
    last_version: int = 0
    last_reread: str | None = None


class Known(Value):
    """What the ledger holds of a publication before it is read again."""

    id: int
    version: int
    content_hash: str | None
    recipe: int | None
    raw: tuple[Archived, ...]


class Stored(Value):
    """What storing did."""

    outcome: Outcome
    report_id: str
    event: str | None = None


def known(connection: Connection, portal: str, key: str) -> Known | None:
    """The publication and its last version, if it has one."""
    query = (
        select(publications.c.id, publications.c.version, versions.c.content_hash, versions.c.recipe, versions.c.raw)
        .join(
            versions, (versions.c.publication_id == publications.c.id) & (versions.c.number == publications.c.version)
        )
        .where(publications.c.portal == portal, publications.c.key == key)
    )
    row = connection.execute(query).mappings().first()
    return Known.model_validate(dict(row)) if row else None


def store(connection: Connection, reading: Reading) -> Stored:
    """Carry out the decision table for one page, with its outbox row. Raises StaleClaim when the page moved on."""
    lock_names(connection, [f"content {reading.content_hash}", f"page {reading.portal} {reading.key}"])
    mine = (publications.c.portal == reading.portal, publications.c.key == reading.key)
    row = connection.execute(select(publications).where(*mine)).mappings().first()
    version = int(row["version"]) if row else 0
    if version != reading.last_version:
        raise StaleClaim(f"{reading.url} was stored by somebody else meanwhile")
    page_id = _see(connection, reading)
    if row is None or not version:
        return _first_version(connection, reading, page_id)
    if reading.content_hash in (row["content_hash"], reading.last_reread):
        return _same(connection, reading, page_id, row)
    candidate = _report_of(connection, reading, own=row["report_id"])
    if candidate and candidate != row["report_id"]:
        return _move(connection, reading, page_id, row, candidate)
    return _revise(connection, reading, page_id, row)


def _see(connection: Connection, reading: Reading) -> int:
    """Move last-seen on and note what the page says now; make the publication if it is new."""
    at = now(connection)
    values: dict[str, Any] = {
        "url": reading.url,
        "state": "live",
        "title": reading.extract.title,
        "published_at": reading.extract.published_at,
        "source": reading.extract.source,
        "last_seen_at": at,
        "checked_at": at,
        "etag": reading.etag,
        "last_modified": reading.last_modified,
        "missing_since": None,
        "missing_times": 0,
    }
    if reading.row_mark:
        values["row_mark"] = reading.row_mark
    statement = insert(connection, publications).values(
        portal=reading.portal, key=reading.key, first_seen_at=at, version=0, diverged=False, **values
    )
    statement = statement.on_conflict_do_update(
        index_elements=["portal", "key"], set_={**values, "visits": publications.c.visits + 1}
    )
    row = connection.execute(statement.returning(publications.c.id, publications.c.visits)).one()
    pause = VISIT_AFTER[min(row.visits, len(VISIT_AFTER) - 1)]
    connection.execute(update(publications).where(publications.c.id == row.id).values(next_visit_at=at + pause))
    return int(row.id)


def _first_version(connection: Connection, reading: Reading, page_id: int) -> Stored:
    candidate = _report_of(connection, reading)
    if candidate is not None:
        _write_version(connection, reading, page_id, 1, candidate)
        _mark_diverged(connection, candidate)  # it may join by what the report said earlier
        event = _tell(connection, "report.sighted", candidate, reading)
        return Stored(outcome=Outcome.DUPLICATE, report_id=candidate, event=event)
    seed = f"{reading.portal}\n{reading.key}\n{reading.content_hash}"
    report_id = "r" + hashlib.sha256(seed.encode()).hexdigest()[:19]
    document = _document(connection, reading, report_id, first_seen_at=now(connection))
    connection.execute(
        insert(connection, reports).values(
            id=report_id, lead_id=page_id, **_columns(document, changed_at=now(connection))
        )
    )
    search.index(connection, document)
    _know(connection, reading, report_id)
    _write_version(connection, reading, page_id, 1, report_id)
    event = _tell(connection, "report.new", report_id, reading)
    return Stored(outcome=Outcome.NEW, report_id=report_id, event=event)


def _same(connection: Connection, reading: Reading, page_id: int, row: Any) -> Stored:
    """Nothing was revised; what today's code or the page's surroundings say differently is noted, and not told."""
    report_id = str(row["report_id"])
    last = (versions.c.publication_id == page_id, versions.c.number == row["version"])
    before = connection.execute(select(versions.c.content_hash, versions.c.extract).where(*last)).mappings().one()
    extract = reading.extract.model_dump(mode="json")
    if before["content_hash"] != reading.content_hash or before["extract"] != extract:
        values = {"content_hash": reading.content_hash, "recipe": RECIPE, "extract": extract}
        connection.execute(update(versions).where(*last).values(extractor=reading.extract.extractor, **values))
        connection.execute(
            update(publications).where(publications.c.id == page_id).values(content_hash=reading.content_hash)
        )
        _know(connection, reading, report_id)
        _follow_lead(connection, reading, page_id, report_id)
    return Stored(outcome=Outcome.UNCHANGED, report_id=report_id)


def _revise(connection: Connection, reading: Reading, page_id: int, row: Any) -> Stored:
    report_id = str(row["report_id"])
    _know(connection, reading, report_id)
    _write_version(connection, reading, page_id, int(row["version"]) + 1, report_id)
    leads = _follow_lead(connection, reading, page_id, report_id)
    _mark_diverged(connection, report_id)
    event = _tell(connection, "report.revised" if leads else "report.diverged", report_id, reading)
    return Stored(outcome=Outcome.REVISED, report_id=report_id, event=event)


def _move(connection: Connection, reading: Reading, page_id: int, row: Any, target: str) -> Stored:
    """The page now says what another report says: it goes there, and its old report gets a new lead or is merged."""
    left = str(row["report_id"])
    _write_version(connection, reading, page_id, int(row["version"]) + 1, target)
    heir = connection.execute(
        select(publications.c.id)
        .where(publications.c.report_id == left)
        .order_by(publications.c.first_seen_at)
        .limit(1)
    ).scalar()
    lead = connection.execute(select(reports.c.lead_id).where(reports.c.id == left)).scalar()
    if heir is None:
        connection.execute(update(reports).where(reports.c.id == left).values(merged_into=target, lead_id=None))
    elif lead == page_id:
        _inherit(connection, left, heir)
    _mark_diverged(connection, left)
    _mark_diverged(connection, target)
    return Stored(outcome=Outcome.MOVED, report_id=target, event=_tell(connection, "report.moved", target, reading))


def _inherit(connection: Connection, report_id: str, heir: int) -> None:
    """Let a report that its lead has left be led by another publication, and say what that one says."""
    current = (publications.c.id == versions.c.publication_id) & (publications.c.version == versions.c.number)
    query = select(versions, publications.c.portal, publications.c.url).join(publications, current)
    said = connection.execute(query.where(publications.c.id == heir)).mappings().one()
    first_seen_at = connection.execute(select(reports.c.first_seen_at).where(reports.c.id == report_id)).scalar_one()
    document = Report.model_validate(
        {
            **said["extract"],
            "id": report_id,
            "content_hash": said["content_hash"],
            "recipe": said["recipe"],
            "portal": said["portal"] or None,
            "url": said["url"],
            "raw_sha256": said["raw_sha256"],
            "fetched_at": said["raw"][-1]["fetched_at"],
            "first_seen_at": first_seen_at,
        }
    )
    values = _columns(document, changed_at=now(connection))
    connection.execute(update(reports).where(reports.c.id == report_id).values(lead_id=heir, **values))
    search.index(connection, document)


def _report_of(connection: Connection, reading: Reading, own: str | None = None) -> str | None:
    """The page's own report if it is known by this content, else the oldest living one that nothing contradicts."""
    query = (
        select(contents.c.report_id, contents.c.facts)
        .join(reports, reports.c.id == contents.c.report_id)
        .where(contents.c.content_hash == reading.content_hash, reports.c.merged_into.is_(None))
        .order_by(reports.c.first_seen_at, reports.c.id)
    )
    rows = connection.execute(query).all()
    if own in {row.report_id for row in rows}:
        return own
    return first_that_agrees(((row.report_id, Facts.model_validate(row.facts)) for row in rows), reading.facts)


def _know(connection: Connection, reading: Reading, report_id: str) -> None:
    """From now on this content means that report."""
    statement = insert(connection, contents).values(
        content_hash=reading.content_hash, report_id=report_id, facts=reading.facts.model_dump(mode="json")
    )
    connection.execute(statement.on_conflict_do_nothing())


def _write_version(connection: Connection, reading: Reading, page_id: int, number: int, report_id: str) -> None:
    connection.execute(
        insert(connection, versions).values(
            publication_id=page_id,
            number=number,
            content_hash=reading.content_hash,
            recipe=RECIPE,
            report_id=report_id,
            raw=[archived.model_dump() for archived in reading.raw],
            raw_sha256=reading.raw_sha256,
            seen_at=now(connection),
            extractor=reading.extract.extractor,
            extract=reading.extract.model_dump(mode="json"),
        )
    )
    values: dict[str, Any] = {"version": number, "content_hash": reading.content_hash, "report_id": report_id}
    if number > 1:
        values |= {"visits": 0, "next_visit_at": now(connection) + VISIT_AFTER[0]}
    connection.execute(update(publications).where(publications.c.id == page_id).values(diverged=False, **values))


def _follow_lead(connection: Connection, reading: Reading, page_id: int, report_id: str) -> bool:
    """Let the report say what its lead says now; False when this publication does not lead it."""
    row = connection.execute(select(reports).where(reports.c.id == report_id)).mappings().one()
    if row["lead_id"] != page_id:
        return False
    document = _document(connection, reading, report_id, first_seen_at=row["first_seen_at"])
    values = _columns(document, changed_at=now(connection))
    connection.execute(update(reports).where(reports.c.id == report_id).values(**values))
    search.index(connection, document)
    return True


def _mark_diverged(connection: Connection, report_id: str) -> None:
    """A publication diverges while it says something else than its report."""
    said = select(reports.c.content_hash).where(reports.c.id == report_id).scalar_subquery()
    statement = update(publications).where(publications.c.report_id == report_id)
    connection.execute(statement.values(diverged=publications.c.content_hash != said))


def _document(connection: Connection, reading: Reading, report_id: str, *, first_seen_at: float) -> Report:
    return Report.model_validate(
        {
            **reading.extract.model_dump(),
            "id": report_id,
            "content_hash": reading.content_hash,
            "recipe": RECIPE,
            "portal": reading.portal or None,
            "url": reading.url,
            "raw_sha256": reading.raw_sha256,
            "fetched_at": reading.raw[-1].fetched_at,
            "first_seen_at": first_seen_at,
        }
    )


def _columns(document: Report, *, changed_at: float) -> dict[str, Any]:
    assert document.first_seen_at is not None  # noqa: S101 - a stored report was seen
    return {
        "content_hash": document.content_hash,
        "portal": document.portal or "",
        "title": document.title,
        "published_at": document.published_at,
        "first_seen_at": document.first_seen_at.timestamp(),
        "changed_at": changed_at,
        "document": document.model_dump(mode="json"),
    }


def _tell(connection: Connection, kind: outbox.Kind, report_id: str, reading: Reading) -> str:
    document = connection.execute(select(reports.c.document).where(reports.c.id == report_id)).scalar_one()
    outbox.tell(connection, kind, report_id, document, backfill=reading.backfill)
    return kind


def count(connection: Connection) -> int:
    """How many reports there are."""
    return int(connection.execute(select(func.count()).select_from(reports)).scalar_one())
