"""Lists that a call returns as a piece of HTML with the page number in its address (龙讯 labels, Hebei blocks)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawlers.lists.answers import number, query_of, with_query
from crawlers.lists.plain import read_list
from crawlers.models import Listing, Request
from crawlers.page import Page

_CALL = re.compile(r"/site/label/\d+|/blocks/[\w-]+", re.IGNORECASE)
_COUNTERS = ("pageIndex", "page")
_PAGES = re.compile(r"\bpageCount[\"']?\s*[:=]\s*[\"']?(\d{1,6})", re.IGNORECASE)


def listing(page: Page) -> Listing:
    """The rows, and the same call for the next number; it ends at the page count, or with a page that is not full."""
    found = read_list(page)
    if page.url is None or found.next is not None or not found.items or not _CALL.search(urlsplit(page.url).path):
        return found
    query = query_of(page.url)
    counter = next((name for name in _COUNTERS if number(query.get(name)) is not None), None)
    if counter is None:
        return found
    here, size = number(query[counter]) or 1, number(query.get("pageSize"))
    pages = _PAGES.search(page.text)
    going_on = here < int(pages[1]) if pages else size is None or len(found.items) >= size
    address = with_query(page.url, **{counter: str(here + 1)})
    return found.model_copy(update={"next": Request(url=address, referer=page.url) if going_on else None})
