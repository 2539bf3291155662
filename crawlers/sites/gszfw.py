"""甘肃政法网 and its sister sites: one platform of no known maker, whose reports are `/Show/<id>`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from config.portal import Column, Portal
from crawlers import generic
from crawlers.address import path_key
from crawlers.html import Node, attribute
from crawlers.lists.pager import next_address
from crawlers.lists.plain import entry, fragment, turn
from crawlers.lists.rows import read_row
from crawlers.lists.titles import main_link
from crawlers.marks import Marks
from crawlers.models import Extract, Listing, Request
from crawlers.page import Page

_SHOW = re.compile(r"/Show/(\d+)", re.IGNORECASE)
_CLIMB = 5
MARKS = Marks(address=_SHOW)


def start(portal: Portal, column: Column) -> Request:
    """A walk begins at the column page."""
    return Request(url=column.url)


def listing(page: Page) -> Listing:
    """Every link to a report, wherever it stands on the page; no list template has been seen, so none is assumed."""
    tree = fragment(page.text)
    links: dict[str, list[Node]] = {}
    for anchor in tree.css("a[href]"):
        if match := _SHOW.search(attribute(anchor, "href") or ""):
            links.setdefault(match[1], []).append(anchor)
    rows = (read_row(_row(number, anchors), anchors) for number, anchors in links.items())
    items = tuple(entry(page, row) for row in rows if row is not None)
    return Listing(items=items, next=turn(page, next_address(page, tree)))


def page_key(url: str) -> str:
    """`Show/462099`, the same for the desktop and the mobile page."""
    match = _SHOW.search(urlsplit(url).path)
    return f"Show/{match[1]}" if match else path_key(url)


def _row(number: str, anchors: list[Node]) -> Node:
    """The largest element around a report's titled link that holds no other report's."""
    node = main_link(anchors) or next(iter(anchors))
    for _ in range(_CLIMB):
        parent = node.parent
        if parent is None or parent.tag in {"body", "html"}:
            break
        targets = {match[1] for a in parent.css("a[href]") if (match := _SHOW.search(attribute(a, "href") or ""))}
        if targets != {number}:
            break
        node = parent
    return node


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a `/Show/<id>` page; its template has never been seen, so the text is found by where it stands."""
    found = generic.report(page, parts)
    return found.model_copy(update={"extractor": found.extractor.replace("generic", "gszfw")})
