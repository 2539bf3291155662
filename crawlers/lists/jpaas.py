"""How 大汉 JPAAS lists: a block of the page names the call that builds it, and the call answers with HTML in JSON."""

from __future__ import annotations

import json
import math
import re
from urllib.parse import urlencode

from crawlers.errors import Unexpected
from crawlers.lists.answers import number, query_of, table, unescape, with_query
from crawlers.lists.plain import read_list
from crawlers.models import Follow, Listing, Request
from crawlers.page import Page

_BLOCK = re.compile(
    r"<\w[^<>]{0,2000}\bquerydata\s*=\s*(?:\"([^\"]{2,2000})\"|'([^']{2,2000})')[^<>]{0,2000}>", re.IGNORECASE
)
_CALL = re.compile(r"\burl\s*=\s*[\"']([^\"']{0,200}build/unit[^\"']{0,50})", re.IGNORECASE)
_PAIR = re.compile(r"[\"'](\w+)[\"']\s*:\s*[\"']?([^\"',}]*)")
_COUNT = re.compile(r"\bcount[\"']?\s*[=:]\s*[\"']?(\d{1,8})", re.IGNORECASE)
_ROWS = re.compile(r"\brows[\"']?\s*[=:]\s*[\"']?(\d{1,4})", re.IGNORECASE)
_CALL_PATH = "/api-gateway/jpaas-publish-server/front/page/build/unit"


def listing(page: Page) -> Listing | Follow:
    """The rows of a column page or of the call that builds its list.

    Raises Unexpected for an answer without HTML.
    """
    if page.text.lstrip()[:1] == "{":
        markup = table(table(page.json).get("data")).get("html")
        if not isinstance(markup, str):
            raise Unexpected("list", "the answer has no html", url=page.url)
        found = read_list(page, markup)
        return found.model_copy(update={"next": _next(page, markup, len(found.items)), "total": _total(markup)})
    found = read_list(page)
    call = _call(page.text)
    if found.next is not None or call is None or page.url is None:
        return found
    address = page.link(call)
    if not found.items:
        return Follow(requests=(_numbered(address, 1, _size(page.text), page.url),)) if page.portal else found
    total, size = _total(page.text), _size(page.text, len(found.items))
    going_on = total is not None and total > len(found.items)
    return found.model_copy(
        update={"next": _numbered(address, 2, size, page.url) if going_on else None, "total": total}
    )


def _call(text: str) -> str | None:
    """The address of the call with its parameters, from the block that carries a page id."""
    for block in _BLOCK.finditer(text):
        given = dict(_PAIR.findall(unescape(block[1] or block[2])))
        if given.get("pageId"):
            named = _CALL.search(block[0])
            given.pop("paramJson", None)
            return f"{named[1] if named else _CALL_PATH}?{urlencode(given)}"
    return None


def _next(page: Page, markup: str, rows: int) -> Request | None:
    if page.url is None or not rows:
        return None
    asked = _asked(page.url)
    here, size = number(asked.get("pageNo")) or 1, number(asked.get("pageSize")) or _size(markup, rows)
    total = _total(markup)
    last = math.ceil(total / size) if total is not None else here + (rows >= size)
    return _numbered(page.url, here + 1, size, page.url) if here < last else None


def _asked(url: str) -> dict[str, object]:
    try:
        return table(json.loads(query_of(url).get("paramJson", "{}")))
    except (ValueError, RecursionError):
        return {}


def _numbered(address: str, number_: int, size: int, referer: str) -> Request:
    wanted = json.dumps({"pageNo": number_, "pageSize": size}, separators=(",", ":"))
    return Request(url=with_query(address, paramJson=wanted), referer=referer)


def _total(text: str) -> int | None:
    match = _COUNT.search(text)
    return int(match[1]) if match else None


def _size(text: str, default: int = 15) -> int:
    match = _ROWS.search(text)
    return max(int(match[1]), 1) if match else default
