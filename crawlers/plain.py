"""Reports that come as plain text: the same boilerplate, metadata and outline as for HTML, without its structure."""

from __future__ import annotations

import re

from crawlers.article import Pieces, compose
from crawlers.boilerplate import is_chrome, is_crumbs, is_heading_furniture
from crawlers.errors import NotAReport
from crawlers.models import Extract
from crawlers.page import Page
from crawlers.trimming import Trimmed, trim

_BULLET = re.compile(r"^\s*[•·*]\s*")
_TITLE_LINE = 80  # characters


def report(page: Page) -> Extract:
    """The report in a text file. Raises NotAReport (`empty`) when there is no line of text."""
    lines = [line for line in (raw.strip(" \t\r\u3000\u00a0\ufeff") for raw in page.text.splitlines()) if line]
    if not lines:
        raise NotAReport("empty", "the file has no text", url=page.url)
    whole = trim(lines, whole=True)
    title, body = _titled(whole)
    head = "\n".join(_BULLET.sub("", line) for line in whole.head)
    pieces = Pieces(reader="text", title=title, body=body, head=head, tail="\n".join(whole.tail))
    return compose(page, pieces)


def is_plain(page: Page) -> bool:
    """Whether a page is text by its media type or its name."""
    media = (page.raw.header("content-type") or "").partition(";")[0].strip().lower()
    return media == "text/plain" or (not media and (page.url or "").lower().endswith(".txt"))


def _titled(whole: Trimmed) -> tuple[str, Trimmed]:
    """The title is the last line above the header line that is no furniture; without a header it is the first line."""
    named = [line for line in whole.head if not is_heading_furniture(line) and not _skipped(line)]
    if named:
        return named[-1], whole
    first, *rest = whole.lines or whole.head
    return first, Trimmed(tuple(rest), (*whole.head, first), whole.tail)


def _skipped(line: str) -> bool:
    return bool(_BULLET.match(line)) or is_chrome(line) or is_crumbs(line) or len(line) > _TITLE_LINE
