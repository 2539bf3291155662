"""The whole path in one process and without a broker: discover, collect, process, until the runs are over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import date

import structlog

from worker.collect import collect
from worker.deps import Deps
from worker.discover import open_runs
from worker.ledger import schedule
from worker.ledger.frontier import Scope
from worker.ledger.schedule import RunReport
from worker.outcomes import OnEnd, ignore
from worker.process import process
from worker.similar import flag

log = structlog.get_logger()

PULSE_SECONDS = 5.0
BATCH = 50
_IDLE_SECONDS = 0.1


def crawl(
    deps: Deps, names: Sequence[str], *, since: date | None = None, limit: int | None = None, on_end: OnEnd = ignore
) -> list[RunReport]:
    """Run these portals now; returns how each run went. `on_end` hears of every page that ended.

    What is interrupted goes on where it stopped: the next crawl joins the run that was left.
    """
    runs = open_runs(deps, names=names, since=since, limit=limit)
    scope = Scope(portals=tuple(names))
    while True:
        moved = pulse(deps, scope, on_end)
        close_runs(deps)
        reports = _standing(deps, [run.id for run in runs])
        if all(report.state != "running" for report in reports):
            while flag(deps):
                pass
            return reports
        if not moved:
            time.sleep(_IDLE_SECONDS)


def pulse(deps: Deps, scope: Scope, on_end: OnEnd = ignore) -> bool:
    """Fetch for a few seconds and read what came; False when there was nothing to do."""
    fetched = asyncio.run(collect(deps, PULSE_SECONDS, scope=scope, on_end=on_end))
    read = 0
    while count := process(deps, BATCH, scope=scope, on_end=on_end):
        read += count
    return bool(fetched or read)


def close_runs(deps: Deps) -> list[RunReport]:
    """Close the runs that are over, and say so in the log."""
    with deps.ledger.begin() as connection:
        closed = schedule.close_finished(connection)
    for run in closed:
        level = log.info if run.state == "done" else log.warning
        level(
            "run.ended",
            portal=run.portal,
            run_id=run.id,
            state=run.state,
            pages=run.pages,
            found=run.found,
            outcomes=run.outcomes,
            error=run.error,
        )
    return closed


def _standing(deps: Deps, run_ids: Sequence[int]) -> list[RunReport]:
    with deps.ledger.begin() as connection:
        return [schedule.run(connection, run_id) for run_id in run_ids]
