"""The only module that knows selectolax: a parsed document and selectors that say how many they expect."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.errors import Unexpected

Node = LexborNode
Document = LexborHTMLParser


def parse(text: str) -> Document:
    """Parse decoded HTML (Lexbor takes a charset label literally, so bytes are decoded before)."""
    return LexborHTMLParser(text)


def one(root: Document | Node, css: str) -> Node:
    """The only match; none or several are Unexpected."""
    found = root.css(css)
    if len(found) != 1:
        raise Unexpected("selector", f"{css} matched {len(found)} times where one was expected")
    return found[0]


def many(root: Document | Node, css: str) -> list[Node]:
    """All matches, at least one; none is Unexpected."""
    found = root.css(css)
    if not found:
        raise Unexpected("selector", f"{css} matched nothing where at least one was expected")
    return list(found)


def maybe(root: Document | Node, css: str) -> Node | None:
    """The first match, or None where the family says that it may be missing."""
    return root.css_first(css)


def attribute(node: Node | None, name: str) -> str | None:
    """An attribute without surrounding white space; None when the node or the value is missing or empty."""
    if node is None:
        return None
    value = node.attributes.get(name)
    return value.strip() or None if value else None
