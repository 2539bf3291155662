"""Finds the entries of a list page: the best group of sibling elements that each hold one titled link and a day.

No selector of any site is used. Every link is counted in each of its next ancestors; siblings of the same tag below
one parent are a group; groups are weighed by how many of their rows show a day and lead to something like an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawlers.html import Node
from crawlers.lists.days import shown_day
from crawlers.lists.groups import Group, Places, find_groups, is_layout
from crawlers.lists.titles import Link, Links, is_article, is_dead, main_link
from crawlers.lists.words import MOST_PIECES, Ranges, Words

_FURNITURE = re.compile(
    r"版权所有|备案[号序]|ICP备|公网安备|copyright|当前位置|您(现)?在?的?位置|今天是|技术支持",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"暂无(?:相关|任何)?(?:信息|数据|内容|记录|文章)|没有(?:找到)?(?:相关|任何)?(?:信息|数据|内容|记录)|栏目(?:正在)?建设中"
)
_PAGER = re.compile(r"下一页|[尾末]页")
_PINNED = re.compile("置顶")
_MOST_AROUND = 600  # characters of a row outside its link: a summary, not a page
_TITLED = 6  # characters of a link that has a title of its own: [文件解读] has none
_MESSAGE = 60  # characters of what says that a list is empty
_MOST_LINKS = 6  # in one row
_WITH_NEIGHBOURS = frozenset({"a", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "p", "span", "div", "td", "strong"})


@dataclass(frozen=True)
class Row:
    """One entry as the page shows it: its link, whole title, day (YYYY-MM-DD or None) and whether it is pinned."""

    anchor: Node
    title: str
    href: str
    day: str | None
    pinned: bool
    crowded: bool = False


@dataclass(frozen=True)
class _Weighed:
    group: Group
    rows: tuple[Row, ...]
    score: float
    dated: int


def find_rows(links: Links) -> tuple[Row, ...]:
    """The entries of a list page in the page's order; empty when it has none."""
    words, places = links.words, Places()
    read = (_weigh(group, words, places) for group in find_groups(links))
    weighed = [candidate for candidate in read if candidate is not None]
    best = max(weighed, key=lambda candidate: candidate.score, default=None)
    if best is None or _says_empty(words, places.of(best.group) < 1):
        return ()
    kind = _kind(best.group)
    family = [candidate for candidate in weighed if candidate is best or _belongs(candidate, kind)]
    return _distinct(row for candidate in family for row in candidate.rows)


def _says_empty(words: Words, is_beside: bool) -> bool:
    """Whether the page says that its list has no entries, so that another is not taken for it.

    The words count where the rows found seem to stand in a side bar, else only behind a list that is empty.
    """
    tree = words.tree
    if tree.body is None or _EMPTY.search(tree.body.text() or "") is None:
        return False
    return is_beside or any(_is_behind_an_empty_list(node, words) for node in tree.css("p, div, li, td, span"))


def _is_behind_an_empty_list(node: Node, words: Words) -> bool:
    before = node.prev
    while before is not None and not before.is_element_node:
        before = before.prev
    if before is None or before.tag not in {"ul", "ol", "dl", "table"} or words.label(before, 0) is None:
        return False
    said = (node.text() or "") if words.label(node, _MESSAGE) is not None else None
    return said is not None and len(said) <= _MESSAGE and _EMPTY.search(said) is not None


def selected_rows(links: Links, css: str) -> tuple[Row, ...]:
    """The entries that a portal's own selector names, for a template that the search does not understand."""
    read = (read_row(node, links.below(node), links.words) for node in links.words.tree.css(css))
    return _distinct(row for row in read if row is not None)


