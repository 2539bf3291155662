"""Whose turn is it: portals, when they are due, and the one run that each may have under way.

Whoever locks several portals does so in the order of their names, so that no two wait for each other.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from config.portal import Portal
from crawlers.models import Value
from worker.ledger.engine import insert, now
from worker.ledger.schema import columns, frontier, lanes, reports, runs, schedule, visits
from worker.timetable import longest_gap, next_due

BY_HAND = "hand"
BY_CLOCK = "schedule"
WAITED_SECONDS = 30.0
LATE = 3  # intervals without a good run
_AT_ONCE = 500  # portals in one question; SQLite takes 32,766 values, PostgreSQL 65,535


class Run(Value):
    """One run of a portal: all its columns, and every page that they showed."""

    id: int
    portal: str
    reasons: tuple[str, ...]


class RunReport(Run):
    """How a run ended, or where it stands."""

    state: Literal["running", "done", "short", "failed"]
    started_at: float
    ended_at: float | None
    pages: int
    found: int
    outcomes: dict[str, int]
    error: str | None


def enrol(connection: Connection, portals: Iterable[Portal]) -> None:
    """Make sure that every configured portal has its row; a new one is due at once."""
    enrolled, at = set(connection.execute(select(schedule.c.portal)).scalars()), now(connection)
    new = sorted(each.name for each in portals if each.name not in enrolled)
    rows = [{"portal": name, "next_due_at": at, "asked": []} for name in new]
    if rows:
        connection.execute(insert(connection, schedule).on_conflict_do_nothing(), rows)


def ask_all(connection: Connection, portals: Iterable[str], reason: str) -> None:
    """Ask for a run of each of these portals."""
    for portal in sorted(set(portals)):
        ask(connection, portal, reason)


def ask(connection: Connection, portal: str, reason: str) -> None:
    """Ask for a run; asking again before it starts joins the same run, which names every reason."""
    query = select(schedule.c.asked).where(schedule.c.portal == portal).with_for_update()
    asked = connection.execute(query).scalar_one()
    if reason not in asked:
        connection.execute(update(schedule).where(schedule.c.portal == portal).values(asked=[*asked, reason]))


def due(connection: Connection) -> list[str]:
    """Portals whose turn it is, those that were asked for first: due by the clock, not paused, no run under way."""
    query = select(schedule.c.portal, schedule.c.asked, schedule.c.next_due_at, schedule.c.paused_at).where(
        schedule.c.run_id.is_(None)
    )
    at = now(connection)
    rows = connection.execute(query.order_by(schedule.c.next_due_at, schedule.c.portal)).all()
    by_clock = [row.portal for row in rows if not row.asked and row.next_due_at <= at and row.paused_at is None]
    return [row.portal for row in rows if row.asked] + by_clock


def open_run(connection: Connection, portal: Portal) -> Run | None:
    """Begin a run for everything that was asked for; None when somebody else has begun one, or one and ended it."""
    mine = schedule.c.portal == portal.name
    row = connection.execute(select(schedule).where(mine).with_for_update()).mappings().one()
    if row["run_id"] is not None:
        return None
    at = now(connection)
    reasons = list(row["asked"])
    if row["next_due_at"] <= at and row["paused_at"] is None:
        reasons.append(BY_CLOCK)
    if not reasons:
        return None
    values: dict[str, Any] = {
        "portal": portal.name,
        "reasons": reasons,
        "state": "running",
        "started_at": at,
        "outcomes": {},
    }
    run_id = connection.execute(insert(connection, runs).values(**values).returning(runs.c.id)).scalar_one()
    turn = next_due(portal, at, random.Random())  # noqa: S311 - jitter, no secret
    connection.execute(update(schedule).where(mine).values(run_id=run_id, asked=[], next_due_at=turn))
    return Run(id=run_id, portal=portal.name, reasons=tuple(reasons))


def under_way(connection: Connection, portal: str) -> Run | None:
    """The run that a portal has under way, perhaps left by a process that died; whoever works the frontier ends it."""
    query = select(runs.c.id, runs.c.portal, runs.c.reasons).where(runs.c.portal == portal, runs.c.state == "running")
    row = connection.execute(query).mappings().first()
    return Run.model_validate(dict(row)) if row else None


def count_page(connection: Connection, run_id: int, found: int) -> None:
    """Note that a run read one more list page and found so many new rows on it."""
    values = {"pages": runs.c.pages + 1, "found": runs.c.found + found}
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def close_finished(connection: Connection) -> list[RunReport]:
    """Close every run that waits for no page any more, and say how it went.

    Pages that are still to be fetched from a host that rests for more than a moment are put off past the run. A run
    that somebody else is closing is left to them: by the time they are done its portal may have the next one.
    """
    resting = select(lanes.c.name).where(lanes.c.not_before > now(connection) + WAITED_SECONDS)
    soon = and_(frontier.c.state == "due", frontier.c.lane.not_in(resting))
    waits = exists().where(frontier.c.run_id == runs.c.id, or_(soon, frontier.c.state == "collected"))
    ready = select(runs).where(runs.c.state == "running", ~waits).with_for_update(skip_locked=True)
    return [_close(connection, row) for row in connection.execute(ready.order_by(runs.c.portal)).mappings().all()]


def _close(connection: Connection, row: Any) -> RunReport:
    unfinished = (columns.c.portal == row["portal"], columns.c.walk.is_not(None), columns.c.error.is_(None))
    connection.execute(update(columns).where(*unfinished).values(error="put off: the host is left alone for now"))
    errors = connection.execute(
        select(columns.c.name, columns.c.error).where(columns.c.portal == row["portal"], columns.c.error.is_not(None))
    ).all()
    ends = select(visits.c.outcome, func.count()).where(visits.c.run_id == row["id"]).group_by(visits.c.outcome)
    outcomes = Counter({str(outcome): int(count) for outcome, count in connection.execute(ends)})
    short = bool(errors) and all(error.error.startswith("short") for error in errors)
    values = {
        "state": "done" if not errors else "short" if short else "failed",
        "ended_at": now(connection),
        "outcomes": dict(outcomes),
        "error": "; ".join(f"{error.name}: {error.error}" for error in errors) or None,
    }
    connection.execute(update(runs).where(runs.c.id == row["id"]).values(**values))
    connection.execute(update(schedule).where(schedule.c.run_id == row["id"]).values(run_id=None))
    return _report({**row, **values})


def run(connection: Connection, run_id: int) -> RunReport:
    """One run, as it stands."""
    return _report(connection.execute(select(runs).where(runs.c.id == run_id)).mappings().one())


def pause(connection: Connection, portals: Sequence[str], *, paused: bool) -> None:
    """Pause or resume portals; a paused one is run only when somebody asks."""
    at = now(connection) if paused else None
    for portal in sorted(portals):
        connection.execute(update(schedule).where(schedule.c.portal == portal).values(paused_at=at))


class Standing(Value):
    """One line of status."""

    portal: str
    paused: bool
    next_due_at: float
    overdue: bool
    running: bool
    last_run: RunReport | None
    last_new_at: float | None
    reports: int


def standing(connection: Connection, portal: Portal) -> Standing:
    """Where a portal stands; overdue when its last good run is older than three intervals."""
    return next(iter(standings(connection, [portal])))


def standings(connection: Connection, portals: Sequence[Portal]) -> list[Standing]:
    """Where portals stand, in their order; two questions for every 500 of them."""
    found = []
    for first in range(0, len(portals), _AT_ONCE):
        found += _standings(connection, portals[first : first + _AT_ONCE])
    return found


def _standings(connection: Connection, portals: Sequence[Portal]) -> list[Standing]:
    names, at = [portal.name for portal in portals], now(connection)
    before = runs.alias()  # each looked up from the newest on by the index, however many runs there have been
    earlier = select(before.c.id).where(before.c.portal == schedule.c.portal).order_by(before.c.id.desc()).limit(1)
    good = select(before.c.ended_at).where(before.c.portal == schedule.c.portal, before.c.state.in_(("done", "short")))
    good = good.order_by(before.c.id.desc()).limit(1)
    joined = schedule.outerjoin(runs, runs.c.id == earlier.scalar_subquery())
    columns_ = (schedule.c.portal.label("name"), schedule.c.paused_at, schedule.c.next_due_at, schedule.c.run_id)
    query = select(*columns_, good.scalar_subquery().label("good_at"), runs).select_from(joined)
    rows = connection.execute(query.where(schedule.c.portal.in_(names))).mappings().all()
    counts = select(reports.c.portal, func.count(), func.max(reports.c.first_seen_at)).group_by(reports.c.portal)
    counted = connection.execute(counts.where(reports.c.portal.in_(names))).all()
    known, totals = {row["name"]: row for row in rows}, {name: (count, newest) for name, count, newest in counted}
    return [_standing(portal, known.get(portal.name), totals.get(portal.name, (0, None)), at) for portal in portals]


def _standing(portal: Portal, row: Any, totals: tuple[int, float | None], at: float) -> Standing:
    """The line of a portal from its row of schedule and last run, None for one that was never enrolled."""
    late = row is not None and row["good_at"] is not None and at - row["good_at"] > LATE * longest_gap(portal, at)
    return Standing(
        portal=portal.name,
        paused=bool(row and row["paused_at"]),
        next_due_at=row["next_due_at"] if row else at,
        overdue=late,
        running=bool(row and row["run_id"]),
        last_run=_report(row) if row and row["id"] is not None else None,
        last_new_at=totals[1],
        reports=totals[0],
    )


def _report(row: Any) -> RunReport:
    return RunReport.model_validate({name: row[name] for name in RunReport.model_fields})
