"""What is refused before it is parsed: pages too large, and pages nested so deep that a parser's time explodes.

Lexbor's time is quadratic in nesting, so depth is measured on the text: first a bound from counting `<` and `</` in
chunks, which settles nearly every page, then tag by tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawlers.errors import NotAReport

if TYPE_CHECKING:
    from crawlers.page import Page

MAX_BYTES = 24 * 1024 * 1024
MAX_DEPTH = 512
_CHUNK = 4096  # bytes
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_SCRIPT, _SCRIPT_END = re.compile("<script", re.IGNORECASE), re.compile("</script", re.IGNORECASE)
_CLOSED_BY_NEXT = re.compile(
    r"(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|dt|dd|td|th|tr|tbody|thead|tfoot|"
    r"option|optgroup|colgroup|html|head|body)$",
    re.IGNORECASE,
)


def check(page: Page) -> None:
    """Raise NotAReport `too_large` or `too_deep`. A page is measured once; its parsed document asks for this too."""
    size = len(page.raw.body)
    if size > MAX_BYTES:
        raise NotAReport("too_large", f"{size} bytes", url=page.url)
    if page.is_too_deep:
        raise NotAReport("too_deep", f"more than {MAX_DEPTH} elements inside each other", url=page.url)


def is_deep(body: bytes, text: str) -> bool:
    """Whether a page is nested deeper than MAX_DEPTH; its bytes settle it for most pages."""
    return _may_be_deep(body) and is_too_deep(text)


def is_too_deep(html: str) -> bool:
    """Whether elements that need a closing tag are nested deeper than MAX_DEPTH, as written."""
    now = 0
    for stretch in _outside_scripts(html):
        for match in _TAG.finditer(html, *stretch):
            if _CLOSED_BY_NEXT.match(match[2]):
                continue
            now = max(0, now - 1) if match[1] else now + 1
            if now > MAX_DEPTH:
                return True
    return False


def _may_be_deep(html: bytes) -> bool:
    """Whether counts alone leave a depth over MAX_DEPTH possible; they do where many tags need no closing.

    Counting bytes is right in every encoding in which `<` is one byte that no other character contains. It ends where
    all that is left could not open enough: counting `</`, the costlier of the two, is spared for half of a usual page.
    """
    tags = [html.count(b"<", start, start + _CHUNK) for start in range(0, len(html), _CHUNK)]
    opened, left = 0, sum(tags)
    for index, here in enumerate(tags):
        if opened + left <= MAX_DEPTH:
            return False
        start = index * _CHUNK
        closing = html.count(b"</", start, start + _CHUNK + 1)
        if opened + here - closing > MAX_DEPTH:
            return True
        opened = max(0, opened + here - 2 * closing)
        left -= here
    return False


def _outside_scripts(html: str) -> Iterator[tuple[int, int]]:
    """Stretches of a page without its scripts, which compare with `<` as well; one never closed ends the page."""
    done = 0
    for opening in _SCRIPT.finditer(html):
        if opening.start() < done:
            continue
        yield done, opening.start()
        closing = _SCRIPT_END.search(html, opening.end())
        if not closing:
            return
        done = closing.start()
    yield done, len(html)
