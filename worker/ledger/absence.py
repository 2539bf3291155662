"""The mark that a page without a report leaves, and when a page that was a report is believed to be gone."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import Connection, func, select, update

from worker.ledger import outbox
from worker.ledger.engine import insert, now
from worker.ledger.schema import publications, reports
from worker.outcomes import Ended, Outcome

log = structlog.get_logger()

_DAY = 86400.0
GONE_TIMES = 3
GONE_SECONDS = _DAY
MASS_PAGES = 10
MASS_SHARE = 0.3
RETRY_AFTER = {Outcome.GONE: 3600.0, Outcome.BLOCKED: 6 * 3600.0, Outcome.SKIPPED: 7 * _DAY, Outcome.FAILED: 3600.0}
_MOST_DOUBLINGS = 24


def note(connection: Connection, portal: str, key: str, ended: Ended, row_mark: str | None) -> None:
    """Remember a page that ended without a report, so that no run fetches it in vain, and visit it again later.

    A page that was a report once is gone after three sights over at least a day, and only while few pages of its
    portal are missing: a mass of them means that the portal moved, not that it took its reports back.
    """
    at = now(connection)
    mine = (publications.c.portal == portal, publications.c.key == key)
    row = connection.execute(select(publications).where(*mine)).mappings().first()
    gone = ended.outcome is Outcome.GONE
    times = (int(row["missing_times"]) if row else 0) + 1 if gone else 0
    since = (row["missing_since"] if row and row["missing_since"] else at) if gone else None
    values: dict[str, Any] = {
        "checked_at": at,
        "next_visit_at": at + RETRY_AFTER.get(ended.outcome, _DAY) * min(max(times, 1), _MOST_DOUBLINGS),
        "missing_since": since,
        "missing_times": times,
    }
    if row_mark:
        values["row_mark"] = row_mark
    if row is None or not row["version"]:
        _mark(connection, portal, key, ended, {**values, "state": ended.outcome.value})
        return
    connection.execute(update(publications).where(*mine).values(**values))
    confirmed = since is not None and times >= GONE_TIMES and at - since >= GONE_SECONDS
    if confirmed and row["state"] != Outcome.GONE.value:
        _believe(connection, row)


def _mark(connection: Connection, portal: str, key: str, ended: Ended, values: dict[str, Any]) -> None:
    at = values["checked_at"]
    statement = insert(connection, publications).values(
        portal=portal, key=key, url=ended.url, first_seen_at=at, last_seen_at=at, version=0, diverged=False, **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["portal", "key"], set_=values))


def _believe(connection: Connection, row: Any) -> None:
    """Set a publication gone, and tell of it when it led a report; or say that its portal seems to have moved."""
    known = (publications.c.portal == row["portal"], publications.c.version > 0)
    query = select(func.count(), func.count(publications.c.missing_since)).where(*known)
    total, missing = connection.execute(query).one()
    if missing > MASS_PAGES and missing > MASS_SHARE * total:
        log.warning("portal.vanished", portal=row["portal"], missing=missing, known=total)
        return
    connection.execute(update(publications).where(publications.c.id == row["id"]).values(state=Outcome.GONE.value))
    led = select(reports.c.id, reports.c.document).where(reports.c.lead_id == row["id"])
    for report in connection.execute(led):
        outbox.tell(connection, "report.gone", report.id, report.document, backfill=False)
