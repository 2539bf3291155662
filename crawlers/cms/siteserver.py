"""SiteServer CMS: `/contents/<column>/<id>.html`."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.models import Extract
from crawlers.page import Page

_MARKS = ("SiteFiles/", "sitefiles/", "siteserver")
_ADDRESS = re.compile(r"/contents/\d+/\d+\.s?html")
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


def recognises(page: Page) -> bool:
    """Its folder of scripts, or `/contents/<column>/<id>.html`."""
    return any(mark in page.text for mark in _MARKS) or bool(_ADDRESS.search(page.url or ""))


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
