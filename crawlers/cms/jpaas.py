"""大汉 JPAAS: the successor of JCMS, with `/art/<year>/art_<hex>.html` addresses and `/jpaas-…` scripts."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/art/\d{4}/art_[0-9a-f]{32}\.html"),
    words=("jpaas-", "/api-gateway/", "unitbuild.js", "authorizedReadUnitId"),
)
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


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
