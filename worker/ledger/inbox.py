"""Who asked for which page? Requests from other systems, each kept so that its repetition is known for one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from crawlers.models import Value
from worker.ledger.engine import insert, now
from worker.ledger.schema import frontier, ingest_requests, visits
from worker.outcomes import Outcome

ID = re.compile(r"in_[0-9a-f]{24}")


class Asked(Value):
    """One address of a request; without a portal it was refused, and `reason` says why."""

    url: str
    portal: str | None = None
    key: str | None = None
    reason: str | None = None


class Arrival(Value):
    """A request as it came: its sender, the sender's id for it, and the SHA-256 of its bytes as hex."""

    sender: str
    message_id: str
    digest: str
    urls: tuple[Asked, ...]


class Received(Value):
    """A request that was kept; `repeated` says that it had been kept before. `at` is seconds since 1970."""

    id: str
    at: float
    urls: tuple[Asked, ...]
    repeated: bool = False


class Standing(Value):
    """Where one address of a request stands: `queued`, `refused`, or the outcome that it came to."""

    url: str
    outcome: str
    reason: str | None = None
    error: str | None = None
    report_id: str | None = None
    at: float | None = None


def receive(connection: Connection, arrival: Arrival) -> Received | None:
    """Keep a request, or find that it was kept already; None for a known id with another body.

    The id that is given out is random, so that knowing it is the permission to ask how the request went.
    """
    at, request_id = now(connection), f"in_{secrets.token_hex(12)}"
    urls = [asked.model_dump() for asked in arrival.urls]
    names = {"sender": arrival.sender, "message_id": arrival.message_id, "digest": arrival.digest}
    statement = insert(connection, ingest_requests).values(id=request_id, received_at=at, urls=urls, **names)
    kept = connection.execute(statement.on_conflict_do_nothing().returning(ingest_requests.c.id)).scalar()
    if kept is not None:
        return Received(id=request_id, at=at, urls=arrival.urls)
    query = select(ingest_requests).where(
        ingest_requests.c.sender == arrival.sender, ingest_requests.c.message_id == arrival.message_id
    )
    row = connection.execute(query).mappings().one()
    if row["digest"] != arrival.digest:
        return None
    return Received(id=row["id"], at=row["received_at"], urls=row["urls"], repeated=True)


def find(connection: Connection, request_id: str) -> Received | None:
    """A request that was kept."""
    query = select(ingest_requests).where(ingest_requests.c.id == request_id)
    row = connection.execute(query).mappings().first()
    return Received(id=row["id"], at=row["received_at"], urls=row["urls"], repeated=True) if row else None


def standings(connection: Connection, received: Received) -> list[Standing]:
    """How far every address of a request has come since it was received."""
    return [_standing(connection, asked, received.at) for asked in received.urls]


def count(connection: Connection) -> int:
    """How many requests were kept."""
    return int(connection.execute(select(func.count()).select_from(ingest_requests)).scalar_one())


def _standing(connection: Connection, asked: Asked, since: float) -> Standing:
    if asked.portal is None:
        return Standing(url=asked.url, outcome="refused", reason=asked.reason)
    ends = _ends(connection, asked, since)
    final = next((end for end in ends if end.outcome != Outcome.FAILED), None)
    if final is not None:
        return final
    last = ends[-1] if ends else None
    query = select(frontier.c.state, frontier.c.error).where(
        frontier.c.portal == asked.portal, frontier.c.key == asked.key
    )
    waiting = connection.execute(query).first()
    if waiting is None:  # a failure that nothing comes after is the end
        return last or Standing(url=asked.url, outcome=Outcome.FAILED, reason="lost")
    if waiting.state == "quarantined":
        return Standing(url=asked.url, outcome=Outcome.QUARANTINED, error=waiting.error)
    return Standing(url=asked.url, outcome="queued", reason=last.reason if last else None, error=waiting.error)


def _ends(connection: Connection, asked: Asked, since: float) -> Sequence[Standing]:
    """What the page came to since then, oldest first; a failure may be followed by another attempt."""
    query = (
        select(visits.c.outcome, visits.c.reason, visits.c.detail, visits.c.report_id, visits.c.at)
        .where(visits.c.portal == asked.portal, visits.c.key == asked.key, visits.c.at >= since)
        .order_by(visits.c.id)
        .limit(50)
    )
    return [
        Standing(url=asked.url, outcome=r.outcome, reason=r.reason, error=r.detail, report_id=r.report_id, at=r.at)
        for r in connection.execute(query)
    ]
