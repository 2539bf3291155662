"""Rows of a JSON answer of no known make: its first list of objects that have a title and an address each."""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.errors import Unexpected
from crawlers.lists.answers import day, table, text
from crawlers.models import Listing, Request
from crawlers.page import Page

_TITLES = ("title", "doctitle", "newstitle", "articletitle", "infotitle", "name", "bt")
_ADDRESSES = ("url", "publishurl", "docpuburl", "linkurl", "pageurl", "articleurl", "infourl", "link", "href")
_DAY_NAMES = (  # those of publication first
    "publishtime publishdate pubtime pubdate docreltime docpubtime releasetime showtime fbsj infodate date time "
    "createtime createdate"
)
_DAYS = tuple(_DAY_NAMES.split())
_DEEP = 4  # objects within each other


def listing(page: Page) -> Listing:
    """The rows of an answer. Unexpected when no list in it has any."""
    for rows in _lists(page.json, _DEEP):
        items = tuple(item for row in rows if (item := _item(page, row)) is not None)
        if 2 * len(items) > len(rows):
            return Listing(items=items)
    raise Unexpected("list", "the answer has no list of titles and addresses", url=page.url)


def _lists(value: object, deep: int) -> Iterator[list[object]]:
    """The lists in an answer that hold something, the outermost first."""
    if isinstance(value, list):
        if value:
            yield value
    elif deep:
        for inner in table(value).values():
            yield from _lists(inner, deep - 1)


def _item(page: Page, row: object) -> Request | None:
    fields = {name.lower(): value for name, value in table(row).items()}
    title = next((found for name in _TITLES if (found := text(fields.get(name)))), None)
    address = next((found for name in _ADDRESSES if (found := text(fields.get(name)))), None)
    if not title or not address:
        return None
    date = day(*(fields[name] for name in _DAYS if name in fields))
    return Request(url=page.link(address), referer=page.url, title=title, date=date)
