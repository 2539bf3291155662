"""Articles that a CMS divides over several addresses: `t2024_1.html`, `t2024_1_1.html`, `t2024_1_2.html` …"""

from __future__ import annotations

import re
from posixpath import splitext
from urllib.parse import urlsplit

from crawlers.html import attribute
from crawlers.models import Request
from crawlers.page import Page

_PAGER = re.compile(
    r"createPageHTML\(\s*[\"']?(\d{1,2})[\"']?\s*,\s*0\s*,\s*[\"']([^\"']+)[\"']\s*,\s*[\"'](s?html?)[\"']"
)
_PARTS = 30  # more parts than any article has


def further(page: Page) -> tuple[Request, ...]:
    """The addresses of the parts after the first; none for an article on one page, or on a page of no address."""
    if not page.url:
        return ()
    stem, ending = splitext(urlsplit(page.url).path.rpartition("/")[2])
    if not stem or stem.startswith("index"):
        return ()
    names = _by_script(page, stem) or _by_links(page, stem, ending)
    return tuple(Request(url=page.link(name), referer=page.url) for name in names[:_PARTS])


def _by_script(page: Page, stem: str) -> list[str]:
    """TRS writes its pager with the page's own name; with another name it is the pager of a list."""
    if "createPageHTML" not in page.text:
        return []
    call = _PAGER.search(page.text)
    if not call or call[2] != stem:
        return []
    return [f"{stem}_{number}.{call[3]}" for number in range(1, int(call[1]))]


def _by_links(page: Page, stem: str, ending: str) -> list[str]:
    """Links to the page's own name with a number, as Empire and others write them."""
    if f"{stem}_" not in page.text:
        return []
    wanted = re.compile(rf"(?:^|/){re.escape(stem)}_(\d{{1,2}}){re.escape(ending)}$")
    found: dict[int, str] = {}
    for link in page.doc.css(f'a[href*="{stem}_"]'):
        href = attribute(link, "href") or ""
        match = wanted.search(href)
        if match:
            found[int(match[1])] = href
    return [found[number] for number in sorted(found)]
