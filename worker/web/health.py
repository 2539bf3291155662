"""How the system is: for load balancers, for Prometheus, and for a person with a browser."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from crawlers.models import Value
from worker.deps import Deps
from worker.ledger import frontier, outbox, subscriptions
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


class Health:
    """The questions about the system itself."""

    def __init__(self, deps: Deps, broker_answers: Callable[[], bool]) -> None:
        self._deps = deps
        self._broker_answers = broker_answers

    async def healthz(self) -> str:
        """Whether this process answers; it takes in webhooks even while the broker is away."""
        return "ok\n"

    def readyz(self) -> Response:
        """Whether the database and the broker answer."""
        ledger, broker = _ledger_answers(self._deps), self._broker_answers()
        ready = Ready(ready=ledger and broker, ledger=ledger, broker=broker)
        return JSONResponse(ready.model_dump(), 200 if ready.ready else 503)

    def metrics(self) -> Response:
        """Prometheus text."""
        return PlainTextResponse(metrics.text(self._deps, standings(self._deps)), media_type=metrics.MEDIA_TYPE)

    def status_page(self) -> str:
        """A line a portal: last run, last new report, and what is wrong."""
        with self._deps.ledger.begin() as connection:
            at, depth = now(connection), frontier.depth(connection)
            unsent = outbox.unsent(connection)
            disabled = tuple(each.id for each in subscriptions.every(connection) if each.disabled_at)
        return pages.status(standings(self._deps), at, pages.Work(**depth, unsent=unsent, disabled=disabled))


def router(deps: Deps, doors: Doors, broker_answers: Callable[[], bool]) -> APIRouter:
    """The routes; those that tell about portals are for readers, the other two for everybody."""
    health = Health(deps, broker_answers)
    routes = APIRouter(tags=["health"])
    routes.add_api_route("/healthz", health.healthz, response_class=PlainTextResponse)
    routes.add_api_route("/readyz", health.readyz, response_model=Ready, responses={503: {"model": Ready}})
    readers = APIRouter(dependencies=[Depends(doors.admit_reader_of)], responses=documented(401, 403, 503))
    readers.add_api_route("/metrics", health.metrics, response_class=PlainTextResponse)
    readers.add_api_route("/", health.status_page, response_class=HTMLResponse)
    routes.include_router(readers)
    return routes


def _ledger_answers(deps: Deps) -> bool:
    try:
        with deps.ledger.begin() as connection:
            now(connection)
    except AWAY:
        return False
    return True
