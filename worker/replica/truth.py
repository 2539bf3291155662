"""What a right crawl of the replica ends with, worked out from the texts and never by reading the pages back."""

from __future__ import annotations

from config.portal import Portal
from crawlers.models import Value
from worker.fingerprint import content_hash
from worker.outcomes import Outcome
from worker.replica import router, ucap
from worker.replica.plan import LATER, NO_REPORT, Quirk
from worker.replica.site import Phase, Publication, World

_REFUSALS = {
    Quirk.MISSING: Outcome.GONE,
    Quirk.SOFT_MISSING: Outcome.GONE,
    Quirk.CHALLENGE: Outcome.BLOCKED,
    Quirk.REDIRECT: Outcome.SKIPPED,
}
_REVISIONS = frozenset({Quirk.REVISED, Quirk.RETITLED})


class Truth(Value):
    """One page and how it ends. Of a report on two portals either may be the `new` one.

    `published_at` is the portal's, +08:00; it and `content_hash` are null for a page that is no report.
    """

    url: str
    portal: str
    title: str
    published_at: str | None
    outcome: Outcome
    content_hash: str | None


def truth(world: World, phase: Phase) -> list[Truth]:
    """The pages of a phase: phase 1 crawled from nothing, phase 2 by one who has crawled phase 1.

    In phase 2 a crawl need not visit an unchanged page that stands deep in its list; it is `unchanged` all the same.
    """
    seen: set[str] = set()
    return [_page(world, portal, page, phase, seen) for portal in world.portals for page in world.pages(portal, phase)]


def _page(world: World, portal: Portal, page: Publication, phase: Phase, seen: set[str]) -> Truth:
    document = world.document(page, phase)
    title = ucap.title_on_page(portal, page, document.title) if portal.family == "ucap" else document.title
    report = page.quirk not in NO_REPORT
    digest = None
    if report:
        digest = content_hash(title, document.text, [file.name for file in document.files], document.figures)
    return Truth(
        url=router.address(portal, page),
        portal=portal.name,
        title=title,
        published_at=_published(portal, page) if report else None,
        outcome=_outcome(page, phase, digest, seen),
        content_hash=digest,
    )


def _outcome(page: Publication, phase: Phase, digest: str | None, seen: set[str]) -> Outcome:
    """How the page ends; `seen` are the hashes so far."""
    if digest is None:
        return _REFUSALS[page.quirk]
    if phase == 2 and page.quirk not in LATER:
        return Outcome.REVISED if page.quirk in _REVISIONS else Outcome.UNCHANGED
    known = digest in seen
    seen.add(digest)
    return Outcome.DUPLICATE if known else Outcome.NEW


def _published(portal: Portal, page: Publication) -> str:
    """As the page shows it: most portals show or tell the day alone."""
    if portal.family == "ucap" and ucap.shows_time(portal):
        return f"{page.published:%Y-%m-%dT%H:%M:%S}+08:00"
    return f"{page.published:%Y-%m-%d}"
