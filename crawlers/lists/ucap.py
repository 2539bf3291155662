"""How 开普 UCAP lists: a JSON call whose channel id the column page knows, or else static pages."""

from __future__ import annotations

import hashlib
import math
import re
from urllib.parse import urlencode, urlsplit

from crawlers.errors import Unexpected
from crawlers.lists.answers import day, number, query_of, table, text, with_query
from crawlers.lists.plain import read_list
from crawlers.models import Follow, Listing, Request
from crawlers.page import Page

_CHANNEL = re.compile(
    r"<meta\b[^<>]{0,80}\bname\s*=\s*[\"']?channelid[\"']?[^<>]{0,80}\bcontent\s*=\s*[\"']?([0-9a-f]{32})"
    r"|<meta\b[^<>]{0,80}\bcontent\s*=\s*[\"']?([0-9a-f]{32})[\"']?[^<>]{0,80}\bname\s*=\s*[\"']?channelid"
    r"|/(?:common/search|searchlist)/([0-9a-f]{32})"
    r"|\bchannel_?id[\"']?\s*[:=]\s*[\"']([0-9a-f]{32})",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"^/(?P<site>[^/]+)/(?P<code>c\d{4,})/")
_PAGE_SIZE = 20


def listing(page: Page) -> Listing | Follow:
    """The rows of a list: from the JSON call, else from a static page, else what has to be asked first.

    On a portal's column page the JSON call is preferred, because it tells the total; a page that was given by hand is
    read as it stands. Raises Unexpected for an answer without rows or a column page without a channel.
    """
    if page.text.lstrip()[:1] in {"{", "["}:
        return _answer(page)
    channel = _CHANNEL.search(page.text)
    if page.portal is not None and channel is not None:
        return _ask(page, next(filter(None, channel.groups())))
    static = read_list(page)
    if static.items or page.url is None:
        return static
    if channel is not None:
        return _ask(page, next(filter(None, channel.groups())))
    column = _COLUMN.match(urlsplit(page.url).path)
    if column is None or page.portal is None:
        return static
    query = urlencode({"channelCode": column["code"], "websiteCodeName": column["site"]})
    return Follow(requests=(Request(url=page.link(f"/common/getChannelList?{query}"), referer=page.url),))


def _ask(page: Page, channel: str) -> Follow:
    query = {"_isAgg": "true", "_isJson": "true", "_pageSize": _PAGE_SIZE, "_template": "index"}
    query |= {"_rangeTimeGte": "", "_channelName": "", "page": 1}
    address = page.link(f"/common/search/{channel}?{urlencode(query)}")
    return Follow(requests=(Request(url=address, referer=page.url),))


def _answer(page: Page) -> Listing | Follow:
    """A JSON answer: rows of a search, or the channel that a column code stands for."""
    answer = table(page.json)
    data = table(answer.get("data"))
    rows = data.get("results", answer.get("results"))
    if isinstance(rows, list):
        items = tuple(item for row in rows if (item := _item(page, table(row))) is not None)
        if rows and not items:
            raise Unexpected("list", "no row of the answer has a title and an address", url=page.url)
        return Listing(items=items, next=_next(page, data, len(rows)), total=number(data.get("total")))
    channel = _channel_id(table(rows))
    if channel is None:
        raise Unexpected("list", "the answer has neither rows nor a channel id", url=page.url)
    return _ask(page, channel)


def _channel_id(channel: dict[str, object]) -> str | None:
    """The channel's own id, or that of its only child."""
    own = channel.get("channelId")
    if isinstance(own, str) and own:
        return own
    children = channel.get("children")
    ids = [table(child).get("channelId") for child in children] if isinstance(children, list) else []
    named = [name for name in ids if isinstance(name, str) and name]
    return named.pop() if len(named) == 1 else None


def _item(page: Page, row: dict[str, object]) -> Request | None:
    url, title = text(row.get("url")), text(row.get("title")) or text(row.get("subTitle"))
    if not url or not title:
        return None
    body = text(row.get("content"))
    digest = hashlib.sha256("".join(body.split()).encode()).hexdigest() if body else None
    return Request(
        url=page.link(url),
        referer=page.url,
        title=title,
        date=day(row.get("publishedTimeStr"), row.get("publishedTime")),
        digest=digest,
    )


def _next(page: Page, data: dict[str, object], rows: int) -> Request | None:
    """The same call for the next page number, until total rows are read; without a total until a page is short."""
    if page.url is None or not rows:
        return None
    query = query_of(page.url)
    size = number(query.get("_pageSize")) or number(data.get("rows")) or rows
    here = number(query.get("page")) or number(data.get("page")) or 1
    total = number(data.get("total"))
    last = math.ceil(total / size) if total is not None else here + (rows >= size)
    if here >= last:
        return None
    return Request(url=with_query(page.url, page=str(here + 1)), referer=page.url)
