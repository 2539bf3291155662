"""Errors as RFC 9457 problem details: what went wrong in one word and one sentence, and nothing of what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from worker.ledger.engine import AWAY

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


class ProblemBody(BaseModel):
    """A problem as clients see it (RFC 9457); `reason` is one word for programs, `detail` a sentence for people.

    `earliest` comes with the reason `forgotten`: the least `after` for which nothing is missing.
    """

    type: str = "about:blank"
    title: str
    status: int
    reason: str
    detail: str
    earliest: int | None = None


class Problem(Exception):
    """An answer that is an error."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        *,
        earliest: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.earliest = earliest
        self.status = status
        self.reason = reason
        self.detail = detail
        self.headers = dict(headers or {})


def response_of(problem: Problem) -> JSONResponse:
    """The problem as an answer."""
    title = HTTPStatus(problem.status).phrase
    said = {"status": problem.status, "reason": problem.reason, "detail": problem.detail}
    body = ProblemBody.model_validate({**said, "title": title, "earliest": problem.earliest})
    return JSONResponse(body.model_dump(exclude_none=True), problem.status, problem.headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI should say about these statuses."""
    content = {MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def add_to(app: FastAPI) -> None:
    """Let every error of the app be a problem."""
    app.add_exception_handler(Problem, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in AWAY:
        app.add_exception_handler(kind, _away)
    app.add_exception_handler(Exception, _bug)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class
    return response_of(error)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    """A path or method that is not there."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    phrase = HTTPStatus(error.status_code).phrase
    return response_of(Problem(error.status_code, phrase.lower().replace(" ", "_"), phrase, error.headers))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Parameters of another shape; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    said = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()[:5])
    return response_of(Problem(422, "invalid", said))


async def _away(_request: Request, error: Exception) -> JSONResponse:
    log.warning("ledger.away", error=type(error).__name__)
    return response_of(Problem(503, "ledger_away", "the database does not answer", {"retry-after": str(RETRY_SECONDS)}))


async def _bug(_request: Request, _error: Exception) -> JSONResponse:
    return response_of(Problem(500, "bug", "this is a mistake in Gongbao; the log has the details"))
