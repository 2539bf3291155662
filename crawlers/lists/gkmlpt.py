"""How Guangdong's disclosure platform (gkmlpt) lists: an empty page, and a JSON call for each category."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawlers.errors import Unexpected
from crawlers.lists.answers import day, number, query_of, table, text, with_query
from crawlers.lists.plain import read_list
from crawlers.models import Follow, Listing, Request
from crawlers.page import Page

_SITE = re.compile(r"\bSID[\"']?\s*[:=]\s*[\"']?(\d{1,12})")
_BASE = re.compile(r"^(/[^?#]*)?/gkmlpt/")
_PAGE_SIZE = 100


def listing(page: Page) -> Listing | Follow:
    """The rows of a category; for the platform's page the call for the category that its address names (`#1234`).

    Any other page is read plainly. Raises Unexpected for an answer without articles.
    """
    if page.text.lstrip()[:1] == "{":
        return _answer(page)
    site = _SITE.search(page.text) if "_CONFIG" in page.text else None
    asked = page.raw.url or ""
    category = urlsplit(asked).fragment
    base = _BASE.match(urlsplit(asked).path)
    if site is None or base is None or not category.isdecimal():
        return read_list(page)
    address = page.link(f"{base[1] or ''}/gkmlpt/api/all/{category}?page=1&sid={site[1]}")
    return Follow(requests=(Request(url=address, referer=page.url),))


def _answer(page: Page) -> Listing:
    answer = table(page.json)
    articles = answer.get("articles")
    if not isinstance(articles, list):
        raise Unexpected("list", "the answer has no articles", url=page.url)
    items = tuple(item for article in articles if (item := _item(page, table(article))) is not None)
    total = number(table(answer.get("classify")).get("post_count")) or number(answer.get("total"))
    return Listing(items=items, next=_next(page, total, len(articles)), total=total)


def _item(page: Page, article: dict[str, object]) -> Request | None:
    url, title = text(article.get("url")) or text(article.get("post_url")), text(article.get("title"))
    if url is None or title is None:
        return None
    names = ("display_publish_time", "first_publish_time", "publish_time", "date", "created_at", "create_time")
    shown = day(*(article.get(name) for name in names))
    return Request(url=page.link(url), referer=page.url, title=title, date=shown)


def _next(page: Page, total: int | None, rows: int) -> Request | None:
    if page.url is None or not rows:
        return None
    here = number(query_of(page.url).get("page")) or 1
    more = here * _PAGE_SIZE < total if total is not None else rows >= _PAGE_SIZE
    return Request(url=with_query(page.url, page=str(here + 1)), referer=page.url) if more else None
