"""国泰新点 Epoint webBuilder: `/<a>/<b>/<yyyymmdd>/<uuid>.html`, much used for public procurement."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/\d{8}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.html"),
    words=("webBuilderCommon", "webbuildercommon"),
    names=("#viewGuid",),
)
_LAYOUT = Layout(
    family="epoint",
    body=(
        ".ewb-article-info",
        ".ewb-details-info",
        ".ewb-info-con",
        ".ewb-article-content",
        ".news-article-para",
        ".article-info .con",
        "#detailContent > .content",
        ".infoContent",
        ".con",
    ),
    title=(
        ".article-info h1",
        ".ewb-article-tt",
        ".ewb-details-tt",
        ".ewb-article h3",
        "#detailContent h1",
        ".info-title",
        "h1",
        "h2",
        "h3",
    ),
    drop=".ewb-file, #xgwz, #xgwzli",
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
