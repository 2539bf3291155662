"""Puts the HTTP surface together: its routes, its errors, and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.deps import Deps
from worker.web import health, ingest, pages, problems, reading
from worker.web.doors import Doors

THREADS = 8
_DESCRIPTION = "Reports of Chinese government portals: ask for pages, read reports and events."


def build(deps: Deps, doors: Doors, broker_answers: Callable[[], bool]) -> FastAPI:
    """The app; `broker_answers` says whether the broker does."""
    app = FastAPI(
        title="Gongbao",
        description=_DESCRIPTION,
        docs_url=None,  # the usual viewer is a script from another host
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=_lifespan,
    )
    problems.add_to(app)
    for router in (
        ingest.router(deps, doors),
        reading.router(deps, doors),
        health.router(deps, doors, broker_answers),
    ):
        app.include_router(router)

    @app.get("/docs", response_class=HTMLResponse, include_in_schema=False)
    def docs() -> str:
        return pages.docs(app.openapi())

    app.add_middleware(_Headers)
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Few threads, since each may hold a connection to the database."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


class _Headers:
    """Adds the headers that keep browsers from making more of an answer than it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        answer = Response()
        answer.headers["content-security-policy"] = pages.policy()
        answer.headers["x-content-type-options"] = "nosniff"
        answer.headers["referrer-policy"] = "no-referrer"
        answer.headers["cache-control"] = "no-store"
        self._headers = [pair for pair in answer.raw_headers if pair[0] != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._headers]}
            await send(message)

        await self._app(scope, receive, with_headers)
