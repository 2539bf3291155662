"""Where the next page of a list is, in the ways that static list pages tell it: a link, a script call, page numbers."""

from __future__ import annotations

import re
from bisect import bisect_left
from urllib.parse import urldefrag

from crawlers.html import Node, attribute
from crawlers.lists.words import Words
from crawlers.page import Page

_NEXT = re.compile(r"^\W*(下\s*[1一]?\s*页|后\s*[1一]?\s*页|next|next\s*page)\W*$", re.IGNORECASE)
_DEAD = re.compile(r"^(javascript|#|$|void)", re.IGNORECASE)
_OFF = re.compile(r"(^|[\s_-])(disabled?|nolink|forbid)([\s_-]|$)", re.IGNORECASE)
_CURRENT = re.compile(r"(^|[\s_-])(current|cur|active|on|now|hover|selected|thisclass|this)([\s_-]|$)", re.IGNORECASE)
_CALL = re.compile(r"create\w{0,12}page\w{0,12}\s*\(([^()]{1,300})\)", re.IGNORECASE)
_COUNT = re.compile(r"\bvar\s+countPage\s*=\s*['\"]?(\d{1,6})")
_MOST_LABEL, _MOST_DIGITS = 12, 4  # characters
_HERE = re.compile(r"\bvar\s+currentPage\s*=\s*['\"]?(\d{1,6})")


def next_address(page: Page, words: Words) -> str | None:
    """The absolute address of the next page; None on the last page, and where only a script could tell."""
    href = _linked(words) or _called(page.text) or _counted(page.text) or _numbered(words)
    if href is None:
        return None
    address = page.link(href)
    return None if page.url and _whole(address) == _whole(page.url) else address


def _whole(address: str) -> str:
    """An address without its fragment; one that is malformed as it is."""
    try:
        return urldefrag(address).url
    except ValueError:
        return address


def _linked(words: Words) -> str | None:
    """The target of a link that reads 下一页; a dead one means that there is none or that a script pages."""
    for anchor in words.tree.css("a"):
        label = words.label(anchor, _MOST_LABEL)
        if label == "":
            label = attribute(anchor, "title") or ""
        if label is None or len(label) > _MOST_LABEL:
            continue
        if _NEXT.match(label) and not _OFF.search(attribute(anchor, "class") or ""):
            return _target(anchor)
    return None


def _target(anchor: Node) -> str | None:
    href = attribute(anchor, "href") or ""
    return None if _DEAD.match(href) else href


def _called(text: str) -> str | None:
    """createPageHTML in its two dialects, told apart by the first argument.

    TRS: (pages, current from 0, "index", "html"), so that the page after `index.html` is `index_1.html`.
    UCAP: ('page_div', pages, current from 1, 'list', 'shtml', rows), so that it is `list_2.shtml`.
    """
    for match in _CALL.finditer(text):
        arguments = [argument.strip().strip("'\"") for argument in match[1].split(",")]
        if len(arguments) >= 4 and arguments[0].isdecimal():
            pages, here, prefix, suffix = arguments[:4]
            last = 1
        elif len(arguments) >= 5:
            pages, here, prefix, suffix = arguments[1:5]
            last = 0
        else:
            continue
        if pages.isdecimal() and here.isdecimal() and prefix and suffix.isalpha():
            return f"{prefix}_{int(here) + 1}.{suffix}" if int(here) + last < int(pages) else None
    return None


def _counted(text: str) -> str | None:
    """The older TRS template, which writes its links from countPage and currentPage (from 0)."""
    count, here = _COUNT.search(text), _HERE.search(text)
    if count is None or here is None or int(here[1]) + 1 >= int(count[1]):
        return None
    name = re.search(r"['\"](\w{1,20})_['\"]?\s*\+", text)
    suffix = re.search(r"\+\s*['\"](?:\.)(s?html?)['\"]", text)
    return f"{name[1] if name else 'index'}_{int(here[1]) + 1}.{suffix[1] if suffix else 'html'}"


def _numbered(words: Words) -> str | None:
    """The link after the current number in a row of page numbers that has no 下一页."""
    pages: dict[str, list[tuple[int, int, str]]] | None = None
    for current in words.tree.css("span,strong,em,b,a,li"):
        label = words.label(current, _MOST_DIGITS) if current.child is not None else None
        if not label or not label.isdecimal() or not _is_current(current):
            continue
        pages = _numbers(words) if pages is None else pages
        around = words.span(current.parent) if current.parent is not None else None
        numbered = pages.get(str(int(label) + 1))
        if around is None or numbered is None:
            continue
        at = bisect_left(numbered, (around.order,))
        if at < len(numbered) and numbered[at][1] <= around.last:
            return numbered[at][2]
    return None


def _numbers(words: Words) -> dict[str, list[tuple[int, int, str]]]:
    """The living links whose text is a number, each with its place in the page, by that number."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for anchor in words.tree.css("a"):
        label, span = words.label(anchor, _MOST_DIGITS + 1), words.span(anchor)
        if label and span and (href := _target(anchor)):
            found.setdefault(label, []).append((span.order, span.last, href))
    return found


def _is_current(node: Node) -> bool:
    return node.tag in {"span", "strong", "em", "b"} or _CURRENT.search(attribute(node, "class") or "") is not None
