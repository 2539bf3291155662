"""What a page consists of, counted in one walk: prose, link titles, labels of an article, files and pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crawlers.html import Document, Node

_SKIPPED = frozenset({"script", "style", "noscript", "template", "select", "-comment", "title", "head"})
_FRAMES = frozenset({"iframe", "frame", "object", "embed"})
_SENTENCE = re.compile(r"[。；！？，]")
_LABEL = re.compile(
    r"(信息|稿件|文章)?来源\s*[:：]|(发布|发文|更新|成文)(时间|日期)\s*[:：]|索\s*引\s*号|责任编辑|字\s*[号体]\s*[:：]|上一[篇条]"
    r"|下一[篇条]|浏览(次数|量)|阅读(次数|量)?\s*[:：]|点击(次数|率|数)?\s*[:：]|访问量|打印(本页)?|分享到|附\s*件\s*\d*\s*[:：]"
)
_CONTAINER = (
    "[id*=zoom i],[class*=TRS_ i],[id^=vsb_content],.v_news_content,[id*=UCAP i],[class*=article i][class*=content i],"
    "[class*=news][class*=content i],[class*=detail i],[class*=Article i],article"
)
_NAVIGATION = 15  # links: an article's container has fewer
_DATE = re.compile(r"(?<!\d)(19|20)\d{2}\s?[-/.年]\s?\d{1,2}")
_ORNAMENT = re.compile(r"\.gif([?#]|$)|icon|logo|button|line|arrow|^$", re.IGNORECASE)
_FILE = re.compile(r"\.(pdf|docx?|xlsx?|wps|ofd|zip|rar|pptx?)([?#]|$)|download", re.IGNORECASE)


@dataclass
class Outline:
    """Counts of visible characters and of things; `titles` are the texts of links, `words` what is outside them."""

    plain: int = 0
    prose: int = 0
    linked: int = 0
    labels: int = 0
    media: int = 0
    frames: int = 0
    dated: bool = False
    titles: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def visible(self) -> int:
        """Characters, in links and out of them."""
        return self.plain + self.linked

    @property
    def text(self) -> str:
        """What stands outside links."""
        return " ".join(self.words)

    @property
    def long_titles(self) -> int:
        """Links whose text is as long as a report's title."""
        return sum(len(title) >= 9 for title in self.titles)


def outline(root: Document) -> Outline:
    """Walk a document once; what scripts write and what comments hold does not count."""
    found = Outline()
    start = root.body
    stack: list[tuple[Node, bool]] = [(start, False)] if start is not None else []
    while stack:
        node, in_link = stack.pop()
        if node.is_text_node:
            _count_text(found, " ".join((node.text_content or "").split()), in_link)
            continue
        tag = node.tag or ""
        if tag in _SKIPPED:
            continue
        _count_element(found, node, tag, in_link)
        child = node.last_child
        while child is not None:
            stack.append((child, in_link or tag == "a"))
            child = child.prev
    return found


def has_filled_container(root: Document) -> bool:
    """Whether an element with a name that families give to an article's body holds text, a picture or a file."""
    containers = [node for node in root.css(_CONTAINER) if node.tag not in {"body", "html", "a", "ul", "li"}]
    if not containers:
        return False
    links, media = _held(root, "a", _NAVIGATION), _held(root, "img,video,embed,object", 1)
    blank: set[int] = set()
    for node in containers:
        if node.mem_id in media:
            return True
        if node.mem_id in blank or links.get(node.mem_id, 0) >= _NAVIGATION:
            continue
        if node.text().split(maxsplit=1):
            return True
        blank.update(inner.mem_id for inner in node.css(_CONTAINER))
    return False


def _held(root: Document, css: str, most: int) -> dict[int, int]:
    """How many matches an element holds, itself included, counted up to `most`: what holds it has as many."""
    held: dict[int, int] = {}
    for match in root.css(css):
        node: Node | None = match
        while node is not None and held.get(node.mem_id, 0) < most:
            held[node.mem_id] = held.get(node.mem_id, 0) + 1
            node = node.parent
    return held


def has_metas(root: Document) -> bool:
    """Whether the standard's article tags (ArticleTitle and PubDate) are there and filled."""
    filled = {
        (node.attributes.get("name") or "").lower()
        for node in root.css("meta[name][content]")
        if (node.attributes.get("content") or "").strip()
    }
    return {"articletitle", "pubdate"} <= filled


def _count_text(found: Outline, text: str, in_link: bool) -> None:
    if not text:
        return
    if in_link:
        found.linked += len(text)
        found.titles.append(text)
        return
    found.words.append(text)
    found.plain += len(text)
    found.dated = found.dated or _DATE.search(text) is not None
    found.labels += _LABEL.search(text) is not None
    if len(text) >= 15 and _SENTENCE.search(text):
        found.prose += len(text)


def _count_element(found: Outline, node: Node, tag: str, in_link: bool) -> None:
    if tag in _FRAMES:
        found.frames += 1
    elif tag == "img" and not in_link:
        found.media += not _ORNAMENT.search(node.attributes.get("src") or "")
    elif tag == "video" or (tag == "a" and _FILE.search(node.attributes.get("href") or "")):
        found.media += 1
