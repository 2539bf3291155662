"""The groups of similar elements on a page: siblings of one tag that hold links, and what speaks against a group."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crawlers.html import Node
from crawlers.lists.titles import Link, Links

_MARGIN_WORDS = (
    "nav|navigation|menu|foot|footer|friend|friendlink|crumbs?|breadcrumb|position|location|hot|rank|side|sidebar|recommend"
    "|related|relevant|tuijian|paihang"
)
_MARGIN = re.compile(rf"(^|\s)({_MARGIN_WORDS})(\s|$)", re.IGNORECASE)
_NEAR_MARGIN = re.compile(rf"(^|[^a-z])({_MARGIN_WORDS}|links?)([^a-z]|$)", re.IGNORECASE)
_CLIMB = 7


@dataclass
class Group:
    """Siblings of one tag below one parent, each with its titled links."""

    parent: Node
    tag: str
    nodes: dict[int, Node] = field(default_factory=dict)
    links: dict[int, list[Link]] = field(default_factory=dict)


def find_groups(links: Links) -> list[Group]:
    """Every titled link counted in each of its next ancestors, by the ancestor's parent and tag."""
    found: dict[tuple[int, str], Group] = {}
    for link in links.below(links.words.tree):
        if not link.is_titled:
            continue
        node = link.node
        for _ in range(_CLIMB):
            parent = node.parent
            if parent is None or parent.tag in {"html", "-document"}:
                break
            tag, key = node.tag or "", node.mem_id
            group = found.get((parent.mem_id, tag)) or found.setdefault((parent.mem_id, tag), Group(parent, tag))
            group.nodes.setdefault(key, node)
            group.links.setdefault(key, []).append(link)
            node = parent
    return list(found.values())


def is_layout(group: Group) -> bool:
    """Whether siblings are the blocks of a page, each with a class of its own, rather than rows."""
    names = [re.sub(r"\d+", "", node.attributes.get("class") or node.id or "") for node in group.nodes.values()]
    return len(names) >= 3 and all(names) and len(set(names)) == len(names)


class Places:
    """How likely a group is the page's own list by the names around it; those of an element are looked at once."""

    def __init__(self) -> None:
        self._known: dict[int, float] = {}

    def of(self, group: Group) -> float:
        """1, 0.4 near what may be a side bar, and 0 in one."""
        node: Node | None = group.parent
        weight = 1.0
        for _ in range(6):
            if node is None or not weight:
                break
            if node.mem_id not in self._known:
                self._known[node.mem_id] = _by_names(node)
            weight = min(weight, self._known[node.mem_id])
            node = node.parent
        return weight


def _by_names(node: Node) -> float:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if node.tag in {"nav", "footer", "aside"} or _MARGIN.search(names):
        return 0.0
    return 0.4 if _NEAR_MARGIN.search(names) else 1.0
