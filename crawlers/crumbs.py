"""The path of columns above a title: 当前位置：首页 > 政务公开 > …"""

from __future__ import annotations

import re

from crawlers.boilerplate import is_chrome, is_crumbs

_NEAR = 4000  # characters above the body in which the path of columns is looked for
_HERE = re.compile(r"位置(?:是|为|在)?\s*[:：]?")
_ARROWS = re.compile("[»›→＞]")
_SLASH = re.compile(r"\s*(?:\n|/|\\|\||-)\s*")
_NO_COLUMN = re.compile(r"[:：。，]|\d{4}-\d")
_COLUMN = 12  # characters
_HOME = re.compile(r"首\s*页\s*(?:>|»|›|＞|→)")


def breadcrumb(head: str, title: str) -> tuple[str, ...]:
    """The path of columns above the title."""
    head = head[-_NEAR:]
    start = _crumbs_at(head)
    if start is None:
        return ()
    text = head[start : start + 400].strip()
    end = text.find(title[:12]) if title else -1
    text = text[: end if end > 0 else 400]
    names: list[str] = []
    text = _ARROWS.sub(">", text)
    for part in text.split(">") if ">" in text else _SLASH.split(text):
        name, *more = [line.strip(" \u3000\u00a0:：") for line in part.strip().split("\n")]
        if len(name) > 20 or (names and is_chrome(name)) or _stops_crumbs(name):
            break
        names += [name] if name else []
        if any(more):
            break
    return tuple(name for name in names if name != "正文") if len(names) > 1 else ()


def _crumbs_at(head: str) -> int | None:
    """Where the path of columns starts: behind 位置：, or at 首页 when an arrow follows."""
    at = head.rfind("位置")
    if at >= 0:
        here = _HERE.match(head, at)
        return here.end() if here else None
    return max((home.start() for home in _HOME.finditer(head)), default=None)


def _stops_crumbs(name: str) -> bool:
    return _NO_COLUMN.search(name) is not None or (len(name) > _COLUMN and is_crumbs(name))
