"""南方网 NFCMS and 广东 gkmlpt: `/content/post_<id>.html`, some of them carrying the report as JSON."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/content/(?:\w+/){0,3}post_\d+\.html"),
    words=("NFCMS_", "window._CONFIG", "/gkmlpt/"),
    names=(".nfw-cms-attachment",),
)
_LAYOUT = Layout(
    family="nfcms",
    body=(
        ".article-content",
        "#zoomcon",
        ".zw",
        ".article_con",
        ".content-box .content",
        ".zw-content",
        ".news_cont",
        ".content",
    ),
    title=(".zw-title", "h1", "h3.title", ".article-title", ".content-title", ".title strong", "h3", ".title"),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
