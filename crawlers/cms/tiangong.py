"""天工 (海南, 湖南 and other county platforms): `content_<id>.html` under a column path."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/tiangong/"),
    words=("tiangong", "tg_content"),
)
_LAYOUT = Layout(
    family="tiangong",
    body=(
        ".tg-content",
        "#zoom",
        "#J_content",
        ".content_body",
        ".article-box .content",
        ".wz_content",
        ".article-content",
    ),
    title=("h1", ".wz_title", ".article-title", "h2"),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
