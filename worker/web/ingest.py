"""The door for other systems: they name pages, get an answer at once, and can follow each page to its end."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from crawlers.models import Value
from worker.accept import Conflict, accept, follow
from worker.deps import Deps
from worker.ledger.inbox import Received, Standing
from worker.ledger.library import utc
from worker.ledger.senders import TooOften
from worker.web.bodies import Ask, read, urls_of
from worker.web.doors import Doors
from worker.web.problems import Problem, documented

log = structlog.get_logger()

_QUIT = 499  # as nginx calls a client that did not wait; nobody reads it


class UrlState(Value):
    """Where one address stands: `queued`, `refused`, or its outcome; `at` is when that came about, UTC."""

    url: str
    outcome: str
    reason: str | None = None
    error: str | None = None
    report_id: str | None = None
    at: str | None = None


class Taken(Value):
    """What became of a request at once; `status_url` follows it from then on."""

    id: str
    status_url: str
    urls: tuple[UrlState, ...]


class Followed(Value):
    """How far a request has come; `done` when no address is queued any more."""

    id: str
    received_at: str
    done: bool
    urls: tuple[UrlState, ...]


class Ingest:
    """The door itself: who asks, for what, and how far that has come."""

    def __init__(self, deps: Deps, doors: Doors) -> None:
        self._deps = deps
        self._doors = doors

    async def ask_for_pages(self, request: Request) -> Response:
        """Ask for pages of configured portals, at most 100 at once, signed as Standard Webhooks.

        The answer comes once the request is kept. The same webhook-id again gets the same answer and starts nothing.
        """
        signature = self._doors.signature(request.headers)
        try:
            body = await read(request)
        except ClientDisconnect:
            log.debug("client.left", path=request.url.path)
            return Response(status_code=_QUIT)
        sender = self._doors.sender(signature, body)
        urls = urls_of(body)
        try:
            received = await run_in_threadpool(accept, self._deps, sender, signature.message_id, body, urls)
        except Conflict:
            raise Problem(409, "conflict", "this webhook-id was used for another body") from None
        except TooOften as error:
            raise self._doors.too_often(error.seconds) from None
        return _taken(received)

    def follow_request(self, request_id: str) -> Followed:
        """How far a request has come, address by address; knowing the id is the permission to ask."""
        found = follow(self._deps, request_id)
        if found is None:
            raise Problem(404, "unknown", "there is no such request")
        received, standings = found
        urls = tuple(_state(standing) for standing in standings)
        done = all(state.outcome != "queued" for state in urls)
        return Followed(id=received.id, received_at=utc(received.at), done=done, urls=urls)


def router(deps: Deps, doors: Doors) -> APIRouter:
    """The two routes of the door."""
    ingest = Ingest(deps, doors)
    routes = APIRouter(tags=["ingest"])
    routes.add_api_route(
        "/v1/ingest",
        ingest.ask_for_pages,
        methods=["POST"],
        status_code=202,
        response_model=Taken,
        responses=documented(400, 401, 403, 408, 409, 413, 422, 429, 503),
        openapi_extra=_documentation(doors),
    )
    routes.add_api_route("/v1/ingest/{request_id}", ingest.follow_request, responses=documented(404, 503))
    return routes


def _taken(received: Received) -> JSONResponse:
    where = f"/v1/ingest/{received.id}"
    states = tuple(
        UrlState(url=asked.url, outcome="queued" if asked.portal else "refused", reason=asked.reason)
        for asked in received.urls
    )
    taken = Taken(id=received.id, status_url=where, urls=states)
    return JSONResponse(taken.model_dump(), 202, {"location": where})


def _state(standing: Standing) -> UrlState:
    fields = standing.model_dump(exclude={"at"})
    return UrlState(**fields, at=utc(standing.at) if standing.at is not None else None)


def _documentation(doors: Doors) -> dict[str, Any]:
    """What FastAPI cannot see, since the body is verified before it is parsed."""
    names = {"webhook-id": "the sender's own id for this request", "webhook-timestamp": "seconds since 1970"}
    names["webhook-signature"] = "v1,<base64 of HMAC-SHA256(id.timestamp.body)>, several separated by spaces"
    header: list[dict[str, Any]] = [
        {"name": name, "in": "header", "required": doors.signed, "description": about, "schema": {"type": "string"}}
        for name, about in names.items()
    ]
    body = {"required": True, "content": {"application/json": {"schema": Ask.model_json_schema()}}}
    return {"parameters": header, "requestBody": body}
