"""Finds the entries of a list page: the best group of sibling elements that each hold one titled link and a day.

No selector of any site is used. Every link is counted in each of its next ancestors; siblings of the same tag below
one parent are a group; groups are weighed by how many of their rows show a day and lead to something like an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawlers.html import Document, Node
from crawlers.lists.days import is_date_fragment, shown_day, split_trailing_day
from crawlers.lists.groups import Group, find_groups, is_layout, place
from crawlers.lists.titles import address_of, is_article, is_dead, main_link, pieces, title_of

_FURNITURE = re.compile(
    r"版权所有|备案[号序]|ICP备|公网安备|copyright|当前位置|您(现)?在?的?位置|今天是|技术支持",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"暂无(?:相关|任何)?(?:信息|数据|内容|记录|文章)|没有(?:找到)?(?:相关|任何)?(?:信息|数据|内容|记录)|栏目(?:正在)?建设中"
)
_PAGER = re.compile(r"下一页|[尾末]页")
_MOST_AROUND = 600  # characters of a row outside its link: a summary, not a page
_BRACKETS = "[]【】()（） "
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


def find_rows(tree: Document) -> tuple[Row, ...]:
    """The entries of a list page in the page's order; empty when it has none."""
    weighed = [candidate for group in find_groups(tree) if (candidate := _weigh(group)) is not None]
    best = max(weighed, key=lambda candidate: candidate.score, default=None)
    if best is None or _says_empty(tree, place(best.group) < 1):
        return ()
    family = [candidate for candidate in weighed if candidate is best or _belongs(candidate, best)]
    return _distinct(row for candidate in family for row in candidate.rows)


def _says_empty(tree: Document, is_beside: bool) -> bool:
    """Whether the page says that its list has no entries, so that another is not taken for it.

    The words count where the rows found seem to stand in a side bar, else only behind a list that is empty.
    """
    if tree.body is None or _EMPTY.search(tree.body.text() or "") is None:
        return False
    return is_beside or any(map(_is_behind_an_empty_list, tree.css("p, div, li, td, span")))


def _is_behind_an_empty_list(node: Node) -> bool:
    before = node.prev
    while before is not None and not before.is_element_node:
        before = before.prev
    if before is None or before.tag not in {"ul", "ol", "dl", "table"} or (before.text() or "").strip():
        return False
    said = node.text() or ""
    return len(said) <= _MESSAGE and _EMPTY.search(said) is not None


def selected_rows(tree: Document, css: str) -> tuple[Row, ...]:
    """The entries that a portal's own selector names, for a template that the search does not understand."""
    read = (read_row(node, node.css("a")) for node in tree.css(css))
    return _distinct(row for row in read if row is not None)


def read_row(node: Node, anchors: list[Node], around: str | None = None) -> Row | None:
    """One entry from its element; `around` replaces the text outside the link. None when no link has a title."""
    anchor = main_link(anchors)
    if anchor is None or len(anchors) > _MOST_LINKS:
        return None
    title = title_of(anchor)
    href = address_of(anchor)
    text = " ".join(pieces(node, without=anchor)) if around is None else around
    if _FURNITURE.search(text):
        return None
    inner = " ".join(part for part in pieces(anchor) if is_date_fragment(part))
    day = (shown_day(text, href) if len(text) <= _MOST_AROUND else None) or shown_day(inner, href)
    if day is None:
        title, day = split_trailing_day(title)
    if day is None and _PAGER.search(text):
        return None
    others = (a for a in anchors if a.mem_id != anchor.mem_id and len(title_of(a).strip(_BRACKETS)) >= _TITLED)
    crowded = any(_address(a) != _address(anchor) for a in others)
    return Row(anchor, title, href, day, "置顶" in text, crowded)


def _address(anchor: Node) -> str:
    """What tells one link from another: its address, or its title where scripts have taken the address."""
    href = address_of(anchor)
    return title_of(anchor) if is_dead(href) else href.partition("#")[0]


def _weigh(group: Group) -> _Weighed | None:
    if sum(map(len, group.anchors.values())) > 4 * len(group.nodes) or is_layout(group):
        return None
    rows = _rows(group)
    dated = sum(row.day is not None for row in rows)
    if dated * 2 < len(rows) and group.tag in _WITH_NEIGHBOURS:
        rows, dated = max(((rows, dated), *_with_neighbours(group)), key=lambda read: read[1])
    if not rows or sum(row.crowded for row in rows) * 2 > len(rows):
        return None
    articles = sum(is_article(row.href) for row in rows)
    if dated * 3 < len(rows) and (articles * 2 <= len(rows) or sum(len(row.title) for row in rows) < 8 * len(rows)):
        return None
    score = (dated + 0.3 * articles + 0.01 * min(len(rows), 20)) * place(group)
    return _Weighed(group, rows, score, dated) if score else None


def _rows(group: Group) -> tuple[Row, ...]:
    read = (read_row(node, group.anchors[key]) for key, node in group.nodes.items())
    return tuple(row for row in read if row is not None)


def _with_neighbours(group: Group) -> Iterator[tuple[tuple[Row, ...], int]]:
    """The rows read with the text that follows each element, and with the text before it, up to the next row."""
    between: list[list[str]] = [[]]
    keys: list[int] = []
    child = group.parent.first_child
    while child is not None:
        if child.mem_id in group.nodes:
            keys.append(child.mem_id)
            between.append([])
        else:
            between[-1].extend(pieces(child))
        child = child.next
    for texts in (between[1:], between[:-1]):
        read = (
            read_row(group.nodes[key], group.anchors[key], " ".join(text))
            for key, text in zip(keys, texts, strict=True)
        )
        rows = tuple(row for row in read if row is not None)
        yield rows, sum(row.day is not None for row in rows)


def _belongs(candidate: _Weighed, best: _Weighed) -> bool:
    """Whether a group is a further part of the best one: the same tags below the same element (five rows a `ul`)."""
    mine, theirs = candidate.group, best.group
    above, beside = mine.parent.parent, theirs.parent.parent
    if above is None or beside is None or above.mem_id != beside.mem_id:
        return False
    same = mine.tag == theirs.tag and mine.parent.tag == theirs.parent.tag
    alike = mine.parent.attributes.get("class") == theirs.parent.attributes.get("class")
    return same and alike and candidate.dated > 0


def _distinct(rows: Iterator[Row]) -> tuple[Row, ...]:
    """Rows in order, each link once; rows whose address scripts have taken may look alike and still be two."""
    found: dict[object, Row] = {}
    for row in rows:
        found.setdefault(row.anchor.mem_id if is_dead(row.href) else (row.href, row.title), row)
    return tuple(found.values())
