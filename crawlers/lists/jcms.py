"""How 大汉 JCMS lists: the column page carries its first records and the numbers with which to ask for the rest.

Records are HTML in CDATA in an XML that is often not well-formed, so it is cut at its tags and never given to a parser
that expands entities.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from crawlers.errors import Unexpected
from crawlers.lists.answers import query_of, unescape, with_query
from crawlers.lists.plain import read_list, read_records
from crawlers.models import Follow, Listing, Request
from crawlers.page import Page

_PROXY = "/module/web/jpage/dataproxy.jsp"
_PROXY_ADDRESS = re.compile(r"[\"'](?:https?://[^\"'/]+)?(/[^\"'?\s]{0,80}dataproxy\.jsp)")
_SETTINGS = re.compile(r"\{[^{}]{0,1000}\bunitid\b[^{}]{0,1000}\}", re.IGNORECASE)
_SETTING = re.compile(r"[\"']?\b(\w+)[\"']?\s*:\s*(?:\"([^\"]*)\"|'([^']*)'|([\w./-]+))")
_NAMES = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")
_TOTAL = re.compile(r"\btotalrecord[\"']?\s*[:=]\s*[\"']?(\d{1,9})", re.IGNORECASE)
_PER_PAGE = re.compile(r"\bperpage[\"']?\s*[:=]\s*[\"']?(\d{1,4})", re.IGNORECASE)
_MOST_STORES = 20  # on one page
_GROUP = 3  # the pager script fetches three pages at a time


class _Store(NamedTuple):
    """One `<datastore>`: its records, what it says of their number, and where it stands in the page."""

    records: list[str]
    total: int | None
    pages: int | None
    more: str | None
    at: int


def listing(page: Page) -> Listing | Follow:
    """The records of a column page or of a data call; a column page with neither records nor numbers is read plainly.

    Raises Unexpected for the empty stub that deep data calls end in.
    """
    called = _is_call(page)
    store = max(_stores(page.text), key=lambda found: len(found.records), default=None)
    if called and (store is None or (not store.records and store.total is None)):
        raise Unexpected("list", "the data call answered with a stub", url=page.url)
    items = read_records(page, store.records) if store is not None else ()
    if store is not None and (items or called):
        return Listing(items=items, next=_next(page, store), total=store.total)
    plain = read_list(page)
    settings = None if plain.items else _settings(page.text, 0)
    if settings is None or page.url is None or page.portal is None:
        return plain
    return Follow(requests=(_window(page, settings, 1),))


def _stores(text: str) -> list[_Store]:
    found = []
    at = 0
    for part in re.split(r"<datastore\b", text, maxsplit=_MOST_STORES, flags=re.IGNORECASE)[1:]:
        at = text.find(part, at)
        part = re.split(r"</datastore", part, maxsplit=1, flags=re.IGNORECASE)[0]
        more = re.search(r"href\s*=\s*[\"']([^\"'<>]+)", _between(part, "nextgroup") or "")
        total, pages = _count(part, "totalrecord"), _count(part, "totalpage")
        if total is None and (scripted := _TOTAL.search(text, at + len(part))):
            total = int(scripted[1])  # a column page tells it to its pager, after the records
        found.append(_Store(_records(part), total, pages, more[1] if more else None, at))
    return found


def _records(text: str) -> list[str]:
    pieces = re.split(r"<record\s*>", text, flags=re.IGNORECASE)[1:]
    if not pieces and "<![CDATA[" in text and "<nextgroup" not in text:
        return [f"<li{item}" for item in _content(text.partition(">")[2]).split("<li")[1:]]
    return [_content(re.split(r"</record\s*>", piece, maxsplit=1, flags=re.IGNORECASE)[0]) for piece in pieces]


def _content(text: str) -> str:
    """The HTML of an element: in CDATA, or with its markup escaped, or as it is."""
    text = text.strip()
    if text.startswith("<![CDATA["):
        return text.removeprefix("<![CDATA[").rpartition("]]>")[0] or text.removeprefix("<![CDATA[")
    return unescape(text) if "<" not in text else text


def _between(text: str, tag: str) -> str | None:
    parts = re.split(rf"<{tag}\s*>", text, maxsplit=1, flags=re.IGNORECASE)
    return _content(re.split(rf"</{tag}", parts[1], maxsplit=1, flags=re.IGNORECASE)[0]) if len(parts) > 1 else None


def _count(text: str, tag: str) -> int | None:
    digits = re.match(r"\D{0,20}(\d{1,9})", _between(text, tag) or "")
    return int(digits[1]) if digits else None


def _is_call(page: Page) -> bool:
    return page.url is not None and "dataproxy.jsp" in urlsplit(page.url).path


def _next(page: Page, store: _Store) -> Request | None:
    if page.url is None or not store.records:
        return None
    count = len(store.records)
    query = _query(page.url) if _is_call(page) else {}
    if "startrecord" in query and "endrecord" in query:
        start, end = int(query["startrecord"]), int(query["endrecord"])
        going_on = end < store.total if store.total is not None else count > end - start
        return _again(page, startrecord=end + 1, endrecord=end + 1 + end - start) if going_on else None
    if "page" in query:
        here = int(query["page"])
        going_on = here < store.pages if store.pages is not None else store.more is not None
        return _again(page, page=here + 1) if going_on else None
    if store.total is not None and count >= store.total:
        return None
    settings = _settings(page.text, store.at)
    if settings is not None:
        return _window(page, settings, count + 1)
    return Request(url=_group(page, store.more), referer=page.url) if store.more else None


def _query(url: str) -> dict[str, str]:
    """The query of a data call; numbers that are none are left out."""
    numbers = {"startrecord", "endrecord", "page"}
    return {
        name: value for name, value in query_of(url).items() if name not in numbers or re.fullmatch(r"\d{1,9}", value)
    }


def _again(answer: Page, **changed: int) -> Request:
    """The same data call with other numbers."""
    address = with_query(answer.url or "", **{name: str(value) for name, value in changed.items()})
    return Request(url=address, referer=answer.url)


def _group(page: Page, href: str) -> str:
    """The address of `<nextgroup>`, which is written relative to the data call."""
    address = unescape(href)
    return page.link(address if not address.startswith("./") else _PROXY.rpartition("/")[0] + address[1:])


def _settings(text: str, near: int) -> dict[str, str] | None:
    """The numbers of a column from its script; of several blocks the first after the records."""
    blocks = list(_SETTINGS.finditer(text)) if "unitid" in text.lower() else []
    if not blocks:
        return None
    block = next((found for found in blocks if found.start() >= near), blocks[-1])
    given = {match[1].lower(): match[2] or match[3] or match[4] or "" for match in _SETTING.finditer(block[0])}
    known = {name: given[name.lower()] for name in _NAMES if name.lower() in given}
    per_page = _PER_PAGE.search(text, block.start()) or _PER_PAGE.search(text)
    proxy = _PROXY_ADDRESS.search(text)
    return known | {"perpage": per_page[1] if per_page else "15", "proxy": proxy[1] if proxy else _PROXY}


def _window(page: Page, settings: dict[str, str], first: int) -> Request:
    """The data call for the records from `first` (1-based), as a GET so that its answer can tell the next."""
    per_page = max(int(settings["perpage"]), 1)
    span = {"startrecord": str(first), "endrecord": str(first + _GROUP * per_page - 1), "perpage": str(per_page)}
    column = {name: value for name, value in settings.items() if name not in {"perpage", "proxy"}}
    address = page.link(f"{settings['proxy']}?{urlencode(span | column)}")
    return Request(url=address, referer=page.url)
