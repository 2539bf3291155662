"""Which functions read which page: the one place that lists the families, and the five questions asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from config.portal import Column, ConfigError, Portal
from crawlers import address, readable, reading, refuse
from crawlers.cms import empire, epoint, jcms, jpaas, longxun, nfcms, plain, siteserver, tiangong, trs, ucap, vsb
from crawlers.html import is_selector
from crawlers.lists import counted, gkmlpt, recognise
from crawlers.lists import jpaas as jpaas_lists
from crawlers.models import Extract, Follow, Listing, Request
from crawlers.page import Page
from crawlers.reading import Reader
from crawlers.sites import gszfw


class Family(NamedTuple):
    """The functions that read one CMS family's lists and addresses."""

    start: Callable[[Portal, Column], Request]
    listing: Callable[[Page], Listing | Follow]
    page_key: Callable[[str], str]


def column_page(portal: Portal, column: Column) -> Request:
    """A walk begins at the column page."""
    return Request(url=column.url)


_FAMILIES = {
    "ucap": Family(ucap.start, ucap.listing, ucap.page_key),
    "jcms": Family(jcms.start, jcms.listing, jcms.page_key),
    "gszfw": Family(gszfw.start, gszfw.listing, gszfw.page_key),
    "jpaas": Family(column_page, jpaas_lists.listing, jcms.page_key),
    "nfcms": Family(column_page, gkmlpt.listing, address.path_key),
    "longxun": Family(column_page, counted.listing, address.path_key),
    **{
        name: Family(column_page, recognise.listing, address.path_key)
        for name in ("trs", "vsb", "epoint", "empire", "tiangong", "siteserver", "plain")
    },
}

_READERS = {  # in the order in which a page is asked whose it is: the more particular marks first
    "gszfw": Reader(gszfw.MARKS, gszfw.report),
    "nfcms": Reader(nfcms.MARKS, nfcms.report),
    "vsb": Reader(vsb.MARKS, vsb.report),
    "longxun": Reader(longxun.MARKS, longxun.report),
    "tiangong": Reader(tiangong.MARKS, tiangong.report),
    "ucap": Reader(ucap.MARKS, ucap.report),
    "jpaas": Reader(jpaas.MARKS, jpaas.report),
    "jcms": Reader(jcms.MARKS, jcms.report),
    "trs": Reader(trs.MARKS, trs.report),
    "epoint": Reader(epoint.MARKS, epoint.report),
    "empire": Reader(empire.MARKS, empire.report),
    "siteserver": Reader(siteserver.MARKS, siteserver.report),
    "plain": Reader(plain.MARKS, plain.report),
}


def check(portal: Portal) -> None:
    """Raise ConfigError for a portal that could not be read: its family is unknown, or a selector is none."""
    _family(portal)
    for name, css in portal.selectors:
        if css is not None and not is_selector(css):
            raise ConfigError(f"{portal.name}: selectors.{name}: {css} is no CSS selector")


def start(portal: Portal, column: Column) -> Request:
    """The first request of a walk through a column."""
    return _family(portal).start(portal, column)


def listing(page: Page) -> Listing | Follow:
    """The rows of a list page, or what has to be fetched first; without a portal the family is told from the page.

    Raises PageError: also for a page with no row that is a challenge, a missing page or the like.
    """
    readable.check(page)
    found = recognise.listing(page) if page.portal is None else _family(page.portal).listing(page)
    if isinstance(found, Follow) or not found.items:
        refuse.message(page)
    return found


def report(page: Page, parts: tuple[Page, ...] | None = ()) -> Extract | Follow:
    """The report on a page, or the further parts that it is split into. Raises PageError.

    With `parts` None the page is read alone, since its parts cannot be had; a warning says so.
    """
    return reading.read(page, parts, _READERS)


def page_key(portal: Portal, url: str) -> str:
    """The name of a publication within its portal: the CMS's own id where the address has one.

    An address of another host, which lists do link to, is its own name.
    """
    spelled = canonical(portal, url)
    return _family(portal).page_key(spelled) if portal.owns(spelled) else spelled


def canonical(portal: Portal, url: str) -> str:
    """The one spelling of a portal's address: canonical scheme and host, no default port, no mobile twin."""
    return address.canonical(portal, url)


def _family(portal: Portal) -> Family:
    try:
        return _FAMILIES[portal.family]
    except KeyError:
        known = ", ".join(sorted(_FAMILIES))
        raise ConfigError(f"{portal.name}: no family is called {portal.family}; known: {known}") from None
