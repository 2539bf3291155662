"""甘肃政法网 and its sister sites: one platform of no known maker, whose reports are `/Show/<id>`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from config.portal import Column, Portal
from crawlers import generic
from crawlers.address import path_key
from crawlers.html import Node
from crawlers.lists.pager import next_address
from crawlers.lists.plain import entry, fragment, turn
from crawlers.lists.rows import read_row
from crawlers.lists.titles import Link, Links, main_link
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
    links = Links(fragment(page.text))
    numbered: dict[str, list[Link]] = {}
    for link in links.below(links.words.tree):
        if match := _SHOW.search(link.node.attributes.get("href") or ""):
            numbered.setdefault(match[1], []).append(link)
    owners = _owners(numbered)
    rows = (read_row(_row(number, own, owners), own, links.words) for number, own in numbered.items())
    items = tuple(entry(page, row) for row in rows if row is not None)
    return Listing(items=items, next=turn(page, next_address(page, links.words)))


def page_key(url: str) -> str:
    """`Show/462099`, the same for the desktop and the mobile page."""
    match = _SHOW.search(urlsplit(url).path)
    return f"Show/{match[1]}" if match else path_key(url)


def _owners(numbered: dict[str, list[Link]]) -> dict[int, str | None]:
    """The one report to which an element's links lead, None for several; an element is asked at most twice."""
    owners: dict[int, str | None] = {}
    for number, links in numbered.items():
        for link in links:
            node: Node | None = link.node
            while node is not None and owners.get(node.mem_id, "") not in {None, number}:
                owners[node.mem_id] = None if node.mem_id in owners else number
                node = node.parent
    return owners


def _row(number: str, links: list[Link], owners: dict[int, str | None]) -> Node:
    """The largest element around a report's titled link that holds no other report's."""
    node = (main_link(links) or next(iter(links))).node
    for _ in range(_CLIMB):
        parent = node.parent
        if parent is None or parent.tag in {"body", "html"} or owners[parent.mem_id] != number:
            break
        node = parent
    return node


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a `/Show/<id>` page; its template has never been seen, so the text is found by where it stands."""
    found = generic.report(page, parts)
    return found.model_copy(update={"extractor": found.extractor.replace("generic", "gszfw")})
