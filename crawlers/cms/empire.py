"""帝国 Empire CMS: counties and small sites; attachments stand in a `fieldset` inside the body."""

from __future__ import annotations

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    words=("/e/public/", "/e/member/", "/e/data/js/", "/skin/default/", "ecms"),
    names=(".content_article",),
)
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


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
