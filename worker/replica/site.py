"""The small index of all that the replica publishes; texts and pages are made from it when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from config.portal import Portal, load_portals
from worker.replica.dice import dice
from worker.replica.plan import BACKDATED_ON, ENOUGH, LATER, PLAN, TWINS, Quirk
from worker.replica.texts import Document
from worker.replica.variants import document_of

Phase = Literal[1, 2]
BUILT_IN = ("dalian-sfj", "gansu-zfw", "harbin-pingfang", "heilongjiang-sft", "tahe")
NEWEST = datetime(2025, 3, 20, 9, 0)  # noqa: DTZ001 - the portals' local time, as their pages show it
_MOST_APART = timedelta(days=3)
_REACH = timedelta(days=3650)
_ISSUED = 7  # the CMS gives ids to more than reports
_FIRST_ID = {"ucap": 310_000, "jcms": 2_410_000, "gszfw": 460_000}


class Publication(NamedTuple):
    """One page at an address: where and when it is published, and the name that its text is made from.

    `serial` is the CMS's own number, `written` the day that the report bears, `published` the portal's local time.
    """

    portal: str
    column: int
    serial: int
    published: datetime
    written: date
    text: str
    quirk: Quirk = Quirk.PLAIN


class World:
    """`reports` pages over the portals in equal parts, and a few more in phase 2; the same for the same arguments.

    `portals` replaces the five built-in ones; any portal of the families ucap, jcms and gszfw can be played.
    Raises ValueError for a portal of another family, and when one would get fewer pages than it has columns.
    """

    def __init__(self, reports: int = 40, seed: int = 1, portals: Sequence[Portal] | None = None) -> None:
        known = load_portals() if portals is None else {portal.name: portal for portal in portals}
        chosen = BUILT_IN if portals is None else tuple(known)
        self.seed = seed
        self.portals = tuple(known[name] for name in chosen)
        shares = [reports // len(chosen) + (place < reports % len(chosen)) for place in range(len(chosen))]
        for portal, share in zip(self.portals, shares, strict=True):
            if portal.family not in _FIRST_ID:
                raise ValueError(f"{portal.name}: the replica cannot play the family {portal.family}")
            if share < len(portal.columns):
                raise ValueError(
                    f"{reports} reports are too few: {portal.name} alone has {len(portal.columns)} columns"
                )
        self._gap = min(_MOST_APART, _REACH / max(shares))
        quirky = min(shares) >= ENOUGH
        self._pages: dict[str, tuple[Publication, ...]] = {}
        for portal, share in zip(self.portals, shares, strict=True):
            self._pages[portal.name] = tuple(self._publish(portal, share, quirky=quirky))
        self._by_serial = {(page.portal, page.serial): page for pages in self._pages.values() for page in pages}

    def pages(self, portal: Portal, phase: Phase) -> list[Publication]:
        """What the portal lists in that phase, the newest first."""
        return [page for page in self._pages[portal.name] if phase == 2 or page.quirk not in LATER]

    def rows(self, portal: Portal, column: int, phase: Phase) -> list[Publication]:
        """The rows of a column in its order: a pinned one on top, then the newest first."""
        rows = [page for page in self.pages(portal, phase) if page.column == column]
        return sorted(rows, key=lambda page: page.quirk is not Quirk.PINNED)

    def find(self, portal: Portal, serial: int, phase: Phase) -> Publication | None:
        """The page with that number, if it is there already."""
        page = self._by_serial.get((portal.name, serial))
        return page if page and (phase == 2 or page.quirk not in LATER) else None

    def document(self, page: Publication, phase: Phase) -> Document:
        """What the page says in that phase."""
        return document_of(self.seed, page.text, page.written, page.quirk, phase)

    def page_size(self, portal: Portal) -> int:
        """Rows on one static list page: few enough for several pages, many enough for not too many."""
        return min(50, max(5, len(self._pages[portal.name]) // 4))

    def _publish(self, portal: Portal, share: int, *, quirky: bool) -> list[Publication]:
        """The pages of one portal, the newest first."""
        first_id = _FIRST_ID[portal.family] + dice(self.seed, portal.name).randrange(5000)
        plan = PLAN.get(portal.name, {}) if quirky else {}
        slots = [(slot, plan.get(slot, Quirk.PLAIN)) for slot in reversed(range(share))]
        if quirky:
            slots.append((-1, Quirk.ADDED))
        if quirky and portal.name == BACKDATED_ON:
            slots.append((2, Quirk.BACKDATED))
        pages = [self._page(portal, slot, first_id + at * _ISSUED, quirk) for at, (slot, quirk) in enumerate(slots)]
        return sorted(pages, key=lambda page: (page.published, page.serial), reverse=True)

    def _page(self, portal: Portal, slot: int, serial: int, quirk: Quirk) -> Publication:
        day = NEWEST - self._gap * slot
        if quirk is Quirk.PINNED:
            day -= timedelta(days=500)
        if quirk is Quirk.BACKDATED:
            day -= self._gap / 2
        minutes = dice(self.seed, portal.name, serial).randrange(480)
        published = datetime.combine(day.date(), NEWEST.time()) + timedelta(minutes=minutes)
        text = TWINS.get(quirk) or f"{portal.name}/{serial}"
        return Publication(portal.name, abs(slot) % len(portal.columns), serial, published, day.date(), text, quirk)
