"""Looks at one address now, through its host's lane like every other request, and stores nothing of it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from config.portal import Column, ConfigError, Portal
from config.settings import Settings
from crawlers.models import RawPage, Request
from worker.deps import Deps, open_deps
from worker.discover import lane_of
from worker.fetch import Fetcher, FetchPolicy, NotModified
from worker.lanes import hold

_WAIT_SECONDS = 0.2


def visit(settings: Settings, request: Request, portal: Portal | None) -> RawPage:
    """Fetch one page. An address of no configured portal is visited under its own host's name.

    Raises PageError, and ConfigError for an address without a host.
    """
    return asyncio.run(_visit(open_deps(settings), request, portal or _stranger(request.url)))


async def _visit(deps: Deps, request: Request, portal: Portal) -> RawPage:
    async with Fetcher(FetchPolicy.of(deps.settings)) as fetcher:
        while True:
            async with hold(deps, fetcher, lane_of(portal)) as lane:
                if lane is not None:
                    page = await lane.fetch(request, portal)
                    assert not isinstance(page, NotModified)  # noqa: S101 - an unconditional request has no 304
                    return page
            await asyncio.sleep(_WAIT_SECONDS)


def _stranger(url: str) -> Portal:
    parts = urlsplit(url)
    if not parts.hostname:
        raise ConfigError(f"{url} has no host")
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return Portal(name=parts.hostname, title=parts.hostname, family="", url=origin, columns=(Column(name="", url=url),))
