"""Whose page is this: the traces that each CMS leaves in addresses, scripts, meta tags and class names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crawlers.html import maybe
from crawlers.page import Page

_HEAD, _FOOT = 12_000, 6_000  # characters: scripts and meta tags stand at the ends of a page


@dataclass(frozen=True)
class Marks:
    """`address` is found in addresses, `words` at a page's head or foot (`least` of them), `css` anywhere in it."""

    address: re.Pattern[str] | None = None
    words: tuple[str, ...] = ()
    css: str = ""
    least: int = 1


def recognised(page: Page, families: Mapping[str, Marks]) -> str | None:
    """The first family whose address, element or words a page bears."""
    url = page.url or ""
    if url:
        for name, marks in families.items():
            if marks.address and marks.address.search(url):
                return name
    ends = page.text if len(page.text) <= _HEAD + _FOOT else page.text[:_HEAD] + page.text[-_FOOT:]
    any_css = ", ".join(marks.css for marks in families.values() if marks.css)
    has_css = maybe(page.doc, any_css) is not None
    for name, marks in families.items():
        if marks.words and sum(word in ends for word in marks.words) >= marks.least:
            return name
        if has_css and marks.css and maybe(page.doc, marks.css) is not None:
            return name
    return None
