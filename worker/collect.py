"""Fetches what is due, many lanes at once and one request a lane, and hands every page to the archive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from crawlers.errors import PageError, Transient, Unexpected
from crawlers.models import RawPage
from worker.deps import Deps
from worker.discover import fail_walk
from worker.fetch import Fetcher, FetchPolicy, NotModified, Validators
from worker.lanes import MARGIN_SECONDS, Lane, LaneLost, free_lanes_of_the_dead, hold
from worker.ledger import fetching, history
from worker.ledger.frontier import EVERYTHING, Archived, Item, Scope, StaleClaim
from worker.ledger.reports import VISIT_AFTER
from worker.outcomes import Ended, OnEnd, Outcome, ignore, outcome_of
from worker.troubles import OUTSIDE
from worker.walk import row_mark

log = structlog.get_logger()

LANES_AT_ONCE = 64
QUICK_RETRIES = 2
MOST_ATTEMPTS = 5
PUT_OFF_SECONDS = (60.0, 600.0, 3600.0, 6 * 3600.0)


async def collect(
    deps: Deps,
    seconds: float,
    *,
    scope: Scope = EVERYTHING,
    on_end: OnEnd = ignore,
    on_collected: Callable[[], None] = lambda: None,
) -> int:
    """Work lanes until nothing may be fetched or `seconds` have passed; returns how many requests were made.

    `on_end` hears of pages that ended here: gone, blocked, unchanged by 304, failed. `on_collected` is called now and
    then while fetched pages wait to be read.
    """
    if free_lanes_of_the_dead(deps):
        await asyncio.sleep(MARGIN_SECONDS)  # instead of until the next tick
    async with Fetcher(FetchPolicy.of(deps.settings)) as fetcher:
        until = asyncio.get_running_loop().time() + seconds
        return await _Collection(deps, fetcher, scope, until, on_end, on_collected).run()


@dataclass
class _Collection:
    """One pulse of fetching: what it may touch, until when (loop time), and how many pages it has handed over.

    It has `filled` the backlog once so many fetched pages wait to be read that only lists are fetched.
    """

    deps: Deps
    fetcher: Fetcher
    scope: Scope
    until: float
    on_end: OnEnd
    on_collected: Callable[[], None]
    handed_over: int = 0
    filled: bool = False
    trouble: Exception | None = None
    working: dict[str, asyncio.Task[int]] = field(default_factory=dict)

    async def run(self) -> int:
        """Start a task for every lane that has something due, until there is none or the time is up.

        When store or disk fail, no lane starts anything more, and the first failure is raised once all have ended.
        """
        requests = told = 0
        while True:
            with self._stopped_by_trouble():
                self._start_lanes()
            if not self.working:
                break
            done, _ = await asyncio.wait(self.working.values(), timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
            for name in [name for name, task in self.working.items() if task in done]:
                with self._stopped_by_trouble():
                    requests += self.working.pop(name).result()
            if self.handed_over > told:
                told = self.handed_over
                with self._stopped_by_trouble():
                    await asyncio.to_thread(self.on_collected)  # it may wait for the broker; leases may not
        if self.trouble is not None:
            raise self.trouble
        return requests

    @contextmanager
    def _stopped_by_trouble(self) -> Iterator[None]:
        """Let a failure outside of the program end the pulse when all lanes have ended, and not before."""
        try:
            yield
        except OUTSIDE as error:
            self.trouble, self.until = self.trouble or error, 0.0

    def _start_lanes(self) -> None:
        if self._left() <= 0:
            return
        with self.deps.ledger.begin() as connection:
            room = fetching.with_room(connection, self.scope, self.deps.settings.backlog)
            names = fetching.due_lanes(connection, LANES_AT_ONCE, room)
        if room != self.scope and not self.filled:  # once a pulse, however often a page is read and another one comes
            self.filled = True
            log.info("backlog.filled", pages=self.deps.settings.backlog)
        for name in names[: LANES_AT_ONCE - len(self.working)]:
            if name not in self.working:
                self.working[name] = asyncio.create_task(self._work(name))

    def _left(self) -> float:
        return self.until - asyncio.get_running_loop().time()

    async def _work(self, name: str) -> int:
        """Hold one lane and serve what is due in it; returns the number of pages asked for."""
        count = 0
        async with hold(self.deps, self.fetcher, name) as lane:
            while lane is not None and (not count or self._left() > lane.rest):
                with self.deps.ledger.begin() as connection:
                    room = fetching.with_room(connection, self.scope, self.deps.settings.backlog)
                    item = fetching.next_due(connection, name, room)
                if item is None:
                    break
                try:
                    await self._fetch(lane, item)
                except (LaneLost, StaleClaim) as error:
                    log.warning("lane.lost", lane=name, error=str(error))
                    break
                count += 1
        return count

    async def _fetch(self, lane: Lane, item: Item) -> None:
        """Fetch one page of the frontier and write down where that leaves it."""
        try:
            page = await self._try(lane, item)
        except Transient as error:
            self._put_off(lane, item, error)
        except Unexpected as error:  # without bytes there is nothing to set aside
            self._close(lane, item, Outcome.FAILED, error)
        except PageError as error:
            self._close(lane, item, outcome_of(error), error)
        else:
            if isinstance(page, NotModified):
                self._note_unchanged(lane, item)
            else:
                self._hand_over(lane, item, page)

    async def _try(self, lane: Lane, item: Item) -> RawPage | NotModified:
        """Fetch, and again at once when a healthy host stumbled and did not say how long to wait."""
        portal = self.deps.portals.get(item.portal)
        if portal is None:
            raise PageError("portal", f"{item.portal} is no longer configured")
        validators = self._validators(item)
        for _ in range(QUICK_RETRIES):
            try:
                return await lane.fetch(item.next_request, portal, validators)
            except Transient as error:
                if error.retry_after is not None or not lane.healthy:
                    raise
                log.info("fetch.retried", url=item.next_request.url, portal=item.portal, error=str(error))
        return await lane.fetch(item.next_request, portal, validators)

    def _validators(self, item: Item) -> Validators | None:
        if item.kind != "report" or item.raw:
            return None
        with self.deps.ledger.begin() as connection:
            etag, last_modified = history.validators(connection, item.portal, item.key)
        return Validators(etag=etag, last_modified=last_modified) if etag or last_modified else None

    def _hand_over(self, lane: Lane, item: Item, page: RawPage) -> None:
        page = page.model_copy(update={"portal": item.portal})
        archived = Archived(key=self.deps.archive.put(page).key, fetched_at=page.fetched_at.timestamp())
        with self.deps.ledger.begin() as connection:
            fetching.collected(connection, item, archived, lane.lease.token)
        self.handed_over += 1
        log.info("page.collected", portal=item.portal, url=item.next_request.url, kind=item.kind, bytes=len(page.body))

    def _note_unchanged(self, lane: Lane, item: Item) -> None:
        with self.deps.ledger.begin() as connection:
            fetching.drop_due(connection, item, lane.lease.token)
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
        self.on_end(ended)

    def _put_off(self, lane: Lane, item: Item, error: Transient) -> None:
        """Try again later; a list waits for its next run, a page that keeps failing on a healthy host is given up."""
        if item.kind == "list" or item.attempts + 1 >= MOST_ATTEMPTS:
            self._close(lane, item, Outcome.FAILED, error)
            return
        pause = max(PUT_OFF_SECONDS[min(item.attempts, len(PUT_OFF_SECONDS) - 1)], error.retry_after or 0.0)
        ended = _ended(item, Outcome.FAILED, error)
        with self.deps.ledger.begin() as connection:
            fetching.put_off(connection, item, lane.lease.token, pause, str(error), charge=lane.healthy)
            history.end(connection, item.key, ended, item.run_id)
        log.warning("page.deferred", portal=item.portal, url=item.request.url, seconds=pause, error=str(error))
        self.on_end(ended)

    def _close(self, lane: Lane, item: Item, outcome: Outcome, error: PageError) -> None:
        """The page ended while it was fetched; a page whose further part did so is read without it."""
        if item.raw:
            with self.deps.ledger.begin() as connection:
                fetching.give_up_parts(connection, item, lane.lease.token, str(error))
            self.handed_over += 1
            return
        ended = _ended(item, outcome, error)
        with self.deps.ledger.begin() as connection:
            fetching.drop_due(connection, item, lane.lease.token)
            if item.kind == "list":
                fail_walk(connection, item, str(error))
                return
            mark = row_mark(item.request) if item.request.title else None
            history.end(connection, item.key, ended, item.run_id, mark)
        log.warning(
            f"page.{outcome.value}", portal=item.portal, url=item.request.url, reason=error.reason, error=str(error)
        )
        self.on_end(ended)


def _ended(item: Item, outcome: Outcome, error: PageError) -> Ended:
    return Ended(portal=item.portal, url=item.request.url, outcome=outcome, reason=error.reason, error=str(error))
