"""博达 VSB (webplus of Chinese universities' neighbours): `/info/<column>/<id>.htm`."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    address=re.compile(r"/info/\d+/\d+\.htm|content\.jsp\?.*urltype=news"),
    words=("_jsq_(",),
    names=(".v_news_content",),
)
_LAYOUT = Layout(
    family="vsb",
    body=("form[name=_newscontent_fromname] [id^=vsb_content]", "[id^=vsb_content]", ".v_news_content"),
    title=(
        "form[name=_newscontent_fromname] h1",
        "form[name=_newscontent_fromname] .title",
        ".arti_title",
        ".titlestyle",
        ".content h1",
        ".content .title",
        "h1",
        "h2",
        ".title",
    ),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
