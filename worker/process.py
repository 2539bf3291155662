"""Reads fetched pages: bytes to extract, fingerprint and outcome. Deterministic: never retried, only replayed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import structlog

from config.portal import Portal
from crawlers import registry
from crawlers.errors import PageError, Unexpected
from crawlers.models import Extract, Follow, RawPage, Request
from crawlers.page import Page
from worker.archive import Lost
from worker.deps import Deps
from worker.discover import give_up_list, read_list
from worker.fingerprint import Fingerprint, fingerprint
from worker.holders import is_dead
from worker.identity import facts
from worker.ledger import claims, history, reports
from worker.ledger.claims import MOST_STARTS
from worker.ledger.frontier import EVERYTHING, Archived, Item, Scope, StaleClaim
from worker.ledger.reports import Reading
from worker.outcomes import Ended, OnEnd, Outcome, ignore, outcome_of
from worker.troubles import OUTSIDE
from worker.walk import row_mark

log = structlog.get_logger()


def process(deps: Deps, limit: int, *, scope: Scope = EVERYTHING, on_end: OnEnd = ignore) -> int:
    """Claim up to `limit` fetched pages, lists first, and read them one by one; returns how many were claimed.

    Readers of this machine that were killed are not waited for.
    """
    with deps.ledger.begin() as connection:
        dead = [reader for reader in claims.readers(connection) if is_dead(reader)]
        if dead and (freed := claims.free(connection, dead)):
            log.warning("claims.freed", pages=freed, readers=dead)
        items = claims.claim(connection, limit, scope, deps.holder)
    left = list(items)
    try:
        for item in items:
            left.remove(item)
            try:
                _read(deps, item, on_end)
            except StaleClaim as error:
                log.warning("claim.lost", portal=item.portal, url=item.request.url, error=str(error))
            except OUTSIDE:
                left.insert(0, item)
                with deps.ledger.begin() as connection:
                    claims.take_back(connection, item)
                raise
    finally:
        with deps.ledger.begin() as connection:
            claims.give_back(connection, left)
    return len(items)


def _read(deps: Deps, item: Item, on_end: OnEnd) -> None:
    if item.starts >= MOST_STARTS:
        _give_up(
            deps, item, Unexpected("crashed", f"its reading was begun {item.starts} times and never ended"), on_end
        )
        return
    with deps.ledger.begin() as connection:
        claims.start(connection, item)
    try:
        pages = load(deps, item.raw, deps.portals.get(item.portal), item.request)
    except Lost as error:
        _give_up(deps, item, Unexpected("lost", str(error)), on_end)
        return
    if item.kind == "list":
        read_list(deps, item, pages[-1])
        for archived in item.raw:
            deps.archive.drop(archived.key)
        return
    ended = read_report(deps, pages, item)
    if ended is not None:
        on_end(ended)


def _give_up(deps: Deps, item: Item, error: Unexpected, on_end: OnEnd) -> None:
    """A page that nobody could read: a report's is set aside, a list is read again by the next run."""
    if item.kind == "list":
        give_up_list(deps, item, str(error))
    else:
        _set_aside(deps, item, error, on_end)


def load(deps: Deps, raw: Sequence[Archived], portal: Portal | None, hint: Request | None = None) -> list[Page]:
    """The archived pages of one publication, its own first and further parts after it. Raises Lost."""
    name = portal.name if portal else None
    return [Page(deps.archive.get(entry.key, entry.fetched_at, name), portal, hint) for entry in raw]


