"""The words of a list page in order, and which of them stand in which element.

Rows hold one another, and a link is asked for in each of its ancestors. What an element says is therefore looked up:
to walk through each would take time quadratic in nesting.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import NamedTuple

from crawlers.html import Document, Node

MOST_PIECES = 400  # of text: more than any row has, and hundreds of rows may hold one another
_MOST_LETTERS = 10_000  # of them in a link or heading: hundreds of links may hold one another, too
_SKIPPED = frozenset({"script", "style", "noscript", "template", "iframe", "-comment"})
Ranges = tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """The pieces of text in an element, from `start` to before `stop`; it is the `order`th, and `last` its last one."""

    start: int
    stop: int
    order: int
    last: int


_NOTHING = Span(0, 0, 0, -1)


class Words:
    """Every visible piece of text in a document, squeezed, none empty. The document must not be changed afterwards."""

    def __init__(self, tree: Document) -> None:
        self.tree = tree
        self._pieces: list[str] = []
        self._touching: list[str] = []  # the same with a blank where white space parts them from what is beside them
        self._spans: dict[int, Span] = {}
        if tree.root is not None:
            self._walk(tree.root)
        self._lengths = [0, *accumulate(map(len, self._pieces))]
        self._said: dict[re.Pattern[str], list[int]] = {}
        self._matches: dict[str, tuple[list[int], list[Node]]] = {}

    def _walk(self, root: Node) -> None:
        """One way through the document; an element's number is on the stack below its children, to end it."""
        order = 0
        opened: dict[int, tuple[int, int]] = {}
        stack: list[Node | int] = [root]
        while stack:
            current = stack.pop()
            if isinstance(current, int):
                self._spans[current] = Span(opened[current][0], len(self._pieces), opened[current][1], order)
            elif current.is_text_node:
                self._take(current.text_content or "")
            elif current.tag not in _SKIPPED:
                order += 1
                opened[current.mem_id] = (len(self._pieces), order)
                stack.append(current.mem_id)
                child = current.last_child
                while child is not None:
                    stack.append(child)
                    child = child.prev

    def _take(self, text: str) -> None:
        piece = squeeze(text)
        if piece:
            self._pieces.append(piece)
            self._touching.append(f"{' ' * text[0].isspace()}{piece}{' ' * text[-1].isspace()}")
        elif text and self._touching and not self._touching[-1].endswith(" "):
            self._touching[-1] += " "

    def span(self, node: Node) -> Span | None:
        """Where an element's text is; None for what shows none: comments, scripts and texts themselves."""
        return self._spans.get(node.mem_id)

    def pieces(self, node: Node) -> list[str]:
        """The first pieces of text in an element; the first is cut where it is longer than all together may be."""
        start, stop = self._span(node)[:2]
        stop = min(stop, start + MOST_PIECES)
        if self._lengths[stop] - self._lengths[start] <= _MOST_LETTERS:
            return self._pieces[start:stop]
        enough = bisect_right(self._lengths, self._lengths[start] + _MOST_LETTERS, start, stop) - 1
        return self._pieces[start:enough] or [self._pieces[start][:_MOST_LETTERS]]

    def outside(self, node: Node, inner: Node) -> Ranges:
        """The first pieces of text in an element but those in another inside of it."""
        outer, left_out = self._span(node), self._span(inner)
        if not outer.order <= left_out.order <= outer.last:
            return ((outer.start, min(outer.stop, outer.start + MOST_PIECES)),)
        middle = min(left_out.start, outer.start + MOST_PIECES)
        rest = MOST_PIECES - (middle - outer.start)
        return (outer.start, middle), (left_out.stop, min(outer.stop, left_out.stop + rest))

    def length(self, ranges: Ranges) -> int:
        """How long `text` would be."""
        count = sum(stop - start for start, stop in ranges)
        return sum(self._lengths[stop] - self._lengths[start] for start, stop in ranges) + max(0, count - 1)

    def text(self, ranges: Ranges) -> str:
        """Pieces as one text, with blanks between them."""
        return " ".join([piece for start, stop in ranges for piece in self._pieces[start:stop]])

    def says(self, pattern: re.Pattern[str], ranges: Ranges) -> bool:
        """Whether a pattern without blanks is found in a text; each piece of the document is searched once."""
        if pattern not in self._said:
            found = (pattern.search(piece) is not None for piece in self._pieces)
            self._said[pattern] = [0, *accumulate(found)]
        said = self._said[pattern]
        return any(said[stop] > said[start] for start, stop in ranges)

    def label(self, node: Node, most: int) -> str | None:
        """An element's whole text as it reads, with blanks only where the page has white space; None above `most`."""
        start, stop = self._span(node)[:2]
        if self._lengths[stop] - self._lengths[start] > most:
            return None
        shown = squeeze("".join(self._touching[start:stop]))
        return shown if len(shown) <= most else None

    def first(self, node: Node, css: str) -> Node | None:
        """The first match of a selector that is an element or inside of it; the document is searched once."""
        if css not in self._matches:
            found = [(span.order, match) for match in self.tree.css(css) if (span := self.span(match)) is not None]
            self._matches[css] = [order for order, _ in found], [match for _, match in found]
        orders, matches = self._matches[css]
        span = self._span(node)
        at = bisect_left(orders, span.order)
        return matches[at] if at < len(orders) and orders[at] <= span.last else None

    def _span(self, node: Node) -> Span:
        return self._spans.get(node.mem_id, _NOTHING)


def squeeze(text: str) -> str:
    """Text with each run of white space (also no-break and ideographic) as one blank."""
    return " ".join(text.split())
