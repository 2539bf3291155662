"""开普 UCAP (CMSPRO): the platform of Heilongjiang, Hainan, Xinjiang and many cities."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from config.portal import Column, Portal
from crawlers.address import path_key
from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.lists import ucap
from crawlers.marks import Marks
from crawlers.models import Extract, Follow, Listing, Request
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/c\d{6}/\d{6}/|/c\d{5,8}/content\.s?html|/content/[0-9a-f]{32}\.s?html"),
    words=("templategroup,version", "manuscriptId", "cmspro_", "/common/search/"),
    names=("ucapcontent", "#UCAP-CONTENT"),
)
_LAYOUT = Layout(
    family="ucap",
    body=(
        "ucapcontent",
        "#UCAP-CONTENT",
        "#zoomcon",
        ".article_content",
        ".article-content",
        ".gzk_detail",
        ".zwnr",
        "#zoom",
        ".content-container-con",
        ".pages_content",
    ),
    title=(
        "ucaptitle",
        "h1.article_title",
        "h1.article-title",
        ".article_title",
        ".article-title",
        ".content-container-title",
        "h1",
    ),
    drop=".article_appendix, .nr_ewm",
)
_ARTICLE = re.compile(r"/(c\d\d_\d+|[0-9a-f]{32})\.s?html?$|/(c\d+)/content\.s?html?$", re.IGNORECASE)


def start(portal: Portal, column: Column) -> Request:
    """A walk begins at the column page, which knows its channel."""
    return Request(url=column.url)


def listing(page: Page) -> Listing | Follow:
    """The rows of a list, or the call that has to be made for them."""
    return ucap.listing(page)


def page_key(url: str) -> str:
    """`c00_31714534`, a 32-digit hexadecimal name, or `c7653` of `/c7653/content.shtml`."""
    match = _ARTICLE.search(urlsplit(url).path)
    return (match[1] or match[2]).lower() if match else path_key(url)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
