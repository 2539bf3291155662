"""What consumers read without a broker: reports, events in their order, and a feed for each portal."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator

from crawlers.models import Report, Value
from worker.deps import Deps
from worker.ledger import library, outbox, retention
from worker.ledger.library import Place
from worker.publish import as_message
from worker.timetable import CHINA
from worker.web.atom import MEDIA_TYPE, feed
from worker.web.doors import Doors
from worker.web.problems import Problem, documented

FEED_ENTRIES = 50
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REPORT_ID = re.compile(r"r[0-9a-f]{19}")
_PLACE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?_r[0-9a-f]{19}")


def _day(given: object) -> object:
    """A day as it is written; pydantic would take a number of seconds, too."""
    if not isinstance(given, str) or not _DAY.fullmatch(given):
        raise ValueError("write a day as 2025-03-01")
    return given


Limit = Annotated[int, Query(ge=1, le=200, description="at most so many")]
PortalName = Annotated[str | None, Query(description="only this portal's")]
Day = Annotated[date, BeforeValidator(_day)]
Since = Annotated[Day | None, Query(description="only those first seen on or after this day in China")]
AfterReport = Annotated[str | None, Query(pattern=f"^{_PLACE.pattern}$", description="`next` of the answer before")]
AfterEvent = Annotated[int, Query(ge=0, le=2**53, description="`next` of the answer before; 0 is the beginning")]


class Publication(Value):
    """A page that publishes a report."""

    portal: str | None
    url: str
    title: str | None
    published_at: str | None
    source: str | None
    diverged: bool
    first_seen_at: str
    last_seen_at: str


class WholeReport(Report):
    """A report with every page that publishes it, its lead first."""

    merged_into: str | None = None
    publications: tuple[Publication, ...]


class ReportPage(Value):
    """Reports, newest first; `next` is null at the end."""

    reports: tuple[Report, ...]
    next: str | None


class EventMessage(Value):
    """Something that happened to a report; consumers drop repetitions by `event_id`."""

    seq: int
    event_id: str
    kind: str
    occurred_at: str
    backfill: bool
    report: dict[str, object]


class EventPage(Value):
    """Events in order; ask again with `after` = `next`."""

    events: tuple[EventMessage, ...]
    next: int


class Reading:
    """The questions of readers, over one ledger. Documents are sent as they were stored; the models describe them."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    def list_reports(
        self, portal: PortalName = None, since: Since = None, after: AfterReport = None, limit: Limit = 50
    ) -> Response:
        """The reports seen last, newest first."""
        self._require(portal)
        with self._deps.ledger.begin() as connection:
            found, place = library.page(connection, limit, portal, _seconds(since), _place(after))
        following = f"{place.first_seen_at!r}_{place.id}" if place else None
        return JSONResponse({"reports": found, "next": following})

    def show_report(self, report_id: str) -> Response:
        """One report, whole, with its publications."""
        found = None
        if _REPORT_ID.fullmatch(report_id):
            with self._deps.ledger.begin() as connection:
                found = library.whole(connection, report_id)
        if found is None:
            raise Problem(404, "unknown", "there is no such report")
        return JSONResponse(found)

    def list_events(self, after: AfterEvent = 0, limit: Limit = 100) -> Response:
        """Events behind a number, in order, whether or not any broker has been told of them.

        When some of them are no longer kept the answer is 410, and names the `earliest` number to go on behind.
        """
        with self._deps.ledger.begin() as connection:
            earliest = retention.forgotten(connection).seq
            if after < earliest:
                said = f"events up to {earliest} are no longer kept; go on with after={earliest}, and see /v1/reports"
                raise Problem(410, "forgotten", said, earliest=earliest)
            outbox.number(connection, limit)
            events = outbox.after(connection, after, limit)
        bodies = self._deps.settings.event_body
        messages: list[dict[str, Any]] = [{"seq": each.seq, **as_message(each, bodies=bodies)} for each in events]
        return JSONResponse({"events": messages, "next": messages[-1]["seq"] if messages else after})

    def read_feed(self, portal: str) -> Response:
        """The newest reports of a portal as an Atom feed."""
        self._require(portal)
        with self._deps.ledger.begin() as connection:
            found = library.newest(connection, FEED_ENTRIES, portal)
        return Response(feed(self._deps.portals[portal], found), media_type=MEDIA_TYPE)

    def _require(self, portal: str | None) -> None:
        if portal is not None and portal not in self._deps.portals:
            raise Problem(404, "unknown", "no portal is called so")


def router(deps: Deps, doors: Doors) -> APIRouter:
    """The routes for readers."""
    reading = Reading(deps)
    routes = APIRouter(
        tags=["reading"],
        dependencies=[Depends(doors.admit_reader_of)],
        responses=documented(401, 403, 404, 422, 503),
    )
    for path, endpoint, model in (
        ("/v1/reports", reading.list_reports, ReportPage),
        ("/v1/reports/{report_id}", reading.show_report, WholeReport),
        ("/v1/events", reading.list_events, EventPage),
    ):
        gone = documented(410) if endpoint == reading.list_events else {}
        routes.add_api_route(path, endpoint, responses={200: {"model": model}, **gone})
    atom: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}
    routes.add_api_route("/v1/feeds/{portal}.atom", reading.read_feed, response_class=Response, responses=atom)
    return routes


def _place(after: str | None) -> Place | None:
    if after is None:
        return None
    at, _, report_id = after.partition("_")
    return Place(first_seen_at=float(at), id=report_id)


def _seconds(day: date | None) -> float | None:
    return datetime.combine(day, time.min, CHINA).timestamp() if day else None
