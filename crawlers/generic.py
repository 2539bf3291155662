"""A report on a page of no known family: the block after the title that holds the page's running text.

Blocks are measured on the serialised page in one pass: characters outside links, weighted by punctuation, nothing for
navigation, footers and hidden blocks. From the smallest block that holds title and text the search goes down while one
child holds nearly all of it; what stands around the body in a shared block is trimmed line by line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from crawlers import titles
from crawlers.article import Pieces, compose
from crawlers.body import HIDDEN, NOISE, without
from crawlers.boilerplate import is_closing, is_heading_furniture, trim
from crawlers.errors import NotAReport
from crawlers.html import markup_of, maybe, meta_pairs
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
_LABEL = re.compile(
    r"(?:发布|更新|发表)(?:时间|日期)\s*[:：]?|来\s*源\s*[:：]|(?:日期|时间)\s*[:：]|浏览次数|点击数|字体\s*[:：]"
)
_DAY = re.compile(r"[\[【(（]?(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_HEADER = 160  # characters: a piece that long which starts with a date or holds a label is the header line
_NEAR = 2500  # characters of markup
_NEARLY = 0.9
_MOST = 0.6
_SPARSE = 60.0


@dataclass
class _Block:
    start: int
    is_good: bool
    is_bad: bool
    stop: int = 0


@dataclass(frozen=True)
class _Survey:
    """The blocks of a page in document order, and how much running text has been seen where each piece ends."""

    blocks: Sequence[_Block]
    at: Sequence[int]
    sums: Sequence[float]

    def between(self, start: int, stop: int) -> float:
        """The weight of the text from `start` to `stop`."""
        low, high = bisect_right(self.at, start), bisect_right(self.at, stop)
        return (self.sums[high - 1] if high else 0.0) - (self.sums[low - 1] if low else 0.0)


def report(page: Page, parts: tuple[Page, ...] = (), warnings: tuple[str, ...] = ()) -> Extract:
    """The report on any page. NotAReport (`empty`) when there is no text at all."""
    html = without_unseen(page.doc.html or "")
    html = html[max(0, html.find("<body")) :]
    meta = metas(meta_pairs(page.doc))
    title, heading = _title(page, meta, html)
    survey = _survey(html)
    start, stop = _body(survey, html, _after(html, heading, title))
    chosen = html[start:stop]
    for part in parts:
        chosen += _main_text(part)
    chosen = without(chosen, page.doc, f"{HIDDEN}, {NOISE}")
    written = lines(chosen)
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


def _title(page: Page, meta: dict[str, str], html: str) -> tuple[str, str]:
    """The title, and the serialised heading that shows it (empty when none does)."""
    markups = map(markup_of, page.doc.css(_HEADINGS)[:80])
    shown = [(inline(markup), markup) for markup in markups if len(markup) < 3000]
    usable = _by_nearness([(text, markup) for text, markup in shown if 2 <= len(text) <= 150], html)
    window = maybe(page.doc, "title")
    title = titles.choose(
        [text for text, _ in usable],
        meta.get("articletitle"),
        window.text() if window is not None else None,
        meta.get("sitename"),
        page.hint.title if page.hint else None,
    )
    return title, next((markup for text, markup in usable if titles.clean(text) == title), "")


def _by_nearness(headings: list[tuple[str, str]], html: str) -> list[tuple[str, str]]:
    """Headings that stand shortly above the header line first, the nearest before the others."""
    label = _LABEL.search(html)
    if not label:
        return headings
    gaps = [(label.start() - html.find(markup), heading) for heading in headings if (markup := heading[1])]
    near = sorted(((gap, heading) for gap, heading in gaps if 0 <= gap <= _NEAR), key=lambda pair: pair[0])
    first = [heading for _, heading in near]
    return first + [heading for heading in headings if heading not in first]


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
                at.append(edge.start())
                weights.append(weight)
        done, was = edge.end(), bad
        if edge[1]:
            if stack:
                block, bad = stack.pop()
                block.stop = edge.start()
            continue
        good, poor = _named(edge[2])
        bad = bad or poor
        block = _Block(edge.end(), good, bad)
        blocks.append(block)
        stack.append((block, was))
    for block, _ in stack:
        block.stop = len(html)
    return _Survey(blocks, at, list(accumulate(weights)))


def _named(attributes: str) -> tuple[bool, bool]:
    """Whether a block's class and id are those of a body, and whether they are those of furniture or hidden."""
    if not attributes:
        return False, False
    if "display:" in attributes and re.search(r"display:\s*none", attributes):
        return False, True
    names = " ".join(_ATTRIBUTE.findall(attributes))
    good = bool(names and _GOOD.search(names))
    return good, bool(names and not good and _BAD.search(names))


def _weight(chunk: str) -> float:
    """Characters outside links, less for a piece without punctuation; nothing for a header line."""
    text = _TAG.sub("", _LINK.sub("", chunk)).strip() if "<a" in chunk else _TAG.sub("", chunk).strip()
    if not text or (len(text) < _HEADER and (_LABEL.search(text) or _DAY.match(text))):
        return 0.0
    marks = len(_MARKS.findall(text))
    return len(text) * (1.0 if marks >= 2 else 0.4) + 8.0 * marks


def _body(survey: _Survey, html: str, after: int) -> tuple[int, int]:
    """Start and end of the body: the text behind the title in the smallest block that has most of it, then down."""
    total = survey.between(after, len(html))
    if total < _SPARSE:
        return _sparse(survey, html, after)
    around = [block for block in survey.blocks if block.start <= after <= block.stop]
    holder = next((b for b in reversed(around) if survey.between(after, b.stop) >= _MOST * total), None)
    start, stop, settled = after, holder.stop if holder else len(html), False
    for block in survey.blocks:
        if block.start < start or block.stop > stop or (settled and not block.is_good):
            continue
        whole = survey.between(start, stop)
        share = survey.between(block.start, block.stop) / whole if whole else 0.0
        if share >= _NEARLY or (share >= _MOST and block.is_good):
            start, stop, settled = block.start, block.stop, block.is_good and after > 0
    return start, stop


def _sparse(survey: _Survey, html: str, after: int) -> tuple[int, int]:
    """A page of hardly any text (a picture, a link): the first block behind the title that is named like a body."""
    for block in survey.blocks:
        inside = html[block.start : block.stop]
        if block.start >= after and block.is_good and not block.is_bad and _has_content(inside):
            return block.start, block.stop
    around = [block for block in survey.blocks if after and block.start <= after <= block.stop]
    wide = next((b for b in reversed(around) if len(_TAG.sub("", html[after : b.stop]).strip()) > 12), None)
    return after, wide.stop if wide else len(html)


def _has_content(html: str) -> bool:
    """Whether a block shows anything beyond a header line and buttons."""
    written = [line for line in lines(html) if not is_heading_furniture(line) and not is_closing(line)]
    return bool(written) or ("<img" in html and not lines(html)) or "<embed" in html or "<video" in html


def _main_text(page: Page) -> str:
    html = without_unseen(page.doc.html or "")
    start, stop = _body(_survey(html), html, 0)
    return html[start:stop]
