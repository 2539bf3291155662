"""大汉 JCMS (jpage): the platform of Zhejiang, Jiangsu, Shandong, Dalian and many counties."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from config.portal import Column, Portal
from crawlers.address import path_key
from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.lists import jcms
from crawlers.marks import Marks
from crawlers.models import Extract, Follow, Listing, Request
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_|/col/col\d+/"),
    words=(
        'name="Maketime"',
        'name="i_columnid"',
        'name="i_articleid"',
        "doZoom(",
        "/module/jslib/",
        "/module/visitcount/",
    ),
    names=("#hiddenLocation",),
)
_LAYOUT = Layout(
    family="jcms",
    body=(
        "#zoom",
        "div.zoom",
        "#con_con",
        ".main-txt",
        ".artile_zw",
        ".article_content",
        ".ccontent",
        ".wzy-content",
        ".bt-content",
    ),
    title=(
        "#con_title",
        ".xl_title",
        ".sp_title",
        ".art_title",
        ".article-title",
        ".bt-article-title",
        ".main-fl-tit",
        "h1",
        ".title",
    ),
)
_ARTICLE = re.compile(r"/art_(?:\d+_)?([0-9a-f]+)\.s?html?$", re.IGNORECASE)


def start(portal: Portal, column: Column) -> Request:
    """A walk begins at the column page, which carries the first records."""
    return Request(url=column.url)


def listing(page: Page) -> Listing | Follow:
    """The rows of a list, or the call that has to be made for them."""
    return jcms.listing(page)


def page_key(url: str) -> str:
    """The article id: `art_3945_2412458` and `art_77_2412458` are one article in two columns."""
    match = _ARTICLE.search(urlsplit(url).path)
    return f"art_{match[1].lower()}" if match else path_key(url)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
