"""南方网 NFCMS and 广东 gkmlpt: `/content/post_<id>.html`, some of them carrying the report as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from crawlers import titles
from crawlers.article import Pieces, compose
from crawlers.html import parse_part, serialised, text_of
from crawlers.layout import Layout, container
from crawlers.layout import report as read
from crawlers.lists.answers import day, table
from crawlers.marks import Marks
from crawlers.markup import lines, without_unseen
from crawlers.models import Extract
from crawlers.page import Page, storable
from crawlers.trimming import trim

MARKS = Marks(
    address=re.compile(r"/content/(?:\w+/){0,3}post_\d+\.html"),
    words=("NFCMS_", "window._CONFIG", "/gkmlpt/"),
    names=(".nfw-cms-attachment",),
)
_CONFIG = re.compile(r"window\._CONFIG\s*=\s*(?=\{)")
_KEYS = (
    ("display_publish_time", "发布日期"),
    ("publish_time", "发布日期"),
    ("first_publish_time", "发布日期"),
    ("date", "日期"),
    ("source", "来源"),
    ("identifier", "索引号"),
    ("publication_date", "发布日期"),
    ("document_number", "文号"),
    ("content_no", "文号"),
    ("publisher", "发布机构"),
)
_LAYOUT = Layout(
    family="nfcms",
    body=(
        ".article-content",
        "#zoomcon",
        ".zw",
        ".article_con",
        ".content-box .content",
        ".zw-content",
        ".news_cont",
        ".content",
    ),
    title=(".zw-title", "h1", "h3.title", ".article-title", ".content-title", ".title strong", "h3", ".title"),
)


def report(page: Page, parts: tuple[Page, ...] = ()) -> Extract:
    """The report on a detail page, or in the JSON that gkmlpt pages carry where their markup has less."""
    detail = _detail(page) if "window._CONFIG" in page.text else None
    if detail is None:
        return read(page, parts, _LAYOUT)
    content, shown = parse_part(detail.content), container(page, _LAYOUT)
    if shown and len(text_of(shown)) >= len(text_of(content)):
        return read(page, parts, _LAYOUT)
    found = lines(without_unseen(serialised(content)))
    header = "\n".join(f"{label}：{value}" for label, value in detail.labelled if value)
    pieces = Pieces("nfcms", titles.clean(detail.title), trim(found), head=header, html=detail.content)
    return compose(page, pieces)


class _Detail(NamedTuple):
    title: str
    content: str
    labelled: tuple[tuple[str, str], ...]


def _detail(page: Page) -> _Detail | None:
    """What `_CONFIG.DETAIL` says; None when the page has the text in its markup."""
    config = _CONFIG.search(page.text)
    if config is None:
        return None
    try:
        said, _ = json.JSONDecoder().raw_decode(page.text, config.end())
    except (ValueError, RecursionError):
        return None
    values = table(table(storable(said)).get("DETAIL"))
    content = values.get("content")
    if not isinstance(content, str) or not content.strip():
        return None
    return _Detail(str(values.get("title") or ""), content, tuple(_labelled(values)))


def _labelled(values: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The fields under the labels that pages give them; some systems count their days in seconds."""
    for key, label in _KEYS:
        value = values.get(key)
        yield label, str((day(value) if isinstance(value, int) else value) or "")
