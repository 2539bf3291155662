"""A report on a page of no known family: the block after the title that holds the page's running text.

Blocks are measured on the serialised page in one pass: characters outside links, weighted by punctuation, nothing for
navigation, footers and hidden blocks. From the smallest block that holds title and text the search goes down while one
child holds nearly all of it; what stands around the body in a shared block is trimmed line by line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from crawlers import titles
from crawlers.article import Pieces, compose
from crawlers.boilerplate import trim
from crawlers.errors import NotAReport
from crawlers.html import markup_of, maybe, meta_pairs
from crawlers.layout import HIDDEN, NOISE
from crawlers.markup import inline, lines, without_unseen
from crawlers.metadata import metas
from crawlers.models import Extract
from crawlers.page import Page

_EDGE = re.compile(
    r"<(/?)(?:div|td|section|article|main|form|aside|footer|header|nav|ucapcontent|fieldset|dl|ul)\b([^>]*)>"
)
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)
_MARKS = re.compile(r"[，。；：！？、,;]")
_ATTRIBUTE = re.compile(r'\b(?:class|id)="([^"]*)"')
_BAD = re.compile(
    r"foot|copy|nav|menu|sidebar|(?:^|[-_ ])side|share|related|relevant|recommend|comment|crumb|location|position|"
    r"search|login|banner|"
    r"friend|dialog|robot|popup|bottom|pager|pagin|toolbar|qrcode|ewm|weizhi|dqwz|xgxx|xgwd|prev|next|(?:^|"
    r"[-_ ])(?:top|head|header|hot)(?:$|[-_ ])",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"zoom|trs_?(?:ue)?ditor|vsb_?content|v_news_content|ucap|(?:^|[-_ ])(?:article|news|detail|text|main|page|"
    r"info|body|post|doc|xl|zw|nr)?-?_?"
    r"(?:content|article|detail|text|con|cont|zw|nr|body|main|txt|wz|wenzhang|zhengwen|neirong|info)\d*(?:$|[-_ ])",
    re.IGNORECASE,
)
_HEADINGS = (
    "h1, h2, h3, h4, [class*=title i], [id*=title i], [class*=tit i], [class*=bt i], strong, [class*=biaoti i], "
    "[class*=headline i]"
)
_NEARLY = 0.9
_MOST = 0.6


@dataclass
class _Block:
    start: int
    attributes: str
    stop: int = 0


@dataclass(frozen=True)
class _Survey:
    """The blocks of a page in document order, and how much running text stands before each position."""

    blocks: Sequence[_Block]
    at: Sequence[int]
    sums: Sequence[float]

    def between(self, start: int, stop: int) -> float:
        """The weight of the text from `start` to `stop`."""
        low, high = bisect_left(self.at, start), bisect_left(self.at, stop)
        return (self.sums[high - 1] if high else 0.0) - (self.sums[low - 1] if low else 0.0)


def report(page: Page, parts: tuple[Page, ...] = (), warnings: tuple[str, ...] = ()) -> Extract:
    """The report on any page. NotAReport (`empty`) when there is no text at all."""
    html = without_unseen(page.doc.html or "")
    html = html[max(0, html.find("<body")) :]
    meta = metas(meta_pairs(page.doc))
    title, heading = _title(page, meta)
    survey = _survey(html)
    start, stop = _body(survey, html, _after(html, heading, title))
    chosen = html[start:stop]
    for part in parts:
        chosen += _main_text(part)
    written = lines(_shown(page, chosen))
    trimmed = trim(written, whole=True)
    head, tail = "\n".join(lines(html[:start])), "\n".join(lines(html[stop:]))
    if not title and not trimmed.lines:
        raise NotAReport("empty", "no title and no text", url=page.url)
    pieces = Pieces(
        reader="generic",
        title=title,
        body=trimmed,
        head="\n".join([head, *trimmed.head]),
        tail="\n".join([*trimmed.tail, tail]),
        html=chosen,
        after=html[stop : stop + 3000],
        meta=meta,
        warnings=warnings,
    )
    return compose(page, pieces)


def _title(page: Page, meta: dict[str, str]) -> tuple[str, str]:
    """The title, and the serialised heading that shows it (empty when none does)."""
    markups = map(markup_of, page.doc.css(_HEADINGS)[:80])
    shown = [(inline(markup), markup) for markup in markups if len(markup) < 3000]
    usable = [(text, markup) for text, markup in shown if 2 <= len(text) <= 150]
    window = maybe(page.doc, "title")
    title = titles.choose(
        [text for text, _ in usable],
        meta.get("articletitle"),
        window.text() if window is not None else None,
        meta.get("sitename"),
        page.hint.title if page.hint else None,
    )
    return title, next((markup for text, markup in usable if titles.clean(text) == title), "")


def _after(html: str, heading: str, title: str) -> int:
    """Where the title ends in the page; 0 when it is nowhere."""
    for needle in (heading, f">{title}<", title):
        at = html.find(needle) if len(needle) > 2 else -1
        if at >= 0:
            return at + len(needle)
    return 0


def _survey(html: str) -> _Survey:
    """Measure every block of a page in one pass."""
    blocks: list[_Block] = []
    stack: list[tuple[_Block, bool]] = []
    at: list[int] = []
    weights: list[float] = []
    done, bad = 0, False
    for edge in _EDGE.finditer(html):
        if not bad and edge.start() - done > 4:
            weight = _weight(html[done : edge.start()])
            if weight:
                at.append(done)
                weights.append(weight)
        done = edge.end()
        if edge[1]:
            if stack:
                block, bad = stack.pop()
                block.stop = edge.start()
            continue
        block = _Block(edge.end(), edge[2])
        blocks.append(block)
        stack.append((block, bad))
        bad = bad or _is_bad(edge[2])
    for block, _ in stack:
        block.stop = len(html)
    return _Survey(blocks, at, list(accumulate(weights)))


def _is_bad(attributes: str) -> bool:
    if not attributes:
        return False
    if "display:" in attributes and re.search(r"display:\s*none", attributes):
        return True
    names = " ".join(_ATTRIBUTE.findall(attributes))
    return bool(names and _BAD.search(names) and not _GOOD.search(names))


def _weight(chunk: str) -> float:
    """Characters outside links; half for a piece without punctuation."""
    text = _TAG.sub("", _LINK.sub("", chunk)).strip() if "<a" in chunk else _TAG.sub("", chunk).strip()
    if not text:
        return 0.0
    marks = len(_MARKS.findall(text))
    return len(text) * (1.0 if marks >= 2 else 0.4) + 8.0 * marks


def _body(survey: _Survey, html: str, after: int) -> tuple[int, int]:
    """Start and end of the body: the text behind the title in the smallest block that has most of it, then down."""
    total = survey.between(after, len(html))
    around = [block for block in survey.blocks if block.start <= after <= block.stop]
    holder = next((b for b in reversed(around) if survey.between(after, b.stop) >= _MOST * total), None)
    start, stop = after, holder.stop if holder else len(html)
    inner = [block for block in survey.blocks if start <= block.start and block.stop <= stop]
    for block in inner:
        whole = survey.between(start, stop)
        share = survey.between(block.start, block.stop) / whole if whole else 0.0
        if block.stop > stop or block.start < start:
            continue
        if share >= _NEARLY or (share >= _MOST and _GOOD.search(block.attributes)):
            start, stop = block.start, block.stop
    return start, stop


def _shown(page: Page, html: str) -> str:
    """The chosen markup without hidden blocks and share bars."""
    for node in page.doc.css(f"{HIDDEN}, {NOISE}"):
        block = markup_of(node)
        if 2 * len(block) < len(html):
            html = html.replace(block, "", 1)
    return html


def _main_text(page: Page) -> str:
    html = without_unseen(page.doc.html or "")
    start, stop = _body(_survey(html), html, 0)
    return html[start:stop]
