"""Fetches what is due, many lanes at once and one request a lane, and hands every page to the archive."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import structlog

from crawlers.errors import Blocked, Gone, NotAReport, PageError, Transient
from crawlers.models import RawPage
from worker.deps import Deps
from worker.discover import fail_walk
from worker.fetch import Fetcher, FetchPolicy, NotModified, Validators
from worker.lanes import Lane, LaneLost, hold
from worker.ledger import frontier, history
from worker.ledger.frontier import EVERYTHING, Archived, Item, Scope, StaleClaim
from worker.ledger.reports import VISIT_AFTER
from worker.outcomes import Ended, OnEnd, Outcome, ignore
from worker.walk import row_mark

log = structlog.get_logger()

LANES_AT_ONCE = 64
QUICK_RETRIES = 2
MOST_ATTEMPTS = 5
PUT_OFF_SECONDS = (60.0, 600.0, 3600.0, 6 * 3600.0)


class _Bounds(NamedTuple):
    """What a pulse may touch, and the loop time at which it ends."""

    scope: Scope
    until: float


async def collect(deps: Deps, seconds: float, *, scope: Scope = EVERYTHING, on_end: OnEnd = ignore) -> int:
    """Work lanes until nothing is due or `seconds` have passed; returns how many requests were made.

    `on_end` hears of pages that ended here: gone, blocked, unchanged by 304, failed.
    """
    clock = asyncio.get_running_loop().time
    until, requests = clock() + seconds, 0
    async with Fetcher(FetchPolicy.of(deps.settings)) as fetcher:
        working: dict[str, asyncio.Task[int]] = {}
        while True:
            if clock() < until:
                with deps.ledger.begin() as connection:
                    names = frontier.due_lanes(connection, LANES_AT_ONCE, scope)
                for name in names[: LANES_AT_ONCE - len(working)]:
                    if name not in working:
                        working[name] = asyncio.create_task(_work(deps, fetcher, name, _Bounds(scope, until), on_end))
            if not working:
                return requests
            done, _ = await asyncio.wait(working.values(), timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
            for name in [name for name, task in working.items() if task in done]:
                requests += working.pop(name).result()


async def _work(deps: Deps, fetcher: Fetcher, name: str, bounds: _Bounds, on_end: OnEnd) -> int:
    """Hold one lane and serve what is due in it; returns the number of requests."""
    clock, requests = asyncio.get_running_loop().time, 0
    async with hold(deps, fetcher, name) as lane:
        while lane is not None and (clock() < bounds.until or not requests):
            with deps.ledger.begin() as connection:
                item = frontier.next_due(connection, name, bounds.scope)
            if item is None:
                break
            try:
                await _fetch(deps, lane, item, on_end)
            except (LaneLost, StaleClaim) as error:
                log.warning("lane.lost", lane=name, error=str(error))
                break
            requests += 1
            if lane.rest > bounds.until - clock():
                break
    return requests


async def _fetch(deps: Deps, lane: Lane, item: Item, on_end: OnEnd) -> None:
    """Fetch one page of the frontier and write down where that leaves it."""
    portal = deps.portals.get(item.portal)
    if portal is None:
        _close(deps, lane, item, Outcome.FAILED, PageError("portal", f"{item.portal} is no longer configured"), on_end)
        return
    validators = _validators(deps, item)
    try:
        page = await _try(lane, item, deps, validators)
    except Transient as error:
        _put_off(deps, lane, item, error, on_end)
    except (Gone, Blocked, NotAReport) as error:
        outcome = {Gone: Outcome.GONE, Blocked: Outcome.BLOCKED, NotAReport: Outcome.SKIPPED}[type(error)]
        _close(deps, lane, item, outcome, error, on_end)
    except PageError as error:
        _close(deps, lane, item, Outcome.FAILED, error, on_end)
    else:
        if isinstance(page, NotModified):
            _unchanged(deps, lane, item, on_end)
        else:
            _hand_over(deps, lane, item, page)


async def _try(lane: Lane, item: Item, deps: Deps, validators: Validators | None) -> RawPage | NotModified:
    """Fetch, and again at once when a healthy host stumbled and did not say how long to wait."""
    portal = deps.portals[item.portal]
    for attempt in range(QUICK_RETRIES + 1):
        try:
            return await lane.fetch(item.next_request, portal, validators)
        except Transient as error:
            if attempt == QUICK_RETRIES or error.retry_after is not None or not lane.healthy:
                raise
            log.info("fetch.retried", url=item.next_request.url, portal=item.portal, error=str(error))
    raise AssertionError("unreachable")


def _validators(deps: Deps, item: Item) -> Validators | None:
    if item.kind != "report" or item.raw:
        return None
    with deps.ledger.begin() as connection:
        etag, last_modified = history.validators(connection, item.portal, item.key)
    return Validators(etag=etag, last_modified=last_modified) if etag or last_modified else None


def _hand_over(deps: Deps, lane: Lane, item: Item, page: RawPage) -> None:
    page = page.model_copy(update={"portal": item.portal})
    key = deps.archive.put(page).key
    with deps.ledger.begin() as connection:
        archived = Archived(key=key, fetched_at=page.fetched_at.timestamp())
        frontier.collected(connection, item, archived, lane.lease.token)
    log.info("page.collected", portal=item.portal, url=item.next_request.url, kind=item.kind, bytes=len(page.body))


def _unchanged(deps: Deps, lane: Lane, item: Item, on_end: OnEnd) -> None:
    with deps.ledger.begin() as connection:
        frontier.drop_due(connection, item, lane.lease.token)
        report_id, content_hash = history.not_modified(connection, item.portal, item.key, VISIT_AFTER[2])
        ended = Ended(
            portal=item.portal,
            url=item.request.url,
            outcome=Outcome.UNCHANGED,
            reason="not_modified",
            report_id=report_id,
            content_hash=content_hash,
        )
        history.end(connection, item.key, ended, item.run_id)
    on_end(ended)


def _put_off(deps: Deps, lane: Lane, item: Item, error: Transient, on_end: OnEnd) -> None:
    """Try again later; a list waits for its next run, a page that fails on a healthy host is given up in the end."""
    if item.kind == "list" or item.attempts + 1 >= MOST_ATTEMPTS:
        _close(deps, lane, item, Outcome.FAILED, error, on_end)
        return
    pause = max(PUT_OFF_SECONDS[min(item.attempts, len(PUT_OFF_SECONDS) - 1)], error.retry_after or 0.0)
    with deps.ledger.begin() as connection:
        frontier.put_off(connection, item, lane.lease.token, pause, str(error), charge=lane.healthy)
        ended = _ended(item, Outcome.FAILED, error)
        history.end(connection, item.key, ended, item.run_id)
    log.warning("page.deferred", portal=item.portal, url=item.request.url, seconds=pause, error=str(error))
    on_end(ended)


def _close(deps: Deps, lane: Lane, item: Item, outcome: Outcome, error: PageError, on_end: OnEnd) -> None:
    """The page ended while it was fetched."""
    ended = _ended(item, outcome, error)
    with deps.ledger.begin() as connection:
        frontier.drop_due(connection, item, lane.lease.token)
        if item.kind == "list":
            fail_walk(connection, item, str(error))
        else:
            mark = row_mark(item.request) if item.request.title else None
            history.end(connection, item.key, ended, item.run_id, mark)
    log.warning(
        f"page.{outcome.value}", portal=item.portal, url=item.request.url, reason=error.reason, error=str(error)
    )
    if item.kind == "report":
        on_end(ended)


def _ended(item: Item, outcome: Outcome, error: PageError) -> Ended:
    return Ended(portal=item.portal, url=item.request.url, outcome=outcome, reason=error.reason, error=str(error))
