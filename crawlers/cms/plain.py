"""The plain government shape: no maker's marks, only the meta tags that 国办发〔2017〕47号 asks of every site."""

from __future__ import annotations

from crawlers.layout import Layout
from crawlers.layout import report as read
from crawlers.marks import Marks
from crawlers.models import Extract
from crawlers.page import Page

MARKS = Marks(
    words=("ArticleTitle", "PubDate", "ContentSource"),
    least=2,
)
_LAYOUT = Layout(
    family="plain",
    body=(
        "#zoom",
        "#Zoom",
        "#zoomcon",
        ".article-content",
        ".article_content",
        ".news_content",
        ".news-content",
        ".detail-content",
        ".detail_content",
        ".content_text",
        ".con_text",
        ".view",
        ".article-con",
        ".article_con",
        ".pages_content",
        "#content_body",
        "#contentText",
        "#articleContent",
        "#article_content",
        ".zwxl-article",
        ".xxgk-content",
        ".info-content",
        ".main-content .content",
    ),
    title=(
        "h1",
        ".article-title",
        ".article_title",
        ".detail-title",
        ".detail_title",
        ".news-title",
        ".news_title",
        ".content-title",
        ".title",
        "h2",
        "h3",
    ),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page."""
    return read(page, parts, _LAYOUT)
