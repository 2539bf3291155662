"""What the replica says that a right crawl ends with, and what a ledger says that it knows, in comparable form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select

from worker import tail
from worker.deps import Deps
from worker.ledger.schema import publications
from worker.outcomes import Ended
from worker.replica.site import Phase, World
from worker.replica.truth import truth


class Said(NamedTuple):
    """A publication that is a report."""

    portal: str
    title: str | None
    published_at: str | None
    content_hash: str | None


def reports_of(world: World, phase: Phase) -> dict[str, Said]:
    """Every page of the truth that is a report, by address."""
    return {
        one.url: Said(one.portal, one.title, one.published_at, one.content_hash)
        for one in truth(world, phase)
        if one.content_hash
    }


def known_to(deps: Deps) -> dict[str, Said]:
    """Every page of a ledger that is a report, by address."""
    said = (publications.c.portal, publications.c.title, publications.c.published_at, publications.c.content_hash)
    with deps.ledger.begin() as connection:
        rows = connection.execute(select(publications.c.url, *said).where(publications.c.report_id.is_not(None)))
        return {row.url: Said(row.portal, row.title, row.published_at, row.content_hash) for row in rows}


def hashes(said: Iterable[Said]) -> set[str | None]:
    """The contents among them."""
    return {one.content_hash for one in said}


def outcomes_of(world: World, phase: Phase) -> Counter[tuple[str, str]]:
    """How often what ends how: a report is named by its content, since either of two portals may be first."""
    return Counter((one.content_hash or one.url, one.outcome.value) for one in truth(world, phase))


def outcomes_seen(ends: Iterable[Ended]) -> Counter[tuple[str, str]]:
    """The same of what a crawl reported."""
    return Counter((end.content_hash or end.url, end.outcome.value) for end in ends)


def events_of(deps: Deps) -> Counter[tuple[str, str]]:
    """How many events of which kind there are about which content."""
    events = list(tail.events(deps.ledger, follow=False))
    assert len({event.event_id for event in events}) == len(events)
    return Counter((event.kind, str(event.payload["content_hash"])) for event in events)
