"""大汉 JPAAS: the successor of JCMS, with `/art/<year>/art_<hex>.html` addresses and `/jpaas-…` scripts."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.models import Extract
from crawlers.page import Page

_MARKS = ("jpaas-", "/api-gateway/", "queryData=", "querydata=", "unitbuild.js", "authorizedReadUnitId")
_ADDRESS = re.compile(r"/art/\d{4}/art_[0-9a-f]{32}\.html")
_LAYOUT = Layout(
    family="jpaas",
    body=(
        "#zoom",
        "#con_con",
        ".zoom",
        ".article-content",
        ".art_con",
        ".main-txt",
        ".ccontent",
        ".wzy_content",
        ".con",
    ),
    title=("#con_title", ".art_title", ".article-title", ".ctitle h1", "h1", "h2", ".title"),
)


def recognises(page: Page) -> bool:
    """Scripts of the platform, or a hexadecimal article id."""
    return any(mark in page.text for mark in _MARKS) or bool(_ADDRESS.search(page.url or ""))


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
