"""How the system is: for load balancers, for Prometheus, and for a person with a browser."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from crawlers.models import Value
from worker.deps import Deps
from worker.ledger.engine import AWAY, now
from worker.standing import standings
from worker.web import metrics, pages
from worker.web.doors import Doors
from worker.web.problems import documented


class Ready(Value):
    """What answers and what does not."""

    ready: bool
    ledger: bool
    broker: bool


def router(deps: Deps, doors: Doors, broker_answers: Callable[[], bool]) -> APIRouter:
    """The routes; those that tell about portals are for readers, the other two for everybody."""

    def admit(request: Request) -> None:
        doors.admit_reader(request.headers)

    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Whether this process answers; it takes in webhooks even while the broker is away."""
        return "ok\n"

    @routes.get("/readyz", response_model=Ready, responses={503: {"model": Ready}})
    def readyz() -> Response:
        """Whether the database and the broker answer."""
        ledger, broker = _ledger_answers(deps), broker_answers()
        ready = Ready(ready=ledger and broker, ledger=ledger, broker=broker)
        return JSONResponse(ready.model_dump(), 200 if ready.ready else 503)

    readers = APIRouter(dependencies=[Depends(admit)], responses=documented(401, 403, 503), tags=["health"])

    @readers.get("/metrics", response_class=PlainTextResponse)
    def metrics_() -> Response:
        """Prometheus text."""
        return PlainTextResponse(metrics.text(deps, standings(deps)), media_type=metrics.MEDIA_TYPE)

    @readers.get("/", response_class=HTMLResponse)
    def status_page() -> str:
        """A line a portal: last run, last new report, and what is wrong."""
        with deps.ledger.begin() as connection:
            at = now(connection)
        return pages.status(standings(deps), at)

    routes.include_router(readers)
    return routes


def _ledger_answers(deps: Deps) -> bool:
    try:
        with deps.ledger.begin() as connection:
            now(connection)
    except AWAY:
        return False
    return True
