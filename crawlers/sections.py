"""The outline of a report: 一、 （一） 1. 一是 （1） as a tree in its usual flat form, levels in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypedDict

_HAN = "[一二三四五六七八九十百]{1,4}"
_LABEL = re.compile(  # one group for each kind of label, in the order in which they are tried
    rf"(第{_HAN}(?:章|编|部分))\s*|(第{_HAN}[节条])\s*|"
    rf"({_HAN}\s*[、．.])\s*|({_HAN}(?:是|要)(?!否|不))|([（(]\s*{_HAN}\s*[)）](?:\s*[、.])?)\s*|"
    r"(\d{1,3}\s*[、．](?!\d)|\d{1,3}\.(?![\d%]))\s*|([（(]\s*\d{1,3}\s*[)）]|[①-⑳])\s*"
)
_OPENERS = frozenset("第一二三四五六七八九十百（(0123456789①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")  # spares most lines the pattern
_LEVELS = (0, 1, 2, 1, 3, 2, 3, 4)  # by group
_ARTICLE = 2  # the group of 第一条, which has text and no heading
_HEADING = 60  # characters: a longer line with a label is a paragraph whose first sentence is the heading


class Fields(TypedDict):
    """The fields of a `Section`, made with the report that it becomes part of: half the price of one by one."""

    level: int
    label: str
    heading: str
    text: str


def outline(lines: Sequence[str]) -> tuple[Fields, ...]:
    """The labelled headings of a body, each with the text up to the next one; lines before the first belong to none."""
    opened: list[Fields] = []
    below: list[str] = []
    for line in lines:
        label = _LABEL.match(line) if line[0] in _OPENERS and "\t" not in line else None
        section = _section(label, line[label.end() :]) if label else None
        if not section:
            below.append(line)
            continue
        if below:
            _close(opened, below)
            below = []
        opened.append(section)
    if below:
        _close(opened, below)
    return tuple(opened)


def _close(opened: Sequence[Fields], below: Sequence[str]) -> None:
    """Give the last section the lines below its heading."""
    if opened:
        last = opened[-1]
        last["text"] = "\n".join([last["text"], *below] if last["text"] else below)


def _section(label: re.Match[str], rest: str) -> Fields | None:
    """The section that a line opens with its label and what follows it; None for a label that heads nothing."""
    kind = label.lastindex or 0
    heading, _, text = rest.partition("。")
    if kind == _ARTICLE or len(heading) > _HEADING:
        heading, text = "", rest
    elif not (heading or text):
        return None
    return {"level": _LEVELS[kind], "label": label[kind], "heading": heading, "text": text.strip()}
