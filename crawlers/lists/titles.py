"""The link of a list row that leads to its report, and the whole title of that link."""

from __future__ import annotations

import re
from functools import cached_property

from crawlers.boilerplate import is_metadata
from crawlers.html import Document, Node, attribute
from crawlers.lists.days import is_date_fragment, shown_day, split_trailing_day
from crawlers.lists.words import Words, squeeze

_NOT_A_TITLE = re.compile(
    r"^(更多|更多\s*+[>》»+]*+|more|查看|查看更多|查看详情|详情|详细|阅读全文|继续阅读.{0,120}|(?:发表|暂无|\d+\s*条)评论.{0,20}|全文|下载|附件|点击查看|[第最]?[首尾末后]?\s*一?\s*页"
    r"|[上下前后]\s*(?:一|\d{1,3})?\s*页|共\s*\d+\s*[页条]|第?\s*\d+\s*页|跳转|转到|返回.{0,4}|rss|\[?\d{1,4}\]?|[<>«»\W]++)[>》»\s.…]*+$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"/c\d+a\d+/page\.|/t\d{8}_\d+|post_\d+|content_\d+|/art/(?:(?!/art/).)*?art_|/info/\d+/\d+|/c\d\d_\d+|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-"
    r"|/show/\d+|(?<!\d)\d{4,}+(_\d+)?\.s?html?$|\d{4}[-/]?\d{2}[-/]?\d{2}/\w+\.|[?&](id|infoid|articleid|newsid|wbnewsid)=\w+"
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
_BRACKETS = "[]【】()（） "


class Link:
    """A link as lists see it; each answer is worked out once, since the link is asked for in each of its ancestors."""

    def __init__(self, node: Node, words: Words) -> None:
        self.node = node
        self._words = words

    @cached_property
    def title(self) -> str:
        """The whole title: the link's text, or its `title` attribute where the text is cut, empty or a summary."""
        full = _attribute_title(self.node)
        parts = [part for part in self._pieces if not _is_aside(part)] or self._pieces
        shown = _BULLET.sub("", " ".join(parts)).strip()
        if not shown:
            return full or squeeze(attribute(self._words.first(self.node, "img[alt]"), "alt") or "")
        if full and _is_whole_of(full, shown):
            return full
        if len(parts) > 1:
            heading = self._words.first(self.node, _HEADING if len(shown) > _LONG else _HEADING_TAG)
            lines = self._words.pieces(heading) if heading is not None else parts[:1] if len(shown) > _LONG else []
            return " ".join(lines) or shown
        return shown

    @cached_property
    def is_titled(self) -> bool:
        """Whether the title can be a report's."""
        return is_title(self.title)

    @cached_property
    def address(self) -> str:
        """Where the link leads, by its `href` or by the address that its script names; empty when neither tells."""
        return address_of(self.node)

    @cached_property
    def target(self) -> str:
        """What tells one link from another: its address, or its title where scripts have taken the address."""
        return self.title if is_dead(self.address) else self.address.partition("#")[0]

    @cached_property
    def name(self) -> str:
        """The title without the brackets around it."""
        return self.title.strip(_BRACKETS)

    @cached_property
    def day(self) -> str | None:
        """The day among the link's own words, if a piece of them is one."""
        return shown_day(" ".join(filter(_is_aside, self._pieces)), self.address)

    @cached_property
    def split(self) -> tuple[str, str | None]:
        """The title without a day at its end, and that day."""
        return split_trailing_day(self.title)

    @cached_property
    def weight(self) -> tuple[bool, bool, int]:
        """The more, the likelier the link is the one that carries its row's title; (False, False, 0) is never."""
        title = self.split[0]
        if not is_title(title):
            return (False, False, 0)
        return (is_article(self.address), not is_date_fragment(title), min(len(title), _LONG))

    def is_twin_of(self, other: Link) -> bool:
        """Whether both have one living address."""
        address, same = ((attribute(link.node, "href") or "").partition("#")[0] for link in (self, other))
        return not is_dead(address) and address == same

    @cached_property
    def _pieces(self) -> list[str]:
        return self._words.pieces(self.node)


class Links:
    """The links of a document, each made once."""

    def __init__(self, tree: Document) -> None:
        self.words = Words(tree)
        self._known: dict[int, Link] = {}

    def of(self, node: Node) -> Link:
        """An anchor as a link."""
        known = self._known.get(node.mem_id)
        if known is None:
            known = self._known[node.mem_id] = Link(node, self.words)
        return known

    def below(self, root: Document | Node) -> list[Link]:
        """Every link below a node, in order."""
        return [self.of(node) for node in root.css("a")]


def main_link(links: list[Link]) -> Link | None:
    """The link of a row that carries its title: the longest of those to articles, else of all.

    Of links with one address (picture, title, 详细) it is the first with a title.
    """
    best: Link | None = None
    weight = (False, False, 0)
    for link in links:
        if link.weight <= weight:
            continue
        if best is None or weight[2] < 4 or not best.is_twin_of(link):
            best, weight = link, link.weight
    return best


def is_title(text: str) -> bool:
    """Whether a link's text can be a report's title: not 更多, not a page number, not an arrow."""
    return len(text) >= 2 and not _NOT_A_TITLE.match(text.strip("[]【】()（）<>《》 "))


def is_article(href: str) -> bool:
    """Whether an address looks like that of one article rather than of a column."""
    return _ARTICLE.search(href) is not None and not _COLUMN.search(href)


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


def _is_aside(piece: str) -> bool:
    """Whether a piece of a link's text is about its report and no part of the title."""
    return is_date_fragment(piece) or is_metadata(piece)


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
