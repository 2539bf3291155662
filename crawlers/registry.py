"""Which functions read which page: the one place that lists the families, and the five questions asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from config.portal import Column, ConfigError, Portal
from crawlers import address
from crawlers.cms import jcms, ucap
from crawlers.models import Extract, Follow, Listing, Request
from crawlers.page import Page
from crawlers.sites import gszfw


class Family(NamedTuple):
    """The functions that read one CMS family's lists and addresses."""

    start: Callable[[Portal, Column], Request]
    listing: Callable[[Page], Listing | Follow]
    page_key: Callable[[str], str]


_FAMILIES = {
    "ucap": Family(ucap.start, ucap.listing, ucap.page_key),
    "jcms": Family(jcms.start, jcms.listing, jcms.page_key),
    "gszfw": Family(gszfw.start, gszfw.listing, gszfw.page_key),
}


def start(portal: Portal, column: Column) -> Request:
    """The first request of a walk through a column."""
    return _family(portal).start(portal, column)


def listing(page: Page) -> Listing | Follow:
    """The rows of a list page, or what has to be fetched first."""
    if page.portal is None:
        raise NotImplementedError
    return _family(page.portal).listing(page)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract | Follow:
    """The report on a page, or the further parts that it is split into. Raises PageError."""
    raise NotImplementedError


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
