"""Where on an unknown page the running text is: every block weighed in one pass over the serialised page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from crawlers.markup import LINK

_BLOCK = "div|section|article|main|form|aside|footer|header|nav|ucapcontent|fieldset|dl|ul"
_EDGE = re.compile(rf"(<(/?)(?:{_BLOCK})\b([^>]*)>)")
_EDGE_OR_CELL = re.compile(rf"(<(/?)(?:{_BLOCK}|td)\b([^>]*)>)")
_CELLS = 80  # a page with more cells has tables of figures and is not laid out by them
_TAG = re.compile(r"<[^>]*+>")
_NAME = re.compile(r'\b(?:class|id)="([^"]*)"')
_NOT_SHOWN = re.compile(r"display:\s*none", re.IGNORECASE)
_BAD = re.compile(
    r"foot|copy|nav|menu|sidebar|(?:^|[-_ ])side|share|related|relevant|recommend|comment|crumb|location|position|"
    r"search|login|banner|friend|dialog|robot|popup|bottom|pager|pagin|toolbar|qrcode|ewm|weizhi|dqwz|xgxx|xgwd|prev|next|"
    r"(?:^|[-_ ])(?:top|head|header|hot)(?:$|[-_ ])",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"zoom|trs_?(?:u?e)ditor|vsb_?content|v_news_content|ucap|"
    r"(?:^|[-_ ])(?:article|news|detail|text|main|page|info|body|post|doc|xl|zw|nr)?-?_?"
    r"(?:content|article|detail|text|con|cont|zw|nr|body|main|txt|wz|wenzhang|zhengwen|neirong|info)\d*(?:$|[-_ ])",
    re.IGNORECASE,
)
_CUT = re.compile(r"share|jiathis|qrcode|qr_|ewm|print|reldoc|related|relevant|xgxx|xgwd|xgjd", re.IGNORECASE)
_DAY = re.compile(r"[\[【(（]?(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_ROW_DAY = re.compile(r"[\[【(（]?(?:(?:19|20)\d{2}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?[\]】)）]?")  # beside a link
LABEL = re.compile(  # begins with a letter in each alternative: the engine leaps from one to the next, much faster
    r"点击\d|被点击|浏览\d|发布(?:时间|日期)|更新(?:时间|日期)|发表(?:时间|日期)|来\s*源\s*[:：]|日期\s*[:：]|时间\s*[:：]|浏览次数|点击数|字体\s*[:：]|字号\s*[:：]"
)
_FOOTER = re.compile(r"版权所有|备案|网站标识码|主办(?:单位)?\s*[:：]|承办(?:单位)?\s*[:：]|技术支持(?:单位)?\s*[:：]")
_ADDRESS = re.compile(r"(?:单位)?地址\s*[:：]")
_HEADER = 160  # characters: a piece no longer than that which starts with a date or holds a label is the header line


@dataclass(slots=True)
class Block:
    """An element that may hold a body, by its place in the markup and what its class and id promise."""

    start: int
    is_good: bool
    is_bad: bool
    is_cut: bool
    attributes: str = ""
    stop: int = 0

    @property
    def size(self) -> int:
        """Characters of markup."""
        return self.stop - self.start


@dataclass(frozen=True)
class Survey:
    """The blocks of a page in document order, and how much running text has been seen where each piece ends."""

    blocks: Sequence[Block]
    at: Sequence[int]
    sums: Sequence[float]

    def between(self, start: int, stop: int) -> float:
        """The weight of the text from `start` to `stop`."""
        low, high = bisect_right(self.at, start), bisect_right(self.at, stop)
        return (self.sums[high - 1] if high else 0.0) - (self.sums[low - 1] if low else 0.0)


def survey(html: str, after: int = 0) -> Survey:
    """Weigh a page from a place on. Furniture and hidden blocks weigh nothing, nor does what is inside them."""
    blocks: list[Block] = []
    stack: list[tuple[Block, bool]] = []
    at: list[int] = []
    weights: list[float] = []
    done, bad = 0, False
    pieces = (_EDGE if html.count("<td") > _CELLS else _EDGE_OR_CELL).split(html)
    for chunk, edge, closing, attributes in zip(pieces[::4], pieces[1::4], pieces[2::4], pieces[3::4], strict=False):
        start = done + len(chunk)
        done = start + len(edge)
        if start > after and not bad and chunk:
            weight = _weight(chunk.strip())
            if weight:
                at.append(start)
                weights.append(weight)
        if closing:
            if stack:
                block, bad = stack.pop()
                block.stop = start
            continue
        good, poor, cut = _named(attributes) if "=" in attributes else (False, False, False)
        was, bad = bad, bad or poor
        block = Block(done, good, bad, cut, attributes)
        blocks.append(block)
        stack.append((block, was))
    for block, _ in stack:
        block.stop = len(html)
    return Survey(blocks, at, list(accumulate(weights)))


def without_cuts(html: str, start: int, stop: int, blocks: Sequence[Block]) -> str:
    """A stretch of markup without its share bars, hidden blocks and related lists; none that is half of it."""
    out: list[str] = []
    at = start
    for block in _cuts(start, stop, blocks):
        if block.start >= at:
            out.append(html[at : block.start])
            at = block.stop
    return "".join([*out, html[at:stop]])


def _cuts(start: int, stop: int, blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.is_cut and start < block.start and block.stop <= stop and 2 * block.size < stop - start:
            yield block


@lru_cache(maxsize=4096)
def _named(attributes: str) -> tuple[bool, bool, bool]:
    """Whether a block is named like a body, is furniture or hidden, and is to be cut out of a body."""
    if "display" in attributes and _NOT_SHOWN.search(attributes):
        return False, True, True
    names = " ".join(_NAME.findall(attributes))
    if not names:
        return False, False, False
    good = bool(_GOOD.search(names))
    return good, bool(not good and _BAD.search(names)), bool(not good and _CUT.search(names))


def _weight(chunk: str) -> float:
    """Characters outside links, less for a piece without punctuation; nothing for a header line."""
    if not chunk or _is_link(chunk):
        return 0.0
    linked = "<a" in chunk
    if linked:
        chunk = LINK.sub("", chunk)
    if "<" in chunk:
        chunk = _TAG.sub("", chunk).strip()
    if linked and chunk:
        chunk = _ROW_DAY.sub("", chunk).strip()
    folded = " ".join(chunk.split()) if "\n" in chunk else chunk
    if not chunk or (len(folded) < _HEADER and _is_furniture(folded)):
        return 0.0
    marks = chunk.count("，") + chunk.count("。") + chunk.count("、") + chunk.count("；") + chunk.count(",")
    return len(chunk) * (1.0 if marks >= 2 else 0.4) + 8.0 * marks


def _is_link(chunk: str) -> bool:
    """Whether a piece is one link and nothing else, as most are."""
    return chunk.startswith(("<a ", "<a>")) and chunk.find("</a>") == len(chunk) - len("</a>")


def _is_furniture(text: str) -> bool:
    """Whether a short piece of text is part of a header line or of the page's foot."""
    return bool(LABEL.search(text) or _DAY.match(text) or _FOOTER.search(text) or _ADDRESS.match(text))
