"""帝国 Empire CMS: counties and small sites; attachments stand in a `fieldset` inside the body."""

from __future__ import annotations

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.models import Extract
from crawlers.page import Page

_MARKS = ("/e/public/", "/d/file/", "/e/member/", "ecms", "/skin/default/js", "/e/DownSys/")
_LAYOUT = Layout(
    family="empire",
    body=(
        "#zoomcon",
        "#zoom",
        ".content_article",
        "#text",
        ".newstext",
        "#newstext",
        ".content_text",
        ".article_content",
    ),
    title=("h1.content_title", ".content_title", ".newstitle", "h1", "h2.title", ".title"),
)


def recognises(page: Page) -> bool:
    """Folders that only this CMS has."""
    return sum(mark in page.text for mark in _MARKS) >= 1


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
