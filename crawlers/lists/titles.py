"""The link of a list row that leads to its report, and the whole title of that link."""

from __future__ import annotations

import re

from crawlers.html import Node, attribute
from crawlers.lists.days import is_date_fragment, split_trailing_day

_NOT_A_TITLE = re.compile(
    r"^(更多|更多\s*+[>》»+]*+|more|查看|查看更多|查看详情|详情|详细|阅读全文|继续阅读.{0,120}|(?:发表|暂无|\d+\s*条)评论.{0,20}|全文|下载|附件|点击查看|[第最]?[首尾末后]?\s*一?\s*页"
    r"|[上下前后]\s*(?:一|\d{1,3})?\s*页|共\s*\d+\s*[页条]|第?\s*\d+\s*页|跳转|转到|返回.{0,4}|rss|\[?\d{1,4}\]?|[<>«»\W]++)[>》»\s.…]*+$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"/c\d+a\d+/page\.|/t\d{8}_\d+|post_\d+|content_\d+|/art/.*art_|/info/\d+/\d+|/c\d\d_\d+|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-"
    r"|/show/\d+|\d{4,}(_\d+)?\.s?html?$|\d{4}[-/]?\d{2}[-/]?\d{2}/\w+\.|[?&](id|infoid|articleid|newsid|wbnewsid)=\w+"
    r"|\.(pdf|docx?|wps|ofd|xlsx?)$",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"(^|/)(index|list|default)\w*\.\w+$|/$|^#|^$", re.IGNORECASE)
_CUT = re.compile(r"((?<!\.)\.{2,}|(?<!…)…+)\s*$")
_BULLET = re.compile(r"^[\s·•●◆■▪►▶»※]+")
_KIND = re.compile(r"^[\[【][^\]】]{1,12}[\]】]\s*")  # what a title is listed under: [市本级]
_IN_SCRIPT = re.compile(  # an address among a call's arguments
    r"""['"]([^'"\s?]+\.(?:s?html?|jsp|aspx?|php|do|action|pdf|docx?)(?:\?[^'"\s]*)?)['"]""", re.IGNORECASE
)
_LABEL = re.compile(r"^(文章)?标题\s*[:：]\s*")
_HEADING_TAG = "h1,h2,h3,h4,h5,h6"
_HEADING = f"{_HEADING_TAG},.title,.tit,.bt,.desc,.name"
_LONG = 100
_MOST_PIECES = 400  # of text: more than any row has, and hundreds of rows may hold one another
_SKIPPED = frozenset({"script", "style", "noscript", "template", "iframe", "-comment"})


def pieces(node: Node, without: Node | None = None) -> list[str]:
    """The first visible text nodes below `node` in order, squeezed; what lies below `without` is left out."""
    found: list[str] = []
    stack = [node]
    while stack and len(found) < _MOST_PIECES:
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
    return len(text) >= 2 and not _NOT_A_TITLE.match(text.strip("[]【】()（）<>《》 "))


def is_article(href: str) -> bool:
    """Whether an address looks like that of one article rather than of a column."""
    return _ARTICLE.search(href) is not None and not _COLUMN.search(href)


def title_of(anchor: Node) -> str:
    """The whole title of a link: its text, or its `title` attribute where the text is cut, empty or a summary."""
    full = _attribute_title(anchor)
    parts = [part for part in pieces(anchor) if not is_date_fragment(part)] or pieces(anchor)
    shown = _BULLET.sub("", " ".join(parts)).strip()
    if not shown:
        return full or _alt(anchor)
    if full and _is_whole_of(full, shown):
        return full
    if len(parts) > 1:
        heading = anchor.css_first(_HEADING if len(shown) > _LONG else _HEADING_TAG)
        lines = pieces(heading) if heading is not None else parts[:1] if len(shown) > _LONG else []
        return " ".join(lines) or shown
    return shown


def address_of(anchor: Node) -> str:
    """Where a link leads, by its `href` or by the address that its script names; empty when neither tells."""
    href = attribute(anchor, "href") or ""
    if not is_dead(href):
        return href
    written = _IN_SCRIPT.search(f"{href} {attribute(anchor, 'onclick') or ''}")
    return written[1] if written else href


def is_dead(href: str) -> bool:
    """Whether an `href` leads nowhere without a script."""
    return href in {"", "#"} or href.lower().startswith("javascript")


def main_link(anchors: list[Node]) -> Node | None:
    """The link of a row that carries its title: the longest of those to articles, else of all.

    Of links with one address (picture, title, 详细) it is the first with a title.
    """
    best: Node | None = None
    weight = (False, False, 0)
    for anchor in anchors:
        title = split_trailing_day(title_of(anchor))[0]
        mine = (is_article(address_of(anchor)), not is_date_fragment(title), min(len(title), _LONG))
        if not is_title(title) or mine <= weight:
            continue
        if best is None or weight[2] < 4 or not _same_address(best, anchor):
            best, weight = anchor, mine
    return best


def _same_address(one: Node, other: Node) -> bool:
    address, same = ((attribute(link, "href") or "").partition("#")[0] for link in (one, other))
    return not is_dead(address) and address == same


def _attribute_title(anchor: Node) -> str:
    raw = attribute(anchor, "title") or ""
    line = next((line for line in raw.splitlines() if line.strip()), "")
    return squeeze(_LABEL.sub("", re.sub(r"<[^>]{0,200}>", "", line)))


def _is_whole_of(full: str, shown: str) -> bool:
    """Whether `full` is what `shown` was cut from, or `shown` is `full` with something around it."""
    head = _KIND.sub("", _CUT.sub("", shown))
    return full.startswith(head) or _bare(full).startswith(_bare(head)) or (len(full) >= 6 and full in shown)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _alt(anchor: Node) -> str:
    image = anchor.css_first("img[alt]")
    return squeeze(attribute(image, "alt") or "")
