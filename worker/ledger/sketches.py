"""Which reports resemble each other: sketches, the bands by which they are found, and the pairs that were flagged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select

from crawlers.models import Value
from worker.ledger.engine import insert, lock_names, now
from worker.ledger.schema import bands, near_duplicates, reports, sketches

_MOST_COMPARED = 50  # a band that very many share is template text, not kinship


class Sketch(Value):
    """A MinHash digest of one report's content, and the bands that it is found by."""

    report_id: str
    content_hash: str
    version: int
    digest: tuple[int, ...]
    bands: tuple[int, ...]


class Near(Value):
    """A report that resembles another, how much (0 to 1), and the lines that differ."""

    other_id: str
    similarity: float
    differences: tuple[dict[str, str], ...]


def missing(connection: Connection, version: int, limit: int) -> list[dict[str, Any]]:
    """Documents of reports without a sketch of that version and of their present content."""
    current = and_(
        sketches.c.report_id == reports.c.id,
        sketches.c.version == version,
        sketches.c.content_hash == reports.c.content_hash,
    )
    query = (
        select(reports.c.document)
        .outerjoin(sketches, current)
        .where(sketches.c.report_id.is_(None), reports.c.merged_into.is_(None))
        .order_by(reports.c.first_seen_at)
        .limit(limit)
    )
    return [dict(document) for document in connection.execute(query).scalars()]


def sharing_a_band(connection: Connection, mine: Sketch) -> list[tuple[Sketch, str]]:
    """Sketches that share a band with this one, each with its report's body."""
    ids = (
        select(bands.c.report_id)
        .where(bands.c.band.in_(mine.bands), bands.c.report_id != mine.report_id)
        .distinct()
        .limit(_MOST_COMPARED)
    )
    query = (
        select(sketches, reports.c.document)
        .join(reports, reports.c.id == sketches.c.report_id)
        .where(sketches.c.report_id.in_(ids), sketches.c.version == mine.version)
    )
    found = []
    for row in connection.execute(query).mappings():
        fields = {name: row[name] for name in ("report_id", "content_hash", "version", "digest")}
        found.append((Sketch.model_validate({**fields, "bands": ()}), str(row["document"]["body"])))
    return found


def keep(connection: Connection, mine: Sketch, near: Sequence[Near]) -> None:
    """Store a sketch in place of an older one, and the pairs that it belongs to; who does so at once waits."""
    lock_names(connection, [f"sketch {mine.report_id}"])
    about = or_(near_duplicates.c.report_id == mine.report_id, near_duplicates.c.other_id == mine.report_id)
    connection.execute(delete(near_duplicates).where(about))
    connection.execute(delete(bands).where(bands.c.report_id == mine.report_id))
    values = mine.model_dump(exclude={"bands"})
    statement = insert(connection, sketches).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=["report_id"], set_=values))
    connection.execute(insert(connection, bands), [{"band": band, "report_id": mine.report_id} for band in mine.bands])
    for pair in near:
        row = {"report_id": mine.report_id, **pair.model_dump(), "version": mine.version, "found_at": now(connection)}
        connection.execute(insert(connection, near_duplicates).values(**row))


def near(connection: Connection, report_id: str) -> list[dict[str, Any]]:
    """What resembles a report, the most alike first."""
    query = (
        select(near_duplicates, reports.c.title, reports.c.portal)
        .join(
            reports,
            or_(
                and_(near_duplicates.c.report_id == report_id, reports.c.id == near_duplicates.c.other_id),
                and_(near_duplicates.c.other_id == report_id, reports.c.id == near_duplicates.c.report_id),
            ),
        )
        .order_by(near_duplicates.c.similarity.desc())
    )
    return [
        {
            "report_id": row["other_id"] if row["report_id"] == report_id else row["report_id"],
            "portal": row["portal"] or None,
            "title": row["title"],
            "similarity": row["similarity"],
            "differences": row["differences"],
        }
        for row in connection.execute(query).mappings()
    ]
