"""拓尔思 TRS WCM, 海云, IGS: the most common platform of ministries, provinces and cities."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/\d{6}/t\d{8}_\d+\.s?html?"),
    names=(".TRS_Editor", ".TRS_UEDITOR", ".trs_editor_view", ".CurrChnlCls"),
)
_LAYOUT = Layout(
    family="trs",
    body=(
        ".TRS_UEDITOR",
        ".trs_editor_view",
        ".TRS_Editor",
        "#Zoom",
        "#zoom",
        ".Custom_UnionStyle",
        ".view",
        ".article-content",
        ".article_content",
        ".xl_con",
        ".xl-con",
        ".detail_con",
        ".news_content",
        ".con_text",
        ".content",
    ),
    title=("h1", ".xl_title", ".article_title", ".article-title", ".detail_title", ".tit", ".title", "h2", "h4"),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
