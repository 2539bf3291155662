"""The link of a list row that leads to its report, and the whole title of that link."""

from __future__ import annotations

import re

from crawlers.html import Node, attribute
from crawlers.lists.days import is_date_fragment, split_trailing_day

_NOT_A_TITLE = re.compile(
    r"^(更多|更多\s*[>》»+]*|more|查看|查看更多|查看详情|详情|详细|阅读全文|全文|下载|附件|点击查看|[第最]?[首尾末后]?\s*一?\s*页"
    r"|[上下前后]\s*一?\s*页|第?\s*\d+\s*页|跳转|转到|返回.{0,4}|rss|\[?\d{1,4}\]?|[<>«»\W]+)[>》»\s.…]*$",
    re.IGNORECASE,
)
_CUT = re.compile(r"(\.{2,}|…+|\.\.\.)\s*$")
_BULLET = re.compile(r"^[\s·•●◆■▪►▶»※]+")
_LABEL = re.compile(r"^(文章)?标题\s*[:：]\s*")
_HEADING = "h1,h2,h3,h4,h5,h6,.title,.tit,.bt,.desc,.name"
_LONG = 100
_SKIPPED = frozenset({"script", "style", "noscript", "template", "iframe", "-comment"})


def pieces(node: Node, without: Node | None = None) -> list[str]:
    """The visible text nodes below `node` in order, squeezed; what lies below `without` is left out."""
    found: list[str] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.is_text_node:
            if text := squeeze(current.text_content or ""):
                found.append(text)
            continue
        if current.tag in _SKIPPED or (without is not None and current.mem_id == without.mem_id):
            continue
        child = current.last_child
        while child is not None:
            stack.append(child)
            child = child.prev
    return found


def squeeze(text: str) -> str:
    """Text with each run of white space (also no-break and ideographic) as one blank."""
    return " ".join(text.split())


def is_title(text: str) -> bool:
    """Whether a link's text can be a report's title: not 更多, not a page number, not an arrow."""
    return len(text) >= 2 and not _NOT_A_TITLE.match(text)


def title_of(anchor: Node) -> str:
    """The whole title of a link: its text, or its `title` attribute where the text is cut, empty or a summary."""
    full = _attribute_title(anchor)
    parts = [part for part in pieces(anchor) if not is_date_fragment(part)] or pieces(anchor)
    shown = _BULLET.sub("", " ".join(parts)).strip()
    if not shown:
        return full or _alt(anchor)
    if full and _is_whole_of(full, shown):
        return full
    if len(shown) > _LONG and len(parts) > 1:
        heading = anchor.css_first(_HEADING)
        lines = pieces(heading) if heading is not None else parts[:1]
        return " ".join(lines) or shown
    return shown


def main_link(anchors: list[Node]) -> Node | None:
    """The link of a row that carries its title: the one with the longest, of those with the same address the first."""
    best: Node | None = None
    length = 0
    for anchor in anchors:
        title = split_trailing_day(title_of(anchor))[0]
        weight = min(len(title), _LONG) if is_title(title) else 0
        if weight > length and not (best is not None and length >= 4 and _same_address(best, anchor)):
            best, length = anchor, weight
    return best


def _same_address(one: Node, other: Node) -> bool:
    address = attribute(one, "href")
    return address is not None and not address.startswith(("javascript", "#")) and address == attribute(other, "href")


def _attribute_title(anchor: Node) -> str:
    raw = attribute(anchor, "title") or ""
    line = next((line for line in raw.splitlines() if line.strip()), "")
    return squeeze(_LABEL.sub("", re.sub(r"<[^>]{0,200}>", "", line)))


def _is_whole_of(full: str, shown: str) -> bool:
    """Whether `full` is what `shown` was cut from, or `shown` is `full` with something around it."""
    head = _CUT.sub("", shown)
    return full.startswith(head) or _bare(full).startswith(_bare(head)) or (len(full) >= 6 and full in shown)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _alt(anchor: Node) -> str:
    image = anchor.css_first("img[alt]")
    return squeeze(attribute(image, "alt") or "")
