"""SiteServer CMS: `/contents/<column>/<id>.html`."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/contents/\d+/\d+\.s?html"),
    words=("SiteFiles/", "sitefiles/", "siteserver"),
)
_LAYOUT = Layout(
    family="siteserver",
    body=(
        "#content",
        ".article-content",
        ".content-text",
        ".article_content",
        ".news-content",
        ".detail-content",
        ".info-content",
        ".TRS_Editor",
        "#zoom",
        ".content",
    ),
    title=("h1", ".article-title", ".content-title", ".news-title", "h2", ".title"),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
