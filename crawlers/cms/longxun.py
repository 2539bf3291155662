"""龙讯 (安徽): disclosure pages under `/public/<organ>/<id>.html` with an index table above the text."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/public/\d+/\d+\.html"),
    words=("labelName=publicInfoList", "lonsun"),
    names=(".j-fontContent",),
)
_LAYOUT = Layout(
    family="longxun",
    body=(
        ".wzcon.j-fontContent",
        ".j-fontContent",
        "#zoom",
        ".wzcon",
        ".contentbox .content",
        ".gkwz_contnet",
        ".newscontnet",
    ),
    title=("h1.newstitle", ".newstitle", ".wztit", ".wzbt", "h1", "h2"),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
