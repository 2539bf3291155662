"""Pages of the replica, asked for without a socket and read with the adapters."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple
from urllib.parse import urlsplit

from config.portal import Portal
from crawlers import registry
from crawlers.models import Extract, Follow, Listing, RawPage, Request
from crawlers.page import Page
from worker.fingerprint import content_hash
from worker.replica.answer import Answer
from worker.replica.plan import Quirk
from worker.replica.router import Router, address
from worker.replica.site import Phase, Publication, World
from worker.replica.truth import Truth, truth

FETCHED = datetime(2025, 6, 1, tzinfo=UTC)


class Reader:
    """Asks a world without a socket and reads the answers with the adapters."""

    def __init__(self, world: World, phase: Phase = 1) -> None:
        self._router = Router(world)
        self._numbers = count(1)
        self.phase: Phase = phase

    def get(self, url: str) -> Answer:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return self._router.answer(parts.netloc, target, "", self.phase, next(self._numbers))

    def page(self, portal: Portal, request: Request) -> Page:
        answer = self.get(request.url)
        headers = (("content-type", answer.content_type),)
        raw = RawPage(url=request.url, status=answer.status, headers=headers, body=answer.body, fetched_at=FETCHED)
        return Page(raw, portal, request)

    def rows(self, portal: Portal) -> list[Request]:
        """All rows of a portal, its lists read to their ends."""
        rows: list[Request] = []
        for column in portal.columns:
            request: Request | None = registry.start(portal, column)
            while request:
                found = registry.listing(self.page(portal, request))
                if isinstance(found, Follow):
                    (request,) = found.requests
                    continue
                assert isinstance(found, Listing)
                assert found.items
                rows += found.items
                request = found.next
        return rows


class Case(NamedTuple):
    """A world, and where in it a quirk is found."""

    world: World
    portal: Portal
    page: Publication


def find(world: World, quirk: Quirk) -> Case:
    """The first page with that quirk."""
    return next(
        Case(world, portal, page) for portal in world.portals for page in world.pages(portal, 2) if page.quirk is quirk
    )


def read(case: Case, phase: Phase = 1) -> Extract:
    reader = Reader(case.world, phase)
    extract = registry.report(reader.page(case.portal, Request(url=address(case.portal, case.page))))
    assert isinstance(extract, Extract)
    return extract


def digest(extract: Extract) -> str:
    names = [attachment.name for attachment in extract.attachments]
    return content_hash(extract.title, extract.body, names, [image.url for image in extract.images])


def told(case: Case, phase: Phase = 1) -> Truth:
    return next(one for one in truth(case.world, phase) if one.url == address(case.portal, case.page))
