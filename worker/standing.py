"""How each portal is: the one line that the command, the status page and the metrics show in their own ways."""

from __future__ import annotations

from typing import Literal

from crawlers.models import Value
from worker.deps import Deps
from worker.discover import lane_of
from worker.ledger import lanes, schedule


class Standing(Value):
    """Where a portal stands; times are seconds since 1970, None for never. `why` says what fails."""

    portal: str
    title: str
    last_run_at: float | None
    last_run: str | None
    last_new_at: float | None
    next_due_at: float
    reports: int
    paused: bool
    overdue: bool
    failing: bool
    why: str | None

    @property
    def state(self) -> Literal["paused", "failing", "overdue", "new", "ok"]:
        """The most that is to be said, in one word; new is what has never been run."""
        if self.paused:
            return "paused"
        if self.failing or self.overdue:
            return "failing" if self.failing else "overdue"
        return "ok" if self.last_run else "new"


def standings(deps: Deps) -> list[Standing]:
    """Every configured portal, in the order of their names."""
    with deps.ledger.begin() as connection:
        troubles = lanes.troubles(connection)
        portals = [portal for _, portal in sorted(deps.portals.items())]
        known = zip(portals, schedule.standings(connection, portals), strict=True)
    return [_of(portal.title, at, troubles.get(lane_of(portal))) for portal, at in known]


def _of(title: str, at: schedule.Standing, trouble: tuple[int, float, str | None] | None) -> Standing:
    run = at.last_run
    said = run.error if run and run.state in ("failed", "short") else None
    return Standing(
        portal=at.portal,
        title=title,
        last_run_at=run.started_at if run else None,
        last_run=run.state if run else None,
        last_new_at=at.last_new_at,
        next_due_at=at.next_due_at,
        reports=at.reports,
        paused=at.paused,
        overdue=at.overdue,
        failing=bool(trouble) or bool(run and run.state == "failed"),
        why=said or (trouble[2] if trouble else None),
    )