def read_report(deps: Deps, pages: Sequence[Page], item: Item) -> Ended | None:
    """Read one page of the frontier and store what it says; None when further parts have to be fetched first."""
    first, *parts = pages
    try:
        extract = registry.report(first, tuple(parts) or (None if item.error else ()))
    except Unexpected as error:
        return _set_aside(deps, item, error, ignore)
    except PageError as error:
        return _refuse(deps, item, error)
    if isinstance(extract, Follow):
        with deps.ledger.begin() as connection:
            claims.want_parts(connection, item, extract.requests)
        return None
    reading = read(deps, item, first.raw, extract)
    with deps.ledger.begin() as connection:
        claims.finish(connection, item)
        stored = reports.store(connection, reading)
        ended = Ended(
            portal=item.portal or None,
            url=item.request.url,
            outcome=stored.outcome,
            report_id=stored.report_id,
            content_hash=reading.content_hash,
            event=stored.event,
        )
        history.end(connection, item.key, ended, item.run_id)
    _say(ended, extract)
    return ended


def read(deps: Deps, item: Item, raw: RawPage, extract: Extract) -> Reading:
    """What the ledger needs of one read page; the version before it is read again when the two differ."""
    mark = print_of(extract)
    with deps.ledger.begin() as connection:
        known = reports.known(connection, item.portal, item.key)
    reread = None
    if known is not None and known.content_hash != mark.content_hash:
        reread = _reread(deps, known, deps.portals.get(item.portal), item.request)
    return Reading(
        portal=item.portal,
        key=item.key,
        url=item.request.url,
        extract=extract,
        facts=facts(extract, mark),
        content_hash=mark.content_hash,
        raw=item.raw,
        raw_sha256=sha256(raw),
        row_mark=row_mark(item.request) if item.request.title else None,
        etag=raw.header("etag"),
        last_modified=raw.header("last-modified"),
        backfill=item.backfill,
        last_version=known.version if known else 0,
        last_reread=reread,
    )


def print_of(extract: Extract) -> Fingerprint:
    """The fingerprint of one page's extract."""
    names = [attachment.name for attachment in extract.attachments]
    return fingerprint(extract.title, extract.body, names, [image.url for image in extract.images])


def sha256(raw: RawPage) -> str:
    """SHA-256 of a page's bytes as they came, as hex."""
    return hashlib.sha256(raw.body).hexdigest()


def _reread(deps: Deps, known: reports.Known, portal: Portal | None, hint: Request) -> str | None:
    """The last version's hash by today's code, so that a better extractor does not look like a revision."""
    try:
        first, *parts = load(deps, known.raw, portal, hint)
        extract = registry.report(first, tuple(parts) or None)
    except (PageError, Lost):
        return None
    return print_of(extract).content_hash if isinstance(extract, Extract) else None


def _refuse(deps: Deps, item: Item, error: PageError) -> Ended:
    """A page that was understood and is no report."""
    outcome = outcome_of(error)
    ended = Ended(
        portal=item.portal or None, url=item.request.url, outcome=outcome, reason=error.reason, error=str(error)
    )
    with deps.ledger.begin() as connection:
        claims.finish(connection, item)
        history.end(connection, item.key, ended, item.run_id, row_mark(item.request) if item.request.title else None)
    _say(ended, None)
    return ended


def _set_aside(deps: Deps, item: Item, error: Unexpected, on_end: OnEnd) -> Ended:
    """A page that nobody could read is kept with its bytes until a person or a new version has looked at it."""
    ended = Ended(
        portal=item.portal or None,
        url=item.request.url,
        outcome=Outcome.QUARANTINED,
        reason=error.reason,
        error=str(error),
    )
    with deps.ledger.begin() as connection:
        claims.quarantine(connection, item, str(error))
        history.end(connection, item.key, ended, item.run_id)
    _say(ended, None)
    on_end(ended)
    return ended


def _say(ended: Ended, extract: Extract | None) -> None:
    event = "report.stored" if ended.report_id else f"page.{ended.outcome.value}"
    more = {"title": extract.title, "warnings": list(extract.warnings)} if extract else {"error": ended.error}
    level = log.warning if ended.outcome in (Outcome.QUARANTINED, Outcome.BLOCKED, Outcome.FAILED) else log.info
    level(
        event,
        portal=ended.portal,
        url=ended.url,
        outcome=ended.outcome.value,
        reason=ended.reason,
        report_id=ended.report_id,
        content_hash=ended.content_hash,
        **more,
    )
