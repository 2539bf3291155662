"""The groups of similar elements on a page: siblings of one tag that hold links, and what speaks against a group."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crawlers.html import Document, Node
from crawlers.lists.titles import is_title, title_of

_MARGIN_WORDS = (
    "nav|navigation|menu|foot|footer|friend|friendlink|crumbs?|breadcrumb|position|location|hot|rank|side|sidebar|recommend"
    "|related|relevant|tuijian|paihang"
)
_MARGIN = re.compile(rf"(^|\s)({_MARGIN_WORDS})(\s|$)", re.IGNORECASE)
_NEAR_MARGIN = re.compile(rf"(^|[^a-z])({_MARGIN_WORDS}|links?)([^a-z]|$)", re.IGNORECASE)
_CLIMB = 7


@dataclass
class Group:
    """Siblings of one tag below one parent, each with its links."""

    parent: Node
    tag: str
    nodes: dict[int, Node] = field(default_factory=dict)
    anchors: dict[int, list[Node]] = field(default_factory=dict)


def find_groups(tree: Document) -> list[Group]:
    """Every titled link counted in each of its next ancestors, by the ancestor's parent and tag."""
    found: dict[tuple[int, str], Group] = {}
    for anchor in tree.css("a"):
        if not is_title(title_of(anchor)):
            continue
        node: Node = anchor
        for _ in range(_CLIMB):
            parent = node.parent
            if parent is None or parent.tag in {"html", "-document"}:
                break
            group = found.setdefault((parent.mem_id, node.tag or ""), Group(parent, node.tag or ""))
            group.nodes.setdefault(node.mem_id, node)
            group.anchors.setdefault(node.mem_id, []).append(anchor)
            node = parent
    return list(found.values())


def is_layout(group: Group) -> bool:
    """Whether siblings are the blocks of a page, each with a class of its own, rather than rows."""
    names = [re.sub(r"\d+", "", node.attributes.get("class") or node.id or "") for node in group.nodes.values()]
    return len(names) >= 3 and all(names) and len(set(names)) == len(names)


def place(group: Group) -> float:
    """How likely a group is the page's own list by the classes around it: 0 in a side bar, 0.4 near what may be one."""
    node: Node | None = group.parent
    weight = 1.0
    for _ in range(6):
        if node is None:
            break
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if node.tag in {"nav", "footer", "aside"} or _MARGIN.search(names):
            return 0.0
        if _NEAR_MARGIN.search(names):
            weight = 0.4
        node = node.parent
    return weight
