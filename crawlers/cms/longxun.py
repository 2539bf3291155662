"""龙讯 (安徽): disclosure pages under `/public/<organ>/<id>.html` with an index table above the text."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.models import Extract
from crawlers.page import Page

_MARKS = ("j-fontContent", "labelName=publicInfoList", "lonsun", "/assets/js/lsrd")
_ADDRESS = re.compile(r"/public/\d+/\d+\.html")
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


def recognises(page: Page) -> bool:
    """The class `j-fontContent`, or `/public/<organ>/<id>.html`."""
    return any(mark in page.text for mark in _MARKS) or bool(_ADDRESS.search(page.url or ""))


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
