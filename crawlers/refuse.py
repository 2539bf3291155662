"""Tells what is no report before anything is extracted, and says what it is instead.

Strong and cheap evidence first: status, size, depth, title, and whether a page has enough sentences to be an article.
Only a page that lacks them is walked through. No rule knows a site.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawlers import readable, signatures
from crawlers.errors import Blocked, Gone, NotAReport, Transient
from crawlers.html import maybe
from crawlers.lists.plain import fragment
from crawlers.lists.rows import find_rows
from crawlers.lists.titles import Links
from crawlers.outline import Outline, has_filled_container, has_metas, outline
from crawlers.page import Page
from crawlers.titles import is_site_name

_MARKUP = re.compile(r"<(?:[a-zA-Z][a-zA-Z0-9]*[\s/>]|!)")
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_ROOT = re.compile(r"^/?((index|default|main|home)\w{0,3}\.\w{2,5})?$", re.IGNORECASE)
_BYLINE = (
    "来源：",
    "来源:",
    "上一篇",
    "上一条",
    "责任编辑",
    "发布时间：",
    "发布时间:",
    "发布日期：",
    "浏览次数",
    "点击数",
    "字号",
)
_LIST_ADDRESS = re.compile(r"/$|/(index|list)(_\d+)?\.\w{2,5}$", re.IGNORECASE)
_LOGIN = 'input[type="password" i]'
_MORE = re.compile(r"\W*更多\W*|more\W*", re.IGNORECASE)

_HEAD = 20_000  # characters of a page in which its title stands
_FEW_CHARACTERS = 400  # Chinese ones, markup and scripts included
_FEW_SENTENCES = 6
_LARGE, _MANY_LINKS = 40_000, 150  # characters with markup; links
_SHORT = 400  # visible characters; an error page has fewer
_HARDLY_ANY = 120  # visible characters; a challenge, a redirect or a frame has fewer
_MANY_LABELS = 8  # as when every row of a list has one
_BOXES = 3  # as a home page has: news, announcements, policy
_PROSE = 200  # characters of running text; an article has more


def refuse(page: Page) -> None:
    """Raise what a page is when it is no report; return when it may be one.

    NotAReport: home, list, navigation, redirect, login, shell, data, empty, too_deep, too_large, undecodable.
    Gone: gone. Blocked: challenge. Transient: server_error.
    """
    readable.check(page)
    text = page.text
    if _MARKUP.search(text, 0, _HEAD) is None:
        if text.lstrip().startswith(("{", "[{")):
            raise NotAReport("data", "an answer to a script, not a page", url=page.url)
        return
    title = _title(text)
    if any(word in title.lower() for word in signatures.TITLE_WORDS):
        _by_title(page, title)
    if _characters(page) < _FEW_CHARACTERS or _is_suspicious(page):
        _look_closely(page, title)


def message(page: Page) -> None:
    """Refuse a page of hardly any text that says that it is a challenge, an error, missing, elsewhere or for members.

    For lists: one without rows is empty only if it is not one of these.
    """
    if _MARKUP.search(page.text, 0, _HEAD) is None:
        return
    title = _title(page.text)
    _by_title(page, title)
    seen = outline(page.doc)
    if seen.visible < _SHORT:
        _by_message(page, f"{title} {seen.text}", seen)


def _title(text: str) -> str:
    match = _TITLE.search(text, 0, _HEAD)
    return " ".join(match[1].split()) if match else ""


def _by_title(page: Page, title: str) -> None:
    if signatures.TITLE_OF_GONE.search(title):
        raise Gone("gone", title, url=page.url)
    if signatures.TITLE_OF_ERROR.search(title):
        raise Transient("server_error", title, url=page.url)


def _characters(page: Page) -> int:
    """About how many characters are Chinese: what the bytes are longer than the text tells it for free."""
    more = len(page.raw.body) - len(page.text)
    return more // 2 if page.decoded.codec.startswith("utf-8") else more


def _is_suspicious(page: Page) -> bool:
    """Whether a page has too many links or too few sentences to pass unread, or the address of a list."""
    if len(page.text) > _LARGE and page.text.count("href=") > _MANY_LINKS:
        return True
    if page.url is not None and _LIST_ADDRESS.search(urlsplit(page.url).path) is not None:
        return True
    at = -1
    for _ in range(_FEW_SENTENCES):
        at = page.text.find("。", at + 1)
        if at < 0:
            return not _has_byline(page.text)
    return False


def _has_byline(text: str) -> bool:
    """Whether two of the labels around an article occur, and so seldom that no list rows carry them."""
    return sum(0 < text.count(label) <= 3 for label in _BYLINE) >= 2


def _look_closely(page: Page, title: str) -> None:
    seen = outline(page.doc)
    if seen.visible < _SHORT and seen.prose < _PROSE and seen.labels < 2 and not has_metas(page.doc):
        _by_message(page, f"{title} {seen.text}", seen)
        if seen.visible < _HARDLY_ANY and signatures.REDIRECT.search(page.text):
            raise NotAReport("redirect", "a script leads to another page", url=page.url)
    elif seen.prose < _PROSE and seen.labels < 2 and signatures.GONE.search(seen.text):
        raise Gone("gone", "the page says so", url=page.url)
    path = urlsplit(page.url).path if page.url is not None and "://" in page.url else None
    if path is not None and _ROOT.match(path) and len(seen.titles) >= 20:
        raise NotAReport("home", "the root of the site", url=page.url)
    if seen.prose >= _PROSE and seen.prose * 4 >= seen.linked:
        return
    if 1 < seen.labels < _MANY_LABELS or has_metas(page.doc) or has_filled_container(page.doc):
        return
    _by_structure(page, seen)


def _by_message(page: Page, words: str, seen: Outline) -> None:
    """What a page of hardly any text says that it is: a challenge, an error, missing, elsewhere, behind a password."""
    hardly_any = seen.visible < _HARDLY_ANY
    detail = " ".join(words.split())[:80]
    if signatures.CHALLENGE.search(words) or (hardly_any and signatures.CHALLENGE_SCRIPT.search(page.text)):
        raise Blocked("challenge", detail, url=page.url)
    if signatures.ERROR.search(words):
        raise Transient("server_error", detail, url=page.url)
    if signatures.GONE.search(words):
        raise Gone("gone", detail, url=page.url)
    if hardly_any and signatures.REFRESH.search(page.text):
        raise NotAReport("redirect", "the page only leads to another", url=page.url)
    if maybe(page.doc, _LOGIN) is not None:
        raise NotAReport("login", detail, url=page.url)


def _is_entrance(page: Page, seen: Outline) -> bool:
    """Whether a page is named after its site, is below no column and has several boxes with a link to more."""
    name = _title(page.text)
    more = sum(_MORE.fullmatch(title) is not None for title in seen.titles)
    return more >= _BOXES and "位置" not in seen.text and bool(name) and is_site_name(name)


def _by_structure(page: Page, seen: Outline) -> None:
    """What a page without running text, labels or an article's container is: home, list, navigation, shell, empty."""
    rows = find_rows(Links(fragment(page.text))) if len(seen.titles) >= 5 else ()
    dated = sum(row.day is not None for row in rows)
    others = seen.long_titles - sum(len(row.title) >= 9 for row in rows)
    if len(seen.titles) >= 40 and others >= 10 and others > dated:
        raise NotAReport("home", f"{others} titles beside the largest list", url=page.url)
    if _is_entrance(page, seen):
        raise NotAReport("home", "named after its site, with boxes that lead to more", url=page.url)
    if dated >= 3 or len(rows) >= 5:
        raise NotAReport("list", f"{len(rows)} entries", url=page.url)
    if len(seen.titles) >= 12 and seen.linked > seen.plain and seen.visible >= _HARDLY_ANY:
        raise NotAReport("navigation", f"{len(seen.titles)} links and no running text", url=page.url)
    if seen.visible < _HARDLY_ANY and not seen.media and not seen.dated:
        reason = "shell" if seen.frames or seen.titles or "<script" in page.text.lower() else "empty"
        raise NotAReport(reason, f"{seen.visible} visible characters", url=page.url)
