"""Finds newly published pages: opens runs, reads fetched list pages, and puts what they show on the frontier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import structlog
from sqlalchemy import Connection

from config.portal import Column, Portal
from crawlers import registry
from crawlers.errors import PageError
from crawlers.models import Follow, Listing, Request
from crawlers.page import Page
from worker.deps import Deps
from worker.ledger import claims, columns, frontier, history, schedule
from worker.ledger.engine import now
from worker.ledger.frontier import Item, Priority, Wanted
from worker.outcomes import Ended, Outcome
from worker.timetable import CHINA
from worker.walk import Found, Sight, Step, Walk, advance, begin, row_mark

log = structlog.get_logger()

_ELSEWHERE_SECONDS = 30 * 86400.0  # an alias may be configured some day
_RUNS_AT_ONCE = 20  # in one transaction, which takes a fraction of a second
LONGEST_ADDRESS = 2000  # characters: longer ones lead nowhere, and no database indexes them


def open_runs(
    deps: Deps,
    *,
    names: Sequence[str] = (),
    since: date | None = None,
    limit: int | None = None,
    most: int | None = None,
) -> list[schedule.Run]:
    """Open a run for every portal that is due, or for `names` by hand, and put the top of each column on the frontier.

    `since` (a day) reads the columns back to there with the lowest priority; `limit` is the most pages for a column,
    `most` the most runs, the others being due still. A named portal whose run is under way already joins that one.
    A few are opened in each transaction, so that a thousand at once hold nobody up.
    """
    with deps.ledger.begin() as connection:
        schedule.enrol(connection, deps.portals.values())
        joined = [run for name in names if (run := schedule.under_way(connection, name))]
        schedule.ask_all(connection, set(names) - {run.portal for run in joined}, schedule.BY_HAND)
        due = [name for name in schedule.due(connection) if name in deps.portals and (not names or name in names)]
    for run in joined:
        log.info("run.joined", portal=run.portal, run_id=run.id, reasons=list(run.reasons))
    opened, due = [], due[:most]
    for first in range(0, len(due), _RUNS_AT_ONCE):
        opened += _open(deps, due[first : first + _RUNS_AT_ONCE], since, limit)
    return joined + opened


def _open(deps: Deps, names: Sequence[str], since: date | None, limit: int | None) -> list[schedule.Run]:
    """Open the runs of these portals, but for those that somebody else has opened meanwhile, in one transaction."""
    opened = []
    with deps.ledger.begin() as connection:
        for name in sorted(names):  # whoever else opens runs locks in the same order
            run = schedule.open_run(connection, deps.portals[name])
            if run is not None:
                _start_walks(connection, deps.portals[name], run, since, limit)
                opened.append(run)
    for run in opened:
        log.info("run.started", portal=run.portal, run_id=run.id, reasons=list(run.reasons))
    return opened


def lane_of(portal: Portal) -> str:
    """The queue of the machine that serves a portal."""
    return portal.lane or portal.host


def read_list(deps: Deps, item: Item, page: Page) -> None:
    """Read one fetched list page: find its rows, add what is new, go on to the next page or end the walk."""
    portal = deps.portals.get(item.portal)
    if portal is None:
        give_up_list(deps, item, f"{item.portal} is no longer configured")
        return
    column = next((column for column in portal.columns if column.name == item.column), None)
    try:
        if column is None:
            raise PageError("column", f"{item.column} is no longer configured")
        listing = registry.listing(page)
    except PageError as error:
        give_up_list(deps, item, str(error))
        return
    if isinstance(listing, Follow):
        if any(request.url == item.request.url and request.form == item.request.form for request in listing.requests):
            give_up_list(deps, item, "the list asks for itself first")
            return
        with deps.ledger.begin() as connection:
            claims.finish(connection, item)
            for request in listing.requests:
                frontier.add(connection, [_list_row(portal, item.column or "", request, item.run_id, item.priority)])
        return
    _take(deps, item, portal, column, listing)


def revisit(deps: Deps, most: int = 100) -> int:
    """Put known pages whose next visit is due on the frontier, a batch at a time so that new reports go first.

    Addresses on other hosts, which are only noted, must not stand in the way of the others for being overdue.
    """
    with deps.ledger.begin() as connection:
        rows, found = [], history.to_revisit(connection, deps.portals.keys(), most)
        frontier.take_turns(connection, (name for name, _, _ in found))
        for name, key, url in found:
            portal = deps.portals[name]
            if portal.owns(url):
                rows.append(_report_row(portal, key, Request(url=url), Priority.REVISIT, None, backfill=False))
            else:
                history.postpone(connection, name, key, _ELSEWHERE_SECONDS)
        return frontier.add(connection, rows)


def fail_walk(connection: Connection, item: Item, error: str) -> None:
    """Note that a column could not be read to its end; the run says so and the next run starts from the top."""
    columns.fail(connection, item.portal, item.column or "", error)
    log.warning("column.failed", portal=item.portal, column=item.column, run_id=item.run_id, error=error)


def give_up_list(deps: Deps, item: Item, error: str) -> None:
    """End the walk of a list page that was fetched and cannot be read."""
    with deps.ledger.begin() as connection:
        claims.finish(connection, item)
        fail_walk(connection, item, error)


def _start_walks(
    connection: Connection, portal: Portal, run: schedule.Run, since: date | None, limit: int | None
) -> None:
    revisit_all = schedule.BY_HAND in run.reasons
    for column in portal.columns:
        walked_at = columns.walked_at(connection, portal.name, column.name)
        walk = begin(column, run.id, walked_at=walked_at, since=since, revisit=revisit_all, limit=limit)
        top = registry.start(portal, column)
        frontier.begin_walk(connection, _list_row(portal, column.name, top, run.id, Priority.LIST))  # as readers lock
        columns.keep(connection, portal.name, walk)


def _take(deps: Deps, item: Item, portal: Portal, column: Column, listing: Listing) -> None:
    rows = [(registry.page_key(portal, row.url), row) for row in listing.items if len(row.url) <= LONGEST_ADDRESS]
    with deps.ledger.begin() as connection:
        frontier.take_turns(connection, [portal.name])
        claims.finish(connection, item)
        walk = columns.walk(connection, portal.name, column.name)
        if walk is None or walk.run_id != item.run_id:
            return
        keys = [key for key, _ in rows]
        known = history.marks(connection, portal.name, keys)
        waiting = frontier.waiting(connection, portal.name, keys)
        today = datetime.fromtimestamp(now(connection), UTC).astimezone(CHINA).date()
        step = advance(walk, column, listing, rows, Sight(known=known, waiting=waiting, today=today))
        frontier.join(connection, portal.name, waiting, walk.run_id, schedule.WAITED_SECONDS)
        _add_found(connection, portal, walk, step)
        schedule.count_page(connection, walk.run_id, step.fresh)
        _go_on(connection, portal, column, walk, step)
    log.info(
        "list.read",
        portal=portal.name,
        column=column.name,
        run_id=walk.run_id,
        page=walk.page + 1,
        rows=len(rows),
        ignored=len(listing.items) - len(rows) or None,
        found=step.fresh,
    )
    if step.error:
        log.warning("column.failed", portal=portal.name, column=column.name, run_id=walk.run_id, error=step.error)


def _add_found(connection: Connection, portal: Portal, walk: Walk, step: Step) -> None:
    for found in step.found:
        if not portal.owns(found.request.url):
            ended = Ended(portal=portal.name, url=found.request.url, outcome=Outcome.SKIPPED, reason="external")
            history.end(connection, found.key, ended, walk.run_id, row_mark(found.request))
            continue
        priority = Priority.REVISIT if found.known else Priority.BACKFILL if walk.baseline else Priority.NEW
        row = _report_row(portal, found.key, _canonical(portal, found), priority, walk.run_id, backfill=walk.baseline)
        frontier.add(connection, [row])


def _canonical(portal: Portal, found: Found) -> Request:
    return found.request.model_copy(update={"url": registry.canonical(portal, found.request.url)})


def _go_on(connection: Connection, portal: Portal, column: Column, walk: Walk, step: Step) -> None:
    if step.error is not None:
        columns.fail(connection, portal.name, column.name, step.error)
    elif step.walk is None:
        columns.complete(connection, portal.name, column.name)
    else:
        again = step.walk.phase == "again" and step.next is None
        request = registry.start(portal, column) if again else step.next
        assert request is not None  # noqa: S101 - a walk goes on only with a next page
        columns.keep(connection, portal.name, step.walk)
        frontier.add(connection, [_list_row(portal, column.name, request, walk.run_id, Priority.LIST)])


def _list_row(portal: Portal, column: str, request: Request, run_id: int | None, priority: Priority) -> Wanted:
    return Wanted(
        portal=portal.name,
        key=f"list {column}",
        lane=lane_of(portal),
        kind="list",
        priority=priority,
        request=request,
        column=column,
        run_id=run_id,
    )


def _report_row(
    portal: Portal, key: str, request: Request, priority: Priority, run_id: int | None, *, backfill: bool
) -> Wanted:
    return Wanted(
        portal=portal.name,
        key=key,
        lane=lane_of(portal),
        kind="report",
        priority=priority,
        request=request,
        run_id=run_id,
        backfill=backfill,
    )
