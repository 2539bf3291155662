"""Takes in single pages, files or addresses, exactly as a crawl would have taken them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from config.portal import ConfigError, Portal, choose, owner
from crawlers import registry
from crawlers.models import Request
from worker.crawl import pulse
from worker.deps import Deps
from worker.discover import LONGEST_ADDRESS, lane_of
from worker.files import read_file
from worker.ledger import frontier, history, lanes
from worker.ledger.engine import now
from worker.ledger.frontier import Archived, Priority, Scope, Wanted
from worker.ledger.schedule import WAITED_SECONDS
from worker.outcomes import Ended, OnEnd, Outcome
from worker.process import process

_IDLE_SECONDS = 0.1


def portal_of(deps: Deps, name: str | None, url: str | None) -> Portal | None:
    """The portal that was named, else the one that the address belongs to, else none.

    Raises ConfigError for an unknown name, or an address that is not on the named portal.
    """
    if name is None:
        return owner(dict(deps.portals), url) if url else None
    portal = next(iter(choose(dict(deps.portals), [name])))
    if url and not portal.owns(url):
        raise ConfigError(f"{url} is not on {portal.name}, whose hosts are {', '.join(sorted(portal.hosts))}")
    return portal


def ingest_file(deps: Deps, path: Path, *, portal: str | None = None, url: str | None = None) -> Ended:
    """Archive, read and store one file. Without an address its own, `file://…`, is the publication's name.

    Raises OSError when it cannot be read, ConfigError for a portal or address that does not fit.
    """
    owner_ = portal_of(deps, portal, url)
    address = registry.canonical(owner_, url) if owner_ and url else url or path.resolve().as_uri()
    raw = read_file(path, address, owner_.name if owner_ else None)
    key = registry.page_key(owner_, address) if owner_ else address
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=raw.fetched_at.timestamp())
    row = Wanted(
        portal=owner_.name if owner_ else "",
        key=key,
        lane=lane_of(owner_) if owner_ else "",
        kind="report",
        priority=Priority.WEBHOOK,
        request=Request(url=address),
    )
    with deps.ledger.begin() as connection:
        since = now(connection)
        frontier.bring(connection, row, archived)
    ends: list[Ended] = []
    process(deps, 1, scope=Scope(portals=(row.portal,), keys=(key,)), on_end=ends.append)
    if not ends:  # another worker has it, or further parts of it are wanted
        _see_to_the_end(deps, [row], since, ends.append)
    return ends.pop()


def ingest_urls(deps: Deps, urls: Sequence[str], *, portal: str | None = None, on_end: OnEnd) -> None:
    """Fetch, archive, read and store addresses of configured portals. Raises ConfigError for any other address."""
    rows = [_wanted(deps, url, portal) for url in urls]
    with deps.ledger.begin() as connection:
        since = now(connection)
        frontier.take_turns(connection, (row.portal for row in rows))
        for row in rows:
            frontier.demand(connection, row)
    _see_to_the_end(deps, rows, since, on_end)


def _see_to_the_end(deps: Deps, rows: Sequence[Wanted], since: float, on_end: OnEnd) -> None:
    """Work until each of these pages has ended, here or in another worker, or its host is left alone for long."""
    scope = Scope(portals=tuple(row.portal for row in rows), keys=tuple(row.key for row in rows))
    waiting = {row.request.url: row for row in rows}

    def heard(ended: Ended) -> None:
        waiting.pop(ended.url, None)
        on_end(ended)

    while waiting:
        moved = pulse(deps, scope, heard)
        for row in list(waiting.values()):
            if ended := _ended_elsewhere(deps, row, since):
                heard(ended)
        if waiting and not moved:
            time.sleep(_IDLE_SECONDS)


def _ended_elsewhere(deps: Deps, row: Wanted, since: float) -> Ended | None:
    with deps.ledger.begin() as connection:
        ended = history.last_end(connection, row.portal, row.key, since)
        seconds, why = lanes.rest(connection, row.lane)
    if ended is None and seconds > WAITED_SECONDS:
        error = f"the host is left alone for {seconds:.0f} s: {why}"
        ended = Ended(portal=row.portal, url=row.request.url, outcome=Outcome.FAILED, reason="resting", error=error)
    return ended and ended.model_copy(update={"url": row.request.url})


def _wanted(deps: Deps, url: str, name: str | None) -> Wanted:
    if len(url) > LONGEST_ADDRESS:
        raise ConfigError(f"{url[:60]}… has {len(url)} characters; an address has at most {LONGEST_ADDRESS}")
    portal = portal_of(deps, name, url)
    if portal is None:
        raise ConfigError(f"{url} is not on a configured portal; see gongbao portals list")
    address = registry.canonical(portal, url)
    return Wanted(
        portal=portal.name,
        key=registry.page_key(portal, address),
        lane=lane_of(portal),
        kind="report",
        priority=Priority.WEBHOOK,
        request=Request(url=address),
    )
