"""Whose page is this: the traces that each CMS leaves in addresses, scripts, meta tags and class names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from crawlers.html import maybe, names_of
from crawlers.page import Page

_HEAD, _FOOT = 8_000, 4_000  # characters: scripts and meta tags stand at the ends of a page


@dataclass(frozen=True)
class Marks:
    """`address` is found in addresses, `words` at a page's head or foot (`least` of them).

    `names` are tags, ids (`#zoom`) and classes (`.view`) that no other family has.
    """

    address: re.Pattern[str] | None = None
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    least: int = 1


def recognised(page: Page, families: Mapping[str, Marks]) -> str | None:
    """The first family whose address, element or words a page bears."""
    for name, marks in families.items() if page.url else ():
        if marks.address and marks.address.search(page.url or ""):
            return name
    owner = {mark: name for name, marks in families.items() for mark in marks.names}
    node = maybe(page.doc, _any_of(owner)) if owner else None
    if node is not None:  # on a page without a doctype whatever the case of its letters
        spelled = {mark.lower(): name for mark, name in owner.items()}
        return next((spelled[mark] for mark in map(str.lower, names_of(node)) if mark in spelled), None)
    text = page.text
    ends = text if len(text) <= _HEAD + _FOOT else text[:_HEAD] + text[-_FOOT:]
    for name, marks in families.items():
        if marks.words and sum(word in ends for word in marks.words) >= marks.least:
            return name
    return None


def _any_of(names: Collection[str]) -> str:
    """A selector for all names; an element without a class costs one look at its classes instead of one for each."""
    kinds = {"#": "[id]", ".": "[class]"}
    groups = {kind: [name for name in names if name.startswith(mark)] for mark, kind in kinds.items()}
    tags = [name for name in names if name[0] not in kinds]
    return ", ".join([*tags, *(f"{kind}:is({', '.join(group)})" for kind, group in groups.items() if group)])
