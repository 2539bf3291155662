"""博达 VSB (webplus of Chinese universities' neighbours): `/info/<column>/<id>.htm`."""

from __future__ import annotations

import re

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.models import Extract
from crawlers.page import Page

_MARKS = ("_vsb_content", "vsb_content", "v_news_content", "vsbcontent_start", "_jsq_(", "_showDynClicks")
_ADDRESS = re.compile(r"/info/\d+/\d+\.htm|content\.jsp\?.*urltype=news")
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


def recognises(page: Page) -> bool:
    """Class names of the editor, or `/info/<column>/<id>.htm`."""
    return any(mark in page.text for mark in _MARKS) or bool(_ADDRESS.search(page.url or ""))


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
