"""Which functions read which page: the one place that lists the families, and the five questions asked of them."""

from __future__ import annotations

from config.portal import Column, Portal
from crawlers.models import Extract, Follow, Listing, Request
from crawlers.page import Page


def start(portal: Portal, column: Column) -> Request:
    """The first request of a walk through a column."""
    raise NotImplementedError


def listing(page: Page) -> Listing | Follow:
    """The rows of a list page, or what has to be fetched first."""
    raise NotImplementedError


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract | Follow:
    """The report on a page, or the further parts that it is split into. Raises PageError."""
    raise NotImplementedError


def page_key(portal: Portal, url: str) -> str:
    """The name of a publication within its portal: the CMS's own id where the address has one."""
    raise NotImplementedError


def canonical(portal: Portal, url: str) -> str:
    """The one spelling of a portal's address: canonical scheme and host, no default port, no mobile twin."""
    raise NotImplementedError
