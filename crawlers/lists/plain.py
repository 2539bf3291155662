"""Reads a list page of any kind from its structure alone: its entries and where its next page is."""

from __future__ import annotations

from crawlers.html import Document, parse_part
from crawlers.lists.pager import next_address
from crawlers.lists.rows import Row, find_rows, read_row, selected_rows
from crawlers.lists.titles import Links
from crawlers.models import Listing, Request
from crawlers.page import Page

_NO_TEXT = ["script", "style", "noscript", "template", "iframe", "select"]


def read_list(page: Page, markup: str | None = None) -> Listing:
    """The entries of a list page in its order, and its next page. An empty list is a Listing with no items.

    A portal's own row selector replaces the search for rows. `markup` is read in place of the page's own text, for
    calls that wrap a piece of HTML.
    """
    links = Links(fragment(page.text if markup is None else markup))
    own = page.portal.selectors.row if page.portal else None
    rows = selected_rows(links, own) if own else find_rows(links)
    items = tuple(entry(page, row) for row in rows)
    return Listing(items=items, next=turn(page, next_address(page, links.words)))


def read_records(page: Page, records: list[str]) -> tuple[Request, ...]:
    """The entries of a list that comes as one piece of HTML a row (a data call's records)."""
    read = []
    for record in records:
        tree = fragment(record)
        root = tree.body
        links = Links(tree)
        row = read_row(root, links.below(tree), links.words) if root is not None else None
        if row is not None:
            read.append(entry(page, row))
    return tuple(read)


def entry(page: Page, row: Row) -> Request:
    """A row as something to fetch, its address made absolute."""
    return Request(url=page.link(row.href), referer=page.url, title=row.title, date=row.day, pinned=row.pinned)


def turn(page: Page, address: str | None) -> Request | None:
    """The request for the next page, None when there is none."""
    return Request(url=address, referer=page.url) if address else None


def fragment(text: str) -> Document:
    """A parsed copy without scripts and the like; the page's own document stays as it is."""
    tree = parse_part(text)
    tree.strip_tags(_NO_TEXT)
    return tree
