"""The only module that knows selectolax: a parsed document and selectors that say how many they expect."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawlers import guard
from crawlers.errors import Unexpected

Node = LexborNode
Document = LexborHTMLParser
_ARTICLE_METAS = frozenset({"ArticleTitle", "PubDate", "ColumnName"})
_MARK = "\x1d\x1e\x1d"  # no page has it
_MANY = 40  # links: a block of more is navigation


def parse(text: str | bytes) -> Document:
    """Parse decoded HTML, or the same as UTF-8, which spares encoding it again."""
    return LexborHTMLParser(text)


def parse_part(text: str) -> Document:
    """Parse markup that came inside of something else, a JSON answer or a script. Raises NotAReport as `Page.doc`."""
    guard.check_part(text)
    return parse(text)


def is_selector(css: str) -> bool:
    """Whether a CSS selector can be used."""
    try:
        parse("<p>").css(css)
    except SelectolaxError:
        return False
    return True


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


def text_of(root: Document | Node | None, between: str = "\n") -> str:
    """Everything written below a node, scripts included, with a line feed or another mark between pieces not blank."""
    node = root.body if isinstance(root, LexborHTMLParser) else root
    return node.text(deep=True, separator=between, skip_empty=True) if node is not None else ""


def has_text(root: Node) -> bool:
    """Whether anything is written below a node; found at the first piece of text, as a rule."""
    pieces = (node.text_content or "" for node in root.traverse(include_text=True) if node.is_text_node)
    return any(piece and not piece.isspace() for piece in pieces)


def heading_text(node: Node) -> str:
    """The text of a heading on one line, without the scripts that some templates put into it."""
    text = node.text(deep=True) or ""
    if "document." in text or "var " in text:
        text = "".join(child.text(deep=True) or "" for child in node.iter(include_text=True) if child.tag != "script")
    return " ".join(text.split())


def unwrap(root: Node, css: str) -> None:
    """Put what is inside the matching elements below a node in their places; those with nothing in them go."""
    found = root.css(css)
    for node in found[1:] if found and found[0].mem_id == root.mem_id else found:
        node.unwrap(True)


def join_text(root: Node) -> None:
    """Make one piece of each text below a node that is in several: cut by comments, or taken out of elements."""
    for comment in [node for node in root.traverse(include_text=True) if node.is_comment_node]:
        comment.decompose()
    root.merge_text_nodes()


def has_only(root: Node, names: str, other_than: str) -> bool:
    """Whether all elements below a node bear one of these names and none matches a selector."""
    tag = root.tag or ""
    return tag.isalnum() and root.css_first(f":not({names}, {tag}), {other_than}") is None


def markup_of(node: Node) -> str:
    """A node serialised: lower-case tags, double-quoted attributes, escaped text."""
    return node.html or ""


def serialised(doc: Document) -> str:
    """The whole page serialised."""
    return doc.html or ""


def text_around(doc: Document, node: Node) -> tuple[str, str]:
    """The text before and after a node, as `text_of` has it. A mark tells the place: the node's text may recur."""
    node.insert_before(_MARK)
    node.insert_after(_MARK)
    pieces = text_of(doc).split(_MARK)
    for mark in (node.prev, node.next):
        if mark is not None:
            mark.decompose()
    return (pieces[0], pieces[-1]) if len(pieces) > 2 else ("", "")  # nothing is around the page's whole body


def links_beside(node: Node, before: bool = False, levels: int = 4) -> str:
    """The serialised links behind a node or before it, the nearest first: its files stand in its nearest ancestors."""
    out: list[str] = []
    at: Node | None = node
    for _ in range(levels):
        if at is None or at.tag in {"body", "html"}:
            break
        sibling = at.prev if before else at.next
        while sibling is not None and len(out) < _MANY:
            links = sibling.css("a") if sibling.is_element_node else []
            if len(links) < _MANY:
                out += [link.html or "" for link in links]
            sibling = sibling.prev if before else sibling.next
        at = at.parent
    return "\n".join(out)


def meta_pairs(doc: Document) -> list[tuple[str, str]]:
    """Names and contents of the meta tags; a tag may say `property` for `name`.

    Where the head lacks those of an article they are looked for in the whole page: a byte order mark or a stray element
    in the head makes it end early, and what follows is the body's.
    """
    pairs = _meta_pairs(doc.head) if doc.head is not None else []
    return pairs if any(name in _ARTICLE_METAS for name, _ in pairs) else _meta_pairs(doc)


def _meta_pairs(root: Document | Node) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for node in root.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("name") or attributes.get("property")
        if name:
            pairs.append((name, attributes.get("content") or ""))
    return pairs


def names_of(node: Node) -> list[str]:
    """The selectors of one name that match a node: its tag, `#id` and each `.class`."""
    classes = (attribute(node, "class") or "").split()
    identity = attribute(node, "id")
    return [node.tag or "", *([f"#{identity}"] if identity else []), *(f".{name}" for name in classes)]