def read_row(node: Node, links: list[Link], words: Words, around: Ranges | None = None) -> Row | None:
    """One entry from its element; `around` replaces the text outside the link. None when no link has a title."""
    link = main_link(links) if len(links) <= _MOST_LINKS else None
    if link is None:
        return None
    text = words.outside(node, link.node) if around is None else around
    if words.says(_FURNITURE, text):
        return None
    title = link.title
    day = shown_day(words.text(text), link.address) if words.length(text) <= _MOST_AROUND else None
    day = day or link.day
    if day is None:
        title, day = link.split
    if day is None and words.says(_PAGER, text):
        return None
    others = (other for other in links if other is not link and len(other.name) >= _TITLED)
    crowded = any(other.target != link.target for other in others)
    return Row(link.node, title, link.address, day, words.says(_PINNED, text), crowded)


def _weigh(group: Group, words: Words, places: Places) -> _Weighed | None:
    if sum(map(len, group.links.values())) > 4 * len(group.nodes) or is_layout(group):
        return None
    rows = _rows(group, words)
    dated = sum(row.day is not None for row in rows)
    if dated * 2 < len(rows) and group.tag in _WITH_NEIGHBOURS:
        rows, dated = max(((rows, dated), *_with_neighbours(group, words)), key=lambda read: read[1])
    if not rows or sum(row.crowded for row in rows) * 2 > len(rows):
        return None
    articles = sum(is_article(row.href) for row in rows)
    if dated * 3 < len(rows) and (articles * 2 <= len(rows) or sum(len(row.title) for row in rows) < 8 * len(rows)):
        return None
    score = (dated + 0.3 * articles + 0.01 * min(len(rows), 20)) * places.of(group)
    return _Weighed(group, rows, score, dated) if score else None


def _rows(group: Group, words: Words) -> tuple[Row, ...]:
    read = (read_row(node, group.links[key], words) for key, node in group.nodes.items())
    return tuple(row for row in read if row is not None)


def _with_neighbours(group: Group, words: Words) -> Iterator[tuple[tuple[Row, ...], int]]:
    """The rows read with the text that follows each element, and with the text before it, up to the next row."""
    keys, between = _between(group, words)
    for texts in (between[1:], between[:-1]):
        read = (
            read_row(group.nodes[key], group.links[key], words, tuple(text))
            for key, text in zip(keys, texts, strict=True)
        )
        rows = tuple(row for row in read if row is not None)
        yield rows, sum(row.day is not None for row in rows)


def _between(group: Group, words: Words) -> tuple[list[int], list[list[tuple[int, int]]]]:
    """The keys of the rows in order, and the text before the first, between each two and behind the last."""
    keys: list[int] = []
    between: list[list[tuple[int, int]]] = [[]]
    parent = words.span(group.parent)
    at = parent.start if parent else 0
    child = group.parent.first_child
    while child is not None:
        if span := words.span(child):
            between[-1].append((at, span.start))
            if child.mem_id in group.nodes:
                keys.append(child.mem_id)
                between.append([])
            else:
                between[-1].append((span.start, min(span.stop, span.start + MOST_PIECES)))
            at = span.stop
        child = child.next
    between[-1].append((at, parent.stop if parent else at))
    return keys, between


def _kind(group: Group) -> tuple[object, ...] | None:
    """What a group shares with the further parts of its list: the tags below one element (five rows a `ul`)."""
    above = group.parent.parent
    return (above.mem_id, group.tag, group.parent.tag, group.parent.attributes.get("class")) if above else None


def _belongs(candidate: _Weighed, kind: tuple[object, ...] | None) -> bool:
    """Whether a group is a further part of the list whose kind is given."""
    return kind is not None and candidate.dated > 0 and _kind(candidate.group) == kind


def _distinct(rows: Iterator[Row]) -> tuple[Row, ...]:
    """Rows in order, each link once; rows whose address scripts have taken may look alike and still be two."""
    found: dict[object, Row] = {}
    for row in rows:
        found.setdefault(row.anchor.mem_id if is_dead(row.href) else (row.href, row.title), row)
    return tuple(found.values())
