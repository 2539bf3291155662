"""A report on a page of no known family: the block behind the title that holds the page's running text.

From the smallest block that holds title and text the search goes down while one child holds nearly all of it; what
stands around the body in a shared block is trimmed line by line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from crawlers.article import Pieces, compose
from crawlers.boilerplate import is_closing, is_heading_furniture
from crawlers.errors import NotAReport
from crawlers.headings import evidence, heading_of, page_metas
from crawlers.html import serialised
from crawlers.markup import lines, pieces_of, without_unseen
from crawlers.models import Extract
from crawlers.page import Page
from crawlers.scripts import with_writes
from crawlers.survey import Block, Survey, survey, without_cuts
from crawlers.trimming import trim

_TAG = re.compile(r"<[^>]*>")
_HEAD, _FOOT = 6000, 6000  # characters of markup before a title and at the end of a page that are read
_AFTER = 4000  # characters of markup behind a body in which its files stand
_NEARLY, _MOST = 0.9, 0.6  # of the running text
_MANY = 40  # blocks inside each other; a body has fewer around it
_SHARE = 0.1  # of the running text: a block of as much is not furniture
_BESIDE = 200  # characters of markup between a letter and the answer to it
_COPY = 4.0  # times the text: a second copy and what follows it are no more
_LEFT = 20.0  # weight that may be left beside a body without a name
_PLENTY = 400.0  # weight that cannot be buttons alone
_SPARSE = 60.0  # less weight than this is no running text
_FEW, _PICTURE = 20, 8000  # characters of text, and of markup: less than this may be a button beside a picture
_SHORTEST_TITLE, _TITLES = 6, 8  # characters, and places of a title that are looked at
_PIECE = re.compile(r">\s*([^<>\s][^<>]{14,200})")


def report(page: Page, parts: tuple[Page, ...] = (), warnings: tuple[str, ...] = ()) -> Extract:
    """The report on any page. NotAReport (`empty`) when there is no text at all."""
    html = _readable(page)
    meta = page_metas(page)
    title, heading = heading_of(page, evidence(page, meta), html)
    after = _after(html, heading, title)
    weighed = survey(html, after)
    start, stop = _shown(weighed, html, after, _body(weighed, html, after, _second_copy(weighed, html, title, after)))
    chosen = without_cuts(html, start, stop, weighed.blocks) + "".join(map(_main_markup, parts))
    trimmed = trim(lines(chosen), whole=True)
    if not title and not trimmed.lines:
        raise NotAReport("empty", "no title and no text", url=page.url)
    pieces = Pieces(
        reader="generic",
        title=title,
        body=trimmed,
        head="\n".join([pieces_of(html[max(0, min(after, start) - _HEAD) : start]), *trimmed.head]),
        tail="\n".join([*trimmed.tail, pieces_of(html[stop : stop + _AFTER]), pieces_of(html[stop:][-_FOOT:])]),
        html=chosen,
        after=html[stop : stop + _AFTER],
        meta=meta,
        warnings=warnings,
    )
    return compose(page, pieces)


def _readable(page: Page) -> str:
    """The serialised body of the page without what nobody sees, but with the words that its scripts write."""
    html = serialised(page.doc)
    return without_unseen(with_writes(html[max(0, html.find("<body")) :]))


def _after(html: str, heading: str, title: str) -> int:
    """Where the title ends in the page; 0 when it is nowhere."""
    for needle in (heading, f">{title}<", title):
        at = html.find(needle) if len(needle) > 2 else -1
        if at >= 0:
            end = at + len(needle)
            return html.find(">", end) + 1 if needle.endswith("<") else end
    return 0


def _second_copy(weighed: Survey, html: str, title: str, after: int) -> int:
    """Where the page begins again, for print or for telephones: at its title, with the same text behind it."""
    again = html.find(title, after) if after and len(title) >= _SHORTEST_TITLE else -1
    for _ in range(_TITLES):
        if again < 0:
            break
        first, second = weighed.between(after, again), weighed.between(again, len(html))
        if first >= _SPARSE and _NEARLY * first <= second <= _COPY * first:
            longest = max(_PIECE.findall(html, after, again), key=len, default="")
            if longest and html.find(longest, again) >= 0:
                return again
        again = html.find(title, again + 1)
    return len(html)


def _body(weighed: Survey, html: str, after: int, end: int) -> tuple[int, int]:
    """Start and end of the body, by `end`: what is behind the title in the smallest block with most, then down."""
    total = weighed.between(after, end)
    if total < _SPARSE:
        return _sparse(weighed, html, after)
    around = [block for block in weighed.blocks if block.start <= after <= block.stop]
    holder = next((b for b in reversed(around) if weighed.between(after, min(b.stop, end)) >= _MOST * total), None)
    start, stop, settled = after, min(holder.stop, end) if holder else end, False
    whole = weighed.between(start, stop)
    for index, block in enumerate(weighed.blocks):
        if block.start < start or block.stop > stop or (settled and not block.is_good):
            continue
        weight = weighed.between(block.start, block.stop)
        nearly = weight >= _NEARLY * whole and whole - weight < _LEFT
        if weight and (nearly or (weight >= _MOST * whole and block.is_good)):
            twin = None if nearly else _twin(weighed, index, start, stop, _SHARE * whole)
            if twin:
                return _around_both(weighed, block, twin, start, stop)
            start, stop, whole = block.start, block.stop, weight
            settled = block.is_good and after > 0
    return start, stop


def _twin(weighed: Survey, index: int, start: int, stop: int, least: float) -> Block | None:
    """The next block of the same make that holds some of the text, as the answer to a letter does; none is usual."""
    make = weighed.blocks[index].attributes
    for other in _beside(weighed, index, start) if make.strip() else ():
        if other.stop <= stop and other.attributes == make and weighed.between(other.start, other.stop) >= least:
            return other
    return None


def _beside(weighed: Survey, index: int, start: int) -> Iterator[Block]:
    """The blocks that end shortly before a block, none that begins before `start`, or begin shortly behind it.

    Those further off are not asked: a hostile page has tens of thousands, and hundreds of blocks to ask them for.
    """
    blocks, block = weighed.blocks, weighed.blocks[index]
    for place in range(index - 1, -1, -1):
        if blocks[place].start < start:
            break
        if 0 < block.start - blocks[place].stop < _BESIDE:
            yield blocks[place]
    for place in range(bisect_right(blocks, block.stop, key=lambda other: other.start), len(blocks)):
        if blocks[place].start - block.stop >= _BESIDE:
            break
        yield blocks[place]


def _around_both(weighed: Survey, one: Block, other: Block, start: int, stop: int) -> tuple[int, int]:
    """The smallest block, no larger than from `start` to `stop`, that holds two others."""
    low, high = min(one.start, other.start), max(one.stop, other.stop)
    holders = [b for b in weighed.blocks if start <= b.start < low and high < b.stop <= stop]
    smallest = min(holders, key=lambda b: b.size, default=None)
    return (smallest.start, smallest.stop) if smallest else (start, stop)


def _sparse(weighed: Survey, html: str, after: int) -> tuple[int, int]:
    """A page of hardly any text (a picture, a link): the first block behind the title that is named like a body."""
    named = _named(weighed, html, after)
    if named:
        return named
    around = [block for block in weighed.blocks if after and block.start <= after <= block.stop][-_MANY:]
    wide = next((b for b in reversed(around) if _has_content(html[after : b.stop])), None)
    wide = wide or next((b for b in reversed(around) if len(_TAG.sub("", html[after : b.stop]).strip()) > _FEW), None)
    return after, wide.stop if wide else len(html)


def _shown(weighed: Survey, html: str, after: int, body: tuple[int, int]) -> tuple[int, int]:
    """The body, or where next to none is written the block of that name: a picture beside a button is a body, too."""
    start, stop = body
    small = stop - start < _PICTURE and weighed.between(start, stop) < _PLENTY
    few = small and sum(map(len, trim(lines(html[start:stop]), whole=True).lines)) < _FEW
    return (_named(weighed, html, after) if few else None) or body


def _named(weighed: Survey, html: str, after: int) -> tuple[int, int] | None:
    """The first block behind the title that is named like a body and shows something."""
    good = (block for block in weighed.blocks if block.start >= after and block.is_good and not block.is_bad)
    shown = (block for block in islice(good, _MANY) if _has_content(html[block.start : block.stop]))
    return next(((block.start, block.stop) for block in shown), None)


def _has_content(html: str) -> bool:
    """Whether a block shows anything beyond a header line and buttons."""
    seen = lines(html)
    if any(not is_heading_furniture(line) and not is_closing(line) for line in seen):
        return True
    return ("<img" in html and not seen) or "<embed" in html or "<video" in html


def _main_markup(page: Page) -> str:
    """The body of a further part."""
    html = _readable(page)
    start, stop = _body(survey(html), html, 0, len(html))
    return html[start:stop]
