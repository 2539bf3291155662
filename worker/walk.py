"""How a list is walked so that nothing is missed: pure decisions, one list page at a time.

The window is read whole and compared with the ledger; a walk never stops because k rows were known. It stops when a
whole page is known and, pinned (置顶) rows aside, older than the overlap; a list without an order is read to its end.
After a walk over several pages, page one is read again, since rows move down while a walk goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from config.portal import Column
from crawlers.models import Listing, Request, Value
from worker.ledger.history import Mark
from worker.timetable import CHINA


class Walk(Value):
    """A walk through one column, between two of its pages.

    `cutoff` (YYYY-MM-DD) is the end of the window, None for the whole list. `since` leaves older rows out altogether.
    `walked_at` is the end of the last complete walk (seconds since 1970), None for a baseline. `revisit` fetches known
    pages again too. `signatures` name the pages read so far by their rows.
    """

    column: str
    run_id: int
    cutoff: str | None = None
    since: str | None = None
    baseline: bool = False
    walked_at: float | None = None
    revisit: bool = False
    limit: int | None = None
    page: int = 0
    wanted: int = 0
    signatures: tuple[str, ...] = ()
    phase: Literal["walk", "again"] = "walk"


class Sight(Value):
    """What the ledger knows of the rows on a page: pages it has seen, pages that wait to be fetched, and the day."""

    known: dict[str, Mark]
    waiting: frozenset[str] = frozenset()
    today: date


class Found(Value):
    """A row whose page is to be fetched, because it is new, its row changed, or the run visits everything."""

    key: str
    request: Request
    known: bool


class Step(Value):
    """What one list page leads to: pages to fetch, and the next list page or the end of the walk and how it went."""

    found: tuple[Found, ...] = ()
    fresh: int = 0
    walk: Walk | None = None
    next: Request | None = None
    error: str | None = None


def begin(
    column: Column, run_id: int, *, walked_at: float | None, since: date | None, revisit: bool, limit: int | None
) -> Walk:
    """A walk from the top. `walked_at` is the end of the last complete one, None for a baseline; `since` overrides."""
    first_day = since.isoformat() if since else column.since
    if since or walked_at is None:
        cutoff = first_day
    else:
        cutoff = (_china_day(walked_at) - timedelta(days=column.overlap_days)).isoformat()
    baseline = walked_at is None or since is not None
    return Walk(
        column=column.name,
        run_id=run_id,
        cutoff=cutoff,
        since=first_day,
        baseline=baseline,
        walked_at=walked_at,
        revisit=revisit,
        limit=limit,
    )


def advance(walk: Walk, column: Column, listing: Listing, rows: Sequence[tuple[str, Request]], sight: Sight) -> Step:
    """Decide what one list page means. `rows` are its items with their page keys."""
    problem = _problem(walk, column, rows)
    if problem:
        return Step(error=problem)
    found = _found(walk, _in_scope(walk, rows), sight)
    left = None if walk.limit is None else max(walk.limit - walk.wanted, 0)
    found = found[:left]
    fresh = sum(not row.known for row in found)
    after = walk.model_copy(update={"page": walk.page + 1, "wanted": walk.wanted + len(found)})
    after = after.model_copy(update={"signatures": (*walk.signatures, _signature(rows))})
    step = Step(found=tuple(found), fresh=fresh)
    if left is not None and len(found) == left:
        return step.model_copy(update={"error": f"short: stopped at the limit of {walk.limit} pages"})
    if _is_over(walk, column, rows, sight) or listing.next is None:
        return _recheck(step, after)
    if after.page >= column.max_pages:
        return step.model_copy(
            update={"error": f"short: max_pages = {column.max_pages} reached before the window's end"}
        )
    return step.model_copy(update={"walk": after, "next": listing.next})


def row_mark(row: Request) -> str:
    """A short hash of what a list row says; when it changes, the page is visited at once."""
    said = "\n".join((row.title or "", row.date or "", row.digest or ""))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _problem(walk: Walk, column: Column, rows: Sequence[tuple[str, Request]]) -> str | None:
    """Why a page cannot be the list page that it should be, or None. Silence is not success."""
    if not rows:
        if walk.page == 0:
            return None if column.may_be_empty else "no rows"
        return f"page {walk.page + 1} has no rows"
    if walk.phase == "again":
        return None
    if walk.page == 0 and len(rows) < column.min_items:
        return f"{len(rows)} rows, expected at least {column.min_items}"
    if _signature(rows) in walk.signatures:
        return f"page {walk.page + 1} repeats page {walk.signatures.index(_signature(rows)) + 1}"
    return None


def _in_scope(walk: Walk, rows: Sequence[tuple[str, Request]]) -> list[tuple[str, Request]]:
    """The rows that are wanted at all: none from before the column's first day."""
    return [(key, row) for key, row in rows if not (walk.since and row.date and row.date < walk.since)]


def _found(walk: Walk, rows: Sequence[tuple[str, Request]], sight: Sight) -> list[Found]:
    found: dict[str, Found] = {}
    for key, row in rows:
        mark = sight.known.get(key)
        if key in sight.waiting or key in found:
            continue
        if mark is None:
            found[key] = Found(key=key, request=row, known=False)
        elif (walk.revisit and walk.phase == "walk") or mark.row_mark not in (None, row_mark(row)):
            found[key] = Found(key=key, request=row, known=True)
    return list(found.values())


def _is_over(walk: Walk, column: Column, rows: Sequence[tuple[str, Request]], sight: Sight) -> bool:
    """Whether the window ends on this page."""
    all_known = all(key in sight.known or key in sight.waiting for key, _ in _in_scope(walk, rows))
    if walk.phase == "again":
        return all_known
    if column.order == "none" or walk.cutoff is None:
        return False
    ordered = [(key, row) for key, row in rows if not row.pinned]
    older = all(_day(row, sight.known.get(key), sight.today) < walk.cutoff for key, row in ordered)
    return bool(ordered) and older and (walk.baseline or (all_known and _is_settled(walk, column, rows, sight)))


def _is_settled(walk: Walk, column: Column, rows: Sequence[tuple[str, Request]], sight: Sight) -> bool:
    """Whether the last complete walk knew these rows.

    By recency rows of any date come on top, and some that are known may be from a walk that broke off before it read
    what stands behind them.
    """
    if column.order != "recency" or walk.walked_at is None:
        return True
    marks = [sight.known.get(key) for key, _ in _in_scope(walk, rows)]
    return all(mark is not None and mark.first_seen_at < walk.walked_at for mark in marks)


def _day(row: Request, mark: Mark | None, today: date) -> str:
    """A row's day; an undated row is as old as its first sight."""
    if row.date:
        return row.date
    return (_china_day(mark.first_seen_at) if mark else today).isoformat()


def _china_day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, CHINA).date()


def _recheck(step: Step, after: Walk) -> Step:
    """The end of a walk: over at once after one page, else page one is read again."""
    if after.phase == "again" or after.page == 1:
        return step
    return step.model_copy(update={"walk": after.model_copy(update={"phase": "again"})})


def _signature(rows: Sequence[tuple[str, Request]]) -> str:
    return hashlib.sha256("\n".join(key for key, _ in rows).encode()).hexdigest()[:12]
